// File name in deploy/grafana -> dashboard.
{
  grafanaDashboards+:: {
    [name + '.json']: dashboards[name]($._config)
    for name in std.objectFields(dashboards)
  },
  local dashboards = {
    overview: import 'overview.libsonnet',
    relationship: import 'relationship.libsonnet',
    exporter: import 'exporter.libsonnet',
    readiness: import 'readiness.libsonnet',
  },
}
