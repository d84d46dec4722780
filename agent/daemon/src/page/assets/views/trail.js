// The audit trail: every action and event, filtered, exported, and marked as reviewed by quality.
import { review } from '../actions.js';
import { get, query } from '../api.js';
import { h } from '../dom.js';
import { pages } from '../pages.js';
import { changed, may, now, state } from '../store.js';
import { fromField, moment, zoneWords } from '../time.js';

const KINDS = [['action', 'actions'], ['alarm', 'alarms'], ['event', 'events'], ['batch', 'batches'], ['result', 'results'], ['deviation', 'deviations']];
const GOOD_MS = 5000;

const list = pages('/api/trail');
const filter = { batch: '', unit: '', person: '', text: '', from: '', to: '', kinds: new Set(KINDS.map(([kind]) => kind)) };
let batches = null;

async function loadBatches() {
  batches = batches ?? [];
  try {
    batches = (await get('/api/batches')).batches;
  } catch {
    batches = [];
  }
  changed();
}

function parameters() {
  return {
    batch: filter.batch, unit: filter.unit, person: filter.person.trim(), text: filter.text.trim(), from_ms: fromField(filter.from), to_ms: fromField(filter.to),
    kind: filter.kinds.size === KINDS.length ? '' : [...filter.kinds].join(','),
  };
}

export function trail() {
  if (batches === null) loadBatches();
  const wanted = JSON.stringify(parameters());
  const old = performance.now() - list.at > GOOD_MS && list.rows.length <= 200;
  if (!list.loading && (JSON.stringify(list.asked) !== wanted || old)) list.reload(parameters());
  return [
    h('h1', { class: 'view-title' }, 'Trail'),
    controls(),
    list.error ? h('p', { class: 'problem' }, list.error) : '',
    reviews(),
    list.rows.length === 0 ? h('p', { class: 'calm' }, list.loading || list.at === 0 ? 'Asking the journal…' : 'Nothing is on record like this.')
      : h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Audit trail' }, h('table', { class: 'trail' },
        h('thead', {}, h('tr', {}, ...['Number', 'When', 'Who', 'What', 'Of what', 'In words'].map((words) => h('th', { scope: 'col' }, words)))),
        h('tbody', {}, ...list.rows.map(row)))),
    list.next === null || list.rows.length === 0 ? '' : h('div', { class: 'buttons' }, h('button', { type: 'button', disabled: list.loading, onclick: () => list.more() }, 'Older')),
  ];
}

function controls() {
  const set = (key) => (event) => {
    filter[key] = event.target.value;
    changed();
  };
  const option = (value, words, chosen) => h('option', { value, selected: value === chosen }, words);
  const asked = parameters();
  return h('div', {},
    h('div', { class: 'filters' },
      h('label', {}, h('span', {}, 'Batch'), h('select', { onchange: set('batch') }, option('', 'all', filter.batch), ...(batches ?? []).map((one) => option(one.batch, `${one.batch} (${one.unit})`, filter.batch)))),
      h('label', {}, h('span', {}, 'Unit'), h('select', { onchange: set('unit') }, option('', 'all', filter.unit), ...state.view.units.map((unit) => option(unit.id, unit.id, filter.unit)))),
      h('label', {}, h('span', {}, 'Person'), h('input', { type: 'search', onchange: set('person'), value: filter.person })),
      h('label', {}, h('span', {}, 'Words'), h('input', { type: 'search', onchange: set('text'), value: filter.text })),
      h('label', {}, h('span', {}, `From (${zoneWords(now())})`), h('input', { type: 'datetime-local', onchange: set('from'), value: filter.from })),
      h('label', {}, h('span', {}, `To (${zoneWords(now())})`), h('input', { type: 'datetime-local', onchange: set('to'), value: filter.to }))),
    h('div', { class: 'kinds' },
      ...KINDS.map(([kind, words]) => h('label', { class: 'check' }, h('input', { type: 'checkbox', checked: filter.kinds.has(kind), onchange: (event) => toggle(kind, event.target.checked) }), h('span', {}, words))),
      h('span', { class: 'buttons' },
        h('a', { class: 'button', href: `/api/trail.csv${query(asked)}`, download: 'trail.csv' }, 'Export CSV'),
        h('a', { class: 'button', href: `/api/trail.json${query(asked)}`, download: 'trail.json' }, 'Export JSON'),
        may('review') && list.rows.length ? h('button', { type: 'button', class: 'main', 'data-action': 'review', onclick: () => mark() }, 'Mark as reviewed…') : '')));
}

function toggle(kind, on) {
  if (on) filter.kinds.add(kind);
  else filter.kinds.delete(kind);
  changed();
}

// What is marked is what is in sight, by its numbers.
function mark() {
  const first = list.rows.at(-1).seq;
  const last = list.rows[0].seq;
  const of = filter.batch ? `batch ${filter.batch}` : filter.unit ? `unit ${filter.unit}` : 'all units';
  const unit = filter.unit || (batches ?? []).find((one) => one.batch === filter.batch)?.unit || null;
  const { person, kind, text } = parameters();
  const only = person || kind || text ? ' Only what the filters show counts as reviewed, and the mark says so.' : '';
  review({ unit, batch: filter.batch || null, first_seq: first, last_seq: last, person, kind, text },
    `Records ${first} to ${last} of ${of}, as shown here.${only} The mark is an action of its own, with your name.`);
}

function reviews() {
  if (list.reviews.length === 0) return '';
  return h('ul', { class: 'reviews' }, ...list.reviews.map((one) => h('li', { key: one.seq }, h('b', {}, `Reviewed by ${one.person?.name ?? 'somebody'}`),
    ` ${moment(one.at_ms, now())} · ${one.target}${one.new ? ` · ${one.new}` : ''}`, one.comment ? h('q', {}, one.comment) : '')));
}

function ofWhat(one) {
  if (!one.unit || one.target.includes(one.unit)) return one.target || one.unit || '';
  return one.target ? `${one.unit} ${one.target}` : one.unit;
}

function row(one) {
  const change = one.old !== null || one.new !== null ? `${one.old ?? 'nothing'} → ${one.new ?? 'nothing'}` : '';
  return h('tr', { key: one.seq, class: one.refusal ? 'refused' : '' },
    h('td', { class: 'quiet' }, String(one.seq)),
    h('td', { class: 'time' }, moment(one.at_ms, now())),
    h('td', {}, one.person ? [one.person.name, h('small', { class: 'quiet' }, ` ${one.person.role}`)] : h('span', { class: 'quiet' }, 'agent')),
    h('td', {}, one.kind === 'action' ? h('b', {}, one.what) : one.what, h('small', { class: 'quiet' }, one.kind === 'action' ? '' : ` ${one.kind}`)),
    h('td', {}, ofWhat(one)),
    h('td', {}, one.refusal ? h('strong', {}, `refused: ${one.refusal} `) : '', one.kind === 'action' ? '' : one.text, change ? h('span', {}, ` ${change}`) : '', one.comment ? h('q', {}, one.comment) : ''));
}
