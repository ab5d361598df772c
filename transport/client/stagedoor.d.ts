/**
 * The client library of stagedoor. One object, `auth`, talks to the server and holds what it
 * last said as a value, `auth.state`; actions change it and resolve when the server has
 * answered. What went wrong is thrown as an {@link AuthError}; that somebody is not signed in,
 * or that another step is asked for, is a state and never an error.
 */

/** The wire: cookies for browsers, session tokens or JWTs for apps, bearer tokens of the plain contract. */
export type Client = 'browser' | 'app' | 'plain';

/** Where an app keeps its tokens, one text by name. `localStorage` is one; answers may be promises. */
export interface TokenStorage {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): unknown;
  removeItem(key: string): unknown;
}

export interface AuthOptions {
  /** Origin of the server, such as `https://auth.example.com`; the page's own if left out. */
  url?: string;
  /** `browser` where there is a document, else `app`. */
  client?: Client;
  /** Path of the contract: `/_allauth` for browser and app, `/auth` for plain. */
  mount?: string;
  /** For app and plain; kept in memory if left out. */
  storage?: TokenStorage;
  /** Instead of the global one. */
  fetch?: typeof fetch;
  /** For app and plain: what `createDPoP` of `stagedoor/dpop` makes, so that tokens are worth nothing elsewhere. */
  dpop?: { bind(options: AuthOptions): AuthOptions };
  /** Instead of `navigator.credentials`. */
  credentials?: { create(options: object): Promise<unknown>; get(options: object): Promise<unknown> };
  /**
   * Name under which the tabs of one browser tell each other; false keeps to oneself. Tabs of
   * one server and client share a name by default.
   */
  channel?: string | false;
  /** An answer of `auth/session` that came with the page, so that it need not be asked for. */
  session?: unknown;
  /** An answer of `config?features=true` that came with the page. */
  config?: unknown;
  /** How often a read is tried again where the server cannot be reached or is busy: 2. */
  retries?: number;
}

export interface User {
  id: number | string;
  display?: string;
  email?: string;
  username?: string;
  has_usable_password?: boolean;
  /** How a provider, or the server's program, calls the person, and where a picture is. */
  name?: string;
  given_name?: string;
  family_name?: string;
  picture?: string;
}

/** How this session came about, and how its owner proved themselves since. `at` is in seconds since 1970. */
export interface Method {
  method: 'password' | 'code' | 'mfa' | 'socialaccount' | (string & {});
  at: number;
  type?: FactorType;
  email?: string;
  phone?: string;
  provider?: string;
  uid?: string;
  reauthenticated?: boolean;
}

export type FactorType = 'totp' | 'recovery_codes' | 'webauthn' | (string & {});

/** A field of a form. */
export interface Field {
  name: string;
  type: 'text' | 'secret' | 'email' | 'phone' | 'code' | 'bool' | 'number' | 'ids' | 'json' | 'username' | (string & {});
  required?: boolean;
  /** In characters. */
  min_length?: number;
  max_length?: number;
  /** What belongs in it, in English. */
  help?: string;
}

/** Something that can be done at a stage besides passing it, such as `resend` and `change`. */
export interface Action {
  name: string;
  fields: Field[];
}

/** A provider that people come from. */
export interface Provider {
  id: string;
  name: string;
  flows?: string[];
  client_id?: string;
  openid_configuration_url?: string;
}

/** Where a code can be sent to. */
export interface Recipient {
  email?: string;
  phone?: string;
}

/** What the server offers to be started. */
export interface Way {
  id: 'login' | 'signup' | 'login_by_code' | 'mfa_login_webauthn' | 'mfa_signup_webauthn' | 'provider_redirect' | 'provider_token'
    | 'reauthenticate' | 'reauthenticate_by_code' | 'mfa_reauthenticate' | (string & {});
  types?: FactorType[];
  providers?: string[];
  /** `reauthenticate` where the providers can prove who somebody is. */
  process?: string;
  recipients?: Recipient[];
  fields?: Field[];
}

/** What {@link Steps.submit} takes, by stage. */
export interface StageValues {
  verify_email: { key: string };
  verify_phone: { code: string };
  login_by_code: { code: string };
  mfa_authenticate: { code: string } | { credential: unknown };
  mfa_trust: { trust: boolean };
  mfa_signup_webauthn: { name?: string; credential: unknown };
  provider_signup: { email?: string; username?: string; phone?: string };
  password_reset_by_code: { key: string; password: string };
  reauthenticate_by_code: { code: string };
}

/** The stages of the contract. A server may have others: their fields say what they ask for. */
export type StageId = keyof StageValues;

