// The server of issuers that misbehave (tests/servers/README.md): that of AW_TEST_SERVERS, or one of this process's own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../../tests/servers/hostile.mjs', import.meta.url));

/** Starts the server. `new(behaviour, listener, parameters)` makes an issuer; `close()` ends it. */
export async function startHostile() {
  if (process.env.AW_TEST_SERVERS !== undefined) {
    return new Hostile(JSON.parse(process.env.AW_TEST_SERVERS).hostile, () => {});
  }
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(() => { throw new Error('the hostile server did not start: is openssl there?'); }),
  ]);
  return new Hostile(JSON.parse(line), async () => {
    child.stdin.end();
    await once(child, 'exit');
  });
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
