// Alerts on arrays: out of reach, at risk, or not readable in part.
local write = import 'write.libsonnet';

local lost = 'array:storage_array_up:max == 0';
local up = 'array:storage_array_up:max == 1';
local who = '{{ $labels.array }}{{ with $labels.vendor }} ({{ . }}){{ end }}';

// What waits for long goes on waiting over a gap: for 5 minutes what was said last, where the array is not up.
local kept(word) = '(%s or (last_over_time(%s[5m]) unless on (job, instance, array) storage_array_up == 1))' % [word, word];

function(config)
  local w = write(config);
  local wait = config.wait;
  local limit = config.threshold;
  local lastWord = w.ask('max by (array) (storage_poll_last_success_timestamp_seconds{array=%q} > 0)', ['array'], w.time, 'never');
  local reason = w.ask('topk(1, count by (reason) (storage_poll_last_failure{array=%q}))', ['array'], '{{ . | first | label "reason" }}', 'unknown');
  local failures(kind) = w.ask('min(storage_protection_remaining_%s_failures{array=%%q})' % kind, ['array'], w.number, 'an unknown number of') + ' ' + kind;
  local certificate(severity, days) = w.array(
    'StorageCertificateExpiring',
    severity,
    'min by (array) (last_over_time(storage_array_tls_certificate_expiry_timestamp_seconds[5m])) - time() < %d * 86400' % days,
    'certificate expires in less than %d days' % days,
    'The certificate that %s presents expires in {{ $value | humanizeDuration }} (negative: it has expired). After that every poll fails.' % who,
    wait.other
  );

  {
    fast:: [
      w.array(
        'StorageArrayDown',
        'critical',
        lost,
        'out of reach',
        'No exporter reaches %s; the reason of the last failure: %s. Last word from it: %s. Of the relationships that it speaks for, %s are behind their objective; their lag keeps growing from the last known recovery points.' % [
          who,
          reason,
          lastWord,
          w.ask('count(pair:storage_replication_standing:word{standing="behind"} and on (pair) pair:storage_replication_relationship_info:topk{array=%q})', ['array'], w.number, 'none'),
        ],
        wait.arrayDown
      ),
      // From the fact, which outlives the array: data at risk does not become safe by a lost connection.
      w.array(
        'StorageDataAtRisk',
        'critical',
        'time() - min by (array) (storage_protection_data_at_risk_since_timestamp_seconds) > %d' % limit.dataAtRisk,
        'data at risk',
        '%s says that some of its data is not fully protected, for {{ $value | humanizeDuration }} (since %s). It still tolerates %s and %s failures.{{ with printf `array:storage_array_up:max{array=%%q} == 0` $labels.array | query }} It is out of reach; this is what it said last.{{ end }}' % [
          who,
          w.ask('min(storage_protection_data_at_risk_since_timestamp_seconds{array=%q})', ['array'], w.time, 'an unknown time'),
          failures('drive'),
          failures('node'),
        ]
      ),
    ],

    slow:: [
      w.array('StorageRestriperBlocked', 'warning', 'max by (array) %s' % kept('storage_restriper_state{state="blocked"}'), 'restriper is blocked', 'The restriper of %s has stopped with required work undone; it waits for somebody.' % who, wait.restriperBlocked),
      // Rebalancing and transcoding take weeks; a day at the same percentage is their measure. The rate over that time is 0, and
      // the phase began before it.
      w.array('StorageRestriperStalled', 'warning', |||
        max by (array) (
          (
            storage_restriper_progress_ratio
            and (delta(storage_restriper_progress_ratio[1h]) == 0 and storage_restriper_elapsed_seconds > 3600)
            and on (job, instance, array) storage_restriper_phase{phase=~"planning|reprotect"}
          )
          or
          (
            storage_restriper_progress_ratio
            and (delta(storage_restriper_progress_ratio[1d]) == 0 and storage_restriper_elapsed_seconds > 86400)
          )
        )
      |||, 'restriper makes no progress', 'The restriper of %s runs and stands still at {{ $value | humanizePercentage }}, for an hour while it restores protection, else for a day.' % who, wait.restriperStalled),

      // What the exporter does without, because the user never was allowed to read it, is not exposed as failing.
      w.array('StorageSectionFailing', 'warning', |||
        1 - (max by (array, section) (storage_poll_success) == 0)
        and on (array) %s
      ||| % up, 'cannot read {{ $labels.section }}', 'The exporter reaches %s but not its section {{ $labels.section }}: %s. Last read: %s. What that section says is missing from every other alert.' % [
        who,
        w.ask('topk(1, count by (reason) (storage_poll_last_failure{array=%q,section=%q}))', ['array', 'section'], '{{ . | first | label "reason" }}', 'unknown'),
        w.ask('max by (array) (storage_poll_last_success_timestamp_seconds{array=%q,section=%q} > 0)', ['array', 'section'], w.time, 'never'),
      ], wait.section),

      // For a manager that collects from others: the least objective of what it manages.
      w.array('StorageReadingsStale', 'warning', |||
        (
          time() - max by (array, section) (storage_poll_last_success_timestamp_seconds > 0)
            > on (array) group_left () %d * max by (array) (storage_poll_stale_after_seconds)
          or
          label_replace(
            time() - max by (array) (storage_array_data_timestamp_seconds)
              > on (array)
                (
                  clamp_min(min by (array) (storage_replication_rpo_seconds{role="observer"}), %d)
                  or on (array) %d * array:storage_array_info:topk
                ),
            "section", "collection", "", "")
        )
        and on (array) %s
      ||| % [limit.readingsStaleAfters, limit.collectionAtLeast, limit.collectionWithoutObjective, up], '{{ $labels.section }} is {{ $value | humanizeDuration }} old', 'What %s says of {{ $labels.section }} was last brought up to date {{ $value | humanizeDuration }} ago, though the array answers. For section collection it is the array\'s own copy of what it collects from other systems that stands still.' % who, wait.section),

      w.array(
        'StorageLoginFailing',
        'warning',
        'max by (array) %s' % kept('storage_poll_last_failure{reason="auth"}'),
        'log-in fails',
        '%s refuses the credentials of the exporter. So that the account is not locked it waits; its next attempt: %s, or at once when the secret changes. Last word from it: %s.' % [
          who,
          w.ask('min(storage_poll_next_timestamp_seconds{array=%q})', ['array'], w.time, 'unknown'),
          lastWord,
        ],
        wait.login
      ),
      w.array('StorageClockSkew', 'warning', |||
        max by (array) (last_over_time(storage_array_clock_skew_seconds[5m])) > %(skew)d
        or
        min by (array) (last_over_time(storage_array_clock_skew_seconds[5m])) < -%(skew)d
      ||| % { skew: limit.clockSkew }, 'clock is {{ $value | humanizeDuration }} off', 'The clock of %s is {{ $value | humanizeDuration }} ahead of that of the exporter (behind, if negative). Lag is corrected for it where this array is the source. Where it is the target, lag does not use its clock, but its own interface shows times that are off.' % who, wait.other),
      certificate('warning', limit.certificateWarningDays),
      certificate('critical', limit.certificateCriticalDays),
      w.array('StorageTlsVerificationDisabled', 'info', 'max by (array) (last_over_time(storage_array_tls_verification_disabled[5m])) == 1', 'certificate is not verified', 'The exporter accepts any certificate from %s, so whoever stands between them can read the credentials.' % who, wait.unjudged),
      w.array('StorageSeriesDropped', 'warning', 'max by (array) (last_over_time(storage_series_dropped[5m])) > 0', '{{ $value | humanize }} series are left out', '%s has more series than max_series allows; {{ $value | humanize }} are left out. Whole relationships are missing, and no alert watches them.' % who, wait.other),
      w.array(
        'StorageUnknownValues',
        'warning',
        'max by (array) (increase(storage_unknown_values_total[1h])) > 0',
        'says what the exporter does not know',
        '%s gave {{ $value | humanize }} values in the last hour that the exporter does not take, as new firmware does. Their fields since it started:{{ range printf `sum by (field) (storage_unknown_value_fields_total{array=%%q}) > 0` $labels.array | query | sortByLabel "field" }} {{ .Labels.field }}{{ end }}. A state that is not known is shown as unknown.' % who,
        wait.other
      ),

      w.array(
        'ReplicationUnjudged',
        'info',
        'count by (array) (pair:storage_replication_relationship_info:topk and on (pair) pair:storage_replication_standing:word{standing="unjudged"})',
        'relationships without an objective: {{ $value | humanize }}',
        'Relationships of %s without an objective: {{ $value | humanize }}, so nobody is told when they fall behind. Give the array an rpo in the configuration, or rpo = "none" in an override where that is meant.' % who,
        wait.unjudged
      ),
      w.array('ReplicationObjectsUnreplicated', 'info', 'max by (array) (last_over_time(storage_replication_unreplicated_objects[5m])) > 0', 'volume groups that are not replicated: {{ $value | humanize }}', 'Volume groups of %s that no session replicates: {{ $value | humanize }}; their names are on the status page of the exporter.' % who, wait.unjudged),
    ],
  }
