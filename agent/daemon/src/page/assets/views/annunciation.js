// Stack lights and horn: what they show, who silenced the horn, and what somebody may do about it.
import { post } from '../api.js';
import { testAnnunciation } from '../actions.js';
import { h } from '../dom.js';
import { say } from '../say.js';
import { mark } from '../shapes.js';
import { may, now, state } from '../store.js';
import { moment } from '../time.js';
import { isUnanswered } from '../words.js';

const HORN = { none: 'no horn is declared', silent: 'silent', sounding: 'sounding', silenced: 'silenced', tested: 'being tested' };

const lost = () => state.view.annunciation.lights.filter((light) => light.answers === false);

// Silencing answers nothing and can wait for nothing: one press, on record with the name.
function silence(annunciator) {
  post('/api/annunciation/silence', { annunciator })
    .then((answer) => say(`The horn is silent until an alarm calls again, or nobody has answered in time: on record as number ${answer.seq}. The alarm still wants an answer.`))
    .catch((error) => say(error.message));
}

function silencedWords({ silenced }) {
  if (!silenced) return 'horn silenced';
  const again = silenced.until_ms === null ? '' : `; sounds again ${moment(silenced.until_ms, now())} if nobody has answered`;
  return `horn silenced by ${silenced.by.name}, ${moment(silenced.at_ms, now())}${again}`;
}

// One press for each horn that sounds: another room's goes on until somebody there has heard it.
function silenceButtons(attributes) {
  const sounding = state.view.annunciation.lights.filter((light) => light.lamps.some(({ lamp, lit }) => lamp === 'horn' && lit !== 'off'));
  return sounding.map((light) => h('button', { type: 'button', ...attributes, 'data-action': 'silence', onclick: () => silence(light.id) },
    sounding.length === 1 ? 'Silence the horn' : `Silence the horn of ${light.id}`));
}

// Beside the most urgent alarm, on every view.
export function hornControl() {
  const { annunciation } = state.view;
  if (annunciation.horn === 'silenced') return h('p', { class: 'horn small' }, silencedWords(annunciation));
  if (annunciation.horn !== 'sounding') return '';
  if (!may('silence-horn')) return h('p', { class: 'horn small' }, 'the horn sounds');
  return silenceButtons({ class: 'horn' });
}

// A light that is lost calls nobody: who relies on it must know.
export function lostLights() {
  const list = lost();
  if (list.length === 0) return '';
  const names = list.map((light) => light.id).join(', ');
  return h('p', { class: 'lost-light', key: 'lost-light' }, mark(false),
    h('span', {}, h('strong', {}, `Stack light ${names} does not answer. `), 'Alarms are not seen or heard there: stay near this page, and look at its power and cable.'));
}

// Below every view.
export function lightLine() {
  const { annunciation } = state.view;
  if (annunciation.lights.length === 0) return '';
  const gone = lost();
  if (gone.length) return h('span', { class: 'wrong' }, mark(false), `stack light ${gone.map((light) => light.id).join(', ')} does not answer`);
  const horn = { sounding: 'sounds', silenced: 'silenced', tested: 'being tested' }[annunciation.horn];
  if (horn) {
    // Where an alarm calls, the button stands beside it.
    const alone = annunciation.horn === 'sounding' && may('silence-horn') && !state.view.alarms.some(isUnanswered);
    return h('span', { class: 'calls' }, 'horn ', h('b', {}, horn), alone ? [' ', ...silenceButtons({})] : '');
  }
  const shown = [...new Set(annunciation.lights.flatMap((light) => light.lamps.filter(({ lamp, lit }) => lamp !== 'horn' && lit !== 'off').map(lampWords)))];
  return h('span', {}, 'stack light ', h('b', {}, shown.join(', ') || 'dark'));
}

function lampWords({ lamp, lit }) {
  return lit === 'flashing' ? `${lamp} flashing` : lamp;
}

// On the system's view.
export function annunciationCard() {
  const { annunciation } = state.view;
  const { lights } = annunciation;
  if (lights.length === 0) return '';
  const good = lost().length === 0;
  const words = annunciation.horn === 'silenced' ? `The ${silencedWords(annunciation)}; the lamps stay.` : good ? `Horn: ${HORN[annunciation.horn]}.` : 'Not every light answers: alarms are not seen or heard there.';
  return h('section', { class: 'card lights', key: 'lights' }, h('h2', {}, mark(good), 'Stack light and horn'), h('p', {}, words),
    h('dl', {}, ...lights.flatMap((light) => [h('dt', {}, light.id), h('dd', {}, lightWords(light))])),
    h('div', { class: 'buttons' },
      may('test-annunciation') ? h('button', { type: 'button', 'data-action': 'test', onclick: testAnnunciation }, 'Test…') : ''));
}

function lightWords(light) {
  const of = light.units.length ? ` (${light.units.join(', ')})` : '';
  if (light.answers === false) return [h('strong', {}, 'does not answer'), `${of}: ${light.trouble ?? 'no reason given'}`];
  const shown = light.lamps.filter(({ lit }) => lit !== 'off').map((one) => (one.lamp === 'horn' ? 'horn sounding' : lampWords(one)));
  return `${light.answers === null ? 'not asked yet' : light.tested ? 'lamps tested' : shown.join(', ') || 'dark'}${of}`;
}
