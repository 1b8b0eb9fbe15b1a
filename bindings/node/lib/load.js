// Finds and loads the addon, and when that fails tells why.

import { closeSync, openSync, readSync, statSync } from 'node:fs';
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
  const found = [inspectFile(path)];
  if (/GLIBC_[0-9.]+' not found/.test(error.message)) {
    found.push("It needs a newer C library than this system's: build it on this system.");
  }
  if (/musl/.test(error.message) || /ld-linux/.test(error.message)) {
    found.push('It was built for the other C library (glibc or musl): install or build the one for this system.');
  }
  return found.filter((hint) => hint !== undefined);
}

// The instruction sets that an ELF header names (e_machine), as Node calls them.
const MACHINES = new Map([
  [3, 'ia32'],
  [21, 'ppc64'],
  [22, 's390x'],
  [40, 'arm'],
  [62, 'x64'],
  [183, 'arm64'],
  [243, 'riscv64'],
  [258, 'loong64'],
]);

function inspectFile(path) {
  const header = Buffer.alloc(20);
  let file;
  try {
    const size = statSync(path()).size;
    file = openSync(path(), 'r');
    if (readSync(file, header, 0, header.length, 0) < header.length) {
      return `The file has only ${size} bytes: it is incomplete.`;
    }
    return foreign(header) ?? `The file has ${size} bytes; if it was cut short, build or install it again.`;
  } catch (error) {
    return error.code === 'ENOENT' ? 'There is no such file.' : undefined;
  } finally {
    if (file !== undefined) {
      closeSync(file);
    }
  }
}

function foreign(header) {
  const isElf = header.readUInt32BE(0) === 0x7f454c46;
  if (process.platform === 'linux' && !isElf) {
    return 'The file is not a shared library of Linux (no ELF header).';
  }
  const machine = isElf ? MACHINES.get(header[5] === 2 ? header.readUInt16BE(18) : header.readUInt16LE(18)) : undefined;
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
