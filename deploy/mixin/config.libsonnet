// What can be set. To change something: a file of your own that says `(import 'mixin.libsonnet') + { _config+:: { … } }`.
{
  _config+:: {
    // Label matchers that every selector of an exported series gets, such as 'cluster="prod"'; none by default.
    selector: '',
    // The scrape job, for `up`: a series that stays when the exporter is gone. Exporters of other arrays need a job of their own.
    job: 'job=~".*replication[-_]exporter.*"',

    // With these bases the links in alerts are absolute: the folder of the runbooks, and Grafana's root, both without a `/` at
    // the end. Without them, `runbook_url` is a path in this repository and `dashboard` a path below Grafana's root.
    runbookUrl: '',
    dashboardUrl: '',

    // Labels that the exporter's configuration gives to arrays (`labels = {…}`, on storage_array_info) and that the alerts
    // about them and their relationships shall have: ['owner', 'site'].
    ownerLabels: [],

    // Evaluation intervals: of the verdict and what pages within minutes, and of the rest.
    fastInterval: '15s',
    slowInterval: '1m',
    // Bridges a scrape gap and a restart.
    keepFiringFor: '5m',

    // Alerts that not everybody wants.
    optional: {
      ReplicationBudgetBurnsFast: true,
      ReplicationBudgetBurnsSlowly: true,
      ReplicationUnjudged: true,
      ReplicationObjectsUnreplicated: true,
      StorageTlsVerificationDisabled: true,
    },

    // How long a condition holds before it is an alert.
    wait: {
      behind: '2m',
      willPass: '5m',
      arrayDown: '3m',
      failing: '15m',
      unknown: '15m',
      pauseForgotten: '15m',
      sidesDisagree: '15m',
      oneSideOnly: '30m',
      targetWritable: '1h',
      jobStalled: '30m',
      snapshotsQueueing: '30m',
      unjudged: '1h',
      section: '15m',
      // Longer than the 15 minutes that the exporter waits after a refusal, so that it has been refused again.
      login: '20m',
      restriperBlocked: '5m',
      restriperStalled: '5m',
      other: '15m',
      exporter: '5m',
    },

    // Thresholds: seconds, unless they say otherwise.
    threshold: {
      behindCriticalObjectives: 2,
      noCopyAtLeast: 1800,
      noCopyWithoutObjective: 86400,
      noCopyCritical: 86400,
      notAuthorized: 86400,
      pauseObjectives: 2,
      pauseWithoutObjective: 86400,
      failedOverInfo: 300,
      failedOverWarning: 8 * 3600,
      stuckInTransition: 3600,
      sidesObjectives: 0.5,
      sidesAtLeast: 300,
      sidesWithoutObjective: 3600,
      queuedSnapshots: 2,
      dataAtRisk: 60,
      readingsStaleAfters: 10,
      collectionAtLeast: 7200,
      collectionWithoutObjective: 86400,
      clockSkew: 30,
      certificateWarningDays: 21,
      certificateCriticalDays: 3,
    },

    // The budget: this share of the relationships is within its objective, over 30 days.
    goal: 0.99,
    // What is this many objectives late has a page of its own for long, and is left out of the budget.
    leftOutObjectives: 5,

    dashboards: {
      overview: 'storage-replication-overview',
      relationship: 'storage-replication-relationship',
      exporter: 'storage-replication-exporter',
      readiness: 'storage-replication-readiness',
      tags: ['storage-replication'],
      refresh: '1m',
    },
  },
}
