// Draws a snapshot.
import { $, ageOf, h, shape } from './draw.js';
import { showUnit } from './tile.js';
import { PRIORITY_WORDS, STATE_WORDS, age, alarmWords, clock, count, measure, moment, number } from './words.js';

// A verified value older than this shows its age; frames come every 5 s by default.
const OLD_MS = 15000;
// Signed health comes every 30 s; a little late is not yet worth a word.
const HEALTH_LATE_MS = 45000;

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
  showStrip(s);
}

function showAlarms(s) {
  $('alarms').className = s.alarms.length === 0 ? 'calm' : 'standing';
  $('alarm-list').replaceChildren(...s.alarms.map((alarm) => showAlarm(s, alarm)));
  $('alarms-title').textContent = s.alarms.length === 0 ? 'No alarm stands' : 'Standing alarms';
}

function showAlarm(s, alarm) {
  const state = STATE_WORDS[alarm.state] ?? alarm.state;
  return h('li', { class: `alarm p${alarm.priority} ${alarm.answered ? 'answered' : 'open'}` },
    shape(alarm.priority, alarm.answered),
    h('div', { class: 'what' },
      h('strong', {}, `${alarm.unit ?? alarm.agent} · ${alarmWords(alarm)}`),
      h('span', { class: 'where' }, [
        alarm.value === null ? '' : `raised at ${number(alarm.value)}${measure(alarm.unit_of_measure)}`,
        `${PRIORITY_WORDS[alarm.priority] ?? ''} priority`, alarm.alarm, alarm.site,
      ].filter((words) => words !== '').join(' · ')),
      alarm.comment ? h('span', { class: 'comment' }, `“${alarm.comment}”`) : ''),
    h('div', { class: 'state' },
      h('strong', {}, alarm.person && alarm.answered ? `${state} by ${alarm.person}` : state),
      h('span', { class: 'where' }, `since ${moment(alarm.raised_ms, s.now_ms)}`)),
    h('div', { class: 'since' }, ageOf(alarm.raised_ms)));
}

function showSite(s, site) {
  const title = h('h2', {}, site.site);
  const alone = site.agents.length === 1;
  return h('section', { class: 'site' },
    alone ? '' : title,
    ...site.agents.flatMap((agent) => {
      const units = s.units.filter((unit) => unit.agent === agent.agent);
      return [showAgent(s, agent, alone ? title : ''), h('div', { class: 'units' }, ...units.map((unit) => showUnit(s, agent, unit)))];
    }));
}

