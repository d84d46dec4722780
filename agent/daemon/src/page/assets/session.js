// Who looks at the page.
import { get, post } from './api.js';
import { changed, heardTime, state } from './store.js';
import { setZone } from './time.js';
import { say } from './say.js';
import { span } from './time.js';

// The agent counts as idle who has pressed nothing; it is told of keys and pointers at most so often.
const ACTIVE_EVERY_MS = 30000;

const ENDED = {
  idle: () => `You were logged out: nothing was pressed here for ${span(state.session?.idle_logout_ms ?? 0)}.`,
  changed: () => 'You were logged out: your account was changed.',
  restart: () => 'You were logged out: the agent was started again.',
};

let told = 0;
const followers = new Set();

// Whether there is a picture for these eyes.
export function mayLook(session) {
  return session.person ? !session.person.must_change_password : session.room_overview;
}

// Calls the listener when somebody logs in or out.
export function onSession(listener) {
  followers.add(listener);
}

// Asks the agent who is logged in; null while it does not answer.
export async function loadSession(ended) {
  try {
    const session = await get('/api/session');
    if (ended && ENDED[ended]) say(ENDED[ended]());
    take(session, Boolean(ended));
    return session;
  } catch {
    return null;
  }
}

function take(session, always) {
  const before = JSON.stringify(state.session?.person ?? null);
  state.session = session;
  setZone(session.site.time_zone);
  heardTime(session.now_ms);
  if (always || before !== JSON.stringify(session.person)) {
    // A picture for other eyes is not left standing.
    state.view = null;
    state.viewHeard = null;
    for (const listener of followers) listener(session);
  }
  changed();
}

export async function logIn(name, password) {
  take(await post('/api/login', { name, password }), true);
}

export async function changePassword(old, fresh) {
  take(await post('/api/password', { old, new: fresh }), true);
}

export async function logOut() {
  take(await post('/api/logout', {}), true);
}

export function watchActivity() {
  const active = () => {
    if (!state.session?.person || performance.now() - told < ACTIVE_EVERY_MS) return;
    told = performance.now();
    post('/api/active', {}).catch(() => {});
  };
  for (const type of ['keydown', 'pointerdown', 'wheel']) addEventListener(type, active, { passive: true });
}
