//! Stores that are wrong, each in one way, and the check that finds it.
