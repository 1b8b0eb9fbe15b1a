//! Small servers, certificates and a resolver.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use crate::crypto::tls::provider;

/// A server that gives each connection to the handler, on a thread of its own.
pub(super) fn serve(handler: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let handler = Arc::new(handler);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, handler) = (stream.unwrap(), Arc::clone(&handler));
            std::thread::spawn(move || handler(stream));
        }
    });
    address
}

/// The same with TLS.
pub(super) fn serve_tls(
    config: Arc<ServerConfig>,
    handler: impl Fn(&mut StreamOwned<ServerConnection, TcpStream>) + Send + Sync + 'static,
) -> SocketAddr {
    serve(move |stream| {
        let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        if stream.conn.complete_io(&mut stream.sock).is_ok() {
            handler(&mut stream);
            stream.conn.send_close_notify();
            let _ = stream.flush();
        } else {
            // To the end, so that closing is not a reset that overtakes the alert.
            let _ = stream.sock.shutdown(std::net::Shutdown::Write);
            let _ = stream.sock.read_to_end(&mut Vec::new());
        }
    })
}

/// The head of a request; empty if the other side closed.
pub(super) fn read_head(stream: &mut impl Read) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|amount| amount == 1) {
        head.extend(byte);
    }
    String::from_utf8(head).unwrap()
}

pub(super) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = match status.starts_with("204") || status.starts_with("304") {
        true => String::new(),
        false => format!("Content-Length: {}\r\n", body.len()),
    };
    [format!("HTTP/1.1 {status}\r\n{headers}{length}\r\n").as_bytes(), body].concat()
}

/// An authority.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(super) pem: String,
}

/// A certificate with its key.
pub(super) struct Identity {
    pub(super) pem: String,
    pub(super) key_pem: String,
    der: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Authority {
    pub(super) fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self { issuer: Issuer::new(params, key), pem: certificate.pem() }
    }

    /// A certificate for the names; `change` may make it a bad one.
    pub(super) fn issue(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params =
            CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity {
            pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            der: certificate.der().clone(),
            key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        }
    }

    /// A document of options that trusts this authority, with more members.
    pub(super) fn trusted(&self, more: &serde_json::Value) -> String {
        let mut options = more.clone();
        options["ca"] = self.pem.as_str().into();
        options.to_string()
    }
}

impl Identity {
    pub(super) fn server(&self) -> Arc<ServerConfig> {
        let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().unwrap();
        let builder = builder.with_no_client_auth();
        Arc::new(builder.with_single_cert(vec![self.der.clone()], self.key.clone_key()).unwrap())
    }

    /// Asks clients for a certificate of the authority.
    pub(super) fn asking_server(&self, authority: &Authority) -> Arc<ServerConfig> {
        use rustls::pki_types::pem::PemObject;
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.pem.as_bytes()).unwrap()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider()).build().unwrap();
        let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().unwrap();
        let builder = builder.with_client_cert_verifier(verifier);
        Arc::new(builder.with_single_cert(vec![self.der.clone()], self.key.clone_key()).unwrap())
    }
}

/// Resolves every name to the addresses of a list, an entry at a time; the last one stays.
#[derive(Debug, Default)]
pub(super) struct Resolved(Mutex<Vec<Vec<IpAddr>>>);

impl Resolved {
    pub(super) fn always(address: &str) -> Self {
        Self::in_turn(&[&[address]])
    }

    pub(super) fn in_turn(answers: &[&[&str]]) -> Self {
        let parse = |answer: &&[&str]| answer.iter().map(|address| address.parse().unwrap()).collect();
        Self(Mutex::new(answers.iter().map(parse).collect()))
    }
}

impl Resolver for Resolved {
    fn resolve(&self, url: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut answers = self.0.lock().unwrap();
        let addresses =
            if answers.len() > 1 { answers.remove(0) } else { answers.first().cloned().unwrap_or_default() };
        let mut resolved = self.empty();
        for address in addresses {
            resolved.push(SocketAddr::new(address, url.port_u16().unwrap()));
        }
        if resolved.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(resolved) }
    }
}
