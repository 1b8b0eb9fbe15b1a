//! A key that was just made.

use std::fmt;
use std::ops::Deref;

use zeroize::Zeroizing;

use super::key::ApiKey;

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
        // The secret has nothing to escape. Room for all of it at once: a string that grows leaves copies behind.
        let members = self.key.members().join(",");
        let parts = ["{\"secret\":\"", self.secret.as_str(), "\",", &members, "}"];
        let mut json = Zeroizing::new(String::with_capacity(parts.iter().map(|part| part.len()).sum()));
        parts.iter().for_each(|part| json.push_str(part));
        json
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
