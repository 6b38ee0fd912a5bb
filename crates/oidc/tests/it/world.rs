//! One provider, its clients and its people, from which each test makes one edit.

use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::sync::{Arc, LazyLock};

use doorward_crypto::ring::Ring;
use doorward_crypto::{Algorithm, NoRandom, Provider, Random, Sha256, SigningKey, Timestamp};
use doorward_oidc::authorize::{self, AuthorizationRequest, Context, Decision, Granted, Person, Situation};
use doorward_oidc::client::authentication::{At, Authenticated, Presented};
use doorward_oidc::client::metadata::{AuthMethod, Client, ClientId};
use doorward_oidc::client::{RedirectUri, SecretHash};
use doorward_oidc::{Acr, Amr, Endpoint, Fault, Issuer, Keys, OwnKey, Params, Permissions, Refusal, Scope};

pub(crate) const SECRET: &str = "wVqnOVLvyEQ0TY2rpyWJ1ds4a8vGiJl4qUfEL1y0Ta4";
pub(crate) const REDIRECT: &str = "https://app.example/callback";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// Bytes that nobody needs to guess, each time others.
#[derive(Debug)]
pub(crate) struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandom> {
        for chunk in out.chunks_mut(32) {
            let count = self.0.fetch_add(1, Ordering::Relaxed);
            let block = Sha256::of(&count.to_be_bytes());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

pub(crate) static RANDOM: Counting = Counting(AtomicU64::new(0));

pub(crate) fn signing_key(algorithm: Algorithm) -> Arc<dyn SigningKey> {
    let pkcs8 = Ring.generate(algorithm, &RANDOM).unwrap();
    Arc::from(Ring.signing_key(algorithm, pkcs8.as_bytes()).unwrap())
}

fn own_key(algorithm: Algorithm) -> OwnKey {
    OwnKey::signing(signing_key(algorithm)).unwrap()
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let algorithms = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];
    Keys::new(Arc::new(Ring), algorithms.map(own_key).to_vec())
});
static ISSUER: LazyLock<Issuer> = LazyLock::new(|| Issuer::parse("https://id.example").unwrap());

pub(crate) fn keys() -> &'static Keys {
    &KEYS
}

pub(crate) fn other_keys() -> Keys {
    Keys::new(Arc::new(Ring), vec![own_key(Algorithm::Es256)])
}

pub(crate) fn issuer() -> &'static Issuer {
    &ISSUER
}

pub(crate) fn id(text: &str) -> ClientId {
    ClientId::parse(text).unwrap()
}

pub(crate) fn uri(text: &str) -> RedirectUri {
    RedirectUri::register(text).unwrap()
}

/// A site with a secret.
pub(crate) fn client() -> Client {
    let mut client = Client::new(
        id("app"),
        "App",
        AuthMethod::ClientSecretBasic,
        vec![uri(REDIRECT)],
    );
    client.secrets = vec![SecretHash::of(SECRET)];
    client.post_logout_redirect_uris = vec![uri("https://app.example/bye")];
    client.id_token_signed_response_alg = Algorithm::Es256;
    client.check().unwrap();
    client
}

/// A program on the person's device, without a secret.
pub(crate) fn native() -> Client {
    let uris = vec![uri("http://127.0.0.1/cb"), uri("com.example.app:/cb")];
    let mut client = Client::new(id("native"), "Native", AuthMethod::None, uris);
    client.application_type = doorward_oidc::client::metadata::ApplicationType::Native;
    client.id_token_signed_response_alg = Algorithm::Es256;
    client.check().unwrap();
    client
}

pub(crate) const GOOD: [(&str, &str); 8] = [
    ("client_id", "app"),
    ("redirect_uri", REDIRECT),
    ("response_type", "code"),
    ("scope", "openid email"),
    ("state", "s t&a=te"),
    ("nonce", "n-0S6_WzA2Mj"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

/// Parameters: the pairs, an empty-named one left out.
pub(crate) fn params(pairs: &[(&str, &str)]) -> Params {
    Params::from_pairs(
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    )
    .unwrap()
}

/// The good request with these edits: a value replaces, `None` removes.
pub(crate) fn edited(edits: &[(&str, Option<&str>)]) -> Params {
    let mut pairs: Vec<(&str, &str)> = GOOD.to_vec();
    for (name, value) in edits {
        pairs.retain(|(own, _)| own != name);
        pairs.extend(value.map(|value| (*name, value)));
    }
    params(&pairs)
}

pub(crate) fn check(
    edits: &[(&str, Option<&str>)],
    client: &Client,
) -> Result<AuthorizationRequest, Refusal> {
    authorize::check(
        &edited(edits),
        client,
        &Context::new(issuer(), keys(), NOW).with_sign_up(),
    )
}

pub(crate) fn request(edits: &[(&str, Option<&str>)]) -> AuthorizationRequest {
    check(edits, &client()).unwrap()
}

pub(crate) fn nothing() -> &'static Permissions {
    static NOTHING: LazyLock<Permissions> = LazyLock::new(Permissions::default);
    &NOTHING
}

pub(crate) fn permitted(scope: &str) -> Permissions {
    Permissions {
        scope: Scope::parse(scope).unwrap(),
        ..Permissions::default()
    }
}

/// Somebody who signed in a minute ago with a passkey and permitted nothing yet.
pub(crate) fn person(permitted: &Permissions) -> Person<'_> {
    Person {
        sub: "person-1",
        auth_time: NOW.minus(Duration::from_secs(60)),
        acr: Acr::PhishingResistant,
        amr: &[Amr::MultiFactor, Amr::ProofOfPossession, Amr::UserPresence],
        reachable: Acr::PhishingResistant,
        permitted,
    }
}

pub(crate) fn situation(person: Option<Person<'_>>) -> Situation<'_> {
    Situation {
        person,
        ..Situation::nobody(NOW)
    }
}

pub(crate) fn granted(edits: &[(&str, Option<&str>)], client: &Client) -> Granted {
    let request = check(edits, client).unwrap();
    let permissions = request.permissions(client);
    let mut situation = situation(Some(person(nothing())));
    situation.consented = Some(&permissions);
    match request.decide(client, &situation) {
        Decision::Grant(granted) => *granted,
        other => panic!("not granted: {other:?}"),
    }
}

pub(crate) fn refused(decision: &Decision) -> Fault {
    match decision {
        Decision::Refuse(refusal) => refusal.fault(),
        other => panic!("not refused: {other:?}"),
    }
}

pub(crate) fn at() -> At<'static> {
    At {
        issuer: issuer(),
        endpoint: Endpoint::Token,
        keys: keys(),
        now: NOW,
    }
}

/// The client, authenticated by its secret in the form or, public, by its name.
pub(crate) fn authenticated(client: &Client) -> Authenticated<'_> {
    let id = client.id.as_str();
    let header = basic(&format!("{id}:{SECRET}"));
    let presented = if client.is_public() {
        Presented::read(None, &params(&[("client_id", id)]))
    } else {
        Presented::read(Some(&header), &params(&[]))
    };
    presented
        .unwrap()
        .authenticate(Some(client), None, &at())
        .unwrap()
}

pub(crate) fn basic(pair: &str) -> String {
    use base64::Engine;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}
