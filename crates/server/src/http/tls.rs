//! TLS from files, on rustls with ring.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// A file does not hold what it should.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// In the reader's words.
        error: rustls_pki_types::pem::Error,
    },
    /// There is no certificate in the file.
    #[error("{0}: there is no certificate in it")]
    Empty(PathBuf),
    /// Certificate and key do not go together, or are of a kind that TLS does not know.
    #[error(transparent)]
    Rustls(#[from] rustls::Error),
}

/// A certificate chain with its key, read from files again when they have changed.
#[derive(Debug)]
pub(crate) struct Certificate {
    files: [PathBuf; 2],
    current: RwLock<Current>,
}

#[derive(Debug)]
struct Current {
    key: Arc<CertifiedKey>,
    chain: Vec<CertificateDer<'static>>,
}

impl Certificate {
    /// Reads it.
    pub(crate) fn read(certificate: &Path, key: &Path) -> Result<Arc<Self>, TlsError> {
        let files = [certificate.to_owned(), key.to_owned()];
        let current = RwLock::new(Current::read(&files)?);
        Ok(Arc::new(Self { files, current }))
    }

    /// Reads it again, and says whether it is another one. When it cannot be used the one before stays.
    pub(crate) fn refresh(&self) -> Result<bool, TlsError> {
        let next = Current::read(&self.files)?;
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let is_other = next.chain != current.chain;
        *current = next;
        Ok(is_other)
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&current.key))
    }
}

impl Current {
    fn read([certificate, key]: &[PathBuf; 2]) -> Result<Self, TlsError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |error| TlsError::File { path, error }
        };
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
            .and_then(Iterator::collect)
            .map_err(failed(certificate))?;
        if chain.is_empty() {
            return Err(TlsError::Empty(certificate.clone()));
        }
        let secret = PrivateKeyDer::from_pem_file(key).map_err(failed(key))?;
        let provider = rustls::crypto::ring::default_provider();
        Ok(Self {
            key: Arc::new(CertifiedKey::from_der(chain.clone(), secret, &provider)?),
            chain,
        })
    }
}

/// An acceptor with this certificate, for TLS 1.2 and 1.3.
pub(crate) fn acceptor(certificate: &Arc<Certificate>) -> Result<TlsAcceptor, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let resolver: Arc<dyn ResolvesServerCert> = Arc::clone(certificate) as _;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
    }

    // Without `refresh`, or with one that forgets what it had, this fails.
    #[test]
    fn tls_own_listener() {
        let folder = tempfile::tempdir().expect("a folder");
        let (certificate, key) = (folder.path().join("a.pem"), folder.path().join("a.key"));
        let chain = std::fs::read_to_string(tls("server.pem")).expect("a certificate");
        std::fs::copy(tls("server.pem"), &certificate).expect("copied");
        std::fs::copy(tls("server.key"), &key).expect("copied");
        let own = Certificate::read(&certificate, &key).expect("it is right");
        let in_use = || own.current.read().expect("nobody panicked").chain.len();
        assert_eq!(in_use(), 1);
        assert!(matches!(own.refresh(), Ok(false)), "the same one");

        std::fs::write(&certificate, format!("{chain}{chain}")).expect("written");
        assert!(matches!(own.refresh(), Ok(true)), "a longer chain");
        assert_eq!(in_use(), 2);

        std::fs::write(&certificate, "nothing").expect("written");
        assert!(own.refresh().is_err());
        std::fs::write(&certificate, &chain).expect("written");
        std::fs::write(
            &key,
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        )
        .expect("written");
        assert!(own.refresh().is_err());
        assert_eq!(in_use(), 2, "a broken one changes nothing");
        assert!(acceptor(&own).is_ok());
    }
}
