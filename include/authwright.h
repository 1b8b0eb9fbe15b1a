/*
 * authwright: embeddable authentication. This is the C library; include/authwright.hpp is C++ on top of it.
 *
 * Generated from ffi/src. Do not edit.
 *
 * HOW TO READ THIS HEADER
 *
 * Status. A function that can fail returns an aw_status: AW_OK (0), or the reason. There is no second place to look: on
 * AW_OK the result can be trusted, on anything else there is none. Out parameters are cleared first, so a failure leaves
 * them NULL or 0. The last parameter, `error`, may be NULL; otherwise it receives the detail, see aw_error.
 *
 * Data in. A pointer and a length in bytes, or AW_NUL as the length of a string that ends in a NUL. NULL stands for no
 * bytes with length 0, and for "not given" where a parameter says that it may be NULL. Any bytes will do: what cannot be
 * used is refused with a status. Names (of claims, algorithms, keys) are NUL-terminated strings without a length.
 * Text is UTF-8. Nothing that is passed in is kept: it may be freed or changed as soon as the call returns.
 *
 * Data out. Either an aw_buffer, which is the caller's, or a pointer into an object, which lives as long as that object
 * and must not be freed. All of them end in a NUL that the length does not count.
 *
 * Objects. Opaque; made by a function whose last but one parameter is a pointer to the pointer, freed by the aw_..._free()
 * of their type. Freeing NULL does nothing. A handle of another type is AW_ERR_INVALID_ARGUMENT; one that was freed already
 * is undefined behaviour.
 *
 * Threads. A `const T *` may be used from many threads at once, a `T *` by one thread while nobody else uses the
 * object. There is no "last error", and no global state but the event hook. Objects survive a fork(), except
 * aw_operation, and except an aw_store, with what was made with it, whose SQLite file the parent had open, or whose
 * memory another thread was using just then: see there.
 *
 * Time. Seconds since 1970-01-01T00:00:00Z, without leap seconds, in tokens and documents. What has `_ms` in its name is in
 * milliseconds, since 1970 or from now: operations and time-outs.
 *
 * Blocking. Functions that take a `timeout_ms` and no `now_ms` do, and none for longer than that (aw_token_manager_tokens()
 * says its own; a program's own store takes the time that it takes). All of these but aw_operation_wait() do I/O. All others
 * only compute, but for aw_store_open(), which reads the `ca_file` of a URL.
 *
 * Callbacks. aw_event_hook, aw_wake, aw_persist_hook and the functions of an aw_store_functions are called on any thread
 * that calls in, and the first two also on those that fetch in the background. They must not unwind (C++ exceptions) or
 * jump out. No lock is held while they run, except for aw_wake.
 *
 * THE POLICY OF A VERIFIER
 *
 * A JSON object, the same document for every language. Each member is optional; an unknown one is an error, never ignored.
 *
 *   version                  1
 *   issuer, audience         what "iss" and "aud" must be: a string, or an array of which any one will do
 *   subject, typ             the same for "sub" and for the header's "typ"
 *   algorithms               the only algorithms to accept, of those that fit the keys
 *   required                 names of claims that must be there
 *   claims                   an object of claims and the exact values that they must have; an array means any one of them
 *   leeway                   seconds by which clocks may differ (30)
 *   max_token_age            seconds since "iat" after which a token is too old
 *   max_token_bytes          the longest token to look at (65536)
 *   profile                  "id_token" or "logout_token": the rules of OpenID Connect for such a token
 *   compat                   tolerated deviations of an issuer: "padded_base64", "string_dates"
 *   dangerous_any_audience   true: accept tokens for any audience
 *   dangerous_no_expiration  true: accept tokens without "exp"
 *   dangerous_weak_keys      true: accept keys that are too short
 *
 * Without any: the signature must be good, "exp" must be there, and a token with an "aud" is refused, because none is
 * expected.
 *
 * THE OPTIONS OF A SIGNER
 *
 * A JSON object too, with the same strictness.
 *
 *   algorithm                one that fits the key (the key's own)
 *   issuer, subject          "iss" and "sub" of every token
 *   audience                 "aud": a string or an array
 *   lifetime                 seconds until "exp"
 *   typ                      the header's "typ" ("JWT")
 *   headers                  an object of more header members
 *   jwt_id                   true: give every token a random "jti"
 *   dangerous_no_expiration  true: allow tokens without "exp"
 *   dangerous_weak_keys      true: allow keys that are too short
 *
 * THE OPTIONS OF A REMOTE KEY SET
 *
 * A JSON object too, with the same strictness.
 *
 *   issuer                   the issuer, whose metadata leads to its keys
 *   jwks_uri                 the URL of the keys themselves: no metadata is asked for. One of these two is needed
 *   metadata_url             where the metadata is, instead of the well-known place
 *   cooldown                 seconds between two fetches that unknown keys cause (30)
 *   outage_limit             seconds that keys are used beyond their time while the issuer is out of reach (86400)
 *   timeout                  seconds that one fetch may take (10)
 *
 * URLs are https, or http to a loopback address.
 *
 * THE OPTIONS OF AN OAUTH CLIENT
 *
 * A JSON object too, with the same strictness. Who the provider is: "issuer", or "provider", or endpoints.
 *
 *   issuer                   the provider, whose metadata leads to all else
 *   provider                 "google", "microsoft", "apple", "github", "facebook", "gitlab", "slack", "linkedin", "discord",
 *                            "imgur", "generic": what is known of it
 *   tenant, team_id          of Microsoft and of Apple
 *   metadata_url, authorization_endpoint, token_endpoint, userinfo_endpoint, revocation_endpoint, end_session_endpoint,
 *   jwks_uri                 go before what the metadata and the profile say
 *   client_id                the client's registered name. Must be there
 *   client_secret            its secret
 *   redirect_uri             where the browser comes back to. Must be there for logins
 *   post_logout_redirect_uri where it comes back to after a logout
 *   scope                    what to ask for: a string or an array ("openid" where there are ID tokens)
 *   response_type            "code", or "code id_token"
 *   response_mode            "query", or "form_post"
 *   token_endpoint_auth_method       how the client authenticates: "none", "client_secret_basic", "client_secret_post",
 *                            "client_secret_jwt", "private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"
 *   token_endpoint_auth_signing_alg  the algorithm of those with a JWT
 *   id_token_algorithms      the only algorithms of ID tokens to accept
 *   user                     where a provider's own user document has what an aw_user consists of: an object of "subject",
 *                            "subject_is_number", "email", "email_verified", "name", "picture", "emails_path"
 *   leeway                   seconds by which clocks may differ (30)
 *   timeout                  seconds that one request may take (10)
 *   strict                   true: refuse what is read as a leniency otherwise
 *   dangerous_no_pkce, dangerous_no_nonce    true: give that protection up
 *
 * THE OPTIONS OF A LOGIN
 *
 *   scope                    instead of the client's
 *   return_to                a path of this site, which the tokens give back
 *   prompt, login_hint, ui_locales   as the provider knows them
 *   max_age                  seconds: the user must have authenticated so lately
 *   acr_values               one of them must have been reached: a string or an array
 *   parameters               an object of strings: more parameters of the request
 *
 * THE OPTIONS OF A LOGOUT
 *
 *   id_token_hint            aw_tokens_id_token() of the login
 *   post_logout_redirect_uri instead of the client's
 *   state                    comes back with the browser
 *   logout_hint, ui_locales  as the provider knows them
 *
 * THE OPTIONS OF A TOKEN MANAGER
 *
 *   renew_before             seconds before its end that a token is renewed (a tenth of its life, from 10 to 300)
 *   persist                  true: new tokens are used once they are kept. It is so wherever there is an aw_persist_hook
 *
 * THE OPTIONS OF A STORE
 *
 *   max_records              of "memory:" only: how many records it has room for, 1 to 100000000 (100000)
 *   namespace                of Redis only: what every key begins with, so that several programs share a server
 *                            ("authwright")
 *   connections              of SQLite and Redis only: how many are open at most, 1 to 1000 (8)
 *
 * THE OPTIONS OF API KEYS
 *
 *   prefix, environment      what every key begins with: each a lower-case letter and at most 15 more, or digits. Both must
 *                            be there. Keys of one environment are none of another
 *   last_used_every          seconds between two notes that a key was used (3600), at least 60
 *   accept_imported          true: look for keys of other forms among those that aw_api_keys_import_hash() took in
 *   cache_seconds            seconds that a record that was read serves other checks of the same aw_api_keys (0), at most
 *                            60. A revocation by another aw_api_keys, in this process or another, is seen that much later
 *
 * THE OPTIONS OF AN API KEY
 *
 *   owner                    whose it is: 1 to 256 bytes without control characters. Must be there
 *   scopes                   what it may be used for: a string, which is one scope, or an array of at most 100 (none)
 *   metadata                 an object of the program's own, at most 4096 bytes. Its members come back sorted
 *   expires_in               seconds from now until it ends (it does not)
 *   sha256                   for aw_api_keys_import_hash() only, and must be there: the SHA-256 of the whole key in
 *                            hexadecimal. The key must be one of 128 random bits or more: a fast hash protects no other
 *
 * THE OPTIONS OF A ROTATION
 *
 *   overlap                  seconds for which the secret before it is good still (0)
 *   expires_in               seconds from now until the key ends (when it did before)
 *
 * THE OPTIONS OF A CHECK OF A STORE
 *
 *   run_id                   at most 32 letters, digits, "-" and "_", which the parts of one race have in common (random)
 *   part                     "check", "contend", "settle" ("check")
 *   collects_by_itself       whether the store removes what is over on its own. true: its sweep need not; false: it must; not
 *                            given: one that removes nothing is noted
 *   only                     of "check": the name of one check, and no other is made
 *   racer, rounds            of "contend": its number, from 1, and how often it does everything
 *   racers, killed           of "settle": how many there were, and how many of them did not come to their end (0)
 *   acknowledged             of "settle": an array of the lines of their progress
 *
 * THE OPTIONS OF AN HTTP CLIENT
 *
 * A JSON object too, with the same strictness.
 *
 *   ca                       PEM certificates of the authorities to trust, instead of the platform's
 *   client_certificate       PEM certificates that the client shows to a server that asks, its own first
 *   client_key               the PEM private key that belongs to it
 *   proxy                    "http://[user:password@]host:port"; "none"; or "environment", the default: what https_proxy
 *                            or all_proxy names, except for the hosts of no_proxy and for loopback hosts
 *   connect_timeout          seconds to resolve the name, connect and agree on TLS (5)
 *   timeout                  seconds for a whole request (10)
 */

#ifndef AUTHWRIGHT_H
#define AUTHWRIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The version of this header. aw_version() tells that of the library. */
#define AW_VERSION "0.1.0"
#define AW_VERSION_MAJOR 0
#define AW_VERSION_MINOR 1
#define AW_VERSION_PATCH 0

/** As a length: the data is a string that ends in a NUL. */
#define AW_NUL SIZE_MAX

/** As the version that must be there: nothing must be. */
#define AW_ABSENT UINT64_MAX

/** As the time when a record ends: it does not. */
#define AW_NEVER UINT64_MAX

/** A status that is not looked at is a hole: gcc and clang warn about it. */
#if defined(__GNUC__) || defined(__clang__)
#define AW_MUST_USE __attribute__((warn_unused_result))
#else
#define AW_MUST_USE
#endif

/**
 * For aw_signer_finish(): a signature as JWS wants it; for ECDSA the two numbers one after the other (RFC 7518
 * section 3.4).
 */
#define AW_SIGNATURE_RAW 0

/** For aw_signer_finish(): an ECDSA signature in DER, as cloud KMS services and most HSMs return it. */
#define AW_SIGNATURE_DER 1

/** For aw_operation_fail(): resolving the name, connecting, sending or receiving failed. */
#define AW_FAILURE_TRANSPORT 1

/** For aw_operation_fail(): TLS was not agreed on, because of an untrusted or expired certificate, or a wrong name. */
#define AW_FAILURE_TLS 2

/** For aw_operation_fail(): the request's time was over. */
#define AW_FAILURE_DEADLINE 3

/** For aw_operation_fail(): the body was longer than aw_operation_request_max_body_bytes(). */
#define AW_FAILURE_TOO_LARGE 4

/** For aw_operation_fail(): the address to connect to is one that aw_operation_request_reach() forbids. */
#define AW_FAILURE_ADDRESS 5

/** For aw_operation_fail(): the program's client cannot do what the request asks for. */
#define AW_FAILURE_UNSUPPORTED 6

/** For aw_operation_fail(): the request may have reached the server. If in doubt, this. */
#define AW_SENT_MAYBE 0

/** For aw_operation_fail(): not a byte of the request can have reached the server. */
#define AW_SENT_NOT 1

/** What a function of a store returns: it has done what it was asked. */
#define AW_STORE_DONE 0

/**
 * `put_if` and `delete_if`: what is there has another version, or nothing is there, or something is. Nothing has changed.
 */
#define AW_STORE_REFUSED 1

/** The store cannot be asked, and nothing has changed: `AW_ERR_STORE_UNAVAILABLE`. */
#define AW_STORE_FAILED 2

/**
 * It may or may not have changed: `AW_ERR_STORE_UNCERTAIN`. So is every number that is not listed here, unless it comes
 * from `get` or `list`, which change nothing.
 */
#define AW_STORE_UNCERTAIN 3

/** There is no room, and nothing has changed: `AW_ERR_STORE_FULL`. */
#define AW_STORE_FULL 4

/** What is there is not as it was written: `AW_ERR_STORE_CORRUPT`. */
#define AW_STORE_CORRUPT 5

/** For aw_jws_sign(): leave the payload out of the token (RFC 7515 appendix F). */
#define AW_JWS_DETACHED 1

/** For aw_jws_sign(): sign the payload as it is instead of in base64url, "b64": false (RFC 7797). */
#define AW_JWS_UNENCODED 2

/**
 * The verdict of a call: `AW_OK`, or why it failed. The numbers never change. Later releases may add some: treat one
 * that you do not know as a failure.
 */
