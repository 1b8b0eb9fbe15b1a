//! Requests whose URL came from outside.

use std::net::SocketAddr;

use serde_json::json;
use ureq::unversioned::transport::{ConnectionDetails, Transport};

use super::*;

/// Fails the test that connects.
fn never(details: &ConnectionDetails) -> Result<Box<dyn Transport>, ureq::Error> {
    panic!("a connection to {:?}", &details.addrs[..]);
}

/// Connects to 127.0.0.1 instead of the public address that it must have been given.
fn diverted(details: &ConnectionDetails) -> Result<Box<dyn Transport>, ureq::Error> {
    let mut addrs = details.resolver.empty();
    let port = details.uri.port_u16().unwrap();
    assert_eq!(details.addrs[..], [SocketAddr::new("8.8.8.8".parse().unwrap(), port)]);
    addrs.push(SocketAddr::new("127.0.0.1".parse().unwrap(), port));
    dial::tcp(&ConnectionDetails {
        uri: details.uri,
        addrs,
        config: details.config,
        request_level: details.request_level,
        resolver: details.resolver,
        now: details.now,
        timeout: details.timeout,
        current_time: Arc::clone(&details.current_time),
        run_connector: Arc::clone(&details.run_connector),
        register_shutdown: Arc::clone(&details.register_shutdown),
    })
}

fn client(options: &str, answers: &[&[&str]], connect: Connect) -> HttpClient {
    let options = HttpOptions::from_json(options).unwrap();
    HttpClient::with_parts(&options, |_| None, Arc::new(Resolved::in_turn(answers)), connect).unwrap()
}

fn public(client: &HttpClient, url: &str) -> Result<Response, Failure> {
    let (mut request, now) = get(url, PLENTY);
    request.reach = Reach::Public;
    client.send(&request, now)
}

#[test]
fn special_addresses_are_refused_before_a_connection() {
    for url in ["https://127.0.0.1/", "https://169.254.169.254/", "https://[::1]/", "https://[::ffff:10.0.0.1]/"] {
        assert_failure(
            public(&client("{}", &[], never), url),
            Sent::Not,
            "ERR_ADDRESS_REFUSED",
            "is not a public address",
        );
    }
    // One of several is enough.
    for answer in [&["10.0.0.1"][..], &["8.8.8.8", "fd00::1"], &["2606:4700::1111", "100.64.0.1"]] {
        let outcome = public(&client("{}", &[answer], never), "https://id.example:443/?code=hunter2");
        assert_failure(outcome, Sent::Not, "ERR_ADDRESS_REFUSED", answer.last().unwrap());
    }
}

#[test]
fn other_notations_of_loopback_are_refused() {
    let system = Arc::new(DefaultResolver::default());
    let client = HttpClient::with_parts(&HttpOptions::default(), |_| None, system, never).unwrap();
    for url in ["https://localhost/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0/"] {
        // Systems that do not know a notation do not resolve it.
        let failure = public(&client, url).unwrap_err();
        assert!(matches!(failure.error().code().name(), "ERR_ADDRESS_REFUSED" | "ERR_TRANSPORT"), "{url}: {failure:?}");
    }
}

#[test]
fn a_name_is_resolved_once_for_each_connection() {
    let address = serve(|mut stream| {
        read_head(&mut stream);
        stream.write_all(&answer("200 OK", "Connection: close\r\n", b"{}")).unwrap();
    });
    let client = client("{}", &[&["8.8.8.8"], &["169.254.169.254"]], diverted);
    let url = format!("http://id.example:{}/", address.port());
    assert_eq!(public(&client, &url).unwrap().body, b"{}");
    assert_failure(public(&client, &url), Sent::Not, "ERR_ADDRESS_REFUSED", "169.254.169.254");
}

#[test]
fn connections_to_anywhere_are_not_used_for_public_requests() {
    let address = serve(|mut stream| {
        while !read_head(&mut stream).is_empty() {
            stream.write_all(&answer("200 OK", "", b"{}")).unwrap();
        }
    });
    let client = client("{}", &[&["127.0.0.1"]], dial::tcp);
    let url = format!("http://id.example:{}/", address.port());
    fetch(&client, &url).unwrap();
    assert_failure(public(&client, &url), Sent::Not, "ERR_ADDRESS_REFUSED", "127.0.0.1");
}

#[test]
fn a_proxy_cannot_check_addresses() {
    let options = json!({"proxy": "http://127.0.0.1:1"}).to_string();
    let outcome = public(&client(&options, &[&["8.8.8.8"]], never), "https://id.example:443/");
    assert_failure(outcome, Sent::Not, "ERR_TRANSPORT_UNSUPPORTED", "connect-time address check through a proxy");
}
