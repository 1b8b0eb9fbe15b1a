/**
 * authwright: sign and verify JWTs, with the same verdict and the same error code in every language.
 *
 * ```js
 * import { Key, Signer, Verifier } from 'authwright';
 *
 * const key = Key.generate('ES256', { kid: '2026-11' });
 * const signer = new Signer(key, { issuer: 'https://id.example', audience: 'api', lifetime: 900 });
 * const token = signer.sign({ sub: 'alice', scope: 'read' });
 *
 * const verifier = new Verifier(key.publicKey(), { issuer: 'https://id.example', audience: 'api' });
 * const { claims, header } = verifier.verify(token);
 * ```
 *
 * Build keys, signers and verifiers once and keep them: they are immutable, and everything that can be prepared is. All times
 * are whole seconds, spans as well as dates (seconds since 1970-01-01T00:00:00Z). Options whose value is `undefined` are
 * absent, save where they are refused: an unset variable must not switch a check off, nor make a key that does not end.
 * Unknown ones are refused. Whatever fails, fails with an {@link AuthwrightError}.
 *
 * @packageDocumentation
 */

import type { Agent } from 'node:http';
import type { LookupFunction } from 'node:net';

import type { AuthwrightError } from './lib/errors.js';

export * from './lib/errors.js';

/** OAuth 2.0 and OpenID Connect: logging users in. */
export * as oauth from './lib/oauth/index.js';

export * from './lib/api-keys.js';
export * from './lib/store.js';

/** The version of this package. */
export const version: string;

/**
 * The signature algorithms (RFC 7518, RFC 8037, RFC 8812, RFC 9864). `none` does not exist. `EdDSA` and `Ed25519` are two names
 * for the same signature.
 */
export type Algorithm =
  | 'HS256'
  | 'HS384'
  | 'HS512'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'ES256K'
  | 'EdDSA'
  | 'Ed25519';

/** Bytes: a `Uint8Array` (so a `Buffer`, too) or an `ArrayBuffer`, of any realm. Shared and detached memory is refused. */
export type Bytes = Uint8Array | ArrayBuffer;

/** A JSON Web Key (RFC 7517). Members that authwright does not know are kept. */
export interface Jwk {
  kty: string;
  alg?: string;
  kid?: string;
  use?: string;
  key_ops?: string[];
  [member: string]: unknown;
}

/** A JSON Web Key Set (RFC 7517 section 5). */
export interface Jwks {
  keys: readonly object[];
  [member: string]: unknown;
}

/** What a generated key may be given. */
export interface GenerateOptions {
  /** The key's name. Asymmetric keys get their thumbprint if there is none; secrets stay without. */
  kid?: string;
  /** The size of an RSA key: 2048 (the default), 3072 or 4096. */
  bits?: number;
}

/** How key material is to be read. */
export interface LoadOptions {
  /** The only algorithm that the key may be used for. */
  alg?: Algorithm;
  /** The key's name, for the `kid` of tokens and for the choice in a set. */
  kid?: string;
  /** The password of an encrypted PKCS#8 key. */
  password?: string | Bytes;
}

/** Whether private or secret parts are wanted. */
export interface ExportOptions {
  /** `true` for the private or secret parts, too. The default is `false`. */
  private?: boolean;
}

/**
 * A key: private, public or secret. Immutable. It shows no key material in `console.log` or `JSON.stringify`, and does not pass
 * through `postMessage`: send its JWK to a Worker, and read it there.
 */
export class Key {
  #private;
  private constructor();

  /**
   * Makes a new key.
   *
   * RSA takes tens of milliseconds to seconds: {@link Key.generateAsync} does it off the event loop.
   *
   * @throws {@link UnsupportedAlgorithmError}, {@link InvalidArgumentError} for a size that is not offered
   */
  static generate(alg: Algorithm, options?: GenerateOptions): Key;

  /** {@link Key.generate} on another thread. */
  static generateAsync(alg: Algorithm, options?: GenerateOptions): Promise<Key>;

