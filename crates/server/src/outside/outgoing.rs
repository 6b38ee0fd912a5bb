//! The one client for addresses that others named.
//!
//! A host is resolved once a request; an address that may not be reached is dropped, and the connection is made to
//! exactly one of those that are left, so that a name which points elsewhere a moment later changes nothing (DNS
//! rebinding). Each request has a connection of its own. No redirect is followed, no proxy of the environment is
//! used, no cookie is kept; https with the system's authorities and those of `outgoing.extra_ca`.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use doorward_identity::outside::{
    Answered, Message, Outgoing, OutgoingAnswer, OutgoingError, OutgoingRequest,
};
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::addresses::{Reach, reach};
use crate::config;

/// Requests under way at the same time.
const AT_ONCE: usize = 32;
/// Bytes of an answer's head.
const HEAD: usize = 16 * 1024;
/// Addresses of one host that are tried.
const ADDRESSES: usize = 4;

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutgoingSetupError {
    /// The file of authorities.
    #[error("outgoing.extra_ca: {path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// In the reader's words.
        error: rustls_pki_types::pem::Error,
    },
    /// A certificate in it is none that TLS can use.
    #[error("outgoing.extra_ca: {0}")]
    Rustls(#[from] rustls::Error),
}

/// Finds the addresses of a host. A seam, so that tests can be a name server.
pub(crate) trait Resolve: Send + Sync {
    /// The addresses of this name.
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

/// The system's resolver.
pub(crate) struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// The client.
pub(crate) struct OutgoingClient {
    exceptions: Vec<String>,
    timeout: Duration,
    tls: TlsConnector,
    resolver: Box<dyn Resolve>,
    places: Semaphore,
}

impl core::fmt::Debug for OutgoingClient {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("OutgoingClient")
            .field("exceptions", &self.exceptions)
            .finish_non_exhaustive()
    }
}

impl OutgoingClient {
    /// The client that the configuration describes.
    pub(crate) fn new(config: &config::Outgoing) -> Result<Self, OutgoingSetupError> {
        Self::over(config, Box::new(SystemResolver))
    }

    fn over(config: &config::Outgoing, resolver: Box<dyn Resolve>) -> Result<Self, OutgoingSetupError> {
        let mut roots = RootCertStore::empty();
        let system = rustls_native_certs::load_native_certs();
        let (_, odd) = roots.add_parsable_certificates(system.certs);
        if odd > 0 || !system.errors.is_empty() {
            tracing::debug!(odd, errors = ?system.errors, "some of the system's authorities cannot be used");
        }
        if let Some(path) = &config.extra_ca {
            let failed = |error| OutgoingSetupError::File {
                path: path.clone(),
                error,
            };
            for certificate in CertificateDer::pem_file_iter(path).map_err(failed)? {
                roots.add(certificate.map_err(failed)?)?;
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            exceptions: config
                .exceptions
                .iter()
                .map(|host| host.as_str().to_owned())
                .collect(),
            timeout: config.timeout,
            tls: TlsConnector::from(Arc::new(tls)),
            resolver,
            places: Semaphore::new(AT_ONCE),
        })
    }

    async fn attempt(&self, request: OutgoingRequest<'_>) -> Result<OutgoingAnswer, OutgoingError> {
        let _place = self.places.acquire().await.map_err(|_| failed("stopping"))?;
        let target = Target::parse(request.address, &self.exceptions)?;
        let addresses = self.addresses(&target).await?;
        let stream = connect(&addresses, target.port).await?;
        if target.tls {
            let name =
                ServerName::try_from(target.name.clone()).map_err(|_| OutgoingError::Refused("its host"))?;
            let stream = self
                .tls
                .connect(name, stream)
                .await
                .map_err(|error| failed(&error))?;
            exchange(stream, &target, request).await
        } else {
            exchange(stream, &target, request).await
        }
    }

    /// The addresses of the host that may be reached.
    async fn addresses(&self, target: &Target) -> Result<Vec<IpAddr>, OutgoingError> {
        let found = match target.literal {
            Some(address) => vec![address],
            None => self
                .resolver
                .resolve(&target.name)
                .await
                .map_err(|error| failed(&error))?,
        };
        let may = |address: &IpAddr| match reach(*address) {
            Reach::Public => true,
            Reach::Private => target.excepted,
            Reach::Never => false,
        };
        let allowed: Vec<IpAddr> = found.into_iter().filter(may).take(ADDRESSES).collect();
        if allowed.is_empty() {
            return Err(OutgoingError::Refused("its host has no public address"));
        }
        Ok(allowed)
    }
}