enum aw_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /** The call succeeded. */
  AW_OK = 0,
  /** An argument or option has a type or value that can never work. */
  AW_ERR_INVALID_ARGUMENT = 1,
  /** An option or policy member is not one that authwright knows. */
  AW_ERR_UNKNOWN_OPTION = 2,
  /** The policy document asks for a version that this release does not know. */
  AW_ERR_POLICY_VERSION = 3,
  /** authwright failed in a way that no input should be able to cause. */
  AW_ERR_INTERNAL = 4,
  /** The key, key set or certificate is not in a form that authwright reads. */
  AW_ERR_KEY_FORMAT = 101,
  /** The parts of the key do not belong together. */
  AW_ERR_KEY_INCONSISTENT = 102,
  /** The key is too short for its algorithm. */
  AW_ERR_KEY_TOO_WEAK = 103,
  /** The private key is encrypted and the password is missing or wrong. */
  AW_ERR_KEY_PASSWORD = 104,
  /** The operation needs a private key and was given a public one. */
  AW_ERR_KEY_NOT_PRIVATE = 105,
  /** The key is of another type, or meant for another algorithm or use, than was asked for. */
  AW_ERR_KEY_MISMATCH = 106,
  /** The algorithm or curve is unknown to authwright, or not available from the crypto provider it was built with. */
  AW_ERR_UNSUPPORTED_ALGORITHM = 107,
  /** The token is not a compact JWS: three segments and a header that names its algorithm. */
  AW_ERR_TOKEN_MALFORMED = 201,
  /** The token is longer than the policy's max_token_bytes. */
  AW_ERR_TOKEN_TOO_LARGE = 202,
  /** A segment is not base64url without padding in its one canonical form. */
  AW_ERR_TOKEN_ENCODING = 203,
  /** The header or the claims are not one strict JSON object. */
  AW_ERR_TOKEN_JSON = 204,
  /** The header's crit is malformed or names an extension that is not understood. */
  AW_ERR_TOKEN_CRITICAL = 205,
  /** The header's typ is not the one expected, or is missing. */
  AW_ERR_TOKEN_TYPE = 206,
  /** The token's alg is not one that both the key and the policy allow. */
  AW_ERR_ALGORITHM_NOT_ALLOWED = 301,
  /** No key of the set fits the token's kid and alg. */
  AW_ERR_KEY_NOT_FOUND = 302,
  /** The signature does not fit the token and the key. */
  AW_ERR_SIGNATURE_INVALID = 303,
  /** The token's exp, and the leeway, are over. */
  AW_ERR_TOKEN_EXPIRED = 401,
  /** The token's nbf is still to come. */
  AW_ERR_TOKEN_NOT_YET_VALID = 402,
  /** The token's iat lies in the future. */
  AW_ERR_TOKEN_ISSUED_IN_FUTURE = 403,
  /** The token was issued longer ago than the policy's max_token_age. */
  AW_ERR_TOKEN_TOO_OLD = 404,
  /** The token's iss is not an expected issuer. */
  AW_ERR_ISSUER_MISMATCH = 405,
  /** The token's aud holds no expected audience, or none is expected and the token has one. */
  AW_ERR_AUDIENCE_MISMATCH = 406,
  /** The token's sub is not an expected subject. */
  AW_ERR_SUBJECT_MISMATCH = 407,
  /** A claim that the policy needs is not in the token. */
  AW_ERR_CLAIM_MISSING = 408,
  /** A claim has a type or range that its definition does not allow. */
  AW_ERR_CLAIM_TYPE = 409,
  /** A claim does not have a value that the policy expects. */
  AW_ERR_CLAIM_MISMATCH = 410,
  /**
   * The issuer's keys that this token needs are not here: never fetched, too old, or asked for too lately to ask again.
   */
  AW_ERR_KEYS_NEEDED = 1001,
  /** A request got no answer: the name did not resolve, or connecting, sending or receiving failed. */
  AW_ERR_TRANSPORT = 1002,
  /** No secure connection: the server's certificate is not trusted, expired, or for another name. */
  AW_ERR_TRANSPORT_TLS = 1003,
  /** The transport cannot do what the request asks for. */
  AW_ERR_TRANSPORT_UNSUPPORTED = 1004,
  /** The time for the operation or the request was over. */
  AW_ERR_DEADLINE = 1005,
  /** A URL that came from outside leads to a special-use address: loopback, private, link-local and the like. */
  AW_ERR_ADDRESS_REFUSED = 1006,
  /** A URL is not one that authwright sends requests to: https, or http to a loopback address; no user, no fragment. */
  AW_ERR_URL_REFUSED = 1007,
  /** A server's answer is longer than is read. */
  AW_ERR_RESPONSE_TOO_LARGE = 1008,
  /** A server answered with a status that is no success; a redirect, which is never followed, ends here too. */
  AW_ERR_RESPONSE_STATUS = 1009,
  /** A server's answer is not what was asked for: another content type, not strict JSON, or without usable content. */
  AW_ERR_RESPONSE_INVALID = 1010,
  /** A provider's metadata lacks a member, has one that cannot be used, or is another issuer's. */
  AW_ERR_METADATA_INVALID = 1011,
  /** An exported state does not open: made with another key, for another issuer or URL, or altered. */
  AW_ERR_STATE_INVALID = 1012,
  /** What would use a connection was closed. */
  AW_ERR_CLOSED = 1013,
  /** The callback is not an authorization response: no code, a parameter twice, or no URL, query or form at all. */
  AW_ERR_CALLBACK_INVALID = 1014,
  /** The callback's state is not the one that this login began with. */
  AW_ERR_STATE_MISMATCH = 1015,
  /** The login's transaction is missing, altered, sealed with another key, or of another client or redirect URI. */
  AW_ERR_TRANSACTION_INVALID = 1016,
  /** The login took longer than its transaction lasts: ten minutes. */
  AW_ERR_TRANSACTION_EXPIRED = 1017,
  /** The provider did not authorize: the user cancelled, or it found an error. */
  AW_ERR_AUTHORIZATION_REFUSED = 1018,
  /** The token endpoint answered with an error. */
  AW_ERR_GRANT_REFUSED = 1019,
  /** The provider says that it does not support PKCE with S256. */
  AW_ERR_PKCE_UNSUPPORTED = 1020,
  /** The provider supports no client authentication that this client has credentials for. */
  AW_ERR_CLIENT_AUTH_UNSUPPORTED = 1021,
  /** The provider has no endpoint for what was asked. */
  AW_ERR_ENDPOINT_MISSING = 1022,
  /** The scope has openid, and the answer has no ID token. */
  AW_ERR_ID_TOKEN_MISSING = 1023,
  /** There is no refresh token. */
  AW_ERR_REFRESH_TOKEN_MISSING = 1024,
  /** A refresh was sent and its answer was lost: the refresh token may have been replaced by one that nobody knows. */
  AW_ERR_REFRESH_UNCERTAIN = 1025,
  /** The program's hook did not keep the new tokens. */
  AW_ERR_PERSIST_FAILED = 1026,
  /** The API key is not one that was issued, or not for this prefix and environment. */
  AW_ERR_API_KEY_INVALID = 2001,
  /** The API key is genuine, and its time is over. */
  AW_ERR_API_KEY_EXPIRED = 2002,
  /** The API key is genuine, and was revoked. */
  AW_ERR_API_KEY_REVOKED = 2003,
  /** The API key is genuine and valid, and lacks a scope that was asked for. */
  AW_ERR_API_KEY_SCOPE = 2004,
  /** There is no API key with this id. */
  AW_ERR_API_KEY_NOT_FOUND = 2005,
  /** The store cannot be asked; nothing has changed. */
  AW_ERR_STORE_UNAVAILABLE = 2101,
  /** The store was asked to change something and did not say whether it has. */
  AW_ERR_STORE_UNCERTAIN = 2102,
  /** Others changed the same record again and again. */
  AW_ERR_STORE_CONFLICT = 2103,
  /** The store has no room; nothing has changed. */
  AW_ERR_STORE_FULL = 2104,
  /** The store, or a record in it, is not as it was written. */
  AW_ERR_STORE_CORRUPT = 2105,
  /** The file or database holds something else than authwright's records; it was not touched. */
  AW_ERR_STORE_FOREIGN = 2106,
  /** The store was written by a newer release of authwright; it was not touched. */
  AW_ERR_STORE_VERSION = 2107,
  /** The store was opened by the parent process, and its connections cannot be shared with a child. */
  AW_ERR_STORE_FORKED = 2108,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum aw_status aw_status;
#else
typedef int32_t aw_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** What to do next with an operation. */
enum aw_step
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /** Send the request, then call aw_operation_resume() or aw_operation_fail(). */
  AW_STEP_SEND = 1,
  /** Somebody else is making the request. Step again when that is over, or the time to wait. */
  AW_STEP_WAIT = 2,
  /** It has succeeded. */
  AW_STEP_DONE = 3,
  /** It has failed. */
  AW_STEP_FAILED = 4,
  /**
   * Keep the tokens of aw_operation_persist_tokens(), then call aw_operation_persisted(). Only the operations of an
   * aw_token_manager with the option "persist" ask for it.
   */
  AW_STEP_PERSIST = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum aw_step aw_step;
#else
typedef int32_t aw_step;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/** Which addresses a request may be sent to. */
enum aw_reach
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /** Any: the program configured the URL, or its issuer's metadata names it. */
  AW_REACH_ANYWHERE = 1,
  /**
   * None that is loopback, private, link-local or special otherwise: the URL came from outside. Look at the address
   * that is about to be connected to, and at no earlier answer of the resolver. A client that cannot: fail the
   * request with `AW_FAILURE_UNSUPPORTED`.
   */
  AW_REACH_PUBLIC = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum aw_reach aw_reach;
#else
typedef int32_t aw_reach;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What is known of an API key: whose it is, what it may do, until when. Immutable. Only a key that was just issued or
 * rotated has its secret.
 *
 * The texts that its functions return are UTF-8, end in a NUL and live as long as the key.
 *
 * Ownership: yours; free it with aw_api_key_free(), which overwrites its secret first. One that aw_api_key_page_at()
 * returns is the page's. Threads: `const aw_api_key *` may be used from many at once. Fork: a child has a copy.
 */
typedef struct aw_api_key aw_api_key;

/**
 * A part of an owner's API keys. Immutable.
 *
 * Ownership: yours; free it with aw_api_key_page_free(), and its keys with it. Threads: `const aw_api_key_page *` may be
 * used from many at once. Fork: a child has a copy.
 */
typedef struct aw_api_key_page aw_api_key_page;

/**
 * The API keys of one prefix and environment: issues them, checks them, lists, rotates and revokes them. A key reads
 * `acme_live_` and an id, a secret and a checksum; the store has a hash of it under a pepper, which the store has not.
 *
 * `AW_ERR_API_KEY_INVALID` is all that is said of a text that is no key, of an id that is not known and of a secret that
 * is wrong: answer with 401. Only who has the whole key is told `AW_ERR_API_KEY_EXPIRED`, `AW_ERR_API_KEY_REVOKED` (401)
 * or `AW_ERR_API_KEY_SCOPE` (403). A store that fails is `AW_ERR_STORE_…` or `AW_ERR_DEADLINE`: answer with 503.
 *
 * The functions with a `timeout_ms` block, and take no longer than that: 5000 is a good choice. Over is `AW_ERR_DEADLINE`
 * where nothing was being asked just then. A store that was, and has not answered in time, is `AW_ERR_STORE_UNAVAILABLE`,
 * or `AW_ERR_STORE_UNCERTAIN` if a change was on its way.
 *
 * Ownership: yours; free it with aw_api_keys_free(). It keeps what it needs of the store and the peppers. Threads:
 * `const aw_api_keys *` may be used from many at once. Fork: as the store's.
 */
typedef struct aw_api_keys aw_api_keys;

/**
 * Bytes made for the caller: a token, an exported key, a JSON document. A NUL follows them, not counted in the length,
 * so that text can be used as a C string.
 *
 * Ownership: yours; free it with aw_buffer_free(), which overwrites the bytes first. Threads: `const aw_buffer *` may
 * be read from many at once.
 */
typedef struct aw_buffer aw_buffer;

/**
 * Claims in the making: an object whose members are set one by one, with all escaping done. Setting a name again
 * replaces its value.
 *
 * Ownership: yours; free it with aw_claims_free(). Threads: use it from one thread at a time.
 */
typedef struct aw_claims aw_claims;

/**
 * Why a call failed: its status again, a message for people, and the claim, member, option or parameter at fault.
 *
 * A function with an `aw_error **` parameter sets it to NULL when it begins and to a new error when it fails; what was
 * there before is overwritten, not freed. Pass NULL if the status is enough.
 *
 * Ownership: yours; free it with aw_error_free(). Threads: `const aw_error *` may be read from many at once.
 */
typedef struct aw_error aw_error;

/**
 * The built-in HTTPS client: the connections of key sets and verifiers that were made with it. It follows no redirect,
 * sends nothing twice but a GET whose kept connection ended before an answer, and every wait of it has an end. Without
 * one, each key set makes its own with the default options.
 *
 * It opens a connection when one is needed, and a child process makes its own.
 *
 * Ownership: yours; free it with aw_http_client_free(). Key sets and verifiers keep what they need, so it may be freed
 * before them. Threads: `const aw_http_client *` may be used from many at once; they do not wait for each other.
 */
typedef struct aw_http_client aw_http_client;

/**
 * The verified payload and header of a JWS. Immutable.
 *
 * Ownership: yours; free it with aw_jws_free(). Threads: `const aw_jws *` may be used from many at once.
 */
typedef struct aw_jws aw_jws;

/**
 * A key: private, public or a secret. Checked once when it is made, immutable afterwards.
 *
 * Ownership: yours; free it with aw_key_free(), which wipes it once nothing made from it is left. Signers, verifiers
 * and key sets keep what they need, so a key may be freed before them. Threads: `const aw_key *` may be used from many
 * at once.
 */
typedef struct aw_key aw_key;

/**
 * A set of keys (JWKS) from which a verifier chooses by the token's `kid` and `alg`. All keys of a set must belong to
 * one issuer: each of them can sign for all. Immutable.
 *
 * Ownership: yours; free it with aw_keyset_free(). Verifiers keep what they need, so it may be freed before them.
 * Threads: `const aw_keyset *` may be used from many at once.
 */
typedef struct aw_keyset aw_keyset;

/**
 * A login that has begun: where to redirect the browser, and what to keep until it comes back. Immutable.
 *
 * What aw_oauth_client_finish_login() needs is kept in the browser by aw_login_cookie(), or by the program, as
 * aw_login_transaction() and bound to the browser's session.
 *
 * Ownership: yours; free it with aw_login_free(), which overwrites its texts first. Threads: `const aw_login *` may be
 * used from many at once.
 */
typedef struct aw_login aw_login;

/**
 * An OAuth 2.0 and OpenID Connect client: logs users in at one provider, refreshes and revokes their tokens, logs them
 * out. It does nothing by itself, and keeps nothing of a login: any process with the same options and seal keys can
 * finish a login that another began. What it remembers is the provider's metadata and keys.
 *
 *     aw_oauth_client_begin_login() -> aw_login -> the browser -> the provider -> the callback
 *         -> aw_oauth_client_finish_login() -> aw_tokens -> _userinfo(), _refresh(), _revoke(), _logout_url()
 *
 * Each call that talks to the provider is there twice: once blocking, with a time-out; and with `_operation` at the end
 * of its name for a program that sends the requests itself. The latter begins an aw_operation and does no I/O. Its
 * result is fetched with the function that its comment names.
 *
 * Ownership: yours; free it with aw_oauth_client_free(). Token managers and operations keep what they need, so it may be
 * freed before them. Threads: `const aw_oauth_client *` may be used from many at once, without a lock. Fork: a child
 * may go on using it.
 */
typedef struct aw_oauth_client aw_oauth_client;

/**
 * What talks to the outside, without doing so itself: a state machine that asks for one request at a time. A program
 * sends it with the HTTP client that it has, and hands back what came of it. In a loop, with a client that blocks:
 *
 *     uint64_t id, until, now;
 *     for (;;) {
 *         now = aw_now_ms();
 *         switch (aw_operation_step(operation, now, &id, &until)) {
 *         case AW_STEP_SEND: ... aw_operation_resume() or aw_operation_fail() ... break;
 *         case AW_STEP_WAIT: aw_operation_wait(operation, until - now); break;
 *         default: return aw_operation_token(operation, &token, &error);
 *         }
 *     }
 *
 * An event loop does the same: it steps when an answer is there, when the time to wait is over, and when the
 * function that it gave to aw_operation_notify() is called.
 *
 * No function of an operation does I/O, reads a clock or, but for aw_operation_wait(), blocks. The program must send
 * the request as it is, check certificates, follow no redirect, stop reading a body that is too long, and give up at
 * the request's deadline.
 *
 * Ownership: yours; free it with aw_operation_free(), which cancels what is not over. What it was begun with may be
 * freed before it. Threads: use it from one thread at a time, not always the same one. Fork: it belongs to the process
 * that began it.
 */
typedef struct aw_operation aw_operation;

/**
 * A token that waits for its signature, between aw_signer_prepare() and aw_signer_finish(). Immutable.
 *
 * Ownership: yours; free it with aw_prepared_free(). Threads: `const aw_prepared *` may be used from many at once.
 */
typedef struct aw_prepared aw_prepared;

