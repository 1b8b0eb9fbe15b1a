//! Connections that are kept for the next request, and end.

use std::io::Read;
use std::net::TcpStream;

use serde_json::json;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, NextTimeout, Transport};

use super::server::{Authority, serve_tls};
use super::*;

/// What a server saw.
#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    requests: AtomicUsize,
}

impl Seen {
    fn counts(&self) -> (usize, usize) {
        (self.connections.load(Ordering::SeqCst), self.requests.load(Ordering::SeqCst))
    }
}

/// A server whose connections give these replies, a connection each, the last one also each later connection. After its
/// replies a connection is closed.
fn replying(connections: Vec<Vec<Vec<u8>>>) -> (String, Arc<Seen>) {
    let seen = Arc::new(Seen::default());
    let log = Arc::clone(&seen);
    let address = serve(move |mut stream| {
        let number = log.connections.fetch_add(1, Ordering::SeqCst);
        for reply in connections.get(number).or(connections.last()).unwrap() {
            if read_head(&mut stream).is_empty() {
                return;
            }
            log.requests.fetch_add(1, Ordering::SeqCst);
            stream.write_all(reply).unwrap();
        }
    });
    (format!("http://{address}/"), seen)
}

fn fine() -> Vec<u8> {
    answer("200 OK", "", b"{}")
}

fn nothing() -> Vec<u8> {
    Vec::new()
}

fn post(client: &HttpClient, url: &str) -> Result<Response, Failure> {
    let (mut request, now) = get(url, PLENTY);
    request.method = Method::Post;
    request.body = Some(b"code=hunter2".to_vec());
    client.send(&request, now)
}

