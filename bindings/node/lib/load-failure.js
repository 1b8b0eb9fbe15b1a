// Why the addon did not load, in words that lead somewhere.

'use strict';

const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const { ELF } = require('./load.js');

/** The error for a list of candidates that all failed. */
function explain(failures) {
  const lines = failures.flatMap((failure) => [
    `  - ${failure.name}`,
    `      ${failure.error.message.split('\n')[0]}`,
    ...hints(failure).map((hint) => `      ${hint}`),
  ]);
  const message = [
    'authwright could not load its addon. It tried:',
    ...lines,
    `This is Node ${process.version} (${process.platform} ${process.arch}${libc()}, Node-API ${process.versions.napi}).`,
    `To build the addon from a checkout, run: node ${join(__dirname, '..', 'build.mjs')}`,
    'To use one from elsewhere, set AUTHWRIGHT_BINARY to its path.',
  ].join('\n');
  return Object.assign(new Error(message), { code: 'ERR_DLOPEN_FAILED' });
}

// What the loader's own words do not say.
function hints({ path, isPackage, error }) {
  if (error.code === 'ERR_DLOPEN_DISABLED') {
    return ['This Node was told to load no addons: leave out --no-addons, or add --allow-addons to --permission.'];
  }
  if (isPackage && error.code === 'MODULE_NOT_FOUND') {
    return ['The package is not installed. (It is an optional dependency: was npm run with --omit=optional?)'];
  }
  const found = [existsSync(path()) ? lookInto(path()) : 'There is no such file.'];
  if (/GLIBC_[0-9.]+' not found/.test(error.message)) {
    found.push("It needs a newer C library than this system's: build it on this system.");
  }
  if (/musl/.test(error.message) || /ld-linux/.test(error.message)) {
    found.push('It was built for the other C library (glibc or musl): install or build the one for this system.');
  }
  return found.filter((hint) => hint !== undefined);
}

function lookInto(path) {
  if (process.platform !== 'linux') {
    return undefined;
  }
  const file = contents(path);
  if (file.length < 64 || file.readUInt32BE(0) !== ELF) {
    return `The file is not a shared library of Linux: it has ${file.length} bytes and no whole ELF header.`;
  }
  // The instruction sets that an ELF header names (e_machine), as Node calls them.
  const machines = { 3: 'ia32', 21: 'ppc64', 22: 's390x', 40: 'arm', 62: 'x64', 183: 'arm64', 243: 'riscv64', 258: 'loong64' };
  const machine = machines[file[5] === 2 ? file.readUInt16BE(18) : file.readUInt16LE(18)];
  return machine !== undefined && machine !== process.arch
    ? `The file was built for ${machine}, and this Node is for ${process.arch}.`
    : undefined;
}

// Nothing, of a folder or of what may not be read.
function contents(path) {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}

function libc() {
  if (process.platform !== 'linux') {
    return '';
  }
  // Without this the report asks the network for the names of open connections.
  process.report.excludeNetwork = true;
  const { glibcVersionRuntime } = process.report.getReport().header;
  return glibcVersionRuntime === undefined ? ', musl' : `, glibc ${glibcVersionRuntime}`;
}

exports.explain = explain;
