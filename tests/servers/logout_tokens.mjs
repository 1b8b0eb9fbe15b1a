// Back-channel logout tokens of the quirky providers, and the ways in which one can be wrong. `fault` of
// `GET /logout_token` is the name of one of FAULTS.

import { randomUUID } from 'node:crypto';

import { FAULTS as ID_TOKEN_FAULTS } from './id_tokens.mjs';
import { signToken } from './tokens.mjs';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

const set =
  (name, value) =>
  ({ claims }) => ({ claims: { ...claims, [name]: value } });
const shared = (...names) => Object.fromEntries(names.map((name) => [name, ID_TOKEN_FAULTS[name]]));

export const FAULTS = {
  ...shared('wrong-iss', 'no-iss', 'wrong-aud', 'no-aud', 'aud-list', 'expired', 'no-exp', 'iat-future', 'no-iat'),
  ...shared('alg-none', 'alg-hs256-public-key', 'other-key', 'unknown-kid'),
  'no-events': set('events', undefined),
  'events-other': set('events', { 'http://schemas.openid.net/event/other': {} }),
  'events-string': set('events', EVENT),
  'events-event-string': set('events', { [EVENT]: 'yes' }),
  nonce: set('nonce', 'a nonce'),
  'no-subject': ({ claims: { sub, sid, ...claims } }) => ({ claims }),
  'sid-only': set('sub', undefined),
  'sub-only': set('sid', undefined),
  'no-jti': set('jti', undefined),
  'typ-none': () => ({ header: { typ: undefined } }),
  'typ-jwt': () => ({ header: { typ: 'JWT' } }),
  'typ-at-jwt': () => ({ header: { typ: 'at+jwt' } }),
};

/** A logout token (OpenID Connect Back-Channel Logout, section 2.4). */
export const logoutToken = (provider, { fault, sub = 'alice', sid = 'a session', jti = randomUUID() }) => {
  if (fault && !Object.hasOwn(FAULTS, fault)) throw new Error(`no fault ${fault}; there are ${Object.keys(FAULTS)}`);
  const key = provider.keys.at(-1);
  const now = Math.floor(Date.now() / 1000);
  const events = { [EVENT]: {} };
  const aud = provider.options.client_id;
  const claims = { iss: provider.issuer, aud, sub, sid, jti, events, iat: now, exp: now + 120 };
  const wrong = FAULTS[fault]?.({ claims, now, key }) ?? {};
  return signToken(wrong.key ?? key, wrong.claims ?? claims, { typ: 'logout+jwt', ...wrong.header }, wrong.sign);
};
