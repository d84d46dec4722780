// A unit's tile: name, phase and time in it, the critical values in their bands, its alarms and who has seen them.
import { bandBar } from '../band.js';
import { h } from '../dom.js';
import { lastHour, lineSpan } from '../hour.js';
import { to } from '../route.js';
import { mark, shape } from '../shapes.js';
import { spark } from '../spark.js';
import { now, sinceView } from '../store.js';
import { coarse, countdown, moment, span } from '../time.js';
import { alarmWords, look, measure, reading, stateWords, tagWords, timeLeft } from '../words.js';

// Rows in a tile; what is in alarm or without a reading comes first where there are more.
const ROWS_MAX = 6;
// Alarms in words below them.
const ALARMS_MAX = 2;

export function tile(unit, view) {
  const alarms = view.alarms.filter((alarm) => alarm.unit === unit.id && look(alarm) !== 'dashed');
  const put = putAside(view.alarms.filter((alarm) => alarm.unit === unit.id && look(alarm) === 'dashed'));
  const open = alarms.some((alarm) => look(alarm) === 'filled');
  const rows = choose(unit, alarms);
  return h('article', { class: `tile ${alarms.length ? `p${unit.worst_priority ?? alarms[0].priority} ${open ? 'open' : 'seen'}` : unit.state}`, key: unit.id },
    h('header', {},
      h('h2', {}, h('a', { href: to('unit', unit.id) }, unit.id)),
      isRepeated(unit) ? '' : h('p', { class: 'name' }, unit.name),
      phaseLine(unit),
      stateSign(unit, alarms, open)),
    rows.length === 0 ? h('p', { class: 'quiet' }, 'The Master File names no value of this unit.')
      : h('ul', { class: 'rows', geometry: room(rows, alarms) }, ...rows.map((value) => row(unit, value, alarms))),
    alarms.length || put ? h('div', { class: 'why' }, ...alarms.slice(0, ALARMS_MAX).map(why), more(alarms.length, put)) : '');
}

// A name that only says the id again is worth no room.
function isRepeated({ id, name }) {
  return name.replace(/^unit\s+/i, '') === id;
}

function isLoud(value, alarms) {
  return value.quality === 'bad' || value.value === null || alarms.some((alarm) => alarm.source === value.parameter);
}

function room(rows, alarms) {
  const loud = rows.filter((value) => isLoud(value, alarms)).length;
  const doubts = rows.filter((value) => value.quality === 'uncertain').length;
  const none = rows.filter((value) => value.quality === 'bad' || value.value === null).length;
  return { '--loud': loud, '--still': rows.length - loud, '--doubts': doubts, '--none': none };
}

function stateSign(unit, alarms, open) {
  const words = alarms.length ? (open ? 'ALARM' : 'alarm, seen')
    : { normal: unit.batch || unit.phase ? 'normal' : 'no batch', 'no-data': 'NO DATA', 'not-judged': 'not judged' }[unit.state] ?? unit.state;
  const [worst] = alarms;
  return h('p', { class: 'state' }, worst ? shape(worst.priority_word, look(worst)) : unit.state === 'normal' ? mark(true) : mark(false), h('span', {}, words));
}

function phaseLine(unit) {
  const { phase } = unit;
  if (phase === null) return h('p', { class: 'phase' }, h('span', { class: 'in' }, unit.batch ? 'no phase known' : 'no batch runs'));
  const most = phase.max_ms ?? phase.min_ms;
  const lasts = phase.lasts_ms + sinceView();
  return h('p', { class: 'phase' },
    h('span', { class: 'in' }, h('span', { class: 'now' }, h('b', {}, phase.name), h('span', { class: 'lasts' }, ` · ${coarse(lasts)}`)), most ? h('span', { class: 'of' }, ` of ${phase.max_ms ? '' : 'at least '}${span(most)}`) : ''),
    h('span', { class: 'steps', 'aria-hidden': 'true' }, ...unit.phases.map((one) => {
      const at = unit.phases.findIndex((other) => other.id === phase.id);
      const i = unit.phases.indexOf(one);
      const done = i < at ? 100 : i > at ? 0 : most ? Math.min(100, Math.max(4, 100 * lasts / most)) : 50;
      return h('i', { class: i === at ? 'current' : '' }, h('u', { geometry: { width: `${done}%` } }));
    })));
}