/** Where a run waits, what it asks for and what can be done there. */
export interface Stage {
  id: StageId | (string & {});
  /** A form for it; without any a passkey or a button is all it takes. */
  fields: Field[];
  /** What can be done instead: `resend`, `change`, `info`. */
  actions: Action[];
  /** `get` where a passkey passes it, `create` where one is to be made: see {@link Steps.passkey}. */
  passkey?: 'get' | 'create';
  /** Which second factors the account has. */
  types?: FactorType[];
  /** Where the person came from. */
  provider?: Provider;
  process?: string;
  recipients?: Recipient[];
  /** Whether the library knows the stage; of another it knows what the server says. */
  known: boolean;
}

/** A proof that an action asked for: it is still the owner. The action goes on after it. */
export interface Proof {
  /** The ways that there are; none where the account has nothing to prove itself with. */
  ways: Way[];
  /** The code that is waited for. */
  stage: Stage | null;
}

export type AuthState =
  /** Nothing was asked yet. */
  | { status: 'loading' }
  /** The server did not answer. {@link Auth.load} tries again. */
  | { status: 'unavailable'; error: AuthError }
  /** `expired` where there was a session a moment ago that nobody here has ended. */
  | { status: 'signed_out'; ways: Way[]; expired: boolean }
  /** A run waits; `ways` are what can be started instead. */
  | { status: 'pending'; stage: Stage; ways: Way[] }
  /** `proof` is set while an action waits for one; `stage` while a new number waits for its code. */
  | { status: 'signed_in'; user: User; methods: Method[]; proof: Proof | null; stage: Stage | null };

/** One thing that is wrong; `param` is the field, if it is about one. */
export interface Problem {
  code: string;
  message: string;
  param?: string;
  /** Where a third party is behind it: `provider_unavailable`, `token_refused` or `not_configured`.
   * The plain contract has it in `answer.cause`. */
  cause?: string;
}

/** What went wrong. */
export class AuthError extends Error {
  name: 'AuthError';
  /** The HTTP status, 0 where no answer came. */
  status: number;
  /**
   * The first problem's code, else: `unreachable`, `timed_out`, `forbidden`, `not_found`,
   * `conflict`, `gone`, `too_many_requests`, `unavailable`, `failed`; of the library itself
   * `cancelled` (by the person, or by another action), `not_allowed` (the browser or the person
   * refused the passkey), `already_registered` (this device has one), `unsupported` (by this
   * browser or this contract), `signed_out` (where data was asked for), `proof_required` (see
   * {@link Account}, where nobody subscribes who could show the ways).
   */
  code: string;
  problems: Problem[];
  /** The problems of single fields. */
  fields: Record<string, Problem[]>;
  /** When to try again, in seconds, where the server says. */
  retryAfter?: number;
  /** The body of the answer. */
  answer?: unknown;
}

/** What signs in or up: what the server asks for, see {@link Features.signup}. */
export interface Credentials {
  email?: string;
  username?: string;
  phone?: string;
  password?: string;
}

export interface PasskeyOptions {
  /** Ends the ceremony, with a `cancelled` error. */
  signal?: AbortSignal;
}

export interface ProviderOptions {
  /** Where the provider's answer leads in the end: a page of a trusted origin; this one if left out. */
  callback?: string;
  process?: 'login' | 'connect' | 'reauthenticate';
}

/** A token of a provider's own library. */
export interface ProviderToken {
  client_id?: string;
  id_token?: string;
  access_token?: string;
  [more: string]: string | undefined;
}

/** Ways in. Each resolves to the state that it led to: signed in, or a stage that waits. */
export interface SignIn {
  password(values: Credentials): Promise<AuthState>;
  /** Sends a code; the stage `login_by_code` waits for it. */
  code(to: { email: string } | { phone: string }): Promise<AuthState>;
  passkey(options?: PasskeyOptions): Promise<AuthState>;
  /**
   * Offers passkeys among what the browser fills into a field with `autocomplete="username webauthn"`,
   * until somebody picks one, another ceremony begins or somebody is signed in. Resolves to the
   * state then; at once where the browser cannot do it.
   */
  autofill(options?: PasskeyOptions): Promise<AuthState>;
  /** Leaves the page for the provider's. */
  provider(id: string, options?: ProviderOptions): Promise<never>;
  providerToken(id: string, token: ProviderToken, process?: 'login' | 'connect' | 'reauthenticate'): Promise<AuthState>;
  /**
   * Plain contract alone: hands in what the provider's answer brought to the page's address: a code
   * or an error, or all of it as `query`, which Steam, VK, Shopify, Zoho and Weixin need.
   */
  returned(id: string, answer: { state: string; code?: string; iss?: string; error?: string; query?: string }): Promise<AuthState>;
}

