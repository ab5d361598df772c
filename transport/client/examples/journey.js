// Which forms a state asks for, in words for people: what all the pages beside this file show.
// It knows no framework. A stage that it has never heard of gets a form by its fields.

/**
 * @typedef {import('stagedoor').Auth} Auth
 * @typedef {import('stagedoor').AuthState} AuthState
 * @typedef {import('stagedoor').Field} Field
 * @typedef {import('stagedoor').Stage} Stage
 * @typedef {import('stagedoor').Proof} Proof
 */

/**
 * What a button does with the values of its form. It may resolve to another form, to be shown
 * beside those of the state, and to null, to take that away again. `free` buttons need no values.
 * `username` is for password managers: whose password a form asks for that has no name in it.
 * @typedef {{ label: string, run: (values: any) => Promise<Form | null | void>, free?: boolean }} Button
 * @typedef {{ id: string, title: string, text?: string, username?: string, fields: Field[], buttons: Button[] }} Form
 */

/** @type {Field} */
const EMAIL = { name: 'email', type: 'email', required: true };
/** @type {Field} */
const PASSWORD = { name: 'password', type: 'secret', required: true };
/** @type {Field} */
const CODE = { name: 'code', type: 'code', required: true };

/** @type {Record<string, [title: string, text?: string]>} */
const STAGES = {
  verify_email: ['Is this your address?', 'We have sent a mail to it.'],
  verify_phone: ['Is this your number?', 'We have sent a message to it.'],
  login_by_code: ['Your code', 'We have sent you a code.'],
  reauthenticate_by_code: ['Is it still you?', 'We have sent you a code.'],
  mfa_authenticate: ['Your second factor', 'Enter the code of your authenticator app, or a recovery code.'],
  mfa_trust: ['Trust this browser?', 'It will not ask for a code again for a while.'],
  mfa_signup_webauthn: ['Make your passkey'],
  provider_signup: ['Almost there'],
  password_reset_by_code: ['A new password', 'We have sent you a code.'],
};

/**
 * The forms of a state, the most urgent first.
 * @param {Auth} auth
 * @param {AuthState} state
 * @returns {Form[]}
 */
export function forms(auth, state) {
  switch (state.status) {
    case 'loading':
      return [];
    case 'unavailable':
      return [{ id: 'unavailable', title: 'The server does not answer', fields: [], buttons: [{ label: 'Try again', free: true, run: async () => void await auth.load() }] }];
    case 'signed_out':
      return [signIn(auth, state.expired)];
    case 'pending':
      return [stageForm(auth, state.stage)];
    case 'signed_in':
      return [
        ...(state.proof ? proofs(auth, state.proof, state.user.email) : []),
        ...(state.stage ? [stageForm(auth, state.stage)] : []),
        account(auth, state.user.email ?? state.user.display ?? 'there'),
      ];
  }
}

/**
 * @param {Auth} auth
 * @param {boolean} expired
 * @returns {Form}
 */
function signIn(auth, expired) {
  /** @type {Button[]} */
  const buttons = [
    { label: 'Sign in', run: async (values) => void await auth.signIn.password(values) },
    { label: 'Sign up', run: async (values) => void await auth.signUp.password(values) },
  ];
  if (auth.passkeys.supported()) buttons.push({ label: 'Use a passkey', free: true, run: async () => void await auth.signIn.passkey() });
  return { id: 'sign_in', title: 'Sign in', text: expired ? 'Your session has ended.' : undefined, fields: [EMAIL, PASSWORD], buttons };
}

/**
 * Any stage at all, by what it says of itself.
 * @param {Auth} auth
 * @param {Stage} stage
 * @returns {Form}
 */
function stageForm(auth, stage) {
  const [title, text] = STAGES[stage.id] ?? [`One more step: ${stage.id}`];
  /** @type {Button[]} */
  const buttons = [];
  const byLink = stage.id === 'verify_email' && stage.fields.length === 0;
  const byKeyAlone = stage.passkey && (stage.fields.length === 0 || stage.passkey === 'create');
  if (byLink) buttons.push({ label: 'I have opened it', free: true, run: async () => void await auth.load() });
  else if (!byKeyAlone) buttons.push({ label: 'Continue', run: async (values) => void await auth.step.submit(stage.id, values) });
  if (stage.passkey) buttons.push({ label: stage.passkey === 'create' ? 'Make a passkey' : 'Use a passkey', free: true, run: async (values) => void await auth.step.passkey(values) });
  for (const { name, fields } of stage.actions) {
    buttons.push(fields.length === 0
      ? { label: words(name), free: true, run: async () => void await act(auth, name) }
      : { label: words(name), free: true, run: async () => action(auth, name, fields) });
  }
  buttons.push({ label: 'Cancel', free: true, run: async () => void await auth.step.cancel() });
  return { id: stage.id, title, text: byLink ? 'Open the link in the mail that we have sent you.' : text, fields: stage.fields, buttons };
}

/**
 * What a stage of your own calls `resend` or `change` is done as well.
 * @param {Auth} auth
 * @param {string} name
 * @param {any} [values]
 */
