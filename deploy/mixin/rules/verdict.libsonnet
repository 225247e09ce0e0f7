// Sides, arrays and exporters put together, and nothing more: the verdict itself is the exporter's. None of these rules reads
// its own output, and none looks back over more than 5 minutes.
//
// A view is what one exporter says of one side: (job, instance, array, pair, role).
local view = 'job, instance, array, pair, role';
local target = 'job, instance, array';
local select = import '../select.libsonnet';

local fill = {
  view: view,
  target: target,
  labels: 'pair, array, relationship, role, peer_system_id, source_system, source_object, target_system, target_object',
  array_labels: 'array, vendor, system_name, system_id',
};

local heard(word) = 'max by (pair, standing) (view:storage_replication_standing:heard{standing="%s"})\n' % word;
local label(word, expr) = 'label_replace(\n%s, "standing", "%s", "", "")\n' % [expr, word];
// As it is served; for 5 minutes also as it was, where the array is not up.
local exempt(reason) =
  local series = 'storage_replication_rpo_exempt{reason="%s"}' % reason;
  '(%s or (last_over_time(%s[5m]) unless on (%s) storage_array_up == 1))' % [series, series, target];
local because(reason) =
  'max by (pair, reason) (%s and on (%s) view:storage_replication_standing:heard{standing="stopped"})\n'
  % [exempt(reason), view];

