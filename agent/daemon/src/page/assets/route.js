// Which view: the address after the number sign, such as #/unit/BX-01.
import { changed, state } from './store.js';
import { isUnanswered } from './words.js';

const VIEWS = ['overview', 'unit', 'alarms', 'trail', 'system', 'login'];
const TITLES = { overview: 'Overview', alarms: 'Alarms', trail: 'Trail', system: 'System', login: 'Log in' };

export function route() {
  const [view, ...words] = location.hash.replace(/^#\/?/, '').split('/').map((word) => {
    try {
      return decodeURIComponent(word);
    } catch {
      return word;
    }
  });
  state.route = { view: VIEWS.includes(view) ? view : 'overview', words };
  changed();
}

export function to(...words) {
  return `#/${words.map(encodeURIComponent).join('/')}`;
}

export function title() {
  const name = state.route.view === 'unit' ? state.route.words[0] : TITLES[state.route.view];
  const lost = !state.link.up && !state.link.trying ? 'NOT CONNECTED · ' : '';
  const open = state.view?.alarms.filter(isUnanswered).length ?? 0;
  return `${lost}${open > 0 ? `(${open}) ` : ''}${name} · ${state.session?.site.name ?? 'cellwatch'}`;
}
