// What happened to this one? The verdict and its arithmetic on top, then what each side says, then the jobs.
local g = import 'grafana.libsonnet';

function(config)
  local q = (import 'queries.libsonnet')(config);
  local of(family, more='') = q.of_pair(family, more);
  local pair(record) = record + '{pair=~`${pair:regex}`}';
  local since = { unit: 'dateTimeFromNow', noValue: 'not said', mappings: g.between(null, 0, 'never') };
  local by_side(expr) = g.range('max by (array, role) (%s)' % expr, '{{array}} ({{role}})');
  // Key of the table of both sides.
  local side(labels, expr) = g.rows('max by (%s) (label_join(%s, "key", " ", "array", "role"))' % [std.join(', ', ['key'] + labels), expr]);
  local numbered(words, family, label, labels) = q.numbered(words, labels, function(word) of(family, '%s="%s"' % [label, word]));
  local on_off(no, yes) = { mappings: g.mapping({ '0': no, '1': yes }) };
  local neutral(text) = { text: text, color: '#8e8e8e' };

  g.dashboard(
    config.dashboards,
    'relationship',
    'Storage replication: relationship',
    'One relationship: what the exporter decides of it and from what, both sides, its jobs, and how all that changed.',
    [
      g.variables.datasource,
      g.variables.many('array', 'Array', 'Either side; narrows the list of relationships.', 'label_values(array:storage_array_up:max, array)'),
      g.variables.query(
        'pair',
        'Relationship',
        'As its arrays call it; the value is the same on both sides.',
        'query_result(max by (pair, relationship) (pair:storage_replication_relationship_info:topk and on (pair) %s))' % q.of_arrays('storage_replication_relationship_info'),
        '/pair="(?<value>.*?)",relationship="(?<text>.*?)"}/'
      ),
    ],
    [
      g.mark('Alerts', 'red', '{{alertname}} ({{severity}})', 'Fires for this relationship.', 'max by (alertname, severity) (ALERTS{alertstate="firing", pair=~`${pair:regex}`})'),
      g.mark('Changes of standing', 'blue', 'Standing changed', 'The timeline of standing shows to what.', '1000 * ' + q.since('pair=~`${pair:regex}`'), true),
      g.mark('Job ends', 'green', 'Job ended', 'As {{array}} says; not for arrays that do not tell the end.', '1000 * max by (array, role) (%s)' % of('storage_replication_last_job_end_timestamp_seconds'), true, false),
      g.mark('Arrays out of reach', 'purple', '{{array}} is out of reach', 'Its readings are missing; lag grows.', 'max by (array) (array:storage_array_up:max == 0 and on (array) %s)' % of('storage_replication_relationship_info')),
    ],
    [
      { title: '', panels: [
        g.stat('Standing', 'What the exporter decides, of both sides together.', [g.instant(q.standing_of(', pair=~`${pair:regex}`'))], 4)
        .fields({ mappings: g.numbered(q.standings) }),
        g.stat('Since', 'When the exporter first saw this standing.', [g.instant('1000 * ' + q.since('pair=~`${pair:regex}`'))], 4).fields(since) + { options+: { colorMode: 'value' } },
        g.stat('Stopped because', 'Why nothing is copied; lag is not held against the objective meanwhile.', [g.instant(pair(q.stopped), '{{reason}}')], 3)
        .fields({ noValue: 'not stopped' }) + { options+: { textMode: 'name', colorMode: 'value' } },
        g.stat('Counted lag', 'The part of the lag that is held against the objective.', [g.instant(pair(q.counted))], 4).fields({ unit: 's', noValue: 'not known' }) + { options+: { colorMode: 'value' } },
        g.stat('Objective', 'The strictest of all sides.', [g.instant(pair(q.objective))], 3).fields({ unit: 's', noValue: 'none' }) + { options+: { colorMode: 'value' } },
        g.stat('Counted lag / objective', 'From 100 % on it is behind.', [g.instant('%s / on (pair) %s' % [pair(q.counted), pair(q.objective)])], 3)
        .fields({ unit: 'percentunit', decimals: 0, noValue: 'no objective, or not known', thresholds: g.steps(['text', [0.8, 'orange'], [1, 'red']]) }) + { options+: { colorMode: 'value' } },
        g.stat('Would be lost', 'The age of what the target holds, exempt time included.', [g.instant(q.lag('pair=~`${pair:regex}`'))], 3).fields({ unit: 's', noValue: 'not known, or everything' }) + { options+: { colorMode: 'value' } },
        g.table('Both sides', "What each array says, and since when. Its standing is that side's own view. Next window: the end of a blackout. Copy from: for a manager that collects from others, how old what it knows is.", 'key', [
          side(['array', 'role', 'relationship', 'mode', 'source', 'target'], 'label_join(label_join(%s, "source", " ", "source_system", "source_object"), "target", " ", "target_system", "target_object")' % of('storage_replication_relationship_info')),
          side(['standing'], of('storage_replication_standing')),
          side(['health'], of('storage_replication_health')),
          side([], '1000 * ' + of('storage_replication_health_since_timestamp_seconds')),
          side([], '1000 * ' + of('storage_replication_recovery_point_timestamp_seconds')),
          side(['result'], of('storage_replication_last_job_result')),
          side([], '1000 * ' + of('storage_replication_last_job_end_timestamp_seconds')),
          side([], '1000 * ' + of('storage_replication_next_active_timestamp_seconds')),
          side([], '1000 * (0 * %s + on (array) group_left () max by (array) (%s))' % [of('storage_replication_relationship_info'), q.plain('storage_array_data_timestamp_seconds')]),
        ], [
          { field: 'array', name: 'Array', width: 110 },
          { field: 'role', name: 'Role', width: 80 },
          { field: 'relationship', name: 'Called' },
          { field: 'mode', name: 'Mode' },
          { field: 'source', name: 'Source' },
          { field: 'target', name: 'Target' },
          { field: 'standing', name: 'Standing', width: 90 },
          { field: 'health', name: 'Health', width: 100, as: { noValue: 'no data' } },
          { field: 'Value #D', name: 'Health since', width: 120, as: since },
          { field: 'Value #E', name: 'Recovery point', width: 120, as: since { noValue: 'none' } },
          { field: 'result', name: 'Last job', width: 90, as: g.colored { noValue: 'not said', mappings: g.mapping({ failed: { text: 'failed', color: 'red' }, warning: { text: 'warning', color: 'orange' }, success: { text: 'success', color: 'text' } }) } },
          { field: 'Value #G', name: 'Job ended', width: 120, as: since },
          { field: 'Value #H', name: 'Next window', width: 120, as: since { noValue: '' } },
          { field: 'Value #I', name: 'Copy from', width: 120, as: since { noValue: 'live' } },
        ], 'role', h=5),
      ] },
      { title: 'How it came to be so', panels: [
        g.timeline('Standing', 'Of both sides together, and as each side sees it alone.', [
          g.range(q.standing_of(', pair=~`${pair:regex}`'), 'together'),
          g.range(numbered(q.standings, 'storage_replication_standing', 'standing', 'array, role'), '{{array}} ({{role}})'),
        ], 24, 5).fields({ mappings: g.numbered(q.standings) }),
        g.lines('Lag against the objective', 'Counted lag is what is held against the objective; lag is what would be lost. Also while an array is away.', [
          g.range(pair(q.counted), 'counted'),
          g.range(pair(q.objective), 'objective'),
          by_side(of('storage_replication_lag_seconds')),
        ], 24, 9, 's').fields({}, [g.override('objective', g.fixed('red') { 'custom.lineStyle': { fill: 'dash', dash: [8, 6] } }), g.override('counted', { 'custom.lineWidth': 2 })]),
        g.timeline('Health, by side', "In the exporter's words for every vendor. A gap: no data, the array is out of reach.", [
          g.range(numbered(q.healths, 'storage_replication_health', 'health', 'array, role'), '{{array}} ({{role}})'),
        ], 12, 6).fields({ mappings: g.numbered(q.healths) }),
        g.timeline("State in the vendor's own words", 'As each array says it. A gap: no data.', [
          g.range('max by (array, state) (%s)' % of('storage_replication_state'), '{{array}}: {{state}}'),
        ], 12, 6) + { options+: { showValue: 'never', legend+: { showLegend: false } } },
        g.timeline('Switches', 'What is on, and what exempts it.', [
          g.range('max(%s)' % of('storage_replication_job_running'), 'job runs'),
          g.range('min(%s)' % of('storage_replication_enabled'), 'replication is on'),
          g.range('max(%s)' % of('storage_replication_target_writable'), 'target is writable'),
          g.range('max(%s)' % of('storage_replication_blackout'), 'blackout'),
          g.range('max by (reason) (%s)' % of('storage_replication_rpo_exempt', 'reason!="none"'), 'exempt: {{reason}}'),
        ], 12, 6).fields(on_off(neutral('no'), { text: 'yes', color: 'blue' })),
        g.timeline('How the last job ended', 'Not all vendors say.', [
          g.range('max by (array, result) (%s)' % of('storage_replication_last_job_result'), '{{array}}: {{result}}'),
        ], 12, 6) + { options+: { showValue: 'never', legend+: { showLegend: false } } },
      ] },
      { title: 'Jobs', panels: [
        g.lines('Progress of the running job', "The array's own.", [g.range('max(%s)' % of('storage_replication_job_progress_ratio'), 'progress')], 8, 7, 'percentunit').fields({ max: 1, noValue: 'no job ran' }),
        g.lines('Time left of the running job', "The array's own estimate.", [g.range('max(%s)' % of('storage_replication_job_remaining_seconds'), 'left')], 8, 7, 's').fields({ noValue: 'no job ran' }),
        g.lines('Throughput', 'Of the running job.', [
          by_side(of('storage_replication_job_recent_throughput_bytes_per_second')) { legendFormat: '{{array}} last minute' },
          by_side(of('storage_replication_job_throughput_bytes_per_second')) { legendFormat: '{{array}} since start' },
        ], 8, 7, 'Bps').fields({ noValue: 'no job ran, or not said' }),
      ] + [
        g.lines('%s of the running job' % each[0], 'Transferred, unchanged and remaining are parts of the total.', [
          g.range('max(%s)' % of('storage_replication_job_%s_%s' % [part, each[1]]), part)
          for part in ['remaining', 'transferred', 'unchanged', 'total']
        ], 8, 7, each[2]).fields({ noValue: 'no job ran, or not said' })
        for each in [['Bytes', 'bytes', 'bytes'], ['Files', 'files', 'short']]
      ] + [
        g.lines('Waiting and kept', 'Snapshots that wait to be copied, and what both sides keep.', [
          g.range('max(%s)' % of('storage_replication_queued_snapshots'), 'waiting'),
          by_side(of('storage_replication_common_snapshots')) { legendFormat: '{{array}} ({{role}}) common' },
          by_side(of('storage_replication_restore_points')) { legendFormat: '{{array}} restore points' },
        ], 8, 7).fields({ noValue: 'not said' }),
        g.lines('Duration of the last job', 'Against the objective.', [
          by_side(of('storage_replication_last_job_duration_seconds')),
          g.range(pair(q.objective), 'objective'),
        ], 12, 7, 's').fields({ noValue: 'not said' }),
        g.lines('Size of the last job', 'What it moved, and what it protects.', [
          by_side(of('storage_replication_last_job_transferred_bytes')) { legendFormat: '{{array}} ({{role}}) transferred' },
          by_side(of('storage_replication_last_job_protected_bytes')) { legendFormat: '{{array}} protects' },
        ], 12, 7, 'bytes').fields({ noValue: 'not said' }),
      ] },
    ]
  )
