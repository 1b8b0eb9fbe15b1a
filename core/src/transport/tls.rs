//! TLS: rustls on the crypto provider that the library is built with.

use std::fmt;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, ClientConnection, InconsistentKeys, RootCertStore, StreamOwned,
};
use ureq::unversioned::transport::{Buffers, LazyBuffers, NextTimeout, Transport, TransportAdapter};

use super::dial::Place;
use super::options::{ClientIdentity, HttpOptions};
use crate::crypto::tls::{platform_authorities, provider};
use crate::error::{Error, Excerpt, Result};
use crate::operation::Failure;

/// Whom the client trusts, and who it is.
pub(super) struct Tls {
    /// `None`: the platform's.
    roots: Option<Arc<RootCertStore>>,
    identity: Option<Arc<SingleCertAndKey>>,
}

/// [`Tls`] in use by one process: loads the platform's authorities at the first connection, and keeps what makes later
/// connections to the same server cheaper.
pub(super) struct TlsSessions {
    tls: Arc<Tls>,
    client: Mutex<Option<Arc<ClientConfig>>>,
}

/// A connection with TLS.
struct TlsTransport {
    stream: StreamOwned<ClientConnection, TransportAdapter>,
    buffers: LazyBuffers,
}

impl Tls {
    pub(super) fn new(options: &HttpOptions) -> Result<Self> {
        let roots = options.ca.as_deref().map(authorities).transpose()?.map(Arc::new);
        let identity = options.identity.as_ref().map(identity).transpose()?.map(|key| Arc::new(key.into()));
        Ok(Self { roots, identity })
    }

    pub(super) fn has_client_certificate(&self) -> bool {
        self.identity.is_some()
    }

    fn client(&self) -> Result<ClientConfig, Failure> {
        let roots = match &self.roots {
            Some(roots) => Arc::clone(roots),
            None => Arc::new(trusted_by_the_platform()?),
        };
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| Failure::tls(&error.to_string()))?
            .with_root_certificates(roots);
        let mut client = match &self.identity {
            Some(identity) => builder.with_client_cert_resolver(Arc::clone(identity) as _),
            None => builder.with_no_client_auth(),
        };
        // A server of another protocol says so, instead of misreading the request (RFC 9325 section 3.8).
        client.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(client)
    }
}

impl TlsSessions {
    pub(super) fn new(tls: Arc<Tls>) -> Self {
        Self { tls, client: Mutex::new(None) }
    }

    /// Agrees on TLS with the place at the other end of the connection.
    pub(super) fn start(&self, mut connection: TransportAdapter, place: &Place) -> Result<Box<dyn Transport>, Failure> {
        let name = ServerName::try_from(place.host().to_owned())
            .map_err(|_| Failure::tls(&format!("{} is not a name that a certificate can have", place.host())))?;
        let failed = |error: std::io::Error| super::dial::failure(place, error);
        let mut client = ClientConnection::new(self.client()?, name).map_err(|error| failure(place, &error))?;
        client.complete_io(&mut connection).map_err(failed)?;
        let buffers = LazyBuffers::new(super::dial::BUFFER_BYTES, super::dial::BUFFER_BYTES);
        Ok(Box::new(TlsTransport { stream: StreamOwned::new(client, connection), buffers }))
    }

    /// A failure to load the platform's authorities is not kept: what is missing may be installed later.
    fn client(&self) -> Result<Arc<ClientConfig>, Failure> {
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = &*client {
            return Ok(Arc::clone(client));
        }
        let made = Arc::new(self.tls.client()?);
        *client = Some(Arc::clone(&made));
        Ok(made)
    }
}

/// The failure behind an error of rustls, before or after the request was sent.
pub(super) fn failure(place: &dyn fmt::Display, error: &rustls::Error) -> Failure {
    let certificate = match error {
        rustls::Error::InvalidCertificate(certificate) => certificate,
        rustls::Error::AlertReceived(alert) => {
            return Failure::tls(&format!("{place} refused it with the alert {alert:?}"));
        }
        rustls::Error::InvalidMessage(_) => return Failure::tls(&format!("{place} does not speak TLS")),
        _ => return Failure::tls(&format!("{place}: {error}")),
    };
    Failure::tls(&match certificate {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("the certificate of {place} has expired")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!("the certificate of {place} is not valid yet; compare the clocks")
        }
        CertificateError::UnknownIssuer => format!("the certificate of {place} is not from a trusted authority"),
        CertificateError::BadSignature => {
            format!("the certificate of {place} is signed by another than the trusted authority of that name")
        }
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names: Vec<String> = presented.iter().take(3).map(|name| Excerpt(name).to_string()).collect();
            format!("the certificate of {place} is for other names: {}", names.join(", "))
        }
        other => format!("the certificate of {place} is not valid: {other}"),
    })
}

/// Whether the error is the server's word that it does not talk with this client. With TLS 1.3 it comes only after the
/// client has begun to send, but before the server reads anything (RFC 8446 section 4.4.2.4).
pub(super) fn is_refusal(error: &rustls::Error) -> bool {
    matches!(
        error,
        rustls::Error::AlertReceived(
            AlertDescription::HandshakeFailure
                | AlertDescription::BadCertificate
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied
                | AlertDescription::DecryptError
                | AlertDescription::CertificateRequired
        )
    )
}

fn authorities(pem: &str) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for (position, certificate) in certificates("ca", pem)?.into_iter().enumerate() {
        roots.add(certificate).map_err(|error| {
            let number = position.saturating_add(1);
            Error::invalid_argument("ca", format!("certificate {number} of ca cannot be an authority: {error}"))
        })?;
    }
    Ok(roots)
}

fn trusted_by_the_platform() -> Result<RootCertStore, Failure> {
    let roots = platform_authorities();
    match roots.is_empty() {
        true => Err(Failure::tls("this system has no trusted authorities; install its CA certificates, or pass ca")),
        false => Ok(roots),
    }
}

fn identity(identity: &ClientIdentity) -> Result<CertifiedKey> {
    let chain = certificates("client_certificate", &identity.certificate)?;
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).map_err(|_| {
        Error::invalid_argument(
            "client_key",
            "client_key has no private key in PEM: PKCS#8, PKCS#1 or SEC1, and not encrypted",
        )
    })?;
    CertifiedKey::from_der(chain, key, &provider()).map_err(|error| match error {
        rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            Error::invalid_argument("client_key", "client_key is not the key of client_certificate")
        }
        rustls::Error::InvalidCertificate(_) => Error::invalid_argument(
            "client_certificate",
            format!("the first certificate of client_certificate cannot be used: {error}"),
        ),
        _ => Error::invalid_argument("client_key", format!("client_key cannot be used for TLS: {error}")),
    })
}

fn certificates(member: &'static str, pem: &str) -> Result<Vec<CertificateDer<'static>>> {
    let certificates: Result<Vec<_>, pem::Error> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(Error::invalid_argument(member, format!("{member} must be one or more certificates in PEM"))),
    }
}

impl Transport for TlsTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.stream.sock.set_timeout(timeout);
        let output = self.buffers.output().get(..amount).unwrap_or_default();
        self.stream.write_all(output)?;
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.stream.sock.set_timeout(timeout);
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.sock.get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl fmt::Debug for TlsTransport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TlsTransport")
    }
}
