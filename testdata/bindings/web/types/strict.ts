// What the types hold: each @ts-expect-error is a mistake that must not compile, and all the
// rest must. Nothing here runs.
import { AuthError, createAuth, type Auth, type AuthOptions, type AuthState, type Client, type Features, type Problem, type Stage, type StageId, type StageValues, type TokenStorage, type User, type Way } from 'stagedoor';
import { createDPoP, type DPoP } from 'stagedoor/dpop';

/** Compiles where both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
const same = <A, B>(_: Same<A, B>) => {};

const auth: Auth = createAuth({ url: 'http://localhost:8080' });

export async function proofs() {
  const dpop: DPoP = createDPoP();
  createAuth({ client: 'app', dpop });
  createAuth({ client: 'plain', dpop: createDPoP({ name: 'other', key: async () => ({ alg: 'ES256', jwk: { kty: 'EC' }, sign: async (data) => data }) }) });
  // @ts-expect-error what binds tokens is made
  createAuth({ client: 'app', dpop: true });
  // @ts-expect-error a key says how it signs
  createDPoP({ key: async () => ({ jwk: {}, sign: async (data: ArrayBuffer) => data }) });
  same<string, Awaited<ReturnType<DPoP['proof']>>>(true);
  const answer: Response = await dpop.fetch(new URL('http://localhost:3000/orders'), { method: 'POST', headers: { DPoP: await dpop.proof('GET', 'http://localhost:3000/') } });
  return answer;
}

export function options() {
  createAuth();
  createAuth({ client: 'app', storage: { getItem: () => null, setItem() {}, removeItem() {} }, channel: false, retries: 0 });
  const later: TokenStorage = { getItem: async (key: string) => key, setItem: async () => true, removeItem: async () => 1 };
  createAuth({ client: 'plain', storage: later, fetch });
  // @ts-expect-error there is no such client
  createAuth({ client: 'desktop' });
  // @ts-expect-error nor such an option
  createAuth({ uri: 'http://localhost:8080' });
  // @ts-expect-error a storage removes, too
  createAuth({ storage: { getItem: () => null, setItem() {} } });
  // @ts-expect-error a channel has a name, or is none
  createAuth({ channel: true });
  same<Client, 'browser' | 'app' | 'plain'>(true);
  same<AuthOptions['url'], string | undefined>(true);
}

export function narrows(state: AuthState): string {
  // @ts-expect-error nobody may be signed in
  state.user;
  // @ts-expect-error nor may anything wait
  state.stage;
  switch (state.status) {
    case 'loading':
      same<typeof state, { status: 'loading' }>(true);
      return '';
    case 'unavailable':
      same<typeof state.error, AuthError>(true);
      return state.error.code;
    case 'signed_out':
      same<typeof state.ways, Way[]>(true);
      same<typeof state.expired, boolean>(true);
      // @ts-expect-error nothing waits
      return state.stage.id;
    case 'pending':
      same<typeof state.stage, Stage>(true);
      // @ts-expect-error nobody is signed in yet
      state.user;
      return state.stage.id + state.stage.fields.map((field) => field.name).join();
    case 'signed_in':
      same<typeof state.user, User>(true);
      same<typeof state.stage, Stage | null>(true);
      // @ts-expect-error a stage may wait beside, or not
      state.stage.id;
      // @ts-expect-error a proof is waited for, or not
      state.proof.ways;
      // @ts-expect-error what one gets is not to be changed into something else
      state.user.email = 1;
      return state.user.email ?? state.user.username ?? String(state.user.id);
    default:
      same<typeof state, never>(true);
      return state;
  }
}

export async function steps() {
  same<keyof StageValues, StageId>(true);
  await auth.step.submit('verify_email', { key: 'ABC123' });
  await auth.step.submit('mfa_authenticate', { code: '123456' });
  await auth.step.submit('mfa_authenticate', { credential: {} });
  await auth.step.submit('mfa_trust', { trust: true });
  await auth.step.submit('password_reset_by_code', { key: 'ABC123', password: 'secret' });
  await auth.step.submit('acme.terms', { accept: true, version: '3' });
  const values: StageValues['login_by_code'] = { code: '1' };
  // @ts-expect-error the field of an address is its key
  const wrong: StageValues['verify_email'] = { code: '1' };
  // @ts-expect-error a yes or a no
  const trust: StageValues['mfa_trust'] = { trust: 'yes' };
  // @ts-expect-error a key alone sets no password
  const reset: StageValues['password_reset_by_code'] = { key: 'ABC123' };
  // @ts-expect-error the field of an address is its key, also here
  await auth.step.submit('verify_email', { code: 'ABC123' });
  // @ts-expect-error and no stage of the contract does without values
  await auth.step.submit('mfa_trust', {});
  // @ts-expect-error values come with a stage
  await auth.step.submit('acme.terms');
  // @ts-expect-error one of the two
  await auth.step.change({});
  // @ts-expect-error a name is a text
  await auth.step.passkey({ name: 1 });
  const given: unknown = await auth.step.act('text', { any: 'thing' });
  // @ts-expect-error who knows what it answers
  given.text;
  return [values, wrong, trust, reset];
}

// A form of any stage, and one of a stage that was told apart.
export async function anyStage(stage: Stage, values: Record<string, unknown>, name: string) {
  await auth.step.submit(stage.id, values);
  await auth.step.submit(name, values);
  if (stage.id === 'mfa_authenticate') await auth.step.submit(stage.id, { code: '123456' });
  const own = stage as Stage & { url: string };
  return own.url;
}

export async function actions() {
  const state: AuthState = await auth.signIn.password({ email: 'ann@example.org', password: 'secret' });
  await auth.signIn.code({ email: 'ann@example.org' });
  await auth.signIn.code({ phone: '+491701234567' });
  await auth.signIn.passkey({ signal: new AbortController().signal });
  // @ts-expect-error what is sent a code is one of the two
  await auth.signIn.code({ username: 'ann' });
  // @ts-expect-error values are named
  await auth.signIn.password('ann@example.org', 'secret');
  // @ts-expect-error there is no such action
  await auth.signIn.magic();
  const away: Promise<never> = auth.signIn.provider('google', { callback: '/' });
  // @ts-expect-error there is no such reason to go there
  await auth.signIn.provider('google', { process: 'link' });
  // @ts-expect-error the new password is what it is about
  await auth.password.change({ current_password: 'secret' });
  const nothing: void = await auth.password.change({ new_password: 'secret' });
  const list: { email: string; verified: boolean; primary: boolean }[] = await auth.account.emails.add('ann@example.org');
  // @ts-expect-error it may have none
  (await auth.account.phone.get()).phone;
  const codes: string[] | undefined = (await auth.account.recoveryCodes.renew()).unused_codes;
  // @ts-expect-error several at a time
  await auth.account.sessions.end(1);
  await auth.account.passkeys.add({ name: 'laptop', passwordless: true });
  const token: string | null = await auth.accessToken();
  const response: Response = await auth.fetch(new URL('http://localhost:3000/'), { method: 'POST' });
  const features: Features | undefined = (await auth.config()).features;
  const body: unknown = await auth.request('GET', 'account/email');
  const needed: boolean = (await auth.prove.needed('AddKey')).required;
  // @ts-expect-error the state changes by actions alone
  auth.state = state;
  return [away, nothing, list, codes, token, response, features, body, needed];
}

export function listens(): () => void {
  // @ts-expect-error there is no such event
  auth.on('login', () => {});
  auth.on('exchange', ({ method, path, status, took }) => console.log(method, path, status.toFixed(), took.toFixed()));
  // @ts-expect-error a state is no text
  auth.subscribe((state: string) => state);
  return auth.subscribe(narrows);
}

export function fails(error: unknown): Problem[] {
  if (!(error instanceof AuthError)) throw error;
  same<typeof error.code, string>(true);
  same<typeof error.retryAfter, number | undefined>(true);
  const wait: number = error.retryAfter ?? 0;
  // @ts-expect-error a problem of a field is one of several
  error.fields.email.message;
  return wait > 0 ? error.problems : error.fields.email ?? [];
}
