// OAuth 2.0 and OpenID Connect.

import type { Algorithm, Bytes, Claims, HttpOptions, Key, RemoteKeySet, Token, WaitOptions } from '../../index.js';

/** The providers whose ways are known. */
export type ProviderName =
  | 'google'
  | 'microsoft'
  | 'apple'
  | 'github'
  | 'facebook'
  | 'gitlab'
  | 'slack'
  | 'linkedin'
  | 'discord'
  | 'imgur'
  | 'generic';

/** How a client says who it is. */
export type AuthMethod =
  | 'none'
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'client_secret_jwt'
  | 'private_key_jwt'
  | 'tls_client_auth'
  | 'self_signed_tls_client_auth';

/**
 * What a {@link Client} is told: who the provider is (`issuer`, or `provider`, or the endpoints), who the client is
 * there, and how it logs in. No member may be `undefined`: a variable that is not set must not go unnoticed.
 */
export interface ClientOptions {
  /** The provider's profile. */
  provider?: ProviderName;
  /** Microsoft's tenant: an id or a domain, `organizations`, `consumers` or `common`. */
  tenant?: string;
  /** Apple's id of the team. */
  teamId?: string;
  /** The issuer's URL. Its metadata says the rest. */
  issuer?: string;
  /** The URL of the metadata, where it is not the well-known one. */
  metadataUrl?: string;
  /** Endpoints, where metadata lacks them. What is given here goes first. */
  authorizationEndpoint?: string;
  tokenEndpoint?: string;
  userinfoEndpoint?: string;
  revocationEndpoint?: string;
  endSessionEndpoint?: string;
  jwksUri?: string;
  /** The client's id, as it was registered. */
  clientId: string;
  clientSecret?: string;
  /** Where the provider sends the browser back to, as it was registered. */
  redirectUri?: string;
  /** Where it sends the browser after a logout. */
  postLogoutRedirectUri?: string;
  /** What to ask for at a login. The default is `openid`. */
  scope?: string | readonly string[];
  /** The default is `code`. */
  responseType?: 'code' | 'code id_token';
  /** The default is `query`. */
  responseMode?: 'query' | 'form_post';
  /** The default is what the metadata and the credentials say. */
  tokenEndpointAuthMethod?: AuthMethod;
  tokenEndpointAuthSigningAlg?: Algorithm;
  /** How a provider of its own kind says who the user is. */
  user?: UserMapping;
  /** The algorithms of ID tokens. */
  idTokenAlgorithms?: Algorithm | readonly Algorithm[];
  /** Seconds of tolerance between clocks. The default is 30. */
  leeway?: number;
  /** Seconds for one request. The default is 10. */
  timeout?: number;
  /** Refuse answers that deviate from the specifications, however harmlessly. */
  strict?: boolean;
  /** Give PKCE up. */
  dangerousNoPkce?: boolean;
  /** Give the nonce up. */
  dangerousNoNonce?: boolean;
  /**
   * What logins are sealed with, newest first: secrets of at least 32 bytes. Every process of the site has the same.
   * Needed where there is a `redirectUri`.
   */
  sealKeys?: Iterable<Key>;
  /** The private key that the client signs with (`private_key_jwt`, Apple). */
  clientKey?: Key;
  /** How requests are sent. */
  http?: HttpOptions;
}

/** Where a provider's own document of the user has what. A path is names of members, with dots between. */
export interface UserMapping {
  /** The path of what identifies the user. */
  subject: string;
  /** Whether that is an integer: it becomes its digits. */
  subjectIsNumber?: boolean;
  email?: string;
  emailVerified?: string;
  /** The first of these that has text. */
  name?: string | readonly string[];
  /** A path, or a URL with `{path}` in it. */
  picture?: string;
  /** Below the endpoint, where the list of the user's addresses is. */
  emailsPath?: string;
}

/** What one login is told. */
export interface LoginOptions extends WaitOptions {
  /** Instead of the client's. */
  scope?: string | readonly string[];
  /** A path of this site, which the tokens give back. */
  returnTo?: string | undefined;
  prompt?: string;
  loginHint?: string;
  /** Seconds: the user must have authenticated so lately. */
  maxAge?: number;
  /** One of these must have been reached. */
  acrValues?: string | readonly string[];
  uiLocales?: string;
  /** More parameters of the authorization request. */
  parameters?: { readonly [parameter: string]: string };
  /** The request's `Cookie` header, if there is one: it tells which old logins to forget. */
  cookies?: string | undefined;
}

/** The callback: its URL (whole, or from the path on), its query, or the body of its form. */
export type Callback = string | URL | URLSearchParams;

