// Logging in, and changing the password: at the first login, and whenever somebody wants to.
import { h } from '../dom.js';
import { password, text } from '../dialog.js';
import { changePassword, logIn } from '../session.js';
import { say } from '../say.js';
import { person, state } from '../store.js';
import { span } from '../time.js';

let form = null;    // the fields stay while ticks draw around them
let formFor = '';

export function login(why) {
  const me = person();
  const kind = me ? 'password' : 'login';
  if (formFor !== kind || !form) {
    form = me ? passwordForm() : loginForm();
    formFor = kind;
  }
  return h('section', { class: 'sign-in', key: kind },
    h('h1', {}, me ? (me.must_change_password ? 'Choose a password of your own' : 'Change your password') : 'Log in'),
    h('p', { class: 'quiet' }, me ? '12 to 128 characters, and not your name. Nobody else may know it: what is done with it is recorded as done by you.'
      : why ?? `To answer alarms, to enter results, to read the trail. After ${span(state.session?.idle_logout_ms ?? 0)} without a key you are logged out.`),
    h('div', { key: kind, mount: (holder) => holder.append(form) }));
}

function shell(fields, button, send) {
  const problem = h('div', { role: 'alert' });
  const submit = h('button', { class: 'main', type: 'submit' }, button);
  const made = h('form', { novalidate: true, onsubmit: run }, ...fields.map((field) => field.element), problem, submit);
  async function run(event) {
    event.preventDefault();
    problem.replaceChildren();
    const wrong = fields.map((field) => [field, field.check?.()]).find(([, words]) => words);
    for (const field of fields) field.mark(field === wrong?.[0]);
    if (wrong) {
      problem.replaceChildren(h('p', { class: 'problem' }, wrong[1]));
      wrong[0].focus();
      return;
    }
    submit.disabled = true;
    try {
      await send(Object.fromEntries(fields.map((field) => [field.name, field.value()])));
      form = null;
    } catch (error) {
      const wait = error.retryAfterMs ? ` Try again in ${span(error.retryAfterMs)}.` : '';
      problem.replaceChildren(h('p', { class: 'problem' }, `${error.message}${wait}`));
      fields.at(-1).focus();
    }
    submit.disabled = false;
  }
  return made;
}

function loginForm() {
  const name = text('name', 'Name', { needed: 'Write your name.', most: 64 });
  name.element.querySelector('input').autocomplete = 'username';
  name.element.querySelector('input').autocapitalize = 'none';
  name.element.querySelector('input').dataset.focus = '';
  return shell([name, password('password', 'Password', 'current-password')], 'Log in', async (values) => {
    await logIn(values.name, values.password);
    if (person()?.must_change_password) return;
    say(`Logged in as ${person()?.name}, ${person()?.role}.`);
    if (state.route.view === 'login') location.hash = '#/';
  });
}

function passwordForm() {
  const fresh = password('fresh', 'New password', 'new-password', '12 to 128 characters');
  const twice = password('twice', 'New password again', 'new-password');
  const check = twice.check;
  twice.check = () => check() ?? (fresh.value() === twice.value() ? null : 'The two new passwords differ: write them again.');
  return shell([password('old', 'Present password', 'current-password'), fresh, twice], 'Change the password', async (values) => {
    await changePassword(values.old, values.fresh);
    say('The password is changed.');
    location.hash = '#/';
  });
}
