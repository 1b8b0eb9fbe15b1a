// Logs in with a browser at the web application of each language: a headless Chromium, npm oidc-provider behind it.
//
//   tests/browser/run.sh [APPLICATION]...
//
// Without a name all are tried. The picture of a page behind a login is target/browser/APPLICATION.png.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pictures = join(root, 'target', 'browser');
const { chromium } = createRequire(join(pictures, 'package.json'))('playwright-core');

const python = join(root, 'target', 'venv', 'bin', 'python');
const APPLICATIONS = {
  'login-express': [process.execPath, join(root, 'examples', 'node', 'login-express.mjs')],
  'login_flask': [python, join(root, 'examples', 'python', 'login_flask.py')],
  'login_fastapi': [python, join(root, 'examples', 'python', 'login_fastapi.py')],
  'login_libmicrohttpd': [join(pictures, 'login_libmicrohttpd')],
};
const CHROMIUM = process.env.AW_CHROMIUM ?? '/usr/bin/chromium';
const SWITCHES = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
const PATIENCE = 20_000;

/** A program that prints one line of JSON when it is ready. */
async function start(command, environment = {}) {
  const [program, ...parameters] = command;
  const env = { ...process.env, ...environment };
  const child = spawn(program, parameters, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = once(child, 'exit').then(([status]) => {
    throw new Error(`${parameters.at(-1) ?? program} ended with ${status}`);
  });
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), gone]);
  gone.catch(() => {});
  const end = async () => {
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  };
  return { facts: JSON.parse(line), end };
}

const provider = await start([process.execPath, join(root, 'tests', 'servers', 'login_provider.mjs')]);

async function control(method, path, parameters = {}) {
  const response = await fetch(`${provider.facts.control}${path}?${new URLSearchParams(parameters)}`, { method });
  const answer = await response.json();
  assert.ok(response.ok, answer.error);
  return answer;
}

/** An application, registered at the provider as the client `web`. */
async function startApplication(command, mode) {
  const { client_id: id, client_secret: secret } = provider.facts.clients.web.options;
  const registered = { ISSUER: provider.facts.url, CLIENT_ID: id, CLIENT_SECRET: secret };
  const application = await start(command, { ...registered, PORT: '0', RESPONSE_MODE: mode });
  const { url } = application.facts;
  const client = { client_id: id, redirect_uris: [`${url}/callback`], post_logout_redirect_uris: [`${url}/`] };
  await control('POST', '/clients', { client: JSON.stringify(client) });
  return { ...application, url };
}

/** Fills in the provider's pages until it sends the browser back. */
async function logIn(page, login = 'alice') {
  await page.fill('input[name=login]', login);
  await page.fill('input[name=password]', 'any');
  await page.click('button[type=submit]');
  await consent(page);
}

async function consent(page) {
  await page.waitForSelector('input[name=prompt][value=consent]', { state: 'attached' });
  await page.click('button[type=submit]');
}

/** The cookies of logins that have begun. */
async function loginCookies(context, url) {
  return (await context.cookies(url)).filter(({ name }) => name.startsWith('__Host-aw-login.'));
}

function text(page, selector) {
  return page.textContent(selector);
}

const tokenRequests = async () => (await control('GET', '/counts')).token;

