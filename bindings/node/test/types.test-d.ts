// Compiled, never run: what a program may write, and what the compiler must refuse.

import { lookup } from 'node:dns';
import { Agent } from 'node:https';

import {
  ApiKey,
  ApiKeys,
  AuthwrightError,
  IssuedKey,
  Key,
  KeySet,
  Prepared,
  RemoteKeySet,
  Signer,
  Store,
  StoreFullError,
  Token,
  TokenExpiredError,
  UnverifiedToken,
  Verifier,
  checkStore,
  copyStore,
  dangerousDecode,
  jws,
  oauth,
  onEvent,
  sweepStore,
  version,
  type Algorithm,
  type ApiKeyPage,
  type Claims,
  type ErrorCode,
  type HostStore,
  type Policy,
  type StoreRecord,
  type StoreReport,
} from 'authwright';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function expectType<T>() {
  return <U>(_value: U, _equal: Equal<T, U>): void => {};
}

// Keys.
const key = Key.generate('ES256', { kid: '2026-11' });
expectType<Key>()(key, true);
expectType<Promise<Key>>()(Key.generateAsync('RS256', { bits: 4096 }), true);
expectType<Key>()(Key.fromPem('-----BEGIN', { alg: 'RS256', kid: 'k', password: new Uint8Array(1) }), true);
expectType<Promise<Key>>()(Key.fromPemAsync(Buffer.alloc(1)), true);
Key.fromDer(new Uint8Array(1), { alg: 'ES256' });
Key.fromJwk({ kty: 'oct', k: 'AAAA' });
Key.fromJwk('{}');
Key.fromSecret(Buffer.alloc(32), { alg: 'HS256', kid: 'k' });
expectType<string | undefined>()(key.kid, true);
expectType<Algorithm | undefined>()(key.algorithm, true);
expectType<boolean>()(key.isPrivate, true);
expectType<string>()(key.toPem({ private: true }), true);
expectType<Buffer>()(key.toDer(), true);
expectType<string>()(key.thumbprint(), true);
key.toJwk({ private: true }).kty satisfies string;
// @ts-expect-error: no such algorithm
Key.generate('none');
// @ts-expect-error: misspelt
Key.generate('ES256', { kidd: 'x' });
// @ts-expect-error: a secret is bytes
Key.fromSecret('text');
// @ts-expect-error: made by its functions only
new Key();
// @ts-expect-error: read-only
key.kid = 'other';
// @ts-expect-error: options are an object
key.toJwk(true);
// @ts-expect-error: look-alikes are no keys
new Signer({ kid: 'x', algorithm: 'ES256', isPrivate: true });

// Key sets.
const set = new KeySet([key, key.publicKey()]);
for (const one of set) {
  expectType<Key>()(one, true);
}
expectType<number>()(set.length, true);
expectType<string>()(set.toJson(), true);
expectType<ErrorCode | undefined>()(set.rejected[0]?.error.code, true);
KeySet.fromJson({ keys: [] });
// @ts-expect-error: keys, not texts
new KeySet(['x']);

// Signers.
const signer = new Signer(key, { issuer: 'https://id.example', audience: ['a', 'b'], lifetime: 900, headers: { x: 1 }, jwtId: true });
expectType<string>()(signer.sign({ sub: 'alice', scope: 'read', exp: new Date() }, { now: 5 }), true);
expectType<Promise<string>>()(signer.signAsync({ sub: 'alice' }, { now: new Date() }), true);
interface Mine {
  tenant: string;
  sub?: string;
}
const mine: Mine = { tenant: 't' };
signer.sign(mine);
const prepared = signer.prepare({});
expectType<Prepared>()(prepared, true);
expectType<Buffer>()(prepared.signingInput, true);
expectType<string>()(signer.finish(prepared, new ArrayBuffer(64), { der: false }), true);
// @ts-expect-error: a date is a number or a Date
signer.sign({ exp: 'tomorrow' });
// @ts-expect-error: claims are an object
signer.sign('alice');
// @ts-expect-error: misspelt
new Signer(key, { expiresIn: 900 });
// @ts-expect-error: seconds are numbers
new Signer(key, { lifetime: '15m' });
// @ts-expect-error: only what prepare returned
signer.finish({ signingInput: Buffer.alloc(1), algorithm: 'ES256' }, Buffer.alloc(64));

