// An alarm: what, how long, who has seen it, what to do and by when; its rationale from the Master File; what may be done.
import { askOfAlarm, possible } from '../actions.js';
import { h } from '../dom.js';
import { to } from '../route.js';
import { shape } from '../shapes.js';
import { now, person } from '../store.js';
import { countdown, moment, span } from '../time.js';
import { alarmTitle, alarmWords, classWords, isUnanswered, look, raisedWords, stateWords, timeLeft } from '../words.js';

// short: without the unit's name, where the unit is what one looks at.
export function alarmCard(alarm, { short = false } = {}) {
  const at = now();
  const id = `${alarm.unit ?? ''}-${alarm.id}`;
  const late = timeLeft(alarm, at);
  const words = short ? alarmWords(alarm) : alarmTitle(alarm);
  return h('article', { class: `alarm p${alarm.priority} ${look(alarm)}`, key: id, 'data-alarm': alarm.id, 'data-unit': alarm.unit ?? '' },
    shape(alarm.priority_word, look(alarm)),
    h('div', { class: 'what' },
      h('h2', {}, short || !alarm.unit ? sentence(words) : [h('a', { href: to('unit', alarm.unit) }, alarm.unit), ` ${alarmWords(alarm)}`]),
      isUnanswered(alarm) && alarm.response ? h('p', { class: 'response' }, alarm.response) : '',
      h('p', { class: 'small quiet' }, facts(alarm)),
      said(alarm, at)),
    h('div', { class: 'how' },
      h('strong', { class: 'state-words' }, stateWords(alarm, at)),
      h('span', { class: 'small quiet' }, alarm.active ? `since ${moment(alarm.raised_ms, at)}, for ${span(at - alarm.raised_ms)}` : `raised ${moment(alarm.raised_ms, at)}`),
      late ? h('span', { class: `left ${late.late ? 'late' : ''}` }, late.late ? 'late by ' : 'answer within ', h('strong', {}, countdown(late.ms))) : ''),
    h('div', { class: 'below' }, more(alarm), buttons(alarm)));
}

function sentence(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function facts(alarm) {
  const doubt = alarm.quality && alarm.quality !== 'good' ? `value is ${alarm.quality}: judged by the last good one` : '';
  const note = alarm.note && alarmWords(alarm) !== alarm.note ? alarm.note : '';
  return [`${alarm.priority_word} priority`, raisedWords(alarm), alarm.occurrence > 1 ? `${alarm.occurrence} times in this batch` : '', doubt, note, alarm.id].filter(Boolean).join(' · ');
}

// The words of the acknowledgement, and what was said after it.
function said(alarm, at) {
  const words = [alarm.acknowledged_by, alarm.said].filter((one) => one?.comment);
  const last = words.filter((one, index) => index === 0 || one.at_ms !== words[0].at_ms);
  return last.map((one) => h('p', { class: 'said' }, h('q', {}, one.comment), ` ${one.name}, ${one.role}, ${moment(one.at_ms, at)}`));
}

function more(alarm) {
  const rows = [
    ['Cause', alarm.cause], ['If nothing is done', alarm.consequence], ['What to do', alarm.response],
    ['Time to respond', alarm.time_to_respond_s === null ? '' : span(alarm.time_to_respond_s * 1000)], ['Class', classWords(alarm.class)],
    ['Suppressed by', alarm.suppressed_by.join(', ')],
  ].filter(([, words]) => words);
  if (rows.length === 0) return '';
  return h('details', {}, h('summary', {}, 'Cause, consequence, response'), h('dl', {}, ...rows.flatMap(([name, words]) => [h('dt', {}, name), h('dd', {}, words)])));
}

function buttons(alarm) {
  if (!person()) return isUnanswered(alarm) ? h('div', { class: 'buttons' }, h('a', { class: 'button', href: to('login') }, 'Log in to answer')) : '';
  const list = possible(alarm);
  return h('div', { class: 'buttons' }, ...list.map(([action, words]) =>
    h('button', { type: 'button', class: action === 'acknowledge' ? 'main' : '', 'data-action': action, onclick: () => askOfAlarm(action, alarm) }, words)));
}