/**
 * Where `get` and `list` put what they have found. It is there until the function returns, for the thread that was called.
 *
 * Ownership: the caller's of the function; do not free it. Threads: one at a time.
 */
typedef struct aw_record_sink aw_record_sink;

/**
 * The keys of one issuer, fetched from it when they are needed and kept up to date. It has state, which the verifiers
 * made with it share: one fetch serves all who wait for it, and between two fetches there is a cooldown, so that
 * forged tokens cannot make it flood the issuer. Keys stay usable while the issuer is out of reach. Nothing runs by
 * itself: no thread and no timer lives longer than a fetch.
 *
 * Ownership: yours; free it with aw_remote_keyset_free(). Verifiers keep what they need, so it may be freed before
 * them. Threads: `const aw_remote_keyset *` may be used from many at once. Fork: a child goes on with the keys that
 * were there, and abandons a fetch that its parent was making.
 */
typedef struct aw_remote_keyset aw_remote_keyset;

/**
 * Makes tokens with one key and one set of options. Immutable.
 *
 * Ownership: yours; free it with aw_signer_free(). Threads: `const aw_signer *` may be used from many at once.
 */
typedef struct aw_signer aw_signer;

/**
 * A place for records that several parts of a program share: in memory, in an SQLite file, on Redis, or where functions of
 * the program's own keep them. What fails with `AW_ERR_STORE_UNAVAILABLE` has changed nothing, and with
 * `AW_ERR_STORE_UNCERTAIN` perhaps; neither says anything about a key: answer with 503.
 *
 * Ownership: yours; free it with aw_store_free(). What was made with it keeps what it needs, so it may be freed before.
 * Threads: `const aw_store *` may be used from many at once.
 *
 * Fork: a child has a copy of what is in memory, or, if another thread was at it just then, `AW_ERR_STORE_FORKED` for
 * ever. It makes Redis connections of its own. It is refused, with the same, every SQLite file that its parent had open
 * at the fork, through this store and through any that it opens itself: the parent must not have it open at the fork.
 * If a thread of the parent was inside of SQLite just then, it is refused every file. Functions of the program's own
 * are called in the child as they are.
 */
typedef struct aw_store aw_store;

/**
 * A token that a verifier has accepted. Immutable.
 *
 * Strings read from it are UTF-8, end in a NUL, and live as long as the token.
 *
 * Ownership: yours; free it with aw_token_free(). Threads: `const aw_token *` may be used from many at once.
 */
typedef struct aw_token aw_token;

/**
 * Holds the tokens of one login, and renews them before they end. One thread refreshes, the others go on with tokens that
 * are still valid, or wait. New tokens are used once the program has kept them: a provider that rotates refresh tokens
 * takes the old one back, and a process that dies with the only copy of the new one has logged its user out. A refresh
 * token whose fate is unknown is not sent again: `AW_ERR_REFRESH_UNCERTAIN`.
 *
 * Ownership: yours; free it with aw_token_manager_free(). Threads: `const aw_token_manager *` may be used from many at
 * once. Fork: a child has the tokens that were there; of a refresh that its parent was making it knows nothing, and so
 * `AW_ERR_REFRESH_UNCERTAIN` is what it has when they are over. Two processes that refresh the same tokens revoke each
 * other's at a provider that rotates them: let one process do it, or keep them where all find the newest.
 */
typedef struct aw_token_manager aw_token_manager;

/**
 * The tokens of a login or a refresh, and what came with them. Immutable.
 *
 * The texts that its functions return are UTF-8, end in a NUL and live as long as the tokens. NULL stands for what is
 * not there; a text with a NUL inside counts as not there unless its length is read.
 *
 * Ownership: yours; free them with aw_tokens_free(), which overwrites them first. Threads: `const aw_tokens *` may be
 * used from many at once.
 */
typedef struct aw_tokens aw_tokens;

/**
 * A token that nobody has verified: anyone may have written it. A type of its own, so that it cannot pass for an
 * aw_token. Immutable.
 *
 * Ownership: yours; free it with aw_unverified_token_free(). Threads: `const aw_unverified_token *` may be used from
 * many at once.
 */
typedef struct aw_unverified_token aw_unverified_token;

/**
 * Who the user is, as the provider says, in one shape for all providers. Immutable. Only the subject identifies a user,
 * and only together with the provider: addresses and names change hands.
 *
 * The texts that its functions return are UTF-8, end in a NUL and live as long as the user. NULL stands for what the
 * provider does not say; a text with a NUL inside counts as not there unless its length is read.
 *
 * Ownership: yours; free it with aw_user_free(). Threads: `const aw_user *` may be used from many at once.
 */
typedef struct aw_user aw_user;

/**
 * Decides about tokens: the keys that may have signed them, and a policy. Make it once and use it for every token. Its
 * keys are fixed, or an issuer's that are fetched and kept up to date; that set of keys is all that changes.
 *
 * Ownership: yours; free it with aw_verifier_free(). Tokens may outlive it. Threads: `const aw_verifier *` may be used
 * from many at once, without a lock. Fork: a child may go on using it.
 */
typedef struct aw_verifier aw_verifier;

/**
 * Receives an event: a JSON object whose `event` is its name, such as "keys_refreshed", and whose other members say
 * more. New events and new members may come with any release. They hold no secret. The text ends in a NUL and is gone
 * when the function returns.
 */
typedef void (*aw_event_hook)(const char *json, size_t length, void *user);

/**
 * Keeps tokens that replace others where the next process finds them: in a database, say. Returns 0 when they are kept.
 * Any other number means that they are not, and becomes part of a message; they are handed over again by a call some
 * seconds later, before anything else. Those that were kept may come again, too: from a call that did not wait any
 * longer for the answer.
 * `tokens` belong to the caller and are gone when the function returns: aw_tokens_to_json() writes them.
 *
 * It is called on the thread that asked the manager for tokens, whichever that is; never on two threads at once for one
 * manager, not even after aw_token_manager_replace() or when it takes long. The others wait meanwhile, or go on with
 * tokens that are still valid. It must not unwind or jump out, nor ask the same manager for tokens, which would wait for
 * itself, perhaps for ever; it may call everything else. A child of a fork that happens meanwhile does not wait for its
 * parent: it may call the function at the same time as the parent does.
 */
typedef int (*aw_persist_hook)(const aw_tokens *tokens, void *user);

/** A header of an answer: two strings that end in a NUL. */
typedef struct {
  /** Its name, such as "Content-Type", in lower or upper case. */
  const char *name;
  /** Its value. */
  const char *value;
} aw_header;

/** The function that aw_operation_notify() is given. */
typedef void (*aw_wake)(void *user);

/**
 * A record of a store. Who fills one sets `size` to `sizeof(aw_record)`. What it points to belongs to who filled it, and
 * is read before the function that it is handed to returns.
 */
typedef struct {
  /** sizeof(aw_record). */
  size_t size;
  /** What it is found by: 1 to 256 visible ASCII characters and a NUL. Upper and lower case are two. */
  const char *key;
  /** Who writes has chosen it; below 2^53. A store keeps it, and compares. */
  uint64_t version;
  /**
   * UTF-8 text of at most 65536 bytes, which a store gives back byte for byte. It may have a NUL inside; one follows it.
   */
  const char *value;
  /** Its length in bytes, without the NUL behind it. */
  size_t value_length;
  /** By whom `list` finds it, as `key` is written; NULL: nobody. It stays the same while the record is there. */
  const char *owner;
  /** In milliseconds since 1970: from then on `sweep` may remove it, and not before. `AW_NEVER`: it does not end. */
  uint64_t expires_at;
} aw_record;

/**
 * A store that a program makes itself: five functions that each change one record or none, and two for the end.
 *
 * A store compares versions and keeps bytes. It reads no clock: a record that is over is found until it is swept. What
 * `put_if` has acknowledged must be found by whoever asks next, in every thread and process that shares the store, and
 * outlive the process as far as the store says that records do. aw_store_check() tries all of this out.
 *
 * The functions are called on the thread that made authwright's call, whichever that is, and from many at once, without
 * a lock held. They must not unwind or jump out; they may call authwright. They should return within `timeout_ms`, and
 * nothing interrupts them. The texts that they are handed end in a NUL and are gone when they return.
 *
 * Each returns `AW_STORE_DONE`, or why not. Of two that want to change one record at once, one must be `AW_STORE_REFUSED`.
 */
typedef struct {
  /** sizeof(aw_store_functions). */
  size_t size;
  /**
   * Hands the record with this key to aw_record_sink_add(), also one that is over. If there is none, `AW_STORE_DONE` is
   * all.
   */
  int (*get)(const char *key, uint64_t timeout_ms, aw_record_sink *found, void *user);
  /**
   * Keeps the record if what is there under its key has the version `expected`, or, with `AW_ABSENT`, if nothing is
   * there. Otherwise `AW_STORE_REFUSED`.
   */
  int (*put_if)(const aw_record *record, uint64_t expected, uint64_t timeout_ms, void *user);
  /** Removes the record with this key if it has this version. Otherwise `AW_STORE_REFUSED`. */
  int (*delete_if)(const char *key, uint64_t version, uint64_t timeout_ms, void *user);
  /**
   * Hands at most `limit` of the owner's records to aw_record_sink_add(), and to aw_record_sink_set_next() where the
   * next page begins, if there is more. `after` is such a text, or NULL for the first page. Who follows them to the end
   * has seen each record that was there all the time once, and none twice.
   */
  int (*list)(const char *owner, const char *after, size_t limit, uint64_t timeout_ms, aw_record_sink *page, void *user);
  /**
   * Removes at most `limit` records whose `expires_at` is before this time, in milliseconds since 1970, and sets
   * `removed` to their number: fewer than `limit` when there are no more, 0 where the store collects by itself.
   */
  int (*sweep)(uint64_t before, size_t limit, uint64_t timeout_ms, size_t *removed, void *user);
  /**
   * Gives up connections. Called by the first aw_store_close(); calls may be under way on other threads. May be NULL.
   */
  void (*close)(void *user);
  /**
   * Frees `user`. Called once, when the store and all that was made with it are freed: nothing is called after it. May
   * be NULL.
   */
  void (*free)(void *user);
} aw_store_functions;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The name of a status, such as "ERR_TOKEN_EXPIRED": the code that Python and Node show. "OK" for `AW_OK`, and
 * "ERR_UNKNOWN" for a number that this release does not know. The string lives as long as the program.
 */
const char *aw_status_name(int32_t status);

/** What a status means, in one English sentence for people. The string lives as long as the program. */
const char *aw_status_meaning(int32_t status);

/** The status that the failed call returned. `AW_OK` if `error` is NULL. */
aw_status aw_error_code(const aw_error *error);

/**
 * What went wrong, in English, for people: the wording is not part of the API. It never holds secrets, key material
 * or whole tokens. Lives as long as the error; never NULL ("" if `error` is NULL).
 */
const char *aw_error_message(const aw_error *error);

/**
 * The claim, header member, option or parameter at fault. Lives as long as the error; NULL where none can be named,
 * or if `error` is NULL.
 */
const char *aw_error_field(const aw_error *error);

/**
 * The error that led to this one, such as the failed request behind `AW_ERR_KEYS_NEEDED`. It belongs to `error` and
 * lives as long as that: do not free it. NULL if there is none, or if `error` is NULL.
 */
const aw_error *aw_error_cause(const aw_error *error);

/**
 * The HTTP status of the server's answer that led to this error. 0 where no answer did, or if `error` is NULL. Look at
 * the causes too: `AW_ERR_KEYS_NEEDED` has none itself.
 */
uint32_t aw_error_http_status(const aw_error *error);

/**
 * The `error` member of the server's answer (RFC 6749 section 5.2), as the server wrote it: not to be trusted. Lives
 * as long as the error; NULL if there is none, or if `error` is NULL.
 */
const char *aw_error_provider_error(const aw_error *error);

/** The `error_description` member of the server's answer. The rest is as for aw_error_provider_error(). */
const char *aw_error_provider_error_description(const aw_error *error);

/** Frees an error. NULL is fine. */
void aw_error_free(aw_error *error);

/**
 * Sets the program's event hook, the only state that the whole process shares. It is called on the threads that make
 * authwright's calls and on those that it fetches on in the background, on several at once, so it must be safe for
 * that; it should be quick, must not unwind or jump out, and may call authwright.
 *
 * @param hook  NULL: none, as it is in the beginning. A call of the one before may still be under way on another
 *              thread.
 * @param user  Handed to the hook.
 */
void aw_set_event_hook(aw_event_hook hook, void *user);

/** The bytes, followed by a NUL. They live as long as the buffer. NULL if `buffer` is NULL. */
const char *aw_buffer_data(const aw_buffer *buffer);

/** The number of bytes, without the NUL. 0 if `buffer` is NULL. */
size_t aw_buffer_length(const aw_buffer *buffer);

/** Overwrites the bytes with zeros and frees the buffer. NULL is fine. */
void aw_buffer_free(aw_buffer *buffer);

/**
 * Generates a key.
 *
 * @param algorithm  What the key is for: "ES256", "EdDSA", "RS256", "HS256" and so on.
 * @param kid        Its key id. NULL: the thumbprint for an asymmetric key, none for a secret.
 * @param bits       RSA only: 2048, 3072 or 4096. 0 means 2048 for RSA, and is the only choice for the others.
 * @param key        Set to the new key; free it with aw_key_free().
 */
AW_MUST_USE
aw_status aw_key_generate(const char *algorithm,
                          const char *kid,
                          uint32_t bits,
                          aw_key **key,
                          aw_error **error);

/**
 * Reads a key from PEM: PKCS#8 (also encrypted), PKCS#1, SEC1, a public key, or an X.509 certificate, whose dates and
 * issuer are not checked.
 *
 * @param algorithm  The one algorithm that the key is for, or NULL: every one that fits its type.
 * @param kid        Its key id, or NULL for none.
 * @param password   What decrypts it, with its length; NULL and 0 if it is not encrypted.
 * @param key        Set to the new key; free it with aw_key_free().
 */
AW_MUST_USE
aw_status aw_key_from_pem(const char *pem,
                          size_t length,
                          const char *algorithm,
                          const char *kid,
                          const void *password,
                          size_t password_length,
                          aw_key **key,
                          aw_error **error);

/**
 * Reads a key from DER: the same forms as aw_key_from_pem(), told apart by their structure. `length` counts bytes;
 * `AW_NUL` is of no use here.
 *
 * @param algorithm  The one algorithm that the key is for, or NULL: every one that fits its type.
 * @param kid        Its key id, or NULL for none.
 * @param password   What decrypts it, with its length; NULL and 0 if it is not encrypted.
 * @param key        Set to the new key; free it with aw_key_free().
 */
AW_MUST_USE
aw_status aw_key_from_der(const void *der,
                          size_t length,
                          const char *algorithm,
                          const char *kid,
                          const void *password,
                          size_t password_length,
                          aw_key **key,
                          aw_error **error);

/**
 * Reads a key from a JWK, the JSON form of RFC 7517: private, public or a secret.
 *
 * @param key  Set to the new key; free it with aw_key_free().
 */
AW_MUST_USE aw_status aw_key_from_jwk(const char *json, size_t length, aw_key **key, aw_error **error);

/**
 * Makes a key from the bytes of a shared secret. The bytes are copied; they are not decoded from base64 or hex.
 *
 * @param algorithm  "HS256", "HS384" or "HS512", or NULL: every one that the secret is long enough for.
 * @param kid        Its key id, or NULL for none.
 * @param key        Set to the new key; free it with aw_key_free().
 */
AW_MUST_USE
aw_status aw_key_from_secret(const void *secret,
                             size_t length,
                             const char *algorithm,
                             const char *kid,
                             aw_key **key,
                             aw_error **error);

