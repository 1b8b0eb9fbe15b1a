// authwright against fast-jwt, jose, @node-rs/jsonwebtoken and the bare primitives, authwright's own provider's and
// node:crypto's, in one process; raw results as JSON on standard output.
//
//     node --expose-gc bench.mjs BARE PACKAGE PEERS
//
// BARE is the shared object of ../rust that holds the bare primitives of authwright's provider, PACKAGE the folder of
// our package, PEERS a folder whose node_modules holds the peers. Interleaved rounds of the process's CPU time
// (this version of Node cannot tell one thread's): the garbage collector's threads and, for jose, the thread pool are
// counted, as a server pays for them too. Every contestant is checked to give the same object before it is measured.
// jose is asynchronous: its calls are awaited one after the other.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import v8 from 'node:v8';

const [bareFile, ours, peers] = process.argv.slice(2).map((file) => path.resolve(file));
const requireOurs = createRequire(path.join(ours, 'package.json'));
const requirePeer = createRequire(path.join(peers, 'package.json'));
const { Key, Signer, Verifier } = requireOurs(ours);
const fastJwt = requirePeer('fast-jwt');
const nodeRs = requirePeer('@node-rs/jsonwebtoken');
const jose = requirePeer('jose');
const version = (name) => JSON.parse(fs.readFileSync(path.join(peers, 'node_modules', name, 'package.json'))).version;

const bare = { exports: {} };
process.dlopen(bare, bareFile);
// The rows' names, in the order that the shared object has the algorithms in.
const BARE = {
  HS256: 'bare HMAC-SHA-256, prepared (RustCrypto)',
  RS256: 'bare RSA 2048, prepared (aws-lc-rs)',
  ES256: 'bare ECDSA P-256, prepared (aws-lc-rs)',
  EdDSA: 'bare Ed25519, prepared (aws-lc-rs)',
};

const CLAIMS = JSON.parse(fs.readFileSync(new URL('../claims.json', import.meta.url), 'utf8'));
const { iss: issuer, aud: audience } = CLAIMS;
const SECRET = Buffer.from(Array.from({ length: 32 }, (_, i) => (i * 37 + 11) % 256));
const ROUNDS = Number(process.env.AW_BENCH_ROUNDS ?? 101);
const SAMPLE_US = Number(process.env.AW_BENCH_SAMPLE_US ?? 4000);

const spent = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Several ways to do the same work, measured in turns. */
class Contest {
  constructor(name) {
    this.name = name;
    this.contestants = [];
  }

  /** A function of its own for every contestant, so that none shares another's inlined code. */
  async add(name, work, { check, isAsync = false, isOurs = false } = {}) {
    if (check) check(await work());
    const loop = isAsync
      ? 'return async (calls) => { let last; for (let i = 0; i < calls; i++) last = await work(); return last; }'
      : 'return (calls) => { let last; for (let i = 0; i < calls; i++) last = work(); return last; }';
    this.contestants.push({ name, ours: isOurs, run: new Function('work', loop)(work), calls: 1, ns: [] });
  }

  /** The function makes all the calls of a sample in one, so that what a call of an addon costs is spread over them. */
  addBare(algorithm, bareFunction) {
    const place = Object.keys(BARE).indexOf(algorithm);
    const run = (calls) => assert.ok(bareFunction(place, calls), `the bare primitive of ${algorithm} fails`);
    this.contestants.push({ name: BARE[algorithm], ours: false, run, calls: 1, ns: [] });
  }

  async measure() {
    for (const contestant of this.contestants) await calibrate(contestant);
    const count = this.contestants.length;
    for (let round = 0; round < ROUNDS; round++) {
      for (let turn = 0; turn < count; turn++) {
        const contestant = this.contestants[(round + turn) % count];
        contestant.ns.push(((await spend(contestant)) * 1000) / contestant.calls);
      }
    }
    console.error(`  ${this.name}`);
    for (const { name, ns } of this.contestants) {
      const median = [...ns].sort((a, b) => a - b)[ROUNDS >> 1];
      console.error(`    ${name.padEnd(44)} ${median.toFixed(0).padStart(10)} ns`);
    }
    return { name: this.name, contestants: this.contestants.map(({ run, ...rest }) => rest) };
  }
}

