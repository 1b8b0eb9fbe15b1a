//! OpenID Connect on top of OAuth 2.0: who logged in, and that they logged out.

pub(crate) mod id_token;
mod logout;
mod user;
mod userinfo;

pub use logout::LogoutOptions;
pub use user::User;
pub(crate) use user::{UserMapping, name_in_callback};
