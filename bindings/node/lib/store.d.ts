/** Where API keys are kept: memory, SQLite, Redis, or a store of the program's own. */

/** How a built-in store is opened. */
export interface StoreOptions {
  /** Of `memory:` only: how many records it has room for. The default is 100,000. */
  maxRecords?: number;
  /** Of Redis only: what every key begins with, so that several programs share a server. The default is `authwright`. */
  namespace?: string;
  /** Of SQLite and Redis: how many connections are open at most. The default is 8. */
  connections?: number;
}

/** For how long a call waits. */
export interface StoreCallOptions {
  /** Seconds for all of it, from now on: {@link DeadlineError}. */
  timeout?: number;
  /** Ends the waiting when it aborts, with its reason. A change that was begun may be made all the same. */
  signal?: AbortSignal;
}

/**
 * A built-in store. Open one and keep it: it may be given to several {@link ApiKeys}.
 *
 * What blocks runs on a thread of libuv's pool, which has four (`UV_THREADPOOL_SIZE`) for all of the process: a server that
 * hangs keeps one for `timeout`, and Node waits for it when the process or the Worker ends. A Store belongs to the thread
 * that has made it; Workers open stores of their own, on the same file or server. One in memory is of this Store alone.
 */
export class Store implements AsyncDisposable {
  #private;
  /**
   * Nothing is connected to before the first call.
   *
   * @param url `memory:`, `sqlite:path`, or `redis://host`, `rediss://` (TLS), `redis+sentinel://`, `redis+cluster://`
   * @throws {@link InvalidArgumentError}, {@link UnknownOptionError}
   */
  constructor(url: string, options?: StoreOptions);

  /**
   * Removes what has been over for an hour, a few records at a time, so that others go on meanwhile; how many. Call it now
   * and then. It may take 60 seconds unless it is told otherwise; what was removed by then stays so.
   */
  sweep(options?: StoreCallOptions): Promise<number>;

  /** Gives up connections. Every later call fails with {@link ClosedError}. */
  close(): Promise<void>;

  [Symbol.asyncDispose](): Promise<void>;
}

/** What a store keeps under a key. */
export interface StoreRecord {
  /** Differs from that of every record that was ever kept under the key. Below 2^53. */
  version: number;
  /** A text of at most 65,536 bytes of UTF-8, which must come back as it was. */
  value: string;
  /** By whom `list` finds it; the same for as long as the record is there. */
  owner?: string | null;
  /** From this time on, in milliseconds since 1970, a sweep may remove it. Until it is removed it must be found. */
  expiresAt?: number | null;
}

/** A record with its key. */
export interface StoreEntry {
  key: string;
  record: StoreRecord;
}

/** A part of an owner's records. */
export interface StorePage {
  entries: readonly StoreEntry[];
  /** Where the next page begins, in words of the store's own, at most 512 bytes; none after the last. */
  next?: string | null;
}

/** What the methods of a {@link HostStore} are told beside. */
export interface StoreContext {
  /** Aborts when nobody waits for the answer any more: the caller left, or the time is over. */
  signal: AbortSignal;
}

/** What a method of a {@link HostStore} answers with: at once, or later. */
export type StoreAnswer<T> = T | PromiseLike<T>;

/**
 * A store of the program's own: five calls, each of which changes one record or none, at once for all who ask. A database
 * does that with one statement with a condition. {@link checkStore} finds what is wrong.
 *
 * Keys and owners are 1 to 256 visible ASCII characters, and upper and lower case differ. A store reads no clock.
 *
 * What a method fails with becomes {@link StoreUnavailableError}, or {@link StoreUncertainError} if it may have changed
 * something; these two, a {@link StoreFullError}, a {@link StoreCorruptError} and a {@link ClosedError} keep their codes. What the
 * method threw is the `cause`. An answer of another type is an {@link InvalidArgumentError}, and one that no store could have kept
 * (a version that is too large, a text that is too long) a {@link StoreCorruptError}.
 *
 * Nobody sweeps such a store but the program: {@link sweepStore}.
 */
