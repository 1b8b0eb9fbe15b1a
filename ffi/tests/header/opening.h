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
