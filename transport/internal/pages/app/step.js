// What a sign-in or a sign-up waits for: one page for every stage, also for those that nobody
// here has heard of.
import { auth, features } from './auth.js';
import { h, icon, say } from './dom.js';
import { action, form } from './form.js';
import { factor } from './factor.js';
import { nameFor, newPassword } from './forgot.js';
import { page } from './page.js';
import { asField } from './signup.js';
import { asked, follow, go } from './router.js';
import { has, t } from './texts.js';
import { lasting } from './time.js';

const views = { verify_email: sent, verify_phone: sent, login_by_code: sent, mfa_authenticate: factor, mfa_trust: trust,
  mfa_signup_webauthn: makePasskey, provider_signup: fromProvider, password_reset_by_code: resetByCode };

// step is the page of the stage that waits.
export async function step(state) {
  const { stage } = state;
  const view = await (stage.known && views[stage.id] ? views[stage.id] : unknown)(stage);
  const cancel = action(t('step.cancel'), async () => {
    await auth.step.cancel();
    go(asked('/account/login'), { replace: true });
  }, 'text', 'back');
  return { ...view, body: [view.body, h('p', { class: 'foot' }, cancel)] };
}

// The formats of the codes of stages, and the field that takes them.
const codes = { verify_email: ['key', 'email_verification'], verify_phone: ['code', 'phone_verification'], login_by_code: ['code', 'login'] };

// codeField is the field for a code that the server sent.
export function codeField(name, format) {
  return { name, type: 'code', format, label: format?.numeric ? t('field.code_digits', { n: format.length }) : t('field.code'), aliases: ['code', 'key'] };
}

const unnamed = (stage) => t(stage.id === 'verify_phone' ? 'step.your_number' : stage.id === 'verify_email' ? 'step.your_address' : 'step.you');

// recipient is where something was sent to, as far as this window knows.
export function recipient(stage) {
  const { email, phone } = stage.recipients?.[0] ?? history.state?.to ?? {};
  return (stage.id === 'verify_phone' ? phone : email ?? phone) || unnamed(stage);
}

// sent asks for a code, or for the link of a letter to be opened.
export function sent(stage) {
  const link = stage.id === 'verify_email' && !features.email.code;
  const [name, format] = codes[stage.id];
  const to = h('b', {}, recipient(stage));
  const entered = link && history.state?.entered;
  const lead = h('p', { class: 'lead' }, ...put(`step.${stage.id}.${entered ? 'entered' : link ? 'link' : 'code'}`, to));
  const submit = async (values) => follow(await auth.step.submit(stage.id, values));
  return {
    title: t(`step.${stage.id}.title`),
    body: [
      link && h('div', { class: 'big' }, icon('mail')), lead,
      link ? h('p', { class: 'foot' }, t(entered ? 'step.verify_email.once' : 'step.verify_email.wait'))
        : form({ 'aria-labelledby': 'title', fields: [codeField(name, features.codes[format])], button: t('step.continue'), submit }),
      link && h('p', { class: 'foot' }, t('step.verify_email.open_here'), ' ', h('a', { href: asked('/account/login') }, t('signup.login'))),
      again(stage, to),
    ],
  };
}

// put fills an element into a text where {to} stands.
export function put(key, el) {
  const [before, after] = t(key, { to: '\u0000' }).split('\u0000');
  return [before, el, after ?? ''];
}

// again are the actions of a stage that sends something: once more, and elsewhere.
export function again(stage, to) {
  const can = (name) => stage.actions.some((a) => a.name === name);
  const place = h('div', { class: 'again' });
  const main = () => place.replaceChildren(...[
    can('resend') && action(t('step.resend'), async () => {
      await auth.step.resend();
      say(t('step.resent'));
    }, 'text'),
    can('change') && action(t('step.change'), change, 'text'),
  ].filter(Boolean));
  const change = () => {
    const name = stage.id === 'verify_phone' ? 'phone' : 'email';
    place.replaceChildren(form({
      fields: [asField({ name, required: true })], button: t('step.change'), kind: 'plain', below: action(t('step.change_back'), main, 'text'),
      submit: async (values) => {
        await auth.step.change(values);
        to.textContent = values[name];
        history.replaceState({ to: { ...history.state?.to, ...values } }, '');
        say(t('step.changed', { to: values[name] }));
        main();
      },
    }));
    place.querySelector('input').focus();
  };
  main();
  return place;
}

// trust asks whether this browser is trusted.
function trust(stage) {
  const answer = (yes) => async () => follow(await auth.step.submit(stage.id, { trust: yes }));
  return {
    title: t('step.mfa_trust.title'),
    body: [h('p', { class: 'lead' }, t('step.mfa_trust.about', { time: lasting(page.trust) })), h('div', { class: 'buttons stacked' },
      action(t('step.mfa_trust.yes'), answer(true), 'primary'), action(t('step.mfa_trust.no'), answer(false), 'plain'))],
  };
}

