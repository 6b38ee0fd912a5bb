//! A provider in memory with people, applications and a clock that obeys, for the tests of grants.

#![expect(
    clippy::expect_used,
    reason = "a helper of tests says by panicking what did not hold"
)]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use doorward_crypto::ring::Ring;
use doorward_crypto::{
    Algorithm, NoRandom, Pkcs8, Provider, PublicKey, Random, Scheme, Sha256, SignatureForm, SigningKey,
    SigningKeyError, Timestamp, VerifyError,
};
use doorward_identity::accounts::NewPerson;
use doorward_identity::clients::NewClient;
use doorward_identity::grants::{Authorize, Call, Pressed};
use doorward_identity::outside::Clock;
use doorward_identity::passwords::{Cost, Password};
use doorward_identity::policy::DpopNonces;
use doorward_identity::records::account::{Account, Role};
use doorward_identity::sign_in::{AfterPassword, Stay};
use doorward_identity::tokens::BrowserToken;
use doorward_identity::{Browser, Identity, Limits, Parts, Policy, SignedIn};
use doorward_oidc::authorize::Answer;
use doorward_oidc::client::metadata::{ApplicationType, AuthMethod, Stage};
use doorward_oidc::client::{Client, ClientId};
use doorward_oidc::error::Fault;
use doorward_oidc::params::Params;
use doorward_oidc::token::{ErrorAnswer, TokenAnswer};
use doorward_storage::{Keyring, Sealer, Store, StoreError};

/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const CALLBACK: &str = "https://app.example/callback";
pub(crate) const GOODBYE: &str = "https://app.example/goodbye";
const PASSWORD: &str = "violet tram under the old bridge";

/// The provider.
#[derive(Clone)]
pub(crate) struct House {
    pub(crate) identity: Identity,
    clock: Arc<Obedient>,
    random: Arc<Counted>,
}

/// Somebody at a browser, signed in.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) who: SignedIn,
    pub(crate) browser: Browser,
    pub(crate) name: &'static str,
}

/// An application with its secret.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) client: Client,
    secret: Option<String>,
}

impl House {
    pub(crate) fn new() -> Self {
        Self::with_nonces(DpopNonces::default())
    }

    pub(crate) fn with_nonces(dpop_nonces: DpopNonces) -> Self {
        let random = Arc::new(Counted::default());
        let clock = Arc::new(Obedient(AtomicU64::new(1_700_000_000_000)));
        let cost = Cost::new(19 * 1024, 2, 1).expect("the least cost");
        let parts = Parts {
            store: Store::in_memory(),
            sealer: Sealer::new(Keyring::generate(random.as_ref()).expect("random")),
            clock: clock.clone(),
            random: random.clone(),
            provider: Arc::new(OneRsaKey),
            outgoing: Arc::new(doorward_identity::outside::Unreachable),
            origin: "https://id.example".parse().expect("an address"),
            instance_name: "Test".to_owned(),
            policy: Policy {
                password_cost: cost,
                dpop_nonces,
                ..Policy::default()
            },
            limits: Limits::default(),
        };
        Self {
            identity: Identity::new(parts).expect("a provider"),
            clock,
            random,
        }
    }

    pub(crate) fn pass(&self, span: Duration) {
        let millis = u64::try_from(span.as_millis()).expect("short");
        self.clock.0.fetch_add(millis, Ordering::SeqCst);
    }

    /// Makes an account with a password, and signs in.
    pub(crate) async fn person(&self, name: &'static str) -> Person {
        let email = format!("{name}@example.org");
        let person = NewPerson::parse(name, name, &email).expect("a person");
        let (_, link) = self
            .identity
            .add_person(&person, Role::Person)
            .await
            .expect("added");
        let browser = self.browser();
        let password = Password::new(PASSWORD);
        self.identity
            .setup_with_password(&link, &person, &password, &browser, Stay::No)
            .await
            .expect("set up");
        self.sign_in(name, browser).await
    }

