/** API keys: issued once, kept as a hash, checked on every request. */

import type { Bytes, Key } from '../index.js';
import type { HostStore, Store, StoreCallOptions } from './store.js';

/** What all keys of one prefix and environment have in common. */
export interface ApiKeysOptions {
  /** What every key begins with: a lower-case letter and at most 15 more, or digits. */
  prefix: string;
  /** What comes after it: `live`, say. Keys of one environment are none of another. */
  environment: string;
  /**
   * Secrets of at least 32 bytes, which the store must not hold: keys are hashed under the first. Those under the others are
   * good as long as these are there, and move to the first when they are used.
   */
  peppers: Iterable<Key | Bytes>;
  /** How coarse `lastUsedAt` is, in seconds from 60 on: it is written at most so often for a key. The default is 3600. */
  lastUsedEvery?: number;
  /** Whether keys of other forms are looked for among those of {@link ApiKeys.importHash}. The default is `false`. */
  acceptImported?: boolean;
  /**
   * For how many seconds a record that was read may serve other checks of this object, from 0 to 60: a revocation by
   * another one, in this process or elsewhere, is seen that much later. The default is 0.
   */
  cacheSeconds?: number;
}

/** A key to issue. */
export interface IssueKeyOptions extends StoreCallOptions {
  /** Whose it is: 1 to 256 bytes, without control characters. */
  owner: string;
  /** What it may be used for: at most 100 scopes (RFC 6749 section 3.3). The default is none. */
  scopes?: string | readonly string[];
  /** An object of the program's own, at most 4096 bytes of JSON. */
  metadata?: object;
  /** In seconds from now. Without it the key does not end; `undefined` is refused. */
  expiresIn?: number;
}

/** A key that another system issued. */
export interface ImportKeyOptions extends IssueKeyOptions {
  /**
   * The SHA-256 of the whole key, in hexadecimal. The key must be one that nobody can guess, of 128 random bits or more.
   */
  sha256: string;
}

/** What a key must be good for. */
export interface VerifyKeyOptions extends StoreCallOptions {
  /** The scopes that it must have. `undefined` is refused. */
  scopes?: string | readonly string[];
  /** The time to judge by instead of the system's clock: whole seconds since 1970, or a Date. */
  now?: number | Date;
}

/** How a key gets another secret. */
export interface RotateKeyOptions extends StoreCallOptions {
  /** For how many seconds the secret before it is good still. The default is 0: it ends at once. */
  overlap?: number;
  /** In seconds from now: when the key ends from here on. Without it, when it did before. */
  expiresIn?: number;
}

/** Which of an owner's keys are listed. */
export interface ListKeysOptions extends StoreCallOptions {
  /** Another page's `next`. */
  after?: string | undefined;
  /** At most so many, 1 to 1000. The default is 100. */
  limit?: number;
}

/** What is known of a key. Times are in seconds since 1970. */
export class ApiKey {
  #private;
  protected constructor();
  /** What it is named by: no secret, and good for a log. */
  readonly id: string;
  readonly owner: string;
  readonly scopes: readonly string[];
  /** What the program wrote beside it. */
  readonly metadata: { readonly [member: string]: any };
  readonly createdAt: number;
  /** When it ends, if it does. */
  readonly expiresAt: number | undefined;
  readonly revokedAt: number | undefined;
  /** When it last got another secret. */
  readonly rotatedAt: number | undefined;
  /** When it was used, coarsely: see `lastUsedEvery`. */
  readonly lastUsedAt: number | undefined;
  /** The last four characters of the key, by which its owner knows it; none of an imported one. */
  readonly last4: string | undefined;
  /** The document, as it is in every language. */
  toJSON(): { [member: string]: unknown };
}

/** A key that was just made. `console.log` does not show the secret; `toJSON`, and so `JSON.stringify`, does. */
export class IssuedKey extends ApiKey {
  #private;
  private constructor();
  /** The whole key, as its owner presents it. It is nowhere else: show it now. */
  readonly secret: string;
}

