// Sides, arrays and exporters put together, and nothing more: the verdict itself is the exporter's. None of these rules reads
// its own output, and none looks back over more than 5 minutes.
//
// A view is what one exporter says of one side: (job, instance, array, pair, role).
local view = 'job, instance, array, pair, role';
local target = 'job, instance, array';
local select = import '../select.libsonnet';

// What is served; for 5 minutes also what was, where the array is not up: a scrape that failed, a restart without a state file.
// An array that is up is taken at its present word, so that a change of roles or a removal leaves no ghost.
local bridged(series, on='') =
  '(%s or%s (last_over_time(%s[5m]) unless on (%s) storage_array_up == 1))'
  % [series, if on == '' then '' else ' on (%s)' % on, series, target];

local fill = {
  view: view,
  target: target,
  // Words overlap in a range, so a view has its present one only.
  standing: bridged('storage_replication_standing', view),
  failed_over: bridged('storage_replication_rpo_exempt{reason="failed_over"}'),
  counted: bridged('storage_replication_counted_lag_seconds'),
  labels: 'pair, array, relationship, role, peer_system_id, source_system, source_object, target_system, target_object',
  array_labels: 'array, vendor, system_name, system_id',
};

local heard(word) = 'max by (pair, standing) (view:storage_replication_standing:heard{standing="%s"})\n' % word;
local label(word, expr) = 'label_replace(\n%s, "standing", "%s", "", "")\n' % [expr, word];
local because(reason) =
  'max by (pair, reason) (%s and on (%s) view:storage_replication_standing:heard{standing="stopped"})\n'
  % [bridged('storage_replication_rpo_exempt{reason="%s"}' % reason), view];

function(config) {
  name: 'replication_verdict',
  interval: config.fastInterval,
  rules: [
    { record: rule[0], expr: select(rule[1] % (fill { labels: std.join(', ', [super.labels] + config.ownerLabels), array_labels: std.join(', ', [super.array_labels] + config.ownerLabels) }), config.selector) }
    for rule in [
      ['view:storage_replication_standing:word', '%(standing)s'],

      // The words that count. A view speaks while its health is served, and for 5 minutes if its target is not scraped but could
      // read its array to the end; where none of a pair speaks, all do.
      ['view:storage_replication_standing:heard', |||
        (view:storage_replication_standing:word and on (%(view)s) storage_replication_health)
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
        max by (pair) (%(failed_over)s unless on (%(view)s) view:storage_replication_standing:heard)
        unless on (pair) view:storage_replication_standing:heard{standing="protected"}
      |||],

      // The source's or observer's, while it speaks, for it knows its own clock, snapshots and blackouts. Else the least of
      // all; but the clock of a silent view that was stopped stands still.
      ['view:storage_replication_counted_lag_seconds', '%(counted)s'],
      ['pair:storage_replication_counted_lag_seconds:min', |||
        min by (pair) (
          view:storage_replication_counted_lag_seconds{role=~"source|observer"}
          and on (%(view)s) view:storage_replication_standing:heard{role=~"source|observer"}
        )
        or on (pair)
        min by (pair) (
          view:storage_replication_counted_lag_seconds
          unless on (%(view)s)
            (view:storage_replication_standing:word{standing="stopped"} unless on (%(view)s) view:storage_replication_standing:heard)
        )
      |||],
      ['pair:storage_replication_rpo_seconds:min', 'min by (pair) (last_over_time(storage_replication_rpo_seconds[5m]))'],

      ['pair:storage_replication_standing:word', std.join('or on (pair)\n', [
        heard('stopped'),
        label('stopped', 'pair:storage_replication_failed_over:silent'),
        label('behind', '0 * (pair:storage_replication_counted_lag_seconds:min > on (pair) pair:storage_replication_rpo_seconds:min) + 1'),
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
      ])],

      // Why it is stopped: the first in the contract's order.
      ['pair:storage_replication_stopped:word', std.join('or on (pair)\n', [
        because('ended'),
        because('failed_over'),
        'label_replace(pair:storage_replication_failed_over:silent, "reason", "failed_over", "", "")\n',
        because('pending'),
        because('paused'),
      ])],

      // Since when: of the views that say what the pair is.
      ['pair:storage_replication_standing_since_timestamp_seconds:min', |||
        min by (pair) (
          storage_replication_standing_since_timestamp_seconds
          and on (%(view)s) (view:storage_replication_standing:heard and on (pair, standing) pair:storage_replication_standing:word)
        )
        or on (pair)
        min by (pair) (
          storage_replication_standing_since_timestamp_seconds
          and on (%(view)s) storage_replication_rpo_exempt{reason="failed_over"}
          and on (pair) pair:storage_replication_failed_over:silent
        )
      |||],

      // What it is called: by its source or observer, where one was there within 5 minutes.
      ['pair:storage_replication_relationship_info:topk', |||
        topk by (pair) (1, max by (%(labels)s) (last_over_time(storage_replication_relationship_info{role=~"source|observer"}[5m])))
        or on (pair)
        topk by (pair) (1, max by (%(labels)s) (last_over_time(storage_replication_relationship_info{role!~"source|observer"}[5m])))
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
