// How requests are sent: by node:https, or by a fetch of the program's. What servers answer is tested by the scenarios.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import { createServer as createPlainServer } from 'node:net';
import { after, before, describe, test } from 'node:test';

import { RemoteKeySet } from '../index.js';
import { FetchTransport } from '../lib/fetch-transport.js';
import { readHttp, transportOf } from '../lib/http-options.js';
import { code, keyFor } from './keys.mjs';
import { startHostile } from './servers.mjs';

const jwks = JSON.stringify({ keys: [keyFor('ES256').publicKey().toJwk()] });
const servers = [];
let hostile;
before(async () => {
  hostile = await startHostile();
});
after(async () => {
  servers.forEach((server) => server.close());
  await hostile.close();
});

/** A server of this test's own; its URL. */
async function serve(handler, create = createServer) {
  const server = create(handler);
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${server.address().port}`;
}

function sendKeys(request, response) {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.end(jwks);
}

function refresh(jwksUri, http) {
  return new RemoteKeySet({ jwksUri, http }).refresh();
}

describe('the built-in transport', () => {
  test('sends what it is told, and asks for gzip', async () => {
    const issuer = await hostile.new('jwks-gzip');
    await new RemoteKeySet({ issuer: issuer.url }).refresh();
    for (const { method, headers } of await issuer.requests()) {
      assert.equal(method, 'GET');
      assert.deepEqual(Object.keys(headers).sort(), ['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
      assert.match(headers['user-agent'], /^authwright\/\d/);
      assert.equal(headers['accept-encoding'], 'gzip');
    }
  });

  test('uses one connection for the metadata and the keys', async () => {
    let connections = 0;
    const url = await serve((request, response) => {
      response.setHeader('Content-Type', 'application/json');
      response.end(request.url === '/jwks' ? jwks : JSON.stringify({ issuer: url, jwks_uri: `${url}/jwks` }));
    });
    servers.at(-1).on('connection', () => { connections += 1; });
    await new RemoteKeySet({ issuer: url }).refresh();
    assert.equal(connections, 1);
  });

  test('resolves names by the lookup that it was given', async () => {
    const { port } = new URL(await serve(sendKeys));
    const asked = [];
    const lookup = (name, options, callback) => {
      asked.push(name);
      callback(null, options.all ? [{ address: '127.0.0.1', family: 4 }] : '127.0.0.1', 4);
    };
    await refresh(`http://localhost:${port}/`, { lookup });
    assert.deepEqual(asked, ['localhost']);
  });

  test('a lookup that fails in any way is an error with a code', async () => {
    const url = 'https://keys.example/';
    const failed = { ...code('ERR_TRANSPORT'), message: /keys\.example/ };
    await assert.rejects(refresh(url, { lookup() { throw new Error('out of order'); } }), failed);
    await assert.rejects(refresh(url, { lookup(name, options, callback) { callback(new Error('no such name')); } }), { ...failed, message: /no such name/ });
    await assert.rejects(refresh(url, { lookup(name, options, callback) { callback(null, undefined); } }), failed);
    await assert.rejects(refresh(url, { lookup(name, options, callback) { callback(null, []); } }), failed);
    await assert.rejects(refresh(url, { lookup() {}, connectTimeout: 0.2 }), { ...failed, message: /connectTimeout/ });
    await assert.rejects(refresh(url, { lookup() {}, timeout: 0.2 }), code('ERR_DEADLINE'));
  });

  test("sends through the program's agent, and leaves it open", async () => {
    const agent = new Agent({ keepAlive: true });
    let made = 0;
    const { createConnection } = agent;
    agent.createConnection = function (...given) {
      made += 1;
      return createConnection.apply(this, given);
    };
    const remote = new RemoteKeySet({ jwksUri: await serve(sendKeys), http: { agent } });
    await remote.refresh();
    remote.close();
    assert.equal(made, 1);
    assert.equal(Object.values(agent.freeSockets).flat().length, 1);
    agent.destroy();
    const broken = { addRequest() { throw new Error('out of order'); } };
    await assert.rejects(refresh('http://127.0.0.1:1/', { agent: broken }), code('ERR_TRANSPORT'));
    const silent = { addRequest() {} };
    await assert.rejects(refresh('http://127.0.0.1:1/', { agent: silent, timeout: 0.2 }), code('ERR_DEADLINE'));
  });

  test('a server that is not there, or changes the protocol', async () => {
    const { refused, closed } = hostile.facts.listeners;
    await assert.rejects(refresh(refused), { ...code('ERR_TRANSPORT'), message: /ECONNREFUSED/ });
    await assert.rejects(refresh(closed), code('ERR_TRANSPORT'));
    const answer = (text) => serve((socket) => socket.on('error', () => {}).once('data', () => socket.end(text)), createPlainServer);
    const begin = performance.now();
    await assert.rejects(refresh(await answer('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n')), code('ERR_TRANSPORT'));
    await assert.rejects(refresh(await answer('')), code('ERR_TRANSPORT'));
    await assert.rejects(refresh((await answer('plain')).replace('http', 'https')), code('ERR_TRANSPORT_TLS'));
    assert.ok(performance.now() - begin < 2000);
  });

  test('certificates are checked, whatever the environment says', async () => {
    const [ca, url] = [hostile.pem('ca'), async (listener) => (await hostile.new('good', listener)).jwksUri];
    await refresh(await url('https'), { ca });
    await refresh(await url('https'), { ca: Buffer.from(ca) });
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      for (const listener of ['wrong_name', 'expired', 'untrusted']) {
        await assert.rejects(refresh(await url(listener), { ca }), code('ERR_TRANSPORT_TLS'), listener);
      }
      await assert.rejects(refresh(await url('https')), code('ERR_TRANSPORT_TLS'));
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
    const mutual = await url('client_certificate');
    const identity = { clientCertificate: hostile.pem('client_certificate'), clientKey: hostile.pem('client_key') };
    await refresh(mutual, { ca, ...identity });
    await assert.rejects(refresh(mutual, { ca }), code('ERR_TRANSPORT_TLS'));
    await refresh(mutual.replace('127.0.0.1', 'localhost'), { ca, ...identity });
  });

  test('a body without an end is not kept', async () => {
    const url = await serve((request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      const piece = Buffer.alloc(65_536, ' ');
      const pump = () => { while (!response.destroyed && response.write(piece)); };
      response.on('drain', pump).on('error', () => {});
      pump();
    });
    await assert.rejects(refresh(url), code('ERR_RESPONSE_TOO_LARGE'));
  });
});