  /**
   * Reads a PEM text: PKCS#8 (encrypted, too), PKCS#1, SEC1, SPKI or an X.509 certificate. Of a certificate only the key is
   * taken: neither its dates nor its chain are checked.
   *
   * An encrypted key can take seconds: {@link Key.fromPemAsync} does it off the event loop.
   *
   * @throws {@link KeyFormatError}, {@link KeyPasswordError}, {@link KeyTooWeakError}, {@link KeyInconsistentError},
   * {@link KeyMismatchError} if `alg` does not go with the key, {@link UnsupportedAlgorithmError}
   */
  static fromPem(data: string | Bytes, options?: LoadOptions): Key;

  /** {@link Key.fromPem} on another thread. */
  static fromPemAsync(data: string | Bytes, options?: LoadOptions): Promise<Key>;

  /** Reads DER in any of the forms of {@link Key.fromPem}, told apart by their structure. */
  static fromDer(data: Bytes, options?: LoadOptions): Key;

  /**
   * Reads a JWK, as an object or as JSON text.
   *
   * @throws {@link KeyFormatError}, {@link KeyTooWeakError}, {@link KeyInconsistentError}, {@link UnsupportedAlgorithmError}
   */
  static fromJwk(jwk: Jwk | object | string): Key;

  /**
   * Makes an HMAC key of raw bytes. Text is refused, so that nobody signs with the text of a public key: pass
   * `Buffer.from(text, 'utf8')` if that is meant.
   */
  static fromSecret(secret: Bytes, options?: { alg?: Algorithm; kid?: string }): Key;

  /**
   * The public part of a private key; a public key itself.
   *
   * @throws {@link KeyMismatchError} for a secret, which has none
   */
  publicKey(): Key;

  /** As a JWK: the public part unless `private` is asked for. A secret has no public part. */
  toJwk(options?: ExportOptions): Jwk;

  /** As PEM: SPKI, or PKCS#8 if `private` is asked for. */
  toPem(options?: ExportOptions): string;

  /** As DER: SPKI, or PKCS#8 if `private` is asked for. */
  toDer(options?: ExportOptions): Buffer;

  /** The thumbprint of RFC 7638 with SHA-256, in base64url. */
  thumbprint(): string;

  /** The key's name, if it has one. */
  readonly kid: string | undefined;

  /** The only algorithm that the key is for, if it is bound to one. */
  readonly algorithm: Algorithm | undefined;

  /** Whether it can sign: a private key or a secret. */
  readonly isPrivate: boolean;
}

/** A member of a JWKS that was kept out of the way. */
export interface RejectedKey {
  /** Its place in the document. */
  index: number;
  /** Its `kid`, if it has one. */
  kid: string | undefined;
  /** Why it is of no use. */
  error: AuthwrightError;
}

/**
 * Several keys of one issuer, as a JWKS holds them. Immutable. Keys of different issuers do not belong in one set: each could
 * sign for the others.
 */
export class KeySet implements Iterable<Key> {
  #private;
  constructor(keys: Iterable<Key>);

  /**
   * Reads a JWKS, as an object or as JSON text. Members that are of no use (unknown types, keys that are too weak or broken)
   * are kept out of the way: see {@link KeySet.rejected}.
   */
  static fromJson(jwks: Jwks | object | string): KeySet;

  /** The public parts as JSON text: what a `jwks_uri` serves. Secrets are left out. */
  toJson(): string;

  /** How many keys there are. */
  readonly length: number;

  /** The same as `length`. */
  readonly size: number;

  /** What the document held besides. */
  readonly rejected: RejectedKey[];

  [Symbol.iterator](): IterableIterator<Key>;
}

/** The registered claims (RFC 7519 section 4.1), as tokens carry them. */
export interface Claims {
  iss?: string;
  sub?: string;
  aud?: string | string[];
  /** Seconds since 1970. */
  exp?: number;
  /** Seconds since 1970. */
  nbf?: number;
  /** Seconds since 1970. */
  iat?: number;
  jti?: string;
  [claim: string]: unknown;
}

