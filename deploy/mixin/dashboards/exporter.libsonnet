// Can the other dashboards be believed? What the exporters ask, what they get, how old it is, and what that costs.
local g = import 'grafana.libsonnet';

function(config)
  local q = (import 'queries.libsonnet')(config);
  local of(family, more='section=~`${section:regex}`') = q.of_arrays(family, more);
  local whole(family) = q.of_arrays(family);
  local exporters(family) = q.of_exporters(family);
  local rate(expr, per) = '%d * rate(%s[$__rate_interval])' % [per, expr];
  local age = 'clamp_min(time() - max by (array, section) (%s > 0), 0)\n  / on (array) group_left () max by (array) (%s)'
              % [of('storage_poll_last_success_timestamp_seconds'), whole('storage_poll_stale_after_seconds')];
  local day = { unit: 'dateTimeFromNow', mappings: g.between(null, 0, 'never') };
  local no_yes = { '0': { text: 'no', color: 'red' }, '1': { text: 'yes', color: 'text' } };

  g.dashboard(
    config.dashboards,
    'exporter',
    'Storage replication: exporter',
    'Can the other dashboards be believed? What the exporters ask, what they get, how old it is, and what that costs.',
    [
      g.variables.datasource,
      g.variables.many('array', 'Array', 'Arrays that exporters poll.', 'label_values(%s, array)' % q.plain('storage_array_up')),
      g.variables.many('section', 'Section', 'Part of a poll; one that fails hides no other.', 'label_values(%s, section)' % whole('storage_polls_total')),
      g.variables.many('instance', 'Exporter', 'Target of Prometheus.', 'label_values(replication_exporter_build_info{%s}, instance)' % config.job),
    ],
    [
      g.mark('Arrays out of reach', 'purple', '{{array}} is out of reach', 'No exporter hears from it.', 'max by (array) (%s == 0)' % q.up),
      g.mark('Alerts about exporters', 'orange', '{{alertname}}', '', 'max by (alertname) (ALERTS{alertstate="firing", alertname=~"ReplicationExporter.+"})'),
    ],
    [
      { title: 'Can it be believed?', panels: [
        g.stat('Targets not scraped', 'Exporters, or arrays of exporters, that Prometheus cannot reach.', [g.instant('count(up{%s} == 0)\nor 0 * count(up{%s})' % [config.job, config.job])], 4)
        .fields({ thresholds: g.steps(['transparent', [1, 'red']]) }),
        g.stat('Arrays out of reach', 'That no exporter hears from.', [g.instant('count(%s == 0)\nor 0 * count(%s)' % [q.up, q.up])], 4)
        .fields({ thresholds: g.steps(['transparent', [1, 'red']]) }),
        g.stat('Sections that fail', 'That no exporter can read, whether the array is up or not.', [
          g.instant('count(max by (array, section) (%s) == 0)\nor 0 * count(%s)' % [of('storage_poll_success'), of('storage_poll_success')]),
        ], 4).fields({ thresholds: g.steps(['transparent', [1, 'red']]) }),
        g.stat('Oldest success, in stale_after', 'From 1 on readings are gone.', [g.instant('max(%s)' % age)], 4)
        .fields({ decimals: 1, thresholds: g.steps(['transparent', [1, 'red']]) }),
        g.stat('Refused log-ins in this range', 'Each may count towards a lock of the account.', [
          g.instant('sum(max by (array) (increase(%s[$__range])))' % whole('storage_login_failures_total')),
        ], 4).fields({ decimals: 0, thresholds: g.steps(['transparent', [1, 'orange']]) }),
        g.stat('Configuration and state', 'What exporters could not take or write: a changed configuration, a changed web configuration, the state file.', [
          g.instant('min(%s)' % exporters('replication_exporter_' + each[0]), each[1])
          for each in [
            ['config_last_reload_successful', 'configuration'],
            ['web_config_last_reload_successful', 'web'],
            ['state_file_last_write_successful', 'state file'],
          ]
        ], 4).fields({ mappings: g.mapping({ '0': { text: 'refused', color: 'red' }, '1': { text: 'fine', color: 'transparent' } }) }),
      ] },
      { title: 'Polls', panels: [
        g.timeline('Sections, by array', 'Whether the last attempt of any exporter got the section, not longer ago than stale_after.', [
          g.range('max by (array, section) (%s)' % of('storage_poll_success'), '{{array}} {{section}}'),
        ], 24, 12).fields({ mappings: g.mapping({ '0': { text: 'fails', color: 'red' }, '1': { text: 'read', color: 'green' } }) }),
        g.timeline('Why they fail', 'The reason of the last attempt, while it fails.', [
          g.range('max by (array, section, reason) (%s)' % of('storage_poll_last_failure'), '{{array}} {{section}}: {{reason}}'),
        ], 12).fields({ mappings: g.mapping({ '1': { text: 'fails', color: 'red' } }), noValue: 'nothing fails, or no data' }),
        g.lines('Attempts and failures, per minute', 'Sections asked of each array.', [
          g.range('sum by (array) (%s)' % rate(of('storage_polls_total'), 60), '{{array}}'),
          g.range('sum by (array) (%s) > 0' % rate(of('storage_poll_failures_total'), 60), '{{array}} failed'),
        ], 12),
        g.lines('Duration of polls', 'The longest section of the last attempt; and ticks skipped because a poll was still running, per hour.', [
          g.range('max by (array) (%s)' % of('storage_poll_duration_seconds'), '{{array}}'),
          g.range('sum by (array) (%s) > 0' % rate(whole('storage_poll_overruns_total'), 3600), '{{array}} skipped'),
        ], 12, unit='s'),
        g.lines('Log-ins, per hour', 'One for each failure is expected, not more.', [
          g.range('max by (array) (%s)' % rate(whole('storage_logins_total'), 3600), '{{array}} sent'),
          g.range('max by (array) (%s) > 0' % rate(whole('storage_login_failures_total'), 3600), '{{array}} refused'),
        ], 12),
      ] },
      { title: 'Freshness', panels: [
        g.lines('Age of the last success, in stale_after', 'From 1 on readings are gone; facts stay.', [g.range('max by (array) (%s)' % age, '{{array}}')], 12)
        .fields({ custom+: { thresholdsStyle: { mode: 'line' } }, thresholds: g.steps(['transparent', [1, 'red']]) }),
        g.lines("Age of a manager's own copy", 'How old what a manager knows is, however often it is asked.', [
          g.range('time() - max by (array) (%s)' % whole('storage_array_data_timestamp_seconds'), '{{array}}'),
        ], 12, unit='s'),
        g.lines('Clock skew', "The array's clock minus the exporter's.", [
          g.range('max by (array) (%s)' % whole('storage_array_clock_skew_seconds'), '{{array}}'),
        ], 12, 7, 's').fields({ min:: null }),
        g.lines('Values it does not take', 'Words, shapes or impossible values, in the last hour, by field.', [
          g.range('max by (array, field) (increase(%s[1h])) > 0' % whole('storage_unknown_value_fields_total'), '{{array}}: {{field}}'),
        ], 12, 7).fields({ noValue: 'none, or no data' }),
      ] },
      { title: 'Arrays', panels: [
        g.table('Arrays', 'What is configured, and what it costs. Poll due: far ahead in back-off, or while log-ins wait.', 'array', [
          g.rows('max by (array, vendor, system_name, version) (%s)' % whole('storage_array_info')),
          g.rows('max by (array) (%s)' % whole('storage_array_up')),
          g.rows('1000 * max by (array) (%s)' % whole('storage_poll_next_timestamp_seconds')),
          g.rows('sum by (array) (max by (array, role) (%s))' % whole('storage_replication_relationships')),
          g.rows('count by (array) ({__name__=~"storage_.+", %s, array=~`${array:regex}`})' % config.job),
          g.rows('max by (array) (%s)' % whole('storage_series_dropped')),
          g.rows('1000 * min by (array) (%s)' % whole('storage_array_tls_certificate_expiry_timestamp_seconds')),
          g.rows('1 - max by (array) (%s)' % whole('storage_array_tls_verification_disabled')),
        ], [
          { field: 'array', name: 'Array' },
          { field: 'vendor', name: 'Vendor', width: 100 },
          { field: 'system_name', name: 'System' },
          { field: 'version', name: 'Version' },
          { field: 'Value #B', name: 'Within reach', width: 110, as: g.colored { mappings: g.mapping(no_yes) } },
          { field: 'Value #C', name: 'Poll due', width: 140, as: day },
          { field: 'Value #D', name: 'Relationships', width: 120, as: { noValue: 'not listed' } },
          { field: 'Value #E', name: 'Series', width: 90 },
          { field: 'Value #F', name: 'Dropped', width: 90, as: g.colored { thresholds: g.steps(['text', [1, 'red']]) } },
          { field: 'Value #G', name: 'Certificate expires', width: 160, as: day { noValue: 'none seen' } },
          { field: 'Value #H', name: 'Certificate verified', width: 160, as: g.colored { mappings: g.mapping(no_yes) } },
        ], 'Value #B').fields({ noValue: 'no data' }),
      ] },
      { title: 'Exporters', panels: [
        g.table('Exporters', 'Each that Prometheus scrapes.', 'instance', [
          g.rows('max by (instance, version) (%s)' % exporters('replication_exporter_build_info')),
          g.rows('1000 * max by (instance) (%s)' % exporters('replication_exporter_config_last_reload_success_timestamp_seconds')),
          g.rows('1000 * max by (instance) (%s)' % exporters('process_start_time_seconds')),
        ], [
          { field: 'instance', name: 'Exporter' },
          { field: 'version', name: 'Version' },
          { field: 'Value #B', name: 'Configuration read', as: day },
          { field: 'Value #C', name: 'Started', as: day },
        ], 'instance', h=5).fields({ noValue: 'no data' }),
        g.lines('Scrapes', 'How long Prometheus waits for each target.', [g.range('scrape_duration_seconds{%s}' % config.job, '{{instance}}')], 12, 7, 's'),
        g.lines('Samples per scrape', 'Of each target.', [g.range('scrape_samples_scraped{%s}' % config.job, '{{instance}}')], 12, 7),
        g.lines('CPU', 'Cores.', [g.range('rate(%s[$__rate_interval])' % exporters('process_cpu_seconds_total'), '{{instance}}')], 8, 7),
        g.lines('Memory', 'Resident.', [g.range(exporters('process_resident_memory_bytes'), '{{instance}}')], 8, 7, 'bytes'),
        g.lines('Open files', 'Against their limit.', [
          g.range(exporters('process_open_fds'), '{{instance}} open'),
          g.range(exporters('process_max_fds'), '{{instance}} limit'),
        ], 8, 7),
      ] },
    ]
  )