/**
 * The public half of a key pair, as a key of its own. `AW_ERR_KEY_MISMATCH` for a secret, which has none.
 *
 * @param public_key  Set to the new key; free it with aw_key_free().
 */
AW_MUST_USE aw_status aw_key_public_key(const aw_key *key, aw_key **public_key, aw_error **error);

/**
 * Exports a key as a JWK.
 *
 * @param include_private  false: the public parts only, which a secret does not have. true: the private parts too.
 * @param jwk              Set to the JSON text; free it with aw_buffer_free().
 */
AW_MUST_USE aw_status aw_key_to_jwk(const aw_key *key, bool include_private, aw_buffer **jwk, aw_error **error);

/**
 * Exports a key as PEM: a public key (SPKI), or with `include_private` an unencrypted PKCS#8 private key.
 *
 * @param pem  Set to the PEM text; free it with aw_buffer_free().
 */
AW_MUST_USE aw_status aw_key_to_pem(const aw_key *key, bool include_private, aw_buffer **pem, aw_error **error);

/**
 * Exports a key as DER: a public key (SPKI), or with `include_private` an unencrypted PKCS#8 private key.
 *
 * @param der  Set to the bytes; free it with aw_buffer_free().
 */
AW_MUST_USE aw_status aw_key_to_der(const aw_key *key, bool include_private, aw_buffer **der, aw_error **error);

/**
 * The key's SHA-256 thumbprint (RFC 7638) in base64url, the same for a private key and its public half.
 *
 * @param thumbprint  Set to the text; free it with aw_buffer_free().
 */
AW_MUST_USE aw_status aw_key_thumbprint(const aw_key *key, aw_buffer **thumbprint, aw_error **error);

/**
 * The key id. Lives as long as the key; NULL if it has none. A NUL follows the text.
 *
 * @param length  Set to its length in bytes. May be NULL; then a key id with a NUL inside counts as none.
 */
const char *aw_key_kid(const aw_key *key, size_t *length);

/**
 * The one algorithm that the key is for, such as "ES256". The string lives as long as the program. NULL if the key may
 * be used with every algorithm that fits its type, or if `key` is NULL.
 */
const char *aw_key_algorithm(const aw_key *key);

/** Whether the key can sign: true for private keys and secrets. false if `key` is NULL. */
bool aw_key_is_private(const aw_key *key);

/** Frees a key. NULL is fine. */
void aw_key_free(aw_key *key);

/**
 * Makes a set of keys.
 *
 * @param keys   An array of `count` keys, declared as `const aw_key *keys[]`. They stay yours. NULL if `count` is 0.
 * @param count  How many there are.
 * @param set    Set to the new key set; free it with aw_keyset_free().
 */
AW_MUST_USE aw_status aw_keyset_new(const aw_key *const *keys, size_t count, aw_keyset **set, aw_error **error);

/**
 * Reads a key set from JSON (RFC 7517 section 5), such as an issuer's jwks_uri serves. Members that are of no use (an
 * unknown type, a broken or weak key) do not fail the set; aw_keyset_rejected() tells why they were left out.
 *
 * @param set  Set to the new key set; free it with aw_keyset_free().
 */
AW_MUST_USE aw_status aw_keyset_from_json(const char *json, size_t length, aw_keyset **set, aw_error **error);

/**
 * Writes a key set as JSON, ready to be served: public parts only, and no secrets.
 *
 * @param json  Set to the JSON text; free it with aw_buffer_free().
 */
AW_MUST_USE aw_status aw_keyset_to_json(const aw_keyset *set, aw_buffer **json, aw_error **error);

/** How many keys the set holds. 0 if `set` is NULL. */
size_t aw_keyset_len(const aw_keyset *set);

/**
 * One key of the set.
 *
 * @param index  From 0 to aw_keyset_len() - 1.
 * @param key    Set to the key, which outlives the set; free it with aw_key_free().
 */
AW_MUST_USE aw_status aw_keyset_get(const aw_keyset *set, size_t index, aw_key **key, aw_error **error);

/** How many members of the JSON were left out of the set. 0 if `set` is NULL. */
size_t aw_keyset_rejected_len(const aw_keyset *set);

/**
 * Why a member of the JSON was left out of the set: returns that member's own status, never `AW_OK`.
 *
 * @param index  From 0 to aw_keyset_rejected_len() - 1; `AW_ERR_INVALID_ARGUMENT` beyond.
 * @param error  Set to the reason, if not NULL; free it with aw_error_free().
 */
aw_status aw_keyset_rejected(const aw_keyset *set, size_t index, aw_error **error);

/** Frees a key set. NULL is fine. */
void aw_keyset_free(aw_keyset *set);

/**
 * Begins with no claims.
 *
 * @param claims  Set to the new claims; free them with aw_claims_free().
 */
AW_MUST_USE aw_status aw_claims_new(aw_claims **claims, aw_error **error);

/** Sets a claim to a string: UTF-8 text, of any content. */
AW_MUST_USE
aw_status aw_claims_set_string(aw_claims *claims,
                               const char *name,
                               const char *value,
                               size_t length,
                               aw_error **error);

/**
 * Sets a claim to an array of strings.
 *
 * @param values  An array of `count` NUL-terminated strings, declared as `const char *values[]`. NULL if `count` is 0.
 * @param count   How many there are.
 */
AW_MUST_USE
aw_status aw_claims_set_strings(aw_claims *claims,
                                const char *name,
                                const char *const *values,
                                size_t count,
                                aw_error **error);

/** Sets a claim to an integer, such as a time in seconds since 1970. */
AW_MUST_USE aw_status aw_claims_set_int(aw_claims *claims, const char *name, int64_t value, aw_error **error);

/** Sets a claim to a number. JSON has no infinities and no NaN: they are `AW_ERR_INVALID_ARGUMENT`. */
AW_MUST_USE aw_status aw_claims_set_double(aw_claims *claims, const char *name, double value, aw_error **error);

/** Sets a claim to true or false. */
AW_MUST_USE aw_status aw_claims_set_bool(aw_claims *claims, const char *name, bool value, aw_error **error);

/** Sets a claim to null. */
AW_MUST_USE aw_status aw_claims_set_null(aw_claims *claims, const char *name, aw_error **error);

/** Sets a claim to a value given as JSON text: exactly one value, such as an array or an object. */
AW_MUST_USE
aw_status aw_claims_set_json(aw_claims *claims,
                             const char *name,
                             const char *json,
                             size_t length,
                             aw_error **error);

/**
 * Writes the claims as JSON, for aw_signer_sign_at(), for aw_signer_prepare() or to look at.
 *
 * @param json  Set to the JSON text; free it with aw_buffer_free().
 */
AW_MUST_USE aw_status aw_claims_to_json(const aw_claims *claims, aw_buffer **json, aw_error **error);

/** Frees claims. NULL is fine. */
void aw_claims_free(aw_claims *claims);

/**
 * Makes a signer.
 *
 * @param key      The key; it stays yours. A public key will do for aw_signer_prepare() and aw_signer_finish().
 * @param options  A JSON object with any of "algorithm", "issuer", "audience", "subject", "lifetime" (seconds), "typ",
 *                 "headers", "jwt_id", or NULL for none. An unknown member is an error.
 * @param signer   Set to the new signer; free it with aw_signer_free().
 */
AW_MUST_USE
aw_status aw_signer_new(const aw_key *key,
                        const char *options,
                        size_t options_length,
                        aw_signer **signer,
                        aw_error **error);

/**
 * Signs claims, at the system's time.
 *
 * @param claims  The claims as JSON text: one object.
 * @param token   Set to the token; free it with aw_buffer_free().
 */
AW_MUST_USE
aw_status aw_signer_sign(const aw_signer *signer,
                         const char *claims,
                         size_t length,
                         aw_buffer **token,
                         aw_error **error);

/**
 * Signs claims as if it were `now`, in seconds since 1970.
 *
 * @param claims  The claims as JSON text: one object.
 * @param token   Set to the token; free it with aw_buffer_free().
 */
AW_MUST_USE
aw_status aw_signer_sign_at(const aw_signer *signer,
                            const char *claims,
                            size_t length,
                            int64_t now,
                            aw_buffer **token,
                            aw_error **error);

/**
 * Signs claims that were put together with aw_claims_new() and its setters, at the system's time.
 *
 * @param claims  They stay yours and may be changed and signed again.
 * @param token   Set to the token; free it with aw_buffer_free().
 */
AW_MUST_USE
aw_status aw_signer_sign_claims(const aw_signer *signer,
                                const aw_claims *claims,
                                aw_buffer **token,
                                aw_error **error);

/**
 * The first of two steps to sign with a key that is elsewhere, in a KMS or an HSM: checks the claims and gives the
 * bytes to sign, at the system's time.
 *
 * @param claims    The claims as JSON text: one object.
 * @param prepared  Set to the prepared token; free it with aw_prepared_free().
 */
AW_MUST_USE
aw_status aw_signer_prepare(const aw_signer *signer,
                            const char *claims,
                            size_t length,
                            aw_prepared **prepared,
                            aw_error **error);

/**
 * As aw_signer_prepare(), as if it were `now`, in seconds since 1970.
 *
 * @param claims    The claims as JSON text: one object.
 * @param prepared  Set to the prepared token; free it with aw_prepared_free().
 */
AW_MUST_USE
aw_status aw_signer_prepare_at(const aw_signer *signer,
                               const char *claims,
                               size_t length,
                               int64_t now,
                               aw_prepared **prepared,
                               aw_error **error);

/**
 * The second step: checks the signature with the signer's key and puts the token together.
 * `AW_ERR_SIGNATURE_INVALID` if it does not fit.
 *
 * @param prepared   It stays yours.
 * @param signature  The signature over aw_prepared_signing_input().
 * @param format     `AW_SIGNATURE_RAW` or `AW_SIGNATURE_DER`.
 * @param token      Set to the token; free it with aw_buffer_free().
 */
AW_MUST_USE
aw_status aw_signer_finish(const aw_signer *signer,
                           const aw_prepared *prepared,
                           const void *signature,
                           size_t signature_length,
                           uint32_t format,
                           aw_buffer **token,
                           aw_error **error);

/** Frees a signer. NULL is fine. */
void aw_signer_free(aw_signer *signer);

/**
 * The bytes to sign: ASCII text, followed by a NUL. They live as long as `prepared`. NULL if `prepared` is NULL.
 *
 * @param length  Set to their number, without the NUL. May be NULL.
 */
const char *aw_prepared_signing_input(const aw_prepared *prepared, size_t *length);

/** The algorithm to sign with, such as "ES256". The string lives as long as the program. NULL if `prepared` is NULL. */
const char *aw_prepared_algorithm(const aw_prepared *prepared);

/** Frees a prepared token. NULL is fine. */
void aw_prepared_free(aw_prepared *prepared);

/**
 * Makes a client. `AW_ERR_TRANSPORT_UNSUPPORTED` in a library that was built without it.
 *
 * @param options  A JSON object, see the top of this header; "{}" for the defaults.
 * @param client   Set to the new client; free it with aw_http_client_free().
 */
AW_MUST_USE aw_status aw_http_client_new(const char *options, size_t length, aw_http_client **client, aw_error **error);

/**
 * Closes the client's idle connections and refuses to send anything more: what would fetch with it fails with
 * `AW_ERR_CLOSED`, or with that as the cause. Requests that are under way come to their own end. Keys at hand stay
 * usable. NULL is fine.
 */
void aw_http_client_close(const aw_http_client *client);

/** Frees a client. NULL is fine. It is not closed by that: what was made with it goes on using it. */
void aw_http_client_free(aw_http_client *client);

/**
 * Makes a set that has not fetched anything: an issuer that is down is no error here.
 *
 * @param options  A JSON object, see the top of this header: "issuer" or "jwks_uri" must be there.
 * @param client   What the blocking calls fetch with; it stays yours. NULL: one of the set's own, with the default
 *                 options. Of no use to a program that only drives operations itself.
 * @param set      Set to the new set; free it with aw_remote_keyset_free().
 */
AW_MUST_USE
aw_status aw_remote_keyset_new(const char *options,
                               size_t length,
                               const aw_http_client *client,
                               aw_remote_keyset **set,
                               aw_error **error);

/**
 * Fetches the keys, or waits for who is fetching them. Blocks. Within the cooldown of an earlier fetch it is
 * `AW_ERR_KEYS_NEEDED`.
 *
 * @param timeout_ms  How long it may take at most, in milliseconds; over is `AW_ERR_DEADLINE`.
 */
AW_MUST_USE aw_status aw_remote_keyset_refresh(const aw_remote_keyset *set, uint64_t timeout_ms, aw_error **error);

/**
 * The keys at hand, as a set that does not change any more. Does no I/O; `AW_ERR_KEYS_NEEDED` if there are none, or
 * their time is over.
 *
 * @param keys  Set to the keys; free them with aw_keyset_free().
 */
AW_MUST_USE aw_status aw_remote_keyset_key_set(const aw_remote_keyset *set, aw_keyset **keys, aw_error **error);

/**
 * The issuer, as it was configured. Lives as long as the set; NULL if the options named only a "jwks_uri", or if `set`
 * is NULL.
 */
const char *aw_remote_keyset_issuer(const aw_remote_keyset *set);

/**
 * Writes the keys at hand and their times as a sealed text, so that the next process starts with them. It is
 * encrypted, and bound to the issuer and the URLs of the options. `AW_ERR_KEYS_NEEDED` if there are no keys.
 *
 * @param key    A secret of at least 32 bytes, which all of the program's processes have; it stays yours.
 * @param state  Set to the text; free it with aw_buffer_free().
 */
AW_MUST_USE
aw_status aw_remote_keyset_export_state(const aw_remote_keyset *set,
                                        const aw_key *key,
                                        aw_buffer **state,
                                        aw_error **error);

/**
 * Takes over an exported state, unless the keys at hand are newer. The keys are as old as they were.
 * `AW_ERR_STATE_INVALID` if no key opens it, or it belongs to another issuer or URL: the set is as it was then, and
 * fetches when keys are needed.
 *
 * @param state  What aw_remote_keyset_export_state() wrote.
 * @param keys   An array of `count` secrets, declared as `const aw_key *keys[]`, the newest first. They stay yours.
 */
AW_MUST_USE
aw_status aw_remote_keyset_import_state(const aw_remote_keyset *set,
                                        const char *state,
                                        size_t length,
                                        const aw_key *const *keys,
                                        size_t count,
                                        aw_error **error);

/**
 * Begins an operation that fetches the keys, or waits for who is fetching them, for a program that sends the request
 * itself: see aw_operation. Its deadline is a little more than twice the "timeout" of the options. Does no I/O.
 *
 * @param now_ms     The time in milliseconds since 1970, as aw_now_ms() tells it.
 * @param operation  Set to the new operation; free it with aw_operation_free().
 */
AW_MUST_USE
aw_status aw_remote_keyset_begin_refresh(const aw_remote_keyset *set,
                                         uint64_t now_ms,
                                         aw_operation **operation,
                                         aw_error **error);

/**
 * Begins the fetch that is due although the keys at hand still serve, so that nobody will have to wait for it. Ask
 * after each verification, or now and then, and drive it beside your other work. Does no I/O.
 *
 * @param now_ms     The time in milliseconds since 1970, as aw_now_ms() tells it.
 * @param operation  Set to the new operation, or to NULL if nothing is due or somebody is at it already.
 */
AW_MUST_USE
aw_status aw_remote_keyset_begin_refresh_ahead(const aw_remote_keyset *set,
                                               uint64_t now_ms,
                                               aw_operation **operation,
                                               aw_error **error);

/**
 * Fetches no more: what needs keys that are not there fails with `AW_ERR_CLOSED`. Closes the set's own client; one
 * that was passed in stays open. Fetches that are under way come to their own end. NULL is fine.
 */
