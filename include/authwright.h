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
 * Threads. A `const T *` may be used from many threads at once, a `T *` by one thread while nobody else uses the object.
 * There is no global state and no "last error". Objects survive a fork().
 *
 * Time. Seconds since 1970-01-01T00:00:00Z, without leap seconds.
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
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum aw_status aw_status;
#else
typedef int32_t aw_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

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
 * A token that waits for its signature, between aw_signer_prepare() and aw_signer_finish(). Immutable.
 *
 * Ownership: yours; free it with aw_prepared_free(). Threads: `const aw_prepared *` may be used from many at once.
 */
typedef struct aw_prepared aw_prepared;

/**
 * Makes tokens with one key and one set of options. Immutable.
 *
 * Ownership: yours; free it with aw_signer_free(). Threads: `const aw_signer *` may be used from many at once.
 */
typedef struct aw_signer aw_signer;

/**
 * A token that a verifier has accepted. Immutable.
 *
 * Strings read from it are UTF-8, end in a NUL, and live as long as the token.
 *
 * Ownership: yours; free it with aw_token_free(). Threads: `const aw_token *` may be used from many at once.
 */
typedef struct aw_token aw_token;

/**
 * A token that nobody has verified: anyone may have written it. A type of its own, so that it cannot pass for an
 * aw_token. Immutable.
 *
 * Ownership: yours; free it with aw_unverified_token_free(). Threads: `const aw_unverified_token *` may be used from
 * many at once.
 */
typedef struct aw_unverified_token aw_unverified_token;

/**
 * Decides about tokens: the keys that may have signed them, and a policy. Make it once and use it for every token.
 * Immutable.
 *
 * Ownership: yours; free it with aw_verifier_free(). Tokens may outlive it. Threads: `const aw_verifier *` may be used
 * from many at once, without a lock.
 */
typedef struct aw_verifier aw_verifier;

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

/** Frees an error. NULL is fine. */
void aw_error_free(aw_error *error);

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
 * Makes a verifier that chooses from a set of keys.
 *
 * @param keys      The keys of the issuer; they stay yours.
 * @param policy    What a token must satisfy, as a JSON object: "issuer", "audience", "algorithms", "required",
 *                  "claims", "leeway" and so on. An unknown member is an error. NULL is one too: "{}" is the policy that
 *                  expects nothing beyond the strict defaults.
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
 * Verifies a token, at the system's time. `AW_OK` means that everything holds: signature, times and the whole policy.
 * Any other status means that the token must not be used, and `*token` is NULL.
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