/** The registered claims, as they may be given to {@link Signer.sign}. A Date becomes whole seconds since 1970. */
export interface ClaimsToSign {
  iss?: string | undefined;
  sub?: string | undefined;
  aud?: string | readonly string[] | undefined;
  exp?: number | Date | undefined;
  nbf?: number | Date | undefined;
  iat?: number | Date | undefined;
  jti?: string | undefined;
}

/** A token's header. */
export interface Header {
  alg: string;
  typ?: string;
  kid?: string;
  [member: string]: unknown;
}

/** The time to judge by instead of the system's clock. */
export interface TimeOptions {
  /** Whole seconds since 1970, or a Date. */
  now?: number | Date;
}

/** What a {@link Signer} puts into every token. */
export interface SignerOptions {
  /** The algorithm. The default is the key's own; RS256 for an RSA key and HS256 for a secret without one. */
  algorithm?: Algorithm;
  /** The claim `iss`. */
  issuer?: string;
  /** The claim `aud`. */
  audience?: string | readonly string[];
  /** The claim `sub`. */
  subject?: string;
  /** Seconds from `iat` to `exp`. Without it, each token needs its own `exp`. */
  lifetime?: number;
  /** The header's `typ`. The default is `JWT`. */
  typ?: string;
  /** Further header members. */
  headers?: { readonly [member: string]: unknown };
  /** Whether each token gets a random `jti`. */
  jwtId?: boolean;
  /** Tokens without `exp`: they are valid for as long as the key is. */
  dangerousNoExpiration?: boolean;
  /** Keys that are too short for their algorithm. */
  dangerousWeakKeys?: boolean;
}

/** A token without its signature. */
export class Prepared {
  #private;
  private constructor();
  /** The bytes to sign. */
  readonly signingInput: Buffer;
  /** The algorithm to sign them with. */
  readonly algorithm: Algorithm;
}

/** Signs tokens with one key. Immutable: build one and keep it. */
export class Signer {
  #private;
  /**
   * @throws {@link KeyMismatchError}, {@link KeyTooWeakError}, {@link UnknownOptionError}, {@link InvalidArgumentError}
   */
  constructor(key: Key, options?: SignerOptions);

  /**
   * A token with these claims, `iat`, and what the options say.
   *
   * Members that are `undefined` are absent. What JSON has no form for (functions, BigInt, NaN, Maps, bytes, cycles) is refused.
   *
   * @throws {@link ClaimMismatchError} for a claim that contradicts an option, {@link ClaimMissingError} for no `exp` and no
   * lifetime, {@link ClaimTypeError}, {@link InvalidArgumentError}, {@link KeyNotPrivateError}
   */
  sign<C extends object>(claims: C & ClaimsToSign, options?: TimeOptions): string;

  /** {@link Signer.sign} on another thread. Worth it for RSA; for all else the way there costs more than the signature. */
  signAsync<C extends object>(claims: C & ClaimsToSign, options?: TimeOptions): Promise<string>;

  /**
   * The first of two steps, for a private key that a KMS or HSM holds: build the Signer on the public key, have
   * `signingInput` signed, and give the signature to {@link Signer.finish}.
   */
  prepare<C extends object>(claims: C & ClaimsToSign, options?: TimeOptions): Prepared;

  /**
   * The second step: the token. The signature is checked first.
   *
   * @param options `der: true` for an ECDSA signature in DER, as most KMS answer
   * @throws {@link SignatureInvalidError}
   */
  finish(prepared: Prepared, signature: Bytes, options?: { der?: boolean }): string;
}

/** The deviations of known issuers that a policy may tolerate. */
export type Compat = 'paddedBase64' | 'stringDates';

/**
 * What a {@link Verifier} demands of a token. Every default is the strict one. These are the members of the policy document
 * that services in several languages can share, in JavaScript's spelling; {@link Verifier.fromPolicy} takes the document.
 */
