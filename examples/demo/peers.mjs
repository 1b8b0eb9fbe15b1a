// The Node peers of the demonstration, jose and jsonwebtoken. peers.py tells what is read and written.
//
//     node peers.mjs FOLDER        a folder whose node_modules holds the peers

import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const folder = path.resolve(process.argv[2]);
const require = createRequire(path.join(folder, 'package.json'));
const expected = { audience: 'api', issuer: 'https://id.example' };

const jose = () => {
  const library = require('jose');
  const known = /^(HS|RS|PS|ES)(256|384|512)$|^EdDSA$|^Ed25519$/;
  return {
    knows: (alg) => known.test(alg),
    sign: async ({ alg, jwk }, claims) =>
      new library.SignJWT(claims).setProtectedHeader({ alg, typ: 'JWT' }).sign(await library.importJWK(jwk, alg)),
    verify: async ({ alg, jwk, token }) => {
      const options = { ...expected, algorithms: [alg] };
      return (await library.jwtVerify(token, await library.importJWK(jwk, alg), options)).payload.sub;
    },
  };
};

const jsonwebtoken = () => {
  const library = require('jsonwebtoken');
  const known = /^(HS|RS|PS|ES)(256|384|512)$/;
  const key = (jwk, make) =>
    jwk.kty === 'oct' ? createSecretKey(jwk.k, 'base64url') : make({ key: jwk, format: 'jwk' });
  return {
    knows: (alg) => known.test(alg),
    sign: async ({ alg, jwk }, claims) => library.sign(claims, key(jwk, createPrivateKey), { algorithm: alg }),
    verify: async ({ alg, jwk, token }) =>
      library.verify(token, key(jwk, createPublicKey), { ...expected, algorithms: [alg] }).sub,
  };
};

const work = JSON.parse(fs.readFileSync(0, 'utf8'));
const answer = {};
for (const [name, make] of Object.entries({ jose, jsonwebtoken })) {
  const manifest = path.join(folder, 'node_modules', name, 'package.json');
  if (!fs.existsSync(manifest)) continue;
  const peer = make();
  const signed = {};
  for (const job of work.sign.filter(({ alg }) => peer.knows(alg))) {
    signed[job.alg] = await peer.sign(job, { ...work.claims, lang: name });
  }
  const verified = [];
  for (const job of work.verify) {
    try {
      verified.push(peer.knows(job.alg) ? await peer.verify(job) : null);
    } catch (error) {
      console.error(`${name} refuses ${job.alg}: ${error.message}`);
      verified.push(false);
    }
  }
  answer[name] = { version: JSON.parse(fs.readFileSync(manifest, 'utf8')).version, signed, verified };
}
process.stdout.write(JSON.stringify(answer));
