// Walks with the example for React Native, rendered as react-native's jest preset does, over
// react-native's own fetch and URL. What they stand on is native: XMLHttpRequest is a small one
// over node's http here.
import { request } from 'node:http';
import { act, create, type ReactTestInstance, type ReactTestRenderer } from 'react-test-renderer';

class Wire {
  readyState = 0;
  status = 0;
  statusText = '';
  responseText = '';
  withCredentials = false;
  onload = () => {};
  onerror = () => {};
  private method = 'GET';
  private url = '';
  private headers: Record<string, string> = {};
  private answered: Record<string, string | string[] | undefined> = {};
  open(method: string, url: string) {
    this.method = method;
    this.url = url;
  }
  setRequestHeader(name: string, value: string) {
    this.headers[name] = value;
  }
  getAllResponseHeaders() {
    return Object.entries(this.answered).map(([name, value]) => `${name}: ${value}`).join('\r\n');
  }
  abort() {}
  send(body: string | null) {
    const sent = request(this.url, { method: this.method, headers: this.headers, agent: false }, (answer) => {
      answer.setEncoding('utf8');
      answer.on('data', (part) => { this.responseText += part; });
      answer.on('end', () => {
        Object.assign(this, { readyState: 4, status: answer.statusCode, statusText: answer.statusMessage, answered: answer.headers });
        this.onload();
      });
    });
    sent.on('error', () => this.onerror());
    sent.end(body ?? undefined);
  }
}

const { SERVER = '', DESK = '', PASSWORD = '' } = process.env;
const desk = (path: string): Promise<string> => new Promise((done, fail) => {
  request(DESK + path, { agent: false }, (answer) => {
    let text = '';
    answer.on('data', (part) => { text += part; });
    answer.on('end', () => done(text));
  }).on('error', fail).end();
});

let screen: ReactTestRenderer;

beforeAll(() => {
  Object.assign(globalThis, { XMLHttpRequest: Wire });
  const { fetch, Headers, Request, Response } = require('react-native/Libraries/Network/fetch');
  const { URL } = require('react-native/Libraries/Blob/URL');
  Object.assign(globalThis, { fetch, Headers, Request, Response, URL });
});

const words = (node: ReactTestInstance | string): string => (typeof node === 'string' ? node : node.children.map(words).join(' '));
const shown = () => words(screen.root);

/** Waits until what is shown is as wanted. */
async function until(done: () => boolean, what: string) {
  for (const end = Date.now() + 20_000; !done() && Date.now() < end;) await act(() => new Promise((later) => setTimeout(later, 20)));
  if (!done()) throw new Error(`${what}; it shows: ${shown()}`);
}

const sees = (text: string) => until(() => shown().includes(text), `${text} is not shown`);
const gone = (text: string) => until(() => !shown().includes(text), `${text} is still shown`);

/** Fills fields and presses a button. */
async function does(label: string, values: Record<string, string | boolean> = {}) {
  for (const [testID, value] of Object.entries(values)) {
    const { onValueChange, onChangeText } = screen.root.findAllByProps({ testID })[0]!.props;
    await act(async () => (onValueChange ?? onChangeText)(value));
  }
  const button = () => screen.root.findAll((node) => typeof node.props.onPress === 'function' && !node.props.disabled && words(node).trim() === label)[0];
  await until(() => Boolean(button()), `there is no button ${label}`);
  await act(async () => { button()!.props.onPress(); });
}

test('somebody signs up, adds an authenticator app and signs in with it', async () => {
  const { createAuth } = require('stagedoor') as typeof import('stagedoor');
  const { App } = require('./examples/react-native/App') as typeof import('./examples/react-native/App');
  const { secure } = require('./examples/react-native/secure') as typeof import('./examples/react-native/secure');
  const kept = new Map<string, string>();
  const storage = secure({
    getItemAsync: async (key) => { expect(key).toMatch(/^[\w.-]+$/); return kept.get(key) ?? null; },
    setItemAsync: async (key, value) => { kept.set(key, value); },
    deleteItemAsync: async (key) => { kept.delete(key); },
  });
  const auth = createAuth({ url: SERVER, storage });
  expect(auth.client).toBe('app');
  await act(async () => { screen = create(<App auth={auth} />); });

  const email = 'native@example.org';
  await sees('Sign in');
  await does('Sign in', { email, password: PASSWORD });
  await sees('is wrong');
  await does('Sign up', { email, password: PASSWORD });
  await sees('Is this your address?');
  await does('Continue', { key: await desk(`/mail?to=${email}`) });
  await sees('One more step: acme.terms');
  await does('Continue', { accept: true, name: 'Ann' });
  await sees(`Hello, ${email}`);
  await does('Add an authenticator app');
  await sees('shows: ');
  const secret = /shows: (\w+)/.exec(shown())![1]!;
  await does('Activate', { code: await desk(`/totp?secret=${secret}`) });
  await sees('Is it still you?');
  await does('Confirm', { password: PASSWORD });
  await gone('Activate');
  expect(kept.size).toBe(1);
  await does('Sign out');
  await sees('Sign in');
  expect(kept.size).toBe(0);
  await does('Sign in', { email, password: PASSWORD });
  await sees('Your second factor');
  await does('Continue', { code: await desk(`/totp?secret=${secret}`) });
  await sees('One more step: acme.terms');
  await does('Continue', { accept: true });
  await sees(`Hello, ${email}`);
  auth.close();
  await act(async () => screen.unmount());
});
