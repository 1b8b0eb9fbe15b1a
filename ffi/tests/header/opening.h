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
 * There is no "last error", and no global state but the event hook. Objects survive a fork(), except aw_operation.
 *
 * Time. Seconds since 1970-01-01T00:00:00Z, without leap seconds, in tokens and documents. What has `_ms` in its name is in
 * milliseconds, since 1970 or from now: operations and time-outs.
 *
 * Blocking. Three functions do: aw_verifier_verify_fetching(), aw_remote_keyset_refresh() and aw_operation_wait(), and none
 * for longer than its time-out. Only the first two do I/O. All others only compute.
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
