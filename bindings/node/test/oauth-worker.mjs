// What oauth.test.mjs runs in a Worker: the end of a login that another thread began.

import { parentPort, workerData } from 'node:worker_threads';

import { Key, oauth } from '../index.js';

const { options, secrets, transaction, callback } = workerData;
const client = new oauth.Client({ ...options, sealKeys: secrets.map((jwk) => Key.fromJwk(jwk)) });
const { claims } = await client.finishLogin({ transaction, callback });
parentPort.postMessage(claims.sub);
