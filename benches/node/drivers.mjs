// What the drivers cost: a new RemoteKeySet and its fetch, against the same request alone by the same means.
//
//     node drivers.mjs PACKAGE JWKS_URI
//
// One process, one connection that is kept, wall time of every call, in turns. Raw results as JSON on standard output.

import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';

const [folder, url] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(folder), 'package.json'));
const { RemoteKeySet } = require(path.resolve(folder));
const ROUNDS = Number(process.env.AW_BENCH_ROUNDS ?? 101);
const CALLS = 10;

const contest = async (name, contestants) => {
  const samples = contestants.map(() => []);
  for (let round = 0; round < ROUNDS + 5; round++) {
    for (const [index, { call }] of contestants.entries()) {
      const start = process.hrtime.bigint();
      for (let i = 0; i < CALLS; i++) await call();
      // The first rounds warm up.
      if (round >= 5) samples[index].push(Number(process.hrtime.bigint() - start) / CALLS);
    }
  }
  return {
    name,
    contestants: contestants.map(({ title, ours }, index) => ({ name: title, ours, calls: CALLS, ns: samples[index] })),
  };
};

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const alone = () =>
  new Promise((resolve, reject) => {
    const request = http.get(url, { agent, headers: { accept: 'application/json' } }, (answer) => {
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece));
      answer.on('end', () => resolve(Buffer.concat(pieces)));
    });
    request.on('error', reject);
  });
const ours = (options) => async () => {
  const remote = new RemoteKeySet({ jwksUri: url, http: options });
  await remote.refresh();
};
const groups = [
  await contest('keys fetched, Node, node:http', [
    { title: 'node:http, the request alone', ours: false, call: alone },
    { title: 'authwright over node:http', ours: true, call: ours({ agent }) },
  ]),
  await contest('keys fetched, Node, fetch', [
    { title: 'fetch, the request alone', ours: false, call: async () => (await fetch(url)).arrayBuffer() },
    { title: 'authwright over fetch', ours: true, call: ours({ fetch }) },
  ]),
];
process.stdout.write(JSON.stringify(groups));
agent.destroy();
process.exit(0);