function choose(unit, alarms) {
  const urgency = (value) => (alarms.some((alarm) => alarm.source === value.parameter) ? 0 : value.quality === 'bad' && value.critical ? 1 : value.critical ? 2 : 3);
  const shown = unit.values.filter((value) => urgency(value) < 3);
  const all = shown.length ? shown : unit.values.slice(0, 4);
  const kept = new Set([...all].sort((a, b) => urgency(a) - urgency(b)).slice(0, ROWS_MAX));
  return all.filter((value) => kept.has(value));
}

function row(unit, value, alarms) {
  const mine = alarms.filter((alarm) => alarm.source === value.parameter);
  const [alarm] = mine;
  const none = value.quality === 'bad' || value.value === null;
  const limits = { ll: value.limits.LL, l: value.limits.L, h: value.limits.H, hh: value.limits.HH, setPoint: value.set_point };
  const numeric = typeof value.value === 'number';
  return h('li', { class: `${isLoud(value, alarms) ? 'loud' : 'still'} ${alarm ? `p${alarm.priority} ${look(alarm)}` : ''} ${none ? 'none' : ''} ${value.quality}`, key: value.parameter },
    h('span', { class: 'tag' }, tagWords(value.parameter)),
    none ? h('span', { class: 'no-reading' }, 'no reading') : h('span', { class: 'value' }, alarm ? shape(alarm.priority_word, look(alarm)) : '',
      h('strong', {}, reading(value)), h('small', {}, measure(value.unit) || ' ')),
    none ? doubt(value) : h('span', { class: 'bar' }, bandBar(limits, numeric ? value.value : null, alarm?.priority)),
    h('span', { class: 'line' }, spark(lastHour(unit.id, value.parameter), limits, lineSpan(now()), now())),
    none ? '' : doubt(value));
}

// Why there is no reading, or why it is to be used with care.
function doubt(value) {
  if (value.quality === 'good') return '';
  const since = value.no_value_since_ms === null ? '' : `since ${moment(value.no_value_since_ms, now())}: `;
  return h('span', { class: `doubt ${value.quality}` }, `${value.quality === 'uncertain' ? 'uncertain: ' : since}${value.cause ?? 'no cause given'}`);
}

// What there is to know first stands first: where room is short, the last parts are left out.
function why(alarm) {
  const at = now();
  const time = timeLeft(alarm, at);
  return h('p', { class: `p${alarm.priority}`, key: alarm.id }, shape(alarm.priority_word, look(alarm)),
    h('span', { class: 'words' }, h('strong', {}, alarmWords(alarm)),
      time ? h('span', { class: 'left' }, time.late ? ' · late by ' : ' · answer within ', h('b', {}, countdown(time.ms))) : '',
      h('span', {}, ` · ${stateWords(alarm, at)}`), alarm.active ? h('span', {}, ` · for ${span(at - alarm.raised_ms)}`) : ''),
    alarm.said?.comment ? h('q', {}, alarm.said.comment) : '');
}

// How many more there are than are in sight: a low tile shows one alarm, a tall one as many as ALARMS_MAX.
function more(number, put) {
  const words = (shown) => [number > shown ? `+${number - shown} more` : '', put].filter(Boolean).join(' · ');
  const [low, tall] = [words(1), words(ALARMS_MAX)];
  return low === '' ? '' : h('p', { class: 'more', key: 'more' }, h('span', { class: 'of-low' }, low), tall === '' ? '' : h('span', { class: 'of-tall' }, tall));
}

// What the phase does not judge is suppressed by design and not worth a word here.
function putAside(alarms) {
  const number = (state) => alarms.filter((alarm) => alarm.state === state).length;
  return [[number('SHLVD'), 'shelved'], [number('OOSRV'), 'out of service']]
    .filter(([n]) => n > 0).map(([n, words]) => `${n} ${words}`).join(' · ');
}
