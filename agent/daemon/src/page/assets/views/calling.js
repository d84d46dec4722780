// On every view but the overview, which has more room for it: the most urgent alarm that nobody has answered.
import { h } from '../dom.js';
import { to } from '../route.js';
import { shape } from '../shapes.js';
import { now, state } from '../store.js';
import { countdown } from '../time.js';
import { alarmTitle, isUnanswered, look, timeLeft } from '../words.js';
import { hornControl } from './annunciation.js';

function urgent() {
  const { view } = state;
  const open = view?.alarms.filter(isUnanswered) ?? [];
  return { open, alarm: view?.urgent ? open.find((one) => one.unit === view.urgent.unit && one.id === view.urgent.alarm) : undefined };
}

// For whoever reads by ear: what calls, said once, without the time that runs.
export function told() {
  const { alarm } = urgent();
  return alarm ? `Alarm, ${alarm.priority_word} priority: ${alarmTitle(alarm)}` : '';
}

export function calling() {
  const { open, alarm } = urgent();
  if (!alarm || state.route.view === 'overview') return [];
  const time = timeLeft(alarm, now());
  const others = open.length - 1;
  return [h('section', { class: `calling p${alarm.priority}`, key: 'calling', 'aria-label': 'Alarm that nobody has answered' },
    shape(alarm.priority_word, look(alarm)),
    h('strong', {}, h('a', { href: alarm.unit ? to('unit', alarm.unit) : to('system') }, alarmTitle(alarm))),
    time ? h('span', { class: 'left' }, time.late ? 'late by ' : 'answer within ', h('b', {}, countdown(time.ms))) : h('span', { class: 'left' }, 'nobody has answered'),
    others > 0 ? h('a', { class: 'others', href: to('alarms') }, `${others} more unanswered`) : '',
    hornControl())];
}
