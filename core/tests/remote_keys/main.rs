//! An issuer's keys on virtual time: what is fetched when, and what is said of a token meanwhile.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod answers;
mod any_order;
mod flight;
mod issuer;
mod outage;
mod rotation;
mod state;