const spend = async ({ run, calls }) => {
  const start = spent();
  await run(calls);
  return spent() - start;
};

// The compilers need many calls before they have settled, and a first call may take longer than all the calls of a sample
// together: several samples in a row must be long enough.
const calibrate = async (contestant) => {
  for (let filled = 0; filled < 5; ) {
    const took = Math.max(await spend(contestant), 1);
    if (took >= SAMPLE_US) {
      filled++;
      continue;
    }
    filled = 0;
    const { calls } = contestant;
    contestant.calls = Math.min(Math.max(Math.ceil((calls * SAMPLE_US) / took), calls + 1), calls * 10);
  }
};

const same = (claims) => assert.deepEqual(claims, CLAIMS);

const keys = (algorithm) => {
  if (algorithm === 'HS256') return { key: Key.fromSecret(SECRET, { alg: 'HS256' }), secret: SECRET };
  const made = Key.generate(algorithm);
  const [privatePem, publicPem] = [made.toPem({ private: true }), made.toPem()].map(String);
  const key = Key.fromPem(privatePem, { alg: algorithm });
  return { key, privatePem, publicPem };
};

const verifyContest = async (algorithm, made, token) => {
  const contest = new Contest(`${algorithm} verify`);
  contest.addBare(algorithm, bare.exports.verify);
  const { key, secret, publicPem } = made;
  const publicKey = secret ? crypto.createSecretKey(secret) : crypto.createPublicKey(publicPem);
  const cut = token.lastIndexOf('.');
  const input = Buffer.from(token.slice(0, cut));
  const signature = Buffer.from(token.slice(cut + 1), 'base64url');

  if (algorithm === 'HS256') {
    await contest.add('bare HMAC (node:crypto)', () =>
      crypto.timingSafeEqual(crypto.createHmac('sha256', publicKey).update(input).digest(), signature),
    );
  } else {
    const options = algorithm === 'ES256' ? { key: publicKey, dsaEncoding: 'ieee-p1363' } : publicKey;
    const digest = algorithm === 'EdDSA' ? null : 'sha256';
    await contest.add('bare primitive (node:crypto)', () => crypto.verify(digest, input, options, signature), {
      check: assert.ok,
    });
  }

  const verifier = new Verifier(secret ? key : key.publicKey(), { issuer, audience });
  await contest.add('authwright', () => verifier.verify(token).claims, { check: same, isOurs: true });

  const allowed = { key: secret ?? publicPem, algorithms: [algorithm], allowedIss: issuer, allowedAud: audience };
  const fast = fastJwt.createVerifier(allowed);
  await contest.add('fast-jwt', () => fast(token), { check: same });
  const cached = fastJwt.createVerifier({ ...allowed, cache: true });
  await contest.add('fast-jwt, answering from its cache', () => cached(token), { check: same });

  const validation = { algorithms: [algorithm], iss: [issuer], aud: [audience], validateNbf: true };
  await contest.add('@node-rs/jsonwebtoken', () => nodeRs.verifySync(token, secret ?? publicPem, validation), {
    check: same,
  });

  const joseKey = secret ?? (await jose.importSPKI(publicPem, algorithm));
  const options = { issuer, audience, algorithms: [algorithm] };
  const joseVerify = async () => (await jose.jwtVerify(token, joseKey, options)).payload;
  await contest.add('jose', joseVerify, { check: same, isAsync: true });
  return contest.measure();
};

