//! The one error table, and the one error type.
//!
//! A code is a name and a number that never change once released. Every front end takes its codes, its class names
//! and its C constants from this table; none has codes of its own. The message is English for people and not part
//! of the API; the field names the claim, header member, option or parameter at fault.
//!
//! Numbers: 1 to 99 usage, 100s keys, 200s token structure, 300s algorithm and signature, 400s claims, 1000s OAuth and
//! transport, 2000s API keys and stores.

use std::borrow::Cow;
use std::fmt;

macro_rules! codes {
    ($( $number:literal $variant:ident $name:literal $class:literal $meaning:literal $remedy:literal; )*) => {
        /// What went wrong, as programs see it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[repr(i32)]
        pub enum Code {
            $( #[doc = $meaning] $variant = $number, )*
        }

        impl Code {
            /// Every code, in the order of their numbers.
            pub const ALL: &'static [Code] = &[$( Code::$variant, )*];

            /// The stable name, such as `ERR_TOKEN_EXPIRED`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $( Code::$variant => $name, )* }
            }

            /// The name of the class that Python and Node raise, such as `TokenExpiredError`.
            #[must_use]
            pub const fn class(self) -> &'static str {
                match self { $( Code::$variant => $class, )* }
            }

            /// What the code means, in one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $( Code::$variant => $meaning, )* }
            }

            /// What the caller can do about it, in one sentence.
            #[must_use]
            pub const fn remedy(self) -> &'static str {
                match self { $( Code::$variant => $remedy, )* }
            }
        }
    };
}

