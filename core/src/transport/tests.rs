//! The client against servers of this test's own. Nothing leaves 127.0.0.1.

mod driver;
mod kept;
mod limits;
mod public;
mod secure;
mod server;

use std::io::Write;
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use self::server::{Resolved, answer, read_head, serve};
use super::*;
use crate::clock::system_now_ms;

const PLENTY: u64 = 5_000;

/// A client without a proxy.
fn client(options: &str) -> HttpClient {
    let options = HttpOptions::from_json(options).unwrap();
    HttpClient::with_parts(&options, |_| None, Arc::new(DefaultResolver::default()), dial::tcp).unwrap()
}

/// A client that finds every name at 127.0.0.1, in an environment.
fn local_client(options: &str, environment: &[(&str, &str)]) -> HttpClient {
    let options = HttpOptions::from_json(options).unwrap();
    let variable =
        |name: &str| environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    HttpClient::with_parts(&options, variable, Arc::new(Resolved::always("127.0.0.1")), dial::tcp).unwrap()
}

fn get(url: &str, milliseconds: u64) -> (Request, u64) {
    let now = system_now_ms();
    (Request::get(url.to_owned(), "application/json", now + milliseconds, Reach::Anywhere), now)
}

fn fetch(client: &HttpClient, url: &str) -> Result<Response, Failure> {
    let (request, now) = get(url, PLENTY);
    client.send(&request, now)
}

#[track_caller]
fn assert_failure(outcome: Result<Response, Failure>, sent: Sent, code: &str, words: &str) {
    let failure = outcome.unwrap_err();
    assert_eq!((failure.sent(), failure.error().code().name()), (sent, code), "{failure:?}");
    assert!(failure.error().message().contains(words), "{failure:?}");
    assert!(!format!("{failure:?}").contains("hunter2"), "{failure:?}");
}

#[test]
fn a_request_is_sent_as_it_is_and_the_answer_comes_back_whole() {
    let (heads, seen) = mpsc::channel();
    let address = serve(move |mut stream| {
        heads.send(read_head(&mut stream)).unwrap();
        stream.write_all(&answer("200 OK", "ETag: \"a\"\r\nX-Odd: \u{e9}\r\n", b"{}")).unwrap();
    });
    let (mut request, now) = get(&format!("http://{address}/a%20b?c=d"), PLENTY);
    request.headers.push(("If-None-Match", "\"a\"".to_owned()));
    let response = client("{}").send(&request, now).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let mut lines: Vec<String> = seen.recv().unwrap().trim_end().lines().map(str::to_ascii_lowercase).collect();
    assert_eq!(lines.remove(0), "get /a%20b?c=d http/1.1");
    lines.sort();
    assert_eq!(
        lines,
        [
            "accept-encoding: gzip",
            "accept: application/json",
            &format!("host: {address}"),
            "if-none-match: \"a\"",
            &format!("user-agent: authwright/{version}"),
        ]
    );
    assert_eq!((response.status, response.body.as_slice()), (200, b"{}".as_slice()));
    assert_eq!((response.header("etag"), response.header("x-odd")), (Some("\"a\""), Some("\u{e9}")));
}

#[test]
fn a_body_is_sent_on_a_connection_of_its_own() {
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    let address = serve(move |mut stream| {
        count.fetch_add(1, Ordering::SeqCst);
        loop {
            let head = read_head(&mut stream);
            if head.is_empty() {
                return;
            }
            let mut body = vec![0; if head.to_ascii_lowercase().contains("content-length: 5") { 5 } else { 0 }];
            stream.read_exact(&mut body).unwrap();
            stream.write_all(&answer("200 OK", "", &body)).unwrap();
        }
    });
    let client = client("{}");
    let (mut request, now) = get(&format!("http://{address}/"), PLENTY);
    for _ in 0..3 {
        assert_eq!(client.send(&request, now).unwrap().body, b"");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
    request.body = Some(b"a=b&c".to_vec());
    for expected in 2..4 {
        assert_eq!(client.send(&request, now).unwrap().body, b"a=b&c");
        assert_eq!(connections.load(Ordering::SeqCst), expected);
    }
}

#[test]
fn every_status_is_an_answer() {
    for (status, body) in [
        ("204 No Content", ""),
        ("301 Moved Permanently", "moved"),
        ("302 Found", ""),
        ("304 Not Modified", ""),
        ("307 Temporary Redirect", "there"),
        ("400 Bad Request", "{\"error\":\"invalid_grant\"}"),
        ("401 Unauthorized", "who"),
        ("500 Internal Server Error", "oops"),
    ] {
        let requests = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&requests);
        let address = serve(move |mut stream| {
            count.fetch_add(1, Ordering::SeqCst);
            read_head(&mut stream);
            let headers = "Location: /elsewhere\r\nSet-Cookie: a=b\r\n";
            stream.write_all(&answer(status, headers, body.as_bytes())).unwrap();
        });
        let response = fetch(&client("{}"), &format!("http://{address}/")).unwrap();
        assert_eq!(response.status.to_string(), status[..3]);
        assert_eq!(response.body, body.as_bytes(), "{status}");
        assert_eq!(response.header("location"), Some("/elsewhere"));
        assert_eq!(requests.load(Ordering::SeqCst), 1, "{status}");
    }
}

