// What a person may do, and what is asked of them for it. The agent decides; this only asks.
import { post } from './api.js';
import { ask, check, choice, moment, numeric, password, select, text } from './dialog.js';
import { shape } from './shapes.js';
import { may, now } from './store.js';
import { span, zoneWords } from './time.js';
import { alarmTitle, look, measure, quantity, tagWords } from './words.js';

const MINUTE_MS = 60000;
// What shelving offers, as far as the Master File allows it.
const SHELVE_MS = [15, 30, 60, 120, 240, 480].map((minutes) => minutes * MINUTE_MS);
const REASON = 'Write a reason: the record keeps it with your name.';

export const ALARM_ACTIONS = [
  ['acknowledge', 'Acknowledge…'], ['reset', 'Reset…'], ['comment', 'Comment…'], ['shelve', 'Shelve…'], ['unshelve', 'Take from the shelf…'],
  ['take-out-of-service', 'Out of service…'], ['return-to-service', 'Return to service…'],
];

const OF_ALARM = {
  acknowledge: { title: 'I have seen it', button: 'Acknowledge', words: 'What did you find, what do you do?' },
  reset: { title: 'Clear the latch', button: 'Reset', words: 'Why may it be cleared?' },
  comment: { title: 'Say something about it', button: 'Comment', words: 'Comment', needed: 'A comment needs words.' },
  unshelve: { title: 'Take it from the shelf', button: 'Take from the shelf', words: 'Why now?' },
  'take-out-of-service': { title: 'Take it out of service', button: 'Out of service', words: 'Reason', needed: REASON },
  'return-to-service': { title: 'Return it to service', button: 'Return to service', words: 'What was done?' },
};

// The actions of an alarm that this person may do now.
export function possible(alarm) {
  return ALARM_ACTIONS.filter(([action]) => may(action) && alarm.can.includes(action));
}

export function askOfAlarm(action, alarm) {
  if (action === 'shelve') {
    shelve(alarm);
    return;
  }
  const { title, button, words, needed } = OF_ALARM[action];
  const isAnswer = action === 'acknowledge';
  const must = needed ?? (isAnswer && (alarm.comment_required || alarm.confirm) ? 'This alarm wants a comment: what did you find?' : null);
  const fields = [text('comment', words, { long: true, needed: must, hint: must ? null : 'May be left empty.' })];
  if (isAnswer && alarm.confirm) fields.push(password('password', 'Your password again', 'current-password', `This alarm ${alarm.class === 'gmp-critical' ? 'matters for the release of the batch' : 'is critical'}: whoever answers it signs with name and password.`));
  ask({
    title: `${title}: ${alarmTitle(alarm)}`, subject: shape(alarm.priority_word, look(alarm)), lines: [isAnswer ? alarm.response : ''], fields, button,
    send: (values) => post(`/api/alarm/${action}`, { unit: alarm.unit, alarm: alarm.id, ...values }),
  });
}

function shelve(alarm) {
  const most = alarm.shelve_max_ms ?? SHELVE_MS[0];
  const times = SHELVE_MS.filter((ms) => ms < most).concat(most);
  ask({
    title: `Put aside for a while: ${alarmTitle(alarm)}`, subject: shape(alarm.priority_word, look(alarm)),
    lines: ['While it is shelved it calls nobody. It is judged and recorded all the same, and comes back by itself.'],
    fields: [
      choice('for_ms', 'For how long', times.map((ms) => [String(ms), span(ms)])),
      text('comment', 'Reason', { long: true, needed: REASON }),
      check('one_shot', 'Only until it returns to normal, if that is sooner'),
    ],
    button: 'Shelve',
    send: ({ for_ms: forMs, ...values }) => post('/api/alarm/shelve', { unit: alarm.unit, alarm: alarm.id, for_ms: Number(forMs), ...values }),
  });
}

export function testAnnunciation() {
  ask({
    title: 'Test stack light and horn', lines: ['For five seconds all lamps are lit and the horn sounds: tell whoever can hear it. No alarm is changed.'],
    fields: [text('comment', 'Comment', { long: true, hint: 'May be left empty.' })], button: 'Light and sound',
    send: (values) => post('/api/annunciation/test', values),
  });
}

