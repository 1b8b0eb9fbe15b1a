// What a check of an API key costs in Node on each store, one awaited after another: wall time.
//
//     node api-keys.mjs PACKAGE STORE...
//
// Prints the nanoseconds as a JSON list.

import { createRequire } from 'node:module';
import path from 'node:path';

const [folder, ...stores] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(folder), 'package.json'));
const { ApiKeys, Key } = require(path.resolve(folder));
const KEYS = 100;
const CALLS = 50;
// How long each figure is measured, in nanoseconds.
const DURATION = 1_500_000_000n;

// The median of samples of some calls. The first check of a key writes down its use, and is not measured.
const check = async (store) => {
  const pepper = Key.fromSecret(Buffer.alloc(32, 7));
  const keys = new ApiKeys(store, { prefix: 'acme', environment: 'live', peppers: [pepper] });
  const secrets = [];
  for (let i = 0; i < KEYS; i++) {
    secrets.push((await keys.issue({ owner: 'many', scopes: ['invoices:read', 'invoices:write'] })).secret);
  }
  for (const secret of secrets) await keys.verify(secret, { scopes: [] });
  const samples = [];
  const until = process.hrtime.bigint() + DURATION;
  while (process.hrtime.bigint() < until) {
    const turn = samples.length % 2 ? secrets.slice(0, CALLS) : secrets.slice(CALLS);
    const begun = process.hrtime.bigint();
    for (const secret of turn) await keys.verify(secret, { scopes: [] });
    samples.push(Number(process.hrtime.bigint() - begun) / turn.length);
  }
  await keys.close();
  return samples.sort((a, b) => a - b)[samples.length >> 1];
};

const measured = [];
for (const store of stores) measured.push(await check(store));
console.log(JSON.stringify(measured));
