// Forms: fields with their labels and errors, and buttons that cannot be pressed twice.
import { h, icon, id, say } from './dom.js';
import { has, t } from './texts.js';
import { until } from './time.js';

// words says what one problem is.
const words = (p) => (has(`error.${p.code}`) ? t(`error.${p.code}`) : p.message);

// wrong says what an error is about as a whole, '' where all of it is about fields named.
export function wrong(error, fields = []) {
  if (error?.name !== 'AuthError') {
    console.error(error);
    return t('error.failed');
  }
  if (error.code === 'cancelled') return '';
  if (error.status === 429 || error.code === 'too_many_requests') {
    return error.retryAfter ? t('error.too_many_requests_wait', { time: until(error.retryAfter) }) : t('error.too_many_requests');
  }
  const others = (error.problems ?? []).filter((p) => !fields.includes(p.param));
  if (others.length > 0) return others.map(words).join(' ');
  if (error.problems?.length > 0) return '';
  return has(`error.${error.code}`) ? t(`error.${error.code}`) : t('error.failed');
}

// busy runs what a button does, once at a time: the button says so meanwhile.
export async function busy(button, work) {
  if (button.getAttribute('aria-disabled') === 'true') return;
  button.setAttribute('aria-disabled', 'true');
  button.classList.add('busy');
  try {
    await work();
  } finally {
    button.removeAttribute('aria-disabled');
    button.classList.remove('busy');
  }
}

// action is a button by itself. What goes wrong is told at the foot of the window.
export function action(text, work, kind = 'plain', mark = undefined) {
  const button = h('button', { type: 'button', class: kind }, mark && icon(mark), h('span', {}, text));
  button.addEventListener('click', () => busy(button, async () => {
    try {
      await work();
    } catch (error) {
      const what = wrong(error);
      if (what) say(what, 'bad');
    }
  }));
  return button;
}

// How a field is typed in and filled by browsers, by its name, then by its type.
const looks = {
  email: { type: 'email', inputmode: 'email', autocomplete: 'email' },
  username: { autocomplete: 'username', autocapitalize: 'none' },
  phone: { type: 'tel', inputmode: 'tel', autocomplete: 'tel' },
  password: { type: 'password', autocomplete: 'current-password' },
  secret: { type: 'password', autocomplete: 'off' },
  code: { autocomplete: 'one-time-code', autocapitalize: 'none', 'data-code': true },
  number: { inputmode: 'numeric' },
};

// field makes one of a form: {name, label, help, type, value, required, format, aside, aliases}
// and whatever an input takes. aliases are the names by which the server calls it.
export function field({ name, label, help, type, value, required = true, format, aside, aliases = [], ...rest }) {
  const own = id(name);
  const error = h('p', { class: 'error', id: `${own}-error` });
  const look = { ...(looks[name] ?? looks[type] ?? {}), ...rest };
  if (format) Object.assign(look, { inputmode: format.numeric ? 'numeric' : 'text', maxlength: 2 * format.length + 8 });
  const about = [help && `${own}-help`, `${own}-error`].filter(Boolean).join(' ');
  if (type === 'bool') {
    const box = h('input', { type: 'checkbox', id: own, name });
    box.checked = Boolean(value);
    box.setAttribute('aria-describedby', about);
    return { name, aliases, input: box, error, required: false, read: () => box.checked,
      el: h('div', { class: 'field check' }, box, h('label', { for: own }, label), help && h('p', { class: 'help', id: `${own}-help` }, help), error) };
  }
  const input = h('input', { type: 'text', spellcheck: 'false', ...look, id: own, name, value: value ?? '', 'aria-describedby': about,
    'aria-required': required ? 'true' : undefined });
  const el = h('div', { class: format ? 'field code' : 'field' },
    h('label', { for: own }, label, required ? '' : h('small', {}, ` ${t('field.optional')}`)),
    h('div', { class: input.type === 'password' ? 'control secret-field' : 'control' }, input, input.type === 'password' && peek(input)),
    help && h('p', { class: 'help', id: `${own}-help` }, help), error, aside && h('p', { class: 'aside' }, aside));
  const exact = input.type === 'password';
  return { name, aliases, input, error, el, required, format, read: () => (exact ? input.value : input.value.trim()) };
}

// peek shows what was typed into a password field, and hides it again.
function peek(input) {
  const button = h('button', { type: 'button', class: 'peek', 'aria-label': t('field.show'), 'aria-pressed': 'false' }, icon('eye'));
  const show = (on) => {
    input.type = on ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(on));
  };
  button.addEventListener('click', () => show(input.type === 'password'));
  input.addEventListener('hide', () => show(false));
  return button;
}

function complain(f, text) {
  f.error.replaceChildren(...(text ? [icon('alert'), text] : []));
  if (text) f.input.setAttribute('aria-invalid', 'true');
  else f.input.removeAttribute('aria-invalid');
}

// form puts fields together. submit is given the values by name; what it throws is shown where
// it belongs: beside a field, or above them all.
export function form({ fields = [], button, kind = 'primary', mark, submit, above, below, ...props }) {
  const list = fields.map((f) => field(f));
  const alert = h('div', { role: 'alert', class: 'alert-place' });
  const press = h('button', { class: kind }, mark && icon(mark), h('span', {}, button));
  const el = h('form', { novalidate: true, ...props }, alert, above, list.map((f) => f.el), h('div', { class: 'buttons' }, press, below));
  el.addEventListener('submit', (event) => {
    event.preventDefault();
    busy(press, () => send(list, alert, submit));
  });
  for (const f of list) {
    f.input.addEventListener('input', () => {
      complain(f, '');
      if (f.format && whole(f) && list.every((other) => other.read())) el.requestSubmit();
    });
  }
  return el;
}

// whole tells whether a code has all its characters, dashes aside; short that some are missing.
const typed = ({ input }) => input.value.replace(/[^\p{L}\p{N}]/gu, '').length;
const whole = (f) => typed(f) === f.format.length;
const short = (f) => typed(f) < f.format.length;

async function send(list, alert, submit) {
  alert.replaceChildren();
  for (const f of list) {
    complain(f, f.required && !f.read() ? t('error.required') : f.read() && f.format && short(f) ? t(f.format.numeric ? 'error.short_code_digits' : 'error.short_code', { n: f.format.length }) : '');
    if (f.input.type === 'text') f.input.dispatchEvent(new Event('hide'));
  }
  if (list.some((f) => f.input.hasAttribute('aria-invalid'))) return focusWrong(list);
  try {
    return await submit(Object.fromEntries(list.map((f) => [f.name, f.read()])));
  } catch (error) {
    const named = [];
    for (const f of list) {
      const mine = (error.problems ?? []).filter((p) => p.param && [f.name, ...f.aliases].includes(p.param));
      named.push(...mine.map((p) => p.param));
      if (mine.length > 0) complain(f, mine.map(words).join(' '));
    }
    const rest = wrong(error, named);
    if (rest) alert.replaceChildren(h('p', { class: 'alert' }, icon('alert'), h('span', {}, rest)));
    return focusWrong(list);
  }
}

// focusWrong goes to the first field that is at fault.
function focusWrong(list) {
  const first = list.find((f) => f.input.hasAttribute('aria-invalid')) ?? (list.length === 1 ? list[0] : undefined);
  first?.input.focus();
  first?.input.select?.();
}
