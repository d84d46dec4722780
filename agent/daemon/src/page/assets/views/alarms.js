// All alarms: standing, put aside in one of three ways, and what has been.
import { csv, save } from '../export.js';
import { h } from '../dom.js';
import { to } from '../route.js';
import { changed, now, person, state } from '../store.js';
import { alarmTitle, look, stateWords } from '../words.js';
import { alarmCard } from './alarm-card.js';
import { history } from './history.js';

const TABS = [
  ['standing', 'Standing', (alarm) => look(alarm) !== 'dashed'],
  ['shelved', 'Shelved', (alarm) => alarm.state === 'SHLVD'],
  ['suppressed', 'Suppressed', (alarm) => alarm.state === 'DSUPR'],
  ['out-of-service', 'Out of service', (alarm) => alarm.state === 'OOSRV'],
];
const ORDERS = {
  urgency: ['most urgent first', () => 0],
  newest: ['newest first', (a, b) => b.raised_ms - a.raised_ms],
  unit: ['by unit', (a, b) => (a.unit ?? '').localeCompare(b.unit ?? '') || a.priority - b.priority],
};
const EMPTY = {
  standing: 'No alarm stands. Nothing is to be done.', shelved: 'No alarm is shelved.', suppressed: 'No alarm is suppressed by design.',
  'out-of-service': 'No alarm is out of service.',
};

const filter = { order: 'urgency', unit: '', priority: '', text: '' };

export function alarms() {
  const tab = state.route.words[0] || 'standing';
  const all = state.view.alarms;
  return [
    h('h1', { class: 'view-title' }, 'Alarms'),
    h('div', { class: 'tabs', role: 'group', 'aria-label': 'Which alarms' },
      ...TABS.map(([name, words, is]) => h('a', { class: 'button', href: to('alarms', name), 'aria-current': tab === name ? 'true' : null }, words, ' ', h('b', {}, String(all.filter(is).length)))),
      person() ? h('a', { class: 'button', href: to('alarms', 'history'), 'aria-current': tab === 'history' ? 'true' : null }, 'History') : ''),
    tab === 'history' && person() ? history() : list(all, TABS.find(([name]) => name === tab) ?? TABS[0]),
  ];
}

function list(all, [name, , is]) {
  const mine = all.filter(is);
  const words = filter.text.toLowerCase();
  const shown = mine.filter((alarm) => (filter.unit === '' || (alarm.unit ?? 'agent') === filter.unit) && (filter.priority === '' || String(alarm.priority) === filter.priority)
    && (words === '' || `${alarmTitle(alarm)} ${alarm.id} ${alarm.note ?? ''} ${alarm.said?.comment ?? ''}`.toLowerCase().includes(words)));
  const [, order] = ORDERS[filter.order];
  return h('section', { key: name, class: 'list' },
    mine.length === 0 ? '' : controls(mine, shown, name),
    mine.length === 0 ? h('p', { class: 'calm' }, EMPTY[name]) : shown.length === 0 ? h('p', { class: 'calm' }, 'No alarm is like this: change the filter.') : '',
    ...[...shown].sort(order).map((alarm) => alarmCard(alarm)));
}

function controls(mine, shown, name) {
  const set = (key) => (event) => {
    filter[key] = event.target.value;
    changed();
  };
  const units = [...new Set(mine.map((alarm) => alarm.unit ?? 'agent'))];
  const option = (value, words, chosen) => h('option', { value, selected: value === chosen }, words);
  return h('details', { class: 'find', open: innerWidth > 700 }, h('summary', {}, 'Find, filter, order, export'), h('div', { class: 'filters' },
    h('label', {}, h('span', {}, 'Find'), h('input', { type: 'search', oninput: set('text'), value: filter.text })),
    h('label', {}, h('span', {}, 'Unit'), h('select', { onchange: set('unit') }, option('', 'all', filter.unit), ...units.map((unit) => option(unit, unit, filter.unit)))),
    h('label', {}, h('span', {}, 'Priority'), h('select', { onchange: set('priority') }, option('', 'all', filter.priority),
      ...[['1', '1 critical'], ['2', '2 high'], ['3', '3 medium'], ['4', '4 low']].map(([value, words]) => option(value, words, filter.priority)))),
    h('label', {}, h('span', {}, 'Order'), h('select', { onchange: set('order') }, ...Object.entries(ORDERS).map(([key, [words]]) => option(key, words, filter.order)))),
    h('button', { type: 'button', 'data-action': 'export', onclick: () => exportList(shown, name) }, 'Export')));
}

function exportList(shown, name) {
  const at = now();
  const rows = shown.map((alarm) => [alarm.unit ?? 'agent', alarm.id, alarmTitle(alarm), alarm.priority, alarm.state, stateWords(alarm, at), new Date(alarm.raised_ms).toISOString(),
    alarm.value, alarm.limit, alarm.unit_of_measure, alarm.said?.name, alarm.said?.comment, alarm.cause, alarm.consequence, alarm.response, alarm.time_to_respond_s]);
  save(`alarms-${name}.csv`, csv([['unit', 'alarm', 'words', 'priority', 'state', 'state in words', 'raised (UTC)', 'value', 'limit', 'unit of measure', 'person', 'comment', 'cause',
    'consequence', 'response', 'time to respond (s)'], ...rows]));
}
