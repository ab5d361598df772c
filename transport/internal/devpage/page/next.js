// What can be done now, as one button each above the tabs: follow the link of the letter that is
// waited for, fill in its code or that of the authenticator, sign in with a passkey that the form waits for.
import { h } from './dom.js';
import { every } from './place.js';
import { client, codeField, fill, passkeyField } from './app.js';
import { now } from './clock.js';
import { code, spend } from './totp.js';
import { virtual } from './virtual.js';
import { fitting, follow, use } from './letters.js';
import { name } from './mail.js';

// next makes what stands in the head of the panel.
export function next() {
  const said = h('p', { class: 'unseen', role: 'status' });
  const el = h('div', { class: 'next' }, said);
  const buttons = new Map(); // by what they are for, so that the focus stays where it is
  let letters = []; // all that there are, the newest first
  let auth;
  client.then((a) => { auth = a; });

  function offer(id, doing, what, go) {
    let b = buttons.get(id);
    if (!b) {
      b = h('button', { type: 'button', class: 'main', 'data-next': id }, h('b', {}), h('span', {}));
      b.addEventListener('click', () => b.go());
      buttons.set(id, b);
      el.append(b);
      said.textContent = `The inspector offers: ${doing}, ${what}`;
    }
    b.go = go;
    if (b.firstChild.textContent !== doing) b.firstChild.textContent = doing;
    if (b.lastChild.textContent !== what) b.lastChild.textContent = what;
  }
  function withdraw(id) {
    buttons.get(id)?.remove();
    buttons.delete(id);
  }

  // stage is what the app waits at, as far as it says.
  const stage = () => auth?.state?.proof?.stage?.id ?? auth?.state?.stage?.id;
  const byMail = (id) => /verify|by_code/.test(id ?? '');

  const again = every(1000, async () => {
    const field = codeField();
    const totp = field && !byMail(stage()) ? await code(now()) : undefined;
    if (totp && !totp.spent) {
      offer('totp', `Fill in ${totp.code}`, `the authenticator’s code, for ${totp.left} s`, async () => {
        spend(totp.code);
        withdraw('totp');
        await fill(totp.code);
      });
    } else withdraw('totp');
    const key = virtual.waiting && passkeyField() && virtual.fitting(virtual.waiting.request).sort((a, b) => b.used - a.used)[0];
    const factor = !key && !field && await second();
    if (key) offer('passkey', 'Use the passkey', `of ${key.user.name}`, () => virtual.waiting?.pick(key));
    else if (factor) offer('passkey', 'Use the passkey', `of ${factor.user.name}`, () => auth.step.passkey().catch(() => {}));
    else withdraw('passkey');
    const letter = fitting(letters, auth?.state);
    if (letter?.url) offer('link', 'Open the link', `to ${letter.to}: ${name(letter)}`, () => follow(letter));
    else withdraw('link');
    if (letter?.code && field && !totp) {
      offer('code', `Fill in ${letter.code}`, `to ${letter.to}: ${name(letter)}`, async () => {
        use(letter.code);
        withdraw('code');
        await fill(letter.code);
      });
    } else withdraw('code');
  });
  virtual.addEventListener('change', again);

  // second is the passkey that the second factor takes, where the app asks for one and the virtual
  // authenticator has one of this site.
  async function second() {
    const { stage } = auth?.state ?? {};
    if (stage?.passkey !== 'get' || !await virtual.on()) return undefined;
    return virtual.fitting({ rpId: location.hostname }).sort((a, b) => b.used - a.used)[0];
  }

  // arrived takes all letters that there are.
  const arrived = (all) => {
    letters = all;
    again();
  };
  return { el, arrived, again };
}
