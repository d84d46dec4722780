// A tile for each unit, to be read from three metres; above them the one thing to do first.
import { askOfAlarm } from '../actions.js';
import { h } from '../dom.js';
import { to } from '../route.js';
import { shape } from '../shapes.js';
import { may, now, person, state } from '../store.js';
import { countdown, span } from '../time.js';
import { alarmTitle, isUnanswered, look, raisedWords, timeLeft } from '../words.js';
import { hornControl, lostLights } from './annunciation.js';
import { tile } from './tile.js';

export function overview() {
  const { view } = state;
  const units = view.units;
  return [
    h('h1', { class: 'hidden-words' }, 'Overview'),
    first(view),
    lostLights(),
    units.length === 0 ? h('p', { class: 'wait' }, 'The site file names no unit.')
      : h('div', { class: `tiles n${Math.min(units.length, 7)}` }, ...units.map((unit) => tile(unit, view))),
  ];
}

// The most urgent alarm that nobody has answered.
export function first(view) {
  const open = view.alarms.filter(isUnanswered);
  const alarm = view.urgent && open.find((one) => one.unit === view.urgent.unit && one.id === view.urgent.alarm);
  if (!alarm) return '';
  const at = now();
  return h('section', { class: `first p${alarm.priority}`, key: 'first', 'aria-label': 'Most urgent alarm' },
    shape(alarm.priority_word, look(alarm)),
    h('div', { class: 'what' },
      h('h2', {}, alarmTitle(alarm)),
      alarm.response ? h('p', { class: 'response' }, alarm.response) : '',
      h('p', { class: 'quiet small' }, [`${alarm.priority_word} priority`, raisedWords(alarm), `nobody has answered for ${span(at - alarm.called_ms)}`].filter(Boolean).join(' · '),
        open.length > 1 ? [' · ', h('a', { href: to('alarms') }, `${open.length - 1} more unanswered`)] : '')),
    left(alarm, at),
    h('div', { class: 'act' }, answer(alarm), hornControl()));
}

function left(alarm, at) {
  const time = timeLeft(alarm, at);
  if (time === null) return h('div', { class: 'left' });
  return h('div', { class: `left ${time.late ? 'late' : ''}` }, time.late ? 'late by' : 'answer within', h('strong', {}, countdown(time.ms)));
}

function answer(alarm) {
  if (!person()) return h('a', { class: 'button main', href: to('login') }, 'Log in to answer');
  if (!may('acknowledge') || !alarm.can.includes('acknowledge')) return h('a', { class: 'button', href: to('alarms') }, 'Look');
  return h('button', { class: 'main', type: 'button', onclick: () => askOfAlarm('acknowledge', alarm) }, 'Acknowledge…');
}
