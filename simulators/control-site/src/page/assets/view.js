// Draws a snapshot. Text goes in as text, never as markup.
import { PRIORITY_WORDS, STATE_WORDS, age, alarmWords, clock, count, measure, moment, number } from './words.js';

const SVG = 'http://www.w3.org/2000/svg';
// A verified value older than this shows its age; frames come every 5 s by default.
const OLD_MS = 15000;
// Signed health comes every 30 s; a little late is not yet worth a word.
const HEALTH_LATE_MS = 45000;
// Shapes by priority, so that it reads without colour: triangle, diamond, circle, square.
const SHAPES = { 1: 'M12 2 23 22H1Z', 2: 'M12 1 23 12 12 23 1 12Z', 3: 'M12 1a11 11 0 1 1 0 22a11 11 0 1 1 0-22Z', 4: 'M3 3H21V21H3Z' };

const $ = (id) => document.getElementById(id);

function h(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ''));
  return element;
}

// An age that keeps counting between snapshots.
function ageOf(ms) {
  return h('span', { class: 'age', 'data-ms': ms });
}

function shape(priority, answered) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', `shape p${priority} ${answered ? 'outline' : 'filled'}`);
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', `priority ${priority}, ${PRIORITY_WORDS[priority] ?? ''}`);
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', SHAPES[priority] ?? SHAPES[4]);
  const digit = document.createElementNS(SVG, 'text');
  digit.setAttribute('x', '12');
  digit.setAttribute('y', priority === 1 ? '19' : '16.5');
  digit.setAttribute('text-anchor', 'middle');
  digit.textContent = String(priority);
  svg.append(path, digit);
  return svg;
}

export function show(s) {
  const sum = s.summary;
  $('counts').textContent = [
    count(sum.sites, 'site', 'sites'),
    count(sum.units, 'unit', 'units'),
    sum.alarms_standing === 0 ? 'no alarm' : `${count(sum.alarms_standing, 'alarm', 'alarms')}, ${sum.alarms_unanswered} unanswered`,
  ].join(' · ');
  document.title = sum.alarms_unanswered > 0 ? `(${sum.alarms_unanswered}) Control Site · cellwatch` : 'Control Site · cellwatch';
  showAlarms(s);
  $('sites').replaceChildren(...s.sites.map((site) => showSite(s, site)));
  showProof(s);
}

function showAlarms(s) {
  $('alarms').className = s.alarms.length === 0 ? 'calm' : 'standing';
  $('alarm-list').replaceChildren(...s.alarms.map((alarm) => h('li', { class: `alarm p${alarm.priority} ${alarm.answered ? 'answered' : 'open'}` },
    shape(alarm.priority, alarm.answered),
    h('div', { class: 'what' },
      h('strong', {}, `${alarm.unit ?? alarm.agent} · ${alarmWords(alarm)}`),
      h('span', { class: 'where' }, `${alarm.site} · ${PRIORITY_WORDS[alarm.priority] ?? ''} · ${alarm.alarm}`)),
    h('div', { class: 'value' },
      alarm.value === null ? '' : `at ${number(alarm.value)}${measure(alarm.unit_of_measure)}`),
    h('div', { class: 'state' },
      h('strong', {}, alarm.person && alarm.answered ? `${STATE_WORDS[alarm.state]} by ${alarm.person}` : STATE_WORDS[alarm.state] ?? alarm.state),
      alarm.comment ? h('span', { class: 'comment' }, `“${alarm.comment}”`) : ''),
    h('div', { class: 'since' }, 'for ', ageOf(alarm.raised_ms), h('span', { class: 'where' }, `since ${moment(alarm.raised_ms, s.now_ms)}`)))));
  $('alarms-title').textContent = s.alarms.length === 0 ? 'No alarm stands' : 'Standing alarms';
}

function showSite(s, site) {
  return h('section', { class: 'site' },
    h('h2', {}, site.site),
    ...site.agents.flatMap((agent) => {
      const units = s.units.filter((unit) => unit.agent === agent.agent);
      return [showAgent(s, agent), h('div', { class: 'units' }, ...units.map((unit) => showUnit(s, agent, unit)))];
    }));
}

