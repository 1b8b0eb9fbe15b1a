//! TLS to Redis: rustls, on the crypto provider that the library is built with.
//!
//! The redis crate's own TLS takes the provider of the process, and panics where two are compiled in and none is
//! installed. Nothing is installed for, or taken from, the process here.

use std::sync::Arc;

#[cfg(feature = "aws-lc-rs")]
use rustls::crypto::aws_lc_rs::default_provider;
#[cfg(not(feature = "aws-lc-rs"))]
use rustls::crypto::ring::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

/// Trusts the platform's authorities and these; or says why nobody can be.
pub(super) fn client(authorities: &[CertificateDer<'static>]) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    // Systems have certificates that nobody can read. One fewer is trusted then.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for authority in authorities {
        roots
            .add(authority.clone())
            .map_err(|error| format!("a certificate of ca_file cannot be an authority: {error}"))?;
    }
    if roots.is_empty() {
        return Err("this system has no trusted authorities; install its CA certificates, or name a ca_file".to_owned());
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}
