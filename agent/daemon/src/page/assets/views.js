// The view of the present address.
import { h } from './dom.js';
import { mayLook } from './session.js';
import { state } from './store.js';
import { alarms } from './views/alarms.js';
import { login } from './views/login.js';
import { overview } from './views/overview.js';
import { system } from './views/system.js';
import { trail } from './views/trail.js';
import { unit } from './views/unit.js';

const VIEWS = { overview, unit, alarms, trail, system, login };

function waiting(words) {
  return [h('h1', { class: 'hidden-words' }, state.session?.site.name ?? 'cellwatch'), h('p', { class: 'wait' }, words)];
}

export function view() {
  const { session } = state;
  if (session === null) return waiting(state.link.trying ? 'Asking the agent for the first picture…' : '');
  if (state.route.view === 'login' || !mayLook(session)) return login();
  if (state.route.view === 'trail' && !session.person) return login('The trail shows who did what: log in to read it.');
  if (state.view === null) return waiting('Waiting for the agent’s picture…');
  return VIEWS[state.route.view]();
}
