//! Applications that hold keys: they sign their assertions and their proofs of possession.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper of tests says by panicking what did not hold"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::ring::Ring;
use doorward_crypto::{Algorithm, NoRandom, Provider as _, Random, Sha256, SigningKey};
use doorward_identity::clients::NewClient;
use doorward_identity::grants::{Authorize, Call, Pressed, ResourceCall, Userinfo};
use doorward_jose::{Jwk, JwkSet, Protected};
use doorward_oidc::access_token::{Presented, Scheme};
use doorward_oidc::client::assertion::ASSERTION_TYPE;
use doorward_oidc::client::metadata::{AuthMethod, Profile};
use doorward_oidc::error::Fault;
use doorward_oidc::params::Params;
use doorward_oidc::token::{ErrorAnswer, TokenAnswer};
use serde_json::{Value, json};

use super::grants_house::{App, CALLBACK, CHALLENGE, House, Person, get, parameters, params, redemption};

pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const TOKEN: &str = "https://id.example/token";
pub(crate) const PAR: &str = "https://id.example/par";
pub(crate) const USERINFO: &str = "https://id.example/userinfo";

static NAMES: AtomicU64 = AtomicU64::new(1);

/// A name that nobody used before.
pub(crate) fn fresh_jti() -> String {
    format!("j{}", NAMES.fetch_add(1, Ordering::SeqCst))
}

/// A key of an application.
#[derive(Clone)]
pub(crate) struct Key(Arc<dyn SigningKey>);

impl Key {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        let seed = Seed(NAMES.fetch_add(1, Ordering::SeqCst));
        let pkcs8 = Ring.generate(algorithm, &seed).expect("a key");
        Self(Arc::from(
            Ring.signing_key(algorithm, pkcs8.as_bytes()).expect("a key"),
        ))
    }

    pub(crate) fn jwk(&self) -> Jwk {
        Jwk::new(self.0.public_key().clone())
    }

    pub(crate) fn thumbprint(&self) -> String {
        self.jwk().thumbprint().to_string()
    }

    pub(crate) fn sign(&self, header: Protected, claims: &Value) -> String {
        header
            .sign(claims.to_string().as_bytes(), self.0.as_ref())
            .expect("signed")
    }

    /// A proof of possession, changed by `more`.
    pub(crate) fn proof(
        &self,
        house: &House,
        (method, address): (&str, &str),
        more: &[(&str, Value)],
    ) -> String {
        let mut claims = json!({
            "jti": fresh_jti(), "htm": method, "htu": address, "iat": house.identity.now().seconds(),
        });
        for (name, value) in more {
            claims[*name] = value.clone();
        }
        self.sign(Protected::new().typ("dpop+jwt").jwk(&self.jwk()), &claims)
    }
}

/// An application that proves itself by its key, and its tokens by another.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) app: App,
    pub(crate) key: Key,
    pub(crate) dpop: Key,
}

impl Member {
    /// With this profile; `change` may say more.
    pub(crate) async fn new(house: &House, profile: Profile, change: impl Fn(&mut NewClient)) -> Self {
        let key = Key::new(Algorithm::Es256);
        let set = JwkSet::new(vec![key.jwk().with_kid("k")]);
        let mut new = NewClient::new("Bank", vec![CALLBACK.to_owned()]);
        new.method = AuthMethod::PrivateKeyJwt;
        new.profile = profile;
        new.id_token_signed_response_alg = Algorithm::Es256;
        new.jwks = Some(serde_json::to_string(&set).expect("a set"));
        change(&mut new);
        Self {
            app: house.register(new).await,
            key,
            dpop: Key::new(Algorithm::Es256),
        }
    }

    pub(crate) fn claims(&self, house: &House) -> Value {
        let (id, now) = (self.app.id().as_str(), house.identity.now().seconds());
        json!({ "iss": id, "sub": id, "aud": ISSUER, "jti": fresh_jti(), "iat": now, "nbf": now, "exp": now + 60 })
    }

    pub(crate) fn assertion(&self, house: &House, more: &[(&str, Value)]) -> String {
        let mut claims = self.claims(house);
        for (name, value) in more {
            claims[*name] = value.clone();
        }
        self.key.sign(Protected::new().kid("k"), &claims)
    }

