// What the page knows, and the one way to be told when it changes.

export const state = {
  session: null,   // who looks at it, and what they may do
  view: null,      // the newest picture of the agent
  viewHeard: null, // performance.now() when it came
  link: { up: false, wanted: true, trying: true, since: null, words: '', stands: false },
  route: { view: '', words: [] },
};

const listeners = new Set();
let asked = false;

export function onChange(listener) {
  listeners.add(listener);
}

// Several changes at once are drawn once.
export function changed() {
  if (asked) return;
  asked = true;
  queueMicrotask(() => {
    asked = false;
    for (const listener of listeners) listener();
  });
}

// The agent's time now, from the last time it said and what has passed here since.
let said = null;

export function heardTime(ms) {
  said = { ms, at: performance.now() };
}

export function now() {
  return said === null ? Date.now() : said.ms + (performance.now() - said.at);
}

// What has passed since the newest picture, milliseconds: ages in it have grown by so much.
export function sinceView() {
  return state.viewHeard === null ? 0 : performance.now() - state.viewHeard;
}

export function may(action) {
  return state.session?.may.includes(action) ?? false;
}

export function person() {
  return state.session?.person ?? null;
}
