// What is always in sight: where I am, the time, who I am; what is wrong with the page's own connection; what is proven.
import { h } from './dom.js';
import { lineSpan } from './hour.js';
import { to } from './route.js';
import { say } from './say.js';
import { logOut } from './session.js';
import { lightLine } from './views/annunciation.js';
import { mark } from './shapes.js';
import { changed, now, person, sinceView, state } from './store.js';
import { clock, day, isUtc, moment, setUtc, span, zoneWords } from './time.js';
import { count, isStanding, isUnanswered } from './words.js';

// A Master File that ends sooner than this says so at the foot.
const SOON_MS = 60 * 86400000;

export function header() {
  const { view, session, route } = state;
  const at = now();
  const standing = view?.alarms.filter(isStanding) ?? [];
  const unanswered = standing.filter(isUnanswered);
  const open = unanswered.length;
  const worst = Math.min(...unanswered.map((alarm) => alarm.priority));
  const link = (name, words, ...more) => h('a', { href: to(name === 'overview' ? '' : name), 'aria-current': route.view === name ? 'page' : null }, words, ...more);
  const badge = standing.length === 0 ? '' : h('span', { class: `count ${open ? `open p${worst}` : 'seen'}`, title: `${open} of ${standing.length} unanswered` }, String(standing.length));
  return [
    h('span', { class: 'site' }, session?.site.name ?? 'cellwatch'),
    h('nav', { 'aria-label': 'Views' }, link('overview', 'Overview'), link('alarms', 'Alarms', badge), link('trail', 'Trail'), link('system', 'System')),
    h('div', { class: 'right' },
      h('button', { class: 'clock', type: 'button', 'aria-pressed': String(isUtc()), title: isUtc() ? 'Show site time' : 'Show UTC', onclick: toggleUtc },
        h('strong', {}, session ? `${clock(at)} ${zoneWords(at)}` : '--:--:--'), h('span', {}, ageWords())),
      who()),
  ];
}

function toggleUtc() {
  setUtc(!isUtc());
  say(isUtc() ? 'All times are UTC now.' : `All times are the site’s now (${state.session?.site.time_zone}).`);
  changed();
}

// The age of what is shown counts in sight: a picture that stands still says so itself.
function ageWords() {
  if (state.viewHeard === null) return 'no data yet';
  return `data ${span(sinceView())} old`;
}

function who() {
  const me = person();
  if (!me) return state.route.view === 'login' ? '' : h('a', { class: 'button', href: to('login') }, 'Log in');
  return h('div', { class: 'person' }, h('span', { class: 'name' }, me.name, h('span', { class: 'role' }, me.role)),
    h('button', { type: 'button', onclick: () => logOut().catch((error) => say(error.message)) }, 'Log out'));
}

// True where what is shown is not what is.
export function isOld() {
  const { link } = state;
  return link.wanted !== false && !link.trying && (!link.up || link.stands);
}

export function notices() {
  const { link, session } = state;
  if (link.up && link.stands) {
    return notice('The agent’s picture stands still', `It answers, but has shown nothing new for ${span(sinceView())}. What you see is old: look at the devices themselves, and call maintenance.`);
  }
  if (link.up || link.trying || link.wanted === false) return [];
  const refused = link.words ? `The agent says: ${link.words}` : 'This page tries again by itself.';
  if (link.since === null) return notice('No connection to the agent', `It has not answered yet. ${refused} Until then look at the devices themselves.`);
  const since = session ? `${moment(link.since, now())} ${zoneWords(link.since)}` : '';
  return notice(`No connection to the agent since ${since}`, `What you see is ${span(now() - link.since)} old and shows nothing new. Look at the devices themselves. ${refused}`);
}

function notice(title, words) {
  return [h('div', { class: 'notice' }, mark(false), h('strong', {}, title), h('p', { 'aria-live': 'off' }, words))];
}

export function footer() {
  const system = state.view?.system;
  if (!system) return [];
  const lines = state.route.view === 'overview' ? h('span', { class: 'lines' }, `lines: ${span(lineSpan(now()))}`) : '';
  return [lightLine(), delivery(system), judge(system), clockState(system), wrong(system), lines];
}

function delivery({ delivery: line, journal }) {
  if (!line.broker_up) {
    const waiting = line.backlog ? `${count(line.backlog, 'record waits', 'records wait')}` : 'everything is kept here';
    return h('span', { class: 'wrong' }, mark(false), `No link to the Control Site, ${waiting}`);
  }
  if (journal === null || line.last_receipt_ms === null || line.last_receipt_ms === undefined) return h('span', {}, 'Control Site ', h('b', {}, 'connected'));
  const open = journal.seq - line.receipt_through;
  return h('span', {}, 'Control Site has everything ', open <= 0 ? '' : 'up to ', h('b', {}, open <= 0 ? 'so far' : moment(line.last_receipt_ms, now())));
}

function judge({ master_file: file }) {
  if (file === null) return state.view.room ? '' : h('span', { class: 'wrong' }, mark(false), 'No Master File is in force: nothing is judged');
  return h('span', {}, 'Master File ', h('b', {}, `${file.id} v${file.version}`), file.expires_ms - now() < SOON_MS ? ` until ${day(file.expires_ms)}` : '');
}

function clockState({ clock: at }) {
  const bound = at.sync === 'synchronised' && at.error_bound_us ? ` ±${Math.max(1, Math.round(at.error_bound_us / 1000))} ms` : '';
  if (!at.trusted) return h('span', { class: 'wrong' }, mark(false), `clock ${at.sync}`);
  return h('span', {}, 'clock ', h('b', {}, at.sync), bound);
}

function wrong({ problems }) {
  if (problems.length === 0) return '';
  return h('span', { class: 'wrong' }, mark(false), h('a', { href: to('system') }, `${count(problems.length, 'problem', 'problems')}`));
}
