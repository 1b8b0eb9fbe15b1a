// How a client authenticates to a quirky provider (RFC 6749, section 2.3; RFC 7523), and what is wrong with it.

import { createHmac, createPublicKey, verify } from 'node:crypto';

const FORM_TYPE = 'application/x-www-form-urlencoded';
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** What there is against a request, as `{error, description, status}`, or nothing. */
export const objectionTo = (provider, { form, headers }) => {
  const refuse = (description, error = 'invalid_client', status = 401) => ({ error, description, status });
  if (!headers['content-type']?.startsWith(FORM_TYPE)) return refuse('The body is no form.', 'invalid_request', 400);
  const ways = [headers.authorization, form.client_secret, form.client_assertion].filter((way) => way !== undefined);
  if (ways.length > 1) return refuse('Two ways to authenticate at once.', 'invalid_request', 400);
  if (provider.shape.refuses?.(form)) return refuse('A secret and PKCE at once.', 'invalid_arguments', 400);
  const [method, description] = methodOf(provider, form, headers);
  const allowed = provider.metadata().token_endpoint_auth_methods_supported ?? provider.shape.methods;
  if (description) return refuse(description);
  return allowed.includes(method) ? undefined : refuse(`${method} is not supported.`);
};

/** The method that a client uses, and what is wrong with how it does. */
const methodOf = (provider, form, headers) => {
  const { client_id: id, client_secret: secret } = provider.options;
  const stranger = (name) => (name === id ? undefined : 'It is another client.');
  const wrong = (password) => (password === secret ? undefined : 'The secret is wrong.');
  if (headers.authorization) {
    const [, encoded] = headers.authorization.match(/^Basic ([A-Za-z0-9+/]+=*)$/) ?? [];
    if (!encoded) return ['client_secret_basic', 'The credentials are not Basic ones.'];
    const parts = Buffer.from(encoded, 'base64').toString().split(':');
    if (parts.length !== 2) return ['client_secret_basic', 'The credentials are not form-encoded.'];
    const [name, password] = parts.map((part) => new URLSearchParams(`part=${part}`).get('part'));
    return ['client_secret_basic', stranger(name) ?? wrong(password)];
  }
  if (form.client_secret !== undefined) {
    const objection = provider.shape.objects ?? wrong;
    return ['client_secret_post', stranger(form.client_id) ?? objection(form.client_secret, provider)];
  }
  if (form.client_assertion !== undefined) return assertionOf(provider, form);
  return ['none', stranger(form.client_id)];
};

/** RFC 7523, section 3. */
const assertionOf = (provider, { client_assertion: assertion, client_assertion_type: type, client_id: named }) => {
  const [head, content, signature] = assertion.split('.');
  const [{ alg }, claims] = [head, content].map((part) => JSON.parse(Buffer.from(part, 'base64url')));
  const method = alg.startsWith('HS') ? 'client_secret_jwt' : 'private_key_jwt';
  const { client_id: id, client_secret: secret } = provider.options;
  const now = Date.now() / 1000;
  const objections = [
    [type === ASSERTION, 'The type of the assertion is wrong.'],
    [named === undefined || named === id, 'The client is another one.'],
    [signed(provider, alg, secret, `${head}.${content}`, signature), 'The signature of the assertion is wrong.'],
    [claims.iss === id && claims.sub === id, 'iss or sub is not the client.'],
    [
      [claims.aud].flat().some((aud) => [provider.issuer, `${provider.base}/token`].includes(aud)),
      'The audience is another one.',
    ],
    [claims.exp > now && claims.exp < now + 3600, 'exp is over or too far away.'],
    [claims.jti && !provider.seen.has(claims.jti), 'jti is absent or was used before.'],
  ];
  provider.seen.add(claims.jti);
  return [method, objections.find(([holds]) => !holds)?.[1]];
};

const signed = (provider, alg, secret, input, signature) => {
  if (alg.startsWith('HS')) {
    return createHmac(`sha${alg.slice(2)}`, secret).update(input).digest('base64url') === signature;
  }
  const key = createPublicKey(provider.clientKey.privateKey);
  const raw = Buffer.from(signature, 'base64url');
  return alg === 'ES256' && verify('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }, raw);
};
