// For the auditor: how well each relationship kept its objective, and when it last failed over, as one table to export.
local g = import 'grafana.libsonnet';

function(config)
  local q = (import 'queries.libsonnet')(config);
  local to_pair = g.link('Show this relationship', '/d/%s?${datasource:queryparam}&var-pair=${__data.fields.Pair:percentencode}' % config.dashboards.relationship);
  local ago = { unit: 'dateTimeAsIso', mappings: g.between(null, 0, 'never') };
  // Minutes with one of these standings, by relationship: words of a range are counted, never shown.
  local stood(matcher) = 'sum by (pair) (count_over_time(pair:storage_replication_standing:word{%s}[$__range]))' % matcher;
  local judged = stood('standing!~"stopped|unjudged"');
  local share(of) = '%s(%s or on (pair) 0 * %s) / %s(%s)' % [of, q.among(stood('standing=~"protected|failing"'), false), q.among(judged, false), of, q.among(judged, false)];
  local column(field, name, more={}, width=150) = { field: field, name: name, as: more, width: width };

  g.dashboard(
    config.dashboards,
    'readiness',
    'Storage replication: DR readiness',
    'Over the range, 30 days unless another is picked: did each relationship keep its objective, and was it ever tried?',
    [
      g.variables.datasource,
      g.variables.many('array', 'Array', 'Either side of a relationship.', 'label_values(array:storage_array_up:max, array)'),
      g.variables.many('relationship', 'Relationship', 'As its arrays call it.', 'label_values(pair:storage_replication_relationship_info:topk, relationship)'),
    ],
    [],
    [{ title: '', panels: [
      g.stat('Worst share within objective', 'Of the relationship that kept its objective worst.', [g.instant('min(%s)' % share(''))], 6)
      .fields({ unit: 'percentunit', decimals: 2, thresholds: g.steps(['red', [0.99, 'orange'], [0.999, 'transparent']]) }),
      g.stat('Without a copy now', 'Relationships of which the target holds nothing.', [
        g.instant('count(%s)\nor 0 * count(pair:storage_replication_standing:word)' % q.among('pair:storage_replication_standing:word{standing="no_copy"}', false)),
      ], 6).fields({ thresholds: g.steps(['transparent', [1, 'dark-red']]) }),
      g.stat('In breach in this range', 'Relationships that missed their objective for at least a minute.', [
        g.instant('count(%s)\nor 0 * count(pair:storage_replication_standing:word)' % q.among('(%s > 60)' % q.breach(), false)),
      ], 6).fields({ thresholds: g.steps(['transparent', [1, 'orange']]) }),
      g.stat('Never failed over in this range', 'Relationships of which nobody tried the target, by a drill or in earnest.', [
        g.instant('count(%s)\nor 0 * count(pair:storage_replication_standing:word)' % q.among('(%s unless on (pair) count_over_time(%s{reason="failed_over"}[$__range]))' % [q.since(), q.stopped], false)),
      ], 6).fields({ thresholds: g.steps(['transparent']) }),
      g.table('Each relationship', 'To export: menu of this panel, Inspect, Data, with "Apply panel transformations" and "Formatted data", Download CSV. Share: of the time in which an objective was held against it (not stopped, not without objective) it stood as protected or failing; without a copy counts as missed.', 'pair', [
        g.rows(q.among(q.standing_of(), false)),
        g.rows(share('')),
        g.rows(q.among('max by (pair) (max_over_time(%s[$__range]))' % q.counted, false)),
        g.rows(q.among('max by (pair) (%s)' % q.objective, false)),
        g.rows(q.among(q.breach(), false)),
        g.rows(q.among('1000 * max by (pair) (max_over_time(timestamp(%s{reason="failed_over"})[$__range:5m]))' % q.stopped, false)),
        g.rows(q.among('1000 * max by (pair) (%s)' % q.since(), false)),
        g.rows('max by (pair, relationship, source, target) (label_join(label_join(\n  %s,\n  "source", " ", "source_system", "source_object"), "target", " ", "target_system", "target_object"))' % q.chosen(false)),
      ], [
        { field: 'relationship', name: 'Relationship', as: { links: [to_pair] } },
        { field: 'source', name: 'Source' },
        { field: 'target', name: 'Target' },
        column('Value #A', 'Standing now', g.background { mappings: g.numbered(q.quiet) }, 120),
        column('Value #B', 'Within objective', g.colored { unit: 'percentunit', decimals: 3, noValue: 'not judged', thresholds: g.steps(['red', [0.99, 'orange'], [0.999, 'text']]) }),
        column('Value #C', 'Worst counted lag', { unit: 's', noValue: 'no copy' }),
        column('Value #D', 'Objective', { unit: 's', noValue: 'none' }, 100),
        column('Value #E', 'Time in breach', { unit: 's' }),
        column('Value #F', 'Last failed over', ago { noValue: 'not in this range' }, 190),
        column('Value #G', 'Last change', ago, 190),
        { field: 'pair', name: 'Pair', hidden: true },
      ], 'Value #B', h=22),
    ] }],
    time='now-30d',
    refresh='',
  )
