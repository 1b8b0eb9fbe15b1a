// How an answer can be wrong. ANSWERS are ways in which a document comes; METADATA and KEYS are documents that are wrong
// themselves. A behaviour is `metadata-` or `jwks-` and the name of one of them.

import { constants, deflateRawSync, gzipSync } from 'node:zlib';

import { makeKey } from './tokens.mjs';

const MEBIBYTE = 1 << 20;

/** Ends a connection as a crash does: RST instead of FIN. Below TLS, since only TCP has it. */
const reset = (socket) => (socket._parent ?? socket).resetAndDestroy();

/** Writes `more()` for as long as the other side reads it; the socket's end ends it. */
const forever = (stream, more) => {
  // A reader that keeps up must not keep the server from all others.
  const pump = () => {
    if (stream.destroyed) return;
    if (stream.write(more())) setImmediate(pump);
    else stream.once('drain', () => setImmediate(pump));
  };
  stream.on('error', () => {});
  pump();
};

/** Writes `more()` every 100 ms until the socket ends. */
const dripping = (socket, stream, more) => {
  const timer = setInterval(() => stream.write(more()), 100);
  socket.once('close', () => clearInterval(timer));
  stream.on('error', () => {});
};

const plain = (status, type) => (answer, response) => {
  response.writeHead(status, type ? { 'Content-Type': type } : {});
  response.end(answer.body);
};

const text = (make) => (answer, response) => {
  response.writeHead(200, { 'Content-Type': answer.type });
  response.end(make(answer.body));
};

/** Writes to the socket behind the HTTP server's back, and closes it. */
const raw = (make) => (answer, response) => response.socket.end(make(answer));

const head = (answer, ...lines) =>
  ['HTTP/1.1 200 OK', `Content-Type: ${answer.type}`, ...lines, '', ''].join('\r\n');

/** To where all is well: a client that follows it succeeds, and is found out by that. */
const redirect = (status) => (answer, response, { well }) => {
  response.writeHead(status, { Location: well, 'Content-Type': 'text/html' });
  response.end('<html>elsewhere</html>');
};

/** A gzip stream of 1200 MiB of spaces in 1.2 MiB. Each flushed block stands alone, so one serves for all. */
const bomb = () => {
  const blocks = 1200;
  const block = deflateRawSync(Buffer.alloc(MEBIBYTE, ' '), { level: 9, finishFlush: constants.Z_FULL_FLUSH });
  const trailer = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  trailer.writeUInt32LE(0x7947901b, 2); // the CRC-32 of 1200 MiB of spaces
  trailer.writeUInt32LE(blocks * MEBIBYTE, 6);
  return [Buffer.from([31, 139, 8, 0, 0, 0, 0, 0, 2, 255]), ...Array(blocks).fill(block), trailer];
};