function showAgent(s, agent) {
  const late = agent.health_received_ms !== null && s.now_ms - agent.health_received_ms > HEALTH_LATE_MS;
  const words = {
    waiting: ['waiting for the first signed health'],
    lost: [h('strong', {}, 'OVERSIGHT LOST'), agent.health_received_ms === null ? ' no signed health has come'
      : ` no signed health for `, agent.health_received_ms === null ? '' : ageOf(agent.health_received_ms)],
    watched: ['watched, signed health ', ageOf(agent.health_received_ms), late ? ' ago: late' : ' ago'],
  }[agent.oversight] ?? [agent.oversight];
  const presence = agent.presence_online === null ? '' : agent.presence_online ? 'at the broker' : 'not at the broker';
  const mark = { watched: '●', waiting: '○', lost: '✕' }[agent.oversight] ?? '?';
  return h('p', { class: `agent ${agent.oversight}` },
    h('span', { class: 'mark', 'aria-hidden': 'true' }, mark), h('strong', {}, agent.agent), h('span', {}, ...words),
    presence ? h('span', { class: 'quiet' }, `${presence} (unsigned)`) : '',
    h('span', { class: 'quiet' }, agent.master_file ? `Master File ${agent.master_file}` : 'no Master File in force seen'),
    agent.clock ? h('span', { class: 'quiet' }, `clock ${agent.clock}`) : '');
}

function showUnit(s, agent, unit) {
  const alarms = s.alarms.filter((alarm) => alarm.agent === unit.agent && alarm.unit === unit.unit);
  const worst = alarms.find((alarm) => !alarm.answered) ?? alarms[0];
  const values = s.values.filter((value) => value.agent === unit.agent && value.unit === unit.unit);
  const lost = agent.oversight === 'lost';
  return h('article', { class: ['unit', worst ? `p${worst.priority} ${worst.answered ? 'answered' : 'open'}` : '', lost ? 'unwatched' : ''].join(' ') },
    h('header', {}, h('h3', {}, unit.unit), h('span', { class: 'batch' }, unit.batch ? `${unit.batch}${unit.phase ? ` · ${unit.phase}` : ''}` : 'no batch')),
    lost ? h('p', { class: 'not-watched' }, 'not watched: these are the last values that came') : '',
    values.length === 0 ? h('p', { class: 'quiet' }, 'no verified values yet') : h('table', {}, h('tbody', {}, ...values.map((value) => showValue(value, alarms, s)))));
}

function showValue(value, alarms, s) {
  const alarm = alarms.find((one) => one.source === value.parameter);
  const bad = value.quality >= 64 || (value.value === null && value.text === null);
  const uncertain = !bad && value.quality !== 0;
  const reading = bad ? h('td', { class: 'none', colspan: 2 }, 'no reading')
    : h('td', { class: 'number' }, value.text ?? number(value.value, value.decimals));
  return h('tr', { class: alarm ? `p${alarm.priority} ${alarm.answered ? 'answered' : 'open'}` : '' },
    h('th', { scope: 'row' }, value.parameter),
    h('td', { class: 'sign' }, alarm ? shape(alarm.priority, alarm.answered) : ''),
    reading,
    bad ? '' : h('td', { class: 'measure' }, measure(value.unit_of_measure)),
    h('td', { class: 'quality' }, bad || uncertain ? h('span', { class: 'why' }, value.quality_words.replace(/^bad: /, '')) : '',
      h('span', { class: 'old', 'data-old': value.at_ms })));
}

