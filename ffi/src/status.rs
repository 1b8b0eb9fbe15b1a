//! The status of a C call. Its numbers are those of the core's error table; the tests hold the two together.

use std::ffi::{CString, c_char};
use std::sync::OnceLock;

use authwright_core::Code;

/// The verdict of a call: `AW_OK`, or why it failed. The numbers never change. Later releases may add some: treat one
/// that you do not know as a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum aw_status {
    /// The call succeeded.
    AW_OK = 0,
    /// An argument or option has a type or value that can never work.
    AW_ERR_INVALID_ARGUMENT = 1,
    /// An option or policy member is not one that authwright knows.
    AW_ERR_UNKNOWN_OPTION = 2,
    /// The policy document asks for a version that this release does not know.
    AW_ERR_POLICY_VERSION = 3,
    /// authwright failed in a way that no input should be able to cause.
    AW_ERR_INTERNAL = 4,
    /// The key, key set or certificate is not in a form that authwright reads.
    AW_ERR_KEY_FORMAT = 101,
    /// The parts of the key do not belong together.
    AW_ERR_KEY_INCONSISTENT = 102,
    /// The key is too short for its algorithm.
    AW_ERR_KEY_TOO_WEAK = 103,
    /// The private key is encrypted and the password is missing or wrong.
    AW_ERR_KEY_PASSWORD = 104,
    /// The operation needs a private key and was given a public one.
    AW_ERR_KEY_NOT_PRIVATE = 105,
    /// The key is of another type, or meant for another algorithm or use, than was asked for.
    AW_ERR_KEY_MISMATCH = 106,
    /// The algorithm or curve is unknown to authwright, or not available from the crypto provider it was built with.
    AW_ERR_UNSUPPORTED_ALGORITHM = 107,
    /// The token is not a compact JWS: three segments and a header that names its algorithm.
    AW_ERR_TOKEN_MALFORMED = 201,
    /// The token is longer than the policy's max_token_bytes.
    AW_ERR_TOKEN_TOO_LARGE = 202,
    /// A segment is not base64url without padding in its one canonical form.
    AW_ERR_TOKEN_ENCODING = 203,
    /// The header or the claims are not one strict JSON object.
    AW_ERR_TOKEN_JSON = 204,
    /// The header's crit is malformed or names an extension that is not understood.
    AW_ERR_TOKEN_CRITICAL = 205,
    /// The header's typ is not the one expected, or is missing.
    AW_ERR_TOKEN_TYPE = 206,
    /// The token's alg is not one that both the key and the policy allow.
    AW_ERR_ALGORITHM_NOT_ALLOWED = 301,
    /// No key of the set fits the token's kid and alg.
    AW_ERR_KEY_NOT_FOUND = 302,
    /// The signature does not fit the token and the key.
    AW_ERR_SIGNATURE_INVALID = 303,
    /// The token's exp, and the leeway, are over.
    AW_ERR_TOKEN_EXPIRED = 401,
    /// The token's nbf is still to come.
    AW_ERR_TOKEN_NOT_YET_VALID = 402,
    /// The token's iat lies in the future.
    AW_ERR_TOKEN_ISSUED_IN_FUTURE = 403,
    /// The token was issued longer ago than the policy's max_token_age.
    AW_ERR_TOKEN_TOO_OLD = 404,
    /// The token's iss is not an expected issuer.
    AW_ERR_ISSUER_MISMATCH = 405,
    /// The token's aud holds no expected audience, or none is expected and the token has one.
    AW_ERR_AUDIENCE_MISMATCH = 406,
    /// The token's sub is not an expected subject.
    AW_ERR_SUBJECT_MISMATCH = 407,
    /// A claim that the policy needs is not in the token.
    AW_ERR_CLAIM_MISSING = 408,
    /// A claim has a type or range that its definition does not allow.
    AW_ERR_CLAIM_TYPE = 409,
    /// A claim does not have a value that the policy expects.
    AW_ERR_CLAIM_MISMATCH = 410,
    /// The issuer's keys that this token needs are not here: never fetched, too old, or asked for too lately to ask again.
    AW_ERR_KEYS_NEEDED = 1001,
    /// A request got no answer: the name did not resolve, or connecting, sending or receiving failed.
    AW_ERR_TRANSPORT = 1002,
    /// No secure connection: the server's certificate is not trusted, expired, or for another name.
    AW_ERR_TRANSPORT_TLS = 1003,
    /// The transport cannot do what the request asks for.
    AW_ERR_TRANSPORT_UNSUPPORTED = 1004,
    /// The time for the operation or the request was over.
    AW_ERR_DEADLINE = 1005,
    /// A URL that came from outside leads to a special-use address: loopback, private, link-local and the like.
    AW_ERR_ADDRESS_REFUSED = 1006,
    /// A URL is not one that authwright sends requests to: https, or http to a loopback address; no user, no fragment.
    AW_ERR_URL_REFUSED = 1007,
    /// A server's answer is longer than is read.
    AW_ERR_RESPONSE_TOO_LARGE = 1008,
    /// A server answered with a status that is no success; a redirect, which is never followed, ends here too.
    AW_ERR_RESPONSE_STATUS = 1009,
    /// A server's answer is not what was asked for: another content type, not strict JSON, or without usable content.
    AW_ERR_RESPONSE_INVALID = 1010,
    /// A provider's metadata lacks a member, has one that cannot be used, or is another issuer's.
    AW_ERR_METADATA_INVALID = 1011,
    /// An exported state does not open: made with another key, for another issuer or URL, or altered.
    AW_ERR_STATE_INVALID = 1012,
    /// What would use a connection was closed.
    AW_ERR_CLOSED = 1013,
    /// The callback is not an authorization response: no code, a parameter twice, or no URL, query or form at all.
    AW_ERR_CALLBACK_INVALID = 1014,
    /// The callback's state is not the one that this login began with.
    AW_ERR_STATE_MISMATCH = 1015,
    /// The login's transaction is missing, altered, sealed with another key, or of another client or redirect URI.
    AW_ERR_TRANSACTION_INVALID = 1016,
    /// The login took longer than its transaction lasts: ten minutes.
    AW_ERR_TRANSACTION_EXPIRED = 1017,
    /// The provider did not authorize: the user cancelled, or it found an error.
    AW_ERR_AUTHORIZATION_REFUSED = 1018,
    /// The token endpoint answered with an error.
    AW_ERR_GRANT_REFUSED = 1019,
    /// The provider says that it does not support PKCE with S256.
    AW_ERR_PKCE_UNSUPPORTED = 1020,
    /// The provider supports no client authentication that this client has credentials for.
    AW_ERR_CLIENT_AUTH_UNSUPPORTED = 1021,
    /// The provider has no endpoint for what was asked.
    AW_ERR_ENDPOINT_MISSING = 1022,
    /// The scope has openid, and the answer has no ID token.
    AW_ERR_ID_TOKEN_MISSING = 1023,
    /// There is no refresh token.
    AW_ERR_REFRESH_TOKEN_MISSING = 1024,
    /// A refresh was sent and its answer was lost: the refresh token may have been replaced by one that nobody knows.
    AW_ERR_REFRESH_UNCERTAIN = 1025,
    /// The program's hook did not keep the new tokens.
    AW_ERR_PERSIST_FAILED = 1026,
    /// The API key is not one that was issued, or not for this prefix and environment.
    AW_ERR_API_KEY_INVALID = 2001,
    /// The API key is genuine, and its time is over.
    AW_ERR_API_KEY_EXPIRED = 2002,
    /// The API key is genuine, and was revoked.
    AW_ERR_API_KEY_REVOKED = 2003,
    /// The API key is genuine and valid, and lacks a scope that was asked for.
    AW_ERR_API_KEY_SCOPE = 2004,
    /// There is no API key with this id.
    AW_ERR_API_KEY_NOT_FOUND = 2005,
    /// The store cannot be asked; nothing has changed.
    AW_ERR_STORE_UNAVAILABLE = 2101,
    /// The store was asked to change something and did not say whether it has.
    AW_ERR_STORE_UNCERTAIN = 2102,
    /// Others changed the same record again and again.
    AW_ERR_STORE_CONFLICT = 2103,
    /// The store has no room; nothing has changed.
    AW_ERR_STORE_FULL = 2104,
    /// The store, or a record in it, is not as it was written.
    AW_ERR_STORE_CORRUPT = 2105,
    /// The file or database holds something else than authwright's records; it was not touched.
    AW_ERR_STORE_FOREIGN = 2106,
    /// The store was written by a newer release of authwright; it was not touched.
    AW_ERR_STORE_VERSION = 2107,
    /// The store was opened by the parent process, and its connections cannot be shared with a child.
    AW_ERR_STORE_FORKED = 2108,
}

