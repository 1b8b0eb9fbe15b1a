// Runs a guide's JavaScript, page.mjs in this folder, and logs users in with it. guides.py says with what.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';

const load = createRequire(resolve('page.mjs'));
const { Key, oauth } = load('authwright');
const { users } = load('./session.js');
const { control, provider, options, user, name } = JSON.parse(process.env.AW_GUIDE);

/** Asks the server's control endpoint. */
async function ask(method, path, parameters) {
  const answer = await fetch(`${control}${path}?${new URLSearchParams(parameters)}`, { method });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
}
const authorize = (url, wishes = {}) => ask('POST', '/authorize', { url, ...wishes });
const logoutToken = async (wishes) =>
  (await ask('GET', '/logout_token', { behaviour: provider.behaviour, ...wishes })).token;

// The provider on this machine, in the place of the real one.
const camel = (text) => text.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
const turned = Object.fromEntries(Object.entries(options).map(([member, value]) => [camel(member), value]));
const Turned = class Client extends oauth.Client {
  constructor(given) {
    const clientKey = given.clientKey && Key.fromJwk(provider.client_key);
    super({ ...given, ...turned, ...(clientKey && { clientKey }) });
  }
};
Object.defineProperty(oauth, 'Client', { value: Turned });

const page = await import(pathToFileURL(resolve('page.mjs')));

/** The guide's routes, as a web server has them. */
const server = createServer((request, response) => {
  const route = new URL(request.url, 'http://guide').pathname === '/login' ? page.login : page.callback;
  route(request, response).catch((error) => response.writeHead(500).end(error.stack));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const base = `http://127.0.0.1:${server.address().port}`;

/** A browser: the cookies that it has, and what it does. */
class Browser {
  #cookies = new Map();

  async go(path, init = {}) {
    const cookie = [...this.#cookies].map((pair) => pair.join('=')).join('; ');
    const headers = { ...init.headers, ...(cookie && { cookie }) };
    const answer = await fetch(`${base}${path}`, { ...init, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [, key, value] = line.match(/^([^=]+)=([^;]*)/);
      if (line.includes('Max-Age=0')) this.#cookies.delete(key);
      else this.#cookies.set(key, value);
    }
    return answer;
  }

  async begin(wishes) {
    const answer = await this.go('/login');
    assert.equal(answer.status, 302, await answer.text());
    return authorize(answer.headers.get('location'), wishes);
  }

  comeBack({ callback, callback_url: url, form }) {
    const { pathname, search } = new URL(callback ?? url);
    if (form === undefined) return this.go(`${pathname}${search}`);
    return this.go(pathname, {
      method: 'POST',
      body: form,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
  }
}

const [browser, stranger] = [new Browser(), new Browser()];
const wayBack = await browser.begin();
assert.equal((await stranger.comeBack(wayBack)).status, 400, 'the callback in another browser');
const answer = await browser.comeBack(wayBack);
assert.equal(answer.status, 302, await answer.text());
assert.equal(answer.headers.get('location'), '/inbox');
const [[loggedIn, called]] = users;
assert.deepEqual(loggedIn, [user[0], user[1] ?? loggedIn[1]]);
assert.equal(called ?? null, name);
assert.equal((await browser.comeBack(wayBack)).status, 400, 'the callback once more');
const refusal = await browser.comeBack(await browser.begin({ deny: 1 }));
assert.equal(refusal.status, 400, 'a user who says no');
assert.match(refusal.headers.get('set-cookie'), /Max-Age=0/);
server.close();

// What the guide shows beyond the routes, as far as this one has it.
const { client, connect, belongs, isCustomer, manage, headers, sessions, logout, backchannelLogout, deleteAccount } = page;
const begun = await client.beginLogin();
const back = await authorize(begun.url);
const tokens = await client.finishLogin({ transaction: begun.transaction, callback: back.callback ?? back.form });
if (connect) await authorize((await connect()).url);
if (belongs) assert.equal(belongs(tokens), true);
if (isCustomer) assert.equal(isCustomer(tokens), true);
if (manage) {
  const kept = [];
  const manager = manage(tokens, (text) => kept.push(text));
  await manager.tokens({ force: true });
  assert.deepEqual(await headers(manager), { Authorization: manager.current.authorization });
  assert.equal(oauth.Tokens.fromJSON(kept[0]).accessToken, manager.current.accessToken);
}
if (logout) {
  const sent = { writeHead: (status, fields) => ((sent.where = fields.Location), sent), end: () => sent };
  await (sessions ? logout({ idToken: tokens.idToken }, sent) : logout({}, sent));
  assert.equal(sent.where.includes('id_token_hint='), sessions !== undefined);
}
if (backchannelLogout) {
  sessions.set('one', { sub: 'alice', sid: '7' });
  assert.equal(await backchannelLogout(`logout_token=${await logoutToken({ fault: 'nonce' })}`), 400);
  assert.equal(await backchannelLogout(`logout_token=${await logoutToken({ sub: 'alice', sid: '7' })}`), 200);
  assert.equal(sessions.size, 0);
}
if (deleteAccount) await deleteAccount(JSON.stringify(tokens));
