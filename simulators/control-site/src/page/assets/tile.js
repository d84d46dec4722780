// A unit's tile: process values first and large, what the device says of itself in one quiet line.
import { h, line, shape } from './draw.js';
import { STATE_WORDS, alarmReason, alarmWords, measure, number, reading, span } from './words.js';

export function showUnit(s, agent, unit) {
  const alarms = s.alarms.filter((alarm) => alarm.agent === unit.agent && alarm.unit === unit.unit);
  const worst = alarms.find((alarm) => !alarm.answered) ?? alarms[0];
  const tile = s.tiles.find((one) => one.agent === unit.agent && one.unit === unit.unit);
  const lost = agent.oversight === 'lost';
  const spanS = Math.max(0, ...s.tiles.flatMap((one) => one.rows.map((row) => row.trend?.span_s ?? 0)));
  const rows = tile?.rows ?? [];
  const elsewhere = alarms.filter((alarm) => !rows.some((row) => row.parameter === alarm.source));
  return h('article', { class: ['unit', worst ? `p${worst.priority} ${worst.answered ? 'answered' : 'open'}` : '', lost ? 'unwatched' : ''].join(' ') },
    showHeader(unit, tile),
    lost ? h('p', { class: 'not-watched' }, 'not watched: these are the last values that came') : '',
    rows.length === 0 ? h('p', { class: 'quiet' }, 'no verified values yet') : h('ul', { class: 'rows' }, ...rows.map((row) => showRow(row, alarms, spanS, s.now_ms))),
    ...elsewhere.map((alarm) => h('p', { class: `elsewhere p${alarm.priority}` }, shape(alarm.priority, alarm.answered), h('strong', {}, alarmWords(alarm)))),
    tile ? showAside(tile, spanS) : '');
}

function showHeader(unit, tile) {
  const said = tile?.phase ? reading(tile.phase) : '';
  // The batch's phase is the record's; the device may be in another one.
  const phase = unit.phase ?? said;
  const other = said && said !== phase ? `, device says ${said}` : '';
  return h('header', {},
    h('h3', {}, unit.unit),
    h('span', { class: 'phase' }, phase + other),
    h('span', { class: 'batch' }, unit.batch ? `batch ${unit.batch}` : 'no batch'));
}

function showRow(row, alarms, spanS, nowMs) {
  const mine = alarms.filter((alarm) => alarm.source === row.parameter);
  const alarm = mine.find((one) => !one.answered) ?? mine[0];
  const bad = row.quality >= 64 || (row.value === null && row.text === null);
  const doubt = bad || row.quality !== 0 ? row.quality_words.replace(/^bad: /, '') : '';
  return h('li', { class: alarm ? `p${alarm.priority} ${alarm.answered ? 'answered' : 'open'}` : bad ? 'bad' : '' },
    h('span', { class: 'name' }, row.parameter),
    h('span', { class: 'sign' }, alarm ? shape(alarm.priority, alarm.answered) : ''),
    bad ? h('span', { class: 'none' }, 'no reading') : h('span', { class: 'number' }, row.word ?? row.text ?? number(row.value, row.decimals)),
    bad || row.word ? '' : h('span', { class: 'measure' }, measure(row.unit_of_measure).trim()),
    row.set_point ? h('span', { class: 'set' }, `set ${number(row.set_point.value, row.set_point.decimals)}`) : '',
    h('span', { class: 'trend' }, row.trend ? line(row.trend, row.decimals, spanS, nowMs) : ''),
    h('span', { class: 'why' },
      alarm ? h('strong', {}, `${alarmReason(alarm)} · ${STATE_WORDS[alarm.state] ?? alarm.state}`) : '',
      doubt ? h('span', { class: 'doubt' }, doubt) : '',
      h('span', { class: 'old', 'data-old': row.at_ms })));
}

function showAside(tile, spanS) {
  const words = tile.aside.map((value) => {
    if (value.part === 'serial') return `device ${reading(value)}`;
    if (value.part === 'heartbeat') return `heartbeat ${reading(value)}`;
    return `${value.parameter} ${reading(value)}`;
  });
  if (spanS > 0) words.push(`lines: last ${span(spanS)}`);
  const more = tile.more === 0 ? '' : h('a', { href: `/api/values?unit=${encodeURIComponent(tile.unit)}&agent=${encodeURIComponent(tile.agent)}` },
    `and ${tile.more.toLocaleString('en')} more${tile.more_without_reading > 0 ? `, ${tile.more_without_reading.toLocaleString('en')} without a reading` : ''}`);
  return h('p', { class: 'aside' }, ...words.map((one) => h('span', {}, one)), more);
}
