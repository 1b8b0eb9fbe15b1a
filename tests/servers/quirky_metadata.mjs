// The metadata of the quirky providers. A behaviour is `metadata-` and the name of one of FAULTS.

import { METADATA } from './faults.mjs';

const set = (name, value) => (document) => ({ ...document, [name]: value });
const without = (name) => set(name, undefined);
const pkce = (methods) => set('code_challenge_methods_supported', methods);
const auth = (...methods) => set('token_endpoint_auth_methods_supported', methods);
const other = (path) => `https://other.example/${path}`;

export const FAULTS = {
  ...METADATA,
  'pkce-absent': pkce(undefined),
  'pkce-empty': pkce([]),
  'pkce-plain': pkce(['plain']),
  'pkce-both': pkce(['plain', 'S256']),
  'pkce-string': pkce('S256'),
  'auth-absent': without('token_endpoint_auth_methods_supported'),
  'auth-basic': auth('client_secret_basic'),
  'auth-post': auth('client_secret_post'),
  'auth-secret-jwt': auth('client_secret_jwt'),
  'auth-private-key-jwt': auth('private_key_jwt'),
  'auth-none': auth('none'),
  'auth-unknown': auth('attest_jwt_client_auth'),
  'no-authorization': without('authorization_endpoint'),
  'no-token': without('token_endpoint'),
  'no-userinfo': without('userinfo_endpoint'),
  'no-revocation': without('revocation_endpoint'),
  'no-end-session': without('end_session_endpoint'),
  // Where nobody would hear the secret but everybody on the way.
  'authorization-http': set('authorization_endpoint', 'http://other.example/authorize'),
  'token-http': set('token_endpoint', 'http://other.example/token'),
  'token-relative': set('token_endpoint', '/token'),
  'token-file': set('token_endpoint', 'file:///etc/passwd'),
  'token-elsewhere': set('token_endpoint', other('token')),
  'authorization-query': ({ authorization_endpoint: endpoint, ...rest }) => ({
    ...rest,
    authorization_endpoint: `${endpoint}?tenant=a%20b`,
  }),
  'authorization-fragment': ({ authorization_endpoint: endpoint, ...rest }) => ({
    ...rest,
    authorization_endpoint: `${endpoint}#here`,
  }),
  'authorization-javascript': set('authorization_endpoint', 'javascript:alert(1)'),
  'no-hybrid': set('response_types_supported', ['code']),
  'no-form-post': set('response_modes_supported', ['query', 'fragment']),
  'algorithms-other': set('id_token_signing_alg_values_supported', ['RS512']),
  'algorithms-none': set('id_token_signing_alg_values_supported', ['none']),
  'algorithms-absent': without('id_token_signing_alg_values_supported'),
};

/** All of it, as it would be right for a provider of this shape. */
export const metadataOf = ({ issuer, base, shape, advertised }) => ({
  issuer,
  authorization_endpoint: `${base}/authorize`,
  token_endpoint: `${base}/token`,
  userinfo_endpoint: shape.user && `${base}${shape.user}`,
  revocation_endpoint: shape.revocation ? `${base}/revoke` : undefined,
  end_session_endpoint: shape.logout ? `${base}/logout` : undefined,
  jwks_uri: `${base}/jwks`,
  scopes_supported: ['openid', 'email', 'profile', 'offline_access'],
  response_types_supported: ['code', 'code id_token'],
  response_modes_supported: ['query', 'fragment', 'form_post'],
  grant_types_supported: ['authorization_code', 'refresh_token'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: [shape.alg],
  token_endpoint_auth_methods_supported: shape.methods,
  code_challenge_methods_supported: shape.advertisesPkce ? ['S256'] : undefined,
  authorization_response_iss_parameter_supported: advertised ? true : undefined,
});