function showAgent(s, agent, title) {
  const late = agent.health_received_ms !== null && s.now_ms - agent.health_received_ms > HEALTH_LATE_MS;
  const words = {
    waiting: ['waiting for the first signed health'],
    lost: [h('strong', {}, 'OVERSIGHT LOST'), agent.health_received_ms === null ? ' no signed health has come'
      : ` no signed health for `, agent.health_received_ms === null ? '' : ageOf(agent.health_received_ms)],
    watched: ['watched, signed health ', ageOf(agent.health_received_ms), late ? ' ago: late' : ' ago'],
  }[agent.oversight] ?? [agent.oversight];
  const presence = agent.presence_online === null ? '' : agent.presence_online ? 'at the broker' : 'not at the broker';
  const mark = { watched: '●', waiting: '○', lost: '✕' }[agent.oversight] ?? '?';
  return h('div', { class: `agent ${agent.oversight}` }, title,
    h('span', { class: 'mark', 'aria-hidden': 'true' }, mark), h('strong', {}, agent.agent), h('span', {}, ...words),
    presence ? h('span', { class: 'quiet' }, `${presence} (unsigned)`) : '',
    h('span', { class: 'quiet' }, agent.master_file ? `Master File ${agent.master_file}` : 'no Master File in force seen'),
    agent.clock ? h('span', { class: 'quiet' }, `clock ${agent.clock}`) : '');
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
  const batches = s.proof.batches.map((one) => {
    const whole = one.found === 'complete';
    const missing = one.missing.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join(', ');
    return h('tr', { class: whole ? '' : 'incomplete' },
      h('th', { scope: 'row' }, one.batch, h('span', { class: 'where' }, `${one.agent} ${one.unit}`)),
      h('td', { class: whole ? '' : 'wrong' }, whole ? 'complete' : `! ${one.found}${missing ? `: seq ${missing} missing` : ''}`),
      h('td', {}, `root ${one.root.slice(0, 16)}`),
      h('td', {}, one.confirmed ? 'known to the agent' : 'not yet known to the agent'));
  });
  const keys = s.proof.keys.map((one) => h('tr', { class: one.how === 'replaced' ? 'incomplete' : '' },
    h('th', { scope: 'row' }, `key ${one.key}`, h('span', { class: 'where' }, `${one.agent} journal ${one.journal.slice(0, 8)}`)),
    h('td', {}, `from seq ${one.first_seq.toLocaleString('en')}${one.rotated_seq === null ? '' : ` to ${one.rotated_seq.toLocaleString('en')}`}`),
    h('td', { class: one.how === 'replaced' ? 'wrong' : '' }, { first: 'the first', rotated: 'sealed by the key before, too', replaced: '! not sealed by the key before: only the roster vouches' }[one.how] ?? one.how),
    h('td', {}, one.successor === null ? '' : `followed by ${one.successor}`)));
  const sum = s.summary;
  const latency = sum.alarm_latency_ms_p50 === null ? '' : `alarms here after ${number(sum.alarm_latency_ms_p50, 0)} ms (median), ${number(sum.alarm_latency_ms_p99, 0)} ms (99 %)`;
  const refusals = s.proof.last_refusals.slice(0, 5).map((one) => h('li', {},
    h('strong', {}, one.reason.replaceAll('-', ' ')), ` ${one.agent}${one.seq === null ? '' : ` seq ${one.seq}`}`, one.count > 1 ? ` × ${one.count}` : '',
    h('span', { class: 'quiet' }, `${moment(one.last_received_ms, s.now_ms)}: ${one.detail}`)));
  $('proof-body').replaceChildren(
    journals.length === 0 ? h('p', { class: 'quiet' }, 'no record has come yet') : h('table', {}, h('tbody', {}, ...journals)),
    batches.length === 0 ? '' : h('table', {}, h('caption', {}, 'Sealed batches'), h('tbody', {}, ...batches)),
    keys.length === 0 ? '' : h('table', {}, h('caption', {}, 'Keys that were changed'), h('tbody', {}, ...keys)),
    h('p', { class: sum.refusals === 0 ? 'quiet' : 'wrong' }, sum.refusals === 0 ? 'nothing refused' : `! ${count(sum.refusals, 'refusal', 'refusals')}, kept as evidence: `
      + s.proof.refusals.map((one) => `${one.reason.replaceAll('-', ' ')} ${one.count}`).join(', ')),
    refusals.length === 0 ? '' : h('ul', { class: 'refusals' }, ...refusals),
    latency ? h('p', { class: 'quiet' }, latency) : '',
    h('p', { class: 'quiet' }, ...s.proof.oversight.slice(0, 3).map((one) => `${one.agent}: oversight ${one.change} ${moment(one.at_ms, s.now_ms)}. `)));
}

// One line that is always in sight.
function showStrip(s) {
  const sum = s.summary;
  const journals = s.proof.journals.filter((journal) => !journal.ended && journal.last_receipt_ms !== null);
  const oldest = journals.length === 0 ? null : Math.min(...journals.map((journal) => journal.last_receipt_ms));
  const latency = sum.alarm_latency_ms_p50;
  $('strip').replaceChildren(
    h('span', {}, h('strong', {}, sum.verified.toLocaleString('en')), ' records verified'),
    sum.gaps === 0 ? h('span', {}, 'none missing') : h('span', { class: 'wrong' }, `! ${count(sum.missing, 'record', 'records')} missing in ${count(sum.gaps, 'gap', 'gaps')}`),
    sum.refusals === 0 ? h('span', {}, 'none refused') : h('span', { class: 'wrong' }, `! ${count(sum.refusals, 'refusal', 'refusals')}`),
    oldest === null ? h('span', {}, 'no receipt yet') : h('span', {}, 'last receipt ', ageOf(oldest), ' ago'),
    latency === null ? '' : h('span', {}, `alarms here after ${number(latency, 0)} ms`),
    h('a', { href: '#proof' }, 'proof'));
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
