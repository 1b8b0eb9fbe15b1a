//! TLS and proxies.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::json;

use super::server::{Authority, serve_tls};
use super::*;

/// A server of TLS that answers `{}`.
fn secure(config: Arc<rustls::ServerConfig>) -> SocketAddr {
    serve_tls(config, |stream| {
        while !read_head(stream).is_empty() {
            stream.write_all(&answer("200 OK", "", b"{}")).unwrap();
            stream.flush().unwrap();
        }
    })
}

#[test]
fn a_server_is_trusted_by_its_authority() {
    let authority = Authority::new("The authority");
    let port = secure(authority.issue(&["id.example", "127.0.0.1"], |_| {}).server()).port();
    let client = local_client(&authority.trusted(&json!({})), &[]);
    for _ in 0..2 {
        assert_eq!(fetch(&client, &format!("https://id.example:{port}/")).unwrap().body, b"{}");
        assert_eq!(fetch(&client, &format!("https://127.0.0.1:{port}/")).unwrap().body, b"{}");
    }
    // Another library in the process may have, or want, a provider of its own.
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}

#[test]
fn what_is_wrong_with_a_certificate_is_said() {
    let authority = Authority::new("The authority");
    let trusting = local_client(&authority.trusted(&json!({})), &[]);
    let [other, namesake] =
        ["Another authority", "The authority"].map(|name| local_client(&Authority::new(name).trusted(&json!({})), &[]));
    let fine = secure(authority.issue(&["id.example"], |_| {}).server()).port();
    let expired = |params: &mut rcgen::CertificateParams| params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let early = |params: &mut rcgen::CertificateParams| params.not_before = rcgen::date_time_ymd(4000, 1, 1);
    let expired = secure(authority.issue(&["id.example"], expired).server()).port();
    let early = secure(authority.issue(&["id.example"], early).server()).port();
    for (client, url, words) in [
        (&trusting, format!("https://other.example:{fine}/?code=hunter2"), "is for other names"),
        (&trusting, format!("https://other.example:{fine}/"), "id.example"),
        (&trusting, format!("https://127.0.0.1:{fine}/"), "is for other names"),
        (&trusting, format!("https://id.example:{expired}/"), "id.example:"),
        (&trusting, format!("https://id.example:{expired}/"), "has expired"),
        (&trusting, format!("https://id.example:{early}/"), "is not valid yet"),
        // The platform's authorities, or none, do not trust this one.
        (&local_client("{}", &[]), format!("https://id.example:{fine}/"), "trusted authorit"),
        (&other, format!("https://id.example:{fine}/"), "is not from a trusted authority"),
        (&namesake, format!("https://id.example:{fine}/"), "by another than the trusted authority"),
    ] {
        assert_failure(fetch(client, &url), Sent::Not, "ERR_TRANSPORT_TLS", words);
    }
}

#[test]
fn the_platforms_authorities_are_loaded_when_they_are_needed() {
    const URL: &str = "AUTHWRIGHT_TEST_URL";
    const WORDS: &str = "AUTHWRIGHT_TEST_WORDS";
    if let Ok(url) = std::env::var(URL) {
        let said = match fetch(&client("{}"), &url) {
            Ok(response) => format!("status {}", response.status),
            Err(failure) => failure.error().to_string(),
        };
        return assert!(said.contains(&std::env::var(WORDS).unwrap()), "{said}");
    }
    // Only a process of its own can have another environment.
    let authority = Authority::new("The authority");
    let url = format!("https://{}/", secure(authority.issue(&["127.0.0.1"], |_| {}).server()));
    let file = std::env::temp_dir().join(format!("authwright-{}.pem", std::process::id()));
    for (pem, words) in [(authority.pem.as_str(), "status 200"), ("", "this system has no trusted authorities")] {
        std::fs::write(&file, pem).unwrap();
        let test = "transport::tests::secure::the_platforms_authorities_are_loaded_when_they_are_needed";
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args([test, "--exact"]).env(URL, &url).env(WORDS, words).env("SSL_CERT_FILE", &file);
        let output = child.env_remove("SSL_CERT_DIR").output().unwrap();
        let output = String::from_utf8_lossy(&output.stdout);
        assert!(output.contains("1 passed"), "{output}");
    }
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn a_server_without_tls_is_recognised() {
    let client = client("{}");
    let plain = serve(|mut stream| {
        let _ = stream.write_all(&answer("400 Bad Request", "", b""));
        let _ = stream.read(&mut [0]);
    });
    assert_failure(fetch(&client, &format!("https://{plain}/")), Sent::Not, "ERR_TRANSPORT_TLS", "does not speak TLS");
    let closing = serve(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
    });
    assert_failure(fetch(&client, &format!("https://{closing}/")), Sent::Not, "ERR_TRANSPORT", "closed the connection");
}

