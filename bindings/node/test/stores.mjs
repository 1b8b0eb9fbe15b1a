// What the tests of stores and API keys share.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { Key } from '../index.js';

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

/** The names of the checks that failed. */
export function failed({ checks }) {
  return checks.filter(({ passed }) => !passed).map(({ name, expected, found }) => `${name}: ${expected}, ${found}`);
}

export { sleep };
