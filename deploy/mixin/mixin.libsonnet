// A monitoring mixin, as Prometheus' users know them: prometheusRules, prometheusAlerts, grafanaDashboards, all from _config.
(import 'config.libsonnet')
+ (import 'rules/rules.libsonnet')
+ (import 'alerts/alerts.libsonnet')
+ (import 'dashboards/dashboards.libsonnet')