function showProof(s) {
  const journals = s.proof.journals.map((journal) => {
    const whole = journal.gaps === 0;
    return h('tr', { class: whole && journal.refused === 0 ? '' : 'incomplete' },
      h('th', { scope: 'row' }, `${journal.agent}`, h('span', { class: 'where' }, `journal ${journal.journal.slice(0, 8)}${journal.ended ? ', ended' : ''}`)),
      h('td', {}, `${journal.verified.toLocaleString('en')} verified`),
      h('td', { class: whole ? '' : 'wrong' }, whole ? `complete to ${journal.through.toLocaleString('en')}`
        : `! ${count(journal.gaps, 'gap', 'gaps')}, ${count(journal.missing, 'record', 'records')} missing; complete to ${journal.through.toLocaleString('en')}`),
      h('td', {}, count(journal.duplicates, 'duplicate', 'duplicates')),
      h('td', { class: journal.refused === 0 ? '' : 'wrong' }, `${journal.refused === 0 ? '' : '! '}${journal.refused} refused`),
      h('td', {}, journal.last_receipt_ms === null ? 'no receipt yet' : `receipt to ${journal.last_receipt_through.toLocaleString('en')}, `,
        journal.last_receipt_ms === null ? '' : ageOf(journal.last_receipt_ms), journal.last_receipt_ms === null ? '' : ' ago'));
  });
  const sum = s.summary;
  const latency = sum.alarm_latency_ms_p50 === null ? '' : `alarms here after ${number(sum.alarm_latency_ms_p50, 0)} ms (median), ${number(sum.alarm_latency_ms_p99, 0)} ms (99 %)`;
  const refusals = s.proof.last_refusals.slice(0, 5).map((one) => h('li', {},
    h('strong', {}, one.reason.replaceAll('-', ' ')), ` ${one.agent}${one.seq === null ? '' : ` seq ${one.seq}`}`, one.count > 1 ? ` × ${one.count}` : '',
    h('span', { class: 'quiet' }, `${moment(one.last_received_ms, s.now_ms)}: ${one.detail}`)));
  $('proof-body').replaceChildren(
    journals.length === 0 ? h('p', { class: 'quiet' }, 'no record has come yet') : h('table', {}, h('tbody', {}, ...journals)),
    h('p', { class: sum.refusals === 0 ? 'quiet' : 'wrong' }, sum.refusals === 0 ? 'nothing refused' : `! ${count(sum.refusals, 'refusal', 'refusals')}, kept as evidence: `
      + s.proof.refusals.map((one) => `${one.reason.replaceAll('-', ' ')} ${one.count}`).join(', ')),
    refusals.length === 0 ? '' : h('ul', { class: 'refusals' }, ...refusals),
    latency ? h('p', { class: 'quiet' }, latency) : '',
    h('p', { class: 'quiet' }, ...s.proof.oversight.slice(0, 3).map((one) => `${one.agent}: oversight ${one.change} ${moment(one.at_ms, s.now_ms)}. `)));
}

// Once a second: the clock, ages, and whether what is seen is still true.
export function tick(s, now, lost, silentMs) {
  document.body.classList.toggle('stale', lost);
  const notices = [];
  if (lost) notices.push(['This page has lost the Control Site', `nothing heard for ${age(silentMs)}; what you see below is old. Trying again.`]);
  if (s && !lost && !s.summary.broker_connected) {
    notices.push(['The Control Site has lost the broker', `for ${age(now - s.summary.broker_since_ms)}: no site can be watched. ${s.summary.broker_words}`]);
  }
  const text = JSON.stringify(notices.map(([title]) => title));
  if ($('notices').dataset.text !== text) {
    $('notices').dataset.text = text;
    $('notices').replaceChildren(...notices.map(([title]) => h('p', { class: 'notice' }, h('strong', {}, title), h('span', { 'aria-live': 'off' }))));
  }
  notices.forEach(([, words], i) => { $('notices').children[i].lastChild.textContent = words; });
  if (!s) return;
  $('clock').textContent = clock(now);
  for (const element of document.querySelectorAll('.age')) element.textContent = age(now - Number(element.dataset.ms));
  for (const element of document.querySelectorAll('.old')) {
    const old = now - Number(element.dataset.old);
    element.textContent = old > OLD_MS ? `${age(old)} old` : '';
  }
}
