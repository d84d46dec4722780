// What alarms have done: every transition, newest first.
import { query } from '../api.js';
import { h } from '../dom.js';
import { HOUR_MS } from '../hour.js';
import { pages } from '../pages.js';
import { shape } from '../shapes.js';
import { changed, now, state } from '../store.js';
import { moment } from '../time.js';
import { PRIORITY_WORD, tagWords } from '../words.js';

// A list in sight is asked for again after so long.
const GOOD_MS = 10000;
const SPANS = [['8', 'last 8 hours'], ['24', 'last 24 hours'], ['168', 'last 7 days'], ['', 'all']];

const list = pages('/api/alarms/history');
const filter = { unit: '', alarm: '', hours: '24' };

function parameters() {
  return { unit: filter.unit, alarm: filter.alarm.trim(), from_ms: filter.hours === '' ? null : Math.floor(now() - Number(filter.hours) * HOUR_MS) };
}

export function history() {
  if (!list.loading && (list.asked === null || (performance.now() - list.at > GOOD_MS && list.rows.length <= 200))) list.reload(parameters());
  const set = (key) => (event) => {
    filter[key] = event.target.value;
    list.reload(parameters());
    changed();
  };
  const option = (value, words, chosen) => h('option', { value, selected: value === chosen }, words);
  return h('section', { key: 'history', class: 'list' },
    h('div', { class: 'filters' },
      h('label', {}, h('span', {}, 'Time'), h('select', { onchange: set('hours') }, ...SPANS.map(([value, words]) => option(value, words, filter.hours)))),
      h('label', {}, h('span', {}, 'Unit'), h('select', { onchange: set('unit') }, option('', 'all', filter.unit), ...state.view.units.map((unit) => option(unit.id, unit.id, filter.unit)))),
      h('label', {}, h('span', {}, 'Alarm'), h('input', { type: 'search', onchange: set('alarm'), value: filter.alarm, placeholder: 'such as TEMP.HH' })),
      h('a', { class: 'button', href: `/api/trail.csv${query({ ...parameters(), kind: 'alarm' })}`, download: 'alarms.csv' }, 'Export')),
    list.error ? h('p', { class: 'problem' }, list.error) : '',
    list.rows.length === 0 && !list.error ? h('p', { class: 'calm' }, list.loading || list.asked === null ? 'Asking the journal…' : 'No alarm in this time.') : '',
    list.rows.length ? h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'History of alarms' }, h('table', {},
      h('thead', {}, h('tr', {}, ...['When', 'Unit', 'Alarm', 'What happened', 'Who'].map((words) => h('th', { scope: 'col' }, words)))),
      h('tbody', {}, ...list.rows.map(row)))) : '',
    list.next === null || list.rows.length === 0 ? '' : h('div', { class: 'buttons' }, h('button', { type: 'button', disabled: list.loading, onclick: () => list.more() }, 'Older')));
}

function row(one) {
  const alarm = one.target.split('/').at(-1);
  return h('tr', { key: one.seq },
    h('td', { class: 'time' }, moment(one.at_ms, now())),
    h('td', {}, one.unit ?? 'agent'),
    h('td', { class: 'with-shape' }, one.priority ? shape(PRIORITY_WORD[one.priority], one.what === 'raised' || one.what === 're-alarmed' ? 'filled' : 'outline') : '', h('span', {}, tagWords(alarm))),
    h('td', {}, h('strong', {}, one.what), one.text ? h('span', { class: 'quiet small' }, ` ${one.text}`) : '', one.comment ? h('q', {}, one.comment) : ''),
    h('td', {}, one.person ? `${one.person.name}, ${one.person.role}` : ''));
}