export const ANSWERS = {
  endless: (answer, response) => {
    response.writeHead(200, { 'Content-Type': answer.type });
    response.write(answer.body.slice(0, -1));
    const spaces = ' '.repeat(65_536);
    forever(response, () => spaces);
  },
  large: (answer, response) => {
    response.writeHead(200, { 'Content-Type': answer.type, 'Content-Length': 64 * MEBIBYTE });
    response.end(answer.body.padEnd(64 * MEBIBYTE));
  },
  'large-chunked': (answer, response) => {
    response.writeHead(200, { 'Content-Type': answer.type });
    response.write(answer.body);
    response.end(' '.repeat(64 * MEBIBYTE));
  },
  bomb: (answer, response) => {
    response.writeHead(200, { 'Content-Type': answer.type, 'Content-Encoding': 'gzip' });
    for (const part of bomb()) response.write(part);
    response.end();
  },
  'bomb-small': (answer, response) => {
    response.writeHead(200, { 'Content-Type': answer.type, 'Content-Encoding': 'gzip' });
    response.end(gzipSync(answer.body.padEnd(16 * MEBIBYTE)));
  },
  gzip: (answer, response, { request }) => {
    const asked = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    response.writeHead(200, { 'Content-Type': answer.type, ...(asked && { 'Content-Encoding': 'gzip' }) });
    response.end(asked ? gzipSync(answer.body) : answer.body);
  },
  drip: (answer, response) => {
    response.writeHead(200, { 'Content-Type': answer.type });
    let sent = 0;
    dripping(response.socket, response, () => answer.body[sent++] ?? ' ');
  },
  'drip-headers': (answer, response) => {
    const { socket } = response;
    socket.write('HTTP/1.1 200 OK\r\nX-Endless: ');
    dripping(socket, socket, () => 'a');
  },
  silent: () => {},
  slow: (answer, response, { parameters }) => {
    setTimeout(() => plain(200, answer.type)(answer, response), Number(parameters.ms ?? 300));
  },

  'type-html': plain(200, 'text/html; charset=utf-8'),
  'type-plain': plain(200, 'text/plain'),
  'type-octets': plain(200, 'application/octet-stream'),
  'type-none': plain(200),
  redirect: redirect(302),
  'redirect-301': redirect(301),
  'redirect-307': redirect(307),
  'redirect-308': redirect(308),
  html: (answer, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' });
    response.end('<html><body>It works!</body></html>');
  },

  empty: text(() => ''),
  'json-invalid': text((body) => body.slice(0, -1)),
  'json-array': text((body) => `[${body}]`),
  'json-trailing': text((body) => `${body}{}`),
  'json-duplicate': text((body) => `{"keys":[],"issuer":"https://other.example",${body.slice(1)}`),
  'json-deep': text((body) => `{"deep":${'['.repeat(100_000)}${']'.repeat(100_000)},${body.slice(1)}`),
  'json-utf8': text((body) =>
    Buffer.concat([Buffer.from('{"bad":"'), Buffer.from([0xff, 0xc0]), Buffer.from(`",${body.slice(1)}`)]),
  ),

  closed: (answer, response) => response.socket.destroy(),
  reset: (answer, response) => {
    const body = Buffer.from(answer.body);
    response.writeHead(200, { 'Content-Type': answer.type, 'Content-Length': body.length });
    // Later, so that the half has arrived: RST throws away what is still under way.
    response.write(body.subarray(0, body.length / 2), () => setTimeout(() => reset(response.socket), 50));
  },
  truncated: raw((answer) => head(answer, `Content-Length: ${answer.body.length * 2}`) + answer.body),
  garbage: raw(() => 'SSH-2.0-OpenSSH_9.6\r\n'.repeat(10)),
  'chunk-bad': raw((answer) => `${head(answer, 'Transfer-Encoding: chunked')}zz\r\n${answer.body}\r\n0\r\n\r\n`),
  'headers-large': (answer, response) => {
    response.writeHead(200, { 'Content-Type': answer.type, 'X-Large': 'a'.repeat(MEBIBYTE) });
    response.end(answer.body);
  },
  'headers-endless': (answer, response) => {
    const { socket } = response;
    socket.write('HTTP/1.1 200 OK\r\n');
    const line = `X-Endless: ${'a'.repeat(1000)}\r\n`;
    forever(socket, () => line);
  },
  // The answer says that the connection stays, and then it does not: a client's next request meets a closed socket.
  'then-closed': (answer, response) => {
    const { socket } = response;
    plain(200, answer.type)(answer, response);
    response.on('finish', () => setTimeout(() => socket.destroy(), 50));
  },
};

/** `status-500` with the error answer of OAuth, `status-500-html`; of 2xx, the right body under that status. */
export const statusAnswer = (name) => {
  const [, digits, html] = name.match(/^status-(\d{3})(-html)?$/) ?? [];
  if (!digits) return undefined;
  const status = Number(digits);
  if (status === 204 || status === 304) return (answer, response) => response.writeHead(status).end();
  if (status < 300) return (answer, response) => plain(status, answer.type)(answer, response);
  return (answer, response) => {
    const after = status === 429 || status === 503 ? { 'Retry-After': '120' } : {};
    response.writeHead(status, { 'Content-Type': html ? 'text/html' : 'application/json', ...after });
    const error = { error: 'server_error', error_description: 'the database is away' };
    response.end(html ? '<html><h1>Oops</h1></html>' : JSON.stringify(error));
  };
};

