//! Claim names as interned strings, made once: a known name costs no allocation and no hashing.

use pyo3::Borrowed;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;

/// What the values of a claim are like.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// The same in many tokens: who issued them, for whom, with which rights. With the claim's place among those.
    Recurring(usize),
    /// Different from token to token, or personal.
    Single,
}

impl Kind {
    /// The claim's place, if its values recur.
    #[inline]
    pub(crate) fn place(self) -> Option<usize> {
        if let Self::Recurring(place) = self { Some(place) } else { None }
    }
}

/// The names that occur in the tokens of real issuers, of at most [`MOST_BYTES`]. Any other is made anew for each token.
#[rustfmt::skip]
const RECURRING: &[&str] = &[
    "acr", "alg", "amr", "appid", "aud", "azp", "cid", "client_id", "cognito:groups", "crit", "cty", "entitlements",
    "groups", "gty", "hd", "idp", "iss", "kid", "locale", "org_id", "permissions", "role", "roles", "scope", "scp",
    "tenant", "tid", "token_use", "typ", "ver", "version", "zoneinfo",
];

/// The same, with values of the other kind.
#[rustfmt::skip]
const SINGLE: &[&str] = &[
    "address", "at_hash", "auth_time", "b64", "c_hash", "cnf", "email", "email_verified", "exp", "family_name",
    "firebase", "given_name", "iat", "jti", "jwk", "kubernetes.io", "name", "nbf", "nickname", "nonce", "oid",
    "phone_number", "picture", "realm_access", "resource_access", "session_state", "sid", "sub", "uid",
    "updated_at", "upn", "user_id", "username", "uti", "x5t",
];

/// What fits in a [`Packed`].
const MOST_BYTES: usize = 16;

/// Several times the number of names, and a power of two.
const SLOTS: usize = 256;

/// A name as its length and two words, so that comparing is no loop and no call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Packed {
    length: usize,
    first: u64,
    last: u64,
}

/// An open-addressed table, never written after it is made, and so read without a lock.
struct Names([Option<(Packed, Kind, Py<PyString>)>; SLOTS]);

static NAMES: PyOnceLock<Names> = PyOnceLock::new();

/// The interned string, if the name is a known one, and what its values are like.
#[inline]
pub(crate) fn interned<'py>(py: Python<'py>, name: &str) -> Option<(Borrowed<'static, 'py, PyString>, Kind)> {
    let packed = Packed::new(name.as_bytes())?;
    let names = NAMES.get(py)?;
    let mut slot = packed.slot();
    loop {
        match names.0.get(slot)? {
            Some((known, kind, string)) if *known == packed => return Some((string.bind_borrowed(py), *kind)),
            Some(_) => slot = slot.wrapping_add(1) % SLOTS,
            None => return None,
        }
    }
}

/// Makes the table: called once, when the module is imported.
pub(crate) fn intern(py: Python<'_>) {
    NAMES.get_or_init(py, || {
        let mut names = Names([const { None }; SLOTS]);
        let recurring = RECURRING.iter().enumerate().map(|(place, name)| (name, Kind::Recurring(place)));
        for (name, kind) in recurring.chain(SINGLE.iter().map(|name| (name, Kind::Single))) {
            let Some(packed) = Packed::new(name.as_bytes()) else { continue };
            let mut slot = packed.slot();
            while let Some(Some(_)) = names.0.get(slot) {
                slot = slot.wrapping_add(1) % SLOTS;
            }
            if let Some(free) = names.0.get_mut(slot) {
                *free = Some((packed, kind, PyString::intern(py, name).unbind()));
            }
        }
        names
    });
}

impl Packed {
    /// The first and the last bytes, which overlap in a short name; with the length they say all of it.
    #[inline]
    pub(crate) fn new(name: &[u8]) -> Option<Self> {
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
