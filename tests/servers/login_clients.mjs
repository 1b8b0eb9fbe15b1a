// The clients of the login provider: one for each way to authenticate, and for each thing that a client may ask for.

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { makeKey } from './tokens.mjs';

export const REDIRECT_URI = 'https://app.example/callback';
export const POST_LOGOUT_REDIRECT_URI = 'https://app.example/goodbye';

// Characters that RFC 6749, section 2.3.1, has encoded before they become Basic credentials.
const ODD = { client_id: 'basic: 100% odd+id', client_secret: 'a secret: 100% +odd & long =/?' };
const SECRET = 'a client secret of 43 characters, no less ..';

/**
 * The clients by name: `metadata` as the provider registers it, `key` what the client signs with, and `certificate`
 * what it shows, the name of one of `certificates`.
 */
export const makeClients = (certificates, captureUrl) => {
  const clients = new Map();
  const signing = makeKey('ES256', 'client key');
  const certificate = new X509Certificate(readFileSync(certificates.selfSignedClient.certificate));
  const selfSigned = { ...certificate.publicKey.export({ format: 'jwk' }), x5c: [certificate.raw.toString('base64')] };

  const client = (name, metadata, more = {}) => {
    const method = metadata.token_endpoint_auth_method ?? 'client_secret_basic';
    clients.set(name, {
      ...more,
      metadata: {
        client_id: name,
        ...(method.startsWith('client_secret') && { client_secret: SECRET }),
        redirect_uris: [REDIRECT_URI],
        post_logout_redirect_uris: [POST_LOGOUT_REDIRECT_URI],
        response_types: ['code'],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: method,
        ...metadata,
      },
    });
  };

  client('web', {});
  client('hybrid', {
    response_types: ['code id_token'],
    grant_types: ['authorization_code', 'refresh_token', 'implicit'],
  });
  for (const method of ['none', 'client_secret_post', 'client_secret_jwt']) {
    client(method, { token_endpoint_auth_method: method });
  }
  client('client_secret_basic', ODD);
  client(
    'private_key_jwt',
    { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [signing.publicJwk] } },
    { key: signing.privateJwk },
  );
  client(
    'tls_client_auth',
    { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_subject_dn: 'CN=authwright test client' },
    { certificate: 'client' },
  );
  client(
    'self_signed_tls_client_auth',
    { token_endpoint_auth_method: 'self_signed_tls_client_auth', jwks: { keys: [selfSigned] } },
    { certificate: 'selfSignedClient' },
  );
  for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA']) client(alg, { id_token_signed_response_alg: alg });
  client('signed_userinfo', { userinfo_signed_response_alg: 'ES256' });
  client('backchannel_logout', { backchannel_logout_uri: captureUrl, backchannel_logout_session_required: true });
  return clients;
};
