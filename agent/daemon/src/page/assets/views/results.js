// Results entered by hand, and deviation candidates for quality assurance.
import { confirmResult, correctResult, enterResult } from '../actions.js';
import { h } from '../dom.js';
import { may, now, person } from '../store.js';
import { moment, span } from '../time.js';
import { count, number, quantity, tagWords } from '../words.js';

export function results(unit) {
  if (!person() || (unit.manual.length === 0 && unit.results.length === 0)) return '';
  return h('section', { class: 'results', 'aria-labelledby': 'results-title' },
    h('h2', { id: 'results-title' }, 'Results entered by hand'),
    unit.manual.length === 0 ? '' : h('ul', { class: 'manual' }, ...unit.manual.map((manual) => h('li', { key: manual.parameter, class: manual.overdue ? 'overdue' : '' },
      h('b', {}, tagWords(manual.parameter)),
      h('span', {}, manual.latest ? `${quantity(manual.latest.value, manual.latest.unit)} at ${moment(manual.latest.sampled_ms ?? manual.latest.at_ms, now())}` : 'none yet'),
      due(manual),
      may('enter-result') ? h('button', { type: 'button', 'data-enter': manual.parameter, onclick: () => enterResult(unit, manual) }, 'Enter…') : ''))),
    unit.results.length === 0 ? '' : h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table of results' }, h('table', {},
      h('thead', {}, h('tr', {}, ...['Entered', 'What', 'Value', 'By', 'Confirmed', ''].map((words) => (words ? h('th', { scope: 'col' }, words) : h('td', {}))))),
      h('tbody', {}, ...unit.results.map((result) => row(unit, result))))));
}

function due(manual) {
  if (manual.due_ms === null) return h('span', { class: 'quiet' }, '');
  const ms = manual.due_ms - now();
  return manual.overdue || ms < 0 ? h('strong', { class: 'late' }, `overdue by ${span(-ms)}`) : h('span', { class: 'quiet' }, `next in ${span(ms)}`);
}

function row(unit, result) {
  const mine = result.entered_by?.name === person()?.name;
  return h('tr', { key: result.id },
    h('td', { class: 'time' }, moment(result.at_ms, now())),
    h('td', {}, tagWords(result.parameter)),
    h('td', {}, h('b', {}, quantity(result.value, result.unit)), result.old === null ? '' : h('small', { class: 'quiet' }, ` was ${number(result.old)}`), result.reason ? h('q', {}, result.reason) : ''),
    h('td', {}, result.entered_by?.name ?? ''),
    h('td', {}, result.confirmed_by ? result.confirmed_by.name : result.counts ? 'not needed' : h('strong', {}, 'waits for a second person')),
    h('td', {}, h('div', { class: 'buttons' },
      !result.counts && !mine && may('confirm-result') ? h('button', { type: 'button', 'data-action': 'confirm-result', onclick: () => confirmResult(unit, result) }, 'Confirm…') : '',
      may('correct-result') ? h('button', { type: 'button', 'data-action': 'correct-result', onclick: () => correctResult(unit, result) }, 'Correct…') : '')));
}

export function deviations(unit) {
  if (!person()) return '';
  return h('section', { class: 'deviations', 'aria-labelledby': 'deviations-title' },
    h('h2', { id: 'deviations-title' }, 'Deviation candidates'),
    unit.deviations.length === 0 ? h('p', { class: 'quiet' }, 'None is open.') : h('ul', {}, ...unit.deviations.map((one) => h('li', { key: one.id },
      h('b', {}, `${tagWords(one.source)} (${one.alarm})`),
      h('span', {}, one.until_ms === null ? `since ${moment(one.since_ms, now())}, goes on for ${span(now() - one.since_ms)}` : `${moment(one.since_ms, now())} to ${moment(one.until_ms, now())}, ${span(one.until_ms - one.since_ms)}`),
      h('span', {}, extremes(one)),
      h('span', { class: 'quiet' }, one.rules.length ? one.rules.join('; ') : count(0, 'rule', 'rules'))))),
    h('p', { class: 'quiet small' }, 'Quality assurance at the Control Site judges them; nobody here has to answer.'));
}

function extremes(one) {
  const parts = [];
  if (one.limit !== null) parts.push(`limit ${number(one.limit)}`);
  if (one.lowest !== null && (one.limit === null || one.lowest < one.limit)) parts.push(`lowest ${number(one.lowest)}`);
  if (one.highest !== null && (one.limit === null || one.highest > one.limit)) parts.push(`highest ${number(one.highest)}`);
  return parts.join(', ');
}
