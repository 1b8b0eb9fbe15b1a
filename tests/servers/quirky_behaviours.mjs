// The names of behaviours: a place where something is odd, and what is odd there.

import { FAULTS as CALLBACKS } from './callbacks.mjs';
import { ANSWERS, KEYS, statusAnswer } from './faults.mjs';
import { FAULTS as ID_TOKENS } from './id_tokens.mjs';
import { SHAPES } from './provider_shapes.mjs';
import { FAULTS as METADATA } from './quirky_metadata.mjs';
import { DOCUMENTS, ERRORS, oauthError } from './token_answers.mjs';
import { FAULTS as USERINFO } from './userinfo_answers.mjs';

/** What happens to the refresh token; the provider knows these by name. */
const REFRESH = ['kept', 'omitted', 'refused', 'lost', 'unread'];
const REVOKE = {
  unsupported: () => oauthError('unsupported_token_type', 'It cannot be revoked here.'),
  'error-503': () => oauthError('temporarily_unavailable', 'Later.', 503, { 'Retry-After': '120' }),
};

const TOKEN = { ...DOCUMENTS, ...ERRORS };
const named = (table, name) => Object.hasOwn(table, name) && table[name];
// Longest first: `refresh-id-token-` is not `refresh-`.
const PLACES = {
  'refresh-id-token': { make: (name) => named(ID_TOKENS, name), names: Object.keys(ID_TOKENS) },
  'id-token': { make: (name) => named(ID_TOKENS, name), names: Object.keys(ID_TOKENS) },
  hybrid: { make: (name) => named(ID_TOKENS, name), names: Object.keys(ID_TOKENS) },
  token: { make: (name) => named(TOKEN, name), names: Object.keys(TOKEN), sent: true },
  refresh: {
    make: (name) => REFRESH.includes(name) || named(TOKEN, name),
    names: [...REFRESH, ...Object.keys(TOKEN)],
    sent: true,
  },
  userinfo: { make: (name) => named(USERINFO, name), names: Object.keys(USERINFO), sent: true },
  revoke: { make: (name) => named(REVOKE, name), names: Object.keys(REVOKE), sent: true },
  metadata: { make: (name) => named(METADATA, name), names: Object.keys(METADATA), sent: true },
  jwks: { make: (name) => named(KEYS, name), names: Object.keys(KEYS), sent: true },
  callback: { make: (name) => named(CALLBACKS, name), names: Object.keys(CALLBACKS) },
  provider: { make: (name) => named(SHAPES, name), names: Object.keys(SHAPES) },
};

/** All of them; where `status-` is possible, any status is. */
export const BEHAVIOURS = [
  'good',
  ...Object.entries(PLACES).flatMap(([place, { names, sent }]) =>
    [...names, ...(sent ? Object.keys(ANSWERS).filter((name) => !names.includes(name)) : [])].map(
      (name) => `${place}-${name}`,
    ),
  ),
  ...['token', 'refresh'].flatMap((place) => [`${place}-status-201`, `${place}-status-500`]),
];

const read = (behaviour) => {
  for (const [place, { make, sent }] of Object.entries(PLACES)) {
    if (!behaviour.startsWith(`${place}-`)) continue;
    const name = behaviour.slice(place.length + 1);
    const made = make(name);
    if (made) return { place, name, make: made };
    const send = sent && ((Object.hasOwn(ANSWERS, name) && ANSWERS[name]) || statusAnswer(name));
    if (send) return { place, name, send };
  }
  throw new Error(`no behaviour ${behaviour}; GET /behaviours lists them`);
};

/** The faults of `token-form,callback-iss-changed`, by their place. */
export const readBehaviours = (text) => {
  const faults = {};
  for (const behaviour of text.split(',')) {
    if (behaviour === 'good') continue;
    const fault = read(behaviour);
    if (faults[fault.place]) throw new Error(`two behaviours for ${fault.place}`);
    faults[fault.place] = fault;
  }
  return faults;
};