codes! {
    1 InvalidArgument "ERR_INVALID_ARGUMENT" "InvalidArgumentError"
        "An argument or option has a type or value that can never work."
        "Fix the call: the error's field names the argument or option.";
    2 UnknownOption "ERR_UNKNOWN_OPTION" "UnknownOptionError"
        "An option or policy member is not one that authwright knows."
        "Correct the spelling: an unknown member is refused so that a typing error never switches a check off.";
    3 PolicyVersion "ERR_POLICY_VERSION" "PolicyVersionError"
        "The policy document asks for a version that this release does not know."
        "Upgrade authwright, or write the policy for version 1.";
    4 Internal "ERR_INTERNAL" "InternalError"
        "authwright failed in a way that no input should be able to cause."
        "Please report it: this is a defect of authwright.";

    101 KeyFormat "ERR_KEY_FORMAT" "KeyFormatError"
        "The key, key set or certificate is not in a form that authwright reads."
        "Supply PKCS#8, PKCS#1, SEC1, SPKI, an X.509 certificate or a JWK; the message says what was found.";
    102 KeyInconsistent "ERR_KEY_INCONSISTENT" "KeyInconsistentError"
        "The parts of the key do not belong together."
        "Export the key again from its source: it was altered or assembled from two keys.";
    103 KeyTooWeak "ERR_KEY_TOO_WEAK" "KeyTooWeakError"
        "The key is too short for its algorithm."
        "Use RSA of at least 2048 bits, and a secret at least as long as the hash output (RFC 7518 section 3.2).";
    104 KeyPassword "ERR_KEY_PASSWORD" "KeyPasswordError"
        "The private key is encrypted and the password is missing or wrong."
        "Pass the right password.";
    105 KeyNotPrivate "ERR_KEY_NOT_PRIVATE" "KeyNotPrivateError"
        "The operation needs a private key and was given a public one."
        "Use the private key, or sign in two steps with prepare and finish where a KMS or HSM holds it.";
    106 KeyMismatch "ERR_KEY_MISMATCH" "KeyMismatchError"
        "The key is of another type, or meant for another algorithm or use, than was asked for."
        "Pair each algorithm with a key of its own type, and sign only with keys whose use and key_ops allow it.";
    107 UnsupportedAlgorithm "ERR_UNSUPPORTED_ALGORITHM" "UnsupportedAlgorithmError"
        "The algorithm or curve is unknown to authwright, or not available from the crypto provider it was built with."
        "Choose a supported algorithm, or build with the default provider.";

    201 TokenMalformed "ERR_TOKEN_MALFORMED" "TokenMalformedError"
        "The token is not a compact JWS: three segments and a header that names its algorithm."
        "Check what was passed in; an encrypted token, a JSON serialisation or a `Bearer ` prefix ends here too.";
    202 TokenTooLarge "ERR_TOKEN_TOO_LARGE" "TokenTooLargeError"
        "The token is longer than the policy's max_token_bytes."
        "Refuse it, or raise the limit for this issuer.";
    203 TokenEncoding "ERR_TOKEN_ENCODING" "TokenEncodingError"
        "A segment is not base64url without padding in its one canonical form."
        "Refuse it; for an issuer known to pad, set compat padded_base64.";
    204 TokenJson "ERR_TOKEN_JSON" "TokenJsonError"
        "The header or the claims are not one strict JSON object."
        "Refuse it: duplicate members, invalid UTF-8, lone surrogates and the like read differently in different parsers.";
    205 TokenCritical "ERR_TOKEN_CRITICAL" "TokenCriticalError"
        "The header's crit is malformed or names an extension that is not understood."
        "Refuse it (RFC 7515 section 4.1.11).";
    206 TokenType "ERR_TOKEN_TYPE" "TokenTypeError"
        "The header's typ is not the one expected, or is missing."
        "Refuse it: a token of another kind must not be accepted here.";

    301 AlgorithmNotAllowed "ERR_ALGORITHM_NOT_ALLOWED" "AlgorithmNotAllowedError"
        "The token's alg is not one that both the key and the policy allow."
        "Refuse it; `none` and a public key used as a secret end here too.";
    302 KeyNotFound "ERR_KEY_NOT_FOUND" "KeyNotFoundError"
        "No key of the set fits the token's kid and alg."
        "Refresh the key set if its issuer may have rotated its keys, then refuse the token.";
    303 SignatureInvalid "ERR_SIGNATURE_INVALID" "SignatureInvalidError"
        "The signature does not fit the token and the key."
        "Refuse it: the token was altered or signed with another key.";

    401 TokenExpired "ERR_TOKEN_EXPIRED" "TokenExpiredError"
        "The token's exp, and the leeway, are over."
        "Ask the client for a fresh token.";
    402 TokenNotYetValid "ERR_TOKEN_NOT_YET_VALID" "TokenNotYetValidError"
        "The token's nbf is still to come."
        "Try later; if it happens often, compare the two machines' clocks.";
    403 TokenIssuedInFuture "ERR_TOKEN_ISSUED_IN_FUTURE" "TokenIssuedInFutureError"
        "The token's iat lies in the future."
        "Compare the two machines' clocks.";
    404 TokenTooOld "ERR_TOKEN_TOO_OLD" "TokenTooOldError"
        "The token was issued longer ago than the policy's max_token_age."
        "Ask the client for a fresh token.";
    405 IssuerMismatch "ERR_ISSUER_MISMATCH" "IssuerMismatchError"
        "The token's iss is not an expected issuer."
        "Refuse it; compare with the policy's issuer, character by character.";
    406 AudienceMismatch "ERR_AUDIENCE_MISMATCH" "AudienceMismatchError"
        "The token's aud holds no expected audience, or none is expected and the token has one."
        "Refuse it; set the policy's audience to the name that the issuer knows this service by.";
    407 SubjectMismatch "ERR_SUBJECT_MISMATCH" "SubjectMismatchError"
        "The token's sub is not an expected subject."
        "Refuse it.";
    408 ClaimMissing "ERR_CLAIM_MISSING" "ClaimMissingError"
        "A claim that the policy needs is not in the token."
        "Refuse it; the error's field names the claim.";
    409 ClaimType "ERR_CLAIM_TYPE" "ClaimTypeError"
        "A claim has a type or range that its definition does not allow."
        "Refuse it; the error's field names the claim.";
    410 ClaimMismatch "ERR_CLAIM_MISMATCH" "ClaimMismatchError"
        "A claim does not have a value that the policy expects."
        "Refuse it; the error's field names the claim.";

    1001 KeysNeeded "ERR_KEYS_NEEDED" "KeysNeededError"
        "The issuer's keys that this token needs are not here: never fetched, too old, or asked for too lately to ask again."
        "Answer 503, not 401: the token may be good. Verify with verify_fetching; the error's cause says why a fetch failed.";
    1002 Transport "ERR_TRANSPORT" "TransportError"
        "A request got no answer: the name did not resolve, or connecting, sending or receiving failed."
        "Try again later; the message says what failed.";
    1003 TransportTls "ERR_TRANSPORT_TLS" "TransportTlsError"
        "No secure connection: the server's certificate is not trusted, expired, or for another name."
        "Check the URL, and the server's certificate; pass your own authority as `ca` where you run one.";
    1004 TransportUnsupported "ERR_TRANSPORT_UNSUPPORTED" "TransportUnsupportedError"
        "The transport cannot do what the request asks for."
        "Use the built-in transport for it.";
    1005 Deadline "ERR_DEADLINE" "DeadlineError"
        "The time for the operation or the request was over."
        "Try again later, or allow more time.";
    1006 AddressRefused "ERR_ADDRESS_REFUSED" "AddressRefusedError"
        "A URL that came from outside leads to a special-use address: loopback, private, link-local and the like."
        "Refuse the request that brought the URL.";
    1007 UrlRefused "ERR_URL_REFUSED" "UrlRefusedError"
        "A URL is not one that authwright sends requests to: https, or http to a loopback address; no user, no fragment."
        "Correct the URL; the error's field names where it stands.";
    1008 ResponseTooLarge "ERR_RESPONSE_TOO_LARGE" "ResponseTooLargeError"
        "A server's answer is longer than is read."
        "Check that the URL is the right one.";
    1009 ResponseStatus "ERR_RESPONSE_STATUS" "ResponseStatusError"
        "A server answered with a status that is no success; a redirect, which is never followed, ends here too."
        "See http_status, provider_error and provider_error_description.";
    1010 ResponseInvalid "ERR_RESPONSE_INVALID" "ResponseInvalidError"
        "A server's answer is not what was asked for: another content type, not strict JSON, or without usable content."
        "Check that the URL is the right one; the message says what was found.";
    1011 MetadataInvalid "ERR_METADATA_INVALID" "MetadataInvalidError"
        "A provider's metadata lacks a member, has one that cannot be used, or is another issuer's."
        "Compare the issuer character by character with what the provider publishes; the error's field names the member.";
    1012 StateInvalid "ERR_STATE_INVALID" "StateInvalidError"
        "An exported state does not open: made with another key, for another issuer or URL, or altered."
        "Drop it, and fetch anew.";
    1013 Closed "ERR_CLOSED" "ClosedError"
        "What would use a connection was closed."
        "Make a new one.";
    1014 CallbackInvalid "ERR_CALLBACK_INVALID" "CallbackInvalidError"
        "The callback is not an authorization response: no code, a parameter twice, or no URL, query or form at all."
        "Show the login page again; the error's field names the parameter.";
    1015 StateMismatch "ERR_STATE_MISMATCH" "StateMismatchError"
        "The callback's state is not the one that this login began with."
        "Refuse it: it may be another's login. Begin a new one.";
    1016 TransactionInvalid "ERR_TRANSACTION_INVALID" "TransactionInvalidError"
        "The login's transaction is missing, altered, sealed with another key, or of another client or redirect URI."
        "Begin a new login; if it happens often, check that all workers have the same seal keys.";
    1017 TransactionExpired "ERR_TRANSACTION_EXPIRED" "TransactionExpiredError"
        "The login took longer than its transaction lasts: ten minutes."
        "Begin a new login.";
    1018 AuthorizationRefused "ERR_AUTHORIZATION_REFUSED" "AuthorizationRefusedError"
        "The provider did not authorize: the user cancelled, or it found an error."
        "See provider_error (RFC 6749 section 4.1.2.1) and provider_error_description; `access_denied` is the user's choice.";
    1019 GrantRefused "ERR_GRANT_REFUSED" "GrantRefusedError"
        "The token endpoint answered with an error."
        "See provider_error (RFC 6749 section 5.2): after `invalid_grant` the user must log in again, others are settings to correct.";
    1020 PkceUnsupported "ERR_PKCE_UNSUPPORTED" "PkceUnsupportedError"
        "The provider says that it does not support PKCE with S256."
        "Use a provider that does; dangerous_no_pkce gives the protection up.";
    1021 ClientAuthUnsupported "ERR_CLIENT_AUTH_UNSUPPORTED" "ClientAuthUnsupportedError"
        "The provider supports no client authentication that this client has credentials for."
        "Register the client for another method, or set token_endpoint_auth_method and its credentials.";
    1022 EndpointMissing "ERR_ENDPOINT_MISSING" "EndpointMissingError"
        "The provider has no endpoint for what was asked."
        "Do without, or set the endpoint if its metadata lacks it; the error's field names it.";
    1023 IdTokenMissing "ERR_ID_TOKEN_MISSING" "IdTokenMissingError"
        "The scope has openid, and the answer has no ID token."
        "Check the client's registration: the provider does not treat it as one of OpenID Connect.";
    1024 RefreshTokenMissing "ERR_REFRESH_TOKEN_MISSING" "RefreshTokenMissingError"
        "There is no refresh token."
        "Ask for one at the login (often scope offline_access), or have the user log in again.";
    1025 RefreshUncertain "ERR_REFRESH_UNCERTAIN" "RefreshUncertainError"
        "A refresh was sent and its answer was lost: the refresh token may have been replaced by one that nobody knows."
        "Have the user log in again, or hand the manager newer tokens; to send the old token again may revoke them all.";
    1026 PersistFailed "ERR_PERSIST_FAILED" "PersistFailedError"
        "The program's hook did not keep the new tokens."
        "Mend the hook; the tokens are handed to it again at the next call, before anything else.";

    2001 ApiKeyInvalid "ERR_API_KEY_INVALID" "ApiKeyInvalidError"
        "The API key is not one that was issued, or not for this prefix and environment."
        "Refuse the request (401). Why it is wrong is not told, so that a guesser learns nothing.";
    2002 ApiKeyExpired "ERR_API_KEY_EXPIRED" "ApiKeyExpiredError"
        "The API key is genuine, and its time is over."
        "Refuse the request (401), and have the owner get another key.";
    2003 ApiKeyRevoked "ERR_API_KEY_REVOKED" "ApiKeyRevokedError"
        "The API key is genuine, and was revoked."
        "Refuse the request (401).";
    2004 ApiKeyScope "ERR_API_KEY_SCOPE" "ApiKeyScopeError"
        "The API key is genuine and valid, and lacks a scope that was asked for."
        "Refuse the request (403): the error's field names the scope.";
    2005 ApiKeyNotFound "ERR_API_KEY_NOT_FOUND" "ApiKeyNotFoundError"
        "There is no API key with this id."
        "Check the id, and that the prefix and the environment are those of the key.";

    2101 StoreUnavailable "ERR_STORE_UNAVAILABLE" "StoreUnavailableError"
        "The store cannot be asked; nothing has changed."
        "Answer 503 and try again later: a store that fails says nothing about a key.";
    2102 StoreUncertain "ERR_STORE_UNCERTAIN" "StoreUncertainError"
        "The store was asked to change something and did not say whether it has."
        "Answer 503, look at what is there, and do it again.";
    2103 StoreConflict "ERR_STORE_CONFLICT" "StoreConflictError"
        "Others changed the same record again and again."
        "Try again.";
    2104 StoreFull "ERR_STORE_FULL" "StoreFullError"
        "The store has no room; nothing has changed."
        "Make room: sweep what is over, raise its limit, or give it a larger disk.";
    2105 StoreCorrupt "ERR_STORE_CORRUPT" "StoreCorruptError"
        "The store, or a record in it, is not as it was written."
        "Answer 503 and restore the store: it was damaged, or changed by hand. With the field peppers, put the pepper back.";
    2106 StoreForeign "ERR_STORE_FOREIGN" "StoreForeignError"
        "The file or database holds something else than authwright's records; it was not touched."
        "Name another file or namespace.";
    2107 StoreVersion "ERR_STORE_VERSION" "StoreVersionError"
        "The store was written by a newer release of authwright; it was not touched."
        "Upgrade authwright.";
    2108 StoreForked "ERR_STORE_FORKED" "StoreForkedError"
        "The store was opened by the parent process, and its connections cannot be shared with a child."
        "The parent must not have it open at the fork: open it after the fork, in each process.";
}