void aw_remote_keyset_close(const aw_remote_keyset *set);

/** Frees a remote key set. NULL is fine. */
void aw_remote_keyset_free(aw_remote_keyset *set);

/**
 * Makes a verifier that chooses from a set of keys.
 *
 * @param keys      The keys of the issuer; they stay yours.
 * @param policy    What a token must satisfy, as a JSON object: "issuer", "audience", "algorithms", "required",
 *                  "claims", "leeway" and so on. An unknown member is an error. NULL is one too: "{}" is the policy
 *                  that expects nothing beyond the strict defaults.
 * @param verifier  Set to the new verifier; free it with aw_verifier_free().
 */
AW_MUST_USE
aw_status aw_verifier_new(const aw_keyset *keys,
                          const char *policy,
                          size_t policy_length,
                          aw_verifier **verifier,
                          aw_error **error);

/**
 * Makes a verifier with one key, which is used whatever `kid` a token names.
 *
 * @param key       The key; it stays yours.
 * @param policy    As for aw_verifier_new().
 * @param verifier  Set to the new verifier; free it with aw_verifier_free().
 */
AW_MUST_USE
aw_status aw_verifier_new_with_key(const aw_key *key,
                                   const char *policy,
                                   size_t policy_length,
                                   aw_verifier **verifier,
                                   aw_error **error);

/**
 * Makes a verifier of nothing but an issuer's URL: its metadata (OpenID Connect Discovery, RFC 8414) and its keys are
 * fetched when the first token comes, so an issuer that is down is no error here. Settings beyond these: see
 * aw_verifier_new_remote().
 *
 * @param issuer    The issuer, exactly as it writes itself in "iss": https, or http to a loopback address.
 * @param policy    As for aw_verifier_new(). Its "issuer" may be left out.
 * @param client    What aw_verifier_verify_fetching() fetches with; it stays yours. NULL: one of the verifier's own,
 *                  with the default options.
 * @param verifier  Set to the new verifier; free it with aw_verifier_free().
 */
AW_MUST_USE
aw_status aw_verifier_discover(const char *issuer,
                               size_t issuer_length,
                               const char *policy,
                               size_t policy_length,
                               const aw_http_client *client,
                               aw_verifier **verifier,
                               aw_error **error);

/**
 * Makes a verifier with the keys of an issuer, which several verifiers may share.
 *
 * @param set       The issuer's keys; they stay yours.
 * @param policy    As for aw_verifier_new(). Its "issuer" may be left out, and must not be another than that of the
 *                  set.
 * @param verifier  Set to the new verifier; free it with aw_verifier_free().
 */
AW_MUST_USE
aw_status aw_verifier_new_remote(const aw_remote_keyset *set,
                                 const char *policy,
                                 size_t policy_length,
                                 aw_verifier **verifier,
                                 aw_error **error);

/**
 * Verifies a token, at the system's time. `AW_OK` means that everything holds: signature, times and the whole policy.
 * Any other status means that the token must not be used, and `*token` is NULL. Does no I/O: with an issuer's keys,
 * `AW_ERR_KEYS_NEEDED` says that the one for this token is not here, and nothing about the token.
 *
 * @param text    The token, as it was received: any bytes.
 * @param length  Its length in bytes, or `AW_NUL`.
 * @param token   Set to the verified token; free it with aw_token_free().
 */
AW_MUST_USE
aw_status aw_verifier_verify(const aw_verifier *verifier,
                             const char *text,
                             size_t length,
                             aw_token **token,
                             aw_error **error);

/**
 * Verifies a token as if it were `now`, in seconds since 1970.
 *
 * @param text    The token, as it was received: any bytes.
 * @param length  Its length in bytes, or `AW_NUL`.
 * @param token   Set to the verified token; free it with aw_token_free().
 */
AW_MUST_USE
aw_status aw_verifier_verify_at(const aw_verifier *verifier,
                                const char *text,
                                size_t length,
                                int64_t now,
                                aw_token **token,
                                aw_error **error);

/**
 * Verifies a token, and fetches the issuer's keys first if they are needed: at most once, and once for all who wait
 * for them. Blocks meanwhile. After a success, a fetch that is due although the keys at hand still serve is made in
 * the background, on a thread that ends with it. With fixed keys it is aw_verifier_verify().
 *
 * `AW_ERR_KEYS_NEEDED` says that the issuer could not be asked, or not again so soon: answer with 503 rather than 401.
 * Its cause, if it has one, is the error of the fetch.
 *
 * @param text        The token, as it was received: any bytes.
 * @param length      Its length in bytes, or `AW_NUL`.
 * @param timeout_ms  How long it may take at most, in milliseconds: 10000 is a good choice. Over is `AW_ERR_DEADLINE`.
 * @param token       Set to the verified token; free it with aw_token_free().
 */
AW_MUST_USE
aw_status aw_verifier_verify_fetching(const aw_verifier *verifier,
                                      const char *text,
                                      size_t length,
                                      uint64_t timeout_ms,
                                      aw_token **token,
                                      aw_error **error);

/**
 * Begins the operation that verifies a token, and fetches the issuer's keys first if they are needed, for a program
 * that sends the request itself: see aw_operation. Does no I/O. Afterwards aw_remote_keyset_begin_refresh_ahead()
 * tells whether a fetch is due.
 *
 * @param text        The token, as it was received: any bytes.
 * @param length      Its length in bytes, or `AW_NUL`.
 * @param now_ms      The time in milliseconds since 1970, as aw_now_ms() tells it.
 * @param timeout_ms  How long it may take at most, in milliseconds.
 * @param operation   Set to the new operation; free it with aw_operation_free().
 */
AW_MUST_USE
aw_status aw_verifier_begin(const aw_verifier *verifier,
                            const char *text,
                            size_t length,
                            uint64_t now_ms,
                            uint64_t timeout_ms,
                            aw_operation **operation,
                            aw_error **error);

/**
 * The issuer's keys that a verifier uses: the same set, to be refreshed, exported or closed.
 * `AW_ERR_INVALID_ARGUMENT` if the verifier's keys are fixed.
 *
 * @param set  Set to the set, which outlives the verifier; free it with aw_remote_keyset_free().
 */
AW_MUST_USE aw_status aw_verifier_remote_keys(const aw_verifier *verifier, aw_remote_keyset **set, aw_error **error);

/** Frees a verifier. NULL is fine. */
void aw_verifier_free(aw_verifier *verifier);

/**
 * All claims as JSON text: one object, exactly as it was signed. Its members' names are unique. NULL if `token` is
 * NULL.
 *
 * @param length  Set to the length in bytes, without the NUL. May be NULL.
 */
const char *aw_token_claims_json(const aw_token *token, size_t *length);

/**
 * The header as JSON text: one object, exactly as it was signed. NULL if `token` is NULL.
 *
 * @param length  Set to the length in bytes, without the NUL. May be NULL.
 */
const char *aw_token_header_json(const aw_token *token, size_t *length);

/**
 * Reads a claim that is a string. `AW_ERR_CLAIM_MISSING` if it is absent, `AW_ERR_CLAIM_TYPE` if it is something else.
 *
 * @param name    The claim's name, such as "sub".
 * @param value   Set to the text with its escapes resolved; it lives as long as the token.
 * @param length  Set to its length in bytes. May be NULL; then a text with a NUL inside is `AW_ERR_CLAIM_TYPE`, because
 *                it would look shorter than it is.
 */
AW_MUST_USE
aw_status aw_token_get_string(const aw_token *token,
                              const char *name,
                              const char **value,
                              size_t *length,
                              aw_error **error);

/**
 * Reads one string of a claim that is an array of strings, such as "aud" or "groups". A claim that is a string itself
 * is read as an array of one. `AW_ERR_CLAIM_MISSING` if the claim is absent or has no element `index`: count up from 0
 * until then.
 *
 * @param name    The claim's name.
 * @param index   Which element, from 0.
 * @param value   Set to the text with its escapes resolved; it lives as long as the token.
 * @param length  As for aw_token_get_string().
 */
AW_MUST_USE
aw_status aw_token_get_string_at(const aw_token *token,
                                 const char *name,
                                 size_t index,
                                 const char **value,
                                 size_t *length,
                                 aw_error **error);

/**
 * Reads a claim that is an integer. One written with a fraction or exponent, or beyond 64 bits, is
 * `AW_ERR_CLAIM_TYPE`: times may be such numbers, so read them with aw_token_get_double().
 *
 * @param name   The claim's name.
 * @param value  Set to the integer; 0 on failure.
 */
AW_MUST_USE aw_status aw_token_get_int(const aw_token *token, const char *name, int64_t *value, aw_error **error);

/**
 * Reads a claim that is a number, as the nearest double: always finite.
 *
 * @param name   The claim's name, such as "exp".
 * @param value  Set to the number; 0 on failure.
 */
AW_MUST_USE aw_status aw_token_get_double(const aw_token *token, const char *name, double *value, aw_error **error);

/**
 * Reads a claim that is true or false.
 *
 * @param name   The claim's name.
 * @param value  Set to it; false on failure.
 */
AW_MUST_USE aw_status aw_token_get_bool(const aw_token *token, const char *name, bool *value, aw_error **error);

/**
 * Reads a claim of any type as its JSON text, as it was signed.
 *
 * @param name    The claim's name.
 * @param json    Set to the JSON text; it lives as long as the token.
 * @param length  Set to its length in bytes. May be NULL: JSON text never has a NUL inside.
 */
AW_MUST_USE
aw_status aw_token_get_json(const aw_token *token,
                            const char *name,
                            const char **json,
                            size_t *length,
                            aw_error **error);

/** Frees a token and every string read from it. NULL is fine. */
void aw_token_free(aw_token *token);

/**
 * Decodes a token without checking its signature, its times or anything else about it. For logs and debugging, and to
 * look at the issuer before choosing a verifier; never to decide who is calling.
 *
 * @param text   The token: any bytes.
 * @param token  Set to what it says; free it with aw_unverified_token_free().
 */
AW_MUST_USE
aw_status aw_dangerous_decode(const char *text,
                              size_t length,
                              aw_unverified_token **token,
                              aw_error **error);

/**
 * The claims that nobody has verified, as JSON text. It lives as long as `token`. NULL if `token` is NULL.
 *
 * @param length  Set to the length in bytes, without the NUL. May be NULL.
 */
const char *aw_unverified_token_claims_json(const aw_unverified_token *token, size_t *length);

/**
 * The header that nobody has verified, as JSON text. It lives as long as `token`. NULL if `token` is NULL.
 *
 * @param length  Set to the length in bytes, without the NUL. May be NULL.
 */
const char *aw_unverified_token_header_json(const aw_unverified_token *token, size_t *length);

/**
 * Reads a claim that is a string and that nobody has verified, as aw_token_get_string() does.
 *
 * @param name    The claim's name, such as "iss".
 * @param value   Set to the text; it lives as long as `token`.
 * @param length  As for aw_token_get_string().
 */
AW_MUST_USE
aw_status aw_unverified_token_get_string(const aw_unverified_token *token,
                                         const char *name,
                                         const char **value,
                                         size_t *length,
                                         aw_error **error);

/** Frees a decoded token and every string read from it. NULL is fine. */
void aw_unverified_token_free(aw_unverified_token *token);

/**
 * Makes a client. Nothing is fetched yet: a provider that is down is no error here.
 *
 * @param options         A JSON object, see the top of this header: "issuer" or "provider" or endpoints, "client_id",
 *                        "redirect_uri" and so on.
 * @param seal_keys       An array of `seal_key_count` secrets of at least 32 bytes, declared as
 *                        `const aw_key *keys[]`, that logins are sealed with: the newest first, the others still open
 *                        logins that are under way. All processes of a site have the same. They stay yours. NULL with
 *                        count 0 for a client that logs nobody in.
 * @param client_key      The private key that the client authenticates with (private_key_jwt, Apple); it stays yours.
 *                        NULL: none.
 * @param http            What the blocking calls send with; it stays yours. NULL: one of the client's own, with the
 *                        default options. Of no use to a program that only drives operations itself.
 * @param client          Set to the new client; free it with aw_oauth_client_free().
 */
AW_MUST_USE
aw_status aw_oauth_client_new(const char *options,
                              size_t options_length,
                              const aw_key *const *seal_keys,
                              size_t seal_key_count,
                              const aw_key *client_key,
                              const aw_http_client *http,
                              aw_oauth_client **client,
                              aw_error **error);

/**
 * The issuer, as it was configured or as the provider's profile says. Lives as long as the client; NULL if there is
 * none, or if `client` is NULL.
 */
const char *aw_oauth_client_issuer(const aw_oauth_client *client);

/** The client's registered name. Lives as long as the client; NULL if `client` is NULL. */
const char *aw_oauth_client_client_id(const aw_oauth_client *client);

/**
 * The provider's keys and metadata that a client uses: the same set, to be refreshed, exported or closed.
 * `AW_ERR_INVALID_ARGUMENT` if the provider has none.
 *
 * @param set  Set to the set, which outlives the client; free it with aw_remote_keyset_free().
 */
AW_MUST_USE
aw_status aw_oauth_client_remote_keys(const aw_oauth_client *client,
                                      aw_remote_keyset **set,
                                      aw_error **error);

/**
 * Begins a login: the next page is a redirect to aw_login_url(), with aw_login_cookie() and the stale cookies as
 * `Set-Cookie` headers. Blocks if the provider's metadata has to be asked for.
 *
 * @param options     A JSON object, see the top of this header: "scope", "return_to" and so on. NULL: the defaults.
 * @param cookies     The `Cookie` header of the request, which tells what old logins to forget. NULL: there is none.
 * @param timeout_ms  How long it may take at most, in milliseconds; over is `AW_ERR_DEADLINE`.
 * @param login       Set to the login; free it with aw_login_free().
 */
AW_MUST_USE
aw_status aw_oauth_client_begin_login(const aw_oauth_client *client,
                                      const char *options,
                                      size_t options_length,
                                      const char *cookies,
                                      size_t cookies_length,
                                      uint64_t timeout_ms,
                                      aw_login **login,
                                      aw_error **error);

/**
 * Begins the operation that begins a login; the parameters are those of aw_oauth_client_begin_login().
 * aw_operation_login() tells what it ended with. Does no I/O.
 *
 * @param now_ms      The time in milliseconds since 1970, as aw_now_ms() tells it.
 * @param timeout_ms  How long it may take at most, in milliseconds.
 * @param operation   Set to the new operation; free it with aw_operation_free().
 */
AW_MUST_USE
aw_status aw_oauth_client_begin_login_operation(const aw_oauth_client *client,
                                                const char *options,
                                                size_t options_length,
                                                const char *cookies,
                                                size_t cookies_length,
                                                uint64_t now_ms,
                                                uint64_t timeout_ms,
                                                aw_operation **operation,
                                                aw_error **error);

/**
 * Ends a login: checks the callback, exchanges its code, verifies the ID token. The code is sent once, whatever comes of
 * it: a login that failed is begun anew. Of `transaction` and `cookies` one is given, and not both.
 *
 * @param transaction  The login's aw_login_transaction(), which the program kept. NULL: it is in the cookies.
 * @param cookies      The `Cookie` header of the request that the callback is. NULL: the transaction is given. If neither
 *                     is, the request came without cookies, and that is `AW_ERR_TRANSACTION_INVALID`.
 * @param callback     The URL of that request, its path and query, its query alone, or the body of a form.
 * @param timeout_ms   How long it may take at most, in milliseconds; over is `AW_ERR_DEADLINE`.
 * @param tokens       Set to the tokens; free them with aw_tokens_free().
 */
