//! What strangers do below HTTP, against the accept loop on a real socket.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use poem::endpoint::ToDynEndpoint;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::routes::endpoint;
use super::serve::{Connections, serve};
use super::tests::app;

async fn listening() -> (SocketAddr, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = watch::channel(false);
    let bounds = Connections {
        all: 256,
        each: 256,
        trusted: Vec::new(),
    };
    let everything = Arc::new(ToDynEndpoint(endpoint(&app())));
    tokio::spawn(serve(listener, None, everything, bounds, stopped));
    (address, stop)
}

/// Sends bytes, and gives what comes until the other side closes.
async fn exchange(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    // The other side may close before it has read everything.
    let _sent = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let reading = stream.read_to_end(&mut answer);
    let _closed = tokio::time::timeout(Duration::from_secs(8), reading)
        .await
        .expect("the connection is closed");
    String::from_utf8_lossy(&answer).into_owned()
}

const LIVE: &str = "GET /health/live HTTP/1.1\r\nhost: localhost:8080\r\nconnection: close\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn slowloris() {
    let (address, _stop) = listening().await;
    let mut slow = Vec::new();
    for _ in 0..200 {
        slow.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.expect("connected");
            stream.write_all(b"GET / HTTP/1.1\r\nx-a: ").await.expect("sent");
            let mut answer = [0; 64];
            let (mut read, mut write) = stream.split();
            let dripping = async {
                while write.write_all(b"a").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            };
            let closed = async { while read.read(&mut answer).await.is_ok_and(|bytes| bytes > 0) {} };
            tokio::select! { () = dripping => {}, () = closed => {} }
        }));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(
        exchange(address, LIVE.as_bytes())
            .await
            .starts_with("HTTP/1.1 200"),
        "others are served"
    );
    let deadline = Duration::from_secs(14);
    for one in slow {
        tokio::time::timeout(deadline, one)
            .await
            .expect("closed at the deadline")
            .expect("no panic");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_servers_could_read_in_two_ways_is_refused_and_the_connection_closed() {
    let (address, _stop) = listening().await;
    for (what, request) in [
        (
            "two lengths",
            "POST /token HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        ),
        (
            "a signed length",
            "POST /token HTTP/1.1\r\nhost: a\r\ncontent-length: +1\r\n\r\na",
        ),
        (
            "a coding that is no last chunked",
            "POST /token HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, gzip\r\n\r\n",
        ),
        ("a space before the colon", "GET / HTTP/1.1\r\nhost : a\r\n\r\n"),
        (
            "a folded line",
            "GET / HTTP/1.1\r\nhost: a\r\nx-a: b\r\n c\r\n\r\n",
        ),
        ("a control byte", "GET / HTTP/1.1\r\nhost: a\r\nx-a: b\0c\r\n\r\n"),
        ("no version", "GET /\r\n\r\n"),
    ] {
        let answer = exchange(address, request.as_bytes()).await;
        assert!(
            answer.starts_with("HTTP/1.1 400") || answer.is_empty(),
            "{what}: {answer}"
        );
        assert!(answer.matches("HTTP/1.1").count() <= 1, "{what}");
    }
    assert!(
        exchange(address, LIVE.as_bytes())
            .await
            .starts_with("HTTP/1.1 200")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn more_headers_than_are_read_end_the_connection_and_nothing_else() {
    let (address, _stop) = listening().await;
    let long = format!("GET / HTTP/1.1\r\nx-a: {}\r\n\r\n", "a".repeat(600 * 1024));
    let answer = exchange(address, long.as_bytes()).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431"),
        "{answer}"
    );
    let garbage: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
    let answer = exchange(address, &garbage).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 400"),
        "{answer}"
    );
    assert!(
        exchange(address, LIVE.as_bytes())
            .await
            .starts_with("HTTP/1.1 200")
    );
}
