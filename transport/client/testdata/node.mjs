// Runs the cases in node, or those that show proofs: node node.mjs SERVER DESK [proved]
import { createAuth, AuthError } from '../stagedoor.js';
import { createDPoP } from '../stagedoor-dpop.js';
import { Kit, inNode } from './cases.js';

const [url, desk, only] = process.argv.slice(2);
for (const [name, run] of Object.entries(inNode)) {
  if (only && !/proved|bound/.test(name)) continue;
  const kit = new Kit({ url, desk, createAuth, AuthError, createDPoP });
  try {
    await run(kit);
    console.log(`ok ${name}`);
  } catch (error) {
    console.log(`failed ${name}: ${error.stack}`);
    process.exitCode = 1;
  } finally {
    kit.close();
  }
}
