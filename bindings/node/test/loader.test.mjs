// The loader: when the addon does not load, the real reason is told.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'authwright-'));
const addon = process.env.AUTHWRIGHT_BINARY ?? join(root, 'authwright.node');
const isLinux = process.platform === 'linux';
after(() => rmSync(scratch, { recursive: true }));

/** Loads the package in a process of its own; the message of what it threw, or `loaded`. */
function load({ binary, copy = root, flags = [] } = {}) {
  const env = { ...process.env };
  delete env.AUTHWRIGHT_BINARY;
  if (binary !== undefined) {
    env.AUTHWRIGHT_BINARY = binary;
  }
  const program = `import(${JSON.stringify(`file://${join(copy, 'index.js')}`)})
    .then(() => console.log('loaded'), (error) => console.log(error.code + ' ' + error.message))`;
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, '--input-type=module', '-e', program], { env, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout;
}

function file(name, contents) {
  const path = join(scratch, name);
  writeFileSync(path, contents);
  return path;
}

/** A copy of the package without its addon. */
function bare(name) {
  const copy = join(scratch, name);
  for (const part of ['index.js', 'lib', 'package.json']) {
    cpSync(join(root, part), join(copy, part), { recursive: true });
  }
  return copy;
}

describe('loader', () => {
  test('an addon elsewhere', () => {
    const copy = join(scratch, 'anywhere.bin');
    copyFileSync(addon, copy);
    assert.equal(load({ binary: copy, copy: bare('elsewhere') }), 'loaded\n');
  });

  test('a missing file', () => {
    const told = load({ binary: join(scratch, 'missing.node') });
    assert.match(told, /^ERR_DLOPEN_FAILED authwright could not load its addon/);
    assert.match(told, /missing\.node/);
    assert.match(told, /There is no such file/);
    assert.doesNotMatch(told, /@authwright/);
  });

  test('nothing installed at all', () => {
    const copy = bare('nothing');
    const told = load({ copy });
    assert.match(told, /nothing[\\/]authwright\.node/);
    assert.match(told, new RegExp(`@authwright/${process.platform}-${process.arch}`));
    assert.match(told, /not installed/);
    assert.match(told, new RegExp(`This is Node ${process.version.replaceAll('.', '\\.')}`));
    assert.match(told, /node .*build\.mjs/);
  });

  test('a file that was cut short', { skip: !isLinux }, () => {
    const whole = readFileSync(addon);
    for (const length of [0, 10, 100, 4096, whole.length >> 1]) {
      const told = load({ binary: file(`cut-${length}.node`, whole.subarray(0, length)) });
      assert.match(told, /^ERR_DLOPEN_FAILED/, `${length}`);
      assert.match(told, new RegExp(`\\b${length} bytes`), told);
    }
  });

  test('a file for another processor', { skip: !isLinux }, () => {
    const other = Buffer.from(readFileSync(addon));
    other.writeUInt16LE(process.arch === 'arm64' ? 62 : 183, 18);
    const told = load({ binary: file('arch.node', other) });
    assert.match(told, new RegExp(`built for ${process.arch === 'arm64' ? 'x64' : 'arm64'}, and this Node is for ${process.arch}`));
  });

  test('a file that is something else', { skip: !isLinux }, () => {
    assert.match(load({ binary: file('text.node', 'just a text, and not a short one\n') }), /not a shared library/);
    assert.match(load({ binary: scratch }), /ERR_DLOPEN_FAILED/);
  });

  test('a package of another version than its addon', () => {
    const copy = bare('version');
    const path = join(copy, 'lib', 'load.js');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/version = '[^']+'/, "version = '99.0.0'"));
    assert.match(load({ binary: addon, copy }), /it is of version \d+\.\d+\.\d+, and this package is 99\.0\.0/);
  });

  test('a Node that was told to load no addons', () => {
    assert.match(load({ flags: ['--no-addons'] }), /leave out --no-addons/);
  });

  test('one version everywhere', async () => {
    const { version } = await import('../index.js');
    assert.equal(version, JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
  });
});

describe('package', () => {
  const app = join(scratch, 'app');
  const run = (name, source, ...flags) => {
    writeFileSync(join(app, name), source);
    return execFileSync(process.execPath, [...flags, join(app, name)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  };
  const use = `const key = Key.generate('ES256');
    console.log(new Verifier(key.publicKey()).verify(new Signer(key, { lifetime: 60 }).sign({ sub: 'outside' })).claims.sub);`;

  test('import and require from a program elsewhere, without a warning', () => {
    cpSync(bare('authwright-copy'), join(app, 'node_modules', 'authwright'), { recursive: true });
    copyFileSync(addon, join(app, 'node_modules', 'authwright', 'authwright.node'));
    assert.equal(run('app.mjs', `import { Key, Signer, Verifier } from 'authwright';\n${use}`), 'outside\n');
    assert.equal(run('app.cjs', `const { Key, Signer, Verifier } = require('authwright');\n${use}`, '--throw-deprecation', '--trace-warnings'), 'outside\n');
    assert.equal(run('both.cjs', `const { Key } = require('authwright');
      import('authwright').then((module) => console.log(module.Key === Key));`), 'true\n');
  });
});
