//! An instance: opened from its configuration, served, stopped.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorward_crypto::ring::Ring;
use doorward_crypto::rustcrypto::RustCrypto;
use doorward_crypto::{Random, Widest};
use doorward_identity::outside::Clock;
use doorward_identity::policy::{Registration, RegistrationDoor};
use doorward_identity::{Identity, Limits, Parts, Policy};
use doorward_oidc::client::metadata::PkceRequirement;
use doorward_storage::{
    AnyEngine, KeyFileError, Keyring, Sealer, Sled, SledOpenError, SledSettings, Store, is_fresh,
};
use poem::endpoint::ToDynEndpoint;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::app::App;
use crate::config::{self, Config, ConfigError, Door, Pkce};
use crate::http::routes;
use crate::http::serve::{Connections, serve};
use crate::http::tls::{self, Certificate, TlsError};
use crate::outside::{OutgoingClient, OutgoingSetupError, SystemClock, SystemRandom};
use crate::{control, jobs};

/// A store that is open, and the rules over it.
pub(crate) struct Instance {
    app: App,
    data: PathBuf,
}

/// Why an instance does not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The rules refuse their parts.
    #[error(transparent)]
    Identity(#[from] doorward_identity::ConfigError),
    /// The data folder.
    #[error("the data folder {folder}: {problem}")]
    Folder {
        /// Which.
        folder: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] SledOpenError),
    /// The thread that opens the store.
    #[error("the store could not be opened: {0}")]
    Thread(#[from] tokio::task::JoinError),
    /// The key file.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// The signing keys.
    #[error("the signing keys: {0}")]
    SigningKeys(String),
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// In the system's words.
        error: io::Error,
    },
    /// The control socket.
    #[error("the control socket in {folder}: {error}")]
    Control {
        /// The data folder.
        folder: PathBuf,
        /// In the system's words.
        error: io::Error,
    },
    /// The client for outgoing requests.
    #[error(transparent)]
    Outgoing(#[from] OutgoingSetupError),
    /// Certificate or key.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl Instance {
    /// Opens store and keys, making both at the first start.
    pub(crate) async fn open(config: &Config, band: Option<String>) -> Result<Self, StartError> {
        let data = config.data()?;
        folder(&data)?;
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let (store, is_first) = open_store(data.join("store"), random.clone()).await?;
        let keys = config
            .storage
            .seal_key
            .clone()
            .unwrap_or_else(|| data.join("seal.key"));
        let keyring = match Keyring::read(&keys) {
            Err(KeyFileError::Missing(_)) if is_first => Keyring::create(&keys, random.as_ref())?,
            other => other?,
        };
        if keys.starts_with(&data) {
            tracing::warn!(
                file = %keys.display(),
                "the seal key lies beside the data that it seals; set storage.seal_key to keep them apart"
            );
        }
        let sign_in = &config.sign_in;
        let identity = Identity::new(Parts {
            store,
            sealer: Sealer::new(keyring),
            clock,
            random,
            provider: Arc::new(Widest(Ring, RustCrypto)),
            outgoing: Arc::new(OutgoingClient::new(&config.outgoing)?),
            origin: config.server.url.url().clone(),
            instance_name: config.branding.name.clone(),
            policy: Policy {
                registration: registration(&config.registration),
                passwords: sign_in.passwords,
                step_up_fallback: sign_in.step_up_fallback,
                ..Policy::default()
            },
            limits: Limits {
                session_idle: sign_in.idle_lifetime,
                session_absolute: sign_in.lifetime,
                session_stay: sign_in.stay_lifetime,
                failures_per_address: u16::try_from(sign_in.failures_per_address).unwrap_or(u16::MAX),
                failures_per_network: u16::try_from(sign_in.failures_per_network).unwrap_or(u16::MAX),
                step_up_delay: sign_in.step_up_delay,
                ..Limits::default()
            },
        })?;
        identity
            .ensure_keys()
            .await
            .map_err(|error| StartError::SigningKeys(error.to_string()))?;
        Ok(Self {
            app: App::new(config, identity, band),
            data,
        })
    }

    /// What handlers and commands share.
    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    /// The folder of the store.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// Takes the address, so that a start that cannot serve says so at once.
    pub(crate) async fn bind(config: &Config) -> Result<TcpListener, StartError> {
        let server = &config.server;
        let port = server.url.url().port_or_known_default().unwrap_or(8080);
        let address = server
            .listen
            .unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        TcpListener::bind(address)
            .await
            .map_err(|error| StartError::Listen { address, error })
    }

    /// Serves until `stop` says so, then lets what is in flight end and stops the store cleanly.
    pub(crate) async fn serve(
        self,
        config: &Config,
        listener: TcpListener,
        stop: watch::Receiver<bool>,
    ) -> Result<(), StartError> {
        let server = &config.server;
        let certificate = match (&server.tls_certificate, &server.tls_key) {
            (Some(certificate), Some(key)) => Some(Certificate::read(certificate, key)?),
            _ => None,
        };
        let tls = certificate.as_ref().map(tls::acceptor).transpose()?;
        let bounds = Connections {
            all: usize::try_from(server.connections).unwrap_or(usize::MAX),
            each: usize::try_from(server.connections_per_address).unwrap_or(usize::MAX),
            trusted: server.trusted_proxies.clone(),
        };
        let control = control::listen(self.app.clone(), &self.data, stop.clone()).map_err(|error| {
            StartError::Control {
                folder: self.data.clone(),
                error,
            }
        })?;
        let sweep = jobs::sweep::start(self.app.identity().clone(), stop.clone());
        let sign_outs = jobs::sign_outs::start(self.app.identity().clone(), stop.clone());
        let mut jobs = vec![control, sweep, sign_outs];
        jobs.extend(certificate.map(|certificate| jobs::certificate::start(certificate, stop.clone())));
        let endpoint = Arc::new(ToDynEndpoint(routes::endpoint(&self.app)));
        serve(listener, tls, endpoint, bounds, stop).await;
        for job in jobs {
            if let Err(error) = job.await {
                tracing::warn!(%error, "a job did not end well");
            }
        }
        self.app.identity().store().close().await;
        Ok(())
    }
}

