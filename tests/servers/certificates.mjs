// The certificates of the servers, made with openssl when it starts and removed when it ends.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// `openssl ca` and not `openssl x509`, which cannot make a certificate that is over in every release.
const CONFIGURATION = `
[ca]
default_ca = authority
[authority]
new_certs_dir = .
database = index.txt
rand_serial = yes
default_md = sha256
unique_subject = no
policy = any
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[authority_extensions]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = $ENV::NAMES
[client]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
`;

const OURS = 'IP:127.0.0.1, DNS:localhost';
const DAY = 86_400_000;

/** A moment as ASN.1's GeneralizedTime, some days from now. */
const moment = (days) => `${new Date(Date.now() + days * DAY).toISOString().replace(/\D/g, '').slice(0, 14)}Z`;

/** Makes them all: each is `{certificate, key}`, two paths to PEM files; `authority` is the one to trust. */
export const makeCertificates = () => {
  const folder = mkdtempSync(join(tmpdir(), 'authwright-servers-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const path = (name) => join(folder, name);
  const openssl = (args, names = OURS) => {
    const environment = { ...process.env, NAMES: names };
    execFileSync('openssl', args, { cwd: folder, env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  writeFileSync(path('openssl.cnf'), CONFIGURATION);
  writeFileSync(path('index.txt'), '');

  const paths = (name) => ({ certificate: path(`${name}.pem`), key: path(`${name}.key`) });
  const request = (name, ...more) => {
    openssl([
      ...['req', '-new', '-config', 'openssl.cnf', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ...['-subj', `/CN=authwright test ${name}`, '-keyout', `${name}.key`, ...more],
    ]);
  };
  const authority = (name) => {
    request(name, '-x509', '-days', '2', '-extensions', 'authority_extensions', '-out', `${name}.pem`);
    return paths(name);
  };
  const issue = (name, { by = 'authority', kind = 'server', names = OURS, from = -1, until = 2 } = {}) => {
    request(name, '-out', `${name}.csr`);
    openssl(
      [
        ...['ca', '-batch', '-notext', '-config', 'openssl.cnf', '-cert', `${by}.pem`, '-keyfile', `${by}.key`],
        ...['-in', `${name}.csr`, '-out', `${name}.pem`, '-extensions', kind],
        ...['-startdate', moment(from), '-enddate', moment(until)],
      ],
      names,
    );
    return paths(name);
  };

  const selfSigned = (name) => {
    // An extension makes it of version 3: rustls takes no other.
    request(name, '-x509', '-days', '2', '-addext', 'basicConstraints=CA:FALSE', '-out', `${name}.pem`);
    return paths(name);
  };

  return {
    authority: authority('authority'),
    stranger: authority('stranger'),
    server: issue('server'),
    wrongName: issue('wrong-name', { names: 'DNS:other.example' }),
    expired: issue('expired', { from: -30, until: -1 }),
    untrusted: issue('untrusted', { by: 'stranger' }),
    client: issue('client', { kind: 'client' }),
    selfSignedClient: selfSigned('self-signed-client'),
    untrustedClient: issue('untrusted-client', { kind: 'client', by: 'stranger' }),
  };
};

/** What node:tls takes. */
export const loaded = ({ certificate, key }) => ({ cert: readFileSync(certificate), key: readFileSync(key) });
