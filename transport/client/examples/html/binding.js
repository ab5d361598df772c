import { attributes, forms, label, read } from '../journey.js';

const clone = (id) => document.getElementById(id).content.cloneNode(true).firstElementChild;

function build(form, then) {
  const element = clone('form');
  const [title, text, alert] = element.children;
  title.textContent = form.title;
  Object.assign(text, { textContent: form.text ?? '', hidden: !form.text });
  if (form.username) alert.before(Object.assign(document.createElement('input'), { name: 'username', autocomplete: 'username', value: form.username, hidden: true }));
  for (const field of form.fields) {
    const [input, span] = alert.parentNode.insertBefore(clone('field'), alert).children;
    for (const [name, value] of Object.entries(attributes(field))) if (value) input.setAttribute(name, value);
    if (input.type !== 'checkbox') input.before(span);
    span.textContent = label(field);
  }
  for (const { label: textContent, free = false } of form.buttons) element.append(Object.assign(document.createElement('button'), { textContent, formNoValidate: free }));
  element.addEventListener('submit', async (event) => {
    event.preventDefault();
    const buttons = [...element.querySelectorAll('button')];
    buttons.forEach((b) => { b.disabled = true; });
    alert.textContent = '';
    await form.buttons[buttons.indexOf(event.submitter)].run(read(element, form.fields)).then(then, (error) => { alert.textContent = error.message; });
    buttons.forEach((b) => { b.disabled = false; });
  });
  return element;
}

/** Keeps an element on the state of an `auth`: forms that do not change keep what was entered. */
export function bind(auth, main) {
  let extra, shown = new Map();
  const show = () => {
    const now = [...forms(auth, auth.state), ...(extra ? [extra] : [])].map((form) => [JSON.stringify(form), form]);
    shown = new Map(now.map(([key, form]) => [key, shown.get(key) ?? build(form, (next) => { if (next !== undefined) { extra = next; show(); } })]));
    main.replaceChildren(...shown.values());
    if (document.activeElement === document.body) main.querySelector('input:not([hidden]), button')?.focus();
  };
  return auth.subscribe(show);
}