// Verifiers.
const policy: Policy = {
  version: 1,
  issuer: 'https://id.example',
  audience: ['api'],
  subject: 'alice',
  typ: 'JWT',
  algorithms: ['ES256'],
  required: ['sub'],
  claims: { tenant: ['a', 'b'] },
  leeway: 30,
  maxTokenAge: 3600,
  maxTokenBytes: 4096,
  compat: ['paddedBase64'],
  dangerousAnyAudience: false,
  dangerousNoExpiration: false,
  dangerousWeakKeys: false,
};
const verifier = new Verifier(set, policy);
new Verifier(key, { compat: { stringDates: true } });
const verified = verifier.verify('token', { now: 5 });
expectType<Token>()(verified, true);
expectType<string | undefined>()(verified.claims.sub, true);
expectType<number | undefined>()(verified.claims.exp, true);
expectType<unknown>()(verified.claims['scope'], true);
expectType<string>()(verified.header.alg, true);
expectType<string>()(verifier.verify<Claims & Mine>(Buffer.alloc(1)).claims.tenant, true);
expectType<Verifier>()(Verifier.fromPolicy(key, '{}'), true);
Verifier.fromPolicy(key, { max_token_age: 5 });
// @ts-expect-error: a misspelt audience must never mean "no audience"
new Verifier(key, { audiance: 'api' });
// @ts-expect-error: snake_case is for policy documents
new Verifier(key, { max_token_age: 5 });
// @ts-expect-error: a key or a key set
new Verifier([key]);
// @ts-expect-error: a token is a string or bytes
verifier.verify(5);

// An issuer's keys.
const remote = new RemoteKeySet({ issuer: 'https://id.example', cooldown: 30, http: { ca: 'pem', lookup, timeout: 5 } });
const agent = new Agent({ keepAlive: true });
const discovered = Verifier.discover('https://id.example', { audience: 'api', http: { agent, clientKey: Buffer.alloc(1) } });
new Verifier(remote, { audience: 'api' });
Verifier.fromPolicy(remote, { audience: 'api' });
new RemoteKeySet({ jwksUri: 'https://id.example/keys', http: { fetch } });
expectType<RemoteKeySet | undefined>()(discovered.remoteKeys, true);
expectType<Promise<Token>>()(discovered.verifyFetching('token', { now: new Date(), timeout: 5, signal: AbortSignal.timeout(1) }), true);
expectType<Promise<Token<{ sub: string }>>>()(discovered.verifyFetching<{ sub: string }>('token'), true);
expectType<Promise<void>>()(remote.refresh({ timeout: 1 }), true);
remote.importState(remote.exportState(key), [key]);
remote.keySet() satisfies KeySet;
onEvent((event) => event.event satisfies string);
onEvent(null);
// @ts-expect-error: misspelt
new RemoteKeySet({ isuer: 'https://id.example' });
// @ts-expect-error: only a Verifier of an issuer's keys has them for certain
discovered.remoteKeys.close();
// @ts-expect-error: a RemoteKeySet is no KeySet
jws.verify('token', remote);

// A token that was not verified is of another type.
const decoded = dangerousDecode('token');
expectType<UnverifiedToken>()(decoded, true);
// @ts-expect-error
const mistaken: Token = decoded;
// @ts-expect-error
const forged: Token = { claims: {}, header: { alg: 'none' } };

// jws.
const { sign, verify } = jws;
expectType<string>()(sign('payload', key, { algorithm: 'ES256', headers: { a: 1 }, detached: true, b64: false }), true);
expectType<Buffer>()(verify('token', set, { algorithms: ['ES256'], payload: Buffer.alloc(1) }).payload, true);
// @ts-expect-error: misspelt
jws.sign('payload', key, { header: {} });