// makePasskey makes the passkey of a sign-up.
function makePasskey() {
  return {
    title: t('step.mfa_signup_webauthn.title'),
    body: [h('div', { class: 'big' }, icon('passkey')), h('p', { class: 'lead' }, t('step.mfa_signup_webauthn.about')), form({
      'aria-labelledby': 'title', fields: [{ name: 'name', label: t('field.passkey_name'), help: t('field.passkey_name_help'), required: false, autocomplete: 'off', maxlength: 100 }],
      button: t('step.mfa_signup_webauthn.button'), mark: 'passkey',
      submit: async ({ name }) => follow(await auth.step.passkey(name ? { name } : {})),
    })],
  };
}

// fromProvider asks for what another site did not say of somebody, with what it did say.
async function fromProvider(stage) {
  const claim = (await auth.step.info().catch(() => undefined)) ?? {};
  const said = { email: claim.email?.[0]?.email, username: claim.user?.username };
  return {
    title: t('step.provider_signup.title'),
    body: [stage.provider && h('p', { class: 'lead' }, t('step.provider_signup.about', { provider: stage.provider.name })), form({
      'aria-labelledby': 'title', fields: stage.fields.map((f) => ({ ...asField({ ...f, required: Boolean(f.required) }), value: said[f.name] })), button: t('step.provider_signup.button'),
      submit: async (values) => {
        const filled = Object.fromEntries(Object.entries(values).filter(([, v]) => v !== ''));
        follow(await auth.step.submit(stage.id, filled), { email: filled.email, phone: filled.phone });
      },
    })],
  };
}

// resetByCode sets a new password by a code.
function resetByCode(stage) {
  const name = recipient(stage);
  return {
    title: t('reset.code_title'),
    body: [h('p', { class: 'lead' }, t('reset.code_about')), form({
      'aria-labelledby': 'title', above: nameFor(name === unnamed(stage) ? '' : name),
      fields: [codeField('key', features.codes.password_reset), newPassword('password')], button: t('reset.button'),
      submit: async (values) => {
        const state = await auth.step.submit(stage.id, values);
        if (state.status === 'signed_out') go('/account/login', { replace: true, state: { gone: 'reset' } });
        else follow(state);
      },
    }), again(stage, h('b', {}))],
  };
}

// human makes words of an id: acme.accept_terms is “Accept terms”.
const human = (name) => {
  const words = name.split('.').at(-1).replace(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
};
const called = (key, name) => (has(key) ? t(key) : human(name));

// unknown is a stage that only the server knows: what it asks for makes the form.
function unknown(stage) {
  const asField = (f) => ({
    name: f.name, label: called(`field.${f.name}`, f.name), help: f.help, required: Boolean(f.required), maxlength: f.max_length, type: f.type,
    ...(f.type === 'email' || f.type === 'phone' || f.type === 'username' ? { autocomplete: 'off', inputmode: { email: 'email', phone: 'tel' }[f.type] } : {}),
  });
  const typed = (fields, values) => Object.fromEntries(fields.filter((f) => values[f.name] !== '').map((f) => [f.name, read(f, values[f.name])]));
  const answers = h('div', { 'aria-live': 'polite' });
  const tell = (answer, name) => {
    const texts = Object.values(answer?.data ?? answer ?? {}).filter((text) => typeof text === 'string');
    answers.replaceChildren(...texts.map((text) => h('p', { class: 'alert info' }, text)));
    if (texts.length === 0) say(t('step.resent_action', { name }));
  };
  const title = called(`step.${stage.id}.title`, stage.id);
  const about = `step.${stage.id}.about`;
  const actions = stage.actions.filter((a) => a.name !== 'info').map((a) => {
    const run = async (values) => tell(await auth.step.act(a.name, typed(a.fields, values)), called(`step.${stage.id}.${a.name}`, a.name));
    return a.fields.length === 0 ? action(called(`step.${stage.id}.${a.name}`, a.name), () => run({}), 'text')
      : form({ fields: a.fields.map(asField), button: called(`step.${stage.id}.${a.name}`, a.name), kind: 'plain', submit: run });
  });
  return {
    title,
    body: [has(about) && h('p', { class: 'lead' }, t(about)), form({
      'aria-labelledby': 'title', fields: stage.fields.map(asField), button: t('step.continue'),
      submit: async (values) => follow(await auth.step.submit(stage.id, typed(stage.fields, values))),
    }), answers, h('div', { class: 'again' }, actions)],
  };
}

// read turns what was typed into what a field holds.
function read(f, value) {
  if (f.type === 'number') return Number(value);
  if (f.type === 'json' || f.type === 'ids') return JSON.parse(value);
  return value;
}