    /// Signs in with the password.
    pub(crate) async fn sign_in(&self, name: &'static str, browser: Browser) -> Person {
        let after = self
            .identity
            .sign_in_with_password(&browser, name, &Password::new(PASSWORD), Stay::No)
            .await;
        let AfterPassword::SignedIn(session) = after.expect("the password is right") else {
            panic!("there is no second factor");
        };
        let who = self
            .identity
            .signed_in(&session.token)
            .await
            .expect("the store answers")
            .expect("just signed in");
        Person { who, browser, name }
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&BrowserToken::random(self.random.as_ref()).expect("random"))
    }

    /// Changes an account behind everybody's back.
    pub(crate) async fn change(&self, person: &Person, change: impl Fn(&mut Account) + Sync) {
        let (id, change) = (person.who.account.id, &change);
        self.identity
            .store()
            .transact(self.identity.now(), |tx| async move {
                let mut account = tx.read::<Account>(&id).await?.expect("the account is there");
                change(&mut account);
                tx.write(account)?;
                Ok::<_, StoreError>(())
            })
            .await
            .expect("changed");
    }

    /// A site with a secret.
    pub(crate) async fn site(&self) -> App {
        self.register(NewClient::new("Site", vec![CALLBACK.to_owned()]))
            .await
    }

    /// A program without one. Its redirect URI is claimed by https, so consent is remembered.
    pub(crate) async fn program(&self) -> App {
        let mut new = NewClient::new("Program", vec![CALLBACK.to_owned()]);
        new.method = AuthMethod::None;
        new.application_type = ApplicationType::Native;
        self.register(new).await
    }

    pub(crate) async fn register(&self, mut new: NewClient) -> App {
        new.post_logout_redirect_uris = vec![GOODBYE.to_owned()];
        new.stage = Stage::Production;
        let (client, secret) = self
            .identity
            .register_client(new)
            .await
            .expect("fit to be registered");
        App {
            client,
            secret: secret.map(|secret| secret.as_str().to_owned()),
        }
    }

    pub(crate) async fn authorize(&self, app: &App, person: &Person, more: &[(&str, &str)]) -> Authorize {
        let params = app.request(more);
        self.identity
            .authorize(&params, Some(&person.who), &person.browser)
            .await
            .expect("the store answers")
    }

    /// A code for everything that is asked for; the person allows it where they are asked.
    pub(crate) async fn code(&self, app: &App, person: &Person, more: &[(&str, &str)]) -> String {
        let outcome = self.authorize(app, person, more).await;
        let answer = parameters(&match outcome {
            Authorize::Consent(view) => {
                self.press(person, &view.request, Pressed::Allow(view.account))
                    .await
            }
            done @ (Authorize::SignIn(_) | Authorize::Answer { .. } | Authorize::Page(_)) => done,
        });
        get(&answer, "code").unwrap_or_else(|| panic!("a code, not {answer:?}"))
    }

    pub(crate) async fn press(
        &self,
        person: &Person,
        request: &doorward_identity::grants::SealedRequest,
        pressed: Pressed,
    ) -> Authorize {
        let who = Some(&person.who);
        self.identity
            .consent(request, pressed, who, &person.browser)
            .await
            .expect("the store answers")
    }

    pub(crate) async fn token(&self, app: &App, more: &[(&str, &str)]) -> Result<TokenAnswer, ErrorAnswer> {
        self.identity
            .token(&Call::new(&app.form(more), app.authorization().as_deref()))
            .await
            .expect("the store answers")
    }

    pub(crate) async fn redeem(&self, app: &App, code: &str) -> Result<TokenAnswer, ErrorAnswer> {
        self.token(app, &redemption(code)).await
    }

    pub(crate) async fn refresh(&self, app: &App, token: &str) -> Result<TokenAnswer, ErrorAnswer> {
        self.token(app, &[("grant_type", "refresh_token"), ("refresh_token", token)])
            .await
    }

    /// Tokens for `scope`.
    pub(crate) async fn tokens(&self, app: &App, person: &Person, scope: &str) -> TokenAnswer {
        let code = self.code(app, person, &[("scope", scope)]).await;
        self.redeem(app, &code).await.expect("redeemed")
    }

    /// The claims that UserInfo answers, or the rule that the token breaks.
    pub(crate) async fn userinfo(
        &self,
        token: &str,
    ) -> Result<serde_json::Map<String, serde_json::Value>, Fault> {
        use doorward_identity::grants::{ResourceCall, UserinfoBody};
        use doorward_oidc::access_token::{Presented, Scheme};
        let call = ResourceCall {
            token: Presented {
                scheme: Scheme::Bearer,
                token,
            },
            method: "GET",
            proofs: &[],
        };
        match self
            .identity
            .userinfo(&call)
            .await
            .expect("the store answers")
            .map_err(|refused| refused.fault)?
            .body
        {
            UserinfoBody::Json(claims) => Ok(claims),
            UserinfoBody::Jwt(_) => panic!("no algorithm was registered"),
        }
    }
}