/** A callback, and what the login was kept in: one of the two. */
export interface FinishOptions extends WaitOptions {
  callback: Callback;
  /** {@link Login.transaction}. */
  transaction?: string;
  /** The request's `Cookie` header, as far as it has one. */
  cookies?: string | undefined;
}

/** What a refresh is told. */
export interface RefreshOptions extends WaitOptions {
  /** Fewer than were granted. */
  scope?: string | readonly string[];
}

/** What a logout is told. */
export interface LogoutOptions extends WaitOptions {
  /** {@link Tokens.idToken} of the login. */
  idTokenHint?: string;
  /** Instead of the client's. */
  postLogoutRedirectUri?: string;
  /** Comes back with the browser. */
  state?: string;
  logoutHint?: string;
  uiLocales?: string;
}

/** What a {@link TokenManager} is told. */
export interface TokenManagerOptions {
  /** Seconds before its end that an access token is renewed. The default is a tenth of its life, from 10 to 300. */
  renewBefore?: number;
  /**
   * Keeps new tokens, and fails or rejects if it could not: they are not used before, and are handed over again by
   * a call at least 5 seconds later. It must not ask its own manager for tokens: it would wait for itself.
   */
  onTokens?: (tokens: Tokens) => void | PromiseLike<void>;
}

/** What {@link TokenManager.tokens} is told. */
export interface ManagedOptions extends WaitOptions {
  /** Renew whatever they say, for a server that refused the access token. The default is `false`. */
  force?: boolean;
}

/**
 * One registration at one provider: logs users in, refreshes and revokes tokens, logs users out. Immutable: build one
 * and keep it. Nothing is fetched before it is needed.
 *
 * Calls give up after `timeout` seconds (30), and reject with the signal's reason when that aborts. A code or a
 * refresh token is sent once, whatever comes of it.
 *
 * ```js
 * const login = await client.beginLogin({ scope: 'openid email' }); // redirect to login.url, and set login.cookie
 * const tokens = await client.finishLogin({ cookies: request.headers.cookie, callback: request.url });
 * ```
 */
export class Client {
  #private;
  /**
   * @throws {@link InvalidArgumentError}, {@link UnknownOptionError}, {@link UrlRefusedError}, {@link KeyTooWeakError},
   * {@link KeyMismatchError}, {@link KeyNotPrivateError}
   */
  constructor(options: ClientOptions);
  /** The same, with the issuer as an argument. */
  constructor(issuer: string, options: Omit<ClientOptions, 'issuer'>);

  /** The issuer, as it was configured or as the profile says. */
  readonly issuer: string | undefined;
  readonly clientId: string;
  /** The provider's keys, if it has any: to be refreshed, exported or verified with. */
  readonly remoteKeys: RemoteKeySet | undefined;

  /**
   * Begins a login.
   *
   * @throws {@link PkceUnsupportedError}, {@link EndpointMissingError}, and the errors of the discovery
   */
  beginLogin(options?: LoginOptions): Promise<Login>;

  /**
   * Ends a login: checks the callback, exchanges its code, verifies the ID token. One that failed is begun anew.
   *
   * @throws {@link CallbackInvalidError}, {@link TransactionInvalidError}, {@link TransactionExpiredError},
   * {@link StateMismatchError}, {@link IssuerMismatchError}, {@link AuthorizationRefusedError},
   * {@link GrantRefusedError}, {@link IdTokenMissingError}; the errors of requests, and of the ID token
   */
  finishLogin(options: FinishOptions): Promise<Tokens>;
  /** The same, of a login whose {@link Login.transaction} the program has kept. */
  finishLogin(transaction: string | undefined, callback: Callback, options?: WaitOptions): Promise<Tokens>;

  /**
   * The value of a `Set-Cookie` header that removes the cookie of a login that failed, if the request has one. After
   * a login that ended well it is {@link Tokens.clearCookie}.
   */
  forgetLogin(options: { callback: Callback; cookies?: string | undefined }): string | undefined;

  /**
   * New tokens. What the answer leaves out stays as it was.
   *
   * @throws {@link RefreshTokenMissingError}; {@link GrantRefusedError}; {@link RefreshUncertainError}: the answer
   * was lost, and the refresh token may be spent; the errors of requests
   */
  refresh(tokens: Tokens, options?: RefreshOptions): Promise<Tokens>;

  /**
   * The user, from the provider's own endpoint or the ID token.
   *
   * @throws {@link EndpointMissingError}, {@link SubjectMismatchError}; the errors of requests
   */
  userinfo(tokens: Tokens, options?: WaitOptions): Promise<User>;