/** A part of an owner's keys. */
export interface ApiKeyPage {
  /** At most as many as were asked for. It may be fewer, none even, and not the end. */
  keys: ApiKey[];
  /** Where the next page begins; none after the last. */
  next: string | undefined;
}

/**
 * The API keys of one prefix and environment, on a store. Build it once and keep it.
 *
 * ```js
 * const pepper = Buffer.from(process.env.PEPPER, 'base64');
 * const keys = new ApiKeys('sqlite:keys.db', { prefix: 'acme', environment: 'live', peppers: [pepper] });
 * const issued = await keys.issue({ owner: 'billing', scopes: ['invoices:read'], expiresIn: 90 * 86_400 });
 * const caller = await keys.verify(presented, { scopes: ['invoices:read'] });
 * ```
 *
 * Each call may take 5 seconds unless it is told otherwise. Beside what it says, it fails with the errors of stores
 * (`ERR_STORE_…`), which say nothing about a key, {@link DeadlineError}, {@link ClosedError}, {@link InvalidArgumentError} and
 * {@link UnknownOptionError}.
 */
export class ApiKeys implements AsyncDisposable {
  #private;
  /**
   * @param store a URL, whose store then belongs to this object; a Store, which others may use, too; or one of the program's
   * @throws {@link InvalidArgumentError}, {@link UnknownOptionError}, {@link KeyMismatchError}, {@link KeyTooWeakError}
   */
  constructor(store: string | Store | HostStore, options: ApiKeysOptions);

  /** Makes a key. */
  issue(options: IssueKeyOptions): Promise<IssuedKey>;

  /**
   * Whose key that is, if it is genuine and valid and has all these scopes.
   *
   * @throws {@link ApiKeyInvalidError} for whatever is no key: answer 401. Only who has the whole key is told that it is
   * over ({@link ApiKeyExpiredError}), was revoked ({@link ApiKeyRevokedError}) or lacks a scope ({@link ApiKeyScopeError},
   * whose `field` is the scope: answer 403)
   */
  verify(presented: string, options?: VerifyKeyOptions): Promise<ApiKey>;

  /** @throws {@link ApiKeyNotFoundError} */
  get(id: string, options?: StoreCallOptions): Promise<ApiKey>;

  /** An owner's keys. Revoked and expired ones are among them for 30 days, revoked ones that were imported for ever. */
  list(owner: string, options?: ListKeysOptions): Promise<ApiKeyPage>;

  /**
   * Gives a key another secret; the id stays.
   *
   * @throws {@link ApiKeyNotFoundError}, {@link ApiKeyRevokedError}, {@link ApiKeyExpiredError}; {@link InvalidArgumentError}
   * for an imported key
   */
  rotate(id: string, options?: RotateKeyOptions): Promise<IssuedKey>;

  /**
   * Ends a key, for good. One that is revoked already stays so.
   *
   * @throws {@link ApiKeyNotFoundError}
   */
  revoke(id: string, options?: StoreCallOptions): Promise<ApiKey>;

  /**
   * Ends all keys that the owner has when it begins; how many were good until then. If it fails half-way, some are revoked:
   * do it again.
   */
  revokeAll(owner: string, options?: StoreCallOptions): Promise<number>;

  /**
   * Takes in a key of another system by its hash; it is found if `acceptImported` is set.
   *
   * @throws {@link InvalidArgumentError} (`sha256`) if it is there already
   */
  importHash(options: ImportKeyOptions): Promise<ApiKey>;

  /** Whether a text is written as a key of this prefix and environment, its checksum included. It asks no store. */
  isWellFormed(text: string): boolean;

  /** A regular expression for scanners of source code and logs, without anchors. */
  readonly pattern: string;

  /** Closes the store, if it was given as a URL. Another one is its owner's to close. */
  close(): Promise<void>;

  [Symbol.asyncDispose](): Promise<void>;
}
