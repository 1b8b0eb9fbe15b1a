// The agent of this front end for tests/scenarios/run.py: README.md there defines the commands.

import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

import { ApiKeys, AuthwrightError, Key, RemoteKeySet, Store, Verifier, checkStore, oauth, sweepStore } from '../index.js';
import { MapStore } from './stores.mjs';

let verifier;
const clients = new Map();
const managers = new Map();
const stores = new Map();
const apiKeys = new Map();

const commands = {
  remote(options, http, policy) {
    verifier = new Verifier(new RemoteKeySet({ ...camelCase(options), http: httpOf(http) }), camelCase(policy));
  },
  discover(issuer, http, policy) {
    verifier = Verifier.discover(issuer, { ...camelCase(policy), http: httpOf(http) });
  },
  async verify(milliseconds, count, token) {
    const calls = Array.from({ length: Number(count) }, () => answer(async () => {
      return (await verifier.verifyFetching(token, { timeout: Number(milliseconds) / 1000 })).claims;
    }));
    const all = await Promise.all(calls);
    return all.length === 1 ? new Answer(all[0]) : new Answer({ all });
  },
  verify_cached(token) {
    return verifier.verify(token).claims;
  },
  refresh() {
    return verifier.remoteKeys.refresh();
  },
  export(secret) {
    return verifier.remoteKeys.exportState(keyOf(secret));
  },
  import(secrets, state) {
    verifier.remoteKeys.importState(state, secrets.split(',').map(keyOf));
  },
  close() {
    verifier.remoteKeys.close();
  },
  client(name, options, secrets, key, http) {
    const client = new oauth.Client({
      ...camelCase(options),
      ...(secrets && { sealKeys: secrets.split(',').map(keyOf) }),
      ...(key && { clientKey: Key.fromJwk(key) }),
      http: httpOf(http),
    });
    clients.set(name, client);
    return shown(true, client);
  },
  async begin(name, options, cookies) {
    const login = await clients.get(name).beginLogin({ ...camelCase(options), ...(cookies && { cookies }), timeout: PATIENCE });
    return shown(login.toJSON(), login);
  },
  async finish(name, transaction, cookies, callback) {
    const kept = transaction ? { transaction } : { cookies };
    return written(await clients.get(name).finishLogin({ ...kept, callback, timeout: PATIENCE }));
  },
  forget_login(name, cookies, callback) {
    return new Answer({ ok: clients.get(name).forgetLogin({ cookies, callback }) ?? null });
  },
  async refresh_tokens(name, tokens, options) {
    return written(await clients.get(name).refresh(oauth.Tokens.fromJSON(tokens), { ...camelCase(options), timeout: PATIENCE }));
  },
  async userinfo(name, tokens) {
    return written(await clients.get(name).userinfo(oauth.Tokens.fromJSON(tokens), { timeout: PATIENCE }));
  },
  revoke(name, tokens) {
    return clients.get(name).revoke(oauth.Tokens.fromJSON(tokens), { timeout: PATIENCE });
  },
  logout_url(name, options) {
    return clients.get(name).logoutUrl({ ...camelCase(options), timeout: PATIENCE });
  },
  async verify_logout_token(name, token) {
    return (await clients.get(name).verifyLogoutToken(token, { timeout: PATIENCE })).claims;
  },
  manager(name, client, tokens, options, hook) {
    const held = { hook, persisted: [] };
    const onTokens = async (fresh) => {
      held.persisted.push(fresh.toJSON());
      if (held.hook === 'slow') {
        await sleep(300);
      }
      if (held.hook === 'fail') {
        throw new Error('the disk is full');
      }
    };
    const settings = { ...camelCase(options), ...(hook && { onTokens }) };
    held.manager = clients.get(client).tokenManager(oauth.Tokens.fromJSON(tokens), settings);
    managers.set(name, held);
    return shown(true, held.manager);
  },
  hook(name, hook) {
    managers.get(name).hook = hook;
  },
  async manager_tokens(name, force, milliseconds, count) {
    const { manager } = managers.get(name);
    const options = { force: force === '1', timeout: Number(milliseconds) / 1000 };
    const calls = Array.from({ length: Number(count) }, () => answer(async () => written(await manager.tokens(options))));
    const all = await Promise.all(calls);
    return new Answer(all.length === 1 ? all[0] : { all });
  },
  async cancelled(name, force, milliseconds) {
    const stop = new AbortController();
    const reason = new Error('cancelled');
    const waiting = managers.get(name).manager.tokens({ force: force === '1', signal: stop.signal });
    setTimeout(() => stop.abort(reason), Number(milliseconds));
    await waiting.catch((error) => {
      if (error !== reason) {
        throw error;
      }
    });
  },
  manager_current(name) {
    return managers.get(name).manager.current.toJSON();
  },
  manager_replace(name, tokens) {
    managers.get(name).manager.replace(oauth.Tokens.fromJSON(tokens));
  },
  persisted(name) {
    return managers.get(name).persisted;
  },
  store(name, url, options) {
    const store = new Store(url, camelCase(options));
    stores.set(name, store);
    return shown(true, store);
  },
  host_store(name) {
    stores.set(name, new MapStore());
  },
  store_sweep(name) {
    return sweepStore(stores.get(name));
  },
  async store_check(name) {
    const { runId, ...report } = await checkStore(stores.get(name));
    return { run_id: runId, ...report };
  },
  store_close(name) {
    return stores.get(name).close?.();
  },
  keys(name, store, options, peppers) {
    const secrets = JSON.parse(peppers).map((pepper) => Key.fromSecret(Buffer.from(pepper, 'base64url')));
    const made = new ApiKeys(stores.get(store), { ...camelCase(options), peppers: secrets });
    apiKeys.set(name, made);
    return shown(true, made);
  },
  async keys_issue(name, options) {
    return written(await apiKeys.get(name).issue(camelCase(options)));
  },
  async keys_verify(name, presented, scopes, now) {
    const options = { scopes: JSON.parse(scopes), ...(now && { now: Number(now) }) };
    return written(await apiKeys.get(name).verify(JSON.parse(presented), options));
  },
  async keys_get(name, id) {
    return written(await apiKeys.get(name).get(id));
  },
  async keys_list(name, owner, after, limit) {
    const page = await apiKeys.get(name).list(owner, { after: after || undefined, limit: Number(limit) });
    return shown(JSON.parse(JSON.stringify(page)), page);
  },
  async keys_rotate(name, id, options) {
    return written(await apiKeys.get(name).rotate(id, camelCase(options)));
  },
  async keys_revoke(name, id) {
    return written(await apiKeys.get(name).revoke(id));
  },
  keys_revoke_all(name, owner) {
    return apiKeys.get(name).revokeAll(owner);
  },
  async keys_import(name, options) {
    return written(await apiKeys.get(name).importHash(camelCase(options)));
  },
  keys_well_formed(name, text) {
    return apiKeys.get(name).isWellFormed(JSON.parse(text));
  },
  keys_pattern(name) {
    return apiKeys.get(name).pattern;
  },
};