impl App {
    pub(crate) fn id(&self) -> &ClientId {
        &self.client.id
    }

    /// An authorization request; what `more` says takes the place of what would stand there, and an empty value
    /// leaves it out.
    pub(crate) fn request(&self, more: &[(&str, &str)]) -> Params {
        let usual = [
            ("client_id", self.client.id.as_str()),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid email"),
            ("state", "st"),
            ("nonce", "no"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        params(&usual, more)
    }

    fn form(&self, more: &[(&str, &str)]) -> Params {
        let usual = [("client_id", self.client.id.as_str())];
        params(&usual, more)
    }

    fn authorization(&self) -> Option<String> {
        use base64::Engine as _;
        let secret = self.secret.as_ref()?;
        let pair = format!("{}:{secret}", self.client.id);
        Some(format!(
            "Basic {}",
            base64::engine::general_purpose::STANDARD.encode(pair)
        ))
    }

    pub(crate) fn proof(&self) -> Option<String> {
        self.authorization()
    }
}

pub(crate) fn redemption(code: &str) -> [(&str, &str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

pub(crate) fn params(usual: &[(&str, &str)], more: &[(&str, &str)]) -> Params {
    let said = |name: &str| more.iter().any(|(own, _)| *own == name);
    let pairs = usual
        .iter()
        .filter(|(name, _)| !said(name))
        .chain(more)
        .filter(|(_, value)| !value.is_empty());
    Params::from_pairs(
        pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    )
    .expect("each once")
}

/// The parameters of an answer that is sent to the application.
pub(crate) fn parameters(outcome: &Authorize) -> Vec<(String, String)> {
    let Authorize::Answer {
        answer: Answer::Redirect(address),
        ..
    } = outcome
    else {
        panic!("an answer to the application, not {outcome:?}");
    };
    let url: url::Url = address.parse().expect("an address");
    url.query_pairs().into_owned().collect()
}

pub(crate) fn get(parameters: &[(String, String)], name: &str) -> Option<String> {
    parameters
        .iter()
        .find(|(own, _)| own == name)
        .map(|(_, value)| value.clone())
}

/// The claims of a JWT, its signature not looked at.
pub(crate) fn claims(token: &str) -> serde_json::Map<String, serde_json::Value> {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).expect("three parts");
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(payload)
        .expect("base64url");
    serde_json::from_slice(&bytes).expect("an object")
}

/// A clock that stands still until it is told.
#[derive(Debug)]
struct Obedient(AtomicU64);

impl Clock for Obedient {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Bytes that nobody would call random and that never repeat.
#[derive(Debug, Default)]
struct Counted(AtomicU64);

impl Random for Counted {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandom> {
        for chunk in out.chunks_mut(32) {
            let next = self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes();
            let hash = Sha256::of(&next);
            for (to, from) in chunk.iter_mut().zip(hash) {
                *to = from;
            }
        }
        Ok(())
    }
}

/// `ring`, except that an RSA key is made once for all tests: that takes seconds.
#[derive(Debug)]
struct OneRsaKey;

static RSA: OnceLock<Vec<u8>> = OnceLock::new();

impl Provider for OneRsaKey {
    fn name(&self) -> &'static str {
        "ring, one RSA key"
    }

    fn verifies(&self, scheme: Scheme) -> bool {
        Ring.verifies(scheme)
    }

    fn verify_scheme(
        &self,
        scheme: Scheme,
        key: &PublicKey,
        form: SignatureForm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        Ring.verify_scheme(scheme, key, form, message, signature)
    }

    fn signing_key(
        &self,
        algorithm: Algorithm,
        pkcs8: &[u8],
    ) -> Result<Box<dyn SigningKey>, SigningKeyError> {
        Ring.signing_key(algorithm, pkcs8)
    }

    fn generate(&self, algorithm: Algorithm, random: &dyn Random) -> Result<Pkcs8, SigningKeyError> {
        if algorithm != Algorithm::Rs256 {
            return Ring.generate(algorithm, random);
        }
        let made = RSA.get_or_init(|| {
            Ring.generate(algorithm, &Counted::default())
                .map(|key| key.as_bytes().to_vec())
                .expect("an RSA key")
        });
        Ok(Pkcs8::from_bytes(made.clone()))
    }
}
