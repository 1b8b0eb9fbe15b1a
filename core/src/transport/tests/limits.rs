//! Servers that send too much, too slowly, or not to the end.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::Instant;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

const CAP: usize = 100_000;
const SHORT: u64 = 300;

/// The outcome of a request that may take 300 ms and 100,000 bytes, and did not take longer than that by much.
fn attempt(address: SocketAddr) -> Result<Response, Failure> {
    let (mut request, now) = get(&format!("http://{address}/?code=hunter2"), SHORT);
    request.max_body_bytes = CAP;
    let start = Instant::now();
    let outcome = client("{}").send(&request, now);
    assert!(start.elapsed() < Duration::from_millis(2 * SHORT), "{:?}", start.elapsed());
    outcome
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

/// Answers each request with these bytes.
fn fixed(bytes: Vec<u8>) -> SocketAddr {
    serve(move |mut stream| {
        read_head(&mut stream);
        let _ = stream.write_all(&bytes);
    })
}

#[test]
fn gzip_is_decoded() {
    let body = "{\"keys\": []}".repeat(1000);
    let response = attempt(fixed(answer("200 OK", "Content-Encoding: gzip\r\n", &gzip(body.as_bytes())))).unwrap();
    assert_eq!(response.body, body.as_bytes());
    assert_eq!((response.header("content-encoding"), response.header("content-length")), (None, None));
}

#[test]
fn a_body_of_the_allowed_length_is_read() {
    for headers in ["", "Content-Encoding: gzip\r\n"] {
        let encode = |length| {
            let body = vec![7; length];
            if headers.is_empty() { body } else { gzip(&body) }
        };
        let response = attempt(fixed(answer("200 OK", headers, &encode(CAP)))).unwrap();
        assert_eq!(response.body.len(), CAP);
        assert!(response.body.capacity() <= CAP, "{}", response.body.capacity());
        let outcome = attempt(fixed(answer("200 OK", headers, &encode(CAP + 1))));
        assert_failure(outcome, Sent::Maybe, "ERR_RESPONSE_TOO_LARGE", "");
    }
}

#[test]
fn a_bomb_is_not_unpacked() {
    let bomb = gzip(&vec![0; 64 << 20]);
    let outcome = attempt(fixed(answer("200 OK", "Content-Encoding: gzip\r\n", &bomb)));
    assert_failure(outcome, Sent::Maybe, "ERR_RESPONSE_TOO_LARGE", "");
}

#[test]
fn a_long_body_is_not_read() {
    let address = serve(|mut stream| {
        read_head(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n").unwrap();
        // The client is gone before the body has begun.
        assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0);
    });
    assert_failure(attempt(address), Sent::Maybe, "ERR_RESPONSE_TOO_LARGE", "");
}

#[test]
fn an_endless_body_ends() {
    for (head, piece) in [
        ("Transfer-Encoding: chunked\r\n", "4\r\nabcd\r\n".repeat(1000)),
        ("Connection: close\r\n", "abcd".repeat(1000)),
    ] {
        let address = serve(move |mut stream| {
            read_head(&mut stream);
            stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}\r\n").as_bytes()).unwrap();
            while stream.write_all(piece.as_bytes()).is_ok() {}
        });
        assert_failure(attempt(address), Sent::Maybe, "ERR_RESPONSE_TOO_LARGE", "");
    }
}

#[test]
fn endless_headers_end() {
    for line in ["X-More: and more\r\n", "HTTP/1.1 100 Continue\r\n\r\n"] {
        let address = serve(move |mut stream| {
            read_head(&mut stream);
            let _ = stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n");
            while stream.write_all(line.repeat(100).as_bytes()).is_ok() {}
        });
        let failure = attempt(address).unwrap_err();
        assert_eq!(failure.sent(), Sent::Maybe, "{failure:?}");
    }
}

#[test]
fn a_slow_drip_ends_at_the_deadline() {
    for head in
        ["HTTP/1.1 200 OK\r\nX-More: ", "HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"]
    {
        let address = serve(move |mut stream| {
            read_head(&mut stream);
            let _ = stream.write_all(head.as_bytes());
            while stream.write_all(b"2").is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        assert_failure(attempt(address), Sent::Maybe, "ERR_DEADLINE", "");
    }
}

#[test]
fn silence_ends_at_the_deadline() {
    let address = serve(|mut stream| {
        read_head(&mut stream);
        let _ = stream.read(&mut [0]);
    });
    assert_failure(attempt(address), Sent::Maybe, "ERR_DEADLINE", "");
}

#[test]
fn the_clients_own_time_ends_a_request_too() {
    let address = serve(|mut stream| {
        read_head(&mut stream);
        let _ = stream.read(&mut [0]);
    });
    let start = Instant::now();
    let outcome = fetch(&client(r#"{"timeout": 1}"#), &format!("http://{address}/"));
    assert_failure(outcome, Sent::Maybe, "ERR_DEADLINE", "");
    assert!((900..1900).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
}

#[test]
fn a_piece_of_an_answer_is_no_answer() {
    for part in [
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    ] {
        let outcome = attempt(fixed(part.as_bytes().to_vec()));
        assert_failure(outcome, Sent::Maybe, "ERR_TRANSPORT", "closed the connection");
    }
    let truncated = gzip(&[7; 1000]);
    let outcome = attempt(fixed(answer("200 OK", "Content-Encoding: gzip\r\n", &truncated[..truncated.len() - 9])));
    assert_failure(outcome, Sent::Maybe, "ERR_TRANSPORT", "not the gzip that it says");
}

#[test]
fn a_reset_is_not_the_end_of_an_answer() {
    for head in ["HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n{}"] {
        let address = serve(move |mut stream| {
            // What is left unread when the socket is closed makes the kernel reset the connection.
            let _ = stream.read(&mut [0; 8]);
            let _ = stream.write_all(head.as_bytes());
        });
        assert_failure(attempt(address), Sent::Maybe, "ERR_TRANSPORT", "");
    }
}

#[test]
fn an_answer_that_is_not_http_is_a_failure() {
    for bytes in [
        "hello",
        "SSH-2.0-OpenSSH\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
    ] {
        let failure = attempt(fixed(bytes.as_bytes().to_vec())).unwrap_err();
        assert_eq!((failure.sent(), failure.error().code().name()), (Sent::Maybe, "ERR_TRANSPORT"), "{failure:?}");
    }
}