export interface SignUp {
  password(values: Credentials): Promise<AuthState>;
  /** Begins a sign-up without a password; the stages lead to `mfa_signup_webauthn`. */
  passkey(values: Credentials): Promise<AuthState>;
}

/** What waits. All of it is about `state.stage`, or `state.proof.stage`. */
export interface Steps {
  submit<S extends StageId>(stage: S, values: StageValues[S]): Promise<AuthState>;
  submit<S extends string>(stage: S extends StageId ? never : S, values: Record<string, unknown>): Promise<AuthState>;
  /** Passes the stage with a passkey, or makes one there, by what {@link Stage.passkey} says. */
  passkey(options?: PasskeyOptions & { name?: string }): Promise<AuthState>;
  /** Sends the code again. */
  resend(): Promise<AuthState>;
  /** Sends it elsewhere. */
  change(to: { email: string } | { phone: string }): Promise<AuthState>;
  /** Any action of a stage, by its name. Resolves to what the server answers. */
  act(name: string, values?: Record<string, unknown>): Promise<unknown>;
  /** What the stage tells of itself: at `provider_signup`, what the provider said. */
  info(): Promise<unknown>;
  /** Gives up what waits. */
  cancel(): Promise<AuthState>;
}

/** Shows again whose session it is; what waited for it goes on by itself. */
export interface Prove {
  password(password: string): Promise<AuthState>;
  /** Sends a code; {@link Steps.submit} takes it. `to` may be left out where there is one recipient. */
  code(to?: Recipient): Promise<AuthState>;
  /** A code of an authenticator app, or a recovery code. */
  factor(code: string): Promise<AuthState>;
  passkey(options?: PasskeyOptions): Promise<AuthState>;
  /** Leaves the page for the provider's; what waited is lost. */
  provider(id: string, options?: ProviderOptions): Promise<never>;
  /** Gives up what waits for a proof: it fails with `cancelled`. */
  cancel(): void;
  /** Whether an operation of the server's OpenAPI document (`AddKey`, without the client) would ask. */
  needed(operation: string): Promise<{ required: boolean; until?: number; flows?: Way[] }>;
}

export interface Passwords {
  /** Sends a link or a code; the answer is the same whether there is such an account. */
  forgot(to: { email: string } | { phone: string }): Promise<AuthState>;
  /** Whose password the key of a link sets. */
  link(key: string): Promise<{ user: User }>;
  reset(values: { key: string; password: string }): Promise<AuthState>;
  /** `current` may be left out where the account has none yet. */
  change(values: { current_password?: string; new_password: string }): Promise<void>;
}

export interface EmailLinks {
  /** Whose address the key of a link verifies. */
  link(key: string): Promise<{ email: string; user: User }>;
  verify(key: string): Promise<AuthState>;
}

export interface EmailAddress {
  email: string;
  verified: boolean;
  primary: boolean;
}

export interface PhoneNumber {
  phone: string;
  verified: boolean;
}

export interface ProviderAccount {
  uid: string;
  display: string;
  provider: Provider;
  /** How the person is called there, and where a picture is. */
  name?: string;
  given_name?: string;
  family_name?: string;
  picture?: string;
}

export interface Authenticator {
  type: FactorType;
  created_at: number;
  last_used_at: number | null;
  id?: number;
  name?: string;
  is_passwordless?: boolean;
  total_code_count?: number;
  unused_code_count?: number;
  unused_codes?: string[];
}

export interface Session {
  id: number;
  created_at: number;
  ip: string;
  user_agent: string;
  is_current: boolean;
  last_seen_at?: number;
  /** Whether it is good for nothing without a key of its device; where the server says. */
  bound?: boolean;
}

/**
 * What a signed-in person looks after. Where a proof is asked for, `state.proof` is set and the
 * promise waits for it: it goes on by itself, or fails with `cancelled`.
 */