impl Outgoing for OutgoingClient {
    fn send<'a>(&'a self, request: OutgoingRequest<'a>) -> Answered<'a> {
        Box::pin(async move {
            match tokio::time::timeout(self.timeout, self.attempt(request)).await {
                Ok(answered) => answered,
                Err(_) => Err(OutgoingError::TooSlow),
            }
        })
    }
}

/// An address, taken apart once; everything below uses these pieces and never the text again.
struct Target {
    tls: bool,
    name: String,
    literal: Option<IpAddr>,
    port: u16,
    authority: String,
    path: String,
    excepted: bool,
}

impl Target {
    fn parse(address: &str, exceptions: &[String]) -> Result<Self, OutgoingError> {
        let url = Url::parse(address).map_err(|_| OutgoingError::Refused("it is no address"))?;
        let (name, literal) = match url.host() {
            Some(Host::Domain(name)) => (name.to_owned(), None),
            Some(Host::Ipv4(v4)) => (v4.to_string(), Some(IpAddr::V4(v4))),
            Some(Host::Ipv6(v6)) => (v6.to_string(), Some(IpAddr::V6(v6))),
            None => return Err(OutgoingError::Refused("it has no host")),
        };
        let excepted = exceptions.contains(&name);
        let tls = match url.scheme() {
            "https" => true,
            "http" if excepted => false,
            _ => return Err(OutgoingError::Refused("it is not https")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OutgoingError::Refused("it holds a user name"));
        }
        let port = url
            .port_or_known_default()
            .filter(|port| *port != 0)
            .ok_or(OutgoingError::Refused("its port"))?;
        let authority = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (host, _) => host.unwrap_or_default().to_owned(),
        };
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        Ok(Self {
            tls,
            name,
            literal,
            port,
            authority,
            path,
            excepted,
        })
    }
}

async fn connect(addresses: &[IpAddr], port: u16) -> Result<TcpStream, OutgoingError> {
    let mut last = failed("no address");
    for address in addresses {
        match TcpStream::connect(SocketAddr::new(*address, port)).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = failed(&error),
        }
    }
    Err(last)
}

/// One request and its answer over a connection that nobody uses again.
async fn exchange<S>(
    stream: S,
    target: &Target,
    request: OutgoingRequest<'_>,
) -> Result<OutgoingAnswer, OutgoingError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| failed(&error))?;
    let exchanged = async {
        let answer = sender
            .send_request(written(target, request)?)
            .await
            .map_err(|error| failed(&error))?;
        let status = answer.status().as_u16();
        let media_type = answer
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .and_then(|kind| kind.split(';').next())
            .map(|kind| kind.trim().to_ascii_lowercase())
            .unwrap_or_default();
        let body = Limited::new(answer.into_body(), request.largest).collect().await;
        let body = body.map_err(|error| {
            if error.is::<LengthLimitError>() {
                OutgoingError::TooLarge
            } else {
                failed(&error)
            }
        })?;
        Ok(OutgoingAnswer {
            status,
            media_type,
            body: body.to_bytes().to_vec(),
        })
    };
    // The connection is driven here and dropped with the request: nothing of it goes on by itself.
    tokio::pin!(connection);
    tokio::pin!(exchanged);
    tokio::select! {
        answered = &mut exchanged => answered,
        ended = &mut connection => match ended {
            Ok(()) => exchanged.await,
            Err(error) => Err(failed(&error)),
        },
    }
}

fn written(
    target: &Target,
    request: OutgoingRequest<'_>,
) -> Result<hyper::Request<Full<Bytes>>, OutgoingError> {
    let builder = hyper::Request::builder()
        .uri(&target.path)
        .header(header::HOST, &target.authority)
        .header(
            header::USER_AGENT,
            concat!("Doorward/", env!("CARGO_PKG_VERSION")),
        )
        .header(header::CONNECTION, "close");
    match request.message {
        Message::Get { accept } => builder.header(header::ACCEPT, accept).body(Full::default()),
        Message::Form(form) => builder
            .method(hyper::Method::POST)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(form.to_owned())),
    }
    .map_err(|error| failed(&error))
}

