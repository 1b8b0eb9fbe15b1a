// Finds and loads the addon, and when that fails tells why.

import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve, toNamespacedPath } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The version of this package, and so of the addon. */
export const version = '0.1.0';

/** The addon's functions. Only this package may call them. */
export const native = load();

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
      failures.push({ candidate, reason: `it is of version ${found}, and this package is ${version}`, hints: [] });
    } catch (error) {
      failures.push({ candidate, reason: error.message, hints: hints(candidate, error) });
    }
  }
  throw Object.assign(new Error(explain(failures)), { code: 'ERR_DLOPEN_FAILED' });
}

// Where an addon may be, best first. An override is not second-guessed.
function candidates() {
  const override = process.env.AUTHWRIGHT_BINARY;
  if (override) {
    return [{ name: `AUTHWRIGHT_BINARY=${override}`, path: () => resolve(override) }];
  }
  const beside = fileURLToPath(new URL('../authwright.node', import.meta.url));
  const { resolve: find } = createRequire(import.meta.url);
  return [
    { name: beside, path: () => beside },
    ...packages().map((name) => ({ name, isPackage: true, path: () => find(name) })),
  ];
}

// npm installs the one whose `os`, `cpu` and `libc` are this machine's.
function packages() {
  const { platform, arch } = process;
  const suffixes = { linux: ['-gnu', '-musl'], win32: ['-msvc'] }[platform] ?? [''];
  return suffixes.map((suffix) => `@authwright/${platform}-${arch}${suffix}`);
}

function explain(failures) {
  const lines = failures.flatMap(({ candidate, reason, hints: more }) => [
    `  - ${candidate.name}`,
    `      ${reason.split('\n')[0]}`,
    ...more.map((hint) => `      ${hint}`),
  ]);
  return [
    'authwright could not load its addon. It tried:',
    ...lines,
    `This is Node ${process.version} (${process.platform} ${process.arch}${libc()}, Node-API ${process.versions.napi}).`,
    `To build the addon from a checkout, run: node ${fileURLToPath(new URL('../build.mjs', import.meta.url))}`,
    'To use one from elsewhere, set AUTHWRIGHT_BINARY to its path.',
  ].join('\n');
}

// What the loader's own words do not say.
function hints({ path, isPackage }, error) {
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

// The first bytes of a file, and its size; `undefined` if it cannot be read, which dlopen then says better.
function readHeader(path) {
  let file;
  try {
    file = openSync(path, 'r');
    const header = Buffer.alloc(64);
    const read = readSync(file, header, 0, header.length, 0);
    return { header: header.subarray(0, read), size: fstatSync(file).size };
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) {
      closeSync(file);
    }
  }
}

function isElf(header) {
  return header.length === 64 && header.readUInt32BE(0) === 0x7f454c46;
}

// Loading a library that was cut short kills the process on Linux (SIGBUS), so its last part, the table of sections, is looked
// for first. The three fields that say where that ends are those of a 64-bit little-endian header.
function refuseIncomplete(path) {
  const file = readHeader(path);
  if (file === undefined || !isElf(file.header) || file.header[4] !== 2 || file.header[5] !== 1) {
    return;
  }
  const { header, size } = file;
  const end = Number(header.readBigUInt64LE(40)) + header.readUInt16LE(58) * header.readUInt16LE(60);
  if (size < end) {
    throw new Error(`the file is incomplete: it has ${size} bytes of ${end}`);
  }
}

function lookInto(path) {
  const file = readHeader(path);
  if (file === undefined || process.platform !== 'linux') {
    return undefined;
  }
  const { header, size } = file;
  if (!isElf(header)) {
    return `The file is not a shared library of Linux: it has ${size} bytes and no whole ELF header.`;
  }
  // The instruction sets that an ELF header names (e_machine), as Node calls them.
  const machines = { 3: 'ia32', 21: 'ppc64', 22: 's390x', 40: 'arm', 62: 'x64', 183: 'arm64', 243: 'riscv64', 258: 'loong64' };
  const machine = machines[header[5] === 2 ? header.readUInt16BE(18) : header.readUInt16LE(18)];
  return machine !== undefined && machine !== process.arch
    ? `The file was built for ${machine}, and this Node is for ${process.arch}.`
    : undefined;
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
