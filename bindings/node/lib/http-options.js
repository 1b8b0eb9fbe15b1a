// How requests are sent: the options `http`.

'use strict';

const { invalid } = require('./errors.js');
const { describe } = require('./json.js');
const { complete, limit, read } = require('./options.js');

const KNOWN = ['ca', 'clientCertificate', 'clientKey', 'lookup', 'agent', 'connectTimeout', 'timeout', 'fetch'];

/** Reads the options. What they hold is checked now, not when the first request is sent. */
function readHttp(options) {
  const values = read(complete(options), KNOWN);
  const timeout = limit(values, 'timeout', 10);
  if (values.fetch !== undefined) {
    return { fetch: withFetch(values), timeout };
  }
  return {
    ...identity(values),
    lookup: functionOf(values, 'lookup'),
    agent: agentOf(values.agent),
    connectTimeout: limit(values, 'connectTimeout', 5),
    timeout,
  };
}

/** The transport of options that were read. */
function transportOf(settings = readHttp({})) {
  if (settings.fetch !== undefined) {
    const { FetchTransport } = require('./fetch-transport.js');
    return new FetchTransport(settings);
  }
  const { HttpsTransport } = require('./https-transport.js');
  return new HttpsTransport(settings);
}

// A function of the program's decides itself about connections.
function withFetch(values) {
  const other = KNOWN.find((name) => values[name] !== undefined && name !== 'fetch' && name !== 'timeout');
  if (other !== undefined) {
    throw invalid(other, `${other} is for the built-in transport: fetch makes its own connections`);
  }
  return functionOf(values, 'fetch');
}

function functionOf(values, name) {
  const value = values[name];
  if (value !== undefined && typeof value !== 'function') {
    throw invalid(name, `${name} must be a function, not ${describe(value)}`);
  }
  return value;
}

function agentOf(agent) {
  if (agent !== undefined && typeof agent?.addRequest !== 'function') {
    throw invalid('agent', `agent must be an http.Agent or https.Agent, not ${describe(agent)}`);
  }
  return agent;
}

// Whom the client trusts, and who it is.
function identity(values) {
  const [ca, cert, key] = ['ca', 'clientCertificate', 'clientKey'].map((name) => pem(values, name));
  if ((cert === undefined) !== (key === undefined)) {
    const missing = cert === undefined ? 'clientCertificate' : 'clientKey';
    throw invalid(missing, `clientCertificate and clientKey go together, and there is no ${missing}`);
  }
  if (ca !== undefined) {
    checkAuthorities(ca);
  }
  if (cert !== undefined) {
    checkClient(cert, key);
  }
  return { ca, cert, key };
}

// A copy, so that what the program does with its bytes later changes nothing.
function pem(values, name) {
  const value = values[name];
  if (value === undefined || typeof value === 'string') {
    return value;
  }
  if (!(ArrayBuffer.isView(value) && value.BYTES_PER_ELEMENT === 1)) {
    throw invalid(name, `${name} must be PEM, as a string or a Buffer, not ${describe(value)}`);
  }
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
}

// Node passes over what it cannot read, and then trusts nobody without saying why.
function checkAuthorities(ca) {
  const { X509Certificate } = require('node:crypto');
  const blocks = ca.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  if (blocks === null) {
    throw invalid('ca', 'ca holds no certificate in PEM');
  }
  blocks.forEach((block, index) => {
    try {
      new X509Certificate(block);
    } catch (error) {
      throw invalid('ca', `certificate ${index + 1} of ca cannot be read`, error);
    }
  });
}

function checkClient(cert, key) {
  const { X509Certificate, createPrivateKey } = require('node:crypto');
  let certificate;
  try {
    certificate = new X509Certificate(cert);
  } catch (error) {
    throw invalid('clientCertificate', 'clientCertificate is no certificate in PEM', error);
  }
  let privateKey;
  try {
    privateKey = createPrivateKey(key);
  } catch (error) {
    throw invalid('clientKey', 'clientKey is no private key in PEM, or is encrypted', error);
  }
  if (!certificate.checkPrivateKey(privateKey)) {
    throw invalid('clientKey', 'clientKey is not the key of clientCertificate');
  }
}

module.exports = { readHttp, transportOf };