export interface Policy {
  /** The version of the document: 1. */
  version?: 1;
  /** The claim `iss` is one of these. */
  issuer?: string | readonly string[];
  /** The claim `aud` holds one of these. Without it, a token that has an `aud` is refused. */
  audience?: string | readonly string[];
  /** The claim `sub` is one of these. */
  subject?: string | readonly string[];
  /** The header's `typ` is one of these, whatever its case, with or without `application/`. */
  typ?: string | readonly string[];
  /** The algorithms to allow, of those that the keys are for. */
  algorithms?: Algorithm | readonly Algorithm[];
  /** Claims that must be there. */
  required?: string | readonly string[];
  /** Claims that must have this value; a list means any of its members. */
  claims?: { readonly [claim: string]: unknown };
  /** Seconds of tolerance between clocks, for `exp`, `nbf` and `iat`. The default is 30. */
  leeway?: number;
  /** Seconds since `iat` after which a token is refused, whatever its `exp`. */
  maxTokenAge?: number;
  /** The longest token to look at. The default is 65536. */
  maxTokenBytes?: number;
  /** Deviations to tolerate. */
  compat?: readonly Compat[] | { readonly [flag in Compat]?: boolean };
  /**
   * The rules for a kind of token: an `id_token` (OpenID Connect Core 1.0) or a `logout_token` (Back-Channel Logout 1.0), with the
   * client's id as `audience`. `oauth.Client` verifies its own.
   */
  profile?: 'id_token' | 'logout_token';
  /** Accept tokens for other audiences. */
  dangerousAnyAudience?: boolean;
  /** Accept tokens without `exp`. */
  dangerousNoExpiration?: boolean;
  /** Accept keys that are too short for their algorithm. */
  dangerousWeakKeys?: boolean;
}

/**
 * How requests are sent. The options say how the built-in transport (`node:https`) does it, or `fetch` does it instead.
 *
 * Either follows no redirect, reads no more of an answer than is allowed, and gives up in time. A proxy is an `agent` that
 * knows it, or a `fetch`.
 */
export type HttpOptions = HttpsOptions | FetchOptions;

/** How the built-in transport sends requests. */
export interface HttpsOptions {
  /** Certificates in PEM that are trusted instead of Node's own. */
  ca?: string | Uint8Array;
  /** The client's certificate in PEM, its issuers after it, for servers that ask for one. */
  clientCertificate?: string | Uint8Array;
  /** The private key of `clientCertificate`, in PEM. */
  clientKey?: string | Uint8Array;
  /** Resolves names instead of `dns.lookup`. */
  lookup?: LookupFunction;
  /** Makes and keeps the connections. The default is one of the RemoteKeySet's own, which keeps them for 15 seconds. */
  agent?: Agent;
  /** Seconds for making a connection, resolving the name and TLS included. The default is 5. */
  connectTimeout?: number;
  /** Seconds for a whole request, its answer included. The default is 10. */
  timeout?: number;
}

/** A function that sends requests instead. */
export interface FetchOptions {
  /**
   * A function like the global `fetch`. It must honour `redirect: 'manual'` and `signal`. What it cannot do, such as the
   * check of addresses when they are connected to, is {@link TransportUnsupportedError} where it is needed.
   */
  fetch: (url: string, init: FetchInit) => Promise<FetchResponse>;
  /** Seconds for a whole request, its answer included. The default is 10. */
  timeout?: number;
}

/** What `fetch` is called with. */
export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body: Uint8Array | null;
  redirect: 'manual';
  signal: AbortSignal;
}

