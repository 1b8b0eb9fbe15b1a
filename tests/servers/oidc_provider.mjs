// A certified OpenID provider (npm oidc-provider) on the loopback address, whose keys can be rotated and which can be
// taken down and brought up while it runs. README.md lists its control calls.
//
//   node oidc_provider.mjs [--max-age=SECONDS]

import { createServer, request as send } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

import { announce, closed, control, endWithParent, listen, reopened } from './listener.mjs';
import { chooseKey, claimsOf, makeKey, signToken } from './tokens.mjs';

// It tells people about its defaults with console.info, and stdout is for the one line.
console.info = console.error;
const packages = createRequire(new URL('../../target/servers/package.json', import.meta.url));
const { default: Provider } = await import(pathToFileURL(packages.resolve('oidc-provider')));

const CLIENT = { id: 'demo', secret: 'a secret of the demonstration' };
const COUNTED = { '/.well-known/openid-configuration': 'metadata', '/jwks': 'jwks' };

endWithParent();
const option = process.argv.find((argument) => argument.startsWith('--max-age='));
const initialMaxAge = option?.slice('--max-age='.length);

let keys, maxAge, fetches, handler;

/** A provider's keys are read once: rotation swaps the instance behind the listener, as a rolling deployment does. */
const deploy = () => {
  const current = keys.at(-1);
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        // A client's default must be one that the keys can do, even if it never gets an ID token.
        id_token_signed_response_alg: current.alg,
      },
    ],
    jwks: { keys: keys.map((key) => key.privateJwk) },
    ttl: { ClientCredentials: 600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:example:api',
        getResourceServerInfo: () => ({
          scope: 'read',
          audience: 'api',
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: current.alg, kid: current.kid } },
        }),
      },
    },
  });
  handler = provider.callback();
};

const answer = (request, response) => {
  const counted = COUNTED[new URL(request.url, issuer).pathname];
  if (counted) fetches[counted] += 1;
  if (counted === 'jwks' && maxAge !== undefined) response.setHeader('Cache-Control', `public, max-age=${maxAge}`);
  handler(request, response);
};

const reset = () => {
  keys = [makeKey('ES256')];
  maxAge = initialMaxAge;
  fetches = { metadata: 0, jwks: 0 };
  deploy();
};

/** Asks the provider's own token endpoint, by a second listener, so that tokens can be had while the issuer is down. */
const issue = () =>
  new Promise((resolve, reject) => {
    const credentials = [CLIENT.id, CLIENT.secret].map(encodeURIComponent).join(':');
    const headers = {
      Authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      'Content-Type': 'application/x-www-form-urlencoded',
    };
    const request = send(`http://127.0.0.1:${backPort}/token`, { method: 'POST', headers }, async (response) => {
      let text = '';
      for await (const part of response) text += part;
      const { access_token: token } = JSON.parse(text);
      if (token) resolve({ token });
      else reject(new Error(text));
    });
    request.on('error', reject).end('grant_type=client_credentials&scope=read');
  });

const server = createServer(answer);
const port = await listen(server);
const issuer = `http://127.0.0.1:${port}`;
reset();
const backPort = await listen(createServer((request, response) => handler(request, response)));

const controlUrl = await control({
  'POST /rotate': ({ drop, alg = 'ES256' }) => {
    keys = [...(drop ? [] : keys), makeKey(alg)];
    deploy();
    return { kid: keys.at(-1).kid };
  },
  'POST /down': () => closed(server),
  'POST /up': () => reopened(server, port),
  'POST /cache': ({ max_age }) => {
    maxAge = max_age;
  },
  'POST /reset': async () => {
    reset();
    await reopened(server, port);
  },
  // What the provider would not issue is signed here, with its key.
  'POST /token': (wishes) => {
    if (Object.keys(wishes).length === 0) return issue();
    const { key, kid, ...claims } = wishes;
    const header = kid === undefined ? {} : { kid };
    return { token: signToken(chooseKey(keys, key), claimsOf(issuer, { sub: CLIENT.id, ...claims }), header) };
  },
  'GET /fetches': () => fetches,
  'GET /jwks': () => ({ keys: keys.map((key) => key.publicJwk) }),
});

announce({ port, url: issuer, control: controlUrl, client_id: CLIENT.id, client_secret: CLIENT.secret });