  /**
   * Revokes the refresh token, and then the access token.
   *
   * @throws {@link EndpointMissingError}, {@link ResponseStatusError}; the errors of requests
   */
  revoke(tokens: Tokens, options?: WaitOptions): Promise<void>;

  /**
   * Where to redirect the browser, so that the user is logged out at the provider, too. With tokens, their ID token is
   * the hint; without a hint, many providers ask the user, or do not send the browser back.
   *
   * @throws {@link EndpointMissingError}
   */
  logoutUrl(tokens: Tokens, options?: Omit<LogoutOptions, 'idTokenHint'>): Promise<string>;
  logoutUrl(options?: LogoutOptions): Promise<string>;

  /**
   * Verifies a token of a back-channel logout: its `sub` and `sid` say whose sessions to end, its `jti` is new each
   * time.
   *
   * @throws what {@link Verifier.verifyFetching} throws
   */
  verifyLogoutToken<C extends object = Claims>(token: string | Bytes, options?: WaitOptions): Promise<Token<C>>;

  /** Keeps the tokens fresh. */
  tokenManager(tokens: Tokens, options?: TokenManagerOptions): TokenManager;
}

/** A login that has begun. */
export class Login {
  #private;
  private constructor();
  /** Where to redirect the browser. */
  readonly url: string;
  /** What ends the login, for a program that keeps it itself: bind it to the browser's session. */
  readonly transaction: string;
  /** The value of a `Set-Cookie` header that keeps it in the browser. */
  readonly cookie: string;
  /** Values of more such headers, which remove cookies of old logins. */
  readonly staleCookies: readonly string[];
  /** The document, as it is in every language. */
  toJSON(): { [member: string]: unknown };
}

/** The tokens of a login or a refresh. `console.log` shows no secrets; {@link Tokens.toJSON} has them. */
export class Tokens<C extends object = Claims> {
  #private;
  private constructor();
  /**
   * Reads what {@link Tokens.toJSON} wrote, in any language, as an object or as JSON text. It is believed, and members
   * that are not known are passed over.
   *
   * @throws {@link InvalidArgumentError}
   */
  static fromJSON(document: string | object): Tokens;
  readonly accessToken: string;
  /** `Bearer`. */
  readonly tokenType: string;
  readonly refreshToken: string | undefined;
  /** When the access token ends, in seconds since 1970. */
  readonly expiresAt: number | undefined;
  /** What was granted. */
  readonly scope: readonly string[];
  readonly idToken: string | undefined;
  /** The claims of the ID token, which was verified. */
  readonly claims: C | undefined;
  /** The name that came with a first callback (Apple). Nobody signed it. */
  readonly name: string | undefined;
  /** Harmless deviations of the provider's answer. */
  readonly leniencies: readonly string[];
  /** Where the user was going, after a login. */
  readonly returnTo: string | undefined;
  /** The value of a `Set-Cookie` header that removes the login's cookie, after a login that ended with cookies. */
  readonly clearCookie: string | undefined;
  /** The value of an `Authorization` header. */
  readonly authorization: string;
  /** The document, as it is in every language, to be kept where secrets are. */
  toJSON(): { [member: string]: unknown };
}

/** Who the user is, as the provider says. Only the subject identifies a user, and only together with the provider. */
export class User {
  #private;
  private constructor();
  readonly subject: string;
  readonly email: string | undefined;
  /** Whether the provider has checked that the address is the user's. */
  readonly emailVerified: boolean | undefined;
  readonly name: string | undefined;
  /** The URL of a picture. */
  readonly picture: string | undefined;
  /** All that the provider says, in its own words. */
  readonly claims: { readonly [member: string]: unknown };
  /** The document, as it is in every language. */
  toJSON(): { [member: string]: unknown };
}

/**
 * One access token for all of a process, renewed before it ends: one refresh at a time, for all who ask.
 *
 * Who leaves (`signal`) takes nothing from the others: a refresh that was begun comes to its end.
 */
export class TokenManager {
  #private;
  private constructor();
  /**
   * Tokens that are valid: those at hand, or renewed ones.
   *
   * @throws {@link RefreshTokenMissingError}, {@link GrantRefusedError}, {@link RefreshUncertainError}: the user must
   * log in again. {@link PersistFailedError}, whose cause is what `onTokens` failed with; {@link DeadlineError}; the
   * errors of requests
   */
  tokens(options?: ManagedOptions): Promise<Tokens>;
  /** The tokens at hand, valid or not. */
  readonly current: Tokens;
  /** Other tokens from here on. */
  replace(tokens: Tokens): void;
}
