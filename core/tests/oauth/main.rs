//! Logins and what follows from them, on virtual time, at a provider that can be made to misbehave.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod login;
mod provider;
mod token_manager;
