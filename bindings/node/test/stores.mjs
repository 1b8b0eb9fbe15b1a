// What the tests of stores and API keys share.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Key } from '../index.js';

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

/** A Redis of this test's own: its `url`, and `close()`. */
export async function startRedis() {
  const { folder, remove } = newRedisFolder();
  const port = await freePort();
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder, '--maxmemory-policy', 'noeviction'];
  const child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const chunk of child.stdout) {
    if (`${chunk}`.includes('Ready to accept connections')) {
      break;
    }
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    async close() {
      child.kill();
      await once(child, 'exit');
      remove();
    },
  };
}

function newRedisFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'authwright-redis-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

async function freePort() {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** The names of the checks that failed. */
export function failed({ checks }) {
  return checks.filter(({ passed }) => !passed).map(({ name, expected, found }) => `${name}: ${expected}, ${found}`);
}

export { sleep };
