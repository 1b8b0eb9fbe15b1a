// The agent of this front end for tests/scenarios/run.py: README.md there defines the commands.

import { createInterface } from 'node:readline';

import { AuthwrightError, Key, RemoteKeySet, Verifier } from '../index.js';

let verifier;

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
};

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
    field: field && toSnake(field),
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
  const respell = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(JSON.parse(text)).map(([name, value]) => [respell(name), value]));
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