export function startBatch(unit) {
  ask({
    title: `Start a batch in ${unit.id}`, lines: ['The batch’s name must tell nothing about a patient.'],
    fields: [text('batch', 'Name of the batch', { hint: 'Left empty, the agent makes one.', most: 64 }), text('comment', 'Comment', { long: true })],
    button: 'Start the batch', send: (values) => post('/api/batch/start', { unit: unit.id, ...values }),
  });
}

export function endBatch(unit) {
  ask({
    title: `End batch ${unit.batch} in ${unit.id}`, lines: ['This ends the record of the batch. It releases and rejects nothing.'],
    fields: [text('comment', 'Comment', { long: true })], button: 'End the batch', send: (values) => post('/api/batch/end', { unit: unit.id, ...values }),
  });
}

export function setPhase(unit) {
  const next = unit.phase?.next ?? unit.phases.slice(0, 1);
  const others = may('skip-phase') ? unit.phases.filter((one) => one.id !== unit.phase?.id && !next.some((other) => other.id === one.id)) : [];
  const options = [...next.map((one) => [one.id, one.name]), ...others.map((one) => [one.id, `${one.name} (out of order: raises an alarm)`])];
  ask({
    title: `Go on to the next phase in ${unit.id}`, fields: [select('phase', 'Phase', options), text('comment', 'Comment', { long: true })],
    button: 'Go on', send: (values) => post('/api/batch/phase', { unit: unit.id, ...values }),
  });
}

export function commentUnit(unit) {
  ask({
    title: `Say something about ${unit.id}`, fields: [text('comment', 'Comment', { long: true, needed: 'A comment needs words.' })],
    button: 'Comment', send: (values) => post('/api/unit/comment', { unit: unit.id, ...values }),
  });
}

export function enterResult(unit, manual) {
  ask({
    title: `Enter ${tagWords(manual.parameter)} of ${unit.id}`,
    lines: [manual.second_person ? 'A second person confirms it before it counts.' : ''],
    fields: [
      numeric('value', `${tagWords(manual.parameter)}${measure(manual.unit) ? ` in${measure(manual.unit)}` : ''}`,
        { range: manual.range, hint: manual.range ? `between ${manual.range[0]} and ${manual.range[1]}` : null }),
      moment('sampled_ms', 'When the sample was taken', `By the clock of this page, ${zoneWords(now())}; left empty: not known.`),
      text('comment', 'Comment', { long: true }),
    ],
    button: 'Enter',
    send: (values) => post('/api/result/enter', { unit: unit.id, parameter: manual.parameter, unit_of_measure: manual.unit, ...values }),
  });
}

export function confirmResult(unit, result) {
  ask({
    title: `Confirm ${tagWords(result.parameter)} ${quantity(result.value, result.unit)} of ${unit.id}`,
    lines: [`${result.entered_by?.name ?? 'Somebody'} entered it. Compare it with the source before you confirm.`],
    fields: [text('comment', 'Comment', { long: true })], button: 'Confirm', send: (values) => post('/api/result/confirm', { unit: unit.id, result: result.id, ...values }),
  });
}

export function correctResult(unit, result) {
  ask({
    title: `Correct ${tagWords(result.parameter)} ${quantity(result.value, result.unit)} of ${unit.id}`, lines: ['The old value stays on record beside the new one.'],
    fields: [numeric('value', `Right value${measure(result.unit)}`), text('comment', 'Reason', { long: true, needed: REASON })],
    button: 'Correct', send: (values) => post('/api/result/correct', { unit: unit.id, result: result.id, ...values }),
  });
}

export function review(range, words) {
  ask({
    title: 'Mark as reviewed', lines: [words], fields: [text('comment', 'What was looked at, with what outcome', { long: true, needed: 'A review needs words.' })],
    button: 'Mark as reviewed', send: (values) => post('/api/trail/review', { ...range, ...values }),
  });
}
