// The virtual authenticator: whether it stands in for the browser, and the passkeys that it has.
import { button, h, time } from './dom.js';
import { virtual } from './virtual.js';

export function passkeys(host) {
  const box = h('input', { type: 'checkbox', id: 'virtual', disabled: !virtual.possible });
  const list = h('ul', { class: 'keys' });
  const none = h('p', { class: 'quiet' }, 'It has no passkey yet. Make an account with one, or add one in the app.');
  box.addEventListener('change', () => virtual.set(box.checked));
  async function show() {
    box.checked = await virtual.on();
    const keys = virtual.list();
    none.hidden = keys.length > 0;
    list.replaceChildren(...keys.map((k) => h('li', {},
      h('div', {}, h('b', {}, k.user.name || k.user.displayName || 'no name'), h('p', { class: 'quiet' }, `for ${k.rpId}, ${used(k.count)}`, time(k.used))),
      button('Remove', () => virtual.remove(k.id), { 'aria-label': `Remove the passkey of ${k.user.name}` }))));
  }
  virtual.addEventListener('change', show);
  addEventListener('storage', show);
  show();
  virtual.choose = (keys) => choose(host.shadowRoot, keys);
  return {
    id: 'passkeys', label: 'Passkeys', shown: show,
    el: h('div', {}, h('h3', {}, 'A virtual authenticator'),
      h('p', { class: 'switch' }, box, h('label', { for: 'virtual' }, 'Use it instead of the browser’s own. ',
        h('span', { class: 'quiet' }, virtual.possible ? 'It is on by itself where the browser has none.' : 'Passkeys need https, or the name localhost.'))),
      none, list,
      h('p', { class: 'quiet' }, 'Its keys are kept by this browser for this address, private parts included. They are for trying things out.')),
  };
}

const used = (n) => (n === 0 ? 'made ' : n === 1 ? 'used once, ' : `used ${n} times, lastly `);

// choose asks which of several keys is meant; undefined where somebody would rather not.
function choose(root, keys) {
  return new Promise((resolve) => {
    const box = h('dialog', { 'aria-labelledby': 'choose' }, h('h3', { id: 'choose' }, 'Which passkey?'),
      h('p', { class: 'buttons' }, keys.map((k) => button(k.user.name || k.id, () => end(k), { class: 'main' })), button('None', () => end())));
    const end = (key) => {
      box.remove();
      resolve(key);
    };
    box.addEventListener('cancel', () => end());
    root.append(box);
    box.showModal();
  });
}
