// Alerts on relationships. Whether one is protected is the exporter's verdict, put together in rules/verdict.libsonnet; here is
// only how long it may be so before somebody is told. What waits for hours compares with a since-time, not with a long `for`,
// which a restart of Prometheus would begin anew.
local write = import 'write.libsonnet';

local is(standing) = 'pair:storage_replication_standing:word{standing="%s"}' % standing;
local stopped(reason) = 'pair:storage_replication_stopped:word{reason="%s"}' % reason;
local counted = 'pair:storage_replication_counted_lag_seconds:min';
local objective = 'pair:storage_replication_rpo_seconds:min';
// Between the best recovery points that are known of the two sides.
local apart = 'pair:storage_replication_recovery_points_apart_seconds:abs';
// Pairs of which nobody speaks for that side.
local silent(role) = '(view:storage_replication_standing:word{role="%(role)s"} unless on (pair) view:storage_replication_standing:heard{role="%(role)s"})' % { role: role };
// Arrays that are read to the end and list relationships of that role, by the id that others know them by.
local lists(role) = |||
  label_replace(
    storage_array_info{system_id!=""}
      and on (array) array:storage_array_up:max == 1
      and on (array) storage_replication_relationships{role="%s"}
      unless on (array) max by (array, section) (storage_poll_success) == 0,
    "peer_system_id", "$1", "system_id", "(.+)")
||| % role;
local since = 'pair:storage_replication_standing_since_timestamp_seconds:min';
// Seconds since the pair is what `word` says.
local sinceItIs(word) = 'time() - (%s and on (pair) %s)' % [since, word];
// So many objectives, or a fixed time where there is none, of the pairs that `word` has.
local objectives(factor, word, otherwise, atLeast=0) =
  '(clamp_min(%s * (%s and on (pair) %s), %d) or on (pair) %d * %s)' % [factor, objective, word, atLeast, otherwise, word];

