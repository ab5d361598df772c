// A passkey device in software: nid-webauthn-emulator.
//
//	node device.mjs ORIGIN ALGORITHM
//
// Each line of input is a question in JSON, each line of output its answer: a credential, what
// the emulator refused with, or nothing.
import { createInterface } from 'node:readline';
import emulator from 'nid-webauthn-emulator';

const { AuthenticatorEmulator, PasskeysCredentialsMemoryRepository } = emulator;
const WebAuthnEmulator = emulator.default ?? emulator.WebAuthnEmulator;

const [origin, algorithm] = process.argv.slice(2);
let uv = true;
const interaction = () => ({ options: { up: true, uv } });

function fresh() {
  return new WebAuthnEmulator(new AuthenticatorEmulator({
    algorithmIdentifiers: [algorithm],
    credentialsRepository: new PasskeysCredentialsMemoryRepository(),
    userMakeCredentialInteraction: interaction,
    userGetAssertionInteraction: interaction,
  }));
}

let device = fresh();

function answer({ ask, options, origin: from = origin }) {
  switch (ask) {
    case 'create':
      return device.createJSON(from, options.publicKey);
    case 'get':
      return device.getJSON(from, options.publicKey);
    case 'empty':
      device = fresh();
      uv = true;
      return {};
    case 'unverified':
      uv = false;
      return {};
  }
  return { refused: `cannot be ${ask}` };
}

for await (const line of createInterface({ input: process.stdin })) {
  let said;
  try {
    said = answer(JSON.parse(line));
  } catch (e) {
    said = { refused: `${e.name}: ${e.message}` };
  }
  console.log(JSON.stringify(said));
}