const without = (member) => (document) => {
  const { [member]: dropped, ...rest } = document;
  return rest;
};
const setting = (member, value) => (document) => ({ ...document, [member]: value });
const changing = (member, change) => (document) => ({ ...document, [member]: change(document[member]) });

export const METADATA = {
  'wrong-issuer': setting('issuer', 'https://other.example'),
  'issuer-slash': changing('issuer', (issuer) => `${issuer}/`),
  'issuer-case': changing('issuer', (issuer) => issuer.replace('http', 'HTTP')),
  'issuer-number': setting('issuer', 1),
  'no-issuer': without('issuer'),
  'no-jwks-uri': without('jwks_uri'),
  'jwks-uri-null': setting('jwks_uri', null),
  'jwks-uri-number': setting('jwks_uri', 1),
  'jwks-uri-empty': setting('jwks_uri', ''),
  'jwks-uri-relative': setting('jwks_uri', '/jwks'),
  'jwks-uri-http': setting('jwks_uri', 'http://jwks.example/'),
  'jwks-uri-file': setting('jwks_uri', 'file:///etc/passwd'),
  'jwks-uri-user': changing('jwks_uri', (uri) => uri.replace('://', '://user:password@')),
  'jwks-uri-fragment': changing('jwks_uri', (uri) => `${uri}#keys`),
};

const once = (make) => {
  let made;
  return () => (made ??= make());
};

/** The secret that `jwks-oct` publishes. */
export const octSecret = Buffer.alloc(32, 'a public secret');
const oct = { kty: 'oct', kid: 'secret', alg: 'HS256', k: octSecret.toString('base64url') };
const rsa = once(() => makeKey('RS256', 'private'));
// RSA of 16384 bits. Nobody needs to know its factors.
const big = { kty: 'RSA', kid: 'big', alg: 'RS256', n: Buffer.alloc(2048, 0xc5).toString('base64url'), e: 'AQAB' };
const unknown = { kty: 'XYZ', kid: 'unknown', x: 'AAAA' };

/** `count` keys, which differ in nothing but their kid. */
const numbered = (count) => ([good]) => Array.from({ length: count }, (_, index) => ({ ...good, kid: `key ${index}` }));

/** Each makes the `keys` of a set from those that would be right; one with `document` makes the whole set. */
export const KEYS = {
  none: () => [],
  many: numbered(100_000),
  thousands: numbered(5000),
  'beside-many': (good) => [...numbered(900)(good), ...good],
  big: () => [big],
  duplicated: (good) => [...good, ...good],
  'same-kid': (good) => [...good.map((key) => makeKey(key.alg, key.kid).publicJwk), ...good],
  'no-kid': (good) => good.map(({ kid, ...rest }) => rest),
  'unknown-kty': () => [unknown, { ...unknown, kid: 'other' }],
  oct: () => [oct],
  'beside-oct': (good) => [oct, ...good],
  private: (good, issuer) => issuer.keys.map((key) => key.privateJwk),
  'private-many': () => Array.from({ length: 17 }, (_, index) => ({ ...rsa().privateJwk, kid: `private ${index}` })),
  'for-encryption': (good) => good.map((key) => ({ ...key, use: 'enc' })),
  mixed: (good) => [unknown, big, 'no object', null, {}, { ...good[0], kid: 'bad', x: 'AAAA' }, ...good],
  null: { document: () => ({ keys: null }) },
  'not-a-set': { document: (good) => good[0] },
  'pem-map': {
    document: () => ({ 'key-1': '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n' }),
  },
};