    /// A form with a fresh assertion; `more` changes it, and an empty value leaves out.
    pub(crate) fn form(&self, house: &House, more: &[(&str, &str)]) -> Params {
        let assertion = self.assertion(house, &[]);
        let usual = [
            ("client_id", self.app.id().as_str()),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion.as_str()),
        ];
        params(&usual, more)
    }

    /// Pushes a request; gives its reference.
    pub(crate) async fn push(
        &self,
        house: &House,
        more: &[(&str, &str)],
        proofs: &[&str],
    ) -> Result<String, ErrorAnswer> {
        let usual = [
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid email offline_access"),
            ("state", "st"),
            ("nonce", "no"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let said = |name: &str| more.iter().any(|(own, _)| *own == name);
        let pairs: Vec<(&str, &str)> = usual
            .iter()
            .filter(|(name, _)| !said(name))
            .chain(more)
            .copied()
            .collect();
        let form = self.form(house, &pairs);
        let pushed = house
            .identity
            .push(&Call::new(&form, None).with_proofs(proofs))
            .await
            .expect("the store answers")?;
        Ok(pushed.expose().to_owned())
    }

    /// A browser comes with a reference.
    pub(crate) async fn visit(&self, house: &House, person: &Person, reference: &str) -> Authorize {
        let query = params(
            &[("client_id", self.app.id().as_str()), ("request_uri", reference)],
            &[],
        );
        house
            .identity
            .authorize(&query, Some(&person.who), &person.browser)
            .await
            .expect("the store answers")
    }

    /// A code for a pushed request.
    pub(crate) async fn code(&self, house: &House, person: &Person, proofs: &[&str]) -> String {
        let reference = self.push(house, &[], proofs).await.expect("pushed");
        let answer = parameters(&match self.visit(house, person, &reference).await {
            Authorize::Consent(view) => {
                house
                    .press(person, &view.request, Pressed::Allow(view.account))
                    .await
            }
            done @ (Authorize::SignIn(_) | Authorize::Answer { .. } | Authorize::Page(_)) => done,
        });
        get(&answer, "code").unwrap_or_else(|| panic!("a code, not {answer:?}"))
    }

    pub(crate) async fn token(
        &self,
        house: &House,
        more: &[(&str, &str)],
        proofs: &[&str],
    ) -> Result<TokenAnswer, ErrorAnswer> {
        let form = self.form(house, more);
        house
            .identity
            .token(&Call::new(&form, None).with_proofs(proofs))
            .await
            .expect("the store answers")
    }

    /// Redeems with a proof of its key.
    pub(crate) async fn redeem(&self, house: &House, code: &str) -> Result<TokenAnswer, ErrorAnswer> {
        let proof = self.dpop.proof(house, ("POST", TOKEN), &[]);
        self.token(house, &redemption(code), &[&proof]).await
    }

    /// Everything from push to tokens.
    pub(crate) async fn tokens(&self, house: &House, person: &Person) -> TokenAnswer {
        let code = self.code(house, person, &[]).await;
        self.redeem(house, &code).await.expect("redeemed")
    }
}

/// `ath` of a token.
pub(crate) fn ath(token: &str) -> Value {
    json!(URL_SAFE_NO_PAD.encode(Sha256::of(token.as_bytes())))
}

/// UserInfo with these proofs.
pub(crate) async fn userinfo(
    house: &House,
    (scheme, token): (Scheme, &str),
    proofs: &[&str],
) -> Result<Userinfo, Fault> {
    let call = ResourceCall {
        token: Presented { scheme, token },
        method: "GET",
        proofs,
    };
    let outcome = house.identity.userinfo(&call).await.expect("the store answers");
    outcome.map_err(|refused| refused.fault)
}

#[derive(Debug)]
struct Seed(u64);

impl Random for Seed {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandom> {
        for (at, chunk) in (0_u64..).zip(out.chunks_mut(32)) {
            let seed = [self.0.to_be_bytes(), at.to_be_bytes()].concat();
            for (to, from) in chunk.iter_mut().zip(Sha256::of(&seed)) {
                *to = from;
            }
        }
        Ok(())
    }
}
