// The scenarios of tests/scenarios, which end alike in every language: those that fetch through node:https, and through the
// global fetch.

import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const fileOf = (name) => fileURLToPath(new URL(name, import.meta.url));
const agent = fileOf('agent.mjs');
const transports = [['node:https', {}], ['fetch', { AW_TEST_FETCH: '1' }]];
const runs = [['run.py', transports], ['run_logins.py', transports], ['run_api_keys.py', [['every store', {}]]]];
// The global fetch has no way to be told of certificates.
const unsupportedByFetch = {
  'run.py': ['tls', 'tls-client', 'tls-client-missing', 'tls-client-untrusted', 'tls-expired', 'tls-reset', 'tls-untrusted', 'tls-wrong-name'],
  'run_logins.py': ['oidc-client-self_signed_tls_client_auth', 'oidc-client-tls_client_auth', 'oidc-no-certificate', 'oidc-wrong-certificate'],
};
const isThere = spawnSync('python3', ['--version']).status === 0;
const skip = !isThere && process.env.AW_REQUIRE_ALL !== '1' && 'there is no python3';

// At the same time, and so each with servers of its own: most of it is waiting.
describe('scenarios', { skip, concurrency: true }, () => {
  for (const [file, ways] of runs) {
    for (const [name, more] of ways) {
      test(`${file}, ${name}`, async (context) => {
        const { AW_TEST_SERVERS, ...env } = { ...process.env, ...more };
        const unsupported = name === 'fetch' ? unsupportedByFetch[file].join() : '';
        const command = [fileOf(`../../../tests/scenarios/${file}`), '--unsupported', unsupported, '--', process.execPath, agent];
        const run = promisify(execFile)('python3', command, { env });
        const { stdout, stderr } = await run.catch((error) => assert.fail(`${error.stdout}\n${error.stderr}`));
        if (stderr.includes('SKIPPED')) {
          context.skip(stderr.trim());
          return;
        }
        assert.match(stdout, /^[1-9]\d* scenarios ended as they should, 0 did not/m);
        context.diagnostic(stdout.trim().split('\n').at(-1));
      });
    }
  }
});
