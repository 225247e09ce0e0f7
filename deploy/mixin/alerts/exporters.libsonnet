// Alerts on the exporters themselves. One alert per job: behind service discovery an exporter is one target per array, and a pair of
// exporters is given the same configuration. Exporters of one job watch the same arrays, or are its shards.
local write = import 'write.libsonnet';

function(config)
  local w = write(config);
  local ups = 'up{%s}' % std.join(', ', [matcher for matcher in [config.selector, config.job] if matcher != '']);
  local each(query) = '{{ range printf `%s` $labels.job | query | sortByLabel "instance" }} {{ .Labels.instance }}{{ end }}' % query;
  local refused(alert, family, summary, description) =
    local condition = 'last_over_time(%s%%s[5m]) == 0' % family;
    w.exporter(
      alert,
      'warning',
      'count by (job) (%s)' % (condition % ''),
      '{{ $labels.job }}: ' + summary,
      description % each(condition % '{job=%q}'),
    );

  {
    fast:: [
      w.exporter(
        'ReplicationExporterDown',
        'warning',
        'count by (job) (last_over_time(%s[3m]) == 0)' % ups,
        '{{ $labels.job }}: {{ $value }} of its targets cannot be scraped',
        'Prometheus cannot scrape {{ $value }} of the targets of job {{ $labels.job }}:%s. If another exporter watches the same arrays, nothing is missed.' % each('last_over_time(up{job=%q}[3m]) == 0')
      ),
      w.exporter(
        'ReplicationExporterAbsent',
        'critical',
        |||
          count by (job) (%(up)s) unless on (job) last_over_time(%(up)s[3m]) == 1
          or
          label_replace(absent(last_over_time(replication_exporter_build_info[5m])) unless on () %(up)s, "job", "of a replication exporter", "", "")
        ||| % { up: ups },
        'no exporter of job {{ $labels.job }} is scraped',
        'Prometheus can scrape no exporter of job {{ $labels.job }}: none of its arrays and relationships is watched.'
      ),
      // A shard that is gone, by what the others say; or, behind service discovery, the target of an array that nobody else shows.
      w.exporter(
        'StorageArrayUnwatched',
        'critical',
        |||
          (
            max by (job) (replication_exporter_arrays_configured)
            - sum by (job) (max by (job, index) (
                replication_exporter_arrays_assigned * on (job, instance) group_left (index) replication_exporter_shard_info))
            > 0
          )
          or
          (
            count by (job) (
              label_replace(%(target)s == 0, "array", "$1", "instance", "[^/]+/(.+)")
              unless on (job, array) last_over_time(storage_array_info[5m])
            )
          )
        ||| % { target: std.strReplace(ups, '}', ', instance=~".+/.+", instance!~".+/_exporter"}') },
        '{{ $labels.job }}: no exporter watches {{ $value }} of the arrays',
        'No exporter of job {{ $labels.job }} watches {{ $value }} of the arrays in its configuration: a shard or a target is down, or has an older file. No other alert watches them.%s' % '{{ with printf `last_over_time(up{job=%q}[3m]) == 0` $labels.job | query }} Down:{{ range . | sortByLabel "instance" }} {{ .Labels.instance }}{{ end }}.{{ end }}'
      ),
    ],

    slow:: [
      refused(
        'ReplicationExporterReloadFailed',
        'replication_exporter_config_last_reload_successful',
        'new configuration was refused',
        'These could not load their configuration and run on with the old one:%s. Their log says file, line and key.'
      ),
      refused(
        'ReplicationExporterWebConfigRefused',
        'replication_exporter_web_config_last_reload_successful',
        'new certificate or web configuration was refused',
        'These could not load their web configuration or certificate and serve the old one:%s. When that certificate expires, nothing can scrape them. Their log says why.'
      ),
      refused(
        'ReplicationStateFileNotWritten',
        'replication_exporter_state_file_last_write_successful',
        'its state file is not written',
        'These cannot write their state file, or another process has it:%s. A restart would lose what was learned since{{ with printf `min(replication_exporter_state_file_last_write_timestamp_seconds{job=%%q})` $labels.job | query }} {{ (. | first | value | toTime).Format "2006-01-02 15:04 UTC" }}{{ else }} then{{ end }}: recovery points of arrays that are away, since-times, counted lag.'
      ),
    ],
  }