/** What is needed of a `Response`. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: Iterable<[string, string]>;
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** What a {@link RemoteKeySet} is told. */
export interface RemoteKeySetOptions {
  /** The issuer's URL, as the tokens' `iss` has it. Its metadata leads to its keys. */
  issuer?: string;
  /** The URL of the keys themselves: nothing is discovered then, and `issuer` is only a name in tokens. */
  jwksUri?: string;
  /** The URL of the metadata, where it is not the well-known one. */
  metadataUrl?: string;
  /** Seconds between two fetches. The default is 30, and up to a quarter is added at random. */
  cooldown?: number;
  /** For how many seconds keys are used beyond their time while the issuer is out of reach. The default is a day. */
  outageLimit?: number;
  /** Seconds for one fetch of the keys. The default is 10. */
  timeout?: number;
  /** How requests are sent. */
  http?: HttpOptions;
}

/** When a call that may wait gives up. */
export interface WaitOptions {
  /** Seconds: more than 0, and at most 3600. */
  timeout?: number;
  /** Ends the call: it rejects with the signal's reason. Others who wait for the same keys go on. */
  signal?: AbortSignal;
}

/**
 * The keys of one issuer, fetched from it and kept up to date. Share one among all who verify that issuer's tokens.
 *
 * Nothing runs by itself: keys are fetched when a {@link Verifier} needs them, one fetch for all who wait. Keys that are due
 * are fetched in the background, while those at hand serve. An outage of the issuer takes nothing away for a day.
 * After each fetch there is a cooldown, so that tokens with invented key names cannot make it fetch without end.
 *
 * It belongs to one thread: each Worker, and each process of a cluster, has its own. It does not keep a process alive.
 */
export class RemoteKeySet {
  #private;
  /** @throws {@link UrlRefusedError}, {@link UnknownOptionError}, {@link InvalidArgumentError} */
  constructor(options: RemoteKeySetOptions);

  /** The issuer, as it was given. */
  readonly issuer: string | undefined;

  /**
   * The keys at hand.
   *
   * @throws {@link KeysNeededError} if there are none, or their time is over
   */
  keySet(): KeySet;

  /**
   * Fetches the keys, or waits for who is fetching them. Without a `timeout`, that of the set says how long.
   *
   * @throws {@link KeysNeededError} within the cooldown of an earlier fetch; the errors of the fetch
   */
  refresh(options?: WaitOptions): Promise<void>;

  /**
   * The keys and their times as a sealed text, for a process that starts later. Nobody who lacks the key can read or alter
   * it.
   *
   * @param key a secret of at least 32 bytes
   * @throws {@link KeysNeededError} if there are no keys, {@link KeyMismatchError}, {@link KeyTooWeakError}
   */
  exportState(key: Key): string;

  /**
   * Takes over what a set of the same issuer and URLs exported, unless the keys at hand are newer. The keys are as old as
   * they were, and are fetched again when their time is over.
   *
   * @param keys the secrets that may have sealed it, newest first
   * @throws {@link StateInvalidError}
   */
  importState(state: string, keys: Key | Iterable<Key>): void;

  /** Fetches no more: what needs keys that are not there fails with {@link ClosedError}. */
  close(): void;

  /** {@link RemoteKeySet.close}. */
  [Symbol.dispose](): void;
}

/** Something that happened: its name, and members that say more. They are the same in every language. */
export interface AuthwrightEvent {
  readonly event: 'keys_refreshed' | 'keys_refresh_failed' | 'tokens_refreshed' | 'tokens_refresh_failed' | (string & {});
  readonly [member: string]: unknown;
}

/**
 * Sets the one function of this program (of this thread) that is told what happens, for its log and metrics; `null` for none.
 * Events hold no secrets. Nobody waits for an async one; what it fails with is a warning of the process.
 */
export function onEvent(callback: ((event: AuthwrightEvent) => void) | null): void;

/** What {@link Verifier.verifyFetching} may be told. */
export interface FetchingOptions extends TimeOptions, WaitOptions {}

/** What {@link Verifier.discover} may be told. */
export interface DiscoverOptions extends Policy {
  /** How requests are sent. */
  http?: HttpOptions;
}

/** A token that passed every check. */
export class Token<C extends object = Claims> {
  private constructor();
  private readonly isVerified: true;
  readonly claims: C;
  readonly header: Header;
}

