// How our panels look in Grafana's JSON: every kind that the dashboards use, and their layout. Knows no query.
local datasource = { type: 'prometheus', uid: '${datasource}' };
local refs = std.stringChars('ABCDEFGHIJKLMNOPQRSTUVWXYZ');

{
  // What a panel asks. `legend` names a series.
  range(expr, legend):: { expr: expr, legendFormat: legend, instant: false, range: true, format: 'time_series' },
  instant(expr, legend='__auto'):: { expr: expr, legendFormat: legend, instant: true, range: false, format: 'time_series' },
  rows(expr):: self.instant(expr) { format: 'table' },

  // Words as numbers, worst first from 1 on, and back again.
  mapping(results):: [{
    type: 'value',
    options: { [key]: results[key] { index: std.find(key, std.objectFields(results))[0] } for key in std.objectFields(results) },
  }],
  // Text for numbers up to `to`, or from `from` on.
  between(from, to, text, color='text'):: [{ type: 'range', options: { from: from, to: to, result: { text: text, color: color, index: 0 } } }],
  numbered(words):: self.mapping({ [std.toString(index + 1)]: { text: words[index].text, color: words[index].color } for index in std.range(0, std.length(words) - 1) }),

  // Thresholds from a list such as ['green', [0.8, 'orange'], [1, 'red']].
  steps(list):: {
    mode: 'absolute',
    steps: [{ color: list[0], value: null }] + [{ color: step[1], value: step[0] } for step in list[1:]],
  },
  link(title, url):: { title: title, url: url, targetBlank: false },
  // Settings of one field by its name: `properties` as an object.
  override(name, properties):: {
    matcher: { id: 'byName', options: name },
    properties: [{ id: key, value: properties[key] } for key in std.objectFields(properties)],
  },
  fixed(color):: { color: { mode: 'fixed', fixedColor: color } },
  background:: { 'custom.cellOptions': { type: 'color-background', mode: 'basic' }, color: { mode: 'thresholds' } },
  colored:: { 'custom.cellOptions': { type: 'color-text' }, color: { mode: 'thresholds' } },

  // Every panel says what no value means. `w` is its width in the grid of 24, `h` its height.
  local panel(type, title, description, targets, w, h) = {
    w:: w,
    h:: h,
    type: type,
    title: title,
    description: description,
    datasource: datasource,
    targets: std.mapWithIndex(
      function(index, target) target { refId: refs[index], datasource: datasource, editorMode: 'code' }, targets
    ),
    fieldConfig: { defaults: { custom: {}, mappings: [], color: { mode: 'thresholds' }, thresholds: $.steps(['text']), unit: 'none', noValue: 'no data' }, overrides: [] },
    // Changes of the fields' defaults, and of single fields.
    fields(defaults, overrides=[]):: self { fieldConfig+: { defaults+: defaults, overrides+: overrides } },
  },

  stat(title, description, targets, w, h=4):: panel('stat', title, description, targets, w, h) {
    options: {
      colorMode: 'background',
      graphMode: 'none',
      justifyMode: 'auto',
      orientation: 'auto',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      textMode: 'auto',
    },
  },

  lines(title, description, targets, w, h=8, unit='short', stacked=false):: panel('timeseries', title, description, targets, w, h) {
    fieldConfig+: { defaults+: {
      unit: unit,
      min: 0,
      color: { mode: 'palette-classic' },
      custom: {
        drawStyle: 'line',
        fillOpacity: if stacked then 70 else 0,
        lineInterpolation: if stacked then 'stepAfter' else 'linear',
        lineWidth: 1,
        showPoints: 'never',
        spanNulls: false,
        stacking: { group: 'A', mode: if stacked then 'normal' else 'none' },
        thresholdsStyle: { mode: 'off' },
      },
    } },
    options: {
      legend: { calcs: ['lastNotNull', 'max'], displayMode: 'table', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  },

  timeline(title, description, targets, w, h=8):: panel('state-timeline', title, description, targets, w, h) {
    fieldConfig+: { defaults+: { custom: { fillOpacity: 85, lineWidth: 0 } } },
    options: {
      alignValue: 'left',
      legend: { calcs: [], displayMode: 'list', placement: 'bottom', showLegend: true },
      mergeValues: true,
      rowHeight: 0.8,
      showValue: 'auto',
      tooltip: { mode: 'single', sort: 'none' },
    },
  },

  bars(title, description, targets, w, h=8):: panel('bargauge', title, description, targets, w, h) {
    fieldConfig+: { defaults+: { min: 0 } },
    options: {
      displayMode: 'basic',
      minVizHeight: 16,
      minVizWidth: 8,
      orientation: 'horizontal',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      showUnfilled: true,
      valueMode: 'color',
    },
  },

  // Rows of several queries, put together by the label `by`. A column is { field, name } and settings of its own: `as`.
  // `order` is the field to sort by; it need not be shown.
  table(title, description, by, targets, columns, order, w=24, h=8, descending=false):: panel('table', title, description, targets, w, h) {
    local shown = [column for column in columns if !std.objectHas(column, 'hidden')],
    fieldConfig+: {
      defaults+: { noValue: '', custom: { align: 'auto', cellOptions: { type: 'auto' }, inspect: false, filterable: true } },
      overrides: [
        $.override(column.name, (if std.objectHas(column, 'as') then column.as else {})
                                + (if std.objectHas(column, 'width') then { 'custom.width': column.width } else {})
                                + (if std.objectHas(column, 'hidden') then { 'custom.hidden': true } else {}))
        for column in columns
        if std.length(std.setInter(['as', 'hidden', 'width'], std.objectFields(column))) > 0
      ],
    },
    options: { cellHeight: 'sm', showHeader: true },
    transformations:
      (if std.length(targets) > 1 then [{ id: 'joinByField', options: { byField: by, mode: 'outer' } }] else [])
      + [
        { id: 'filterFieldsByName', options: { include: { names: std.set([column.field for column in columns] + [order]) } } },
        { id: 'sortBy', options: { fields: {}, sort: [{ field: order, desc: descending }] } },
        { id: 'organize', options: {
          excludeByName: if std.length([1 for column in columns if column.field == order]) > 0 then {} else { [order]: true },
          indexByName: { [columns[index].field]: index for index in std.range(0, std.length(columns) - 1) },
          renameByName: { [column.field]: column.name for column in columns },
        } },
      ],
  },

  // Variables. All is `.*`, so that a fleet does not make queries of thousands of names.
  local variable(name, label, description) = { name: name, label: label, description: description, hide: 0, multi: false, includeAll: false },
  local all = { multi: true, includeAll: true, allValue: '.*', current: { selected: true, text: ['All'], value: ['$__all'] } },
  variables:: {
    datasource: { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', regex: '', refresh: 1, hide: 0, multi: false, includeAll: false, options: [] },
    query(name, label, description, query, regex=''):: variable(name, label, description) {
      type: 'query',
      datasource: datasource,
      definition: query,
      query: { query: query, qryType: if regex == '' then 1 else 3, refId: 'PrometheusVariableQueryEditor-VariableQuery' },
      refresh: 2,
      regex: regex,
      sort: 1,
      options: [],
    },
    many(name, label, description, query):: self.query(name, label, description, query) + all,
    words(name, label, description, words):: variable(name, label, description) + all { type: 'custom', query: std.join(',', words), options: [] },
  },

  // A mark in every time series of the dashboard.
  mark(name, color, title, text, expr, at_value=false, enable=true):: {
    name: name,
    datasource: datasource,
    enable: enable,
    hide: false,
    iconColor: color,
    expr: expr,
    step: '60s',
    tagKeys: '',
    titleFormat: title,
    textFormat: text,
    useValueForTime: at_value,
  },

  // `rows` is a list of { title, panels, collapsed }: a row without a title has no heading. Panels stand side by side until
  // their line of 24 is full; all of a line are as high as its first.
  dashboard(config, name, title, description, variables, marks, rows, time='now-24h', refresh=config.refresh):: {
    local place = function(state, panel)
      local next = state + if state.x + panel.w > 24 then state { x: 0, y: state.y + state.h, h: panel.h } else state { h: if state.x == 0 then panel.h else state.h };
      next {
        id: next.id + 1,
        x: next.x + panel.w,
        panels+: [panel { id: next.id, gridPos: { x: next.x, y: next.y, w: panel.w, h: next.h } }],
      },
    local line = function(state, row)
      local head = if row.title == '' then [] else [{
        id: state.id,
        type: 'row',
        title: row.title,
        collapsed: false,
        panels: [],
        gridPos: { x: 0, y: state.y, w: 24, h: 1 },
      }];
      local placed = std.foldl(place, row.panels, { id: state.id + std.length(head), x: 0, y: state.y + std.length(head), h: 0, panels: [] });
      { id: placed.id, y: placed.y + placed.h, panels: state.panels + head + placed.panels },
    uid: config[name],
    id: null,
    title: title,
    description: description,
    tags: config.tags,
    editable: true,
    fiscalYearStartMonth: 0,
    graphTooltip: 1,
    refresh: refresh,
    schemaVersion: 39,
    time: { from: time, to: 'now' },
    timepicker: {},
    timezone: '',
    weekStart: '',
    version: 1,
    templating: { list: variables },
    annotations: { list: [{
      builtIn: 1,
      datasource: { type: 'grafana', uid: '-- Grafana --' },
      enable: true,
      hide: true,
      iconColor: 'rgba(0, 211, 255, 1)',
      name: 'Annotations & Alerts',
      type: 'dashboard',
    }] + marks },
    // To the others. Variables that they do not have are of no harm, but would be lost on the way back.
    links: [
      { type: 'link', title: other.title, url: '/d/' + config[other.name], icon: 'dashboard', asDropdown: false, includeVars: true, keepTime: other.name != 'readiness', tags: [], targetBlank: false, tooltip: '' }
      for other in [
        { name: 'overview', title: 'Overview' },
        { name: 'relationship', title: 'Relationship' },
        { name: 'readiness', title: 'DR readiness' },
        { name: 'exporter', title: 'Exporter' },
      ]
      if other.name != name
    ],
    panels: std.foldl(line, rows, { id: 1, y: 0, panels: [] }).panels,
  },
}