describe('a fetch', () => {
  const url = 'https://keys.example/';
  const answer = (members = {}) => ({ status: 200, headers: [['content-type', 'application/json']], body: [Buffer.from(jwks)], ...members });

  test('is called as fetch is', async () => {
    let called;
    await refresh(url, { fetch(...given) { called = [this, ...given]; return Promise.resolve(answer()); } });
    const [self, target, { signal, headers, ...init }] = called;
    assert.deepEqual([self, target, init], [undefined, url, { method: 'GET', body: null, redirect: 'manual' }]);
    assert.ok(signal instanceof AbortSignal && headers.Accept.includes('json') && !('Accept-Encoding' in headers));
    await refresh(await serve(sendKeys), { fetch });
    await refresh(url, { fetch: async () => new Response(jwks, { headers: { 'Content-Type': 'application/json' } }) });
  });

  test('what it must not do, or cannot', async () => {
    const endless = async function* () { for (;;) yield Buffer.alloc(65_536, ' '); };
    const never = () => new Promise(() => {});
    const stuck = { [Symbol.asyncIterator]: () => ({ next: never, return: never }) };
    const failed = 'ERR_TRANSPORT';
    for (const [fetch, expected] of [
      [() => { throw new Error('out of order'); }, failed],
      [() => Promise.reject(undefined), failed],
      [() => Promise.reject(Object.assign(new TypeError('fetch failed'), { cause: { code: 'CERT_HAS_EXPIRED' } })), 'ERR_TRANSPORT_TLS'],
      [() => undefined, failed],
      [() => answer({ status: '200' }), failed],
      [() => answer({ status: 700 }), failed],
      [() => answer({ headers: { 'content-type': 'application/json' } }), failed],
      [() => answer({ body: 5 }), failed],
      [() => answer({ body: ['text'] }), failed],
      [() => answer({ body: null }), 'ERR_RESPONSE_INVALID'],
      [() => answer({ body: endless() }), 'ERR_RESPONSE_TOO_LARGE'],
      [() => answer({ body: stuck }), 'ERR_DEADLINE'],
      [never, 'ERR_DEADLINE'],
      [() => answer({ redirected: true }), 'ERR_TRANSPORT_UNSUPPORTED'],
      [() => answer({ status: 0, type: 'opaqueredirect' }), 'ERR_RESPONSE_STATUS'],
      [() => answer({ status: 302 }), 'ERR_RESPONSE_STATUS'],
    ]) {
      await assert.rejects(refresh(url, { fetch, timeout: 0.2 }), code(expected), `${fetch}`);
    }
  });

  test('that never connected has sent nothing', async () => {
    const request = { url, method: 'POST', headers: {}, body: Buffer.from('a=b'), maxBodyBytes: 100 };
    const limits = { milliseconds: 2000, stop: new AbortController().signal };
    const isSent = async (fetch, target = url) => (await new FetchTransport({ fetch, timeout: 5000 }).send({ ...request, url: target }, limits)).isSent;
    assert.equal(await isSent(fetch, hostile.facts.listeners.refused), false);
    assert.equal(await isSent(fetch, 'http://name.invalid/'), false);
    assert.equal(await isSent(fetch, hostile.facts.listeners.closed), true);
    assert.equal(await isSent(() => Promise.reject(undefined)), true);
    assert.equal(await isSent(() => Promise.reject(new Error('out of order'))), true);
  });

  test('is told when its answer is no longer wanted', async () => {
    const aborted = [];
    const fetch = (target, { signal }) => new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => {
        aborted.push(target);
        reject(new Error('aborted'));
      });
    });
    const stop = new AbortController();
    const call = new RemoteKeySet({ jwksUri: url, http: { fetch } }).refresh({ signal: stop.signal });
    stop.abort('enough');
    await assert.rejects(call, (reason) => reason === 'enough');
    assert.deepEqual(aborted, [url]);
  });
});

describe('either', () => {
  test('an address that has to be checked when it is connected to is refused', async () => {
    const context = { milliseconds: 1000, stop: new AbortController().signal, isBackground: false };
    const request = { method: 'GET', url: 'https://keys.example/', headers: {}, maxBodyBytes: 1, isPublicOnly: true };
    const refused = { failure: 'unsupported', isSent: false, reason: 'connect-time address check' };
    assert.deepEqual(await transportOf(readHttp({})).send(request, context), refused);
    assert.deepEqual(await new FetchTransport({ fetch, timeout: 1000 }).send(request, context), refused);
  });
});
