// Forms made from the fields that a stage declares.
import { h, kept, words } from './dom.js';
import { explain } from './api.js';

let made = 0;

// plain tells whether people can fill the fields in; what a browser's API makes is JSON.
export const plain = (fields) => !fields.some((f) => f.type === 'json' && f.required);

// form makes a form. send gets the values and returns the answer, or undefined once it has
// shown something else; what is wrong is written beside the fields.
export function form({ fields, button, send, fresh = false, extra = [] }) {
  const id = `form-${++made}`;
  const shown = fields.filter((f) => f.type !== 'json');
  const rows = shown.map((f) => row({ ...f, required: f.required || shown.length === 1 }, `${id}-${f.name}`, fresh));
  const alert = h('p', { class: 'alert', role: 'alert', hidden: true });
  const submit = h('button', { type: 'submit' }, button);
  const el = h('form', { novalidate: true, autocomplete: 'on' }, whose(shown), rows.map((r) => r.el), alert, h('p', { class: 'buttons' }, submit, extra));
  el.addEventListener('submit', async (event) => {
    event.preventDefault();
    submit.disabled = true;
    const answer = await send(values(rows));
    submit.disabled = false;
    if (!answer || !el.isConnected) return;
    for (const r of rows) r.fault(answer.errors?.filter((e) => e.param === r.name).map((e) => e.message) ?? []);
    alert.textContent = explain(answer, rows.map((r) => r.name));
    alert.hidden = !alert.textContent;
    (rows.find((r) => r.wrong()) ?? rows[0])?.focus();
  });
  return el;
}

// whose tells password managers whose password it is, where no field asks for a name.
function whose(fields) {
  const asks = fields.some((f) => f.type === 'secret' && f.name !== 'code') && !fields.some((f) => inputs[f.type]?.autocomplete === 'username');
  return asks && h('input', { type: 'text', autocomplete: 'username', value: kept.get('email') ?? '', hidden: true });
}

// values leaves out what was not filled in and is not asked for: a login takes one of
// several names.
function values(rows) {
  const out = {};
  for (const r of rows) {
    const value = r.value();
    if (value !== '' || r.required) out[r.name] = value;
    if (r.type === 'email' && value) kept.set('email', value);
  }
  return out;
}

const inputs = {
  email: { type: 'email', autocomplete: 'username', spellcheck: 'false', placeholder: 'ann@example.org' },
  username: { type: 'text', autocomplete: 'username', autocapitalize: 'off', spellcheck: 'false' },
  phone: { type: 'tel', autocomplete: 'tel', placeholder: '+31612345678' },
  secret: { type: 'password', autocomplete: 'current-password' },
  code: { type: 'text', autocomplete: 'one-time-code', autocapitalize: 'characters', spellcheck: 'false' },
  number: { type: 'number' },
  bool: { type: 'checkbox' },
};

function attributes(field, fresh) {
  if (field.type === 'secret' && field.name === 'code') return { ...inputs.code, inputmode: 'text' };
  if (field.type === 'secret' && fresh) return { type: 'password', autocomplete: 'new-password' };
  return inputs[field.type] ?? { type: 'text', spellcheck: 'false' };
}

function row(field, id, fresh) {
  const check = field.type === 'bool';
  const input = h('input', { ...attributes(field, fresh), id, name: field.name, 'aria-describedby': `${id}-help ${id}-fault` });
  if (field.type === 'email') input.value = kept.get('email') ?? '';
  const label = h('label', { for: id }, words(field.name), !field.required && !check && h('small', {}, ' optional'));
  const help = h('small', { id: `${id}-help`, class: 'help' }, field.help ?? '');
  const fault = h('small', { id: `${id}-fault`, class: 'fault' });
  return {
    el: h('div', { class: check ? 'row check' : 'row' }, check ? [input, label] : [label, input], help, fault),
    name: field.name,
    type: field.type,
    required: field.required,
    value: () => (check ? input.checked : field.type === 'number' && input.value ? Number(input.value) : input.value),
    fault: (texts) => {
      fault.textContent = texts.join(' ');
      if (texts.length > 0) input.setAttribute('aria-invalid', 'true');
      else input.removeAttribute('aria-invalid');
    },
    wrong: () => input.hasAttribute('aria-invalid'),
    focus: () => input.focus(),
  };
}

// fill puts a code into the form that waits for one and submits it; false where none does.
export function fill(code) {
  const input = document.querySelector('#stage input[autocomplete="one-time-code"], #stage input[name="key"]');
  if (!input) return false;
  input.value = code;
  const blank = [...input.form.elements].find((e) => e.type === 'password' && !e.value);
  if (blank) blank.focus();
  else input.form.requestSubmit();
  return true;
}