impl aw_status {
    /// Every status except `AW_OK`, in the order of the numbers.
    pub const FAILURES: &'static [aw_status] = &[
        Self::AW_ERR_INVALID_ARGUMENT,
        Self::AW_ERR_UNKNOWN_OPTION,
        Self::AW_ERR_POLICY_VERSION,
        Self::AW_ERR_INTERNAL,
        Self::AW_ERR_KEY_FORMAT,
        Self::AW_ERR_KEY_INCONSISTENT,
        Self::AW_ERR_KEY_TOO_WEAK,
        Self::AW_ERR_KEY_PASSWORD,
        Self::AW_ERR_KEY_NOT_PRIVATE,
        Self::AW_ERR_KEY_MISMATCH,
        Self::AW_ERR_UNSUPPORTED_ALGORITHM,
        Self::AW_ERR_TOKEN_MALFORMED,
        Self::AW_ERR_TOKEN_TOO_LARGE,
        Self::AW_ERR_TOKEN_ENCODING,
        Self::AW_ERR_TOKEN_JSON,
        Self::AW_ERR_TOKEN_CRITICAL,
        Self::AW_ERR_TOKEN_TYPE,
        Self::AW_ERR_ALGORITHM_NOT_ALLOWED,
        Self::AW_ERR_KEY_NOT_FOUND,
        Self::AW_ERR_SIGNATURE_INVALID,
        Self::AW_ERR_TOKEN_EXPIRED,
        Self::AW_ERR_TOKEN_NOT_YET_VALID,
        Self::AW_ERR_TOKEN_ISSUED_IN_FUTURE,
        Self::AW_ERR_TOKEN_TOO_OLD,
        Self::AW_ERR_ISSUER_MISMATCH,
        Self::AW_ERR_AUDIENCE_MISMATCH,
        Self::AW_ERR_SUBJECT_MISMATCH,
        Self::AW_ERR_CLAIM_MISSING,
        Self::AW_ERR_CLAIM_TYPE,
        Self::AW_ERR_CLAIM_MISMATCH,
        Self::AW_ERR_KEYS_NEEDED,
        Self::AW_ERR_TRANSPORT,
        Self::AW_ERR_TRANSPORT_TLS,
        Self::AW_ERR_TRANSPORT_UNSUPPORTED,
        Self::AW_ERR_DEADLINE,
        Self::AW_ERR_ADDRESS_REFUSED,
        Self::AW_ERR_URL_REFUSED,
        Self::AW_ERR_RESPONSE_TOO_LARGE,
        Self::AW_ERR_RESPONSE_STATUS,
        Self::AW_ERR_RESPONSE_INVALID,
        Self::AW_ERR_METADATA_INVALID,
        Self::AW_ERR_STATE_INVALID,
        Self::AW_ERR_CLOSED,
        Self::AW_ERR_CALLBACK_INVALID,
        Self::AW_ERR_STATE_MISMATCH,
        Self::AW_ERR_TRANSACTION_INVALID,
        Self::AW_ERR_TRANSACTION_EXPIRED,
        Self::AW_ERR_AUTHORIZATION_REFUSED,
        Self::AW_ERR_GRANT_REFUSED,
        Self::AW_ERR_PKCE_UNSUPPORTED,
        Self::AW_ERR_CLIENT_AUTH_UNSUPPORTED,
        Self::AW_ERR_ENDPOINT_MISSING,
        Self::AW_ERR_ID_TOKEN_MISSING,
        Self::AW_ERR_REFRESH_TOKEN_MISSING,
        Self::AW_ERR_REFRESH_UNCERTAIN,
        Self::AW_ERR_PERSIST_FAILED,
        Self::AW_ERR_API_KEY_INVALID,
        Self::AW_ERR_API_KEY_EXPIRED,
        Self::AW_ERR_API_KEY_REVOKED,
        Self::AW_ERR_API_KEY_SCOPE,
        Self::AW_ERR_API_KEY_NOT_FOUND,
        Self::AW_ERR_STORE_UNAVAILABLE,
        Self::AW_ERR_STORE_UNCERTAIN,
        Self::AW_ERR_STORE_CONFLICT,
        Self::AW_ERR_STORE_FULL,
        Self::AW_ERR_STORE_CORRUPT,
        Self::AW_ERR_STORE_FOREIGN,
        Self::AW_ERR_STORE_VERSION,
        Self::AW_ERR_STORE_FORKED,
    ];

    pub(crate) fn of(code: Code) -> Self {
        let known = Self::FAILURES.iter().find(|status| **status as i32 == code.number());
        known.copied().unwrap_or(Self::AW_ERR_INTERNAL)
    }
}

