// The scenarios of tests/scenarios, which end alike in every language: through node:https, and through the global fetch.

import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const fileOf = (name) => fileURLToPath(new URL(name, import.meta.url));
const agent = fileOf('agent.mjs');
const runners = ['run.py', 'run_logins.py'].map((name) => [name, fileOf(`../../../tests/scenarios/${name}`)]);
const transports = [['node:https', {}], ['fetch', { AW_TEST_FETCH: '1' }]];
const isThere = spawnSync('python3', ['--version']).status === 0;
const skip = !isThere && process.env.AW_REQUIRE_ALL !== '1' && 'there is no python3';

// At the same time, and so each with servers of its own: most of it is waiting.
describe('scenarios', { skip, concurrency: true }, () => {
  for (const [file, runner] of runners) {
    for (const [name, more] of transports) {
      test(`${file}, ${name}`, async (context) => {
        const { AW_TEST_SERVERS, ...env } = { ...process.env, ...more };
        const run = promisify(execFile)('python3', [runner, '--', process.execPath, agent], { env });
        const { stdout, stderr } = await run.catch((error) => assert.fail(`${error.stdout}\n${error.stderr}`));
        if (stderr.includes('SKIPPED')) {
          context.skip(stderr.trim());
          return;
        }
        assert.match(stdout, /^\d{3} scenarios ended as they should, 0 did not/m);
        context.diagnostic(stdout.trim().split('\n').at(-1));
      });
    }
  }
});