#[test]
fn what_cannot_be_sent_is_not() {
    let client = client("{}");
    for url in
        ["", "/path", "ftp://127.0.0.1/", "https://", "http://me:hunter2@127.0.0.1/", "http://a b/", "https://\u{e9}/"]
    {
        assert_failure(fetch(&client, url), Sent::Not, "ERR_TRANSPORT", "the URL is not one");
    }
    let (mut request, now) = get("http://127.0.0.1:1/", PLENTY);
    request.headers.push(("X-Odd", "hunter2\r\nX-More: 1".to_owned()));
    assert_failure(client.send(&request, now), Sent::Not, "ERR_TRANSPORT", "a header that cannot be sent");
    let (request, now) = get("http://127.0.0.1:1/", 0);
    assert_failure(client.send(&request, now), Sent::Not, "ERR_DEADLINE", "");
}

#[test]
fn a_refused_connection_was_not_sent() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let outcome = fetch(&client("{}"), &format!("http://{address}/?code=hunter2"));
    assert_failure(outcome, Sent::Not, "ERR_TRANSPORT", &address.to_string());
}

#[test]
fn a_name_that_does_not_resolve_was_not_sent() {
    let options = HttpOptions::default();
    let client = HttpClient::with_parts(&options, |_| None, Arc::new(Resolved::default()), dial::tcp).unwrap();
    let outcome = fetch(&client, "https://id.example/?code=hunter2");
    assert_failure(outcome, Sent::Not, "ERR_TRANSPORT", "the name id.example did not resolve");
}

#[test]
fn a_closed_client_sends_nothing() {
    let address = serve(move |mut stream| {
        read_head(&mut stream);
        stream.write_all(&answer("200 OK", "", b"{}")).unwrap();
        assert_eq!(read_head(&mut stream), "");
    });
    let client = client("{}");
    let url = format!("http://{address}/");
    fetch(&client, &url).unwrap();
    client.clone().close();
    client.close();
    assert_failure(fetch(&client, &url), Sent::Not, "ERR_CLOSED", "closed");
    assert!(format!("{client:?}").contains("closed: true"));
}

#[test]
fn a_child_leaves_its_parents_connections_alone() {
    let (ends, ended) = mpsc::channel();
    let address = serve(move |mut stream| {
        loop {
            if read_head(&mut stream).is_empty() {
                return ends.send(()).unwrap();
            }
            stream.write_all(&answer("200 OK", "", b"{}")).unwrap();
        }
    });
    let client = client("{}");
    let url = format!("http://{address}/");
    fetch(&client, &url).unwrap();
    // What a child finds: connections with the stamp of another process.
    let mut made = Connections::new(&client.0);
    made.agents = Arc::clone(&client.0.connections().unwrap().agents);
    made.process = std::process::id().wrapping_add(1);
    client.0.state.store(Arc::new(State::Open(Arc::new(made))));
    fetch(&client, &url).unwrap();
    client.close();
    drop(client);
    // Its own connection ends. The inherited one stays, for its owner.
    ended.recv().unwrap();
    assert!(ended.recv_timeout(Duration::from_millis(100)).is_err());
}

#[test]
fn threads_share_a_client() {
    let address = serve(move |mut stream| {
        while !read_head(&mut stream).is_empty() {
            stream.write_all(&answer("200 OK", "", b"{}")).unwrap();
        }
    });
    let client = client("{}");
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..10 {
                    assert_eq!(fetch(&client, &format!("http://{address}/")).unwrap().body, b"{}");
                }
            });
        }
    });
}
