// A unit: its values with quality and age, their trends, deviations, results entered by hand, batch and phase.
import { commentUnit, endBatch, setPhase, startBatch } from '../actions.js';
import { h } from '../dom.js';
import { mark, shape } from '../shapes.js';
import { may, now, person, sinceView, state } from '../store.js';
import { coarse, moment, span } from '../time.js';
import { lookAt } from '../trends.js';
import { alarmCard } from './alarm-card.js';
import { charts } from './charts.js';
import { deviations, results } from './results.js';
import { values } from './values.js';
import { look } from '../words.js';

export function unit() {
  const id = state.route.words[0];
  const one = state.view.units.find((other) => other.id === id);
  if (!one) return h('p', { class: 'wait' }, `There is no unit ${id ?? ''} at this agent.`);
  lookAt(one);
  const alarms = state.view.alarms.filter((alarm) => alarm.unit === one.id);
  const standing = alarms.filter((alarm) => look(alarm) !== 'dashed');
  return [
    head(one, standing),
    standing.length ? h('section', { class: 'standing', 'aria-label': 'Alarms of this unit' }, ...standing.map((alarm) => alarmCard(alarm, { short: true }))) : '',
    h('div', { class: 'unit-parts' }, values(one, alarms), charts(one, alarms)),
    h('div', { class: 'unit-more' }, results(one), deviations(one)),
  ];
}

function head(one, standing) {
  const { phase } = one;
  const [worst] = standing;
  return h('header', { class: 'unit-head' },
    h('div', {},
      h('h1', {}, one.id, ' ', h('small', {}, one.name)),
      h('p', { class: 'quiet' }, one.batch ? `batch ${one.batch}, since ${moment(one.batch_started_ms, now())}` : phase ? '' : 'no batch runs',
        one.batch || phase ? `${one.batch ? ' · ' : ''}led by ${one.led_by === 'device' ? 'the device' : 'people here'}` : '')),
    h('p', { class: 'state' }, worst ? shape(worst.priority_word, look(worst)) : mark(one.state === 'normal'),
      h('strong', {}, { normal: 'normal', unanswered: 'alarm, nobody has answered', answered: 'alarm, seen', 'no-data': 'no believable data', 'not-judged': 'not judged: no Master File' }[one.state] ?? one.state)),
    steps(one),
    buttons(one));
}

function steps(one) {
  if (one.phases.length === 0) return '';
  const at = one.phases.findIndex((phase) => phase.id === one.phase?.id);
  return h('ol', { class: 'phases', 'aria-label': 'Phases' }, ...one.phases.map((phase, i) => h('li', { class: i === at ? 'current' : i < at ? 'done' : '', 'aria-current': i === at ? 'step' : null },
    h('span', {}, phase.name), i === at ? h('small', {}, lasts(one.phase)) : '')));
}

function lasts(phase) {
  const whole = coarse(phase.lasts_ms + sinceView());
  const [least, most] = [phase.min_ms, phase.max_ms].map((ms) => (ms === null ? null : span(ms)));
  if (least && most) return `${whole} (${least} to ${most})`;
  return most ? `${whole} (at most ${most})` : least ? `${whole} (at least ${least})` : whole;
}

function buttons(one) {
  if (!person()) return '';
  const byPeople = one.led_by === 'people';
  const list = [
    byPeople && !one.batch && may('start-batch') ? ['start-batch', 'Start a batch…', startBatch] : null,
    byPeople && one.batch && may('set-phase') ? ['set-phase', 'Next phase…', setPhase] : null,
    byPeople && one.batch && may('end-batch') ? ['end-batch', 'End the batch…', endBatch] : null,
    may('comment') ? ['comment-unit', 'Comment…', commentUnit] : null,
  ].filter(Boolean);
  return h('div', { class: 'buttons' }, ...list.map(([action, words, act]) => h('button', { type: 'button', 'data-action': action, onclick: () => act(one) }, words)));
}