AW_MUST_USE
aw_status aw_oauth_client_finish_login(const aw_oauth_client *client,
                                       const char *transaction,
                                       size_t transaction_length,
                                       const char *cookies,
                                       size_t cookies_length,
                                       const char *callback,
                                       size_t callback_length,
                                       uint64_t timeout_ms,
                                       aw_tokens **tokens,
                                       aw_error **error);

/**
 * Begins the operation that ends a login; the parameters are those of aw_oauth_client_finish_login().
 * aw_operation_tokens() tells what it ended with. Does no I/O.
 *
 * @param now_ms      The time in milliseconds since 1970, as aw_now_ms() tells it.
 * @param timeout_ms  How long it may take at most, in milliseconds.
 * @param operation   Set to the new operation; free it with aw_operation_free().
 */
AW_MUST_USE
aw_status aw_oauth_client_finish_login_operation(const aw_oauth_client *client,
                                                 const char *transaction,
                                                 size_t transaction_length,
                                                 const char *cookies,
                                                 size_t cookies_length,
                                                 const char *callback,
                                                 size_t callback_length,
                                                 uint64_t now_ms,
                                                 uint64_t timeout_ms,
                                                 aw_operation **operation,
                                                 aw_error **error);

/**
 * Writes the value of the `Set-Cookie` header that removes the cookie of a login that failed: send it with the page that
 * says so. After a login that ended well it is aw_tokens_clear_cookie(). Does no I/O.
 *
 * @param cookies   The `Cookie` header of the request. NULL: there is none.
 * @param callback  As for aw_oauth_client_finish_login().
 * @param cookie    Set to the value; free it with aw_buffer_free(). NULL if the request has no cookie of this login.
 */
AW_MUST_USE
aw_status aw_oauth_client_forget_login(const aw_oauth_client *client,
                                       const char *cookies,
                                       size_t cookies_length,
                                       const char *callback,
                                       size_t callback_length,
                                       aw_buffer **cookie,
                                       aw_error **error);

/**
 * Refreshes tokens. What the answer leaves out stays as it was, such as the refresh token. The refresh token is sent
 * once, whatever comes of it: a provider that rotates them may have replaced it. An aw_token_manager does this when it
 * is time, once for all threads.
 *
 * @param tokens      The tokens with the refresh token; they stay yours.
 * @param options     A JSON object: "scope", to have less than was granted. NULL: the same.
 * @param timeout_ms  How long it may take at most, in milliseconds; over is `AW_ERR_DEADLINE`.
 * @param fresh       Set to the new tokens; free them with aw_tokens_free().
 */
AW_MUST_USE
aw_status aw_oauth_client_refresh(const aw_oauth_client *client,
                                  const aw_tokens *tokens,
                                  const char *options,
                                  size_t options_length,
                                  uint64_t timeout_ms,
                                  aw_tokens **fresh,
                                  aw_error **error);

/**
 * Begins the operation that refreshes tokens; the parameters are those of aw_oauth_client_refresh().
 * aw_operation_tokens() tells what it ended with. Does no I/O.
 *
 * @param now_ms      The time in milliseconds since 1970, as aw_now_ms() tells it.
 * @param timeout_ms  How long it may take at most, in milliseconds.
 * @param operation   Set to the new operation; free it with aw_operation_free().
 */
AW_MUST_USE
aw_status aw_oauth_client_refresh_operation(const aw_oauth_client *client,
                                            const aw_tokens *tokens,
                                            const char *options,
                                            size_t options_length,
                                            uint64_t now_ms,
                                            uint64_t timeout_ms,
                                            aw_operation **operation,
                                            aw_error **error);

/**
 * Asks the provider who the user is, or reads it from the ID token where it cannot be asked.
 *
 * @param tokens      The tokens of a login; they stay yours.
 * @param timeout_ms  How long it may take at most, in milliseconds; over is `AW_ERR_DEADLINE`.
 * @param user        Set to the user; free it with aw_user_free().
 */
AW_MUST_USE
aw_status aw_oauth_client_userinfo(const aw_oauth_client *client,
                                   const aw_tokens *tokens,
                                   uint64_t timeout_ms,
                                   aw_user **user,
                                   aw_error **error);

/**
 * Begins the operation that asks who the user is; the parameters are those of aw_oauth_client_userinfo().
 * aw_operation_user() tells what it ended with. Does no I/O.
 *
 * @param now_ms      The time in milliseconds since 1970, as aw_now_ms() tells it.
 * @param timeout_ms  How long it may take at most, in milliseconds.
 * @param operation   Set to the new operation; free it with aw_operation_free().
 */
AW_MUST_USE
aw_status aw_oauth_client_userinfo_operation(const aw_oauth_client *client,
                                             const aw_tokens *tokens,
                                             uint64_t now_ms,
                                             uint64_t timeout_ms,
                                             aw_operation **operation,
                                             aw_error **error);

/**
 * Revokes tokens at the provider: the refresh token, and then the access token.
 *
 * @param tokens      The tokens; they stay yours.
 * @param timeout_ms  How long it may take at most, in milliseconds; over is `AW_ERR_DEADLINE`.
 */
AW_MUST_USE
aw_status aw_oauth_client_revoke(const aw_oauth_client *client,
                                 const aw_tokens *tokens,
                                 uint64_t timeout_ms,
                                 aw_error **error);

/**
 * Begins the operation that revokes tokens; the parameters are those of aw_oauth_client_revoke().
 * aw_operation_result() tells how it ended. Does no I/O.
 *
 * @param now_ms      The time in milliseconds since 1970, as aw_now_ms() tells it.
 * @param timeout_ms  How long it may take at most, in milliseconds.
 * @param operation   Set to the new operation; free it with aw_operation_free().
 */
AW_MUST_USE
aw_status aw_oauth_client_revoke_operation(const aw_oauth_client *client,
                                           const aw_tokens *tokens,
                                           uint64_t now_ms,
                                           uint64_t timeout_ms,
                                           aw_operation **operation,
                                           aw_error **error);

/**
 * Writes the URL to redirect the browser to, so that the user is logged out at the provider too. Blocks if the provider's
 * metadata has to be asked for. `AW_ERR_ENDPOINT_MISSING` if the provider has no such page.
 *
 * @param options     A JSON object, see the top of this header: "id_token_hint" and so on. NULL: the defaults.
 * @param timeout_ms  How long it may take at most, in milliseconds; over is `AW_ERR_DEADLINE`.
 * @param url         Set to the URL; free it with aw_buffer_free().
 */
AW_MUST_USE
aw_status aw_oauth_client_logout_url(const aw_oauth_client *client,
                                     const char *options,
                                     size_t options_length,
                                     uint64_t timeout_ms,
                                     aw_buffer **url,
                                     aw_error **error);

/**
 * Begins the operation that writes the URL of a logout; the parameters are those of aw_oauth_client_logout_url().
 * aw_operation_text() tells what it ended with. Does no I/O.
 *
 * @param now_ms      The time in milliseconds since 1970, as aw_now_ms() tells it.
 * @param timeout_ms  How long it may take at most, in milliseconds.
 * @param operation   Set to the new operation; free it with aw_operation_free().
 */
AW_MUST_USE
aw_status aw_oauth_client_logout_url_operation(const aw_oauth_client *client,
                                               const char *options,
                                               size_t options_length,
                                               uint64_t now_ms,
                                               uint64_t timeout_ms,
                                               aw_operation **operation,
                                               aw_error **error);

/**
 * Verifies a logout token, which the provider posts when a user logs out there (Back-Channel Logout). Its "sub" and "sid"
 * say whose sessions to end; its "jti" is new each time.
 *
 * @param text        The token, as it was received: any bytes.
 * @param timeout_ms  How long it may take at most, in milliseconds; over is `AW_ERR_DEADLINE`.
 * @param token       Set to the verified token; free it with aw_token_free().
 */
AW_MUST_USE
aw_status aw_oauth_client_verify_logout_token(const aw_oauth_client *client,
                                              const char *text,
                                              size_t text_length,
                                              uint64_t timeout_ms,
                                              aw_token **token,
                                              aw_error **error);

/**
 * Begins the operation that verifies a logout token; the parameters are those of aw_oauth_client_verify_logout_token().
 * aw_operation_token() tells what it ended with. Does no I/O.
 *
 * @param now_ms      The time in milliseconds since 1970, as aw_now_ms() tells it.
 * @param timeout_ms  How long it may take at most, in milliseconds.
 * @param operation   Set to the new operation; free it with aw_operation_free().
 */
AW_MUST_USE
aw_status aw_oauth_client_verify_logout_token_operation(const aw_oauth_client *client,
                                                        const char *text,
                                                        size_t text_length,
                                                        uint64_t now_ms,
                                                        uint64_t timeout_ms,
                                                        aw_operation **operation,
                                                        aw_error **error);

/** Frees a client. NULL is fine. */
void aw_oauth_client_free(aw_oauth_client *client);

/**
 * The URL to redirect the browser to. Lives as long as the login; NULL if `login` is NULL.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_login_url(const aw_login *login, size_t *length);

/**
 * What aw_oauth_client_finish_login() needs, sealed: for a program that keeps it itself. Lives as long as the login;
 * NULL if `login` is NULL.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_login_transaction(const aw_login *login, size_t *length);

/**
 * The value of the `Set-Cookie` header that keeps the transaction in the browser. Lives as long as the login; NULL if
 * `login` is NULL.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_login_cookie(const aw_login *login, size_t *length);

/** How many cookies of old logins are to be removed. 0 if `login` is NULL. */
size_t aw_login_stale_cookie_count(const aw_login *login);

/**
 * The value of a `Set-Cookie` header that removes the cookie of an old login. Lives as long as the login; NULL if there
 * is none with this index.
 */
const char *aw_login_stale_cookie_at(const aw_login *login, size_t index);

/**
 * Writes the login as a JSON object: "url", "transaction", "cookie", "stale_cookies".
 *
 * @param json  Set to the JSON text; free it with aw_buffer_free().
 */
AW_MUST_USE aw_status aw_login_to_json(const aw_login *login, aw_buffer **json, aw_error **error);

/** Frees a login. NULL is fine. */
void aw_login_free(aw_login *login);

/**
 * Reads what aw_tokens_to_json() wrote. It is believed: claims are not verified again.
 *
 * @param json    A JSON object: "access_token", and what else there is. Members that are not known
 *                are passed over: another release may have written them.
 * @param tokens  Set to the tokens; free them with aw_tokens_free().
 */
AW_MUST_USE aw_status aw_tokens_from_json(const char *json, size_t length, aw_tokens **tokens, aw_error **error);

/**
 * Writes the tokens as a JSON object, to be kept where secrets are: encrypted, on the server.
 *
 * @param json  Set to the JSON text; free it with aw_buffer_free(), which overwrites it first.
 */
AW_MUST_USE aw_status aw_tokens_to_json(const aw_tokens *tokens, aw_buffer **json, aw_error **error);

/**
 * The access token. NULL if `tokens` is NULL.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_tokens_access_token(const aw_tokens *tokens, size_t *length);

/**
 * How to present it: "Bearer". NULL if `tokens` is NULL.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_tokens_token_type(const aw_tokens *tokens, size_t *length);

/**
 * The value of an `Authorization` header: type and access token. NULL if `tokens` is NULL.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_tokens_authorization(const aw_tokens *tokens, size_t *length);

/**
 * The refresh token. NULL if there is none.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_tokens_refresh_token(const aw_tokens *tokens, size_t *length);

/**
 * Whether the provider says when the access token ends.
 *
 * @param expires_at  Set to when that is, in seconds since 1970; otherwise to 0. May be NULL.
 */
bool aw_tokens_expires_at(const aw_tokens *tokens, int64_t *expires_at);

/** How many scopes were granted: they need not be those that were asked for. 0 if `tokens` is NULL. */
size_t aw_tokens_scope_count(const aw_tokens *tokens);

/**
 * A scope that was granted. NULL if there is none with this index.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_tokens_scope_at(const aw_tokens *tokens, size_t index, size_t *length);

/**
 * The ID token as it came, to be handed back at logout ("id_token_hint"). NULL if there is none.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_tokens_id_token(const aw_tokens *tokens, size_t *length);

/**
 * The claims of the ID token, which was verified, as JSON text: one object. NULL if there are none.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_tokens_claims_json(const aw_tokens *tokens, size_t *length);

/**
 * Reads a claim of the ID token that is a string, such as "sub", as aw_token_get_string() does.
 *
 * @param name    The claim's name.
 * @param value   Set to the text with its escapes resolved; it lives as long as the tokens.
 * @param length  As for aw_token_get_string().
 */
AW_MUST_USE
aw_status aw_tokens_get_string(const aw_tokens *tokens,
                               const char *name,
                               const char **value,
                               size_t *length,
                               aw_error **error);

/**
 * The user's name as the first callback of a user said it (Apple): the browser brought it, and nobody signed it. NULL
 * if there is none.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_tokens_name(const aw_tokens *tokens, size_t *length);

/** In how many ways the provider's answer deviated from the specifications, harmlessly. 0 if `tokens` is NULL. */
size_t aw_tokens_leniency_count(const aw_tokens *tokens);

/** The name of such a deviation, such as "expires_in_string". NULL if there is none with this index. */
const char *aw_tokens_leniency_at(const aw_tokens *tokens, size_t index);

/**
 * Where the user was going: the path that was the login's "return_to". NULL if there was none.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_tokens_return_to(const aw_tokens *tokens, size_t *length);

/**
 * The value of the `Set-Cookie` header that removes the login's cookie. NULL unless the login was finished from cookies.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_tokens_clear_cookie(const aw_tokens *tokens,
                                   size_t *length);

/** Overwrites tokens and frees them. NULL is fine. */
void aw_tokens_free(aw_tokens *tokens);

/**
 * What identifies the user at this provider, for ever. NULL if `user` is NULL.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_user_subject(const aw_user *user, size_t *length);

/**
 * The address.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_user_email(const aw_user *user, size_t *length);

/** Whether the provider says that it has checked that the address is the user's. false if it says nothing of it. */
bool aw_user_email_verified(const aw_user *user);

/**
 * The name to show.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_user_name(const aw_user *user, size_t *length);

/**
 * The URL of a picture: http or https.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_user_picture(const aw_user *user, size_t *length);

/**
 * All that the provider says, in its own words, as JSON text: one object. NULL if `user` is NULL.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_user_claims_json(const aw_user *user, size_t *length);

/**
 * Reads a string of what the provider says, such as "locale", as aw_token_get_string() does.
 *
 * @param name    The member's name.
 * @param value   Set to the text with its escapes resolved; it lives as long as the user.
 * @param length  As for aw_token_get_string().
 */
AW_MUST_USE
aw_status aw_user_get_string(const aw_user *user,
                             const char *name,
                             const char **value,
                             size_t *length,
                             aw_error **error);

/**
 * Writes the user as a JSON object: "subject", "email", "email_verified", "name", "picture", as far as they are there,
 * and "claims".
 *
 * @param json  Set to the JSON text; free it with aw_buffer_free().
 */
AW_MUST_USE aw_status aw_user_to_json(const aw_user *user, aw_buffer **json, aw_error **error);

/** Frees a user. NULL is fine. */
void aw_user_free(aw_user *user);

/**
 * Makes a manager of tokens.
 *
 * @param client   Whose tokens they are; it stays yours.
 * @param tokens   The tokens of a login, or those that were kept; they stay yours.
 * @param options  A JSON object, see the top of this header: "renew_before", "persist". NULL: the defaults.
 * @param persist  Keeps new tokens; NULL: nobody does, and a restart may log the user out. Operations never call it:
 *                 they say `AW_STEP_PERSIST`, if there is such a function or the option "persist" is true.
 * @param user     Handed to `persist`. Both must be there until the manager was freed and its calls have returned.
 * @param manager  Set to the new manager; free it with aw_token_manager_free().
 */
