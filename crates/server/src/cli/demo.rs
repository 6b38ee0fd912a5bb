//! `doorward demo`: the provider on a fresh folder, and a sample application on another port that lets it sign
//! people in. Everything in it is the product; only the folder does not stay.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorward_crypto::random;
use doorward_identity::clients::NewClient;
use doorward_oidc::client::metadata::{ConsentPolicy, Stage};
use poem::EndpointExt as _;
use poem::endpoint::ToDynEndpoint;
use tokio::net::TcpListener;
use url::Url;

use super::arguments::Place;
use super::serve::{Fault, announce, finish, log, runtime, until_told};
use super::{Ended, load};
use crate::config::Config;
use crate::demo::{self, Settings};
use crate::http::serve::{Connections, serve};
use crate::instance::{Instance, StartError};
use crate::outside::SystemRandom;

const BAND: &str = "This is a demo. Nothing in it is kept when it stops.";
/// Where a folder was named, what is in it stays.
const BAND_KEPT: &str = "This is a demo.";
/// Applications that are looked through for it, at most.
const EARLIER: usize = 200;
const SAMPLE: &str = "Sample application";

pub(super) fn run(place: &Place, app_url: &str, listen: Option<SocketAddr>) -> Ended {
    let folder = match place.data {
        Some(_) => None,
        None => match Folder::fresh() {
            Ok(folder) => Some(folder),
            Err(error) => return finish(Err(error)),
        },
    };
    let mut overrides = place.overrides();
    if let Some(folder) = &folder {
        overrides.push(("storage", "data", folder.0.display().to_string()));
    }
    let config = match load(place, &overrides) {
        Ok((config, _)) => config,
        Err(ended) => return ended,
    };
    let Ok(app_url) = Url::parse(app_url) else {
        eprintln!("--application-url must be an address such as http://localhost:8081");
        return Ended::Usage;
    };
    log(&config);
    finish(runtime().and_then(|runtime| runtime.block_on(both(&config, app_url, listen, folder.is_none()))))
}

async fn both(config: &Config, app_url: Url, listen: Option<SocketAddr>, kept: bool) -> Result<(), Fault> {
    let listener = Instance::bind(config).await?;
    let port = app_url.port_or_known_default().unwrap_or(8081);
    let address = listen.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    let sample = TcpListener::bind(address)
        .await
        .map_err(|error| StartError::Listen { address, error })?;
    let band = if kept { BAND_KEPT } else { BAND };
    let instance = Instance::open(config, Some(band.to_owned())).await?;
    let settings = register(&instance, &app_url).await?;
    let endpoint = demo::app(settings, Arc::new(SystemRandom))?;
    print(config, &app_url, kept)?;
    announce(instance.app(), None).await;
    let stop = until_told();
    let few = Connections {
        all: 256,
        each: 64,
        trusted: Vec::new(),
    };
    let endpoint = Arc::new(ToDynEndpoint(endpoint.map_to_response()));
    let (served, ()) = tokio::join!(
        instance.serve(config, listener, stop.clone()),
        serve(sample, None, endpoint, few, stop)
    );
    Ok(served?)
}

/// The sample application, as an operator would register it.
async fn register(instance: &Instance, app_url: &Url) -> Result<Settings, Fault> {
    let redirect_uri = Settings::redirect_uri(app_url);
    let identity = instance.app().identity();
    // Secrets are kept as hashes: the sample application of an earlier run gives way to one that knows its own.
    for earlier in identity.clients(None, EARLIER).await?.records {
        let client = earlier.client;
        if client.name == SAMPLE
            && client
                .redirect_uris
                .iter()
                .any(|uri| uri.as_str() == redirect_uri)
        {
            identity.remove_client(&client.id).await?;
        }
    }
    let mut client = NewClient::new(SAMPLE, vec![redirect_uri]);
    client.post_logout_redirect_uris = vec![Settings::post_logout_redirect_uri(app_url)];
    client.start_uri = Some(app_url.to_string());
    client.stage = Stage::Development;
    client.consent = ConsentPolicy::Explicit;
    let (client, secret) = identity.register_client(client).await?;
    let secret = secret.ok_or("the sample application got no secret")?;
    Ok(Settings {
        issuer: instance.app().origin().to_owned(),
        origin: app_url.clone(),
        client_id: client.id.as_str().to_owned(),
        client_secret: secret.as_str().to_owned(),
    })
}

fn print(config: &Config, app_url: &Url, kept: bool) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    let stays = if kept {
        "it ends with Ctrl-C, and its folder stays."
    } else {
        "nothing in it is kept when it stops (Ctrl-C)."
    };
    writeln!(out, "\n  Doorward, as a demo: {stays}\n")?;
    writeln!(out, "  The provider            {}", config.server.url.origin())?;
    writeln!(
        out,
        "  The sample application  {}",
        app_url.as_str().trim_end_matches('/')
    )?;
    out.flush()
}

/// A folder that goes when the demo ends.
struct Folder(PathBuf);

impl Folder {
    fn fresh() -> Result<Self, Fault> {
        let bytes: [u8; 8] = random::bytes(&SystemRandom)?;
        let name: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let path = std::env::temp_dir().join(format!("doorward-demo-{name}"));
        std::fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

fn remove(path: &Path) {
    if let Err(error) = std::fs::remove_dir_all(path) {
        eprintln!("{} could not be removed: {error}", path.display());
    }
}
