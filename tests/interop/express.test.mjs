// The example for Express, as somebody runs it who has read what stands at its top.
//
// tests/interop/setup.sh installs express. Without it the test is skipped; under AW_REQUIRE_ALL=1 it fails.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const example = fileURLToPath(new URL('../../examples/node/api-keys-express.mjs', import.meta.url));

test('API keys on Express', { skip: process.env.AW_REQUIRE_ALL !== '1' && missing() }, async (context) => {
  const cwd = mkdtempSync(join(tmpdir(), 'authwright-express-'));
  context.after(() => rmSync(cwd, { recursive: true, force: true }));
  const env = { ...process.env, PEPPER: Buffer.alloc(32, 251).toString('base64'), PORT: '0' };
  delete env.STORE;
  const issue = () => execFileSync(process.execPath, [example, 'issue', 'billing-service', 'invoices:read'], { cwd, env, encoding: 'utf8' });
  const secret = issue().trim();
  const url = `${await serve(context, { cwd, env })}/invoices`;
  const ask = async (headers, method = 'GET') => {
    const response = await fetch(url, { method, headers });
    return [response.status, response.headers.get('WWW-Authenticate'), await response.json()];
  };

  for (const headers of [{ Authorization: `Bearer ${secret}` }, { Authorization: `bearer  ${secret}` }, { 'X-API-Key': secret }]) {
    assert.deepEqual(await ask(headers), [200, null, { owner: 'billing-service', invoices: [] }]);
  }
  for (const headers of [{}, { Authorization: `Bearer ${secret}x` }, { Authorization: 'Basic eA==' }, { 'X-API-Key': '' }]) {
    assert.deepEqual(await ask(headers), [401, 'Bearer', { error: 'ERR_API_KEY_INVALID' }]);
  }
  assert.deepEqual(await ask({ 'X-API-Key': secret }, 'DELETE'), [403, null, { error: 'ERR_API_KEY_SCOPE', scope: 'invoices:write' }]);
});

test('API keys on Express, with a store that is down', { skip: process.env.AW_REQUIRE_ALL !== '1' && missing() }, async (context) => {
  // Nobody listens on port 1.
  const env = { ...process.env, PEPPER: Buffer.alloc(32, 251).toString('base64'), PORT: '0', STORE: 'redis://127.0.0.1:1' };
  const url = await serve(context, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const secret = execFileSync(process.execPath, [example, 'issue', 'a'], { env: { ...env, STORE: 'memory:' }, encoding: 'utf8' }).trim();
  const response = await fetch(`${url}/invoices`, { headers: { 'X-API-Key': secret } });
  assert.deepEqual([response.status, response.headers.get('Retry-After')], [503, '5']);
});

/** Starts the example, for as long as the test is; its URL. */
async function serve(context, options) {
  const server = spawn(process.execPath, [example], { stdio: ['ignore', 'pipe', 'inherit'], ...options });
  context.after(() => server.kill());
  const [line] = await Promise.race([
    once(createInterface({ input: server.stdout }), 'line'),
    once(server, 'exit').then(([status]) => assert.fail(`the example ended with ${status}`)),
  ]);
  return JSON.parse(line).url;
}

function missing() {
  try {
    createRequire(example).resolve('express');
    return false;
  } catch {
    return 'there is no express: see tests/interop/setup.sh';
  }
}
