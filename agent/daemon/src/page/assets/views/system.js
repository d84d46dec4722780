// How the agent itself is: what is wrong first, in words; then what it stands on.
import { h } from '../dom.js';
import { mark, shape } from '../shapes.js';
import { annunciationCard } from './annunciation.js';
import { now, person, state } from '../store.js';
import { day, moment, span, stamp } from '../time.js';
import { PRIORITY_WORD, count } from '../words.js';

// A certificate ends soon: when the agent's alarm says so, too.
const SOON_MS = 14 * 86400000;

export function system() {
  const { system: s } = state.view;
  return [
    h('h1', { class: 'view-title' }, 'System'),
    problems(s.problems),
    h('div', { class: 'facts' }, delivery(s), annunciationCard(), journal(s), clock(s), masterFile(s), certificate(s), versions(s)),
    devices(s.devices),
    person() ? '' : h('p', { class: 'quiet' }, 'Log in to see everything.'),
  ];
}

function problems(list) {
  if (list.length === 0) return h('p', { class: 'calm' }, mark(true), 'Nothing is wrong with the agent.');
  return h('section', { 'aria-labelledby': 'wrong-title' }, h('h2', { id: 'wrong-title' }, 'What is wrong'),
    h('ol', { class: 'problems' }, ...list.map((one) => h('li', { key: `${one.alarm} ${one.unit} ${one.device} ${one.text}`, class: `p${one.priority}` }, shape(PRIORITY_WORD[one.priority], 'filled'),
      h('div', {}, h('strong', {}, one.text), one.response ? h('p', {}, one.response) : '',
        h('p', { class: 'quiet small' }, [where(one), one.since_ms === null ? '' : `since ${moment(one.since_ms, now())}, for ${span(now() - one.since_ms)}`].filter(Boolean).join(' · ')))))));
}

function where(one) {
  return [one.unit, one.device, one.alarm].filter(Boolean).join(' · ');
}

function card(title, good, words, rows) {
  return h('section', { class: 'card', key: title }, h('h2', {}, mark(good), title), h('p', {}, words),
    h('dl', {}, ...rows.filter((row) => row && row[1] !== null && row[1] !== undefined && row[1] !== '').flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)])));
}

function delivery({ delivery: line, journal: own }) {
  const open = own ? own.seq - line.receipt_through : null;
  const words = !line.broker_up ? 'No link. Everything is kept here and sent later.'
    : open === null ? 'Connected.' : open <= 0 ? 'Connected; it has received everything.' : 'Connected.';
  return card('Control Site', line.broker_up, words, [
    ['last receipt', line.last_receipt_ms ? `${moment(line.last_receipt_ms, now())}, ${span(now() - line.last_receipt_ms)} ago` : own ? 'none since the start' : ''],
    ['received through', line.receipt_through === undefined || line.receipt_through === null ? '' : line.receipt_through.toLocaleString('en')],
    ['waiting to be sent', line.backlog === undefined || line.backlog === null ? '' : count(line.backlog, 'record', 'records')],
    line.undeliverable ? ['cannot be delivered', count(line.undeliverable, 'record', 'records')] : null,
  ]);
}

function journal({ journal: own }) {
  if (!own) return '';
  const behind = own.seq - own.durable;
  return card('Journal', true, `${own.durable.toLocaleString('en')} records on disk.`, [
    ['last number', own.seq.toLocaleString('en')], ['not on disk yet', behind > 0 ? String(behind) : 'none'], ['journal', h('code', {}, own.id)],
  ]);
}

function clock({ clock: at }) {
  const bound = at.error_bound_us ? `at most ${at.error_bound_us < 1000 ? `${at.error_bound_us} µs` : `${Math.round(at.error_bound_us / 1000).toLocaleString('en')} ms`} off` : '';
  const words = { synchronised: 'Synchronised.', simulated: 'Declared simulated: every record says so.', unsynchronised: 'Not synchronised: dates of a new Master File cannot be judged.', unknown: 'Nobody knows whether it is right.' };
  return card('Clock', at.trusted, words[at.sync] ?? at.sync, [
    ['error', bound], ['UTC', new Date(now()).toISOString().slice(0, 19).replace('T', ' ')], ['site', `${stamp(now())}, ${state.session.site.time_zone}`],
  ]);
}

function masterFile({ master_file: file }) {
  if (!file) return state.view.room ? '' : card('Master File', false, 'None is in force: nothing is judged. Ask the Control Site for one that is signed for this site.', []);
  const expired = file.expires_ms < now();
  return card('Master File', !expired, expired ? `Expired on ${day(file.expires_ms)}: it goes on judging, under an alarm. Ask the Control Site for the next one.` : `${file.id}, version ${file.version}, in force.`, [
    ['product', file.product], ['approved by', file.approvers.map((one) => `${one.name} (${one.role})`).join(', ')], ['valid', `${day(file.effective_ms)} to ${day(file.expires_ms)}`],
    ['waiting', file.waiting ? `${file.waiting.id} version ${file.waiting.version}, from the next batch on` : ''], ['SHA-256', h('code', {}, file.sha256)],
  ]);
}

function certificate({ certificate: own }) {
  if (!own || own.expires_ms === null) return '';
  const left = own.expires_ms - now();
  const name = left > SOON_MS ? 'Good' : `${own.name} is good`;
  return card('Certificate', left > SOON_MS, left < 0 ? `Expired: replace ${own.name}.` : `${name} for another ${span(left)}.`, [['until', stamp(own.expires_ms)]]);
}

function versions(s) {
  return card('Program', true, `cellwatch ${s.version ?? state.session.version}`, [
    ['agent', state.view.agent], ['site', state.view.site], ['started', s.started_ms ? `${moment(s.started_ms, now())}, ${span(now() - s.started_ms)} ago` : ''],
  ]);
}

function devices(list) {
  if (list.length === 0) return '';
  const words = (one) => (one.answers === null ? 'not asked yet' : one.answers ? 'answers' : 'does not answer');
  return h('section', { class: 'devices', 'aria-labelledby': 'devices-title' }, h('h2', { id: 'devices-title' }, 'Devices'),
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table of devices' }, h('table', {},
      h('thead', {}, h('tr', {}, ...['Device', 'State', 'Unit', 'Line', 'Profile', 'Asked', 'Answered', 'Timeouts', 'Errors', 'Skipped'].map((title, i) => h('th', { scope: 'col', class: i > 4 ? 'number' : '' }, title)))),
      h('tbody', {}, ...list.map((one) => h('tr', { key: one.id },
        h('th', { scope: 'row' }, one.id),
        h('td', { class: 'with-shape' }, one.answers === null ? '' : mark(one.answers), h(one.answers === false ? 'strong' : 'span', {}, words(one))),
        h('td', {}, one.unit ?? ''), h('td', {}, one.line ?? ''), h('td', {}, one.profile ?? ''),
        ...['polls', 'replies', 'timeouts', 'errors', 'skipped'].map((name) => h('td', { class: 'number' }, (one[name] ?? 0).toLocaleString('en')))))))));
}