const TESTS = {
  async 'logs in, and out again'({ page, url, name }) {
    await page.goto(url);
    await page.click('#login');
    await logIn(page);
    await page.waitForURL(`${url}/`);
    assert.equal(await text(page, '#user'), 'alice');
    await page.click('#userinfo');
    assert.equal(await text(page, '#user'), 'alice');
    assert.equal(await text(page, '#email'), 'alice@example.com');
    await page.screenshot({ path: join(pictures, `${name}.png`) });
    const before = await tokenRequests();
    await page.goto(url);
    await page.click('#refresh');
    await page.waitForURL(`${url}/`);
    assert.equal(await text(page, '#user'), 'alice');
    assert.equal(await tokenRequests(), before + 1);
    await page.click('#userinfo');
    assert.equal(await text(page, '#email'), 'alice@example.com');
    await page.goto(url);
    await page.click('#logout');
    await page.click('button[value=yes]');
    await page.waitForURL(`${url}/`);
    assert.equal(await page.isVisible('#login'), true);
    assert.equal(await page.locator('#user').count(), 0);
    const { revocation, logout } = await control('GET', '/counts');
    assert.ok(revocation > 0 && logout > 0);
  },

  async 'a page that needs a login leads there and back'({ page, url }) {
    await page.goto(`${url}/login?return_to=${encodeURIComponent('/userinfo?from=mail')}`);
    await logIn(page);
    await page.waitForURL(`${url}/userinfo?from=mail`);
    assert.equal(await text(page, '#email'), 'alice@example.com');
    await page.goto(`${url}/login?return_to=//evil.example`);
    assert.equal(await page.getAttribute('#error', 'data-code'), 'ERR_INVALID_ARGUMENT');
  },

  async 'two tabs log in at once'({ page, context, url }) {
    const other = await context.newPage();
    await page.goto(`${url}/login?return_to=/%3Ftab%3D1`);
    await other.goto(`${url}/login?return_to=/%3Ftab%3D2`);
    assert.equal((await loginCookies(context, url)).length, 2, 'each login has a cookie of its own');
    await logIn(other);
    await other.waitForURL(`${url}/?tab=2`);
    assert.equal(await text(other, '#user'), 'alice');
    // The provider knows the user by now, and this tab still shows its form.
    await logIn(page);
    await page.waitForURL(`${url}/?tab=1`);
    assert.equal(await text(page, '#user'), 'alice');
    assert.deepEqual(await loginCookies(context, url), []);
  },

  async 'the callback once more, and the back button'({ page, url }) {
    const callbacks = [];
    page.on('request', (request) => request.url().startsWith(`${url}/callback?`) && callbacks.push(request.url()));
    await page.goto(url);
    await page.click('#login');
    await logIn(page);
    await page.waitForURL(`${url}/`);
    const before = await tokenRequests();
    await page.goto(callbacks[0]);
    assert.equal(await page.getAttribute('#error', 'data-code'), 'ERR_TRANSACTION_INVALID');
    assert.equal(await tokenRequests(), before, 'the code was not sent again');
    await page.goBack();
    assert.equal(page.url(), `${url}/`);
    assert.equal(await text(page, '#user'), 'alice');
    // Further back is the provider's page of a login that is over: whatever it says, the session stays.
    await page.goBack();
    await page.goto(url);
    assert.equal(await text(page, '#user'), 'alice');
  },

  async 'a user who cancels'({ page, context, url }) {
    await page.goto(url);
    await page.click('#login');
    await page.fill('input[name=login]', 'alice');
    await page.fill('input[name=password]', 'any');
    await page.click('button[type=submit]');
    await page.waitForSelector('input[name=prompt][value=consent]', { state: 'attached' });
    await page.click('a[href$="/abort"]');
    await page.waitForURL(`${url}/callback?**`);
    assert.equal(await page.getAttribute('#error', 'data-code'), 'ERR_AUTHORIZATION_REFUSED');
    // What the provider said: its error, or the description.
    assert.match(await text(page, '#error'), /access_denied|End-User aborted/);
    assert.deepEqual(await loginCookies(context, url), []);
    await page.goto(url);
    assert.equal(await page.isVisible('#login'), true);
  },

  async 'a callback of nobody'({ page, url }) {
    await page.goto(`${url}/callback?code=c&state=${encodeURIComponent('<script>')}`);
    assert.equal(await page.getAttribute('#error', 'data-code'), 'ERR_TRANSACTION_INVALID');
    await page.goto(`${url}/callback`);
    assert.equal(await page.getAttribute('#error', 'data-code'), 'ERR_CALLBACK_INVALID');
  },
};

const FORM_POST_TESTS = {
  async 'the callback as a form'({ page, context, url }) {
    await page.goto(`${url}/login?return_to=/userinfo`);
    const [cookie] = await loginCookies(context, url);
    assert.deepEqual([cookie.sameSite, cookie.secure, cookie.httpOnly], ['None', true, true]);
    const posted = page.waitForRequest((request) => request.url() === `${url}/callback`);
    await logIn(page);
    assert.equal((await posted).method(), 'POST');
    await page.waitForURL(`${url}/userinfo`);
    assert.equal(await text(page, '#email'), 'alice@example.com');
    await page.goto(url);
    assert.equal(await text(page, '#user'), 'alice');
  },

  async 'a user who cancels, in a form'({ page, url }) {
    await page.goto(`${url}/login`);
    await page.click('a[href$="/abort"]');
    await page.waitForURL(`${url}/callback`);
    assert.equal(await page.getAttribute('#error', 'data-code'), 'ERR_AUTHORIZATION_REFUSED');
  },
};

async function play(browser, name, command, mode, tests) {
  let failures = 0;
  await control('POST', '/reset');
  const application = await startApplication(command, mode);
  try {
    for (const [title, test] of Object.entries(tests)) {
      // A browser of its own as far as cookies go.
      const context = await browser.newContext();
      context.setDefaultTimeout(PATIENCE);
      const page = await context.newPage();
      try {
        await test({ page, context, url: application.url, name });
        console.log(`ok      ${name}: ${title}`);
      } catch (error) {
        failures += 1;
        console.log(`FAILED  ${name}: ${title}\n        at ${page.url()}\n${error.stack}`);
      } finally {
        await context.close();
      }
    }
  } finally {
    await application.end();
  }
  return failures;
}

const wanted = process.argv.slice(2);
for (const name of wanted) {
  assert.ok(name in APPLICATIONS, `${name} is none of ${Object.keys(APPLICATIONS).join(', ')}`);
}
mkdirSync(pictures, { recursive: true });
let [failures, skips] = [0, 0];
const browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: SWITCHES });
try {
  for (const [name, command] of Object.entries(APPLICATIONS)) {
    if (wanted.length > 0 && !wanted.includes(name)) {
      continue;
    }
    if (!command.every((file) => existsSync(file))) {
      console.error(`SKIPPED ${name}: there is no ${command.find((file) => !existsSync(file))}`);
      skips += 1;
      continue;
    }
    failures += await play(browser, name, command, 'query', TESTS);
    failures += await play(browser, name, command, 'form_post', FORM_POST_TESTS);
  }
} finally {
  await browser.close();
  await provider.end();
}
process.exit(failures > 0 || (skips > 0 && process.env.AW_REQUIRE_ALL === '1') ? 1 : 0);