#[test]
fn a_handshake_that_does_not_end_was_not_sent() {
    for drip in [&b""[..], &[22, 3, 3]] {
        let address = serve(move |mut stream| {
            let _ = stream.write_all(drip);
            while !drip.is_empty() && stream.write_all(&[9]).is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
            let _ = stream.read_to_end(&mut Vec::new());
        });
        let (request, now) = get(&format!("https://{address}/"), 300);
        assert_failure(client("{}").send(&request, now), Sent::Not, "ERR_DEADLINE", "");
        let client = client(r#"{"connect_timeout": 1}"#);
        assert_failure(fetch(&client, &format!("https://{address}/")), Sent::Not, "ERR_TRANSPORT", "connect_timeout");
    }
}

#[test]
fn a_secure_drip_ends_at_the_deadline() {
    let authority = Authority::new("The authority");
    let address = serve_tls(authority.issue(&["127.0.0.1"], |_| {}).server(), |stream| {
        read_head(stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nX-More: ").unwrap();
        while stream.write_all(b"H").is_ok() && stream.flush().is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let (request, now) = get(&format!("https://{address}/"), 300);
    let outcome = client(&authority.trusted(&json!({}))).send(&request, now);
    assert_failure(outcome, Sent::Maybe, "ERR_DEADLINE", "");
}

#[test]
fn an_end_without_notice_is_not_the_end_of_an_answer() {
    let authority = Authority::new("The authority");
    let address = serve_tls(authority.issue(&["127.0.0.1"], |_| {}).server(), |stream| {
        read_head(stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{}").unwrap();
        stream.flush().unwrap();
        stream.sock.shutdown(std::net::Shutdown::Both).unwrap();
    });
    let outcome = fetch(&client(&authority.trusted(&json!({}))), &format!("https://{address}/"));
    assert_failure(outcome, Sent::Maybe, "ERR_TRANSPORT", "broke the connection off");
}

#[test]
fn a_client_shows_its_certificate() {
    let authority = Authority::new("The authority");
    let asking = authority.issue(&["127.0.0.1"], |_| {}).asking_server(&authority);
    let url = format!("https://{}/", secure(asking));
    let me = authority.issue(&["me.example"], |_| {});
    let identity = json!({"client_certificate": me.pem, "client_key": me.key_pem});
    assert_eq!(fetch(&client(&authority.trusted(&identity)), &url).unwrap().body, b"{}");

    let outcome = fetch(&client(&authority.trusted(&json!({}))), &url);
    assert_failure(outcome, Sent::Not, "ERR_TRANSPORT_TLS", "CertificateRequired");
    let stranger = Authority::new("Another authority").issue(&["me.example"], |_| {});
    let identity = json!({"client_certificate": stranger.pem, "client_key": stranger.key_pem});
    assert_failure(fetch(&client(&authority.trusted(&identity)), &url), Sent::Not, "ERR_TRANSPORT_TLS", "refused");
}

#[test]
fn pem_that_cannot_be_used_is_named() {
    let authority = Authority::new("The authority");
    let (me, other) = (authority.issue(&["me.example"], |_| {}), authority.issue(&["other.example"], |_| {}));
    let broken = me.pem.replace("MII", "AAA");
    for (options, field, words) in [
        (json!({"ca": "none"}), "ca", "certificates in PEM"),
        (json!({"ca": me.key_pem}), "ca", "certificates in PEM"),
        (json!({"ca": authority.pem.clone() + &broken}), "ca", "certificate 2 of ca"),
        (json!({"client_certificate": "none", "client_key": me.key_pem}), "client_certificate", "in PEM"),
        (json!({"client_certificate": broken, "client_key": me.key_pem}), "client_certificate", "cannot be used"),
        (json!({"client_certificate": me.pem, "client_key": me.pem}), "client_key", "no private key in PEM"),
        (json!({"client_certificate": me.pem, "client_key": other.key_pem}), "client_key", "not the key of"),
    ] {
        let options = HttpOptions::from_json(&options.to_string()).unwrap();
        let error = HttpClient::new(options).unwrap_err();
        assert_eq!((error.code().name(), error.field()), ("ERR_INVALID_ARGUMENT", Some(field)), "{error}");
        assert!(error.message().contains(words), "{error}");
    }
}

/// A proxy that connects to 127.0.0.1 whatever the name, and tells which target and credentials it was given.
fn proxy(targets: mpsc::Sender<(String, bool)>) -> SocketAddr {
    serve(move |mut stream| {
        let head = read_head(&mut stream);
        let target = head.split(' ').nth(1).unwrap().to_owned();
        let authorized = head.contains("\r\nProxy-Authorization: Basic bWU6aHVudGVyMg==\r\n");
        targets.send((target.clone(), authorized)).unwrap();
        if target.starts_with("denied.example") {
            return stream.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n").unwrap();
        }
        let port = target.rsplit(':').next().unwrap().parse().unwrap();
        let mut server = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.write_all(b"HTTP/1.1 200 Connection established\r\nX-A: b\r\n\r\n").unwrap();
        let (mut back, mut forth) = (server.try_clone().unwrap(), stream.try_clone().unwrap());
        std::thread::spawn(move || io::copy(&mut back, &mut forth));
        let _ = io::copy(&mut stream, &mut server);
        let _ = server.shutdown(std::net::Shutdown::Both);
    })
}

#[test]
fn a_proxy_is_used_and_resolves_the_name() {
    let authority = Authority::new("The authority");
    let port = secure(authority.issue(&["id.example"], |_| {}).server()).port();
    let (targets, seen) = mpsc::channel();
    let proxy = proxy(targets);
    let unresolving = |options: serde_json::Value, environment: &[(&str, String)]| {
        let options = HttpOptions::from_json(&authority.trusted(&options)).unwrap();
        let variable =
            |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
        HttpClient::with_parts(&options, variable, Arc::new(Resolved::default()), dial::tcp).unwrap()
    };
    let url = format!("https://id.example:{port}/");
    let target = (format!("id.example:{port}"), true);

    let set = unresolving(json!({"proxy": format!("http://me:hunter2@{proxy}")}), &[]);
    assert_eq!(fetch(&set, &url).unwrap().body, b"{}");
    assert_eq!(seen.try_recv().unwrap(), target);
    assert!(!format!("{set:?}").contains("hunter2"));

    let environment =
        [("HTTPS_PROXY", format!("http://me:hunter2@{proxy}")), ("NO_PROXY", "direct.example".to_owned())];
    let set = unresolving(json!({}), &environment);
    assert_eq!(fetch(&set, &url).unwrap().body, b"{}");
    assert_eq!(seen.try_recv().unwrap(), target);
    // The excepted name and "none" go to the resolver, which finds nothing.
    for (client, url) in [
        (&set, format!("https://direct.example:{port}/")),
        (&unresolving(json!({"proxy": "none"}), &environment), url.clone()),
    ] {
        assert_failure(fetch(client, &url), Sent::Not, "ERR_TRANSPORT", "did not resolve");
    }
    assert!(seen.try_recv().is_err());

    let outcome = fetch(&set, "https://denied.example/");
    assert_failure(outcome, Sent::Not, "ERR_TRANSPORT", "refused the connection to denied.example:443 (403)");
    assert_failure(
        fetch(&unresolving(json!({}), &[("ALL_PROXY", "socks5://me:hunter2@127.0.0.1:1".to_owned())]), &url),
        Sent::Not,
        "ERR_TRANSPORT_UNSUPPORTED",
        "ALL_PROXY",
    );
}

#[test]
fn a_proxy_that_fails_was_not_sent_to() {
    for (reply, words) in [
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "other credentials (407)"),
        ("SSH-2.0-OpenSSH\r\n\r\n", "does not speak HTTP"),
        ("HTTP/1.1 200", "closed the connection"),
    ] {
        let proxy = serve(move |mut stream| {
            read_head(&mut stream);
            stream.write_all(reply.as_bytes()).unwrap();
        });
        let client = client(&json!({"proxy": format!("http://me:hunter2@{proxy}")}).to_string());
        assert_failure(fetch(&client, "https://id.example/"), Sent::Not, "ERR_TRANSPORT", words);
    }
    let dripping = serve(|mut stream| {
        while stream.write_all(b"H").is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let client = client(&json!({"proxy": format!("http://{dripping}")}).to_string());
    let (request, now) = get("https://id.example/", 300);
    assert_failure(client.send(&request, now), Sent::Not, "ERR_DEADLINE", "");
}
