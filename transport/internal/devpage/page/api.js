// Calls of the headless contract, browser client: cookies, and the CSRF token that the
// server put into a cookie goes back in a header.
import { byId, json } from './dom.js';

export const data = JSON.parse(byId('data').textContent);

// csrf is the token that the server put into a cookie.
export const csrf = () => document.cookie.match(/(?:^|; )csrftoken=([^;]*)/)?.[1] ?? '';

// call sends a request and shows it together with its answer, unless it is quiet.
export async function call(method, path, body, { headers = {}, quiet = false } = {}) {
  const began = performance.now();
  const init = { method, headers: { ...headers, Accept: 'application/json' } };
  if (method !== 'GET') init.headers['X-CSRFToken'] = csrf();
  if (body !== undefined) {
    init.headers['Content-Type'] = 'application/json';
    init.body = JSON.stringify(body);
  }
  let answer;
  try {
    const response = await fetch(data.api + path, init);
    answer = { status: response.status, ...(await response.json().catch(() => ({}))) };
  } catch {
    answer = { status: 0, errors: [{ message: 'The server cannot be reached.', code: 'unreachable' }] };
  }
  if (!quiet) show(method, path, body, answer, performance.now() - began);
  return answer;
}

// hidden keeps passwords off the screen; codes are for once and may be seen.
const hidden = (key, value) => (/password/.test(key) && typeof value === 'string' && value ? '•'.repeat(8) : value);

function show(method, path, body, answer, took) {
  byId('call').textContent = `${method} ${data.api}${path}`;
  byId('status').textContent = answer.status ? `${answer.status} in ${Math.round(took)} ms` : 'no answer';
  byId('status').dataset.kind = String(answer.status)[0];
  byId('sent').replaceChildren(...(body === undefined ? ['nothing'] : json(JSON.parse(JSON.stringify(body, hidden)))));
  byId('answered').replaceChildren(...json(answer));
}

// pending is the flow that waits for this client, or undefined.
export const pending = (answer) => answer?.data?.flows?.find((f) => f.is_pending);

const meaning = {
  403: 'This is not open.',
  404: 'This server does not have that.',
  409: 'That is not possible now.',
  429: 'Too often. Try again later.',
};

// explain says what an answer means, but for errors of the fields named.
export function explain(answer, fields = []) {
  const errors = (answer.errors ?? []).filter((e) => !fields.includes(e.param));
  if (errors.length > 0) return errors.map((e) => e.message).join(' ');
  return answer.errors?.length > 0 ? '' : (meaning[answer.status] ?? '');
}

// The paths of the contract, of which a form needs only the fields besides.
export const paths = {
  start: {
    login: 'auth/login',
    signup: 'auth/signup',
    login_by_code: 'auth/code/request',
    password_reset_request: 'auth/password/request',
    password_reset_by_code: 'auth/password/request',
    reauthenticate: 'auth/reauthenticate',
    reauthenticate_by_code: 'auth/reauthenticate/code/request',
    mfa_reauthenticate: 'auth/2fa/reauthenticate',
  },
  pending: {
    verify_email: 'auth/email/verify',
    verify_phone: 'auth/phone/verify',
    login_by_code: 'auth/code/confirm',
    reauthenticate_by_code: 'auth/reauthenticate/code/confirm',
    mfa_authenticate: 'auth/2fa/authenticate',
    mfa_trust: 'auth/2fa/trust',
    password_reset_by_code: 'auth/password/reset',
    provider_signup: 'auth/provider/signup',
  },
  change: {
    verify_email: 'account/email',
    verify_phone: 'account/phone',
  },
  resend: {
    verify_email: 'auth/email/verify/resend',
    verify_phone: 'auth/phone/verify/resend',
    login_by_code: 'auth/code/resend',
  },
};