impl Code {
    /// The stable number, as C sees it.
    #[must_use]
    pub const fn number(self) -> i32 {
        self as i32
    }

    /// The code with this name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A failure: its [`Code`], a message for people, and the claim, member, option or parameter at fault.
///
/// One opaque type serves the whole library, because callers branch on the code and show the message; a tree of
/// nested reasons would be a second API to keep stable in every language. Messages never hold secrets, key material or
/// whole tokens. It is one pointer wide, so that the success path carries no weight for it.
#[derive(Clone, thiserror::Error)]
#[error("{}", .0.message)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    code: Code,
    message: Cow<'static, str>,
    field: Option<Cow<'static, str>>,
    cause: Option<Error>,
    answer: Option<Answer>,
}

/// What a server answered instead of what it was asked for, in its own words.
#[derive(Clone, Default)]
pub(crate) struct Answer {
    /// None if it came through the browser.
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<String>,
    pub(crate) description: Option<String>,
}

impl Error {
    #[cold]
    pub(crate) fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner { code, message: message.into(), field: None, cause: None, answer: None }))
    }

    /// Names the claim, member, option or parameter at fault.
    #[cold]
    pub(crate) fn at(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// Names the error that led to this one.
    #[cold]
    pub(crate) fn caused_by(mut self, cause: Self) -> Self {
        self.0.cause = Some(cause);
        self
    }

    /// Keeps what the server said.
    #[cold]
    pub(crate) fn answered(mut self, answer: Answer) -> Self {
        self.0.answer = Some(answer);
        self
    }

    /// For a front end whose own argument conversion failed: [`Code::InvalidArgument`] at `parameter`.
    #[cold]
    pub fn invalid_argument(parameter: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::InvalidArgument, message).at(parameter)
    }

    /// For a front end's panic guard: [`Code::Internal`].
    #[cold]
    pub fn internal(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Internal, message)
    }

    /// The code, for programs.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The message, for people. Not part of the API.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The claim, header member, option or parameter at fault, where one can be named.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// The error that led to this one, such as the failed request behind `ERR_KEYS_NEEDED`.
    #[must_use]
    pub fn cause(&self) -> Option<&Error> {
        self.0.cause.as_ref()
    }

    /// The status of the server's answer, where one led to this error.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        self.0.answer.as_ref()?.status
    }

    /// The `error` member of the server's answer (RFC 6749 section 5.2), as it wrote it.
    #[must_use]
    pub fn provider_error(&self) -> Option<&str> {
        self.0.answer.as_ref()?.error.as_deref()
    }

    /// The `error_description` member of the server's answer, as it wrote it.
    #[must_use]
    pub fn provider_error_description(&self) -> Option<&str> {
        self.0.answer.as_ref()?.description.as_deref()
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Error");
        debug.field("code", &self.code()).field("message", &self.message());
        if let Some(field) = self.field() {
            debug.field("field", &field);
        }
        if let Some(status) = self.http_status() {
            debug.field("http_status", &status);
        }
        if let Some(cause) = self.cause() {
            debug.field("cause", cause);
        }
        debug.finish()
    }
}