export interface Account {
  emails: {
    list(): Promise<EmailAddress[]>;
    /** Sends a link, or a code that the stage `verify_email` waits for. */
    add(email: string): Promise<EmailAddress[]>;
    remove(email: string): Promise<EmailAddress[]>;
    primary(email: string): Promise<EmailAddress[]>;
    /** Sends the link or the code of verification again. */
    resend(email: string): Promise<void>;
  };
  phone: {
    get(): Promise<PhoneNumber | null>;
    /** Sends a code to the new number; the stage `verify_phone` waits for it. */
    change(phone: string): Promise<PhoneNumber>;
  };
  providers: {
    list(): Promise<ProviderAccount[]>;
    /** Leaves the page for the provider's. */
    connect(id: string, options?: ProviderOptions): Promise<never>;
    disconnect(account: { provider: string; account: string }): Promise<ProviderAccount[]>;
  };
  authenticators(): Promise<Authenticator[]>;
  totp: {
    /** What an authenticator app is to be given. */
    offer(): Promise<{ secret: string; totp_url: string }>;
    activate(code: string): Promise<Authenticator>;
    remove(): Promise<void>;
  };
  recoveryCodes: {
    get(): Promise<Authenticator>;
    renew(): Promise<Authenticator>;
  };
  passkeys: {
    /** Makes a passkey of this device (`passwordless`), or a key that is a second factor alone. */
    add(options?: PasskeyOptions & { name?: string; passwordless?: boolean }): Promise<Authenticator>;
    /**
     * Has the browser make a passkey by itself, without showing anything, where it keeps the password
     * that somebody has just signed in with, and `features.second_factor.passkey_upgrade` says that the
     * server takes it. `null` where either does not; refusals of the browser are errors to pass over.
     */
    upgrade(options?: { name?: string; signal?: AbortSignal }): Promise<Authenticator | null>;
    rename(id: number, name: string): Promise<Authenticator>;
    /** Removes keys, and tells the browser which are left. */
    remove(ids: number[]): Promise<void>;
  };
  sessions: {
    list(): Promise<Session[]>;
    /** Answers those that are left. */
    end(ids: number[]): Promise<Session[]>;
  };
}

/** What a code looks like: in characters, without dashes. */
export interface CodeFormat {
  length: number;
  numeric: boolean;
  dashed: boolean;
}

/** What is switched on. A server other than stagedoor does not say. */
export interface Features {
  signup: { open: boolean; provider: boolean; passkey: boolean; fields: { name: string; required: boolean }[] };
  login: { code: boolean; code_after: string[]; code_resend: boolean; passkey: boolean; provider: boolean };
  email: { verification: 'mandatory' | 'optional' | 'none'; code: boolean; code_resend: boolean; code_change: boolean; max_addresses: number };
  phone: { enabled: boolean; verification: boolean; code_resend: boolean; code_change: boolean };
  password: { min_length: number; reset_code: boolean; reset_signs_in: boolean };
  second_factor: { totp: boolean; recovery_codes: boolean; recovery_codes_shown_once: boolean; webauthn: boolean; passkey_upgrade?: boolean; trust: boolean };
  reauthentication: { methods: string[]; timeout: number; account_changes: boolean; provider_changes: boolean; authenticator_changes: boolean };
  tokens: { jwt: boolean; refresh: boolean };
  codes: Record<'login' | 'reauthentication' | 'email_verification' | 'phone_verification' | 'password_reset' | 'totp' | 'recovery', CodeFormat>;
}

export interface Config {
  account?: { login_methods: string[]; is_open_for_signup: boolean; [more: string]: unknown };
  socialaccount?: { providers: Provider[] };
  mfa?: { supported_types: FactorType[]; passkey_login_enabled: boolean };
  usersessions?: { track_activity: boolean };
  features?: Features;
}

/** A request and its answer. Bodies are as they were sent, secrets included. */
export interface Exchange {
  method: string;
  path: string;
  body?: unknown;
  /** 0 where none came. */
  status: number;
  answer?: unknown;
  /** In milliseconds. */
  took: number;
}

export interface Auth {
  readonly state: AuthState;
  readonly client: Client;
  /** Calls back now and after every change; the answer ends that. */
  subscribe(listener: (state: AuthState) => void): () => void;
  on(event: 'exchange', listener: (exchange: Exchange) => void): () => void;
  /** Asks the server where one stands. The first subscription does so by itself, and so does a page that is looked at again. */
  load(): Promise<AuthState>;
  /** What the server has; asked for once. */
  config(): Promise<Config>;
  signIn: SignIn;
  signUp: SignUp;
  step: Steps;
  prove: Prove;
  password: Passwords;
  email: EmailLinks;
  account: Account;
  /** `logoutUrl` is where a browser goes to sign out at the provider, too, by which the session began. */
  signOut(): Promise<AuthState & { logoutUrl?: string }>;
  /** What this browser can do. */
  passkeys: { supported(): boolean; autofill(): Promise<boolean>; platform(): Promise<boolean> };
  /** A token that is still good, refreshed where it must be; null where nobody is signed in, or cookies do. */
  accessToken(): Promise<string | null>;
  /** `fetch` with that token, and once more with a new one where it was refused. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Any request of the contract, by its path below the client's, such as `account/email`. Resolves to the body. */
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<unknown>;
  /** Ends what it listens to. */
  close(): void;
}

export function createAuth(options?: AuthOptions): Auth;
