// Logins at oidc-provider and at providers with quirks. How each quirk and attack ends is told by the scenarios.

import assert from 'node:assert/strict';
import { Agent as PlainAgent } from 'node:http';
import { createRequire } from 'node:module';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';

import { Key, RemoteKeySet, Token, Verifier, oauth, onEvent } from '../index.js';
import { code } from './keys.mjs';
import { missingForLogins, startLogins } from './servers.mjs';

const { Client, Login, TokenManager, Tokens, User } = oauth;
const sealKeys = [Key.fromSecret(Buffer.alloc(32, 1))];
const redirectUri = 'https://app.example/callback';
const everything = { scope: 'openid email profile offline_access', prompt: 'consent' };

const missing = missingForLogins();
const skip = missing !== undefined && process.env.AW_REQUIRE_ALL !== '1' && missing;
let login, quirks, close;
before(async () => {
  if (!skip) {
    ({ login, quirks, close } = await startLogins());
  }
});
after(() => close?.());

function clientOf(name, more = {}) {
  const { clients } = login;
  const clientKey = clients[name].client_key && Key.fromJwk(clients[name].client_key);
  return new Client({ ...login.options(name), sealKeys, ...(clientKey && { clientKey }), ...more });
}

async function loggedIn(client, server = login, options = everything) {
  const { url, transaction } = await client.beginLogin(options);
  const { callback, form } = await server.authorize(url);
  return client.finishLogin({ transaction, callback: callback ?? form });
}

/** What a browser sends back of Set-Cookie values. */
function cookieHeader(...values) {
  return values.map((value) => value.split(';')[0]).join('; ');
}

