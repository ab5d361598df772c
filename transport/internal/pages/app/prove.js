// Asking once more who it is, in front of the page: what waited for it goes on by itself.
import { auth, features } from './auth.js';
import { dialog } from './confirm.js';
import { h } from './dom.js';
import { action, form } from './form.js';
import { nameFor } from './forgot.js';
import { kept, page } from './page.js';
import { codeField, put } from './step.js';
import { t } from './texts.js';

// prove asks until it is proved or given up.
export function prove() {
  let stop = () => {};
  return dialog(t('prove.title'), (close) => {
    const place = h('div', {});
    const show = (el) => {
      place.replaceChildren(el);
      if (place.isConnected) place.querySelector('input:not([hidden]), button')?.focus();
    };
    const ways = auth.state.proof.ways.flatMap(offers).filter(Boolean);
    const choose = (way) => show(h('div', { class: 'stack' }, way?.body(), ways.length > 1 && h('div', { class: 'ways' },
      ways.filter((other) => other !== way).map((other) => (other.now ? action(other.text, other.now, 'plain wide', other.mark)
        : action(other.text, () => choose(other), 'plain wide', other.mark))))));
    choose(ways.find((way) => way.body) ?? { body: () => (ways.length === 0 ? h('p', {}, t('prove.none')) : undefined) });
    let waits = auth.state.proof.stage?.id;
    if (waits) show(codeSent(auth.state.proof.stage));
    stop = auth.subscribe((state) => {
      if (state.status !== 'signed_in' || !state.proof) close();
      else if (state.proof.stage && state.proof.stage.id !== waits) show(codeSent(state.proof.stage));
      waits = state.proof?.stage?.id;
    });
    return [h('p', { class: 'lead' }, t('prove.about')), place, h('p', { class: 'foot' }, action(t('confirm.cancel'), giveUp, 'text'))];
  }, giveUp).finally(() => stop());
}

function giveUp() {
  auth.prove.cancel();
}

// offers are the ways that one of the server's comes to: {text, mark} with a body to fill in,
// or what is done now.
function offers(way) {
  const name = auth.state.user.email ?? auth.state.user.username ?? auth.state.user.display;
  switch (way.id) {
    case 'reauthenticate':
      return [{ text: t('prove.use_password'), mark: 'lock', body: () => form({
        above: nameFor(name), fields: [{ name: 'password', label: t('field.password'), value: page.sample && kept.get('sample') ? page.sample.password : '' }], button: t('prove.password'),
        submit: ({ password }) => auth.prove.password(password),
      }) }];
    case 'reauthenticate_by_code':
      return (way.recipients ?? []).map((to) => ({ text: t('prove.code', { to: to.email ?? to.phone }), mark: to.phone ? 'phone' : 'mail', now: () => auth.prove.code(to) }));
    case 'mfa_reauthenticate': {
      const types = way.types ?? [];
      const byCode = types.some((type) => type !== 'webauthn');
      return [
        byCode && { text: t('prove.use_factor'), mark: 'code', body: () => h('div', { class: 'stack' }, h('p', {}, t('prove.factor_about')), form({
          fields: [{ ...codeField('code'), label: t('field.code') }], button: t('prove.factor'), submit: ({ code }) => auth.prove.factor(code),
        })) },
        types.includes('webauthn') && auth.passkeys.supported() && { text: t('prove.passkey'), mark: 'passkey', now: () => auth.prove.passkey() },
      ];
    }
    case 'provider_reauthenticate':
      return (way.providers ?? []).map((id) => ({ text: t('provider.with', { name: called(id) }), mark: 'link', now: () => auth.prove.provider(id, { callback: location.href }) }));
    default:
      return [];
  }
}

const called = (id) => page.config.data.socialaccount?.providers?.find((p) => p.id === id)?.name ?? id;

// codeSent asks for the code that is waited for.
function codeSent(stage) {
  const to = stage.recipients?.[0];
  return h('div', { class: 'stack' }, h('p', {}, ...put('prove.code_sent', h('b', {}, to?.email ?? to?.phone ?? t('step.you')))), form({
    fields: [codeField('code', features.codes.reauthentication)], button: t('prove.factor'),
    submit: ({ code }) => auth.step.submit(stage.id, { code }),
  }));
}