export interface HostStore {
  /** The record with this key, also one that is over. */
  get(key: string, context: StoreContext): StoreAnswer<StoreRecord | undefined | null>;
  /**
   * Keeps the record if what is there has the version `expected`, or, with none, if nothing is there. Whether it was kept.
   */
  putIf(key: string, expected: number | undefined, record: StoreRecord, context: StoreContext): StoreAnswer<boolean>;
  /** Removes the record if it has this version. Whether it was removed. */
  deleteIf(key: string, version: number, context: StoreContext): StoreAnswer<boolean>;
  /**
   * At most `limit` of the owner's records, from where another page's `next` says. Who follows `next` to the end has seen
   * each record that was there all the time once, and none twice.
   */
  list(owner: string, after: string | undefined, limit: number, context: StoreContext): StoreAnswer<StorePage>;
  /**
   * Removes at most `limit` records whose `expiresAt` is before this time. How many: fewer than `limit` when there are no
   * more, 0 where the store collects by itself.
   */
  sweep(before: number, limit: number, context: StoreContext): StoreAnswer<number>;
}

/**
 * Removes what has been over for an hour from any store, a few records at a time: `Store.sweep` for a store of the program's,
 * too. How many it has removed; it may take 60 seconds unless it is told otherwise.
 */
export function sweepStore(store: string | Store | HostStore, options?: StoreCallOptions): Promise<number>;

/**
 * Copies the records of a store in SQLite to another store: from one machine to several. How many it has written there. Both may
 * be in use meanwhile. Where `target` has a record already, the one that was changed later stays: so it may be called again, and
 * takes what has changed since. What is over is not taken along, and what was removed in between is not removed there. It may take
 * ten minutes unless it is told otherwise; what was copied by then stays so.
 *
 * @throws {@link InvalidArgumentError} (`source`) for a store that is not in SQLite
 */
export function copyStore(source: string | Store, target: string | Store, options?: StoreCallOptions): Promise<number>;

/** What is checked. */
export interface CheckStoreOptions extends StoreCallOptions {
  /** What keys and owners of the run begin with, after `conformance/`. The default is random. */
  runId?: string;
  /**
   * Whether the store removes what is over on its own, so that its `sweep` need not. Without it, a sweep that removes nothing
   * passes, and is noted.
   */
  collectsByItself?: boolean;
  /** Of `check`: the name of one check, and no other is made. */
  only?: string;
  /**
   * `check`, the default, is all that one caller can ask. Several racers, threads or processes in any language, change the
   * same records with `contend`; `settle` judges what they have left.
   */
  part?: 'check' | 'contend' | 'settle';
  /** Of `contend`: the number of this racer, from 1. */
  racer?: number;
  /** Of `contend`: how often it does everything. */
  rounds?: number;
  /** Of `settle`: how many racers there were. */
  racers?: number;
  /** Of `settle`: how many of them were killed. */
  killed?: number;
  /** Of `settle`: the `line` of each of the events `store_contention` of those that were killed. */
  acknowledged?: readonly string[];
}

/** What came of the checks. */
export interface StoreReport {
  runId: string;
  /** Whether all have passed. */
  passed: boolean;
  /** One that failed has `expected` and `found`, for people, and one that left something open has a `note`. */
  checks: { name: string; passed: boolean; expected?: string; found?: string; note?: string }[];
}

/**
 * Checks a store: some thousands of calls, in 60 seconds unless it is told otherwise. Whatever is written begins with
 * `conformance/` and is removed at the end. What the store fails with is in the report.
 *
 * ```js
 * const report = await checkStore(new MyStore());
 * assert.ok(report.passed, JSON.stringify(report.checks.filter(({ passed }) => !passed)));
 * ```
 */
export function checkStore(store: string | Store | HostStore, options?: CheckStoreOptions): Promise<StoreReport>;