// Logins.
const client = new oauth.Client({
  provider: 'microsoft',
  tenant: 'common',
  clientId: 'web',
  clientSecret: 's3cret',
  redirectUri: 'https://app.example/callback',
  scope: ['openid', 'email'],
  responseMode: 'form_post',
  tokenEndpointAuthMethod: 'client_secret_post',
  idTokenAlgorithms: ['RS256'],
  user: { subject: 'id', subjectIsNumber: true, name: ['name', 'login'] },
  sealKeys: [key],
  clientKey: key,
  http: { fetch },
});
async function logIn(): Promise<oauth.Tokens> {
  const header = process.env.COOKIE;
  const login = await client.beginLogin({ returnTo: header, acrValues: ['a'], parameters: { audience: 'api' }, cookies: header, timeout: 5 });
  expectType<oauth.Login>()(login, true);
  expectType<readonly string[]>()(login.staleCookies, true);
  const tokens = await client.finishLogin({ transaction: login.transaction, callback: new URL(login.url) });
  await client.finishLogin(login.transaction, '/callback?code=c', { timeout: 5 });
  await client.finishLogin({ cookies: header, callback: new URLSearchParams(), signal: AbortSignal.timeout(5) });
  expectType<oauth.Tokens>()(tokens, true);
  expectType<number | undefined>()(tokens.expiresAt, true);
  tokens.claims?.sub satisfies string | undefined;
  expectType<string | undefined>()(client.forgetLogin({ cookies: header, callback: '/callback' }), true);
  expectType<Promise<oauth.Tokens>>()(client.refresh(oauth.Tokens.fromJSON(tokens.toJSON()), { scope: 'openid' }), true);
  expectType<boolean | undefined>()((await client.userinfo(tokens)).emailVerified, true);
  expectType<Promise<void>>()(client.revoke(tokens), true);
  expectType<Promise<string>>()(client.logoutUrl({ state: 's', timeout: 5 }), true);
  expectType<Promise<string>>()(client.logoutUrl(tokens, { state: 's' }), true);
  expectType<RemoteKeySet | undefined>()(client.remoteKeys, true);
  expectType<Promise<Token<Mine>>>()(client.verifyLogoutToken<Mine>(Buffer.alloc(1)), true);
  const manager = client.tokenManager(tokens, { renewBefore: 60, async onTokens(fresh) { fresh.refreshToken satisfies string | undefined; } });
  expectType<oauth.TokenManager>()(manager, true);
  manager.replace(await manager.tokens({ force: true, timeout: 5 }));
  return tokens;
}
new Verifier(key, { profile: 'logout_token', issuer: 'https://id.example', audience: 'web' });
// @ts-expect-error: misspelt
client.beginLogin({ retrunTo: '/' });
// @ts-expect-error: a login ends with a callback
client.finishLogin({ cookies: '' });
// @ts-expect-error: the cookies go with the options
client.finishLogin('transaction', '/callback', { cookies: '' });
new oauth.Client('https://id.example', { clientId: 'web' });
// @ts-expect-error: there is one issuer
new oauth.Client('https://id.example', { issuer: 'https://other.example', clientId: 'web' });
// @ts-expect-error: a client has an id
new oauth.Client({ issuer: 'https://id.example' });
// @ts-expect-error: read-only
void ((granted: oauth.Tokens) => (granted.accessToken = 'x'));
// @ts-expect-error: what a Client answers with
new oauth.Tokens();
// @ts-expect-error: look-alikes are no tokens
client.userinfo({ accessToken: 'x' });

// Errors.
try {
  verifier.verify('token');
} catch (error) {
  if (error instanceof TokenExpiredError) {
    expectType<'ERR_TOKEN_EXPIRED'>()(error.code, true);
  } else if (error instanceof AuthwrightError) {
    expectType<ErrorCode>()(error.code, true);
    error.field satisfies string | undefined;
    // @ts-expect-error: no such code
    error.code === 'ERR_TOKEN_EXPRIED';
  }
}
new TokenExpiredError('message', { field: 'exp' });
version satisfies string;
void [mistaken, forged, logIn];

