// Are we protected? What needs a person stands on top, by name; then every relationship, worst first.
local g = import 'grafana.libsonnet';

function(config)
  local q = (import 'queries.libsonnet')(config);
  local to_pair = g.link('Show this relationship', '/d/%s?${datasource:queryparam}&var-pair=${__data.fields.Pair:percentencode}&${__url_time_range}' % config.dashboards.relationship);
  local to_array = g.link('Show this array', '/d/%s?${datasource:queryparam}&var-array=${__data.fields.Array:percentencode}&${__url_time_range}' % config.dashboards.overview);
  local since = { unit: 'dateTimeFromNow', mappings: g.between(null, 0, 'never') };

  // A fault of an array as a row: what it is, why, and since when, in milliseconds.
  local fault(expr, what, why='') =
    local row = 'label_replace(%s, "what", "%s", "", "")' % [expr, what];
    if why == '' then row else 'label_join(%s, "why", ": ", %s)' % [row, why];
  local success = q.of_arrays('storage_poll_last_success_timestamp_seconds');
  local failure = q.of_arrays('storage_poll_last_failure');
  // 0 is never.
  local heard = '(max by (array) (%s) or on (array) 0 * max by (array) (%s))' % [success, q.of_arrays('storage_array_up')];
  local faults = std.join('\nor ', [
    fault('absent(%s) * 1000 * time()' % q.plain('storage_array_up'), 'nothing is known: no exporter is scraped'),
    fault('1000 * ' + q.at_risk_since, 'data at risk since'),
    fault('1000 * (max by (array, reason) (%s) * on (array) group_left () %s)\n  and on (array) array:storage_array_up:max == 0' % [failure, heard], 'down, last heard', '"reason"'),
    fault('1000 * %s\n  and on (array) array:storage_array_up:max == 0 unless on (array) %s' % [heard, failure], 'down, last heard'),
    fault('1000 * max by (array) (%s)' % q.of_arrays('storage_restriper_state', 'state="blocked"') + ' * 0 + 1000 * time()', 'restriper blocked, now'),
    fault('1000 * (%s) * on (array, section) group_left () max by (array, section) (%s)\n  or on (array, section, reason) 0 * (%s)' % [q.failing_sections, success, q.failing_sections], 'section fails, last read', '"section", "reason"'),
    fault('1000 * time() * (max by (array) (abs(%s)) > bool %d > 0)' % [q.of_arrays('storage_array_clock_skew_seconds'), config.threshold.clockSkew], 'clock is wrong, now'),
  ]);

  local tile(standing, value) = g.override(standing.text, { thresholds: g.steps(value + [[1, standing.color]]) });
  local count(title, expr, of) = g.instant('count(%s)\nor 0 * count(%s)' % [expr, of], title);

  g.dashboard(
    config.dashboards,
    'overview',
    'Storage replication: overview',
    'Are we protected? Arrays that need somebody, every relationship by its standing, worst first, and how it came to be so.',
    [
      g.variables.datasource,
      g.variables.many('array', 'Array', 'Either side of a relationship.', 'label_values(array:storage_array_up:max, array)'),
      g.variables.words('standing', 'Standing', 'As the exporter decides it.', [each.word for each in q.standings]),
      g.variables.many('relationship', 'Relationship', 'As its arrays call it.', 'label_values(pair:storage_replication_relationship_info:topk, relationship)'),
    ],
    [
      g.mark('Arrays out of reach', 'purple', '{{array}} is out of reach', 'Its readings are missing; lag grows from its last known recovery points.', 'max by (array) (%s == 0)' % q.up),
      g.mark('Data at risk', 'red', '{{array}}: data at risk', 'Some of its data is not fully protected.', q.at_risk_since + ' > 0'),
    ],
    [
      { title: '', panels: [
        g.stat('Arrays', 'Out of reach, with data at risk, with a section that fails. The table below names them.', [
          count('down', q.up + ' == 0', q.up),
          count('at risk', q.at_risk_since, q.up),
          count('failing section', 'max by (array) (%s)' % q.failing_sections, q.up),
        ], 8).fields({ thresholds: g.steps(['transparent', [1, 'red']]) }),
        g.stat('Relationships by standing', 'How many stand how, as the exporter decides; worst first. unjudged: without an objective. stopped: ended, failed over, pending or paused, so nothing is copied.', [
          count(each.text, q.among('pair:storage_replication_standing:word{standing="%s"}' % each.word), 'pair:storage_replication_standing:word')
          for each in q.standings
        ], 16).fields({}, [tile(each, ['transparent']) for each in q.standings]),
        g.table('Arrays that need somebody', 'Data at risk, arrays out of reach, sections that fail, refused log-ins, wrong clocks. The time is when that began, or when the array or section was last heard.', 'array', [g.rows(faults)], [
          { field: 'array', name: 'Array', width: 130, as: { links: [to_array], noValue: 'all' } },
          { field: 'what', name: 'What', as: g.colored { thresholds: g.steps(['red']) } },
          { field: 'why', name: 'Why' },
          { field: 'Value', name: 'When', width: 130, as: since },
        ], 'what', 12, 7).fields({ noValue: 'none' }),
        g.table('Alerts that fire', 'What Prometheus alerts about now, of these arrays and of the fleet.', 'alertname', [g.rows(
          'count by (alertname, severity, array) (ALERTS{alertstate="firing", alertname=~"Replication.+|Storage.+", array=~`${array:regex}`})\n'
          + 'or count by (alertname, severity, array) (ALERTS{alertstate="firing", alertname=~"Replication.+|Storage.+", array=""})'
        )], [
          { field: 'severity', name: 'Severity', width: 80, as: g.colored { mappings: g.mapping({ critical: { text: 'critical', color: 'red' }, warning: { text: 'warning', color: 'orange' }, info: { text: 'info', color: 'blue' } }) } },
          { field: 'alertname', name: 'Alert' },
          { field: 'array', name: 'Array', width: 130, as: { noValue: 'fleet', links: [to_array] } },
          { field: 'Value', name: 'Number', width: 80 },
        ], 'severity', 12, 7).fields({ noValue: 'none' }),
        g.table('Relationships, worst first', 'Counted lag is the part of the lag that is held against the objective. Would be lost: the age of what the target holds, also while nothing counts. Both are known while an array is away.', 'pair', [
          g.rows(q.among(q.standing_of())),
          g.rows(q.among('1000 * max by (pair) (%s)' % q.since())),
          g.rows(q.among('max by (pair) (%s)' % q.counted)),
          g.rows(q.among('max by (pair) (%s)' % q.objective)),
          g.rows(q.among('max by (pair) %s' % q.ratio)),
          g.rows(q.among('(%s)' % q.lag())),
          g.rows(q.among('max by (pair, reason) (%s)' % q.stopped)),
          g.rows('max by (pair, relationship, source, target) (label_join(label_join(\n  %s,\n  "source", " ", "source_system", "source_object"), "target", " ", "target_system", "target_object"))' % q.chosen()),
          // Inside one standing by what lag is of the objective.
          g.rows(q.among('(%s - on (pair) (clamp_max(%s, 1000) / 1001 or on (pair) 0 * %s))' % [q.standing_of(), q.ratio, q.since()])),
        ], [
          { field: 'Value #A', name: 'Standing', width: 110, as: g.background { mappings: g.numbered(q.quiet) } },
          { field: 'relationship', name: 'Relationship', as: { links: [to_pair] } },
          { field: 'source', name: 'Source' },
          { field: 'target', name: 'Target' },
          { field: 'Value #B', name: 'Since', width: 120, as: since },
          { field: 'reason', name: 'Stopped', width: 100 },
          { field: 'Value #C', name: 'Counted lag', width: 110, as: { unit: 's' } },
          { field: 'Value #D', name: 'Objective', width: 100, as: { unit: 's', noValue: 'none' } },
          { field: 'Value #E', name: 'Counted lag / objective', width: 170, as: g.background { unit: 'percentunit', decimals: 0, thresholds: g.steps(['transparent', [0.8, 'orange'], [1, 'red']]) } },
          { field: 'Value #F', name: 'Would be lost', width: 160, as: { unit: 's', noValue: 'not known, or everything' } },
          { field: 'pair', name: 'Pair', hidden: true },
        ], 'Value #I', h=14),
      ] },
      { title: 'How it came to be so', panels: [
        g.lines('Relationships by standing', 'How many stood how. A gap: Prometheus had nothing from an exporter.', [
          g.range('count by (standing) (%s)' % q.among('pair:storage_replication_standing:word', false), '{{standing}}'),
        ], 12, 9, stacked=true).fields({}, [g.override(each.word, g.fixed(each.color)) for each in q.standings]),
        g.lines('Counted lag against the objective: the worst', 'The 5 that came worst in this range. From 100 % on an objective is missed; the scale is logarithmic. Also while an array is away.', [
          g.range(q.named(q.ratio) + '\n  and on (pair) topk(5, max_over_time(%s[$__range:5m] @ end()) and on (pair) %s)' % [q.ratio, q.chosen(false)], '{{relationship}}'),
        ], 12, 9, 'percentunit').fields({ custom+: { thresholdsStyle: { mode: 'line' }, scaleDistribution: { type: 'log', log: 10 } }, min: 0.1, thresholds: g.steps(['transparent', [1, 'red']]) }),
        g.timeline('Standing of those that were not protected', 'The 15 that were otherwise for the longest time in this range.', [
          g.range(
            q.named(q.standing_of())
            + '\n  and on (pair) topk(15, sum by (pair) (count_over_time(pair:storage_replication_standing:word{standing!="protected"}[$__range] @ end())) and on (pair) %s)' % q.chosen(false),
            '{{relationship}}'
          ),
        ], 12, 10).fields({ mappings: g.numbered(q.standings), noValue: 'all protected' }),
        g.bars('Time in breach in this range', 'Counted lag over the objective, nothing exempting it; counted by the exporter, also while an array was away. The 10 longest.', [
          g.instant('topk(10, %s > 60)' % q.named(q.breach()), '{{relationship}}'),
        ], 12, 10).fields({ unit: 's', noValue: 'none', thresholds: g.steps(['orange', [3600, 'red']]), links: [g.link('Show the relationship', std.strReplace(to_pair.url, '__data.fields.Pair', '__field.labels.pair'))] }),
      ] },
      { title: 'Is what is left safe?', panels: [
        g.timeline('Data at risk', 'By array, as it last said: a lost connection makes no data safe. no data: the array is out of reach. No row: it never says.', [
          g.range(
            '0 * %s + 1\nor on (array) 0 * max by (array) (%s) + 2\nor on (array) 0 * max by (array) (last_over_time(%s[$__range] @ end()))' % [
              q.at_risk_since,
              q.of_arrays('storage_protection_data_at_risk'),
              q.of_arrays('storage_protection_data_at_risk'),
            ], '{{array}}'
          ),
        ], 12, 6).fields({ mappings: g.mapping({ '0': { text: 'no data', color: 'purple' }, '1': { text: 'at risk', color: 'red' }, '2': { text: 'fully protected', color: 'green' } }) }),
        g.timeline('Arrays within reach', 'Whether any exporter heard from the array.', [g.range(q.up, '{{array}}')], 12, 6)
        .fields({ mappings: g.mapping({ '0': { text: 'out of reach', color: 'red' }, '1': { text: 'within reach', color: 'green' } }) }),
        g.timeline('Restriper', 'What each cluster does to protect its data again, and whether it is blocked.', [
          g.range('max by (array, phase) (%s)' % q.of_arrays('storage_restriper_phase', 'phase!="none"'), '{{array}} {{phase}}'),
          g.range('max by (array, state) (%s) + 1' % q.of_arrays('storage_restriper_state', 'state="blocked"'), '{{array}} {{state}}'),
        ], 12, 6).fields({ mappings: g.mapping({ '1': { text: 'works', color: 'blue' }, '2': { text: 'blocked', color: 'red' } }), noValue: 'nothing to do, or no data' }),
        g.table('Further failures that each cluster survives', 'Now, and at most.', 'array', [
          // What it could at most survive does not change by an outage.
          g.rows(if std.startsWith(each, 'max') then 'max by (array) (last_over_time(%s[$__range]))' % family else 'min by (array) (%s)' % family)
          for each in ['remaining_node', 'max_node', 'remaining_drive', 'max_drive']
          for family in [q.of_arrays('storage_protection_%s_failures' % each)]
        ], [
          { field: 'array', name: 'Array', as: { links: [to_array] } },
          { field: 'Value #A', name: 'Nodes', as: g.colored { thresholds: g.steps(['red', [1, 'text']]), noValue: 'no data' } },
          { field: 'Value #B', name: 'of nodes' },
          { field: 'Value #C', name: 'Drives', as: g.colored { thresholds: g.steps(['red', [1, 'text']]), noValue: 'no data' } },
          { field: 'Value #D', name: 'of drives' },
        ], 'Value #A', 12, 6).fields({ noValue: 'no data' }),
      ] },
    ]
  )
