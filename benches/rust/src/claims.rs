//! The claims every contestant signs and reads: 331 bytes of JSON, 479 bytes of signing input.

use serde::{Deserialize, Serialize};

/// The claims as text, shared with the other languages' benchmarks.
pub const TEXT: &str = include_str!("../../claims.json").trim_ascii();

/// Who the tokens are from and for.
pub const ISSUER: &str = "https://id.example/realms/main";
/// Who the tokens are for.
pub const AUDIENCE: &str = "https://api.example/v1";

/// The claims, borrowed from the token where the reader can.
#[derive(Serialize, Deserialize)]
pub struct Borrowed<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    nbf: i64,
    jti: &'a str,
    scope: &'a str,
    client_id: &'a str,
    roles: Vec<&'a str>,
}

/// The claims on their own.
#[derive(Serialize, Deserialize)]
pub struct Owned {
    iss: String,
    sub: String,
    aud: String,
    exp: i64,
    iat: i64,
    nbf: i64,
    jti: String,
    scope: String,
    client_id: String,
    roles: Vec<String>,
}
