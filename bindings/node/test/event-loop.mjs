// Measures how long the event loop is kept from turning while tokens are verified and keys are fetched.
//
//   node event-loop.mjs [SECONDS]
//
// Prints a line of JSON for each load: verifications a second, and the loop's delays in milliseconds beyond the timer's own
// resolution, as perf_hooks.monitorEventLoopDelay sees them. The issuers are in another process.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';

import { RemoteKeySet, Verifier } from '../index.js';
import { audience } from './keys.mjs';
import { startHostile } from './servers.mjs';

const RESOLUTION = 1;
const seconds = Number(process.argv[2] ?? 3);
const hostile = await startHostile();

// Every load verifies warm tokens in small batches, as a busy server does between its requests; beside that, `disturb` runs.
async function measure(load, disturb) {
  const issuer = await hostile.new();
  const verifier = Verifier.discover(issuer.url, { audience });
  const token = await issuer.token();
  await verifier.verifyFetching(token);
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
  const end = performance.now() + seconds * 1000;
  let [verified, rounds] = [0, 0];
  const disturbance = (async () => {
    while (performance.now() < end) {
      await disturb();
      rounds += 1;
      await setImmediate();
    }
  })();
  await sleep(200);
  delay.enable();
  while (performance.now() < end) {
    await Promise.all(Array.from({ length: 4 }, () => verifier.verifyFetching(token)));
    verified += 4;
    await setImmediate();
  }
  delay.disable();
  await disturbance;
  const milliseconds = (nanoseconds) => Number(Math.max(nanoseconds / 1e6 - RESOLUTION, 0).toFixed(2));
  const [p50, p99, max] = [delay.percentile(50), delay.percentile(99), delay.max].map(milliseconds);
  console.log(JSON.stringify({ load, verifications_per_second: Math.round(verified / seconds), rounds, p50, p99, max }));
}

/** A first verification with a new RemoteKeySet, whatever comes of it. */
async function fetching(behaviour, listener = 'http') {
  const issuer = await hostile.new(behaviour, listener);
  const token = await issuer.token();
  return async () => {
    const http = listener === 'http' ? {} : { ca: hostile.pem('ca') };
    const remote = new RemoteKeySet({ issuer: issuer.url, timeout: 1, http });
    await new Verifier(remote, { audience }).verifyFetching(token).catch(() => {});
    remote.close();
  };
}

const silent = new RemoteKeySet({ issuer: (await hostile.new('metadata-silent')).url });
const loads = {
  'warm keys only': () => sleep(10),
  'and fetches': await fetching('good'),
  'and fetches with TLS': await fetching('good', 'https'),
  'and fetches of 901 keys': await fetching('jwks-beside-many'),
  'and 17 private keys': await fetching('jwks-private-many'),
  'and 64 MiB': await fetching('jwks-large'),
  'and a gzip bomb': await fetching('jwks-bomb'),
  'and a body without an end': await fetching('jwks-endless'),
  'and an issuer that never answers': () => Promise.all(
    Array.from({ length: 100 }, () => silent.refresh({ timeout: 0.2 }).catch(() => {})),
  ),
};
for (const [load, disturb] of Object.entries(loads)) {
  await measure(load, disturb);
}
await hostile.close();
