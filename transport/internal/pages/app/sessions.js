// Where one is signed in.
import { again, panel, row, rows, tag } from './account.js';
import { auth } from './auth.js';
import { sure } from './confirm.js';
import { h } from './dom.js';
import { action } from './form.js';
import { ago, around } from './time.js';
import { t } from './texts.js';

const { sessions: all } = auth.account;

// sessions is the page of them: this one first, the others by when they were last seen.
export async function sessions() {
  const list = (await all.list()).sort((a, b) => Number(b.is_current) - Number(a.is_current) || seen(b) - seen(a));
  const others = list.filter((s) => !s.is_current).map((s) => s.id);
  return {
    title: t('sessions.title'),
    body: [
      h('p', { class: 'lead' }, t('sessions.about')),
      panel('', rows(list.map(session)), others.length > 0
        ? h('div', { class: 'buttons' }, action(t('sessions.end_others'), () => sure(t('sessions.end_others_title'), t('sessions.end_others_about'), t('sessions.end_others'), async () => {
          await all.end(others);
          again(t('sessions.ended_others'));
        }))) : h('p', { class: 'empty' }, t('sessions.alone'))),
    ],
  };
}

const seen = (s) => s.last_seen_at ?? s.created_at;

function session(s) {
  return row({
    mark: 'devices', title: agent(s.user_agent), tags: [s.is_current && tag(t('sessions.current'), 'accent'), s.bound && tag(t('sessions.bound'), 'good')],
    about: [s.ip, s.last_seen_at && !s.is_current ? around('sessions.seen', ago(s.last_seen_at)) : around('sessions.since', ago(s.created_at))],
    actions: [!s.is_current && action(t('sessions.end'), async () => {
      await all.end([s.id]);
      again(t('sessions.ended'));
    })],
  });
}

const browsers = [[/\bEdgA?\//, 'Edge'], [/\bOPR\//, 'Opera'], [/\bSamsungBrowser\//, 'Samsung Internet'], [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\b(Headless)?Chrom(e|ium)\/|\bCriOS\//, 'Chrome'], [/\bSafari\//, 'Safari']];
const systems = [[/\bAndroid\b/, 'Android'], [/\biPhone\b/, 'iPhone'], [/\biPad\b/, 'iPad'], [/\bWindows\b/, 'Windows'], [/\bMac OS X\b/, 'macOS'], [/\bCrOS\b/, 'ChromeOS'], [/\bLinux\b/, 'Linux']];

// agent names a browser as people do; of a program it is the first word.
export function agent(text) {
  const browser = browsers.find(([mark]) => mark.test(text))?.[1];
  const system = systems.find(([mark]) => mark.test(text))?.[1];
  if (browser && system) return t('sessions.on', { browser, system });
  return browser ?? system ?? (text.split(/[\s/]/)[0] || t('sessions.unknown'));
}