/// The name of a status, such as "ERR_TOKEN_EXPIRED": the code that Python and Node show. "OK" for `AW_OK`, and
/// "ERR_UNKNOWN" for a number that this release does not know. The string lives as long as the program.
#[unsafe(no_mangle)]
pub extern "C" fn aw_status_name(status: i32) -> *const c_char {
    describe(status).map_or(c"ERR_UNKNOWN".as_ptr(), |described| described.name.as_ptr())
}

/// What a status means, in one English sentence for people. The string lives as long as the program.
#[unsafe(no_mangle)]
pub extern "C" fn aw_status_meaning(status: i32) -> *const c_char {
    describe(status)
        .map_or(c"The status is not one that this release knows.".as_ptr(), |described| described.meaning.as_ptr())
}

struct Described {
    number: i32,
    name: CString,
    meaning: CString,
}

/// The core's table with NULs behind its strings, made when it is first asked for.
fn describe(status: i32) -> Option<&'static Described> {
    static TABLE: OnceLock<Vec<Described>> = OnceLock::new();
    let terminated = |text: &str| CString::new(text).unwrap_or_default();
    let table = TABLE.get_or_init(|| {
        let ok = Described { number: 0, name: c"OK".to_owned(), meaning: c"The call succeeded.".to_owned() };
        let failures = Code::ALL.iter().map(|code| Described {
            number: code.number(),
            name: terminated(code.name()),
            meaning: terminated(code.meaning()),
        });
        std::iter::once(ok).chain(failures).collect()
    });
    table.iter().find(|described| described.number == status)
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;
    use crate::version::aw_version;

    fn text(pointer: *const c_char) -> &'static str {
        // SAFETY: these functions return NUL-terminated strings that live as long as the program.
        unsafe { CStr::from_ptr(pointer) }.to_str().unwrap()
    }

    #[test]
    fn statuses_equal_the_table_of_the_core() {
        assert_eq!(aw_status::FAILURES.len(), Code::ALL.len());
        for (status, code) in aw_status::FAILURES.iter().zip(Code::ALL) {
            assert_eq!(*status as i32, code.number());
            assert_eq!(format!("{status:?}"), format!("AW_{}", code.name()));
            assert_eq!(text(aw_status_name(code.number())), code.name());
            assert_eq!(text(aw_status_meaning(code.number())), code.meaning());
        }
    }

    #[test]
    fn every_number_has_an_answer() {
        assert_eq!(text(aw_status_name(0)), "OK");
        for number in [-1, 5, i32::MIN, i32::MAX] {
            assert_eq!(text(aw_status_name(number)), "ERR_UNKNOWN");
            assert!(!text(aw_status_meaning(number)).is_empty());
        }
    }

    #[test]
    fn version_is_that_of_the_package() {
        assert_eq!(text(aw_version()), env!("CARGO_PKG_VERSION"));
    }
}
