// The budget: how much of the relationships' time was over the objective, by burn rates over several windows. What is late for
// several objectives already has a page of its own and is left out, so that one retired machine does not page for the whole fleet
// for ever; and a fast burn is one only while it burns faster than before.
local write = import 'write.libsonnet';

local within = 'fleet:storage_replication_within_objective:';
local burnt(window) = '(1 - %savg%s)' % [within, window];
// Prometheus has watched for longer than the window, else a minute would count as if it were hours.
local watched(window) = 'last_over_time(%sratio[%s] offset %s)' % [within, window, window];

function(config)
  local w = write(config);
  local spare = 1 - config.goal;
  local path = '/d/' + config.dashboards.overview;
  local thirty = '{{ with query `%savg30d` }} Within the objective over 30 days: {{ . | first | value | humanizePercentage }}.{{ end }}' % within;

  {
    records:: {
      name: 'replication_budget',
      interval: config.slowInterval,
      local judged = 'pair:storage_replication_rpo_seconds:min unless on (pair) pair:storage_replication_standing:word{standing!~"protected|behind|failing"}',
      local late = 'pair:storage_replication_standing:word{standing="behind"}',
      local forLong = 'pair:storage_replication_objectives:over > %d' % config.leftOutObjectives,
      rules: [
        {
          record: within + 'ratio',
          // 1 - late / judged, both without what is left out.
          expr: |||
            1 - (
              count(%(late)s unless on (pair) %(forLong)s)
              or on () vector(0)
            )
            / (
              count(%(judged)s unless on (pair) (%(forLong)s and on (pair) %(late)s)) > 0
            )
          ||| % { late: late, judged: judged, forLong: forLong },
        },
      ] + [
        { record: within + 'avg' + window, expr: 'avg_over_time(%sratio[%s])' % [within, window] }
        for window in ['5m', '30m', '1h', '6h', '3d', '30d']
      ],
    },

    alerts:: [
      // 2% of the budget in an hour, or 5% in six.
      w.rule('ReplicationBudgetBurnsFast', 'critical', 'fleet', path, |||
        100 * (
          (%(1h)s > %(fast)g and %(5m)s > %(fast)g and %(1h)s > 1.05 * %(6h)s and %(watched1h)s)
          or
          (%(6h)s > %(slow)g and %(30m)s > %(slow)g and %(30m)s > 1.05 * %(6h)s and %(watched6h)s)
        )
      ||| % {
        [window]: burnt(window)
        for window in ['5m', '30m', '1h', '6h']
      } { fast: 14.4 * spare, slow: 6 * spare, watched1h: watched('1h'), watched6h: watched('6h') }, '{{ $value | humanize }}% of the relationships went over their objective', 'Of the time of all relationships in the last hours, {{ $value | humanize }}%% was over the objective, and it is becoming more. %g%% within it over 30 days is the goal; at this rate the budget is gone in days.%s' % [100 * config.goal, thirty]),

      // 10% of the budget in three days, and still burning.
      w.rule('ReplicationBudgetBurnsSlowly', 'warning', 'fleet', path, '100 * (%s > %g and %s > %g and %s)' % [burnt('3d'), spare, burnt('6h'), spare, watched('3d')], '{{ $value | humanize }}% of the relationships were over their objective in the last 3 days', 'Of the time of all relationships in the last 3 days, {{ $value | humanize }}%% was over the objective; %g%% within it over 30 days is the goal.%s' % [100 * config.goal, thirty]),
    ],
  }
