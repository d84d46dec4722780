// Server-sent events: the newest picture, and a heartbeat that tells whether the connection lives. What is old never looks alive.
import { changed, heardTime, state } from './store.js';
import { loadSession, mayLook } from './session.js';

// The server's own thread beats every 2 s; more than two beats missed is a lost connection.
const SILENT_MS = 5000;
// While heartbeats come, the agent's loop must give a new picture at least so often.
const STANDS_MS = 5000;
const RETRY_MS = 2000;

let source = null;
let begun = 0;        // performance.now() when the connection was tried
let heard = null;     // performance.now() of the last event
let heardMs = null;   // the agent's time of the last event
let retry = null;
let asked = -Infinity; // performance.now() when it was asked who is logged in
let refused = '';     // why the agent takes no further page, in its words
const pictures = new Set();

// Calls the listener with each new picture.
export function onPicture(listener) {
  pictures.add(listener);
}

export function connect() {
  close();
  begun = performance.now();
  source = new EventSource('/api/events');
  source.addEventListener('view', (event) => {
    const view = JSON.parse(event.data);
    state.view = view;
    state.viewHeard = performance.now();
    hear(view.now_ms);
    knowsMe(view);
    for (const listener of pictures) listener(view);
  });
  source.addEventListener('heartbeat', (event) => hear(JSON.parse(event.data).now_ms));
  source.addEventListener('session', async (event) => {
    close();
    await loadSession(JSON.parse(event.data).ended);
  });
  source.addEventListener('error', () => {
    if (source?.readyState === EventSource.CLOSED) again();
  });
}

export function close() {
  source?.close();
  source = null;
  clearTimeout(retry);
  retry = null;
}

// A picture for a room, while somebody believes to be logged in: the agent was started again meanwhile.
function knowsMe(view) {
  const { session } = state;
  if (!session || view.room !== Boolean(session.person) || performance.now() - asked < SILENT_MS) return;
  asked = performance.now();
  loadSession(session.person ? 'restart' : null);
}

function hear(ms) {
  heard = performance.now();
  heardMs = ms;
  refused = '';
  heardTime(ms);
  watch();
  changed();
}

// A refused stream is not tried again by the browser.
function again() {
  close();
  retry = setTimeout(async () => {
    const session = await loadSession(null);
    if (session && !mayLook(session)) return;
    if (session) await ask();
    connect();
  }, RETRY_MS);
}

// The browser does not tell why a stream was refused: the same question asked plainly does.
async function ask() {
  const stop = new AbortController();
  try {
    const answer = await fetch('/api/events', { signal: stop.signal, cache: 'no-store' });
    refused = answer.ok ? '' : (await answer.json()).error?.message ?? '';
  } catch {
    refused = '';
  }
  stop.abort();
}

// Called each second: says when nothing has come for too long.
export function watch() {
  const at = performance.now();
  const wanted = state.session === null || mayLook(state.session);
  const silent = at - (heard ?? begun) > SILENT_MS;
  const up = !silent && heard !== null;
  state.link = {
    up,
    wanted,
    trying: heard === null && !silent,
    since: heardMs,
    words: refused,
    stands: up && state.viewHeard !== null && at - state.viewHeard > STANDS_MS,
  };
  // A connection that is silent but open (a sleeping switch, a suspended machine) is made anew.
  if (wanted && silent && source && at - begun > 2 * SILENT_MS) connect();
}
