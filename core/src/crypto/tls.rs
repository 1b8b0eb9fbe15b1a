//! What TLS takes from the crypto provider and from the platform, whoever it leads to.
//!
//! Nothing is installed for, or taken from, the process: another library in it may use rustls with a provider of its
//! own.
//!
//! The platform's authorities are loaded by `rustls-native-certs` and judged by rustls, rather than by each system's
//! own verifier: the verdict is the same on every system, none of them talks to the network behind the request's
//! deadline, and `SSL_CERT_FILE` and `SSL_CERT_DIR` work everywhere.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
#[cfg(feature = "aws-lc-rs")]
use rustls::crypto::aws_lc_rs::default_provider;
#[cfg(not(feature = "aws-lc-rs"))]
use rustls::crypto::ring::default_provider;

/// The one that the library is built with.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(default_provider())
}

/// Those whom the platform trusts. There may be none.
pub(crate) fn platform_authorities() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    // Systems have certificates that nobody can read. One fewer is trusted then.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}
