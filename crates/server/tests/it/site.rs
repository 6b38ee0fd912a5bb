//! A site of an application: what the provider fetches from it and sends to it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What came: `METHOD path`, and the body.
pub(crate) type Heard = (String, String);

/// An https server at `localhost`, believed by who has [`ca`].
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) origin: String,
    pages: Arc<Mutex<HashMap<String, (u16, String)>>>,
    heard: Arc<Mutex<Vec<Heard>>>,
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

/// The certificate of the tests' authority.
pub(crate) fn ca() -> String {
    file("ca.pem").display().to_string()
}

impl Site {
    pub(crate) async fn start() -> Self {
        let chain = CertificateDer::pem_file_iter(file("server.pem"))
            .and_then(Iterator::collect)
            .expect("a chain");
        let key = PrivateKeyDer::from_pem_file(file("server.key")).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("a pair");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let site = Self {
            origin: format!("https://localhost:{port}"),
            pages: Arc::default(),
            heard: Arc::default(),
        };
        let served = site.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (site, acceptor) = (served.clone(), acceptor.clone());
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        site.answer(stream).await;
                    }
                });
            }
        });
        site
    }

    /// From now on the path says this.
    pub(crate) fn say(&self, path: &str, status: u16, body: impl Into<String>) {
        let mut pages = self.pages.lock().expect("no panic");
        pages.insert(path.to_owned(), (status, body.into()));
    }

    /// What came since the last look.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        std::mem::take(&mut *self.heard.lock().expect("no panic"))
    }

    /// Waits until something comes to this path, and gives its body.
    pub(crate) async fn wait_for(&self, line: &str) -> String {
        for _ in 0..200 {
            if let Some((_, body)) = self.heard().into_iter().find(|(own, _)| own == line) {
                return body;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("nothing came to {line}")
    }

    async fn answer(&self, mut stream: tokio_rustls::server::TlsStream<tokio::net::TcpStream>) {
        let mut bytes = Vec::new();
        let mut piece = [0; 4096];
        let (head, body) = loop {
            match stream.read(&mut piece).await {
                Ok(0) | Err(_) => return,
                Ok(read) => bytes.extend_from_slice(&piece[..read]),
            }
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase()
                        .strip_prefix("content-length: ")?
                        .parse()
                        .ok()
                })
                .unwrap_or(0_usize);
            if body.len() >= length {
                break (head.to_owned(), body.to_owned());
            }
        };
        let line: Vec<&str> = head.lines().next().unwrap_or_default().split(' ').collect();
        let (method, path) = (line[0], line[1]);
        self.heard
            .lock()
            .expect("no panic")
            .push((format!("{method} {path}"), body));
        let (status, body) = self
            .pages
            .lock()
            .expect("no panic")
            .get(path)
            .cloned()
            .unwrap_or((404, String::new()));
        let answer = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let _ = stream.write_all(answer.as_bytes()).await;
        let _ = stream.shutdown().await;
    }
}
