// Questions to the agent and actions of the person who is logged in.
import { state } from './store.js';

// Longer than any answer takes; a question that hangs becomes an error in words.
const PATIENCE_MS = 20000;

export class Refusal extends Error {
  constructor(status, error) {
    super(error.message ?? 'the agent refused without a word');
    this.status = status;
    this.code = error.code ?? '';
    this.retryAfterMs = error.retry_after_ms ?? null;
  }
}

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(path, { credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS), ...options });
  } catch {
    throw new Refusal(0, { code: 'no-answer', message: 'The agent does not answer. Nothing was done that you can rely on: look again when it is back.' });
  }
  let body = null;
  try {
    body = await answer.json();
  } catch {
    // An answer without JSON has its status only.
  }
  if (!answer.ok) throw new Refusal(answer.status, body?.error ?? { message: `the agent answered with status ${answer.status}` });
  return body;
}

export function get(path, parameters) {
  return ask(`${path}${query(parameters)}`, {});
}

export function post(path, body) {
  const headers = { 'Content-Type': 'application/json' };
  if (state.session?.csrf) headers['X-Cellwatch-CSRF'] = state.session.csrf;
  return ask(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

// ?unit=BX-01&limit=200, without what is empty.
export function query(parameters) {
  const given = Object.entries(parameters ?? {}).filter(([, value]) => value !== null && value !== undefined && value !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
