// How an alert of each scope is written: labels, links, names, and what the texts say in the same words everywhere.
local select = import '../select.libsonnet';

// A value in a text, asked when the alert is sent; `missing` where there is none.
local ask(query, labels, show, missing='') =
  '{{ with printf `%s` %s | query }}%s{{ else }}%s{{ end }}'
  % [query, std.join(' ', ['$labels.' + label for label in labels]), show, missing];
local duration = '{{ . | first | value | humanizeDuration }}';
local number = '{{ . | first | value | humanize }}';
local time = '{{ (. | first | value | toTime).Format "2006-01-02 15:04 UTC" }}';
local name(label) = '{{ with $labels.%s }} {{ . }}{{ end }}' % label;

function(config) {
  ask:: ask,
  duration:: duration,
  number:: number,
  time:: time,

  local links(alert, path) = {
    runbook_url: (if config.runbookUrl == '' then 'docs/runbooks' else config.runbookUrl) + '/%s.md' % alert,
    dashboard: config.dashboardUrl + path,
  },
  local chosen(expr) = select(expr, config.selector),
  chosen:: chosen,

  rule(alert, severity, scope, path, expr, summary, description, wait=null, keep=config.keepFiringFor):: {
    alert: alert,
    expr: chosen(expr),
    [if wait != null then 'for']: wait,
    [if keep != null then 'keep_firing_for']: keep,
    labels: { severity: severity, scope: scope },
    annotations: links(alert, path) { summary: summary, description: chosen(description) },
  },

  // `expr` has one series per pair; the alert says what it is called and which arrays it is of. `named` is where that is looked
  // up: of all pairs, or of the few that are not protected.
  unprotected(alert, severity, expr, summary, description, wait=null)::
    self.relationship(alert, severity, expr, summary, description, wait, 'pair:storage_replication_relationship_info:unprotected'),
  relationship(alert, severity, expr, summary, description, wait=null, named='pair:storage_replication_relationship_info:topk')::
    self.rule(
      alert,
      severity,
      'relationship',
      '/d/%s?var-pair={{ $labels.pair | urlquery }}' % config.dashboards.relationship,
      |||
        (
        %s
        )
        * on (pair) group_left (%s)
        %s
      ||| % [
        std.rstripChars(expr, '\n'),
        std.join(', ', ['array', 'relationship', 'source_system', 'source_object', 'target_system', 'target_object'] + config.ownerLabels),
        named,
      ],
      '{{ $labels.relationship }}: ' + summary,
      description + ' Seen by {{ $labels.array }}.'
      + '{{ if or $labels.source_system $labels.source_object }} Source' + name('source_system') + name('source_object') + '.{{ end }}'
      + '{{ if or $labels.target_system $labels.target_object }} Target' + name('target_system') + name('target_object') + '.{{ end }}',
      wait
    ),
  // What the pair's own series say.
  counted:: ask('pair:storage_replication_counted_lag_seconds:min{pair=%q}', ['pair'], duration, 'unknown'),
  lag:: ask('min(storage_replication_lag_seconds{pair=%q})', ['pair'], duration, 'of unknown age'),
  objective:: ask('pair:storage_replication_rpo_seconds:min{pair=%q}', ['pair'], duration, 'none'),
  since(what):: ask('pair:storage_replication_standing_since_timestamp_seconds:min{pair=%q}', ['pair'], ' %s since %s.' % [what, time]),

  // `expr` has one series per array.
  array(alert, severity, expr, summary, description, wait=null, labels='')::
    self.rule(
      alert,
      severity,
      'array',
      '/d/%s?var-array={{ $labels.array | urlquery }}' % config.dashboards.overview,
      |||
        (
        %s
        )
        * on (array) group_left (%s)
        array:storage_array_info:topk
      ||| % [std.rstripChars(expr, '\n'), std.join(', ', ['vendor'] + config.ownerLabels)],
      '{{ $labels.array }}: ' + summary,
      description,
      wait
    ),

  exporter(alert, severity, expr, summary, description, wait=config.wait.exporter)::
    self.rule(alert, severity, 'exporter', '/d/%s' % config.dashboards.exporter, expr, summary, description, wait),
}
