//! OAuth 2.0 and OpenID Connect: what providers say about themselves.

mod answer;
mod auth_method;
mod client_authentication;
mod metadata;

pub(crate) use answer::{json_body, max_age};
pub(crate) use metadata::{Endpoints, Issuer, ProviderMetadata};