fn failed(error: &(impl ToString + ?Sized)) -> OutgoingError {
    OutgoingError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::path::Path;
    use std::sync::Mutex;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;
    use crate::config::{HostName, Setting};
    use crate::http::tls;

    /// A name server that says one thing after another.
    struct Says(Mutex<VecDeque<Vec<IpAddr>>>);

    impl Resolve for Says {
        fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
            let next = self.0.lock().expect("no panic").pop_front().unwrap_or_default();
            Box::pin(async move { Ok(next) })
        }
    }

    fn file(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
    }

    fn client(exceptions: &str, answers: &[&[&str]], ca: bool) -> OutgoingClient {
        let config = config::Outgoing {
            exceptions: Vec::<HostName>::parse(exceptions).expect("hosts"),
            extra_ca: ca.then(|| file("ca.pem")),
            timeout: Duration::from_millis(1500),
        };
        let says = answers
            .iter()
            .map(|one| one.iter().map(|text| text.parse().expect("an address")).collect())
            .collect();
        OutgoingClient::over(&config, Box::new(Says(Mutex::new(says)))).expect("a client")
    }

    /// A server that reads one head a connection and says `answer`; it gives its port and hears what came.
    async fn server(answer: String, secure: bool) -> (u16, tokio::sync::mpsc::UnboundedReceiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let (tell, heard) = tokio::sync::mpsc::unbounded_channel();
        let acceptor = secure.then(|| {
            let certificate =
                tls::Certificate::read(&file("server.pem"), &file("server.key")).expect("files");
            tls::acceptor(&certificate).expect("a certificate")
        });
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let tell = tell.clone();
                match &acceptor {
                    None => say(stream, &answer, &tell).await,
                    Some(acceptor) => {
                        if let Ok(stream) = acceptor.accept(stream).await {
                            say(stream, &answer, &tell).await;
                        }
                    }
                }
            }
        });
        (port, heard)
    }

    async fn say<S: AsyncRead + AsyncWrite + Unpin>(
        mut stream: S,
        answer: &str,
        tell: &tokio::sync::mpsc::UnboundedSender<String>,
    ) {
        let mut head = vec![0; 4096];
        let read = stream.read(&mut head).await.unwrap_or(0);
        let _ = tell.send(String::from_utf8_lossy(&head[..read]).into_owned());
        let _ = stream.write_all(answer.as_bytes()).await;
        let _ = stream.shutdown().await;
    }

    fn ok(body: &str) -> String {
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: Application/JSON; charset=utf-8\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    fn get(address: &str) -> OutgoingRequest<'_> {
        OutgoingRequest {
            address,
            message: Message::Get {
                accept: "application/json",
            },
            largest: 1000,
        }
    }

    #[tokio::test]
    async fn https_by_an_authority_of_the_configuration() {
        let (port, mut heard) = server(ok("{}"), true).await;
        let address = format!("https://app.example:{port}/keys?a=b#part");
        let answer = client("app.example", &[&["127.0.0.1"]], true)
            .send(get(&address))
            .await
            .expect("an answer");
        assert_eq!(
            (answer.status, answer.media_type.as_str()),
            (200, "application/json")
        );
        assert_eq!(answer.body, b"{}");
        let head = heard.recv().await.expect("a head").to_ascii_lowercase();
        assert!(
            head.starts_with("get /keys?a=b http/1.1\r\n"),
            "no fragment: {head}"
        );
        assert!(
            head.contains(&format!("host: app.example:{port}\r\n"))
                && head.contains("accept: application/json")
        );

        let stranger = client("app.example", &[&["127.0.0.1"]], false)
            .send(get(&address))
            .await;
        assert!(
            matches!(stranger, Err(OutgoingError::Failed(_))),
            "an authority that nobody knows"
        );
        let other = format!("https://evil.example:{port}/");
        let misnamed = client("evil.example", &[&["127.0.0.1"]], true)
            .send(get(&other))
            .await;
        assert!(
            matches!(misnamed, Err(OutgoingError::Failed(_))),
            "a certificate of another name"
        );
    }

    #[tokio::test]
    async fn a_form_is_posted() {
        let (port, mut heard) = server(ok(""), false).await;
        let address = format!("http://app.example:{port}/logout");
        let request = OutgoingRequest {
            message: Message::Form("logout_token=a.b.c"),
            ..get(&address)
        };
        let answer = client("app.example", &[&["127.0.0.1"]], false)
            .send(request)
            .await
            .expect("an answer");
        assert!(answer.is_success());
        let head = heard.recv().await.expect("a head");
        assert!(
            head.starts_with("POST /logout ") && head.ends_with("\r\n\r\nlogout_token=a.b.c"),
            "{head}"
        );
        assert!(
            !format!("{request:?}").contains("a.b.c"),
            "the log never shows a token"
        );
    }

    #[tokio::test]
    async fn fetch_guard_private_ranges() {
        for address in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://10.0.0.1/",
            "https://192.168.0.1/",
            "https://169.254.169.254/latest/meta-data/",
            "https://100.64.0.1/",
            "https://224.0.0.1/",
            "https://0.0.0.0/",
            "https://[fe80::1]/",
            "https://[fd00:ec2::254]/",
            "http://app.example/",
            "ftp://app.example/",
            "file:///etc/passwd",
            "https://user@app.example/",
            "x",
        ] {
            let refused = client("", &[], false).send(get(address)).await;
            assert!(
                matches!(refused, Err(OutgoingError::Refused(_))),
                "{address}: {refused:?}"
            );
        }
        for inside in [
            "127.0.0.1",
            "10.1.1.1",
            "::1",
            "fd00::1",
            "169.254.169.254",
            "0.0.0.0",
            "::ffff:7f00:1",
        ] {
            let refused = client("", &[&[inside]], false)
                .send(get("https://app.example/"))
                .await;
            assert!(
                matches!(refused, Err(OutgoingError::Refused(_))),
                "{inside}: {refused:?}"
            );
        }
        let metadata = client("metadata.internal", &[&["169.254.169.254"]], false);
        let refused = metadata.send(get("https://metadata.internal/")).await;
        assert!(
            matches!(refused, Err(OutgoingError::Refused(_))),
            "not even by name"
        );
    }

    #[tokio::test]
    async fn fetch_guard_dns_rebinding() {
        let (port, mut heard) = server(ok("inside"), false).await;
        // One question a request, and the connection goes where the answer said: of public and private, the public.
        let mixed = client("", &[&["192.0.2.1", "127.0.0.1"]], false);
        let refused = mixed.send(get(&format!("https://app.example:{port}/"))).await;
        assert!(matches!(refused, Err(OutgoingError::Refused(_))), "{refused:?}");
        // The second request asks again and is judged again.
        let turning = client("", &[&["8.8.8.8"], &["127.0.0.1"]], false);
        let target = Target::parse("https://app.example/", &[]).expect("an address");
        assert!(turning.addresses(&target).await.is_ok());
        let refused = turning.send(get(&format!("https://app.example:{port}/"))).await;
        assert!(matches!(refused, Err(OutgoingError::Refused(_))), "{refused:?}");
        assert!(heard.try_recv().is_err(), "nobody inside heard anything");
    }

    #[tokio::test]
    async fn no_redirect_is_followed_and_large_or_slow_answers_are_given_up() {
        let (port, _heard) = server(
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".into(),
            false,
        )
        .await;
        let address = format!("http://app.example:{port}/");
        let answer = client("app.example", &[&["127.0.0.1"]], false)
            .send(get(&address))
            .await
            .expect("an answer");
        assert_eq!(answer.status, 302);

        for body in [
            ok(&"x".repeat(1001)),
            format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(1001)),
        ] {
            let (port, _heard) = server(body, false).await;
            let address = format!("http://app.example:{port}/");
            let large = client("app.example", &[&["127.0.0.1"]], false)
                .send(get(&address))
                .await;
            assert_eq!(large, Err(OutgoingError::TooLarge));
        }

        let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!(
            "http://app.example:{}/",
            silent.local_addr().expect("bound").port()
        );
        let slow = client("app.example", &[&["127.0.0.1"]], false)
            .send(get(&address))
            .await;
        assert_eq!(slow, Err(OutgoingError::TooSlow));
    }
}
