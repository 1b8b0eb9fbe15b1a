//! The ways in which a client authenticates at the token endpoint.

use std::str::FromStr;

use crate::error::{Error, Excerpt, Result};

/// A way of client authentication, by its registered name (RFC 7591 section 2, RFC 8705 section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuthMethod {
    None,
    ClientSecretBasic,
    ClientSecretPost,
    ClientSecretJwt,
    PrivateKeyJwt,
    TlsClientAuth,
    SelfSignedTlsClientAuth,
}

impl AuthMethod {
    pub(super) const ALL: [Self; 7] = [
        Self::None,
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::ClientSecretJwt,
        Self::PrivateKeyJwt,
        Self::TlsClientAuth,
        Self::SelfSignedTlsClientAuth,
    ];

    /// The registered name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
        }
    }

    /// Whether the client shows its TLS certificate, and so needs the endpoints that ask for one (RFC 8705 section 5).
    pub(crate) const fn needs_certificate(self) -> bool {
        matches!(self, Self::TlsClientAuth | Self::SelfSignedTlsClientAuth)
    }
}

impl FromStr for AuthMethod {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            let message = format!("{} is not a client authentication of authwright: it knows {known}", Excerpt(name));
            Error::invalid_argument("token_endpoint_auth_method", message)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn methods_go_by_their_registered_names() {
        for method in AuthMethod::ALL {
            assert_eq!(method.name().parse::<AuthMethod>().unwrap(), method);
        }
        for name in ["", "None", "client_secret", "CLIENT_SECRET_BASIC", "tls"] {
            let error = name.parse::<AuthMethod>().unwrap_err();
            assert_eq!((error.code(), error.field()), (Code::InvalidArgument, Some("token_endpoint_auth_method")));
        }
    }
}
