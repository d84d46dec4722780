// One question at a time, in the browser's own dialog: focus stays in it, Escape closes it.
import { h } from './dom.js';
import { Refusal } from './api.js';
import { say } from './say.js';
import { fromField } from './time.js';

// ask({ title, subject, lines, fields, button, send, done }): fields are elements of `fields.js`; send(values) gives a promise.
// Where the agent asks for the password again, a field for it appears.
export function ask({ title, subject, lines = [], fields, button, send, done }) {
  const opener = document.activeElement;
  const problem = h('div', { role: 'alert' });
  const again = h('div', {});
  const submit = h('button', { class: 'main', type: 'submit' }, button);
  const form = h('form', { onsubmit: (event) => event.preventDefault(), novalidate: true },
    h('div', { class: 'subject' }, subject ?? '', h('h2', { id: 'dialog-title' }, title)),
    ...lines.filter(Boolean).map((line) => h('p', {}, line)), ...fields.map((field) => field.element), again, problem,
    h('div', { class: 'buttons' }, h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'), submit));
  const dialog = h('dialog', { 'aria-labelledby': 'dialog-title', onclose: () => close(dialog, opener) }, form);
  form.addEventListener('submit', () => run());
  document.getElementById('dialogs').append(dialog);
  dialog.showModal();
  (form.querySelector('[autofocus]') ?? form.querySelector('input, textarea, select') ?? submit).focus();

  async function run() {
    problem.replaceChildren();
    for (const field of fields) {
      const wrong = field.check?.();
      field.mark(Boolean(wrong));
      if (wrong) {
        complain(wrong);
        field.focus();
        return;
      }
    }
    submit.disabled = true;
    try {
      const answer = await send(Object.fromEntries(fields.map((field) => [field.name, field.value()])));
      dialog.close();
      say(done ?? (answer?.seq ? `Done: on record as number ${answer.seq}.` : 'Done.'));
    } catch (error) {
      submit.disabled = false;
      if (error instanceof Refusal && error.status === 422 && !fields.some((field) => field.name === 'password')) {
        const field = passwordAgain();
        fields.push(field);
        again.replaceChildren(field.element);
        field.focus();
      }
      complain(error.message);
    }
  }

  function complain(words) {
    problem.replaceChildren(h('p', { class: 'problem' }, words));
  }
}

function close(dialog, opener) {
  dialog.remove();
  if (opener?.isConnected) opener.focus();
  else document.getElementById('main').focus();
}

function passwordAgain() {
  return password('password', 'Your password again', 'current-password');
}

let numbers = 0;

function field(name, words, hint, input, check) {
  const id = `field-${++numbers}`;
  input.id = id;
  if (hint) input.setAttribute('aria-describedby', `${id}-hint`);
  const element = h('div', { class: 'field' }, h('label', { for: id }, h('span', {}, words)), hint ? h('small', { id: `${id}-hint`, class: 'quiet' }, hint) : '', input);
  return {
    name, element, check, value: () => input.value.trim(), focus: () => input.focus(),
    mark: (wrong) => (wrong ? input.setAttribute('aria-invalid', 'true') : input.removeAttribute('aria-invalid')),
  };
}

export function text(name, words, { hint, needed, long, suggestions = [], most = 1000, value = '' } = {}) {
  const input = long ? h('textarea', { maxlength: most, rows: 2 }) : h('input', { type: 'text', maxlength: most, value, autocomplete: 'off' });
  const made = field(name, words, hint, input, () => (needed && input.value.trim() === '' ? needed : null));
  if (suggestions.length) {
    made.element.append(h('div', { class: 'buttons' }, ...suggestions.map((one) => h('button', { type: 'button', onclick: () => { input.value = one; input.focus(); } }, one))));
  }
  return made;
}

export function password(name, words, autocomplete, hint) {
  const input = h('input', { type: 'password', autocomplete, maxlength: 128 });
  const made = field(name, words, hint, input, () => (input.value === '' ? `${words}: is empty` : null));
  return { ...made, value: () => input.value };
}

export function numeric(name, words, { hint, range } = {}) {
  const input = h('input', { type: 'text', inputmode: 'decimal', autocomplete: 'off' });
  const parse = () => Number(input.value.trim().replace(',', '.'));
  const check = () => {
    if (input.value.trim() === '' || !Number.isFinite(parse())) return `${words}: write a number`;
    if (range && (parse() < range[0] || parse() > range[1])) return `${words}: must lie between ${range[0]} and ${range[1]}`;
    return null;
  };
  return { ...field(name, words, hint, input, check), value: parse };
}

export function select(name, words, options, { hint } = {}) {
  const input = h('select', {}, ...options.map(([value, label]) => h('option', { value }, label)));
  return field(name, words, hint, input);
}

export function moment(name, words, hint) {
  const input = h('input', { type: 'datetime-local', step: 60 });
  return { ...field(name, words, hint, input), value: () => fromField(input.value) };
}

// One of a few, as large buttons.
export function choice(name, words, options) {
  const group = `choice-${++numbers}`;
  const element = h('fieldset', { class: 'choices' }, h('legend', {}, words), ...options.map(([value, label], i) =>
    h('label', {}, h('input', { type: 'radio', name: group, value, checked: i === 0 }), h('span', {}, label))));
  return { name, element, value: () => element.querySelector(':checked').value, focus: () => element.querySelector('input').focus(), mark: () => {} };
}

export function check(name, words) {
  const input = h('input', { type: 'checkbox' });
  return { name, element: h('label', { class: 'check' }, input, h('span', {}, words)), value: () => input.checked, focus: () => input.focus(), mark: () => {} };
}