/** Checks tokens against keys, or an issuer's, and a policy. Immutable: build one and keep it. */
export class Verifier {
  #private;
  /**
   * @throws {@link UnknownOptionError}, {@link InvalidArgumentError}, {@link KeyTooWeakError}, {@link KeyMismatchError}
   */
  constructor(keys: Key | KeySet | RemoteKeySet, policy?: Policy);

  /** A Verifier of a policy document (snake_case), as an object or as JSON text. */
  static fromPolicy(keys: Key | KeySet | RemoteKeySet, policy: object | string): Verifier;

  /**
   * A Verifier made from nothing but an issuer's URL. Its metadata and its keys are fetched when the first token comes: an
   * issuer that is down is no error yet.
   *
   * @throws {@link UrlRefusedError}, {@link UnknownOptionError}, {@link InvalidArgumentError}
   */
  static discover(issuer: string, options?: DiscoverOptions): Verifier;

  /**
   * The token's claims and header, or an error: there is no third outcome. It never waits, and asks nobody. With the keys
   * of an issuer, {@link KeysNeededError} says that the one for this token is not here: {@link Verifier.verifyFetching}
   * fetches it.
   *
   * @typeParam C the shape of the claims, where the program knows more than the registered ones
   * @throws an {@link AuthwrightError} whose code says why the token is refused: {@link TokenExpiredError},
   * {@link SignatureInvalidError}, {@link AudienceMismatchError} and so on
   */
  verify<C extends object = Claims>(token: string | Bytes, options?: TimeOptions): Token<C>;

  /**
   * The same, and the issuer's keys are fetched first where they are needed: once, for all who wait. The default `timeout`
   * is 10 seconds.
   *
   * @throws what {@link Verifier.verify} throws, as a rejection; {@link KeysNeededError} if the issuer could not be asked,
   * which says nothing about the token: answer 503, not 401; {@link DeadlineError}
   */
  verifyFetching<C extends object = Claims>(token: string | Bytes, options?: FetchingOptions): Promise<Token<C>>;

  /** The issuer's keys, if that is what it verifies with. */
  readonly remoteKeys: RemoteKeySet | undefined;
}

/** A token of which nothing was checked but its form. It is not a {@link Token}. */
export class UnverifiedToken<C extends object = Claims> {
  private constructor();
  private readonly isVerified: false;
  readonly claims: C;
  readonly header: Header;
}

/** Reads a token and checks nothing: for tools and logs. Never decide anything by its answer. */
export function dangerousDecode<C extends object = Claims>(token: string | Bytes): UnverifiedToken<C>;

/** What {@link jws.sign} may be told. */
export interface JwsSignOptions {
  /** The algorithm. The default is the key's own. */
  algorithm?: Algorithm;
  /** Further header members. */
  headers?: { readonly [member: string]: unknown };
  /** Whether the payload is left out of the result (RFC 7515 appendix F). The default is `false`. */
  detached?: boolean;
  /** `false` leaves the payload unencoded (RFC 7797). The default is `true`. */
  b64?: boolean;
}

/** What {@link jws.verify} may be told. */
export interface JwsVerifyOptions {
  /** The algorithms to allow, of those that the keys are for. */
  algorithms?: Algorithm | readonly Algorithm[];
  /** The payload, where the JWS does not hold it. */
  payload?: string | Bytes;
}

/** A JWS whose signature is good. */
export interface VerifiedJws {
  payload: Buffer;
  header: Header;
}

/** Signatures over any bytes, and no claims (RFC 7515, RFC 7797). */
export const jws: {
  /** A compact JWS. A string stands for its UTF-8. */
  sign(this: void, payload: string | Bytes, key: Key, options?: JwsSignOptions): string;

  /**
   * The payload and header of a compact JWS whose signature is good.
   *
   * @throws {@link SignatureInvalidError} and the other errors of tokens and signatures
   */
  verify(this: void, token: string | Bytes, keys: Key | KeySet, options?: JwsVerifyOptions): VerifiedJws;
};
