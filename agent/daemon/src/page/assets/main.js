// Starts the page: who looks, the stream, which view, and a tick each second.
import { show } from './dom.js';
import { footer, header, isOld, notices } from './frame.js';
import { collect } from './hour.js';
import { grow } from './trends.js';
import { calling, told } from './views/calling.js';
import { route, title } from './route.js';
import { loadSession, mayLook, onSession, watchActivity } from './session.js';
import { changed, onChange, state } from './store.js';
import { close, connect, onPicture, watch } from './stream.js';
import { view } from './views.js';

const $ = (id) => document.getElementById(id);
let drawn = '';

function draw() {
  show($('header'), header());
  show($('notices'), notices());
  show($('told'), told());
  show($('calling'), calling());
  const next = `${state.route.view} ${state.route.words.join('/')}`;
  show($('main'), view());
  show($('footer'), footer());
  document.body.classList.toggle('overview', $('main').querySelector('.tiles') !== null);
  document.body.classList.toggle('lost', isOld());
  document.title = title();
  if (drawn !== next) {
    // Somebody who reads by ear or keyboard begins at the top of what is new.
    if (drawn !== '') {
      ($('main').querySelector('[data-focus]') ?? $('main')).focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    drawn = next;
  }
}

function follow(session) {
  if (session.person?.must_change_password) location.hash = '#/login';
  if (mayLook(session)) connect();
  else close();
}

onChange(draw);
onPicture(collect);
onPicture(grow);
onSession(follow);
addEventListener('hashchange', route);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
setInterval(() => {
  watch();
  changed();
}, 1000);
watchActivity();
route();
// Until the agent has answered once, ask again.
for (;;) {
  const session = await loadSession(null);
  if (session) {
    follow(session);
    break;
  }
  watch();
  changed();
  await new Promise((resolve) => { setTimeout(resolve, 2000); });
}
