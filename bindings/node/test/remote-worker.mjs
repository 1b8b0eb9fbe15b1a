// What processes.test.mjs runs in processes, in the workers of a cluster and in Workers: WHAT ISSUER TOKEN

import cluster from 'node:cluster';
import { once } from 'node:events';
import { parentPort } from 'node:worker_threads';

import { Verifier } from '../index.js';
import { audience } from './keys.mjs';

const [what, issuer, token] = process.argv.slice(2);
const verifier = Verifier.discover(issuer, { audience });
const verify = async () => (await verifier.verifyFetching(token)).claims.sub;

const jobs = {
  async verify() {
    console.log(await verify());
  },

  // A fetch ahead that the issuer does not answer.
  async ahead() {
    await verify();
    const { now } = Date;
    Date.now = () => now() + 57_000;
    console.log(await verify());
  },

  async cluster() {
    if (cluster.isPrimary) {
      const workers = Array.from({ length: 3 }, () => cluster.fork());
      await Promise.all(workers.map((worker) => once(worker, 'exit')));
    } else {
      console.log(await verify());
      cluster.worker.disconnect();
    }
  },

  async post() {
    parentPort.postMessage(await verify());
  },

  start() {
    verify().catch(() => {});
    parentPort.postMessage('started');
  },
};

await jobs[what]();
