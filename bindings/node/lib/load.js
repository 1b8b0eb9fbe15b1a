// Finds and loads the addon.

'use strict';

const { closeSync, fstatSync, openSync, readSync } = require('node:fs');
const { join, resolve, toNamespacedPath } = require('node:path');

// The version of this package, and so of the addon.
const version = '0.1.0';

// What a shared library of Linux begins with.
const ELF = 0x7f454c46;

function load() {
  const failures = [];
  for (const candidate of candidates()) {
    try {
      const path = candidate.path();
      refuseIncomplete(path);
      const module = { exports: {} };
      process.dlopen(module, toNamespacedPath(path));
      const found = module.exports.version?.();
      if (found === version) {
        return module.exports;
      }
      throw new Error(`it is of version ${found}, and this package is ${version}`);
    } catch (error) {
      failures.push({ ...candidate, error });
    }
  }
  // Only a program that is about to end reads that file.
  throw require('./load-failure.js').explain(failures);
}

// Where an addon may be, best first. An override is not second-guessed.
function* candidates() {
  const override = process.env.AUTHWRIGHT_BINARY;
  if (override) {
    yield { name: `AUTHWRIGHT_BINARY=${override}`, path: () => resolve(override) };
    return;
  }
  const beside = join(__dirname, '..', 'authwright.node');
  yield { name: beside, path: () => beside };
  for (const name of packages()) {
    yield { name, isPackage: true, path: () => require.resolve(name) };
  }
}

// npm installs the one whose `os`, `cpu` and `libc` are this machine's.
function packages() {
  const { platform, arch } = process;
  const suffixes = { linux: ['-gnu', '-musl'], win32: ['-msvc'] }[platform] ?? [''];
  return suffixes.map((suffix) => `@authwright/${platform}-${arch}${suffix}`);
}

// Loading a library that was cut short kills the process on Linux (SIGBUS), so its last byte, the end of the table of sections,
// is looked for first. The three fields that say where that is are those of a 64-bit little-endian header.
//
// A process that has just begun compiles each function of Node's when it first calls it, which takes longer than the call:
// a DataView's are compiled already, and reading once more spares it fstat's.
function refuseIncomplete(path) {
  const header = new DataView(new ArrayBuffer(64));
  const file = openSync(path, 'r');
  try {
    if (readSync(file, header, 0, 64, 0) < 64 || header.getUint32(0) !== ELF || header.getUint16(4) !== 0x0201) {
      return;
    }
    const end = Number(header.getBigUint64(40, true)) + header.getUint16(58, true) * header.getUint16(60, true);
    if (readSync(file, header, 0, 1, end - 1) === 0) {
      throw new Error(`the file is incomplete: it has ${fstatSync(file).size} bytes of ${end}`);
    }
  } finally {
    closeSync(file);
  }
}

exports.version = version;
exports.ELF = ELF;
// The addon's functions. Only this package may call them.
exports.native = load();
