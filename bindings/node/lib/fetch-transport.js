// A transport of the program's own: a function like the global `fetch`.

'use strict';

/** Sends requests through a function that the program gave. */
class FetchTransport {
  #fetch;
  #timeout;

  constructor({ fetch, timeout }) {
    this.#fetch = fetch;
    this.#timeout = timeout;
  }

  /** The answer, or a failure: it never rejects. When `stop` aborts, it ends at once, whatever the function does. */
  async send(request, { milliseconds, stop, isBackground }) {
    if (request.isPublicOnly) {
      return fail('unsupported', 'connect-time address check', false);
    }
    if (request.needsClientCertificate) {
      return fail('unsupported', 'client certificate', false);
    }
    const end = new AbortController();
    const timer = setTimeout(() => end.abort(), Math.max(Math.min(milliseconds, this.#timeout), 0));
    if (isBackground) {
      timer.unref();
    }
    const abort = () => end.abort();
    stop.addEventListener('abort', abort);
    const ended = new Promise((resolve) => {
      end.signal.addEventListener('abort', () => resolve(fail('deadline')), { once: true });
    });
    try {
      return await Promise.race([this.#exchange(request, end.signal), ended]);
    } catch (error) {
      return fail(TLS.test(codeOf(error)) ? 'tls' : 'transport', describe(error), !neverConnected(error));
    } finally {
      clearTimeout(timer);
      stop.removeEventListener('abort', abort);
      // What is left of the answer is not wanted.
      end.abort();
    }
  }

  close() {}

  async #exchange({ url, method, headers, body, maxBodyBytes }, signal) {
    const init = { method, headers, body: body ?? null, redirect: 'manual', signal };
    const response = await this.#fetch.call(undefined, url, init);
    if (response?.redirected === true) {
      return fail('unsupported', 'way to leave redirects alone');
    }
    // Browsers hide what they did not follow.
    const status = response?.type === 'opaqueredirect' ? 302 : response?.status;
    const isStatus = Number.isInteger(status) && status >= 100 && status <= 599;
    if (!isStatus || typeof response.headers?.[Symbol.iterator] !== 'function') {
      return fail('transport', 'fetch did not answer with a Response');
    }
    const chunks = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > maxBodyBytes) {
        return fail('tooLarge');
      }
      chunks.push(chunk);
    }
    return { status, headers: [...response.headers].flat().map(String), body: Buffer.concat(chunks) };
  }
}

// What the function did before it failed is not known as a rule, so the request may have been sent.
function fail(failure, reason = '', isSent = true) {
  return { failure, isSent, reason };
}

// Names of certificate errors, as OpenSSL and Node give them.
const TLS = /CERT|^ERR_(TLS|SSL)_|^UNABLE_TO_(GET|VERIFY)|^HOSTNAME_MISMATCH/;

// undici hides why behind `fetch failed`.
function codeOf(error) {
  return String(error?.cause?.code ?? error?.code ?? '');
}

// A function that sends once, as it must, has sent nothing where the name did not resolve or the connection was
// refused.
function neverConnected(error) {
  const cause = error?.cause ?? error;
  const { syscall } = cause?.errors?.[0] ?? cause ?? {};
  return syscall === 'connect' || syscall === 'getaddrinfo' || cause?.code === 'UND_ERR_CONNECT_TIMEOUT';
}

function describe(error) {
  const { cause } = error ?? {};
  const message = cause?.message || cause?.errors?.[0]?.message || error?.message || error;
  return `fetch failed: ${String(message)}`.slice(0, 300);
}

module.exports = { FetchTransport };