/// The store in this folder, and whether this is its first run: only then may a key file be made.
async fn open_store(folder: PathBuf, random: Arc<dyn Random>) -> Result<(Store, bool), StartError> {
    let (engine, is_first) = tokio::task::spawn_blocking({
        let random = Arc::clone(&random);
        move || {
            let is_first = is_fresh(&folder).map_err(|error| StartError::Folder {
                folder: folder.clone(),
                problem: error.to_string(),
            })?;
            Ok::<_, StartError>((Sled::open(&SledSettings::new(folder), &random)?, is_first))
        }
    })
    .await??;
    Ok((Store::over(AnyEngine::Sled(engine), random), is_first))
}

/// What the configuration says of applications that register themselves.
fn registration(config: &config::Registration) -> Registration {
    Registration {
        door: match config.door {
            Door::Closed => RegistrationDoor::Closed,
            Door::Token => RegistrationDoor::ByToken,
            Door::Open => RegistrationDoor::Open,
        },
        pkce: match config.pkce {
            Pkce::Required => PkceRequirement::Required,
            Pkce::Optional => PkceRequirement::Optional,
        },
        most: usize::try_from(config.most).unwrap_or(usize::MAX),
        per_hour: config.per_hour,
        unused: config.unused,
        request_uris: config.request_uris,
    }
}

/// The data folder, for its owner alone.
fn folder(data: &Path) -> Result<(), StartError> {
    let wrong = |problem: String| StartError::Folder {
        folder: data.to_owned(),
        problem,
    };
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data)
        .map_err(|error| wrong(error.to_string()))?;
    let about = std::fs::metadata(data).map_err(|error| wrong(error.to_string()))?;
    if about.uid() != rustix::process::geteuid().as_raw() {
        return Err(wrong("belongs to somebody else".into()));
    }
    if about.mode() & 0o077 != 0 {
        return Err(wrong("others can look into it; give it mode 0700".into()));
    }
    Ok(())
}
