// Keeps the page up to date, and says so when it is not.
import { show, tick } from './view.js';

// The Control Site speaks at least every 5 s; after so many milliseconds of silence the page is old.
const SILENCE_MS = 12000;
const RETRY_MS = 3000;

let last = null;       // the newest snapshot
let heard = null;      // performance.now() when it came
let stream = null;
let started = performance.now();

function connect() {
  if (stream) stream.close();
  started = performance.now();
  stream = new EventSource('/events');
  stream.addEventListener('snapshot', (event) => {
    last = JSON.parse(event.data);
    heard = performance.now();
    show(last);
    update();
  });
  stream.addEventListener('error', () => {
    // A refused stream (503, or a proxy's error) is not tried again by the browser.
    if (stream.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
  });
}

function update() {
  const silent = performance.now() - (heard ?? started);
  const lost = silent > SILENCE_MS;
  const now = last && heard !== null ? last.now_ms + (performance.now() - heard) : null;
  tick(last, now, lost, silent);
  if (lost && performance.now() - started > SILENCE_MS) connect();
}

connect();
setInterval(update, 1000);
