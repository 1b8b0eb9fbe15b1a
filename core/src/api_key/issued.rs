//! A key that was just made.

use std::fmt;
use std::ops::Deref;

use zeroize::Zeroizing;

use super::key::ApiKey;
use crate::encoding::json_write::member;

/// A key with its secret, which nobody can show again. It is wiped when this is dropped, and `Debug` does not show it.
pub struct IssuedKey {
    pub(super) key: ApiKey,
    pub(super) secret: Zeroizing<String>,
}

impl IssuedKey {
    /// The whole key, as its owner presents it.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// What is known of it from here on.
    #[must_use]
    pub fn key(&self) -> &ApiKey {
        &self.key
    }

    /// The object of [`ApiKey::to_json`], and `secret`.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<String> {
        // The secret has nothing to escape.
        let secret = Zeroizing::new(member("secret", &Zeroizing::new(format!("\"{}\"", self.secret.as_str()))));
        Zeroizing::new(format!("{{{},{}}}", secret.as_str(), self.key.members().join(",")))
    }
}

impl Deref for IssuedKey {
    type Target = ApiKey;

    fn deref(&self) -> &ApiKey {
        &self.key
    }
}

impl fmt::Debug for IssuedKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("IssuedKey").field(&self.key).finish()
    }
}
