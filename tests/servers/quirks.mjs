// A server of login providers that have quirks, and of attackers: each provider behaves in ways of its own. README.md
// lists the behaviours and the control calls.
//
//   node quirks.mjs

import { createServer } from 'node:http';

import { announce, bodyOf, control, endWithParent, listen } from './listener.mjs';
import { logoutToken } from './logout_tokens.mjs';
import { BEHAVIOURS } from './quirky_behaviours.mjs';
import { QuirkyProvider } from './quirky_provider.mjs';
import { makeKey } from './tokens.mjs';

const providers = new Map();

const find = (path) => {
  const provider = providers.get(path);
  if (!provider) throw new Error(`no provider ${path}: POST /new makes one`);
  return provider;
};

/** Splits `/token-form/7/authorize` into the provider and the rest. */
const route = (pathname) => {
  const [, path, rest] = pathname.match(/^\/([^/]+\/\d+)(\/.*)?$/) ?? [];
  return { provider: providers.get(path), rest: rest ?? '' };
};

endWithParent();
const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://quirks');
  const { provider, rest } = route(url.pathname);
  const body = await bodyOf(request);
  if (!provider) return response.writeHead(404, { 'Content-Type': 'text/html' }).end('<html>Not Found</html>');
  try {
    return provider.answer(request, response, { url, rest, body });
  } catch (error) {
    return response.writeHead(400, { 'Content-Type': 'text/plain' }).end(error.message);
  }
});
server.on('clientError', (error, socket) => socket.destroy());
const port = await listen(server);
const url = `http://127.0.0.1:${port}`;

const controlUrl = await control({
  'POST /new': ({ behaviour = 'good', ...parameters }) => {
    const path = `${behaviour.replaceAll(',', '+')}/${providers.size + 1}`;
    const provider = new QuirkyProvider(url, path, behaviour, parameters);
    providers.set(path, provider);
    return provider.describe();
  },
  'POST /become': ({ behaviour, as, ...parameters }) => find(behaviour).become(as, parameters),
  'POST /rotate': ({ behaviour, drop, alg }) => {
    const provider = find(behaviour);
    provider.keys = [...(drop ? [] : provider.keys), makeKey(alg ?? provider.keys.at(-1).alg)];
    return { kid: provider.keys.at(-1).kid };
  },
  'POST /authorize': ({ url: asked, login = 'alice', fault, deny, set }) => {
    const { pathname, searchParams } = new URL(asked);
    const { provider, rest } = route(pathname);
    if (!provider || rest !== '/authorize') throw new Error(`${pathname} is no authorization endpoint of a provider`);
    provider.record({ what: 'authorize', method: 'GET', url: pathname, headers: {} }, searchParams);
    return provider.authorize(searchParams, { user: login, fault: fault ?? (deny && 'error'), set });
  },
  'GET /logout_token': ({ behaviour, ...wishes }) => ({ token: logoutToken(find(behaviour), wishes) }),
  'GET /requests': ({ behaviour, what }) => ({
    requests: find(behaviour).requests.filter((request) => !what || request.what === what),
  }),
  'GET /counts': ({ behaviour }) => find(behaviour).counts,
  'GET /grants': ({ behaviour }) => find(behaviour).grants(),
  'GET /jwks': ({ behaviour }) => ({ keys: find(behaviour).keys.map((key) => key.publicJwk) }),
  'GET /behaviours': () => ({ behaviours: BEHAVIOURS }),
});

announce({ port, url, control: controlUrl });
