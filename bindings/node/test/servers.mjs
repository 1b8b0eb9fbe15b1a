// The servers of tests/servers (README.md there): those of AW_TEST_SERVERS, or this process's own.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../tests/servers/', import.meta.url));

/** Starts the server of issuers that misbehave. `new(behaviour, listener, parameters)` makes an issuer; `close()` ends it. */
export async function startHostile() {
  const { facts, close } = await start('hostile');
  return new Hostile(facts, close);
}

/** Why the servers of logins are not there; `undefined` if they are. Installs what they need. */
export function missingForLogins() {
  const { status, stderr } = spawnSync('python3', [`${folder}servers.py`, 'install'], { encoding: 'utf8' });
  return status === 0 ? undefined : `the servers of logins could not be installed: ${stderr ?? 'there is no python3'}`;
}

/** Starts the provider of logins and the server of quirks. */
export async function startLogins() {
  const [login, quirks] = [await start('login_provider', 'login'), await start('quirks')];
  return {
    login: new LoginProvider(login.facts),
    quirks: new Quirks(quirks.facts),
    close: () => Promise.all([login.close(), quirks.close()]),
  };
}

async function start(file, name = file) {
  const there = JSON.parse(process.env.AW_TEST_SERVERS ?? '{}')[name];
  if (there !== undefined) {
    return { facts: there, close() {} };
  }
  const child = spawn(process.execPath, [`${folder}${file}.mjs`], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(() => { throw new Error(`${file}.mjs did not start: is openssl there?`); }),
  ]);
  const close = async () => {
    child.stdin.end();
    await once(child, 'exit');
  };
  return { facts: JSON.parse(line), close };
}

/** npm oidc-provider, and a user without a browser. */
class LoginProvider {
  constructor(facts) {
    this.facts = facts;
    this.clients = facts.clients;
  }

  /** What a client is configured with, in JavaScript's spelling. */
  options(name) {
    return camelCase(this.clients[name].options);
  }

  /** The files of a client's certificate, as options of `http`. */
  identity(name) {
    const { client_certificate: certificate, client_certificate_key: key } = this.clients[name];
    const [clientCertificate, clientKey, ca] = [certificate, key, this.facts.ca].map((file) => readFileSync(file, 'utf8'));
    return { clientCertificate, clientKey, ca };
  }

  call(method, path, parameters = {}) {
    return call(this.facts.control, method, path, parameters);
  }

  authorize(url, wishes = {}) {
    return this.call('POST', '/authorize', { url, ...wishes });
  }

  async requests(what) {
    return (await this.call('GET', '/requests', { what })).requests;
  }

  counts() {
    return this.call('GET', '/counts');
  }
}

/** Providers that have quirks. */
class Quirks {
  constructor(facts) {
    this.facts = facts;
  }

  async new(behaviour = 'good', parameters = {}) {
    return new Quirky(this.facts.control, await call(this.facts.control, 'POST', '/new', { behaviour, ...parameters }));
  }
}

class Quirky {
  #control;
  #name;

  constructor(control, facts) {
    this.#control = control;
    this.#name = { behaviour: facts.behaviour };
    this.facts = facts;
    this.options = camelCase(facts.options);
  }

  authorize(url, wishes = {}) {
    return this.call('POST', '/authorize', { url, ...wishes });
  }

  call(method, path, parameters = {}) {
    return call(this.#control, method, path, { ...this.#name, ...parameters });
  }

  async requests(what) {
    return (await this.call('GET', '/requests', { what })).requests;
  }
}

/** Options in JavaScript's spelling. */
function camelCase(options) {
  const respell = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null).map(([name, value]) => [respell(name), value]));
}

class Hostile {
  constructor(facts, close) {
    this.facts = facts;
    this.close = close;
  }

  /** The text of a file that the facts name. */
  pem(name) {
    return readFileSync(this.facts[name], 'utf8');
  }

  async new(behaviour = 'good', listener = 'http', parameters = {}) {
    return new Issuer(this.facts.control, await call(this.facts.control, 'POST', '/new', { behaviour, listener, ...parameters }));
  }
}

class Issuer {
  #control;
  #name;

  constructor(control, facts) {
    this.#control = control;
    this.#name = { behaviour: facts.behaviour, listener: facts.listener };
    this.url = facts.issuer;
    this.jwksUri = facts.jwks_uri;
  }

  async token(wishes = {}) {
    return (await call(this.#control, 'GET', '/token', { ...this.#name, ...wishes })).token;
  }

  rotate(wishes = {}) {
    return call(this.#control, 'POST', '/rotate', { ...this.#name, ...wishes });
  }

  become(as, parameters = {}) {
    return call(this.#control, 'POST', '/become', { ...this.#name, as, ...parameters });
  }

  fetches() {
    return call(this.#control, 'GET', '/fetches', this.#name);
  }

  async requests() {
    return (await call(this.#control, 'GET', '/requests', this.#name)).requests;
  }
}

async function call(control, method, path, parameters) {
  const response = await fetch(`${control}${path}?${new URLSearchParams(parameters)}`, { method });
  const answer = await response.json();
  if (!response.ok) {
    throw new Error(answer.error);
  }
  return answer;
}
