//! TLS to Redis: rustls, on the crypto provider that the library is built with.
//!
//! The redis crate's own TLS takes the provider of the process, and panics where two are compiled in and none is
//! installed.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;

use crate::crypto::tls::{platform_authorities, provider};

/// Trusts the platform's authorities and these; or says why nobody can be.
pub(super) fn client(authorities: &[CertificateDer<'static>]) -> Result<Arc<ClientConfig>, String> {
    let mut roots = platform_authorities();
    for authority in authorities {
        roots
            .add(authority.clone())
            .map_err(|error| format!("a certificate of ca_file cannot be an authority: {error}"))?;
    }
    if roots.is_empty() {
        return Err("this system has no trusted authorities; install its CA certificates, or name a ca_file".to_owned());
    }
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()))
}
