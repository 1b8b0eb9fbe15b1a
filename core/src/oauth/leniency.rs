//! What providers do otherwise than the specifications say, and is read all the same because no check depends on it.

use std::fmt;

/// A harmless deviation of a token endpoint's answer. `strict` clients refuse all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Leniency {
    /// The status was 201 instead of 200.
    Status201,
    /// JSON came as another content type, or as none.
    ContentType,
    /// A form came instead of JSON.
    FormEncoded,
    /// A member `error` said nothing: null, false or an empty string.
    ErrorEmpty,
    /// `token_type` was missing or empty. It is taken for `Bearer`.
    TokenTypeMissing,
    /// `expires_in` was a string of digits.
    ExpiresInString,
    /// `expires_in` had a fraction or an exponent. The fraction is cut off.
    ExpiresInFraction,
    /// `expires_in` was null or an empty string. It is taken for missing.
    ExpiresInEmpty,
    /// `scope` was an array.
    ScopeArray,
    /// `scope` was a list with commas instead of spaces.
    ScopeCommas,
    /// `scope` was an empty string. It is taken for no scope at all.
    ScopeEmpty,
    /// `scope` was null. It is taken for missing.
    ScopeNull,
    /// `refresh_token` was null or an empty string. It is taken for missing.
    RefreshTokenEmpty,
    /// `id_token` was null or an empty string. It is taken for missing.
    IdTokenEmpty,
}

impl Leniency {
    /// Every leniency.
    pub const ALL: &'static [Self] = &[
        Self::Status201,
        Self::ContentType,
        Self::FormEncoded,
        Self::ErrorEmpty,
        Self::TokenTypeMissing,
        Self::ExpiresInString,
        Self::ExpiresInFraction,
        Self::ExpiresInEmpty,
        Self::ScopeArray,
        Self::ScopeCommas,
        Self::ScopeEmpty,
        Self::ScopeNull,
        Self::RefreshTokenEmpty,
        Self::IdTokenEmpty,
    ];

    /// The stable name, such as `scope_array`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Status201 => "status_201",
            Self::ContentType => "content_type",
            Self::FormEncoded => "form_encoded",
            Self::ErrorEmpty => "error_empty",
            Self::TokenTypeMissing => "token_type_missing",
            Self::ExpiresInString => "expires_in_string",
            Self::ExpiresInFraction => "expires_in_fraction",
            Self::ExpiresInEmpty => "expires_in_empty",
            Self::ScopeArray => "scope_array",
            Self::ScopeCommas => "scope_commas",
            Self::ScopeEmpty => "scope_empty",
            Self::ScopeNull => "scope_null",
            Self::RefreshTokenEmpty => "refresh_token_empty",
            Self::IdTokenEmpty => "id_token_empty",
        }
    }

    /// The leniency with this name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|leniency| leniency.name() == name)
    }

    /// What deviates: the field of the error of a strict client.
    pub(super) const fn field(self) -> &'static str {
        match self {
            Self::Status201 => "status",
            Self::ContentType | Self::FormEncoded => "content-type",
            Self::ErrorEmpty => "error",
            Self::TokenTypeMissing => "token_type",
            Self::ExpiresInString | Self::ExpiresInFraction | Self::ExpiresInEmpty => "expires_in",
            Self::ScopeArray | Self::ScopeCommas | Self::ScopeEmpty | Self::ScopeNull => "scope",
            Self::RefreshTokenEmpty => "refresh_token",
            Self::IdTokenEmpty => "id_token",
        }
    }
}

impl fmt::Display for Leniency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_name_of_its_own() {
        for leniency in Leniency::ALL {
            let name = leniency.name();
            assert_eq!(Leniency::from_name(name), Some(*leniency));
            assert!(
                name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'),
                "{name}"
            );
            assert!(
                name.starts_with(&leniency.field().replace('-', "_")) || *leniency == Leniency::FormEncoded,
                "{name}"
            );
        }
        assert_eq!(Leniency::from_name("other"), None);
    }
}