function(config) {
  name: 'replication_verdict',
  interval: config.fastInterval,
  rules: [
    { record: rule[0], expr: select(rule[1] % (fill { labels: std.join(', ', [super.labels] + config.ownerLabels), array_labels: std.join(', ', [super.array_labels] + config.ownerLabels) }), config.selector) }
    for rule in [
      // Selecting a family of every view is what costs, so each is selected as seldom as can be, and what follows is of few views.
      // Those that are served and silent.
      ['view:storage_replication_standing:silent', |||
        storage_replication_standing unless on (%(view)s) storage_replication_health
      |||],
      // Those of the last 5 minutes where the array is not up or its target is not scraped: a scrape that failed, a restart without
      // a state file. An array that is up is taken at its present word, so that a change of roles or a removal leaves no ghost.
      ['view:storage_replication_standing:lost', |||
        last_over_time(storage_replication_standing[5m])
        and on (%(target)s) (last_over_time(storage_array_up[5m]) unless on (%(target)s) storage_array_up == 1)
      |||],
      ['view:storage_replication_counted_lag_seconds:silent', |||
        last_over_time(storage_replication_counted_lag_seconds[5m])
        and on (%(view)s) (view:storage_replication_standing:silent or view:storage_replication_standing:lost)
      |||],

      // The views of all pairs but those of which every view speaks and says protected: most pairs need none of what follows.
      ['view:storage_replication_standing:word', |||
        (
          storage_replication_standing
          and on (pair)
            (
              storage_replication_standing{standing!="protected"}
              or view:storage_replication_standing:silent
              or view:storage_replication_standing:lost
            )
        )
        or on (%(view)s) view:storage_replication_standing:lost
      |||],

      // The words that count. A view speaks while its health is served, and for 5 minutes if its target is not scraped but could
      // read its array to the end; where none of a pair speaks, all do.
      ['view:storage_replication_standing:heard', |||
        (
          view:storage_replication_standing:word
          unless on (%(view)s) (view:storage_replication_standing:silent or view:storage_replication_standing:lost)
        )
        or
        (
          view:storage_replication_standing:word
          and on (%(target)s)
            (
              last_over_time(storage_array_up[5m]) == 1
              unless on (%(target)s) last_over_time(storage_poll_success[5m]) == 0
              unless on (%(target)s) storage_array_up
            )
        )
        or on (pair) view:storage_replication_standing:word
      |||],

      // A failover does not end because its array cannot be asked: it holds until a side that speaks says protected.
      ['pair:storage_replication_failed_over:silent', |||
        max by (pair) (%s unless on (%%(view)s) view:storage_replication_standing:heard)
        unless on (pair) view:storage_replication_standing:heard{standing="protected"}
      ||| % exempt('failed_over')],

      // The source's or observer's, while it speaks, for it knows its own clock, snapshots and blackouts. Else the least of
      // all; but the clock of a silent view that was stopped stands still.
      ['pair:storage_replication_counted_lag_seconds:min', |||
        min by (pair) (
          (storage_replication_counted_lag_seconds{role=~"source|observer"} or view:storage_replication_counted_lag_seconds:silent{role=~"source|observer"})
          unless on (%(view)s) (view:storage_replication_standing:word unless on (%(view)s) view:storage_replication_standing:heard)
        )
        or on (pair)
        min by (pair) (
          (storage_replication_counted_lag_seconds{role!~"source|observer"} or view:storage_replication_counted_lag_seconds:silent)
          unless on (%(view)s)
            (view:storage_replication_standing:word{standing="stopped"} unless on (%(view)s) view:storage_replication_standing:heard)
        )
      |||],
      // Where an array is not up, the strictest of the last 5 minutes; elsewhere as it is served.
      ['pair:storage_replication_rpo_seconds:served', 'min by (pair) (storage_replication_rpo_seconds)'],
      ['pair:storage_replication_rpo_seconds:min', |||
        (min_over_time(pair:storage_replication_rpo_seconds:served[5m]) and on (pair) view:storage_replication_standing:lost)
        or on (pair) pair:storage_replication_rpo_seconds:served
      |||],
      // How many objectives old the recovery point is, of the few that are over one.
      ['pair:storage_replication_objectives:over', |||
        (pair:storage_replication_counted_lag_seconds:min > on (pair) pair:storage_replication_rpo_seconds:min)
        / on (pair) pair:storage_replication_rpo_seconds:min
      |||],

      ['pair:storage_replication_standing:word', std.join('or on (pair)\n', [
        heard('stopped'),
        label('stopped', 'pair:storage_replication_failed_over:silent'),
        label('behind', '0 * pair:storage_replication_objectives:over + 1'),
        heard('failing'),
        label('protected', |||
          max by (pair) (
            view:storage_replication_standing:heard{standing=~"protected|behind"}
            or (view:storage_replication_standing:heard{standing="unjudged"} and on (pair) pair:storage_replication_rpo_seconds:min)
          )
        |||),
        heard('no_copy'),
        heard('unknown'),
        heard('unjudged'),
        // The rest: every view speaks and says so.
        'max by (pair, standing) (storage_replication_standing{standing="protected"})\n',
      ])],

      // Why it is stopped: the first in the contract's order.
      ['pair:storage_replication_stopped:word', std.join('or on (pair)\n', [
        because('ended'),
        because('failed_over'),
        'label_replace(pair:storage_replication_failed_over:silent, "reason", "failed_over", "", "")\n',
        because('pending'),
        because('paused'),
      ])],

      // Since when: of the views that say what the pair is, which is all but the few that say something else. None does where the
      // pair is behind by the objective of one side and the lag of the other. Where every view says protected it is the least of
      // them, which nobody asks but dashboards.
      ['pair:storage_replication_standing_since_timestamp_seconds:min', |||
        min by (pair) (
          storage_replication_standing_since_timestamp_seconds
          and on (pair) view:storage_replication_standing:word
          unless on (%(view)s)
            (
              view:storage_replication_standing:word
              unless on (%(view)s) (view:storage_replication_standing:heard and on (pair, standing) pair:storage_replication_standing:word)
              unless on (%(view)s) (storage_replication_rpo_exempt{reason="failed_over"} and on (pair) pair:storage_replication_failed_over:silent)
            )
        )
        unless on (pair) (pair:storage_replication_standing:word{standing="behind"} unless on (pair) view:storage_replication_standing:word)
      |||],

      // What it is called: by its source or observer, where one was there within 5 minutes.
      ['pair:storage_replication_relationship_info:topk', |||
        topk by (pair) (1, max by (%(labels)s) (last_over_time(storage_replication_relationship_info{role=~"source|observer"}[5m])))
        or on (pair)
        topk by (pair) (1, max by (%(labels)s) (last_over_time(storage_replication_relationship_info{role!~"source|observer"}[5m])))
      |||],
      // Most pairs are protected, and the alerts on the others need not join with all.
      ['pair:storage_replication_relationship_info:unprotected', |||
        pair:storage_replication_relationship_info:topk and on (pair) pair:storage_replication_standing:word{standing!="protected"}
      |||],

      ['array:storage_array_up:max', |||
        max by (array) (storage_array_up or (last_over_time(storage_array_up[5m]) unless on (%(target)s) storage_array_up))
      |||],
      ['array:storage_array_info:topk', |||
        topk by (array) (1, max by (%(array_labels)s) (last_over_time(storage_array_info{system_id!=""}[5m])))
        or on (array)
        topk by (array) (1, max by (%(array_labels)s) (last_over_time(storage_array_info[5m])))
      |||],
    ]
  ],
}