function act(auth, name, values) {
  if (name === 'resend') return auth.step.resend();
  return name === 'change' ? auth.step.change(values) : auth.step.act(name, values);
}

/**
 * @param {Auth} auth
 * @param {string} name
 * @param {Field[]} fields
 * @returns {Form}
 */
function action(auth, name, fields) {
  return {
    id: name, title: words(name), fields,
    buttons: [
      { label: words(name), run: async (values) => (await act(auth, name, values), null) },
      { label: 'Back', free: true, run: async () => null },
    ],
  };
}

/**
 * The ways to show that it is still you; what waited for it goes on by itself.
 * @param {Auth} auth
 * @param {Proof} proof
 * @param {string} [username]
 * @returns {Form[]}
 */
function proofs(auth, proof, username) {
  if (proof.stage) return [stageForm(auth, proof.stage)];
  /** @type {Button} */
  const cancel = { label: 'Not now', free: true, run: async () => auth.prove.cancel() };
  /** @type {Button} */
  const key = { label: 'Use a passkey', free: true, run: async () => void await auth.prove.passkey() };
  const title = 'Is it still you?';
  return proof.ways.flatMap(({ id, types = [] }) => {
    switch (id) {
      case 'reauthenticate':
        return [{ id, title, username, fields: [PASSWORD], buttons: [{ label: 'Confirm', run: async (values) => void await auth.prove.password(values.password) }, cancel] }];
      case 'mfa_reauthenticate': {
        const keys = types.includes('webauthn') ? [key] : [];
        if (types.length > 0 && types.every((type) => type === 'webauthn')) return [{ id, title, fields: [], buttons: [...keys, cancel] }];
        return [{ id, title, fields: [CODE], buttons: [{ label: 'Confirm', run: async (values) => void await auth.prove.factor(values.code) }, ...keys, cancel] }];
      }
      case 'webauthn_reauthenticate':
        return [{ id, title, fields: [], buttons: [key, cancel] }];
      case 'reauthenticate_by_code':
        return [{ id, title, fields: [], buttons: [{ label: 'Send me a code', free: true, run: async () => void await auth.prove.code() }, cancel] }];
      default:
        return [];
    }
  });
}

/**
 * @param {Auth} auth
 * @param {string} name
 * @returns {Form}
 */
function account(auth, name) {
  return {
    id: 'account', title: `Hello, ${name}`, text: 'You are signed in.', fields: [],
    buttons: [
      { label: 'Add an authenticator app', free: true, run: () => authenticator(auth) },
      { label: 'Sign out', free: true, run: async () => (await auth.signOut(), null) },
    ],
  };
}

/**
 * @param {Auth} auth
 * @returns {Promise<Form>}
 */
async function authenticator(auth) {
  const { secret } = await auth.account.totp.offer();
  return {
    id: 'totp', title: 'Your authenticator app', text: `Give it this key, and enter the code that it shows: ${secret}`, fields: [CODE],
    buttons: [
      { label: 'Activate', run: async (values) => (await auth.account.totp.activate(values.code), null) },
      { label: 'Back', free: true, run: async () => null },
    ],
  };
}

/** @type {Record<string, string>} */
const LABELS = {
  email: 'E-mail address', password: 'Password', phone: 'Phone number', username: 'Username', key: 'Code', code: 'Code', trust: 'Trust this browser', name: 'Name',
  resend: 'Send it again', change: 'Use another',
};

/**
 * `send_again` becomes `Send again`.
 * @param {string} name
 */
const words = (name) => LABELS[name] ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');

/**
 * What a person reads beside a field.
 * @param {Field} field
 */
export const label = (field) => field.help ?? words(field.name);

/** @type {Record<string, { type?: string, autocomplete?: string }>} */
const INPUTS = {
  secret: { type: 'password', autocomplete: 'current-password' }, email: { type: 'email', autocomplete: 'email' }, phone: { type: 'tel', autocomplete: 'tel' },
  code: { autocomplete: 'one-time-code' }, username: { autocomplete: 'username' }, bool: { type: 'checkbox' }, number: { type: 'number' },
};

/**
 * The attributes of the input for a field.
 * @param {Field} field
 */
export function attributes({ name, type, required = false, min_length, max_length }) {
  return { name, required, minlength: min_length, maxlength: max_length, type: 'text', autocomplete: 'off', ...INPUTS[type] };
}

/**
 * What was entered, as the fields' types want it.
 * @param {HTMLFormElement} form
 * @param {Field[]} fields
 * @returns {Record<string, unknown>}
 */
export function read(form, fields) {
  const data = new FormData(form);
  return typed(fields, (name) => data.get(name));
}

/**
 * What `entered` has, as the fields' types want it. A field left empty is left out.
 * @param {Field[]} fields
 * @param {(name: string) => unknown} entered
 * @returns {Record<string, unknown>}
 */
export function typed(fields, entered) {
  /** @type {Record<string, unknown>} */
  const values = {};
  for (const { name, type } of fields) {
    const value = entered(name);
    if (type === 'bool') values[name] = Boolean(value);
    else if (value) values[name] = type === 'number' ? Number(value) : type === 'json' || type === 'ids' ? JSON.parse(String(value)) : value;
  }
  return values;
}
