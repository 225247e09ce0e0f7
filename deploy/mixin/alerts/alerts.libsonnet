{
  prometheusAlerts+:: {
    local config = $._config,
    local relationships = (import 'relationships.libsonnet')(config),
    local arrays = (import 'arrays.libsonnet')(config),
    local exporters = (import 'exporters.libsonnet')(config),
    local budget = (import 'budget.libsonnet')(config),
    local wanted(rules) = [rule for rule in rules if !std.objectHas(config.optional, rule.alert) || config.optional[rule.alert]],
    groups: [
      { name: 'replication_alerts_fast', interval: config.fastInterval, rules: wanted(relationships.fast + arrays.fast + exporters.fast) },
      { name: 'replication_alerts_relationships', interval: config.slowInterval, rules: relationships.records + wanted(relationships.slow + budget.alerts) },
      { name: 'replication_alerts_arrays', interval: config.slowInterval, rules: wanted(arrays.slow + exporters.slow) },
    ],
  },
}
