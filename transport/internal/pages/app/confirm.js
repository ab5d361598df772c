// A question in front of the page: a dialog of the browser's own, which keeps the focus inside
// and gives it back.
import { h } from './dom.js';
import { action } from './form.js';
import { t } from './texts.js';

// dialog shows one. make is given what closes it with a result, and returns its body.
export function dialog(title, make, closed) {
  return new Promise((done) => {
    const box = h('dialog', { 'aria-labelledby': 'dialog-title' });
    const close = (result) => {
      if (!box.isConnected) return;
      box.close();
      box.remove();
      document.documentElement.classList.remove('asking');
      done(result);
    };
    box.append(h('h2', { id: 'dialog-title', tabindex: '-1' }, title), ...[make(close)].flat(Infinity).filter(Boolean));
    box.addEventListener('cancel', (event) => {
      event.preventDefault();
      closed?.();
      close(undefined);
    });
    document.body.append(box);
    document.documentElement.classList.add('asking'); // what waits behind shows no haste
    box.showModal();
    (box.querySelector('input:not([hidden])') ?? box.querySelector('#dialog-title')).focus();
  });
}

// sure asks before something is done that cannot be undone, and does it: the question stays
// until it is done. It tells whether it was.
export function sure(title, about, button, work) {
  return dialog(title, (close) => [
    h('p', {}, about),
    h('div', { class: 'buttons' }, action(button, async () => {
      close(true);
      await work();
    }, 'danger'), action(t('confirm.cancel'), () => close(false), 'plain')),
  ]);
}
