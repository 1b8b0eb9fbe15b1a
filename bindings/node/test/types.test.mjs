// index.d.ts: it compiles, refuses what it should, and declares what there is at run time, no less and no more.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const runtime = require('../index.js');
const folder = fileURLToPath(new URL('.', import.meta.url));
const fileOf = (name) => fileURLToPath(new URL(name, import.meta.url));
const declarations = [
  [runtime, ['../index.d.ts', '../lib/api-keys.d.ts', '../lib/errors.d.ts', '../lib/store.d.ts']],
  [runtime.oauth, ['../lib/oauth/index.d.ts']],
];

let typescript;
try {
  typescript = require('typescript');
} catch {
  typescript = undefined;
}
const skip = typescript === undefined && process.env.AW_REQUIRE_ALL !== '1' && 'typescript is not installed: npm ci in bindings/node';

describe('index.d.ts', { skip }, () => {
  test('compiles, and refuses what it should', () => {
    const compiler = require.resolve('typescript/bin/tsc');
    const { status, stdout } = spawnSync(process.execPath, [compiler, '--project', folder], { encoding: 'utf8' });
    assert.equal(status, 0, stdout);
  });

  test('declares every export and member, and none that is not there', () => {
    for (const [space, files] of declarations) {
      const declared = new Map(files.flatMap((name) => [...exportsOf(fileOf(name))]));
      assert.deepEqual([...declared.keys()].sort(), Object.keys(space).sort());
      for (const [name, members] of declared) {
        if (members !== undefined) {
          assert.deepEqual(members.sort(), membersOf(name, space[name]).sort(), name);
        }
      }
    }
  });
});

// The values that a declaration file exports, by name, with the members of those that have any.
function* exportsOf(path) {
  const { SyntaxKind, createSourceFile, ScriptTarget, isClassDeclaration, isExportDeclaration, isFunctionDeclaration, isVariableStatement } = typescript;
  const source = createSourceFile(path, typescript.sys.readFile(path), ScriptTarget.Latest, true);
  for (const statement of source.statements) {
    if (isExportDeclaration(statement) && statement.exportClause?.name !== undefined) {
      yield [statement.exportClause.name.text, undefined];
    }
    if (!statement.modifiers?.some(({ kind }) => kind === SyntaxKind.ExportKeyword)) {
      continue;
    }
    if (isClassDeclaration(statement)) {
      // An overload is the same member.
      yield [statement.name.text, [...new Set(statement.members.filter(isPublic).map(nameOf))]];
    } else if (isFunctionDeclaration(statement)) {
      yield [statement.name.text, undefined];
    } else if (isVariableStatement(statement)) {
      for (const { name, type } of statement.declarationList.declarations) {
        yield [name.text, type.members?.map((member) => member.name.getText())];
      }
    }
  }
}

function isPublic(member) {
  const { SyntaxKind, isConstructorDeclaration, isPrivateIdentifier } = typescript;
  return (
    !isConstructorDeclaration(member) &&
    !isPrivateIdentifier(member.name) &&
    !member.modifiers?.some(({ kind }) => kind === SyntaxKind.PrivateKeyword)
  );
}

function nameOf(member) {
  const isStatic = member.modifiers?.some(({ kind }) => kind === typescript.SyntaxKind.StaticKeyword);
  return `${isStatic ? 'static ' : ''}${member.name.getText()}`;
}

// The same of what there is at run time. What instances carry themselves is seen on one.
function membersOf(name, value) {
  if (typeof value !== 'function') {
    return Object.keys(value);
  }
  const members = new Set();
  for (const member of ownOrInherited(value.prototype)) {
    if (SYMBOLS.has(member)) {
      members.add(SYMBOLS.get(member));
    } else if (typeof member === 'string' && member !== 'constructor' && !(member === 'name' && name.endsWith('Error'))) {
      members.add(member);
    }
  }
  for (const member of Object.getOwnPropertyNames(value)) {
    if (!['length', 'name', 'prototype'].includes(member)) {
      members.add(`static ${member}`);
    }
  }
  for (const member of Object.keys(instances[name]?.() ?? (name.endsWith('Error') ? sample(value) : {}))) {
    members.add(member);
  }
  // A class of one code declares the code anew, and has the rest from the class above.
  return [...members].filter((member) => name === 'AuthwrightError' || !name.endsWith('Error') || !(member in details));
}

// What the objects of a Client inherit of a class that is not exported is theirs.
function ownOrInherited(prototype) {
  const above = Object.getPrototypeOf(prototype);
  const isHidden = above !== null && above.constructor.name === 'Document';
  return [...Reflect.ownKeys(prototype), ...(isHidden ? Reflect.ownKeys(above) : [])];
}

// Older Nodes have names of their own for the symbols of disposal.
const SYMBOLS = new Map([
  [Symbol.iterator, '[Symbol.iterator]'],
  [Symbol.dispose, '[Symbol.dispose]'],
  [Symbol.asyncDispose, '[Symbol.asyncDispose]'],
]);

const details = { field: 'f', httpStatus: 400, providerError: 'e', providerErrorDescription: 'd' };

function sample(type) {
  return { ...new type('message', details) };
}

const key = runtime.Key.fromSecret(Buffer.alloc(32, 1));
const signer = new runtime.Signer(key, { lifetime: 60 });
const instances = {
  Token: () => new runtime.Verifier(key).verify(signer.sign({})),
  UnverifiedToken: () => runtime.dangerousDecode(signer.sign({})),
  Prepared: () => signer.prepare({}),
};
