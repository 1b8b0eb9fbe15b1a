//! OAuth 2.0 and OpenID Connect: logging users in at a provider, and what follows from it.
//!
//! ```text
//!  begin_login ──▶ Login { url, cookie } ──▶ the browser ──▶ provider ──▶ callback ──▶ finish_login ──▶ Tokens
//!                                                                                          refresh ◀──┘  │
//!                                                              userinfo, revoke, logout_url ◀────────────┘
//! ```
//!
//! A [`Client`] is one registration at one provider. Everything it does is an [operation](crate::operation). What a
//! login must remember while the browser is away is one sealed text, in a cookie or wherever the program keeps it; so
//! any worker can finish a login that another began.
//!
//! Always on: PKCE with S256 (RFC 7636), `state`, `nonce`, the issuer of the response (RFC 9207), the ID token's
//! signature and claims. A code or a refresh token is sent once, whatever comes of it.

mod answer;
mod auth_method;
mod callback;
mod client;
mod client_authentication;
mod client_options;
mod cookie;
mod leniency;
mod login;
mod metadata;
mod profile;
mod token_endpoint;
mod token_manager;
mod token_response;
mod tokens;
mod transaction;

pub(crate) use answer::{failed, json_body, json_list, max_age, refusal};
pub use client::{Client, Credentials};
pub(crate) use client::{Inner, Provider};
pub use client_options::ClientOptions;
pub use leniency::Leniency;
pub use login::{Kept, Login, LoginOptions};
pub(crate) use metadata::{Endpoints, Issuer, ProviderMetadata};
pub use token_endpoint::RefreshOptions;
pub use token_manager::{ManagerOptions, TokenManager};
pub use tokens::Tokens;

pub use crate::oidc::{LogoutOptions, User};
