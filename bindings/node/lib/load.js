// Finds and loads the addon.

'use strict';

const { closeSync, fstatSync, openSync, readSync } = require('node:fs');
const { join, resolve, toNamespacedPath } = require('node:path');

// The version of this package, and so of the addon.
const version = '0.1.0';

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
function candidates() {
  const override = process.env.AUTHWRIGHT_BINARY;
  if (override) {
    return [{ name: `AUTHWRIGHT_BINARY=${override}`, path: () => resolve(override) }];
  }
  const beside = join(__dirname, '..', 'authwright.node');
  return [
    { name: beside, path: () => beside },
    ...packages().map((name) => ({ name, isPackage: true, path: () => require.resolve(name) })),
  ];
}

// npm installs the one whose `os`, `cpu` and `libc` are this machine's.
function packages() {
  const { platform, arch } = process;
  const suffixes = { linux: ['-gnu', '-musl'], win32: ['-msvc'] }[platform] ?? [''];
  return suffixes.map((suffix) => `@authwright/${platform}-${arch}${suffix}`);
}

// Loading a library that was cut short kills the process on Linux (SIGBUS), so its last part, the table of sections, is looked
// for first. The three fields that say where that ends are those of a 64-bit little-endian header.
function refuseIncomplete(path) {
  const { header, size } = readHeader(path);
  if (!isElf(header) || header[4] !== 2 || header[5] !== 1) {
    return;
  }
  const end = Number(header.readBigUInt64LE(40)) + header.readUInt16LE(58) * header.readUInt16LE(60);
  if (size < end) {
    throw new Error(`the file is incomplete: it has ${size} bytes of ${end}`);
  }
}

// The first bytes of a file, and its size; neither of a file that cannot be read, which dlopen then says better.
function readHeader(path) {
  let file;
  try {
    file = openSync(path, 'r');
    const header = Buffer.alloc(64);
    const read = readSync(file, header, 0, header.length, 0);
    return { header: header.subarray(0, read), size: fstatSync(file).size };
  } catch {
    return { header: Buffer.alloc(0), size: 0 };
  } finally {
    if (file !== undefined) {
      closeSync(file);
    }
  }
}

function isElf(header) {
  return header.length === 64 && header.readUInt32BE(0) === 0x7f454c46;
}

exports.version = version;
exports.readHeader = readHeader;
exports.isElf = isElf;
// The addon's functions. Only this package may call them.
exports.native = load();
