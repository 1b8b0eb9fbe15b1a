//! Claim names as interned strings, made once: a known name costs no allocation and no hashing.

use pyo3::Borrowed;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;

/// The names that occur in the tokens of real issuers, of at most [`MOST_BYTES`]. Any other is made anew for each token.
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
    "b64",
    "c_hash",
    "cid",
    "client_id",
    "cnf",
    "cognito:groups",
    "crit",
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
    "jwk",
    "kid",
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
    "picture",
    "realm_access",
    "resource_access",
    "role",
    "roles",
    "scope",
    "scp",
    "session_state",
    "sid",
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

/// What fits in a [`Packed`].
const MOST_BYTES: usize = 16;

/// Several times the number of names, and a power of two.
const SLOTS: usize = 256;

/// A name as its length and two words, so that comparing is no loop and no call.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Packed {
    length: usize,
    first: u64,
    last: u64,
}

/// An open-addressed table, never written after it is made, and so read without a lock.
struct Names([Option<(Packed, Py<PyString>)>; SLOTS]);

static NAMES: PyOnceLock<Names> = PyOnceLock::new();

/// The interned string, if the name is a known one.
#[inline]
pub(crate) fn interned<'py>(py: Python<'py>, name: &str) -> Option<Borrowed<'static, 'py, PyString>> {
    let packed = Packed::new(name.as_bytes())?;
    let names = NAMES.get(py)?;
    let mut slot = packed.slot();
    loop {
        match names.0.get(slot)? {
            Some((known, string)) if *known == packed => return Some(string.bind_borrowed(py)),
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
            let Some(packed) = Packed::new(name.as_bytes()) else { continue };
            let mut slot = packed.slot();
            while let Some(Some(_)) = names.0.get(slot) {
                slot = slot.wrapping_add(1) % SLOTS;
            }
            if let Some(free) = names.0.get_mut(slot) {
                *free = Some((packed, PyString::intern(py, name).unbind()));
            }
        }
        names
    });
}

impl Packed {
    /// The first and the last bytes, which overlap in a short name; with the length they say all of it.
    #[inline]
    fn new(name: &[u8]) -> Option<Self> {
        let length = name.len();
        let (first, last) = if let (Some(first), Some(last)) = (name.first_chunk::<8>(), name.last_chunk::<8>()) {
            (u64::from_le_bytes(*first), u64::from_le_bytes(*last))
        } else if let (Some(first), Some(last)) = (name.first_chunk::<4>(), name.last_chunk::<4>()) {
            (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into())
        } else if let (Some(first), Some(last)) = (name.first_chunk::<2>(), name.last_chunk::<2>()) {
            (u16::from_le_bytes(*first).into(), u16::from_le_bytes(*last).into())
        } else {
            (name.first().copied().unwrap_or(0).into(), 0)
        };
        (length <= MOST_BYTES).then_some(Self { length, first, last })
    }

    /// Where to look first.
    #[inline]
    fn slot(self) -> usize {
        // An odd multiplier with well mixed bits (from 2^64 divided by the golden ratio) brings differences to the top.
        let mixed = (self.first ^ self.last.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 56) as usize % SLOTS
    }
}