/// A text from outside as a message shows it: quoted, its control characters escaped, and no more than its beginning.
/// Who sends it would like to fill a log otherwise; a precision in the format has no effect on `{:?}`.
pub(crate) struct Excerpt<'a>(pub(crate) &'a str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(64) {
            Some((end, _)) => write!(formatter, "{:?}...", self.0.get(..end).unwrap_or_default()),
            None => write!(formatter, "{:?}", self.0),
        }
    }
}

/// What every fallible function of the core returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend_and_names_follow_the_scheme() {
        for pair in Code::ALL.windows(2) {
            assert!(pair[0].number() < pair[1].number(), "{} before {}", pair[0], pair[1]);
        }
        for code in Code::ALL {
            assert_eq!(Code::from_name(code.name()), Some(*code));
            let camel: String = code.name()["ERR_".len()..]
                .split('_')
                .map(|word| word[..1].to_owned() + &word[1..].to_lowercase())
                .collect();
            assert_eq!(code.class(), camel + "Error");
        }
    }

    #[test]
    fn an_excerpt_is_short_and_on_one_line() {
        assert_eq!(Excerpt("a\nb").to_string(), r#""a\nb""#);
        assert_eq!(Excerpt(&"\u{e9}".repeat(64)).to_string(), format!("\"{}\"", "\u{e9}".repeat(64)));
        assert_eq!(Excerpt(&"\u{e9}".repeat(9999)).to_string(), format!("\"{}\"...", "\u{e9}".repeat(64)));
    }

    #[test]
    fn an_error_is_one_pointer_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