function(config)
  local w = write(config);
  local wait = config.wait;
  local limit = config.threshold;
  local behind = 'pair:storage_replication_objectives:over%%s and on (pair) %s' % is('behind');
  local noCopyFor = '(time() - min by (pair) (storage_replication_no_recovery_point_since_timestamp_seconds) and on (pair) %s)' % is('no_copy');
  local noCopyPassed = '%s > on (pair) %s' % [noCopyFor, objectives(1, is('no_copy'), limit.noCopyWithoutObjective, limit.noCopyAtLeast)];
  local uncounted = w.ask(
    'min by (pair) (storage_replication_lag_seconds{pair=%q}) - on (pair) pair:storage_replication_counted_lag_seconds:min > 60',
    ['pair'],
    ', %s of which do not count (a blackout, a pause or a failover)' % w.duration
  );
  // Nothing will bring it up to date: it waits for somebody to clear away, and wakes nobody.
  local retired = w.ask(
    'storage_replication_state{pair=%q,state="retired"}',
    ['pair'],
    ' Its job has run without it for over a day (retired): if it was taken out of the job or renamed, remove its old restore points, or wait until they and lookback are over; if it is failed over or was left out by mistake, see to it.'
  );
  local isBehind =
    'The recovery point of {{ $labels.relationship }} is %s old%s; its objective is %s.%s%s' % [w.lag, uncounted, w.objective, w.since('Behind'), retired];
  local noCopy = '{{ $labels.relationship }} has had no recovery point for {{ $value | humanizeDuration }}, so there is nothing to fail over to; its objective is %s.%s' % [w.objective, retired];
  local lagAndObjective = 'Its recovery point is %s old, its objective %s.' % [w.lag, w.objective];
  local failedOver = 'The target of {{ $labels.relationship }} was failed over {{ $value | humanizeDuration }} ago: nothing is replicated to it. Its recovery point is %s old.%s' % [w.lag, w.since('Failed over')];

  {
    // What more than one alert asks, and of few pairs: recorded in front of the alerts that are about it.
    records:: [
      {
        record: apart,
        expr: w.chosen(|||
          abs(
            max by (pair) (storage_replication_recovery_point_timestamp_seconds{role="source"})
            - on (pair) max by (pair) (storage_replication_recovery_point_timestamp_seconds{role="target"})
          ) > %d
        ||| % limit.sidesAtLeast),
      },
      {
        record: 'pair:storage_replication_queued_snapshots:many',
        expr: w.chosen('max by (pair) (storage_replication_queued_snapshots > %d)' % limit.queuedSnapshots),
      },
      {
        record: 'view:storage_replication_standing:only_source',
        expr: w.chosen('storage_replication_standing{role="source"} unless on (pair) storage_replication_standing{role="target"}'),
      },
    ],

    // What pages within minutes.
    fast:: [
      w.unprotected('ReplicationBehind', 'warning', behind % '', 'behind its objective', isBehind, wait.behind),
      w.unprotected(
        'ReplicationBehind',
        'critical',
        behind % (' > %d' % limit.behindCriticalObjectives) + '\nunless on (pair) storage_replication_state{state="retired"}',
        'behind by over %d objectives' % limit.behindCriticalObjectives,
        isBehind,
        wait.behind
      ),
    ],

    slow:: [
      w.unprotected('ReplicationNoCopy', 'warning', noCopyPassed, 'has no copy', noCopy),
      w.unprotected('ReplicationNoCopy', 'critical', |||
        (
          %s
          and on (pair) (storage_replication_last_job_result{result="failed"} or storage_replication_health{health="failed"})
          unless on (pair) storage_replication_state{state="retired"}
        )
        or
        (
          %s > %d
          unless on (pair) (storage_replication_job_start_timestamp_seconds or storage_replication_state{state="retired"})
        )
      ||| % [noCopyPassed, noCopyFor, limit.noCopyCritical], 'has no copy, and its jobs fail or do not run', noCopy
        + '{{ with printf `storage_replication_last_job_result{pair=%q,result="failed"}` $labels.pair | query }} Its last job failed.{{ end }}'),

      w.unprotected(
        'ReplicationStandingUnknown',
        'warning',
        is('unknown'),
        'nobody knows whether it is protected',
        'Nothing that is heard of {{ $labels.relationship }} says whether it is protected: no recovery point is known, or it lies in the future, or its state is an unknown word. %s%s' % [lagAndObjective, w.since('Unknown')],
        wait.unknown
      ),
      w.unprotected(
        'ReplicationFailing',
        'warning',
        is('failing'),
        'its jobs fail',
        'The last job of {{ $labels.relationship }} failed, or its array says that it fails{{ with printf `storage_replication_state{pair=%%q,state="suspended"}` $labels.pair | query }} (suspended){{ end }}. The error text is on the status page of the exporter. %s%s' % [lagAndObjective, w.since('Failing')],
        wait.failing
      ),

      // Until the job ends the recovery point stands still, so lag plus remaining time is what it comes to: by the array's own
      // estimate, else by the progress so far. Catching up means that this sum shrinks by more than 6 s a minute.
      w.relationship(
        'ReplicationLagWillPassObjective',
        'warning',
        |||
          (
            %(counted)s
            + on (pair)
            max by (pair) (
              storage_replication_job_remaining_seconds
              or
              (time() - storage_replication_job_start_timestamp_seconds) * (1 / (storage_replication_job_progress_ratio > 0.05) - 1)
            )
            > on (pair) %(objective)s
          )
          unless on (pair) pair:storage_replication_standing:word{standing!~"protected|failing"}
          unless on (pair) min by (pair) (deriv(storage_replication_job_remaining_seconds[10m])) < -1.1
          unless on (pair) storage_replication_rpo_exempt{reason="blackout"}
        ||| % { counted: counted, objective: objective },
        'will pass its objective before the running job ends',
        'Just before its running job ends, the lag of {{ $labels.relationship }} that counts will be {{ $value | humanizeDuration }}; its objective is %s, it is %s now, and the job is not catching up.' % [w.objective, w.counted],
        wait.willPass
      ),

      w.unprotected('ReplicationNotAuthorized', 'warning', '%s > %d' % [sinceItIs(stopped('pending')), limit.notAuthorized], 'not accepted on the target', '{{ $labels.relationship }} has waited for {{ $value | humanizeDuration }} to be accepted on the target, so it protects nothing.%s' % w.since('Waiting')),
      w.unprotected('ReplicationFailedOver', 'info', '%s > %d' % [sinceItIs(stopped('failed_over')), limit.failedOverInfo], 'failed over', failedOver),
      w.unprotected('ReplicationFailedOver', 'warning', '%s > %d' % [sinceItIs(stopped('failed_over')), limit.failedOverWarning], 'failed over for longer than a drill', failedOver + ' Failing back discards what one of the sides has written.'),
      w.relationship(
        'ReplicationTargetWritable',
        'warning',
        'max by (pair) (storage_replication_target_writable{role!="source"} == 1)\nunless on (pair) pair:storage_replication_stopped:word{reason=~"ended|failed_over|pending"}',
        'its target can be written to',
        'The target of {{ $labels.relationship }} is writable although it is not failed over: the sides can diverge, so nothing is protected. ' + lagAndObjective,
        wait.targetWritable
      ),

      // Somebody's decision, so it never pages; but a pause that is forgotten is found, by its age where there never was a copy.
      w.unprotected(
        'ReplicationPauseForgotten',
        'warning',
        |||
          (
            min by (pair) (storage_replication_lag_seconds and on (pair) %(paused)s)
            or on (pair)
            %(since)s
          )
          > on (pair) %(objectives)s
        ||| % { paused: stopped('paused'), since: sinceItIs(stopped('paused')), objectives: objectives(limit.pauseObjectives, stopped('paused'), limit.pauseWithoutObjective) },
        'paused, and its recovery point ages',
        'Replication of {{ $labels.relationship }} is switched off. %s%s' % [lagAndObjective, w.since('Paused')],
        wait.pauseForgotten
      ),
      w.relationship(
        'ReplicationStuckInTransition',
        'warning',
        |||
          max by (pair) (
            time() - (storage_replication_health_since_timestamp_seconds and on (job, instance, array, pair, role) storage_replication_health{health="transition"})
          ) > %d
          unless on (pair) pair:storage_replication_stopped:word
        ||| % limit.stuckInTransition,
        'reconnecting or reestablishing for too long',
        '{{ $labels.relationship }} has been on its way from one state to another for {{ $value | humanizeDuration }} and makes no recovery points. ' + lagAndObjective
      ),

      // The best that is known of each side. Not the signature of a drill, in which the target's point stands still.
      w.relationship('ReplicationSidesDisagree', 'warning', |||
        (
          %(apart)s > on (pair) %(limit)s
          unless on (pair) %(silentSource)s
          unless on (pair) %(silentTarget)s
          or on (pair)
          0 * (count by (pair) (count by (pair, array) (view:storage_replication_standing:only_source)) > 1)
        )
        unless on (pair) pair:storage_replication_stopped:word{reason=~"ended|failed_over"}
      ||| % { apart: apart, limit: '(%g * (%s and on (pair) %s) or on (pair) 0 * %s + %d)' % [limit.sidesObjectives, objective, apart, apart, limit.sidesWithoutObjective], silentSource: silent('source'), silentTarget: silent('target') },
                     'its two sides disagree',
                     'The two arrays of {{ $labels.relationship }} do not agree: {{ if $value }}their recovery points are {{ $value | humanizeDuration }} apart{{ else }}both call themselves the source{{ end }}; its objective is %s.' % w.objective,
                     wait.sidesDisagree),

      // Only where the array on the other side, found by its system id, lists that role and all of its sections are read.
      w.relationship('ReplicationOneSideOnly', 'warning', |||
        max by (pair) (
          (
            pair:storage_replication_relationship_info:topk{role="source", peer_system_id!=""}
            and on (pair) view:storage_replication_standing:only_source
            and on (peer_system_id) %s
          )
          or
          (
            pair:storage_replication_relationship_info:topk{role="target", peer_system_id!=""}
            and on (peer_system_id) %s
          )
        )
        unless on (pair) pair:storage_replication_stopped:word{reason=~"ended|pending"}
      ||| % [lists('target'), lists('source')], 'only one of its sides is there', '{{ $labels.array }} lists {{ $labels.relationship }}, but the array on the other side, which is monitored too and answers, does not.', wait.oneSideOnly),

      // Nothing that a job goes through has moved within 5 minutes, and that for long: a percentage may stand still while bytes
      // or files move.
      w.relationship('ReplicationJobStalled', 'warning', |||
        max by (pair) (time() - last_over_time(storage_replication_job_start_timestamp_seconds[5m])) > 300
        unless on (pair) changes(storage_replication_job_progress_ratio[5m]) > 0
        unless on (pair) changes(storage_replication_job_remaining_bytes[5m]) > 0
        unless on (pair) changes(storage_replication_job_remaining_files[5m]) > 0
        unless on (pair) changes(storage_replication_job_deleted_files[5m]) > 0
        unless on (pair) storage_replication_rpo_exempt{reason!="none"}
      |||, 'its running job makes no progress', 'The job of {{ $labels.relationship }} has run for {{ $value | humanizeDuration }} and has not moved for %s, at %s. %s' % [
        wait.jobStalled,
        w.ask('max(storage_replication_job_progress_ratio{pair=%q})', ['pair'], '{{ . | first | value | humanizePercentage }}', 'an unknown share'),
        lagAndObjective,
      ], wait.jobStalled),

      // The earliest sign of falling behind. A queue that shrinks, after a blackout for example, is fine.
      w.relationship('ReplicationSnapshotsQueueing', 'warning', |||
        pair:storage_replication_queued_snapshots:many
        and on (pair) delta(pair:storage_replication_queued_snapshots:many[15m]) >= 0
        unless on (pair) storage_replication_rpo_exempt{reason!="none"}
      |||, '{{ $value }} snapshots wait to be replicated', '{{ $value }} policy snapshots of {{ $labels.relationship }} wait to be replicated, and they do not become fewer: jobs take longer than the period of the policy. ' + lagAndObjective, wait.snapshotsQueueing),
    ],
  }
