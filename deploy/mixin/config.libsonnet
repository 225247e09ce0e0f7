// What can be set. To change something: a file of your own that says `(import 'mixin.libsonnet') + { _config+:: { … } }`.
{
  _config+:: {
    // Label matchers that every selector of an exported series gets, such as 'cluster="prod"'; none by default.
    selector: '',
    // The scrape job, for `up`: a series that stays when the exporter is gone.
    job: 'job=~".*replication[-_]exporter.*"',

    // With these bases the links in alerts are absolute; without, `runbook_url` is a path in this repository and
    // `dashboard` a path below Grafana's root. Both without a `/` at the end.
    runbookUrl: '',
    dashboardUrl: '',

    // Labels that the configuration gives to arrays (`labels = {…}`, on storage_array_info) and that the alerts shall have.
    ownerLabels: [],

    // Evaluation interval of what pages within minutes, and of the rest.
    fastInterval: '15s',
    slowInterval: '1m',

    dashboards: {
      overview: 'storage-replication-overview',
      relationship: 'storage-replication-relationship',
      exporter: 'storage-replication-exporter',
      readiness: 'storage-replication-readiness',
      tags: ['storage-replication'],
      refresh: '1m',
      // From when on a clock counts as wrong on the overview.
      clockSkewSeconds: 30,
    },
  },
}