#[test]
fn a_connection_that_the_server_closed_before_is_not_used_again() {
    let (url, seen) = replying(vec![vec![fine()]]);
    let client = client("{}");
    for expected in 1..4 {
        fetch(&client, &url).unwrap();
        assert_eq!(seen.counts(), (expected, expected));
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_get_whose_kept_connection_ends_is_answered_by_a_second_connection() {
    let (url, seen) = replying(vec![vec![fine(), nothing()], vec![fine(), fine()]]);
    let client = client("{}");
    for counts in [(1, 1), (2, 3), (2, 4)] {
        assert_eq!(fetch(&client, &url).unwrap().body, b"{}");
        assert_eq!(seen.counts(), counts);
    }
}

#[test]
fn a_get_whose_kept_connection_is_reset_is_answered_by_a_second_connection() {
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    let address = serve(move |mut stream| {
        count.fetch_add(1, Ordering::SeqCst);
        read_head(&mut stream);
        stream.write_all(&fine()).unwrap();
        // What is closed with something unread is reset.
        let _ = stream.read(&mut [0]);
    });
    let client = client("{}");
    for expected in 1..4 {
        assert_eq!(fetch(&client, &format!("http://{address}/")).unwrap().body, b"{}");
        assert_eq!(connections.load(Ordering::SeqCst), expected);
    }
}

#[test]
fn a_get_whose_kept_connection_ends_is_answered_by_a_second_connection_with_tls() {
    for says_goodbye in [true, false] {
        let authority = Authority::new("The authority");
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        let address = serve_tls(authority.issue(&["127.0.0.1"], |_| {}).server(), move |stream| {
            count.fetch_add(1, Ordering::SeqCst);
            read_head(stream);
            stream.write_all(&fine()).unwrap();
            stream.flush().unwrap();
            read_head(stream);
            if !says_goodbye {
                stream.sock.shutdown(std::net::Shutdown::Both).unwrap();
            }
        });
        let client = local_client(&authority.trusted(&json!({})), &[]);
        for expected in 1..4 {
            assert_eq!(fetch(&client, &format!("https://{address}/")).unwrap().body, b"{}");
            assert_eq!(connections.load(Ordering::SeqCst), expected);
        }
    }
}

/// A connection that takes one request and no other, as one does whose end has been heard of.
#[derive(Debug)]
struct Once(Box<dyn Transport>, usize);

impl Transport for Once {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.1 += 1;
        if self.1 > 1 {
            Err(io::Error::from(io::ErrorKind::BrokenPipe).into())
        } else {
            self.0.transmit_output(amount, timeout)
        }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.0.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }
}

#[test]
fn a_get_that_a_kept_connection_no_longer_takes_is_answered_by_a_second_connection() {
    fn connect(details: &ConnectionDetails) -> Result<Box<dyn Transport>, ureq::Error> {
        Ok(Box::new(Once(dial::tcp(details)?, 0)))
    }
    let (url, seen) = replying(vec![vec![fine(), fine()]]);
    let options = HttpOptions::default();
    let resolver = Arc::new(DefaultResolver::default());
    let client = HttpClient::with_parts(&options, |_| None, resolver, connect).unwrap();
    for counts in [(1, 1), (2, 2)] {
        assert_eq!(fetch(&client, &url).unwrap().body, b"{}");
        assert_eq!(seen.counts(), counts);
    }
}

#[test]
fn a_get_whose_new_connection_ends_is_not_sent_again() {
    let (url, seen) = replying(vec![vec![nothing()]]);
    let client = client("{}");
    for counts in [(1, 1), (2, 2)] {
        assert_failure(fetch(&client, &url), Sent::Maybe, "ERR_TRANSPORT", "closed the connection");
        assert_eq!(seen.counts(), counts);
    }
}

#[test]
fn a_get_that_was_answered_in_part_is_not_sent_again() {
    for part in
        ["H", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{", "HTTP/1.1 100 Continue\r\n\r\n"]
    {
        let (url, seen) = replying(vec![vec![fine(), part.as_bytes().to_vec()], vec![fine()]]);
        let client = client("{}");
        fetch(&client, &url).unwrap();
        assert_failure(fetch(&client, &url), Sent::Maybe, "ERR_TRANSPORT", "");
        assert_eq!(seen.counts(), (1, 2), "{part}");
    }
}

#[test]
fn a_post_is_not_sent_again() {
    let (url, seen) = replying(vec![vec![fine(), fine()], vec![nothing()]]);
    let client = client("{}");
    fetch(&client, &url).unwrap();
    for counts in [(2, 2), (3, 3)] {
        assert_failure(post(&client, &url), Sent::Maybe, "ERR_TRANSPORT", "");
        assert_eq!(seen.counts(), counts);
    }
}

#[test]
fn a_post_without_a_body_is_not_sent_again() {
    let (url, seen) = replying(vec![vec![fine(), fine()], vec![nothing()]]);
    let client = client("{}");
    fetch(&client, &url).unwrap();
    let (mut request, now) = get(&url, PLENTY);
    request.method = Method::Post;
    assert_failure(client.send(&request, now), Sent::Maybe, "ERR_TRANSPORT", "");
    assert_eq!(seen.counts(), (2, 2));
}

#[test]
fn a_get_is_not_sent_a_third_time() {
    let (url, seen) = replying(vec![vec![fine(), nothing()], vec![nothing()]]);
    let client = client("{}");
    fetch(&client, &url).unwrap();
    assert_failure(fetch(&client, &url), Sent::Maybe, "ERR_TRANSPORT", "closed the connection");
    assert_eq!(seen.counts(), (2, 3));
}

#[test]
fn the_second_try_does_not_take_another_kept_connection() {
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    let both = Arc::new(std::sync::Barrier::new(2));
    let address = serve(move |mut stream| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        read_head(&mut stream);
        if number < 2 {
            both.wait();
        }
        stream.write_all(&fine()).unwrap();
        read_head(&mut stream);
    });
    let (client, url) = (client("{}"), format!("http://{address}/"));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| fetch(&client, &url).unwrap());
        }
    });
    // Two are kept, and each would end like the other.
    fetch(&client, &url).unwrap();
    assert_eq!(connections.load(Ordering::SeqCst), 3);
}

#[test]
fn a_second_try_that_fails_before_it_is_sent_may_have_been_sent_by_the_first() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let mut stream: TcpStream = listener.accept().unwrap().0;
        // From here on, connections are refused.
        drop(listener);
        read_head(&mut stream);
        stream.write_all(&fine()).unwrap();
        read_head(&mut stream);
    });
    let client = client("{}");
    let url = format!("http://{address}/?code=hunter2");
    fetch(&client, &url).unwrap();
    assert_failure(fetch(&client, &url), Sent::Maybe, "ERR_TRANSPORT", &address.to_string());
    server.join().unwrap();
}

#[test]
fn both_tries_have_the_time_of_one() {
    let connections = AtomicUsize::new(0);
    let address = serve(move |mut stream| {
        let number = connections.fetch_add(1, Ordering::SeqCst);
        read_head(&mut stream);
        if number == 0 {
            stream.write_all(&fine()).unwrap();
            read_head(&mut stream);
            std::thread::sleep(Duration::from_millis(600));
        } else {
            // Until the client is gone.
            read_head(&mut stream);
        }
    });
    let (client, url) = (client("{}"), format!("http://{address}/"));
    fetch(&client, &url).unwrap();
    let (request, now) = get(&url, 1_000);
    let start = Instant::now();
    assert_failure(client.send(&request, now), Sent::Maybe, "ERR_DEADLINE", "");
    assert!(start.elapsed() < Duration::from_millis(1_500), "{:?}", start.elapsed());
}
