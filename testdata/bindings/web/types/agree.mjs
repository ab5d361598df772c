// Prints how stagedoor.d.ts and stagedoor.js differ, a line each: what one says and the other
// does not have.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import * as library from 'stagedoor';
import * as proofs from 'stagedoor/dpop';

const script = fileURLToPath(import.meta.resolve('stagedoor'));
const types = script.replace(/\.js$/, '.d.ts');
const proofTypes = types.replace(/stagedoor\.d\.ts$/, 'stagedoor-dpop.d.ts');
const source = readFileSync(script, 'utf8');
const program = ts.createProgram([types, proofTypes], { strict: true, lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'], types: [] });
const checker = program.getTypeChecker();
const exportsOf = (file) => new Map(checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file))).map((s) => [s.name, s]));
const exported = exportsOf(types);
const bound = exportsOf(proofTypes);
const typeOf = (name) => checker.getDeclaredTypeOfSymbol(exported.get(name) ?? bound.get(name));
const members = (type) => type.getProperties().map((p) => p.name);
const texts = (type) => (type.isUnion() ? type.types : [type]).flatMap((t) => (t.isStringLiteral() ? [t.value] : []));

// One list against the other, both ways.
function compare(where, declared, real) {
  for (const name of declared) if (!real.includes(name)) console.log(`${where}: only the types have ${name}`);
  for (const name of real) if (!declared.includes(name)) console.log(`${where}: only the script has ${name}`);
}

// An object against its type, and what is in it. Functions take no fewer arguments than they must.
function walk(where, type, value) {
  compare(where, members(type), Object.keys(value));
  for (const property of type.getProperties()) {
    const inner = checker.getTypeOfSymbol(property);
    const real = value[property.name];
    const [call] = inner.getCallSignatures();
    if (call && typeof real !== 'function') console.log(`${where}.${property.name}: is ${typeof real} and no function`);
    if (call && typeof real === 'function') {
      const must = call.parameters.filter((p) => !checker.isOptionalParameter(p.valueDeclaration)).length;
      if (real.length > call.parameters.length || real.length < must) console.log(`${where}.${property.name}: takes ${real.length} arguments, declared are ${must} to ${call.parameters.length}`);
    } else if (real && typeof real === 'object' && property.name !== 'state') {
      walk(`${where}.${property.name}`, inner, real);
    }
  }
}

const values = (all) => [...all.values()].filter((s) => s.flags & (ts.SymbolFlags.Value)).map((s) => s.name);
compare('exports', values(exported), Object.keys(library));
compare('exports of dpop', values(bound), Object.keys(proofs));
walk('dpop', typeOf('DPoP'), proofs.createDPoP());
for (const client of ['browser', 'app', 'plain']) {
  const auth = library.createAuth({ url: 'http://localhost:8080', client });
  walk(`auth of ${client}`, typeOf('Auth'), auth);
  auth.close();
}

// An error, with all that may be left out.
const own = members(typeOf('AuthError')).filter((name) => !['stack', 'cause'].includes(name));
compare('AuthError', own, [...Object.keys(new library.AuthError('failed', { retryAfter: 1, answer: {} })), 'message']);

// What the script reads of its options, and the stages and the statuses that it knows.
const found = (pattern, text = source) => [...new Set([...text.matchAll(pattern)].map((m) => m[1]))];
const block = (start) => source.slice(source.indexOf(start)).split(/\n\s*\};?\n|\n\s*\}\[/)[0];
compare('options', members(typeOf('AuthOptions')), found(/\boptions\.(\w+)/g, source.slice(source.indexOf('export function createAuth'))));
compare('stages passed', members(typeOf('StageValues')), found(/^ {2}(\w+): \{ submit/gm, block('const PLACES')));
compare('stages described', members(typeOf('StageValues')), found(/^ {4}(\w+): \(\) => /gm, block('const known = {')));
const statuses = typeOf('AuthState').types.map((t) => texts(checker.getTypeOfSymbol(t.getProperty('status')))[0]);
compare('statuses', statuses, found(/status: '(\w+)'/g));

// The codes that the comment of AuthError.code lists, and those that the script makes.
const comment = ts.displayPartsToString(typeOf('AuthError').getProperty('code').getDocumentationComment(checker));
const codes = [...found(/: '(\w+)'/g, block('const CODES')), ...found(/: '(\w+)'/g, /const REFUSALS.*/.exec(source)[0]), ...found(/^ {2}(\w+): '/gm, block('const WORDS')), ...found(/new AuthError\('(\w+)'/g)];
compare('codes', found(/`(\w+)`/g, comment), [...new Set(codes)]);

// The README's tables leave none of them out.
const readme = readFileSync(script.replace(/stagedoor\.js$/, 'README.md'), 'utf8');
const named = found(/`(\w+)`/g, readme);
for (const name of [...statuses, ...members(typeOf('StageValues')), ...found(/`(\w+)`/g, comment)]) {
  if (!named.includes(name)) console.log(`README.md: does not name ${name}`);
}