AW_MUST_USE
aw_status aw_token_manager_new(const aw_oauth_client *client,
                               const aw_tokens *tokens,
                               const char *options,
                               size_t options_length,
                               aw_persist_hook persist,
                               void *user,
                               aw_token_manager **manager,
                               aw_error **error);

/**
 * Gives tokens that are valid: those at hand, or renewed ones. Blocks if they have to be renewed. A refresh that fails
 * while the tokens at hand are valid fails nobody.
 *
 * `AW_ERR_REFRESH_TOKEN_MISSING`, `AW_ERR_GRANT_REFUSED` and `AW_ERR_REFRESH_UNCERTAIN` say that the user must log in
 * again; after others, try again later.
 *
 * @param force       true: renew them whatever they say, for a server that refused the access token.
 * @param timeout_ms  How long it may take to wait for another thread's refresh, in milliseconds; over is
 *                    `AW_ERR_DEADLINE`. Who makes the refresh itself comes to its end, and may take longer by the time of
 *                    its requests and of the function that keeps tokens.
 * @param tokens      Set to the tokens; free them with aw_tokens_free().
 */
AW_MUST_USE
aw_status aw_token_manager_tokens(const aw_token_manager *manager,
                                  bool force,
                                  uint64_t timeout_ms,
                                  aw_tokens **tokens,
                                  aw_error **error);

/**
 * Begins the operation that gives tokens that are valid; the parameters are those of aw_token_manager_tokens().
 * aw_operation_tokens() tells what it ended with. Does no I/O. It may say `AW_STEP_PERSIST`. An operation that has sent a
 * refresh must be driven to its end: if it is freed before, nobody knows what became of the refresh token.
 *
 * @param now_ms      The time in milliseconds since 1970, as aw_now_ms() tells it.
 * @param timeout_ms  As for aw_token_manager_tokens().
 * @param operation   Set to the new operation; free it with aw_operation_free().
 */
AW_MUST_USE
aw_status aw_token_manager_tokens_operation(const aw_token_manager *manager,
                                            bool force,
                                            uint64_t now_ms,
                                            uint64_t timeout_ms,
                                            aw_operation **operation,
                                            aw_error **error);

/**
 * The tokens at hand, whether or not they are valid still. Does no I/O.
 *
 * @param tokens  Set to the tokens; free them with aw_tokens_free().
 */
AW_MUST_USE aw_status aw_token_manager_current(const aw_token_manager *manager, aw_tokens **tokens, aw_error **error);

/**
 * Has the manager hold other tokens from here on: of a new login, or that another process got.
 *
 * @param tokens  The tokens; they stay yours.
 */
AW_MUST_USE
aw_status aw_token_manager_replace(const aw_token_manager *manager,
                                   const aw_tokens *tokens,
                                   aw_error **error);

/** Frees a manager. NULL is fine. An operation that it began goes on. */
void aw_token_manager_free(aw_token_manager *manager);

/**
 * Says what to do next. While something is outstanding that is the same, with the same id: not a second one.
 * After the end it is the end.
 *
 * @param now_ms      The time in milliseconds since 1970, as aw_now_ms() tells it. The first step at or after the
 *                    deadline fails the operation, with `AW_ERR_DEADLINE`.
 * @param id          With `AW_STEP_SEND` and `AW_STEP_PERSIST` set to the number of what is outstanding, otherwise to
 *                    0. May be NULL.
 * @param wait_until  With `AW_STEP_WAIT` set to the time at which to step again at the latest, in milliseconds since
 *                    1970, otherwise to 0. May be NULL.
 * @return            `AW_STEP_FAILED` if `operation` is NULL.
 */
AW_MUST_USE aw_step aw_operation_step(aw_operation *operation, uint64_t now_ms, uint64_t *id, uint64_t *wait_until);

/**
 * Hands over the answer to the outstanding request, whatever its status. Then step again. `AW_ERR_INVALID_ARGUMENT` if
 * no request with this id is outstanding: nothing has changed then.
 *
 * @param id            What aw_operation_step() set.
 * @param now_ms        The time in milliseconds since 1970.
 * @param status        The HTTP status: 100 to 999.
 * @param headers       An array of `header_count` headers, in any order; "Content-Type", "Cache-Control", "Age" and
 *                      "ETag" matter. NULL if `header_count` is 0.
 * @param body          The body, decompressed. One that is longer than the request allows fails the request.
 */
AW_MUST_USE
aw_status aw_operation_resume(aw_operation *operation,
                              uint64_t id,
                              uint64_t now_ms,
                              uint32_t status,
                              const aw_header *headers,
                              size_t header_count,
                              const void *body,
                              size_t body_length,
                              aw_error **error);

/**
 * Says that there is no answer to the outstanding request. Then step again. `AW_ERR_INVALID_ARGUMENT` if no request
 * with this id is outstanding: nothing has changed then.
 *
 * @param id      What aw_operation_step() set.
 * @param now_ms  The time in milliseconds since 1970.
 * @param kind    `AW_FAILURE_TRANSPORT`, `_TLS`, `_DEADLINE`, `_TOO_LARGE`, `_ADDRESS` or `_UNSUPPORTED`.
 * @param sent    `AW_SENT_NOT` or `AW_SENT_MAYBE`: what may have been sent is not repeated where that could spend
 *                something twice. Matters with `AW_FAILURE_TRANSPORT` and `_DEADLINE`; the others say it themselves.
 * @param reason  For people, and NUL-terminated: the client's words, the address with `_ADDRESS`, what is missing with
 *                `_UNSUPPORTED`. May be NULL. It becomes part of a message, so it must hold no secrets.
 */
AW_MUST_USE
aw_status aw_operation_fail(aw_operation *operation,
                            uint64_t id,
                            uint64_t now_ms,
                            uint32_t kind,
                            uint32_t sent,
                            const char *reason,
                            aw_error **error);

/**
 * After `AW_STEP_PERSIST`: the tokens to keep, which replace those before them. They belong to the operation and live
 * until aw_operation_persisted() has taken the outcome, a step ends the operation, or aw_operation_free(). NULL if none
 * are to be kept.
 */
const aw_tokens *aw_operation_persist_tokens(const aw_operation *operation);

/**
 * Says whether the tokens are kept. Then step again. `AW_ERR_INVALID_ARGUMENT` if none with this id are to be kept:
 * nothing has changed then.
 *
 * @param id      What aw_operation_step() set.
 * @param now_ms  The time in milliseconds since 1970.
 * @param kept    true: they are. false: they are not; they will be handed over again before they are used.
 * @param reason  Why not, for people, and NUL-terminated. May be NULL. It becomes part of a message, so it must hold no
 *                secrets.
 */
AW_MUST_USE
aw_status aw_operation_persisted(aw_operation *operation,
                                 uint64_t id,
                                 uint64_t now_ms,
                                 bool kept,
                                 const char *reason,
                                 aw_error **error);

/**
 * After `AW_STEP_WAIT`: blocks until it is worth while to step again, or the time is over. Returns at once if the last
 * step was another.
 *
 * @param timeout_ms  How long at most, in milliseconds: from now until what the step set. More than what was left then
 *                    counts as that.
 */
void aw_operation_wait(const aw_operation *operation, uint64_t timeout_ms);

/**
 * After `AW_STEP_WAIT`, for event loops: has `wake` called once when it is worth while to step again, if that comes
 * before the next aw_operation_step() or aw_operation_free() of this operation; it is never called after those return.
 * `AW_ERR_INVALID_ARGUMENT` if the last step was another.
 *
 * @param wake  Called on any thread: on this one, before the function returns, or within a call for another operation
 *              that ends the wait. It must not use this operation; let it write to a pipe or an eventfd, or put the
 *              operation into a queue.
 * @param user  Handed to `wake`.
 */
AW_MUST_USE aw_status aw_operation_notify(aw_operation *operation, aw_wake wake, void *user, aw_error **error);

/**
 * The verified token of an operation that aw_verifier_begin() began. If the operation failed, the status and the error
 * are those of its failure. `AW_ERR_INVALID_ARGUMENT` while it is not over, for an operation of another kind, and the
 * second time.
 *
 * @param token  Set to the verified token; free it with aw_token_free().
 */
AW_MUST_USE aw_status aw_operation_token(aw_operation *operation, aw_token **token, aw_error **error);

/**
 * The login of an operation that aw_oauth_client_begin_login_operation() began. The rest is as for
 * aw_operation_token().
 *
 * @param login  Set to the login; free it with aw_login_free().
 */
AW_MUST_USE aw_status aw_operation_login(aw_operation *operation, aw_login **login, aw_error **error);

/**
 * The tokens of an operation that finishes a login, refreshes, or asks a token manager. The rest is as for
 * aw_operation_token().
 *
 * @param tokens  Set to the tokens; free them with aw_tokens_free().
 */
AW_MUST_USE aw_status aw_operation_tokens(aw_operation *operation, aw_tokens **tokens, aw_error **error);

/**
 * The user of an operation that aw_oauth_client_userinfo_operation() began. The rest is as for aw_operation_token().
 *
 * @param user  Set to the user; free it with aw_user_free().
 */
AW_MUST_USE aw_status aw_operation_user(aw_operation *operation, aw_user **user, aw_error **error);

/**
 * The text of an operation that aw_oauth_client_logout_url_operation() began. The rest is as for aw_operation_token().
 *
 * @param text  Set to the text; free it with aw_buffer_free().
 */
AW_MUST_USE aw_status aw_operation_text(aw_operation *operation, aw_buffer **text, aw_error **error);

/**
 * How an operation of any kind ended: `AW_OK`, or the status and the error of its failure. `AW_ERR_INVALID_ARGUMENT`
 * while it is not over.
 */
AW_MUST_USE aw_status aw_operation_result(aw_operation *operation, aw_error **error);

/** The time by the system's clock, in the unit of operations: milliseconds since 1970. */
uint64_t aw_now_ms(void);

/**
 * Frees an operation, and cancels it if it is not over: should others wait for its request, one of them takes over. A
 * request that is under way is the program's to end. NULL is fine.
 */
void aw_operation_free(aw_operation *operation);

/**
 * The request's method: "GET" or "POST". NULL if no request is outstanding.
 *
 * What this function and those below return lives until aw_operation_resume() or aw_operation_fail() has taken the
 * request's outcome, a step ends the operation, or aw_operation_free().
 */
const char *aw_operation_request_method(const aw_operation *operation);

/** The absolute URL: https, or http to a loopback address. NULL if no request is outstanding. */
const char *aw_operation_request_url(const aw_operation *operation);

/** How many headers to send. 0 if no request is outstanding. */
size_t aw_operation_request_header_count(const aw_operation *operation);

/** The name of a header, such as "Accept". NULL if there is none with this index. */
const char *aw_operation_request_header_name(const aw_operation *operation, size_t index);

/** The value of a header. NULL if there is none with this index. */
const char *aw_operation_request_header_value(const aw_operation *operation, size_t index);

/**
 * The body to send: bytes, without a NUL behind them. NULL if there is none, or if no request is outstanding. It may
 * hold secrets, as headers may: log neither.
 *
 * @param length  Set to its length in bytes. May be NULL.
 */
const void *aw_operation_request_body(const aw_operation *operation, size_t *length);

/**
 * The most bytes that the answer's body may have after decompression: read no more, and call aw_operation_fail() with
 * `AW_FAILURE_TOO_LARGE`. 0 if no request is outstanding.
 */
size_t aw_operation_request_max_body_bytes(const aw_operation *operation);

/** When the whole answer must be there, in milliseconds since 1970: give up then. 0 if no request is outstanding. */
uint64_t aw_operation_request_deadline(const aw_operation *operation);

/** Where the request may go. `AW_REACH_PUBLIC` if no request is outstanding. */
aw_reach aw_operation_request_reach(const aw_operation *operation);

/**
 * Whether the server is to see the program's TLS certificate (RFC 8705): then the secret is nowhere else in the
 * request. A client that has none: fail the request with `AW_FAILURE_UNSUPPORTED`. false if no request is outstanding.
 */
bool aw_operation_request_needs_client_certificate(const aw_operation *operation);

/**
 * Opens a built-in store. Nothing is connected to yet: a server that is down is no error here. What is read at once is the
 * file that the parameter `ca_file` of a URL of Redis names.
 * `AW_ERR_TRANSPORT_UNSUPPORTED` in a library that was built without it.
 *
 * @param url      "memory:"; "sqlite:" and the path of a file; or a URL that begins with "redis://", "rediss://" (TLS),
 *                 "redis+sentinel://" or "redis+cluster://". It may hold a password, which no message tells.
 * @param options  A JSON object, see the top of this header. NULL: the defaults.
 * @param store    Set to the store; free it with aw_store_free().
 */
AW_MUST_USE
aw_status aw_store_open(const char *url,
                        size_t url_length,
                        const char *options,
                        size_t options_length,
                        aw_store **store,
                        aw_error **error);

/**
 * Makes a store of functions of the program's own. If it fails, none of them is called.
 *
 * @param functions  The table, which is copied.
 * @param user       Handed to the functions. It and they must be there until `free` was called; without that function,
 *                   until the store and all that was made with it are freed, and their calls have returned.
 * @param store      Set to the store; free it with aw_store_free().
 */
AW_MUST_USE aw_status aw_store_new(const aw_store_functions *functions, void *user, aw_store **store, aw_error **error);

/**
 * Removes the records that ended more than an hour ago, a few at a time, so that others go on meanwhile. Call it now and
 * then: once a day, say, from one process. Blocks.
 *
 * @param timeout_ms  How long it may take at most, in milliseconds: 60000 is a good choice. Over is `AW_ERR_DEADLINE`,
 *                    or what the store says of its own time: see aw_api_keys. What was removed by then stays so.
 * @param removed     Set to how many there were: 0 where the store collects by itself. May be NULL.
 */
AW_MUST_USE
aw_status aw_store_sweep(const aw_store *store,
                         uint64_t timeout_ms,
                         size_t *removed,
                         aw_error **error);

/**
 * Copies the records of a store in SQLite to another store: from one machine to several. Both may be in use meanwhile.
 * Where the other has a record already, the one that was changed later stays: so it may be called again, and takes what
 * has changed since. What is over is not taken along, and what was removed in between is not removed there. Blocks.
 *
 * @param source      A store in SQLite: `AW_ERR_INVALID_ARGUMENT` (`source`) for any other.
 * @param target      Any store.
 * @param timeout_ms  How long it may take at most, in milliseconds: 600000 is a good choice. Over is
 *                    `AW_ERR_DEADLINE`, or what a store says of its own time: see aw_api_keys. What was copied by then
 *                    stays so.
 * @param written     Set to how many records were written to the other store. May be NULL.
 */
AW_MUST_USE
aw_status aw_store_copy(const aw_store *source,
                        const aw_store *target,
                        uint64_t timeout_ms,
                        size_t *written,
                        aw_error **error);

/**
 * Tries out whether a store does what it must, in some thousands of calls: for the tests of a program that makes its own.
 * What it writes has keys and owners that begin with "conformance/", and it removes it. Blocks.
 *
 * Racers, threads or processes that change the same records at once and may be killed, are runs of the part "contend"; one
 * of the part "settle" judges what they have left. The lines of a racer's progress, which "settle" reads, are the member
 * `line` of events `store_contention`: each is told before the next change is asked for.
 *
 * @param options     A JSON object, see the top of this header. NULL: all that can be tried by one caller.
 * @param timeout_ms  How long it may take at most, in milliseconds: 60000 is a good choice. Over is `AW_ERR_DEADLINE`.
 * @param passed      Set to whether the store did all that it must. AW_OK says only that there is a report.
 * @param json        Set to the report, a JSON object: "run_id", "passed", and "checks", a list of objects with "name" and
 *                    "passed", with "expected" and "found" where it failed, and perhaps with a "note". Free it with
 *                    aw_buffer_free().
 */
