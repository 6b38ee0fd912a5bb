//! The accept loop, on hyper, under Poem's endpoint.
//!
//! Poem's own server sets no deadline for headers, no bound on buffers, and turns in circles when `accept` fails
//! (out of file descriptors). Here every wait has an end: handshake, headers, a connection where nothing moves. A
//! stranger holds at most so many connections from one address, and all strangers together so many.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use poem::endpoint::DynEndpoint;
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Addr, Request, Response};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep};
use tokio_rustls::TlsAcceptor;

use super::limits;
use crate::config::Network;

/// The endpoint that answers everything.
pub(crate) type Everything = Arc<dyn DynEndpoint<Output = Response>>;

/// How many connections there may be.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    pub(crate) all: usize,
    pub(crate) each: usize,
    /// These have no bound of their own: everybody comes through them.
    pub(crate) trusted: Vec<Network>,
}

/// Serves until `stop` says so, then lets requests in flight end within the time for draining.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    endpoint: Everything,
    bounds: Connections,
    mut stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(bounds.all));
    let peers = Arc::new(Peers::default());
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let accepted = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            accepted = async {
                // A place first, so that connections we cannot serve wait in the kernel's queue.
                let place = Arc::clone(&places).acquire_owned().await;
                (listener.accept().await, place)
            } => accepted,
        };
        let (stream, peer, place) = match accepted {
            (Ok((stream, peer)), Ok(place)) => (stream, peer, place),
            (Err(error), _) => {
                tracing::warn!(%error, "accept failed");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
            (_, Err(_)) => break,
        };
        let each = if bounds.trusted.iter().any(|net| net.contains(peer.ip())) {
            usize::MAX
        } else {
            bounds.each
        };
        let Some(held) = Peers::hold(&peers, peer.ip(), each) else {
            continue;
        };
        let (tls, endpoint, stop) = (tls.clone(), Arc::clone(&endpoint), stop.clone());
        connections.spawn(async move {
            let _guards = (place, held);
            connection(stream, peer, tls, endpoint, stop).await;
        });
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(limits::DRAIN, drained).await.is_err() {
        tracing::warn!("requests were still in flight when the time for them was over");
    }
    connections.shutdown().await;
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    endpoint: Everything,
    stop: watch::Receiver<bool>,
) {
    let Ok(local) = stream.local_addr() else { return };
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let ends = Ends {
        local,
        peer,
        scheme: if tls.is_some() {
            Scheme::HTTPS
        } else {
            Scheme::HTTP
        },
    };
    match tls {
        None => http(stream, ends, endpoint, stop).await,
        Some(tls) => match tokio::time::timeout(limits::HANDSHAKE_DEADLINE, tls.accept(stream)).await {
            Ok(Ok(stream)) => http(stream, ends, endpoint, stop).await,
            Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
            Err(_) => tracing::debug!("TLS handshake took too long"),
        },
    }
}

#[derive(Clone)]
struct Ends {
    local: SocketAddr,
    peer: SocketAddr,
    scheme: Scheme,
}

async fn http(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    ends: Ends,
    endpoint: Everything,
    mut stop: watch::Receiver<bool>,
) {
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let (endpoint, ends) = (Arc::clone(&endpoint), ends.clone());
        async move {
            let local = LocalAddr(Addr::SocketAddr(ends.local));
            let peer = RemoteAddr(Addr::SocketAddr(ends.peer));
            let request = Request::from((request, local, peer, ends.scheme));
            let response = match endpoint.call(request).await {
                Ok(response) => response,
                Err(error) => error.into_response(),
            };
            let response: hyper::Response<_> = response.into();
            Ok::<_, std::convert::Infallible>(response)
        }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HEADER_DEADLINE)
        .max_buf_size(limits::HEADERS_READ)
        .max_headers(limits::HEADERS_READ_COUNT);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits::STREAMS)
        .max_pending_accept_reset_streams(limits::PENDING_RESETS)
        .max_local_error_reset_streams(limits::PENDING_RESETS)
        .max_header_list_size(u32::try_from(limits::HEADERS_READ).unwrap_or(u32::MAX));
    let connection = builder.serve_connection(TokioIo::new(Idle::new(stream, limits::IDLE)), service);
    tokio::pin!(connection);
    tokio::select! {
        ended = &mut connection => return note(ended),
        _ = stop.wait_for(|stop| *stop) => connection.as_mut().graceful_shutdown(),
    }
    note(connection.await);
}

fn note(ended: Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}

/// A stream that fails when nothing moves in either direction for a while.
struct Idle<S> {
    stream: S,
    span: Duration,
    sleep: Pin<Box<Sleep>>,
}

impl<S: Unpin> Idle<S> {
    fn new(stream: S, span: Duration) -> Self {
        Self {
            stream,
            span,
            sleep: Box::pin(tokio::time::sleep(span)),
        }
    }

    /// Passes on what the stream says; as long as it says nothing, the clock decides.
    fn judge<T>(&mut self, cx: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            let next = Instant::now() + self.span;
            self.sleep.as_mut().reset(next);
            return polled;
        }
        match self.sleep.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Idle<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.judge(cx, polled)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Idle<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.judge(cx, polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(cx);
        self.judge(cx, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.judge(cx, polled)
    }
}

/// How many connections each address holds. IPv6 networks of 64 bits count as one address: who has one has 2^64.
#[derive(Debug, Default)]
struct Peers(Mutex<HashMap<IpAddr, usize>>);

impl Peers {
    fn hold(peers: &Arc<Self>, address: IpAddr, each: usize) -> Option<Held> {
        let address = network(address);
        let mut held = peers.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(address).or_insert(0);
        if *count >= each {
            return None;
        }
        *count += 1;
        Some(Held {
            peers: Arc::clone(peers),
            address,
        })
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        v4 @ IpAddr::V4(_) => v4,
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
    }
}

/// One connection of one address; dropping it gives the place back.
struct Held {
    peers: Arc<Peers>,
    address: IpAddr,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut held = self.peers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_holds_only_so_many_connections() {
        let peers = Arc::new(Peers::default());
        let hold = |address: &str| Peers::hold(&peers, address.parse().expect("an address"), 2);
        let one = hold("2001:db8::1");
        let two = hold("2001:db8::2");
        assert!(one.is_some() && two.is_some());
        assert!(hold("2001:db8::3").is_none(), "the same network");
        assert!(hold("2001:db8:0:1::1").is_some());
        drop(one);
        assert!(hold("2001:db8::3").is_some());
    }
}
