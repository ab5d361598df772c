// Asking once more who it is, in front of the page: what waited for it goes on by itself.
import { auth, config, features } from './auth.js';
import { dialog } from './confirm.js';
import { h } from './dom.js';
import { action, form } from './form.js';
import { nameFor } from './forgot.js';
import { kept, page } from './page.js';
import { codeField, put } from './step.js';
import { t } from './texts.js';

// first asks before an operation of the server's OpenAPI document, where that would ask: nobody
// does something by halves, and is asked then. Who gives it up ends what they were about.
export async function first(operation) {
  const { required, flows } = await auth.prove.needed(operation);
  if (required && !await prove(flows ?? [])) throw Object.assign(new Error(), { name: 'AuthError', code: 'cancelled' });
}

// prove asks until it is proved or given up, and tells whether it was. ways are those that the
// server offers; if left out, what waits in the state has them.
export function prove(ways) {
  let stop = () => {};
  const waiting = () => auth.state.proof?.stage ?? (ways && auth.state.stage?.id === 'reauthenticate_by_code' ? auth.state.stage : null);
  return dialog(t('prove.title'), (close) => {
    const place = h('div', {});
    const show = (el) => {
      place.replaceChildren(el);
      if (place.isConnected) place.querySelector('input:not([hidden]), button')?.focus();
    };
    const proved = async (work) => {
      await work();
      // What waits in the state goes on by itself; otherwise this is all that was asked for.
      if (ways && !waiting()) close(true);
    };
    const all = (ways ?? auth.state.proof.ways).flatMap((way) => offers(way, proved)).filter(Boolean);
    const button = (way, kind) => action(way.text, way.now ? () => proved(way.now) : () => choose(way), kind, way.mark);
    const choose = (way) => {
      const others = all.filter((other) => other !== way);
      // Where nothing is to be filled in, the first way is a button like the others, and stands out.
      show(h('div', { class: 'stack' }, way?.body() ?? (all.length === 0 && h('p', {}, t('prove.none'))),
        others.length > 0 && h('div', { class: 'ways' }, others.map((other, i) => button(other, !way && i === 0 ? 'primary wide' : 'plain wide')))));
    };
    choose(all.find((way) => way.body));
    let waits;
    stop = auth.subscribe((state) => {
      if (state.status !== 'signed_in' || !ways && !state.proof) close();
      else if (waiting() && waiting().id !== waits) show(codeSent(waiting(), proved));
      waits = waiting()?.id;
    });
    return [h('p', { class: 'lead' }, t('prove.about')), place, h('p', { class: 'foot' }, action(t('confirm.cancel'), () => {
      giveUp();
      close(false);
    }, 'text'))];
  }, giveUp).finally(() => stop());
}

function giveUp() {
  if (auth.state.stage?.id === 'reauthenticate_by_code') auth.step.cancel();
  auth.prove.cancel();
}

// offers are the ways that one of the server's comes to: {text, mark} with a body to fill in,
// or what is done now. proved does what proves it.
function offers(way, proved) {
  const name = auth.state.user.email ?? auth.state.user.username ?? auth.state.user.display;
  switch (way.id) {
    case 'reauthenticate':
      return [{ text: t('prove.use_password'), mark: 'lock', body: () => form({
        above: nameFor(name), fields: [{ name: 'password', label: t('field.password'), value: page.sample && kept.get('sample') ? page.sample.password : '' }], button: t('prove.password'),
        submit: ({ password }) => proved(() => auth.prove.password(password)),
      }) }];
    case 'reauthenticate_by_code':
      return (way.recipients ?? []).map((to) => ({ text: t('prove.code', { to: to.email ?? to.phone }), mark: to.phone ? 'phone' : 'mail', now: () => auth.prove.code(to) }));
    case 'mfa_reauthenticate': {
      const types = way.types ?? [];
      const byCode = types.some((type) => type !== 'webauthn');
      return [
        byCode && { text: t('prove.use_factor'), mark: 'code', body: () => h('div', { class: 'stack' }, h('p', {}, t('prove.factor_about')), form({
          fields: [{ ...codeField('code'), label: t('field.code') }], button: t('prove.factor'), submit: ({ code }) => proved(() => auth.prove.factor(code)),
        })) },
        types.includes('webauthn') && auth.passkeys.supported() && { text: t('prove.passkey'), mark: 'passkey', now: () => auth.prove.passkey() },
      ];
    }
    case 'provider_redirect':
      return (way.providers ?? []).map((id) => ({ text: t('provider.with', { name: called(id) }), mark: 'link', now: () => auth.prove.provider(id, { callback: location.href }) }));
    default:
      return [];
  }
}

const called = (id) => config.socialaccount?.providers?.find((p) => p.id === id)?.name ?? id;

// codeSent asks for the code that is waited for.
function codeSent(stage, proved) {
  const to = stage.recipients?.[0];
  return h('div', { class: 'stack' }, h('p', {}, ...put('prove.code_sent', h('b', {}, to?.email ?? to?.phone ?? t('step.you')))), form({
    fields: [codeField('code', features.codes.reauthentication)], button: t('prove.factor'),
    submit: ({ code }) => proved(() => auth.step.submit(stage.id, { code })),
  }));
}
