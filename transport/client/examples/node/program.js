// A program in a terminal: node program.js http://localhost:8080
// It is a module: npm pkg set type=module
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { createAuth } from 'stagedoor';
import { forms, label, typed } from '../journey.js';
import { fileStorage } from './storage.js';

const auth = createAuth({
  url: process.argv[2] ?? 'http://localhost:8080', client: 'app',
  storage: fileStorage(process.env.TOKENS ?? join(homedir(), '.config/stagedoor-example/tokens.json')),
});
/** @typedef {import('../journey.js').Form} Form */
const first = () => /** @type {Form} */ (forms(auth, auth.state)[0]);
const terminal = createInterface({ input: process.stdin, output: process.stdout });

/**
 * Has a button chosen, asks for what it needs, and does it.
 * @param {Form} form
 * @returns {Promise<Form | null | void>}
 */
async function ask(form) {
  console.log(`\n${form.title}\n${form.text ?? ''}`);
  const named = form.buttons.map((b) => b.label);
  const chosen = form.buttons[named.indexOf((await terminal.question(`${named.join(', ')}? `)).trim())];
  if (!chosen) return undefined;
  const entered = new Map();
  if (!chosen.free) for (const field of form.fields) entered.set(field.name, (await terminal.question(`${label(field)}: `)).trim());
  try {
    return await chosen.run(typed(form.fields, (name) => entered.get(name)));
  } catch (error) {
    console.log(`! ${/** @type {Error} */ (error).message}`);
    return undefined;
  }
}

// What waits for a proof goes on by itself once it is given.
let proving = false;
auth.subscribe(async () => {
  if (proving) return;
  proving = true;
  while (auth.state.status === 'signed_in' && auth.state.proof) await ask(first());
  proving = false;
});
terminal.on('close', () => process.exit());
await auth.load();
/** @type {Form | null | void} */
let extra = null;
for (;;) extra = await ask(extra ?? first());
