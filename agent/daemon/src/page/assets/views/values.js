// The values of a unit: reading, band, quality and age; a press puts the trend beside it.
import { bandBar } from '../band.js';
import { h } from '../dom.js';
import { shape } from '../shapes.js';
import { changed, now, sinceView } from '../store.js';
import { moment } from '../time.js';
import { look as trendLook } from '../trends.js';
import { ageWords, look, measure, reading, tagWords } from '../words.js';

// Charts beside each other at most; one more replaces the oldest.
export const CHARTS_MAX = 4;

export function chosen(unit) {
  const numeric = unit.values.filter((value) => value.decimals !== null && typeof value.value !== 'string' && typeof value.value !== 'boolean');
  trendLook.chosen ??= (numeric.some((value) => value.critical) ? numeric.filter((value) => value.critical) : numeric).slice(0, CHARTS_MAX).map((value) => value.parameter);
  return trendLook.chosen;
}

export function values(unit, alarms) {
  return h('section', { class: 'values', 'aria-labelledby': 'values-title' },
    h('h2', { id: 'values-title' }, 'Values'),
    h('ul', {}, ...unit.values.map((value) => row(unit, value, alarms))),
    unit.values_left_out > 0 ? h('p', { class: 'quiet' }, `${unit.values_left_out} further values are recorded and not shown.`) : '');
}

function row(unit, value, alarms) {
  const [alarm] = alarms.filter((one) => one.source === value.parameter && look(one) !== 'dashed');
  const none = value.quality === 'bad' || value.value === null;
  const shown = chosen(unit).includes(value.parameter);
  const hasTrend = value.decimals !== null && typeof value.value !== 'string' && typeof value.value !== 'boolean';
  const limits = { ll: value.limits.LL, l: value.limits.L, h: value.limits.H, hh: value.limits.HH, setPoint: value.set_point };
  const name = [h('b', {}, tagWords(value.parameter)), tagWords(value.parameter) === value.parameter ? '' : h('small', {}, value.parameter)];
  return h('li', { key: value.parameter, class: `${alarm ? `p${alarm.priority} ${look(alarm)}` : ''} ${none ? 'none' : ''} ${value.critical ? 'critical' : ''}` },
    hasTrend ? h('button', { type: 'button', class: 'tag', 'aria-pressed': String(shown), title: shown ? 'Take the trend away' : 'Show the trend', onclick: () => toggle(unit, value.parameter) }, h('i', {}), ...name)
      : h('span', { class: 'tag' }, h('i', {}), ...name),
    none ? h('span', { class: 'no-reading' }, 'no reading')
      : h('span', { class: 'value' }, alarm ? shape(alarm.priority_word, look(alarm)) : '', h('strong', {}, reading(value)), h('small', {}, measure(value.unit))),
    none ? '' : h('span', { class: 'bar' }, typeof value.value === 'number' ? bandBar(limits, value.value, alarm?.priority) : ''),
    h('span', { class: 'quality' }, qualityWords(value)));
}

function qualityWords(value) {
  const age = ageWords(value, sinceView());
  if (value.quality === 'good') return ['good', h('br'), age];
  const since = value.no_value_since_ms === null ? '' : ` since ${moment(value.no_value_since_ms, now())}`;
  return h('strong', {}, `${value.quality}: ${value.cause ?? 'no cause given'}${since}`);
}

function toggle(unit, parameter) {
  const list = chosen(unit);
  trendLook.chosen = list.includes(parameter) ? list.filter((one) => one !== parameter) : [...list, parameter].slice(-CHARTS_MAX);
  changed();
}
