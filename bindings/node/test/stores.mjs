// What the tests of stores and API keys share.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { Key, onEvent } from '../index.js';

const server = fileURLToPath(new URL('../../../tests/servers/redis_server.py', import.meta.url));

export const pepper = Key.fromSecret(Buffer.alloc(32, 7));
export const format = { prefix: 'acme', environment: 'live', peppers: [pepper] };

/** A store of the program's own, in memory: what somebody would write who has read index.d.ts. */
export class MapStore {
  records = new Map();

  async get(key) {
    return this.records.get(key);
  }

  async putIf(key, expected, record) {
    if (this.records.get(key)?.version !== expected) {
      return false;
    }
    this.records.set(key, record);
    return true;
  }

  async deleteIf(key, version) {
    return this.records.get(key)?.version === version && this.records.delete(key);
  }

  async list(owner, after, limit) {
    const isNext = ([key, record]) => record.owner === owner && (after === undefined || key > after);
    const all = [...this.records].filter(isNext).sort(([one], [other]) => (one < other ? -1 : 1));
    const entries = all.slice(0, limit).map(([key, record]) => ({ key, record }));
    return { entries, next: all.length > limit ? entries.at(-1).key : undefined };
  }

  async sweep(before, limit) {
    const over = [...this.records].filter(([, { expiresAt }]) => expiresAt < before).slice(0, limit);
    over.forEach(([key]) => this.records.delete(key));
    return over.length;
  }
}

/** A folder for files of SQLite, and `remove()`. */
export function newFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'authwright-'));
  return {
    urlOf: (name) => `sqlite:${join(folder, name)}`,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export const missingRedis =
  spawnSync('redis-server', ['--version']).status === 0 ? undefined : 'there is no redis-server';

export const missingPython = spawnSync('python3', ['-c', 'import sqlite3']).status === 0 ? undefined : 'there is no python3 with SQLite';

const locker = `
import sqlite3, sys
file = sqlite3.connect(sys.argv[1], isolation_level=None)
file.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
`;

/** Runs the call while another process writes to the file of the URL, and does not come to an end. */
export async function whileLocked(url, call) {
  const child = spawn('python3', ['-c', locker, url.slice('sqlite:'.length)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    ended.then(() => { throw new Error('the file was not locked'); }),
  ]);
  assert.equal(line, 'locked');
  try {
    return await call();
  } finally {
    child.stdin.end();
    await ended;
  }
}

/** A Redis of this test's own: its `url`, and `close()`. It ends with this process, however that ends. */
export async function startRedis() {
  const child = spawn('python3', [server, 'serve'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(() => { throw new Error('redis-server did not start'); }),
  ]);
  const { url } = JSON.parse(line);
  return {
    url,
    async close() {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

/** What is told while the call runs. */
export async function told(call) {
  const events = [];
  onEvent((event) => events.push(event));
  try {
    await call();
  } finally {
    onEvent(null);
  }
  return events;
}

/** The names of the checks that failed. */
export function failed({ checks }) {
  return checks.filter(({ passed }) => !passed).map(({ name, expected, found }) => `${name}: ${expected}, ${found}`);
}

export { sleep };