/** Seconds for a call that is not told. */
const PATIENCE = 20;

/** An object's document, and what the language shows of it. */
function written(object) {
  return shown(object.toJSON(), object);
}

function shown(value, object) {
  return new Answer({ ok: value, shown: inspect(object, { depth: 9 }) });
}

/** An answer that is complete already. */
class Answer {
  constructor(content) {
    this.content = content;
  }
}

async function answer(call) {
  try {
    const value = await call();
    return value instanceof Answer ? value.content : { ok: value ?? true };
  } catch (error) {
    if (!(error instanceof AuthwrightError)) {
      throw error;
    }
    return { error: described(error) };
  }
}

function described({ code, field, message, httpStatus, providerError, providerErrorDescription, cause }) {
  return {
    code,
    // A scope is the program's own word.
    field: field && code !== 'ERR_API_KEY_SCOPE' ? toSnake(field) : field,
    message,
    http_status: httpStatus,
    provider_error: providerError,
    provider_error_description: providerErrorDescription,
    cause: cause instanceof AuthwrightError ? described(cause) : undefined,
  };
}

function keyOf(secret) {
  return Key.fromSecret(Buffer.from(secret));
}

// AW_TEST_FETCH: the global fetch instead of the built-in transport. It has no way to be told of certificates.
function httpOf(text) {
  const options = camelCase(text);
  if (process.env.AW_TEST_FETCH !== undefined) {
    const { timeout, ...others } = options;
    if (Object.keys(others).length > 0) {
      return unsupported(`fetch takes no ${Object.keys(others).join(', ')}`);
    }
    return { fetch: fetchAlone, ...options };
  }
  return 'proxy' in options ? unsupported('a proxy is an agent in Node') : options;
}

// The global fetch keeps connections for all who use it, and so would meet those that an earlier scenario's issuer closes.
function fetchAlone(url, init) {
  return fetch(url, { ...init, headers: { ...init.headers, Connection: 'close' } });
}

function unsupported(why) {
  throw Object.assign(new Error(why), { unsupported: why });
}

function toSnake(name) {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function camelCase(text) {
  const { user, ...options } = JSON.parse(text);
  return { ...membersRespelt(options), ...(user && { user: membersRespelt(user) }) };
}

function membersRespelt(object) {
  const respell = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [respell(name), value]));
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const [command, ...fields] = line.split('\t');
  const told = await answer(() => commands[command](...fields)).catch((error) => {
    if (error.unsupported === undefined) {
      throw error;
    }
    return { unsupported: error.unsupported };
  });
  console.log(JSON.stringify(told));
}
