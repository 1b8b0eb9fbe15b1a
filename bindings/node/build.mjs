// Builds the addon from a checkout, lays it beside index.js, and links the package into examples/node.
//
//   node build.mjs [--if-missing] [-- ARGUMENTS FOR CARGO]
//
// With --if-missing, which npm's install script says, an addon that is there already is left alone. Without it, cargo decides
// whether there is anything to do, and the file is replaced only when it differs.

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const addon = join(here, 'authwright.node');

const separator = process.argv.indexOf('--');
const own = process.argv.slice(2, separator === -1 ? undefined : separator);
const forCargo = separator === -1 ? [] : process.argv.slice(separator + 1);
for (const argument of own) {
  if (argument !== '--if-missing') {
    fail(`build.mjs does not know ${argument}; it takes --if-missing, and arguments for cargo after --`);
  }
}

if (own.includes('--if-missing') && (process.env.AUTHWRIGHT_BINARY || existsSync(addon) || isPackaged())) {
  process.exit(0);
}

const metadata = cargo(['metadata', '--no-deps', '--format-version', '1'], 'pipe');
if (metadata.error !== undefined) {
  fail(
    'authwright is built from source here, and that needs Rust: cargo was not found.\n' +
      'Install Rust (https://rustup.rs), then run: npm install',
  );
}
if (metadata.status !== 0) {
  fail(`There is no checkout of authwright around ${here}: npm install needs one, or a package for this platform.\n${metadata.stderr}`);
}

// The whole workspace, so that building this front end and building all of them share their work. What the others need
// (Python, say) may be missing where only this one is wanted.
const built =
  cargo(['build', '--release', '--workspace', ...forCargo]).status === 0 ||
  cargo(['build', '--release', '--package', 'authwright-node', ...forCargo]).status === 0;
if (!built) {
  fail('cargo could not build the addon; what it said is above.');
}
const { target_directory: target, workspace_root: root } = JSON.parse(metadata.stdout);
place(join(target, 'release', libraryName()));
link(join(root, 'examples', 'node'));

function cargo(parameters, stdout = 'inherit') {
  return spawnSync('cargo', parameters, {
    cwd: here,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', stdout, stdout],
  });
}

function libraryName() {
  switch (process.platform) {
    case 'win32':
      return 'authwright_node.dll';
    case 'darwin':
      return 'libauthwright_node.dylib';
    default:
      return 'libauthwright_node.so';
  }
}

// A copy under another name that then takes the place of the old one: a process that has the old one loaded keeps it.
function place(library) {
  const { size, atime, mtime } = statSync(library);
  const old = statSync(addon, { throwIfNoEntry: false });
  if (old !== undefined && old.size === size && Math.abs(old.mtimeMs - mtime.getTime()) < 1) {
    return;
  }
  const temporary = `${addon}.${process.pid}`;
  try {
    copyFileSync(library, temporary);
    utimesSync(temporary, atime, mtime);
    renameSync(temporary, addon);
  } finally {
    rmSync(temporary, { force: true });
  }
}

// What `npm install` would do in the examples' folder: they import the package by its name.
function link(program) {
  const modules = join(program, 'node_modules');
  const name = join(modules, 'authwright');
  if (existsSync(program) && !existsSync(name)) {
    mkdirSync(modules, { recursive: true });
    // A link that leads nowhere (a checkout that was moved) is in the way.
    rmSync(name, { force: true });
    // Only Windows needs the whole path.
    symlinkSync(process.platform === 'win32' ? here : relative(modules, here), name, 'junction');
  }
}

function isPackaged() {
  const { resolve } = createRequire(import.meta.url);
  const { platform, arch } = process;
  return ['', '-gnu', '-musl', '-msvc'].some((suffix) => {
    try {
      resolve(`@authwright/${platform}-${arch}${suffix}`);
      return true;
    } catch {
      return false;
    }
  });
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
