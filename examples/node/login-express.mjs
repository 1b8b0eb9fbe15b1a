// A web application whose users log in at an OpenID provider, on Express.
//
//   export ISSUER=https://id.example CLIENT_ID=web CLIENT_SECRET=... REDIRECT_URI=http://127.0.0.1:8080/callback
//   node login-express.mjs
//
// PORT instead of REDIRECT_URI: it is http://127.0.0.1:PORT/callback then; 0 is any free port. Behind a proxy with TLS
// both are given: where this program listens, and what the browser sees.
// RESPONSE_MODE=form_post has the provider post the callback. It is ready when it has printed one line on stdout:
// {"url": "http://127.0.0.1:8080"}.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';

import { AuthwrightError, Key, oauth } from 'authwright';
import express from 'express';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, RESPONSE_MODE = 'query' } = process.env;
const { PORT = (REDIRECT_URI && new URL(REDIRECT_URI).port) || '8080' } = process.env;

const IS_HTTPS = REDIRECT_URI?.startsWith('https:') ?? false;
const SESSION = IS_HTTPS ? '__Host-session' : 'session';
const OUTAGES = ['ERR_TRANSPORT', 'ERR_TRANSPORT_TLS', 'ERR_DEADLINE', 'ERR_KEYS_NEEDED', 'ERR_REFRESH_UNCERTAIN'];

// In memory, by the value of a cookie.
const sessions = new Map();
const app = express().disable('x-powered-by');
app.use((request, response, next) => {
  // Pages are of one user, and the callback's URL is nobody else's business.
  response.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
  next();
});
const server = app.listen(PORT, '127.0.0.1');
await once(server, 'listening');
const url = REDIRECT_URI ? new URL(REDIRECT_URI).origin : `http://127.0.0.1:${server.address().port}`;

const client = new oauth.Client(ISSUER, {
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  redirectUri: REDIRECT_URI ?? `${url}/callback`,
  postLogoutRedirectUri: `${url}/`,
  responseMode: RESPONSE_MODE,
  scope: 'openid email profile offline_access',
  // Several processes share a secret of at least 32 bytes.
  sealKeys: [Key.fromSecret(randomBytes(32))],
});

app.get('/', (request, response) => {
  const session = sessionOf(request);
  response.send(session === undefined ? page(LOGIN) : page(`${greeting(session.user)} ${LINKS}`));
});

app.get('/login', async (request, response) => {
  const { return_to: returnTo } = request.query;
  // Many providers give a refresh token only to a user who was asked.
  const login = await client.beginLogin({ returnTo, prompt: 'consent', cookies: request.headers.cookie });
  response.append('Set-Cookie', [login.cookie, ...login.staleCookies]);
  response.redirect(303, login.url);
});

app.get('/callback', (request, response) => callback(request, response, request.url));
// With form_post; the body as it is. Without a form there is none.
app.post('/callback', express.text({ type: 'application/x-www-form-urlencoded', limit: '64kb' }), (request, response) =>
  callback(request, response, request.body ?? ''),
);

async function callback(request, response, given) {
  const brought = { cookies: request.headers.cookie, callback: given };
  try {
    const tokens = await client.finishLogin(brought);
    const user = await client.userinfo(tokens);
    // A new session, so that nobody can have planted its cookie.
    sessions.delete(sessionOf(request)?.id);
    const id = randomBytes(32).toString('base64url');
    // One manager of a session: two tabs never send the same refresh token. Sessions in a database have `onTokens`.
    sessions.set(id, { id, manager: client.tokenManager(tokens), user });
    response.append('Set-Cookie', [tokens.clearCookie, sessionCookie(id)]);
    response.redirect(303, tokens.returnTo ?? '/');
  } catch (error) {
    response.append('Set-Cookie', client.forgetLogin(brought) ?? []);
    throw error;
  }
}

app.get('/userinfo', async (request, response) => {
  const session = sessionOf(request);
  if (session === undefined) {
    response.redirect(303, '/login?return_to=/userinfo');
    return;
  }
  const user = await client.userinfo(await session.manager.tokens());
  const claims = escape(JSON.stringify(user.claims, null, 2));
  response.send(page(`${greeting(user)} <pre id="claims">${claims}</pre> ${LINKS}`));
});

app.get('/refresh', async (request, response) => {
  await sessionOf(request)?.manager.tokens({ force: true });
  response.redirect(303, '/');
});

app.get('/logout', async (request, response) => {
  const session = sessionOf(request);
  // Here the user is logged out in any case.
  sessions.delete(session?.id);
  response.append('Set-Cookie', `${sessionCookie('')}; Max-Age=0`);
  if (session === undefined) {
    response.redirect(303, '/');
    return;
  }
  const tokens = session.manager.current;
  await client.revoke(tokens).catch((error) => log('the tokens were not revoked', error));
  const there = await client.logoutUrl(tokens).catch((error) => log('no logout at the provider', error));
  response.redirect(303, there ?? '/');
});

app.use((error, request, response, next) => {
  if (response.headersSent) {
    next(error);
  } else if (error instanceof AuthwrightError) {
    const { code, message, providerError, providerErrorDescription } = error;
    const words = [message, providerError, providerErrorDescription].filter((part) => part !== undefined).join(': ');
    response.status(isOutage(error) ? 503 : 400).send(failed(code, words));
  } else {
    // What Express says of a request is the sender's fault; all else is ours, and told to nobody but the log.
    const status = error.status >= 400 && error.status < 500 ? error.status : 500;
    if (status === 500) {
      log('a page failed', error);
    }
    response.status(status).send(failed(status, status === 500 ? 'Something went wrong.' : error.message));
  }
});

// Whether the provider is down, which says nothing about the user.
function isOutage({ code, httpStatus }) {
  return OUTAGES.includes(code) || (code === 'ERR_RESPONSE_STATUS' && httpStatus >= 500);
}

function log(what, error) {
  console.error(`${what}:`, error);
}

function sessionOf({ headers: { cookie = '' } }) {
  const prefix = `${SESSION}=`;
  const pair = cookie.split('; ').find((one) => one.startsWith(prefix));
  return pair && sessions.get(pair.slice(prefix.length));
}

function sessionCookie(id) {
  return `${SESSION}=${id}; Path=/; HttpOnly; SameSite=Lax${IS_HTTPS ? '; Secure' : ''}`;
}

const LOGIN = '<p>Nobody is logged in.</p> <a id="login" href="/login">Log in</a>';
const LINKS = `<nav>
  <a id="userinfo" href="/userinfo">Who am I?</a>
  <a id="refresh" href="/refresh">Refresh</a>
  <a id="logout" href="/logout">Log out</a>
</nav>`;

function greeting({ subject, name, email }) {
  const address = email === undefined ? '' : `, <span id="email">${escape(email)}</span>`;
  return `<p>Hello, ${escape(name ?? subject)}: <b id="user">${escape(subject)}</b>${address}</p>`;
}

function failed(code, words) {
  return page(`<p id="error" data-code="${code}">${escape(words)}</p> <a href="/">Home</a>`);
}

function page(content) {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>authwright on Express</title>
<style>body { font: 1.1em sans-serif; margin: 3em auto; max-width: 40em } nav a { margin-right: 1em }</style>
<h1>authwright on Express</h1>
${content}
</html>
`;
}

function escape(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
console.log(JSON.stringify({ url }));