AW_MUST_USE
aw_status aw_store_check(const aw_store *store,
                         const char *options,
                         size_t options_length,
                         uint64_t timeout_ms,
                         bool *passed,
                         aw_buffer **json,
                         aw_error **error);

/**
 * Gives up the store's connections, for all that was made with it: every later call fails with `AW_ERR_CLOSED`. What is in
 * memory is gone. Calls that are under way come to their own end, which may be that their time is over, or
 * `AW_ERR_CLOSED` at the next thing that they ask. NULL is fine.
 */
void aw_store_close(const aw_store *store);

/** Frees a store. NULL is fine. It is not closed by that while something that was made with it is there. */
void aw_store_free(aw_store *store);

/**
 * Hands over a record that was found: for `get` and `list` of an aw_store_functions. Copies it.
 *
 * @param record  What was found. Its `key` may be NULL in `get`.
 * @return        `AW_STORE_DONE`, or `AW_STORE_CORRUPT` for what no record can be, or one too many: the call that asked
 *                for it fails then with `AW_ERR_STORE_CORRUPT`, whatever the function returns. The message names the
 *                member.
 */
int aw_record_sink_add(aw_record_sink *sink, const aw_record *record);

/**
 * Says where the next page begins: for `list` of an aw_store_functions.
 *
 * @param next  In words of the store's own: 1 to 512 bytes of UTF-8 and a NUL. The next call has it as `after`.
 * @return      As for aw_record_sink_add().
 */
int aw_record_sink_set_next(aw_record_sink *sink, const char *next);

/**
 * Makes what issues and checks keys. Nothing is asked of the store yet.
 *
 * @param options  A JSON object, see the top of this header: "prefix", "environment" and so on.
 * @param peppers  An array of `pepper_count` secrets of at least 32 bytes, declared as `const aw_key *peppers[]`, the
 *                 newest first: new keys are hashed under it, keys under older ones are good as long as those are
 *                 there. They stay yours.
 * @param store    Where the keys are; it stays yours.
 * @param keys     Set to the new object; free it with aw_api_keys_free().
 */
AW_MUST_USE
aw_status aw_api_keys_new(const char *options,
                          size_t options_length,
                          const aw_key *const *peppers,
                          size_t pepper_count,
                          const aw_store *store,
                          aw_api_keys **keys,
                          aw_error **error);

/**
 * Issues a key. aw_api_key_secret() is the key to hand out, and nobody can show it again.
 *
 * @param options  A JSON object, see the top of this header: "owner" and so on.
 * @param key      Set to the key; free it with aw_api_key_free(), which overwrites its secret first.
 */
AW_MUST_USE
aw_status aw_api_keys_issue(const aw_api_keys *keys,
                            const char *options,
                            size_t options_length,
                            uint64_t timeout_ms,
                            aw_api_key **key,
                            aw_error **error);

/**
 * Takes in a key of another system by its hash. It is found if the option "accept_imported" is true.
 * `AW_ERR_INVALID_ARGUMENT` (`sha256`) if it is there already.
 *
 * @param options  A JSON object, see the top of this header: "sha256", "owner" and so on.
 * @param key      Set to what is known of the key; free it with aw_api_key_free().
 */
AW_MUST_USE
aw_status aw_api_keys_import_hash(const aw_api_keys *keys,
                                  const char *options,
                                  size_t options_length,
                                  uint64_t timeout_ms,
                                  aw_api_key **key,
                                  aw_error **error);

/**
 * Tells whose key was presented, if it is genuine and valid and has all these scopes.
 *
 * @param presented    The key, as it was received: any bytes. A header that was not sent is NULL with length 0: no key.
 * @param scopes       An array of `scope_count` names, declared as `const char *scopes[]`, all of which the key must have.
 *                     NULL and 0: none. The field of `AW_ERR_API_KEY_SCOPE` is the first that it lacks.
 * @param key          Set to what is known of the key; free it with aw_api_key_free().
 */
AW_MUST_USE
aw_status aw_api_keys_verify(const aw_api_keys *keys,
                             const char *presented,
                             size_t presented_length,
                             const char *const *scopes,
                             size_t scope_count,
                             uint64_t timeout_ms,
                             aw_api_key **key,
                             aw_error **error);

/**
 * As aw_api_keys_verify(), as if it were `now`, in seconds since 1970. That is the time that is judged by, and the one
 * that is noted as the last use: for tests, and for programs with a clock of their own, but not for a question about
 * another time.
 */
AW_MUST_USE
aw_status aw_api_keys_verify_at(const aw_api_keys *keys,
                                const char *presented,
                                size_t presented_length,
                                const char *const *scopes,
                                size_t scope_count,
                                int64_t now,
                                uint64_t timeout_ms,
                                aw_api_key **key,
                                aw_error **error);

/**
 * Tells what is known of a key. `AW_ERR_API_KEY_NOT_FOUND` if there is none with this id.
 *
 * @param id   As aw_api_key_id() tells it.
 * @param key  Set to what is known of the key; free it with aw_api_key_free().
 */
AW_MUST_USE
aw_status aw_api_keys_get(const aw_api_keys *keys,
                          const char *id,
                          size_t id_length,
                          uint64_t timeout_ms,
                          aw_api_key **key,
                          aw_error **error);

/**
 * Lists an owner's keys, in no order that would mean anything. Revoked and expired ones are among them for 30 days, and
 * then until they are swept; revoked ones that were imported for ever. A key whose record was altered, or whose pepper
 * is not there, is left out: an event tells of each, `api_key_record_altered` or `api_key_pepper_unknown`.
 *
 * @param owner  Whose.
 * @param after  aw_api_key_page_next() of the page before, of this owner in this store. NULL: the first page. Any other
 *               text is an error, or a page that says nothing.
 * @param limit  At most so many: 1 to 1000. There may be fewer, none even, and another page.
 * @param page   Set to the page; free it with aw_api_key_page_free().
 */
AW_MUST_USE
aw_status aw_api_keys_list(const aw_api_keys *keys,
                           const char *owner,
                           size_t owner_length,
                           const char *after,
                           size_t after_length,
                           size_t limit,
                           uint64_t timeout_ms,
                           aw_api_key_page **page,
                           aw_error **error);

/**
 * Gives a key another secret; its id stays. `AW_ERR_API_KEY_NOT_FOUND`, `AW_ERR_API_KEY_REVOKED`,
 * `AW_ERR_API_KEY_EXPIRED`, also with another "expires_in", and `AW_ERR_INVALID_ARGUMENT` (`id`) for a key that was
 * imported.
 *
 * @param id       Which key.
 * @param options  A JSON object, see the top of this header: "overlap", "expires_in". NULL: the defaults.
 * @param key      Set to the key, with its new secret; free it with aw_api_key_free(), which overwrites that first.
 */
AW_MUST_USE
aw_status aw_api_keys_rotate(const aw_api_keys *keys,
                             const char *id,
                             size_t id_length,
                             const char *options,
                             size_t options_length,
                             uint64_t timeout_ms,
                             aw_api_key **key,
                             aw_error **error);

/**
 * Ends a key, for good. One that is revoked already stays so, since when it was, and that is no error. It is written
 * again, for who asks twice may not know whether it was kept: that may fail like the first time.
 * `AW_ERR_API_KEY_NOT_FOUND` if there is none with this id, or if it ended 30 days ago.
 *
 * @param id   Which key.
 * @param key  Set to what is known of the key; free it with aw_api_key_free(). May be NULL.
 */
AW_MUST_USE
aw_status aw_api_keys_revoke(const aw_api_keys *keys,
                             const char *id,
                             size_t id_length,
                             uint64_t timeout_ms,
                             aw_api_key **key,
                             aw_error **error);

/**
 * Ends all keys that an owner has when it begins: first those that are not revoked. Those that were revoked within the
 * last hour are written again after them, for that may not have been kept; older ones are left alone. A key that
 * cannot be revoked, for a reason of its own, does not stop the others: its error comes at the end. If it fails, some
 * may be revoked: do it again, it goes on with the rest.
 *
 * @param owner    Whose.
 * @param revoked  Set to how many were good until then. May be NULL.
 */
AW_MUST_USE
aw_status aw_api_keys_revoke_all(const aw_api_keys *keys,
                                 const char *owner,
                                 size_t owner_length,
                                 uint64_t timeout_ms,
                                 size_t *revoked,
                                 aw_error **error);

/**
 * Whether a text is written as these keys are, its checksum included: finds typing errors without a store. It says nothing
 * about whether there is such a key.
 */
bool aw_api_keys_is_well_formed(const aw_api_keys *keys,
                                const char *text,
                                size_t length);

/**
 * A regular expression for scanners of source code and logs, without anchors, which reads the same in every dialect. Lives
 * as long as `keys`; NULL if that is NULL.
 */
const char *aw_api_keys_pattern(const aw_api_keys *keys);

/** Frees what issues and checks keys. NULL is fine. The store is not closed by that. */
void aw_api_keys_free(aw_api_keys *keys);

/**
 * The key as it is presented. NULL unless it was just issued or rotated.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_api_key_secret(const aw_api_key *key, size_t *length);

/**
 * What the key is named by: no secret, and good for a log. NULL if `key` is NULL.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_api_key_id(const aw_api_key *key, size_t *length);

/**
 * Whom it was issued to. NULL if `key` is NULL.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_api_key_owner(const aw_api_key *key, size_t *length);

/** How many scopes it has. 0 if `key` is NULL. */
size_t aw_api_key_scope_count(const aw_api_key *key);

/**
 * A scope that it has. NULL if there is none with this index.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_api_key_scope_at(const aw_api_key *key, size_t index, size_t *length);

/**
 * What the program wrote beside it, as JSON text: one object, "{}" if there is nothing. NULL if `key` is NULL.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_api_key_metadata_json(const aw_api_key *key, size_t *length);

/**
 * The last four characters of the key, by which its owner knows it. NULL for an imported key.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_api_key_last4(const aw_api_key *key, size_t *length);

/** When it was issued, in seconds since 1970. 0 if `key` is NULL. */
int64_t aw_api_key_created_at(const aw_api_key *key);

/**
 * Whether it has an end.
 *
 * @param expires_at  Set to when that is, in seconds since 1970; otherwise to 0. May be NULL.
 */
bool aw_api_key_expires_at(const aw_api_key *key, int64_t *expires_at);

/**
 * Whether it was revoked.
 *
 * @param revoked_at  Set to when that was, in seconds since 1970; otherwise to 0. May be NULL.
 */
bool aw_api_key_revoked_at(const aw_api_key *key, int64_t *revoked_at);

/**
 * Whether it has got another secret since it was issued.
 *
 * @param rotated_at  Set to when it last did, in seconds since 1970; otherwise to 0. May be NULL.
 */
bool aw_api_key_rotated_at(const aw_api_key *key, int64_t *rotated_at);

/**
 * Whether it was used, as far as it was noted: not for every use, see the option "last_used_every".
 *
 * @param last_used_at  Set to when it was, in seconds since 1970; otherwise to 0. May be NULL.
 */
bool aw_api_key_last_used_at(const aw_api_key *key, int64_t *last_used_at);

/**
 * Writes the key as a JSON object: "id", "owner", "scopes", "metadata", "created_at", and "expires_at", "revoked_at",
 * "rotated_at", "last_used_at", "last4", "secret", as far as they are there.
 *
 * @param json  Set to the JSON text; free it with aw_buffer_free(), which overwrites it first.
 */
AW_MUST_USE aw_status aw_api_key_to_json(const aw_api_key *key, aw_buffer **json, aw_error **error);

/** Overwrites the secret of a key and frees it. NULL is fine, and so is a key of a page: it stays. */
void aw_api_key_free(aw_api_key *key);

/** How many keys are on the page: none, perhaps, and yet not the last page. 0 if `page` is NULL. */
size_t aw_api_key_page_count(const aw_api_key_page *page);

/**
 * A key of the page. It belongs to the page and lives as long as that: do not free it. NULL if there is none with this
 * index.
 */
const aw_api_key *aw_api_key_page_at(const aw_api_key_page *page, size_t index);

/**
 * Where the next page begins: `after` of aw_api_keys_list(). Lives as long as the page; NULL after the last.
 *
 * @param length  Set to the length in bytes. May be NULL.
 */
const char *aw_api_key_page_next(const aw_api_key_page *page, size_t *length);

/**
 * Writes the page as a JSON object: "keys", a list of what aw_api_key_to_json() writes, and "next", if there is more.
 *
 * @param json  Set to the JSON text; free it with aw_buffer_free().
 */
AW_MUST_USE aw_status aw_api_key_page_to_json(const aw_api_key_page *page, aw_buffer **json, aw_error **error);

/** Frees a page and its keys. NULL is fine. */
void aw_api_key_page_free(aw_api_key_page *page);

/**
 * Signs bytes, as a compact JWS.
 *
 * @param payload    The bytes, of any content.
 * @param key        The private key or secret; it stays yours.
 * @param algorithm  One that fits the key, or NULL: the key's own, or the default for its type.
 * @param headers    More header members as a JSON object, or NULL.
 * @param flags      0, or any of `AW_JWS_DETACHED` and `AW_JWS_UNENCODED`.
 * @param token      Set to the token; free it with aw_buffer_free().
 */
AW_MUST_USE
aw_status aw_jws_sign(const void *payload,
                      size_t payload_length,
                      const aw_key *key,
                      const char *algorithm,
                      const char *headers,
                      size_t headers_length,
                      uint32_t flags,
                      aw_buffer **token,
                      aw_error **error);

/**
 * Verifies a compact JWS with a set of keys.
 *
 * @param text             The token, as it was received: any bytes.
 * @param payload          The payload of a detached JWS, or NULL if the token carries its own.
 * @param keys             The keys that may have signed it; they stay yours.
 * @param algorithms       An array of `algorithm_count` names, declared as `const char *algorithms[]`: the only ones
 *                         to accept. NULL and 0: those that fit the keys.
 * @param jws              Set to the verified payload and header; free it with aw_jws_free().
 */
AW_MUST_USE
aw_status aw_jws_verify(const char *text,
                        size_t length,
                        const void *payload,
                        size_t payload_length,
                        const aw_keyset *keys,
                        const char *const *algorithms,
                        size_t algorithm_count,
                        aw_jws **jws,
                        aw_error **error);

/**
 * Verifies a compact JWS with one key, whatever `kid` it names. The rest is as for aw_jws_verify().
 *
 * @param jws  Set to the verified payload and header; free it with aw_jws_free().
 */
AW_MUST_USE
aw_status aw_jws_verify_with_key(const char *text,
                                 size_t length,
                                 const void *payload,
                                 size_t payload_length,
                                 const aw_key *key,
                                 const char *const *algorithms,
                                 size_t algorithm_count,
                                 aw_jws **jws,
                                 aw_error **error);

/**
 * The verified payload: any bytes, followed by a NUL. It lives as long as `jws`. NULL if `jws` is NULL.
 *
 * @param length  Set to the number of bytes, without the NUL. May be NULL.
 */
const char *aw_jws_payload(const aw_jws *jws, size_t *length);

/**
 * The verified header as JSON text. It lives as long as `jws`. NULL if `jws` is NULL.
 *
 * @param length  Set to its length in bytes, without the NUL. May be NULL.
 */
const char *aw_jws_header_json(const aw_jws *jws, size_t *length);

/** Frees a verified JWS. NULL is fine. */
void aw_jws_free(aw_jws *jws);

/**
 * The version of the library that is running, such as "0.1.0". Compare it with `AW_VERSION`, the version of the header
 * that the program was compiled with. The string lives as long as the program.
 */
const char *aw_version(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* AUTHWRIGHT_H */
