//! Claim names as interned strings, made once: a registered claim costs no allocation and no hashing.

use pyo3::Borrowed;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;

/// The names that occur in the tokens of real issuers. Any other name is made anew for each token.
const KNOWN: &[&str] = &[
    "acr",
    "address",
    "alg",
    "amr",
    "appid",
    "at_hash",
    "aud",
    "auth_time",
    "azp",
    "c_hash",
    "cid",
    "client_id",
    "cnf",
    "cognito:groups",
    "crit",
    "crv",
    "cty",
    "email",
    "email_verified",
    "entitlements",
    "exp",
    "family_name",
    "firebase",
    "given_name",
    "groups",
    "gty",
    "hd",
    "iat",
    "idp",
    "iss",
    "jti",
    "kid",
    "kty",
    "kubernetes.io",
    "locale",
    "name",
    "nbf",
    "nickname",
    "nonce",
    "oid",
    "org_id",
    "permissions",
    "phone_number",
    "phone_number_verified",
    "picture",
    "preferred_username",
    "realm_access",
    "resource_access",
    "role",
    "roles",
    "scope",
    "scp",
    "session_state",
    "sid",
    "sign_in_provider",
    "sub",
    "tenant",
    "tid",
    "token_use",
    "typ",
    "uid",
    "updated_at",
    "upn",
    "user_id",
    "username",
    "uti",
    "ver",
    "version",
    "x5t",
    "zoneinfo",
];

/// Twice the number of names and more, and a power of two.
const SLOTS: usize = 256;

/// An open-addressed table, never written after it is made, and so read without a lock.
struct Names([Option<(&'static str, Py<PyString>)>; SLOTS]);

static NAMES: PyOnceLock<Names> = PyOnceLock::new();

/// The interned string, if the name is a known one.
#[inline]
pub(crate) fn interned<'py>(py: Python<'py>, name: &str) -> Option<Borrowed<'static, 'py, PyString>> {
    let names = NAMES.get(py)?;
    let mut slot = slot(name.as_bytes());
    loop {
        match names.0.get(slot)? {
            Some((known, string)) if *known == name => return Some(string.bind_borrowed(py)),
            Some(_) => slot = slot.wrapping_add(1) % SLOTS,
            None => return None,
        }
    }
}

/// Makes the table: called once, when the module is imported.
pub(crate) fn intern(py: Python<'_>) {
    NAMES.get_or_init(py, || {
        let mut names = Names([const { None }; SLOTS]);
        for name in KNOWN {
            let mut slot = slot(name.as_bytes());
            while let Some(Some(_)) = names.0.get(slot) {
                slot = slot.wrapping_add(1) % SLOTS;
            }
            if let Some(free) = names.0.get_mut(slot) {
                *free = Some((name, PyString::intern(py, name).unbind()));
            }
        }
        names
    });
}

/// Where to look first: the names differ in their length and in their first and last bytes.
#[inline]
fn slot(name: &[u8]) -> usize {
    let first = name.first().copied().map_or(0, usize::from);
    let last = name.last().copied().map_or(0, usize::from);
    name.len().wrapping_mul(29).wrapping_add(first.wrapping_mul(7)).wrapping_add(last.wrapping_mul(53)) % SLOTS
}