describe('a login', { skip }, () => {
  beforeEach(() => login.call('POST', '/reset'));

  test('from its beginning to the logout', async () => {
    const client = clientOf('web');
    assert.deepEqual([client.issuer, client.clientId], [login.facts.url, 'web']);
    const begun = await client.beginLogin({ ...everything, returnTo: '/inbox?unread=1', uiLocales: 'de', parameters: { audience: 'api' } });
    assert.ok(begun instanceof Login);
    const query = new URL(begun.url).searchParams;
    assert.deepEqual(
      ['redirect_uri', 'scope', 'code_challenge_method', 'ui_locales', 'audience'].map((name) => query.get(name)),
      [redirectUri, everything.scope, 'S256', 'de', 'api'],
    );
    const { callback } = await login.authorize(begun.url, { session: 'a' });
    const before = Date.now() / 1000;
    const tokens = await client.finishLogin({ transaction: begun.transaction, callback });
    assert.ok(tokens instanceof Tokens && typeof tokens.accessToken === 'string' && tokens.refreshToken && tokens.idToken);
    assert.ok(tokens.expiresAt >= before + 3590 && tokens.expiresAt <= before + 3630 && Number.isInteger(tokens.expiresAt));
    assert.deepEqual([tokens.tokenType, tokens.returnTo, tokens.clearCookie, tokens.name], ['Bearer', '/inbox?unread=1', undefined, undefined]);
    assert.deepEqual([tokens.scope, tokens.leniencies], [everything.scope.split(' '), []]);
    assert.equal(tokens.claims.sub, 'alice');
    assert.equal(tokens.authorization, `Bearer ${tokens.accessToken}`);

    const user = await client.userinfo(tokens);
    assert.ok(user instanceof User);
    assert.deepEqual([user.subject, user.email, user.emailVerified, user.name], ['alice', 'alice@example.com', true, 'Alice Liddell']);
    assert.deepEqual([user.picture, user.claims.sub], ['https://images.example/alice.png', 'alice']);

    const renewed = await client.refresh(tokens);
    assert.ok(renewed.accessToken !== tokens.accessToken && renewed.refreshToken !== tokens.refreshToken);
    assert.equal(renewed.claims.sub, 'alice');
    const fewer = await client.refresh(renewed, { scope: ['openid', 'offline_access'] });
    assert.deepEqual(fewer.scope, ['openid', 'offline_access']);

    assert.equal(await client.revoke(fewer), undefined);
    await assert.rejects(client.userinfo(fewer), { httpStatus: 401 });
    await assert.rejects(client.refresh(fewer), { ...code('ERR_GRANT_REFUSED'), providerError: 'invalid_grant' });

    const url = await client.logoutUrl({ idTokenHint: tokens.idToken, state: 'bye' });
    assert.equal(await client.logoutUrl(tokens, { state: 'bye' }), url);
    assert.equal(new URL(await client.logoutUrl(tokens)).searchParams.get('id_token_hint'), tokens.idToken);
    assert.equal(new URL(await client.logoutUrl(Tokens.fromJSON({ access_token: 'a' }))).searchParams.get('id_token_hint'), null);
    const { callback: gone } = await login.call('POST', '/logout', { url, session: 'a' });
    assert.equal(gone, 'https://app.example/goodbye?state=bye');
    const { token, metadata } = await login.counts();
    assert.deepEqual([token, metadata], [4, 1]);
  });

  test('with the issuer and the transaction as arguments', async () => {
    const { issuer, ...options } = login.options('web');
    const client = new Client(issuer, { ...options, sealKeys });
    assert.equal(client.issuer, issuer);
    const { url, transaction } = await client.beginLogin(everything);
    const { callback } = await login.authorize(url);
    await assert.rejects(client.finishLogin(transaction, callback, { signal: AbortSignal.abort(new Error('enough')) }), /enough/);
    assert.equal((await client.finishLogin(transaction, new URL(callback), { timeout: 20 })).claims.sub, 'alice');
    await assert.rejects(client.finishLogin(undefined, callback), code('ERR_TRANSACTION_INVALID'));
  });

  test("the provider's keys", async () => {
    const client = clientOf('web');
    const { remoteKeys } = client;
    assert.ok(remoteKeys instanceof RemoteKeySet && remoteKeys === client.remoteKeys);
    assert.equal(remoteKeys.issuer, client.issuer);
    const { idToken } = await loggedIn(client);
    assert.ok(remoteKeys.keySet().size > 0);
    const verifier = new Verifier(remoteKeys, { profile: 'id_token', audience: 'web', issuer: client.issuer });
    assert.equal(verifier.verify(idToken).claims.sub, 'alice');
    const fresh = clientOf('web', { http: { fetch } });
    await fresh.remoteKeys.refresh();
    assert.ok(fresh.remoteKeys.keySet().size > 0);
    assert.equal(new Client({ provider: 'github', clientId: 'web', clientSecret: 's', redirectUri, sealKeys }).remoteKeys, undefined);
  });

  test('by cookies, two at once, in any form of the callback', async () => {
    const client = clientOf('web');
    const [one, other] = [await client.beginLogin({ returnTo: '/one' }), await client.beginLogin({ returnTo: '/other' })];
    const cookies = `theme=dark; ${cookieHeader(one.cookie, other.cookie)}`;
    const ends = await Promise.all([one, other].map(async ({ url }) => (await login.authorize(url)).callback));
    const first = await client.finishLogin({ cookies, callback: new URL(ends[0]) });
    assert.equal(first.returnTo, '/one');
    assert.match(first.clearCookie, /^__Host-aw-login\.[^=]*=; .*Max-Age=0/);
    assert.equal(first.clearCookie.split('=')[0], one.cookie.split('=')[0]);
    const second = await client.finishLogin({ cookies, callback: new URL(ends[1]).searchParams });
    assert.equal(second.returnTo, '/other');
    await assert.rejects(client.finishLogin({ cookies: 'theme=dark', callback: ends[0] }), code('ERR_TRANSACTION_INVALID'));
    assert.equal(client.forgetLogin({ cookies, callback: ends[1] }), second.clearCookie);
    assert.equal(client.forgetLogin({ cookies: undefined, callback: 'state=x' }), undefined);
    const many = await Promise.all(Array.from({ length: 6 }, () => client.beginLogin()));
    const { staleCookies } = await client.beginLogin({ cookies: cookieHeader(...many.map(({ cookie }) => cookie)) });
    assert.equal(staleCookies.length, 2);
  });

  test('begun in one worker, and finished in another that has newer seal keys', async () => {
    const { url, transaction } = await clientOf('web').beginLogin();
    const { callback } = await login.authorize(url);
    const newer = Key.fromSecret(Buffer.alloc(32, 2));
    const workerData = { options: login.options('web'), secrets: [newer, ...sealKeys].map((key) => key.toJwk({ private: true })), transaction, callback };
    const worker = new Worker(new URL('oauth-worker.mjs', import.meta.url), { workerData });
    const said = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    assert.equal(said, 'alice');
    await assert.rejects(clientOf('web', { sealKeys: [newer] }).finishLogin({ transaction, callback }), code('ERR_TRANSACTION_INVALID'));
  });

  test('a user who says no', async () => {
    const client = clientOf('web');
    const { url, transaction } = await client.beginLogin(everything);
    const { callback } = await login.authorize(url, { deny: 'consent' });
    await assert.rejects(client.finishLogin({ transaction, callback }), (error) => {
      assert.deepEqual([error.name, error.code, error.providerError], ['AuthorizationRefusedError', 'ERR_AUTHORIZATION_REFUSED', 'access_denied']);
      assert.match(error.providerErrorDescription, /End-User/);
      return true;
    });
    const { url: again, transaction: other } = await client.beginLogin();
    const { callback: theirs } = await login.authorize(again);
    await assert.rejects(client.finishLogin({ transaction, callback: theirs }), code('ERR_STATE_MISMATCH', 'state'));
    await assert.rejects(client.finishLogin({ transaction: other, callback: theirs.replace(/iss=[^&]*/, '') }), code('ERR_ISSUER_MISMATCH', 'iss'));
  });

  test('the callback as a form', async () => {
    const client = clientOf('web', { responseMode: 'form_post' });
    const begun = await client.beginLogin();
    assert.match(begun.cookie, /SameSite=None/);
    const { form, callback_url: target } = await login.authorize(begun.url);
    assert.equal(target, redirectUri);
    assert.equal((await client.finishLogin({ cookies: cookieHeader(begun.cookie), callback: form })).claims.sub, 'alice');
    const hybrid = clientOf('hybrid', { responseMode: 'form_post' });
    assert.equal((await loggedIn(hybrid)).claims.sub, 'alice');
  });

  for (const name of ['none', 'client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt']) {
    test(`authenticated by ${name}`, async () => {
      const client = clientOf(name);
      const tokens = await loggedIn(client);
      assert.equal((await client.refresh(tokens)).claims.sub, 'alice');
      await client.revoke(tokens);
      assert.equal((await login.counts()).token, 2);
    });
  }

  for (const name of ['tls_client_auth', 'self_signed_tls_client_auth']) {
    test(`authenticated by ${name}`, async () => {
      const client = clientOf(name, { http: login.identity(name) });
      const tokens = await loggedIn(client);
      await client.revoke(await client.refresh(tokens));
      assert.ok((await login.requests('token')).every(({ status }) => status === 200));
      const begun = await clientOf(name).beginLogin();
      const end = { transaction: begun.transaction, callback: (await login.authorize(begun.url)).callback };
      const unable = { ...code('ERR_TRANSPORT_UNSUPPORTED'), message: /client certificate/ };
      await assert.rejects(clientOf(name).finishLogin(end), unable);
      await assert.rejects(clientOf(name, { http: { fetch } }).finishLogin(end), unable);
      assert.equal((await clientOf(name, { http: login.identity(name) }).finishLogin(end)).claims.sub, 'alice');
    });
  }

  test('a logout that the provider tells of', async () => {
    const client = clientOf('backchannel_logout');
    const { url, transaction } = await client.beginLogin(everything);
    const { callback } = await login.authorize(url, { session: 'b' });
    const tokens = await client.finishLogin({ transaction, callback });
    await login.call('POST', '/logout', { url: await client.logoutUrl({ idTokenHint: tokens.idToken }), session: 'b' });
    const { logout_tokens: [sent] } = await login.call('GET', '/logout_tokens');
    const verified = await client.verifyLogoutToken(sent);
    assert.ok(verified instanceof Token);
    assert.deepEqual([verified.claims.sub, verified.claims.sid], ['alice', tokens.claims.sid]);
    assert.equal((await client.verifyLogoutToken(Buffer.from(sent))).header.typ, 'logout+jwt');
    await assert.rejects(client.verifyLogoutToken(tokens.idToken), /^(ClaimMissing|TokenType|ClaimMismatch)Error/);
    await assert.rejects(clientOf('web').verifyLogoutToken(sent), code('ERR_AUDIENCE_MISMATCH', 'aud'));
  });

  test('through a fetch of the program', async () => {
    const sent = [];
    const client = clientOf('web', { http: { fetch(url, init) { sent.push(init); return fetch(url, init); } } });
    const tokens = await loggedIn(client);
    assert.equal((await client.userinfo(tokens)).email, 'alice@example.com');
    const exchange = sent.find(({ method }) => method === 'POST');
    assert.match(Buffer.from(exchange.body).toString(), /^grant_type=authorization_code&/);
    assert.equal(exchange.redirect, 'manual');
  });
});