// Stores and API keys.
const store = new Store('redis://localhost', { namespace: 'app', connections: 4 });
expectType<Promise<number>>()(store.sweep({ timeout: 5, signal: new AbortController().signal }), true);
expectType<Promise<void>>()(store.close(), true);
class OwnStore implements HostStore {
  readonly records = new Map<string, StoreRecord>();
  async get(name: string) {
    return this.records.get(name) ?? null;
  }
  async putIf(name: string, expected: number | undefined, record: StoreRecord) {
    return this.records.get(name)?.version === expected && this.records.set(name, record).size > 0;
  }
  async deleteIf(name: string, version: number) {
    return this.records.get(name)?.version === version && this.records.delete(name);
  }
  async list(owner: string, _after: string | undefined, limit: number) {
    const all = [...this.records].filter(([, record]) => record.owner === owner);
    return { entries: all.slice(0, limit).map(([key, record]) => ({ key, record })) };
  }
  async sweep(_before: number, _limit: number, { signal }: { signal: AbortSignal }) {
    if (signal.aborted) {
      throw new StoreFullError('no room');
    }
    return 0;
  }
}
expectType<Promise<number>>()(sweepStore(new OwnStore(), { timeout: 5, signal: new AbortController().signal }), true);
class SyncStore implements HostStore {
  readonly get = (): StoreRecord | undefined => undefined;
  putIf(): boolean {
    return true;
  }
  deleteIf(): boolean {
    return true;
  }
  list() {
    return { entries: [], next: null };
  }
  sweep(): number {
    return 0;
  }
}
sweepStore(new SyncStore());
sweepStore(store);
sweepStore('sqlite:keys.db');
// @ts-expect-error: a store lacks methods
sweepStore(new Map());
expectType<Promise<number>>()(copyStore('sqlite:keys.db', store, { timeout: 5, signal: new AbortController().signal }), true);
copyStore(new Store('sqlite:keys.db'), 'redis://localhost');
// @ts-expect-error: a store of the program's own cannot be read whole
copyStore(new OwnStore(), store);
// @ts-expect-error: a store of the program's own is not copied to
copyStore('sqlite:keys.db', new OwnStore());
expectType<Promise<StoreReport>>()(checkStore(new OwnStore(), { part: 'contend', runId: 'r', racer: 1, rounds: 5 }), true);
const keys = new ApiKeys('sqlite:keys.db', { prefix: 'acme', environment: 'live', peppers: [key], lastUsedEvery: 60, acceptImported: true, cacheSeconds: 1 });
new ApiKeys(store, { prefix: 'acme', environment: 'live', peppers: [key] });
new ApiKeys(new OwnStore(), { prefix: 'acme', environment: 'live', peppers: new Set([key]) });
expectType<Promise<IssuedKey>>()(keys.issue({ owner: 'a', scopes: ['read'], metadata: { a: 1 }, expiresIn: 60, timeout: 1 }), true);
expectType<Promise<ApiKey>>()(keys.verify('k', { scopes: 'read', now: new Date() }), true);
expectType<Promise<ApiKeyPage>>()(keys.list('a', { after: undefined, limit: 10 }), true);
expectType<Promise<IssuedKey>>()(keys.rotate('id', { overlap: 60 }), true);
expectType<Promise<ApiKey>>()(keys.importHash({ sha256: 'a', owner: 'a' }), true);
expectType<Promise<number>>()(keys.revokeAll('a'), true);
expectType<boolean>()(keys.isWellFormed('k'), true);
declare const issuedKey: IssuedKey;
expectType<string>()(issuedKey.secret, true);
expectType<readonly string[]>()(issuedKey.scopes, true);
expectType<number | undefined>()(issuedKey.expiresAt, true);
// @ts-expect-error: who verifies gets no secret
keys.verify('k').then(({ secret }) => secret);
// @ts-expect-error: no owner
keys.issue({ scopes: ['read'] });
// @ts-expect-error: an option that does not exist
keys.verify('k', { scope: 'read' });
// @ts-expect-error: a key that does not end must be meant
keys.issue({ owner: 'a', expiresIn: undefined });
// @ts-expect-error: a store lacks methods
new ApiKeys({ get: async () => undefined }, { prefix: 'acme', environment: 'live', peppers: [key] });
// @ts-expect-error: no peppers
new ApiKeys('memory:', { prefix: 'acme', environment: 'live' });
// @ts-expect-error: what ApiKeys answer with
new IssuedKey();
// @ts-expect-error: what ApiKeys answer with
new ApiKey();
