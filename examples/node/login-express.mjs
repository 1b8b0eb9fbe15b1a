// A web application whose users log in at an OpenID provider, on Express.
//
//   export ISSUER=https://id.example CLIENT_ID=web CLIENT_SECRET=... REDIRECT_URI=http://127.0.0.1:8080/callback
//   node login-express.mjs
//
// PORT instead of REDIRECT_URI: it is http://127.0.0.1:PORT/callback then; 0 is any free port.
// RESPONSE_MODE=form_post has the provider post the callback. It is ready when it has printed one line on stdout:
// {"url": "http://127.0.0.1:8080"}.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';

import { AuthwrightError, Key, oauth } from 'authwright';
import express from 'express';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, PORT = '8080', REDIRECT_URI, RESPONSE_MODE = 'query' } = process.env;

// In memory, by the value of a cookie.
const sessions = new Map();
const app = express().disable('x-powered-by');
const server = app.listen(REDIRECT_URI ? new URL(REDIRECT_URI).port : PORT, '127.0.0.1');
await once(server, 'listening');
const url = REDIRECT_URI ? new URL(REDIRECT_URI).origin : `http://127.0.0.1:${server.address().port}`;

const client = new oauth.Client({
  issuer: ISSUER,
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
// With form_post; the body as it is.
app.post('/callback', express.text({ type: 'application/x-www-form-urlencoded' }), (request, response) =>
  callback(request, response, request.body),
);

async function callback(request, response, given) {
  const brought = { cookies: request.headers.cookie, callback: given };
  const tokens = await client.finishLogin(brought).catch((error) => {
    response.append('Set-Cookie', client.forgetLogin(brought) ?? []);
    throw error;
  });
  const user = await client.userinfo(tokens);
  // A new session, so that nobody can have planted its cookie.
  const id = randomBytes(32).toString('base64url');
  sessions.set(id, { id, tokens, user });
  response.append('Set-Cookie', [tokens.clearCookie, sessionCookie(id)]);
  response.redirect(303, tokens.returnTo ?? '/');
}

app.get('/userinfo', loggedIn, async (request, response) => {
  const user = await client.userinfo(request.session.tokens);
  const claims = escape(JSON.stringify(user.claims, null, 2));
  response.send(page(`${greeting(user)} <pre id="claims">${claims}</pre> ${LINKS}`));
});

app.get('/refresh', loggedIn, async (request, response) => {
  const { session } = request;
  session.tokens = await client.refresh(session.tokens);
  response.redirect(303, '/');
});

app.get('/logout', loggedIn, async (request, response) => {
  const { id, tokens } = request.session;
  sessions.delete(id);
  response.append('Set-Cookie', `${sessionCookie('')}; Max-Age=0`);
  await client.revoke(tokens);
  response.redirect(303, await client.logoutUrl({ idTokenHint: tokens.idToken }));
});

app.use((error, request, response, next) => {
  if (!(error instanceof AuthwrightError)) {
    next(error);
    return;
  }
  const { code, message, providerError, providerErrorDescription } = error;
  const words = [message, providerError, providerErrorDescription].filter((part) => part !== undefined).join(': ');
  response.status(400).send(page(`<p id="error" data-code="${code}">${escape(words)}</p> <a href="/">Home</a>`));
});

function loggedIn(request, response, next) {
  request.session = sessionOf(request);
  if (request.session === undefined) {
    response.redirect(303, `/login?return_to=${request.path}`);
  } else {
    next();
  }
}

function sessionOf({ headers: { cookie = '' } }) {
  return sessions.get(cookie.match(/(?:^|; )__Host-session=([^;]*)/)?.[1]);
}

// Browsers take such a cookie over https, and from a loopback address.
function sessionCookie(id) {
  return `__Host-session=${id}; Path=/; HttpOnly; Secure; SameSite=Lax`;
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