describe('what is shown of it', { skip }, () => {
  test('no secrets, unless they are asked for', async () => {
    const client = clientOf('web');
    const begun = await client.beginLogin(everything);
    const { callback } = await login.authorize(begun.url);
    const tokens = await client.finishLogin({ transaction: begun.transaction, callback });
    const user = await client.userinfo(tokens);
    const manager = client.tokenManager(tokens, { onTokens() {} });
    const everyone = { client, begun, tokens, user, manager };
    const all = [everyone, [[everyone]]].flatMap((value) => [{}, { showHidden: true }, { customInspect: false, depth: 9 }].map((how) => inspect(value, how))).join();
    const secrets = [begun.transaction, new URL(begun.url).searchParams.get('state'), tokens.accessToken, tokens.refreshToken, tokens.idToken, 'alice@example.com', login.options('web').clientSecret];
    for (const secret of secrets) {
      assert.ok(!all.includes(secret), all);
    }
    assert.match(inspect(tokens), /^Tokens \{\s+tokenType: 'Bearer',\s+expiresAt: \d+/);
    assert.match(inspect(client), /^Client \{ issuer: 'http:/);
  });

  test('a document that any language reads', async () => {
    const tokens = await loggedIn(clientOf('web'));
    const text = JSON.stringify(tokens);
    assert.deepEqual(Object.keys(JSON.parse(text)).filter((name) => name !== 'lifetime'), [
      'access_token', 'token_type', 'refresh_token', 'expires_at', 'scope', 'id_token', 'claims', 'leniencies',
    ]);
    for (const document of [text, JSON.parse(text), tokens]) {
      const read = Tokens.fromJSON(document);
      assert.ok(read instanceof Tokens);
      assert.deepEqual(read.toJSON(), tokens.toJSON());
      assert.ok(Object.isFrozen(read.scope) && Object.isFrozen(read.leniencies));
    }
    assert.equal(Tokens.fromJSON({ access_token: 'a', claims: { n: 1 }, of_a_later_version: 1 }).claims.n, 1);
    assert.throws(() => Tokens.fromJSON({ accessToken: 'a' }), code('ERR_INVALID_ARGUMENT', 'access_token'));
    assert.throws(() => Tokens.fromJSON('{}'), code('ERR_INVALID_ARGUMENT', 'access_token'));
    assert.deepEqual(Object.keys((await clientOf('web').beginLogin()).toJSON()).sort(), ['cookie', 'stale_cookies', 'transaction', 'url']);
  });
});

describe('a token manager', { skip }, () => {
  beforeEach(() => login.call('POST', '/reset'));

  /** A manager whose tokens are over, and what its hook was given. */
  async function stale(onTokens, server = login) {
    const client = server === login ? clientOf('web') : new Client({ ...server.options, sealKeys });
    const tokens = await loggedIn(client, server);
    const kept = [];
    const hook = onTokens ?? (async (fresh) => { kept.push(fresh); });
    const manager = client.tokenManager(Tokens.fromJSON({ ...tokens.toJSON(), expires_at: 1 }), { onTokens: hook });
    return { client, tokens, manager, kept };
  }

  test('a hundred callers, and one refresh at the server', async () => {
    const { manager, tokens, kept } = await stale();
    assert.ok(manager instanceof TokenManager);
    assert.equal(manager.current.accessToken, tokens.accessToken);
    const all = await Promise.all(Array.from({ length: 100 }, () => manager.tokens()));
    assert.deepEqual(new Set(all.map(({ accessToken }) => accessToken)), new Set([manager.current.accessToken]));
    assert.equal((await login.counts()).token, 2);
    assert.deepEqual(kept.map(({ refreshToken }) => refreshToken), [manager.current.refreshToken]);
    await manager.tokens();
    assert.equal((await login.counts()).token, 2);
    const forced = await Promise.all(Array.from({ length: 10 }, () => manager.tokens({ force: true })));
    assert.deepEqual([new Set(forced.map(({ accessToken }) => accessToken)).size, (await login.counts()).token], [1, 3]);
    manager.replace(tokens);
    assert.equal((await manager.tokens()).accessToken, tokens.accessToken);
  });

  test('events tell of it', async () => {
    const { manager } = await stale();
    const events = [];
    onEvent((event) => events.push(event));
    try {
      await manager.tokens();
    } finally {
      onEvent(null);
    }
    assert.deepEqual(events, [{ event: 'tokens_refreshed', rotated: true }]);
  });

  test('one who leaves takes nothing from the others', async () => {
    const provider = await quirks.new('refresh-slow', { ms: 300 });
    const { manager, kept } = await stale(undefined, provider);
    const [leader, waiter] = [new AbortController(), new AbortController()];
    const reason = new Error('the client has gone');
    const left = [leader, waiter].map(({ signal }) => assert.rejects(manager.tokens({ signal }), (error) => error === reason));
    const rest = Promise.all(Array.from({ length: 20 }, () => manager.tokens()));
    await sleep(100);
    leader.abort(reason);
    waiter.abort(reason);
    const begin = performance.now();
    await Promise.all(left);
    assert.ok(performance.now() - begin < 100);
    assert.equal(new Set((await rest).map(({ accessToken }) => accessToken)).size, 1);
    assert.deepEqual([(await provider.requests('token')).length, kept.length], [2, 1]);
    await assert.rejects(manager.tokens({ signal: AbortSignal.abort(reason) }), (error) => error === reason);
  });

  test('all leave, and the refresh comes to its end', async () => {
    const provider = await quirks.new('refresh-slow', { ms: 200 });
    const { manager, kept } = await stale(undefined, provider);
    await assert.rejects(manager.tokens({ signal: AbortSignal.timeout(50) }), { name: 'TimeoutError' });
    await sleep(500);
    assert.equal(manager.current.refreshToken, kept[0].refreshToken);
    assert.equal((await manager.tokens()).accessToken, kept[0].accessToken);
    assert.equal((await provider.requests('token')).length, 2);
  });

  test('tokens that are not kept are not used, and are handed over again', async (context) => {
    const given = [];
    const failure = new Error('the disk is full');
    const { manager, tokens } = await stale(async (fresh) => {
      given.push(fresh.refreshToken);
      await sleep(10);
      if (given.length === 1) throw failure;
    });
    const failed = { ...code('ERR_PERSIST_FAILED'), cause: failure };
    await assert.rejects(manager.tokens(), failed);
    assert.equal(manager.current.refreshToken, tokens.refreshToken);
    await assert.rejects(manager.tokens(), failed);
    const { now } = Date;
    context.mock.method(Date, 'now', () => now() + 6000);
    const fresh = await manager.tokens();
    assert.deepEqual(given, [fresh.refreshToken, fresh.refreshToken]);
    assert.equal((await login.counts()).token, 2);
    for (const onTokens of [() => { throw failure; }, () => Promise.reject(undefined), () => Promise.reject('text')]) {
      const other = await stale(onTokens);
      await assert.rejects(other.manager.tokens(), code('ERR_PERSIST_FAILED'));
    }
  });

  test('an answer that was lost is not asked for again', async () => {
    const provider = await quirks.new('refresh-lost');
    const { manager } = await stale(undefined, provider);
    await assert.rejects(manager.tokens(), code('ERR_REFRESH_UNCERTAIN'));
    await assert.rejects(manager.tokens({ force: true }), code('ERR_REFRESH_UNCERTAIN'));
    assert.equal((await provider.requests('token')).length, 2);
  });
});

describe('bodies', { skip }, () => {
  beforeEach(() => login.call('POST', '/reset'));

  test('go over connections of their own, with their length', async () => {
    const tokens = await loggedIn(clientOf('web'));
    assert.ok(tokens);
    const [{ headers }] = await login.requests('token');
    assert.deepEqual([headers.connection, headers['transfer-encoding']], ['close', undefined]);
    assert.ok(Number(headers['content-length']) > 100);
  });

  test("the program's agent is asked for a fresh one, too", async () => {
    const agent = new PlainAgent({ keepAlive: true });
    let made = 0;
    const { createConnection } = agent;
    agent.createConnection = function (...given) {
      made += 1;
      return createConnection.apply(this, given);
    };
    const client = clientOf('web', { http: { agent } });
    const tokens = await loggedIn(client);
    assert.equal(made, 2);
    assert.equal((await client.userinfo(tokens)).subject, 'alice');
    assert.equal(made, 2);
    await client.refresh(tokens);
    assert.equal(made, 3);
    agent.destroy();
  });
});

describe('misuse', { skip }, () => {
  const issuer = 'https://id.example';

  test('options of a client', () => {
    const good = { issuer, clientId: 'web', clientSecret: 's', redirectUri, sealKeys };
    assert.ok(new Client(good));
    assert.ok(new Client({ provider: 'google', clientId: 'web', clientSecret: 's', redirectUri, sealKeys: new Set(sealKeys) }));
    assert.equal(new Client(issuer, { clientId: 'web', clientSecret: 's', redirectUri, sealKeys }).issuer, issuer);
    for (const [given, expected, field] of [
      [[issuer, good], 'ERR_INVALID_ARGUMENT', 'issuer'],
      [[undefined, { clientId: 'web' }], 'ERR_INVALID_ARGUMENT', 'issuer'],
      [[issuer], 'ERR_INVALID_ARGUMENT', 'client_id'],
      [[issuer, 5], 'ERR_INVALID_ARGUMENT', 'options'],
      [[issuer, sealKeys[0]], 'ERR_INVALID_ARGUMENT', 'options'],
      [[Tokens.fromJSON({ access_token: 'a' })], 'ERR_INVALID_ARGUMENT', 'options'],
    ]) {
      assert.throws(() => new Client(...given), (error) => error.code === expected && (error.field === field || field === 'client_id'), inspect(given));
    }
    const weak = [Key.fromSecret(Buffer.alloc(16))];
    for (const [options, expected, field] of [
      [undefined, 'ERR_INVALID_ARGUMENT', undefined],
      [null, 'ERR_INVALID_ARGUMENT', 'options'],
      [{ ...good, clientId: undefined }, 'ERR_INVALID_ARGUMENT', 'clientId'],
      [{ ...good, clientSecret: undefined }, 'ERR_INVALID_ARGUMENT', 'clientSecret'],
      [{ ...good, clientSecrt: 's' }, 'ERR_UNKNOWN_OPTION', 'clientSecrt'],
      [{ ...good, client_secret: 's' }, 'ERR_UNKNOWN_OPTION', 'client_secret'],
      [{ ...good, redirectUri: '/callback' }, 'ERR_URL_REFUSED', 'redirectUri'],
      [{ ...good, issuer: 'http://id.example' }, 'ERR_URL_REFUSED', 'issuer'],
      [{ ...good, sealKeys: [] }, 'ERR_INVALID_ARGUMENT', 'sealKeys'],
      [{ ...good, sealKeys: sealKeys[0] }, 'ERR_INVALID_ARGUMENT', 'sealKeys'],
      [{ ...good, sealKeys: ['x'] }, 'ERR_INVALID_ARGUMENT', 'key'],
      [{ ...good, sealKeys: weak }, 'ERR_KEY_TOO_WEAK', 'sealKeys'],
      [{ ...good, clientKey: 'x' }, 'ERR_INVALID_ARGUMENT', 'clientKey'],
      [{ ...good, provider: 'gogle' }, 'ERR_INVALID_ARGUMENT', 'provider'],
      [{ ...good, http: { proxy: 'x' } }, 'ERR_UNKNOWN_OPTION', 'proxy'],
      [{ ...good, user: { subject: 'id', emailVerfied: 'x' } }, 'ERR_UNKNOWN_OPTION', 'emailVerfied'],
      [{ ...good, user: { subject: 'id', subjectIsNumber: 'yes' } }, 'ERR_INVALID_ARGUMENT', 'subjectIsNumber'],
      [{ ...good, tokenEndpointAuthMethod: 'none' }, 'ERR_INVALID_ARGUMENT', undefined],
    ]) {
      assert.throws(() => new Client(options), (error) => {
        assert.equal(error.code, expected, inspect(options));
        assert.equal(field ?? error.field, error.field, inspect(options));
        return true;
      });
    }
  });

  test('options of calls', async () => {
    const client = clientOf('web');
    const tokens = Tokens.fromJSON({ access_token: 'a' });
    for (const [call, expected, field] of [
      [() => client.beginLogin(5), 'ERR_INVALID_ARGUMENT', 'options'],
      [() => client.beginLogin({ return_to: '/' }), 'ERR_UNKNOWN_OPTION', 'return_to'],
      [() => client.beginLogin({ returnTo: 'https://evil.example' }), 'ERR_INVALID_ARGUMENT', 'returnTo'],
      [() => client.beginLogin({ parameters: { state: 'x' } }), 'ERR_INVALID_ARGUMENT', 'parameters'],
      [() => client.beginLogin({ timeout: 0 }), 'ERR_INVALID_ARGUMENT', 'timeout'],
      [() => client.beginLogin({ signal: {} }), 'ERR_INVALID_ARGUMENT', 'signal'],
      [() => client.beginLogin({ cookies: 5 }), 'ERR_INVALID_ARGUMENT', 'cookies'],
      [() => client.finishLogin(), 'ERR_INVALID_ARGUMENT', 'callback'],
      [() => client.finishLogin({ cookies: undefined, callback: 'state=z' }), 'ERR_TRANSACTION_INVALID', undefined],
      [() => client.finishLogin({ transaction: 'x', cookies: 'y', callback: 'z' }), 'ERR_INVALID_ARGUMENT', 'transaction'],
      [() => client.finishLogin({ transaction: 'x' }), 'ERR_INVALID_ARGUMENT', 'callback'],
      [() => client.finishLogin({ transaction: 'x', callback: 'z', state: 's' }), 'ERR_UNKNOWN_OPTION', 'state'],
      [() => client.finishLogin({ transaction: 'x', callback: 'z' }), 'ERR_CALLBACK_INVALID', 'state'],
      [() => client.finishLogin({ transaction: 'x', callback: 'state=z' }), 'ERR_TRANSACTION_INVALID', undefined],
      [() => client.refresh({ accessToken: 'a' }), 'ERR_INVALID_ARGUMENT', 'tokens'],
      [() => client.refresh(tokens), 'ERR_REFRESH_TOKEN_MISSING', 'refresh_token'],
      [() => client.refresh(tokens, { scopes: 'x' }), 'ERR_UNKNOWN_OPTION', 'scopes'],
      [() => client.userinfo('a'), 'ERR_INVALID_ARGUMENT', 'tokens'],
      [() => client.userinfo(tokens, { now: 1 }), 'ERR_UNKNOWN_OPTION', 'now'],
      [() => client.revoke(null), 'ERR_INVALID_ARGUMENT', 'tokens'],
      [() => client.finishLogin({ transaction: 'x', callback: 'z' }, { timeout: 5 }), 'ERR_INVALID_ARGUMENT', 'transaction'],
      [() => client.finishLogin('x', 'state=z', { cookies: 'y' }), 'ERR_UNKNOWN_OPTION', 'cookies'],
      [() => client.finishLogin('x'), 'ERR_INVALID_ARGUMENT', 'callback'],
      [() => client.logoutUrl({ postLogoutRedirectUri: 'x' }), 'ERR_URL_REFUSED', 'postLogoutRedirectUri'],
      [() => client.logoutUrl({ tokens }), 'ERR_UNKNOWN_OPTION', 'tokens'],
      [() => client.logoutUrl({}, tokens), 'ERR_INVALID_ARGUMENT', undefined],
      [() => client.logoutUrl(tokens, tokens), 'ERR_INVALID_ARGUMENT', 'options'],
      [() => client.logoutUrl(tokens, 5), 'ERR_INVALID_ARGUMENT', 'options'],
      [() => client.logoutUrl(tokens, { idTokenHint: 'i' }), 'ERR_INVALID_ARGUMENT', 'idTokenHint'],
      [() => client.logoutUrl(sealKeys[0]), 'ERR_INVALID_ARGUMENT', 'options'],
      [() => client.beginLogin(tokens), 'ERR_INVALID_ARGUMENT', 'options'],
      [() => client.finishLogin(tokens), 'ERR_INVALID_ARGUMENT', 'options'],
      [async () => client.forgetLogin(tokens), 'ERR_INVALID_ARGUMENT', 'options'],
      [() => client.refresh(tokens, tokens), 'ERR_INVALID_ARGUMENT', 'options'],
      [() => client.userinfo(tokens, tokens), 'ERR_INVALID_ARGUMENT', 'options'],
      [() => client.userinfo(tokens, AbortSignal.timeout(5)), 'ERR_INVALID_ARGUMENT', 'options'],
      [async () => client.tokenManager(tokens, tokens), 'ERR_INVALID_ARGUMENT', 'options'],
      [() => client.tokenManager(tokens).tokens(tokens), 'ERR_INVALID_ARGUMENT', 'options'],
      [() => client.verifyLogoutToken(5), 'ERR_INVALID_ARGUMENT', 'token'],
      [async () => client.tokenManager('x'), 'ERR_INVALID_ARGUMENT', 'tokens'],
      [async () => client.tokenManager(tokens, { onTokens: 5 }), 'ERR_INVALID_ARGUMENT', 'onTokens'],
      [async () => client.tokenManager(tokens, { renewBefore: -1 }), 'ERR_INVALID_ARGUMENT', 'renewBefore'],
      [async () => client.tokenManager(tokens, { persist: true }), 'ERR_UNKNOWN_OPTION', 'persist'],
      [() => client.tokenManager(tokens).tokens({ force: 1 }), 'ERR_INVALID_ARGUMENT', 'force'],
      [() => client.tokenManager(tokens).tokens({ force: true }), 'ERR_REFRESH_TOKEN_MISSING', undefined],
      [() => Client.prototype.beginLogin.call({}), 'ERR_INVALID_ARGUMENT', 'this'],
      [() => TokenManager.prototype.tokens.call(client), 'ERR_INVALID_ARGUMENT', 'this'],
      [async () => Object.getOwnPropertyDescriptor(Tokens.prototype, 'accessToken').get.call({}), 'ERR_INVALID_ARGUMENT', 'this'],
      [async () => new Tokens('{}'), 'ERR_INVALID_ARGUMENT', undefined],
      [async () => new TokenManager(), 'ERR_INVALID_ARGUMENT', undefined],
    ]) {
      let promise;
      assert.doesNotThrow(() => { promise = call(); }, String(call));
      await assert.rejects(promise, (error) => {
        assert.equal(error.code, expected, `${call}: ${error.stack}`);
        assert.equal(field ?? error.field, error.field, String(call));
        return true;
      });
    }
  });

  test('a caller who leaves, or has no time', async () => {
    const provider = await quirks.new('token-slow', { ms: 400 });
    const client = new Client({ ...provider.options, sealKeys });
    const { url, transaction } = await client.beginLogin();
    const { callback } = await provider.authorize(url);
    const reason = new Error('enough');
    const stop = new AbortController();
    const left = assert.rejects(client.finishLogin({ transaction, callback, signal: stop.signal }), (error) => error === reason);
    await sleep(50);
    stop.abort(reason);
    await left;
    await assert.rejects(client.beginLogin({ signal: AbortSignal.abort(reason) }), (error) => error === reason);
    const again = await client.beginLogin();
    const { callback: other } = await provider.authorize(again.url);
    await assert.rejects(client.finishLogin({ transaction: again.transaction, callback: other, timeout: 0.1 }), code('ERR_DEADLINE'));
  });

  test('it is loaded by require, too, and only when it is used', () => {
    const require = createRequire(import.meta.url);
    assert.equal(require('../index.js').oauth, oauth);
  });
});
