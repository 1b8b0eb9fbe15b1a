// The built-in transport: node:https.

'use strict';

const http = require('node:http');
const https = require('node:https');
const { createGunzip } = require('node:zlib');

// How long a connection is kept for the next request.
const IDLE = 15_000;

/** Sends requests as they are: no redirect is followed, and nothing is sent twice. */
class HttpsTransport {
  #settings;
  #agents = new Map();

  constructor(settings) {
    this.#settings = settings;
  }

  /** The answer, or a failure: it never rejects. When `stop` aborts, it ends at once. */
  send(request, { milliseconds, stop, isBackground }) {
    const { timeout, connectTimeout, ca, cert, key, lookup, agent } = this.#settings;
    if (request.isPublicOnly) {
      return Promise.resolve({ failure: 'unsupported', isSent: false, reason: 'connect-time address check' });
    }
    if (request.needsClientCertificate && cert === undefined) {
      return Promise.resolve({ failure: 'unsupported', isSent: false, reason: 'client certificate' });
    }
    const url = new URL(request.url);
    const options = {
      method: request.method,
      headers: { ...request.headers, 'Accept-Encoding': 'gzip' },
      // What has a body goes over a connection of its own: one that was kept the server may be closing just now, and
      // then nobody knows whether the body arrived.
      agent: agent ?? (request.body === undefined ? this.#agent(url.protocol) : false),
      lookup,
      ca,
      cert,
      key,
      // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
      rejectUnauthorized: true,
    };
    const limits = { milliseconds: Math.min(milliseconds, timeout), connectMilliseconds: connectTimeout };
    return new Promise((resolve) => {
      new Exchange(url, options, request, { ...limits, stop, isBackground }, resolve).start();
    });
  }

  /** Closes the connections that are idle, and keeps none from now on. */
  close() {
    for (const agent of this.#agents.values()) {
      agent.maxFreeSockets = 0;
      Object.values(agent.freeSockets).flat().forEach((socket) => socket.destroy());
    }
  }

  // Connections are kept for the next request, and do not keep the process alive meanwhile: an agent sees to that.
  #agent(protocol) {
    let agent = this.#agents.get(protocol);
    if (agent === undefined) {
      const { Agent } = protocol === 'http:' ? http : https;
      agent = new Agent({ keepAlive: true, timeout: IDLE });
      this.#agents.set(protocol, agent);
    }
    return agent;
  }
}

/** One request and its answer. */
class Exchange {
  #url;
  #options;
  #request;
  #limits;
  #resolve;
  #timers = [];
  #outgoing;
  #body;
  // Whether the server can have seen any of the request; and whether TLS is being agreed on.
  #isSent = false;
  #isGreeting = false;
  #isOver = false;

  constructor(url, options, request, limits, resolve) {
    this.#url = url;
    this.#options = options;
    this.#request = request;
    this.#limits = limits;
    this.#resolve = resolve;
  }

  start() {
    const { milliseconds, stop } = this.#limits;
    this.#timer(milliseconds, () => this.#fail('deadline'));
    stop.addEventListener('abort', this.#abort);
    this.#open();
  }

  #open() {
    try {
      const { request } = this.#url.protocol === 'http:' ? http : https;
      const outgoing = request(this.#url, this.#options);
      const ifCurrent = (call) => (value) => outgoing === this.#outgoing && call(value);
      this.#outgoing = outgoing;
      outgoing.on('socket', ifCurrent((socket) => this.#connect(socket)));
      outgoing.on('response', ifCurrent((response) => this.#read(response)));
      outgoing.on('error', ifCurrent((error) => this.#failBy(error)));
      // A server that changes the protocol, say: there is no error then.
      outgoing.on('close', ifCurrent(() => this.#body ?? this.#fail('transport', 'the connection was closed')));
      outgoing.end(this.#request.body);
    } catch (error) {
      this.#failBy(error);
    }
  }

  #connect(socket) {
    // The program's agent may have kept it. Nothing was written yet.
    if (this.#outgoing.reusedSocket && this.#request.body !== undefined) {
      this.#outgoing = undefined;
      socket.destroy();
      // Not at once: the time may be over before an agent runs out of them.
      setImmediate(() => this.#isOver || this.#open());
      return;
    }
    if (this.#limits.isBackground) {
      socket.unref();
    }
    const isTls = this.#url.protocol === 'https:';
    if (!socket.connecting && !(isTls && socket.secureConnecting)) {
      this.#isSent = true;
      return;
    }
    const seconds = this.#limits.connectMilliseconds;
    const timer = this.#timer(seconds, () => this.#fail('transport', 'nothing within connectTimeout'));
    socket.once('connect', () => {
      this.#isGreeting = isTls;
    });
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      this.#isGreeting = false;
      this.#isSent = true;
    });
  }

  #read(response) {
    const { maxBodyBytes } = this.#request;
    const { 'content-length': length, 'content-encoding': coding = '' } = response.headers;
    const isZipped = /^(x-)?gzip$/i.test(coding);
    this.#body = isZipped ? createGunzip() : response;
    if (Number(length) > maxBodyBytes) {
      this.#fail('tooLarge');
      return;
    }
    // Both what arrives and what it decompresses to: either could be without an end.
    const chunks = [];
    let size = 0;
    this.#body.on('data', (chunk) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > maxBodyBytes) {
        chunks.length = 0;
        this.#fail('tooLarge');
      }
    });
    this.#body.on('end', () => {
      this.#end({ status: response.statusCode, headers: response.rawHeaders, body: Buffer.concat(chunks) });
    });
    response.on('error', (error) => this.#failBy(error));
    if (isZipped) {
      let arrived = 0;
      response.on('data', (chunk) => {
        arrived += chunk.length;
        if (arrived > maxBodyBytes) {
          this.#fail('tooLarge');
        }
      });
      this.#body.on('error', () => this.#fail('transport', 'the answer is not the gzip that it says'));
      response.pipe(this.#body);
    }
  }

  // What an error of Node's means.
  #failBy(error) {
    const { code = '' } = error;
    if ((this.#isGreeting && !BROKEN.has(code)) || REFUSAL.test(code)) {
      this.#fail('tls', describe(error));
    } else {
      this.#fail('transport', describe(error));
    }
  }

  #fail(failure, reason = '') {
    this.#end({ failure, isSent: this.#isSent, reason: `${this.#url.host}: ${reason}` });
    this.#outgoing?.destroy();
    this.#body?.destroy();
  }

  #abort = () => this.#fail('transport', 'it was aborted');

  #end(outcome) {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#timers.forEach(clearTimeout);
      this.#limits.stop.removeEventListener('abort', this.#abort);
      this.#resolve(outcome);
    }
  }

  #timer(milliseconds, call) {
    const timer = setTimeout(call, Math.max(milliseconds, 0));
    if (this.#limits.isBackground) {
      timer.unref();
    }
    this.#timers.push(timer);
    return timer;
  }
}

// Connections that break while TLS is agreed on, but not over it.
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETRESET']);

// The server's word that it does not talk with this client. With TLS 1.3 it comes only after the client has begun to
// send, but before the server reads anything (RFC 8446 section 4.4.2.4).
const REFUSAL = /^ERR_SSL_.*ALERT_(HANDSHAKE_FAILURE|UNKNOWN_CA|ACCESS_DENIED|.*CERTIFICATE)/;

// For people. OpenSSL's own messages begin with addresses and file names, and its reason says the same.
function describe(error) {
  const [first] = error.errors ?? [];
  return String(error.reason ?? (error.message || first?.message || error.code)).slice(0, 300);
}

module.exports = { HttpsTransport };
