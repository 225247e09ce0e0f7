// What the dashboards ask in more than one place. They show what the exporter decided and the rules recorded
// (pair:storage_replication_standing:word and the rest), and decide nothing. Words are read by instant selectors: in a range
// two of them overlap.
function(config) {
  local matchers = if config.selector == '' then '' else config.selector + ', ',

  // The contract's words, worst first, with the colours of all panels.
  standings: [
    { word: 'no_copy', text: 'no copy', color: 'dark-red' },
    { word: 'behind', text: 'behind', color: 'red' },
    { word: 'failing', text: 'failing', color: 'orange' },
    { word: 'unknown', text: 'unknown', color: 'purple' },
    { word: 'unjudged', text: 'unjudged', color: 'blue' },
    { word: 'stopped', text: 'stopped', color: 'yellow' },
    { word: 'protected', text: 'protected', color: 'green' },
  ],
  // For tables: what is well has no colour.
  quiet: [each + (if each.word == 'protected' then { color: 'transparent' } else {}) for each in self.standings],
  healths: [
    { word: 'failed', text: 'failed', color: 'red' },
    { word: 'unknown', text: 'unknown', color: 'purple' },
    { word: 'failed_over', text: 'failed over', color: 'orange' },
    { word: 'paused', text: 'paused', color: 'yellow' },
    { word: 'pending', text: 'pending', color: 'light-orange' },
    { word: 'transition', text: 'transition', color: 'light-blue' },
    { word: 'initializing', text: 'initializing', color: 'blue' },
    { word: 'ended', text: 'ended', color: '#8e8e8e' },
    { word: 'ok', text: 'ok', color: 'green' },
  ],

  // An exported series of the arrays that are picked.
  of_arrays(family, more=''):: '%s{%sarray=~`${array:regex}`%s}' % [family, matchers, if more == '' then '' else ', ' + more],
  // One that has no array.
  of_exporters(family):: '%s{%s%s, instance=~`${instance:regex}`}' % [family, matchers, config.job],
  // One of the relationship that is picked, as each side says it.
  of_pair(family, more=''):: '%s{%spair=~`${pair:regex}`%s}' % [family, matchers, if more == '' then '' else ', ' + more],
  // One of all relationships.
  plain(family, more=''):: '%s{%s%s}' % [family, matchers, more],

  // The relationships that are picked, with their names; `standing` false: whatever their standing is.
  chosen(standing=true)::
    '(pair:storage_replication_relationship_info:topk{relationship=~`${relationship:regex}`}\n'
    + '    and on (pair) last_over_time(%s[5m])' % self.of_arrays('storage_replication_relationship_info')
    + (if standing then '\n    and on (pair) pair:storage_replication_standing:word{standing=~`${standing:regex}`})' else ')'),
  among(expr, standing=true):: '%s\n  and on (pair) %s' % [expr, self.chosen(standing)],
  // A value per relationship, with its name.
  named(expr, standing=false):: '(%s)\n  * on (pair) group_left (relationship) %s' % [expr, self.chosen(standing)],

  // A word as its number in its list, from 1 on, by `labels`.
  numbered(words, labels, selector)::
    'max by (%s) (\n  %s\n)' % [labels, std.join('\n  or ', [
      '%d * %s' % [index + 1, selector(words[index].word)]
      for index in std.range(0, std.length(words) - 1)
    ])],
  standing_of(matcher='')::
    self.numbered(self.standings, 'pair', function(word) 'pair:storage_replication_standing:word{standing="%s"%s}' % [word, matcher]),
  counted: 'pair:storage_replication_counted_lag_seconds:min',
  objective: 'pair:storage_replication_rpo_seconds:min',
  // Recorded of pairs of which not every view says protected.
  since(matcher='')::
    '(pair:storage_replication_standing_since_timestamp_seconds:min{%s}\n  or on (pair) min by (pair) (%s unless on (pair) (view:storage_replication_standing:word or pair:storage_replication_objectives:over)))'
    % [matcher, self.plain('storage_replication_standing_since_timestamp_seconds', matcher)],
  stopped: 'pair:storage_replication_stopped:word',
  ratio: '(%s / on (pair) %s)' % [self.counted, self.objective],
  // The lag that belongs to the counted one: the source's while it speaks.
  lag(matcher='')::
    local lag(more) = 'storage_replication_lag_seconds{%s}' % std.join(', ', [each for each in [config.selector, matcher, more] if each != '']);
    'min by (pair) (%s and on (job, instance, array, pair, role) %s)\n  or on (pair) min by (pair) (%s)'
    % [lag('role=~"source|observer"'), self.plain('storage_replication_health'), lag('')],
  // Exporters count each their own; a change of role begins a new series.
  breach(window='$__range', matcher='')::
    'min by (pair) (sum by (job, instance, array, pair) (increase(%s[%s])))' % [self.plain('storage_replication_rpo_breach_seconds_total', matcher), window],

  // Arrays and what a person must see of them.
  up: 'array:storage_array_up:max{array=~`${array:regex}`}',
  is_up: 'array:storage_array_up:max == 1',
  at_risk_since: 'min by (array) (%s)' % self.of_arrays('storage_protection_data_at_risk_since_timestamp_seconds'),
  // Sections that no exporter reads, though the array is up.
  failing_sections:
    'max by (array, section, reason) (%s)\n  unless on (array, section) %s == 1\n  and on (array) %s' % [
      self.of_arrays('storage_poll_last_failure'),
      self.of_arrays('storage_poll_success'),
      self.is_up,
    ],
}