const signContest = async (algorithm, made) => {
  const contest = new Contest(`${algorithm} sign`);
  contest.addBare(algorithm, bare.exports.sign);
  const { key, secret, privatePem, publicPem } = made;
  const privateKey = secret ? crypto.createSecretKey(secret) : crypto.createPrivateKey(privatePem);
  const check = fastJwt.createVerifier({ key: secret ?? publicPem, algorithms: [algorithm] });
  const good = (token) => same(check(token));
  const signer = new Signer(key, {});
  const input = Buffer.from(signer.sign(CLAIMS).split('.', 2).join('.'));

  if (algorithm === 'HS256') {
    await contest.add('bare HMAC (node:crypto)', () => crypto.createHmac('sha256', privateKey).update(input).digest());
  } else {
    const options = algorithm === 'ES256' ? { key: privateKey, dsaEncoding: 'ieee-p1363' } : privateKey;
    const digest = algorithm === 'EdDSA' ? null : 'sha256';
    await contest.add('bare primitive (node:crypto)', () => crypto.sign(digest, input, options));
  }
  await contest.add('authwright', () => signer.sign(CLAIMS), { check: good, isOurs: true });
  const fast = fastJwt.createSigner({ key: secret ?? privatePem, algorithm });
  await contest.add('fast-jwt', () => fast(CLAIMS), { check: good });
  await contest.add(
    '@node-rs/jsonwebtoken',
    () => nodeRs.signSync(CLAIMS, secret ?? privatePem, { algorithm }),
    { check: good },
  );
  const joseKey = secret ?? (await jose.importPKCS8(privatePem, algorithm));
  const joseSign = () => new jose.SignJWT(CLAIMS).setProtectedHeader({ alg: algorithm, typ: 'JWT' }).sign(joseKey);
  await contest.add('jose', joseSign, { check: good, isAsync: true });
  return contest.measure();
};

// What the process keeps, once the garbage is collected: of V8's heap what is in use, and all that is resident beside that
// heap, which is where an addon's memory is. Not the heap's own room: V8 doubles the part for new objects, by megabytes, at
// whatever moment it sees fit, and keeps it, however little is in use; the resident memory as a whole cannot tell that
// from a leak.
const kept = () => {
  const { total_physical_size: room, used_heap_size: inUse } = v8.getHeapStatistics();
  return process.memoryUsage().rss - room + inUse;
};

const LOOKS = 40;

// By how much they grow from one to the next: the median of the slopes between any two of them (Theil and Sen). Two looks
// differ by up to a megabyte either way with nothing kept, since what is free is not given back at once, and one such step
// is no growth.
const slope = (looks) => {
  const slopes = looks.flatMap((look, at) => looks.slice(0, at).map((before, from) => (look - before) / (at - from)));
  slopes.sort((left, right) => left - right);
  return slopes[Math.floor(slopes.length / 2)];
};

const soak = (name, work) => {
  const wanted = Number(process.env.AW_SOAK ?? 0);
  const calls = wanted === 1 ? 10_000_000 : wanted;
  if (!calls) return null;
  for (let i = 0; i < calls / 10; i++) work();
  const looks = [];
  for (let part = 0; part < LOOKS; part++) {
    for (let i = 0; i < calls / LOOKS; i++) work();
    globalThis.gc();
    looks.push(kept());
  }
  const grown = Math.round((slope(looks) * LOOKS) / 1024);
  console.error(`  soak: ${name}, ${calls} calls: ${grown >= 0 ? '+' : ''}${grown} KiB`);
  return { calls, grown_kib: grown };
};

const groups = [];
for (const algorithm of Object.keys(BARE)) {
  const made = keys(algorithm);
  const token = new Signer(made.key, {}).sign(CLAIMS);
  groups.push(await verifyContest(algorithm, made, token));
  groups.push(await signContest(algorithm, made));
}

const key = Key.fromSecret(SECRET, { alg: 'HS256' });
const signer = new Signer(key, {});
const verifier = new Verifier(key, { issuer, audience });
const token = signer.sign(CLAIMS);
const verifySoak = soak('verify', () => verifier.verify(token).claims);
const signSoak = soak('sign', () => signer.sign(CLAIMS));

process.stdout.write(
  JSON.stringify({
    language: 'Node',
    clock: 'process CPU time',
    versions: {
      node: process.versions.node,
      'fast-jwt': version('fast-jwt'),
      jose: version('jose'),
      '@node-rs/jsonwebtoken': version('@node-rs/jsonwebtoken'),
    },
    groups,
    soak: verifySoak && { verify: verifySoak, sign: signSoak },
  }),
);
