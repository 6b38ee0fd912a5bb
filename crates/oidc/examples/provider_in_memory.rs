//! A whole sign-in with everything in memory: request, decision, code, tokens, userinfo. Both sides play here.
//!
//! `cargo run -p doorward-oidc --example provider_in_memory`

use std::error::Error;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::{Algorithm, NoRandom, Provider, Random, Sha256, Timestamp, random, ring::Ring};
use doorward_oidc::authorize::{self, Context, Decision, Person, Situation};
use doorward_oidc::client::RedirectUri;
use doorward_oidc::client::authentication::{At, Presented};
use doorward_oidc::client::metadata::{AuthMethod, Client, ClientId};
use doorward_oidc::id_token::IdToken;
use doorward_oidc::token::{
    Caller, CodeDecision, CodeGrant, CodeState, TokenAnswer, TokenRequest, TokenType,
};
use doorward_oidc::{
    AccessToken, Acr, Amr, Answer, Endpoint, Issuer, Keys, OwnKey, Params, Permissions, PersonClaims,
    access_token, limits, userinfo,
};

/// The operating system's randomness; a provider brings its own source.
#[derive(Debug)]
struct System;

impl Random for System {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandom> {
        use std::io::Read;
        std::fs::File::open("/dev/urandom")
            .and_then(|mut file| file.read_exact(out))
            .map_err(|_| NoRandom)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let now = Timestamp::from_seconds(1_800_000_000); // a provider asks its clock

    // The provider: an issuer, a key, one client.
    let issuer = Issuer::parse("https://id.example")?;
    let pkcs8 = Ring.generate(Algorithm::Es256, &System)?;
    let signer = Arc::from(Ring.signing_key(Algorithm::Es256, pkcs8.as_bytes())?);
    let keys = Keys::new(Arc::new(Ring), vec![OwnKey::signing(signer)?]);
    let callback = RedirectUri::register("https://app.example/callback")?;
    let mut client = Client::new(
        ClientId::parse("app")?,
        "The App",
        AuthMethod::None,
        vec![callback],
    );
    client.id_token_signed_response_alg = Algorithm::Es256;
    client.check()?;

    // The client sends the browser with a code challenge.
    let verifier = URL_SAFE_NO_PAD.encode(random::bytes::<32>(&System)?);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::of(verifier.as_bytes()));
    let query = format!(
        "client_id=app&response_type=code&scope=openid+email&state=af0ifjsldkj&nonce=n-0S6\
         &redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&code_challenge={challenge}&code_challenge_method=S256"
    );
    let params = Params::parse(query.as_bytes())?;
    let request = authorize::check(&params, &client, &Context::new(&issuer, &keys, now))
        .map_err(|refusal| refusal.fault())?;
    println!("first:    {:?}", request.decide(&client, &Situation::nobody(now)));
    // The person signed in with a passkey and said yes.
    let (asked, before) = (request.permissions(&client), Permissions::default());
    let person = Person {
        sub: "248289761001",
        auth_time: now,
        acr: Acr::PhishingResistant,
        amr: &[Amr::MultiFactor, Amr::ProofOfPossession, Amr::UserPresence],
        reachable: Acr::PhishingResistant,
        permitted: &before,
    };
    let mut situation = Situation {
        person: Some(person),
        ..Situation::nobody(now)
    };
    situation.consented = Some(&asked);
    let Decision::Grant(granted) = request.decide(&client, &situation) else {
        return Err("not granted".into());
    };
    let code = URL_SAFE_NO_PAD.encode(random::bytes::<32>(&System)?);
    let stored = CodeGrant::new(&granted, Some("session-1"), now); // under the hash of the code
    let Answer::Redirect(location) = granted.answer(&code, &issuer) else {
        return Err("not a redirect".into());
    };
    println!("answer:   {location}");

    // The client redeems the code.
    let form = format!(
        "client_id=app&grant_type=authorization_code&code={code}&code_verifier={verifier}\
         &redirect_uri=https%3A%2F%2Fapp.example%2Fcallback"
    );
    let form = Params::parse(form.as_bytes())?;
    let at = At {
        issuer: &issuer,
        endpoint: Endpoint::Token,
        keys: &keys,
        now,
    };
    let known = Presented::read(None, &form)?.authenticate(Some(&client), None, &at)?;
    let TokenRequest::AuthorizationCode(redeem) = TokenRequest::parse(&form, &known)? else {
        return Err("another grant".into());
    };
    let caller = Caller {
        client: &known,
        jkt: None,
        issuer: &issuer,
        now,
    };
    let CodeDecision::Redeem { resources } = stored.decide(&redeem, &caller, CodeState::Fresh) else {
        return Err("not redeemed".into());
    };

    // The tokens.
    let ana = PersonClaims {
        email: Some(("ana@id.example".to_owned(), true)),
        ..PersonClaims::default()
    };
    let grant = &stored.grant;
    let access = AccessToken {
        jti: URL_SAFE_NO_PAD.encode(random::bytes::<16>(&System)?),
        grant: Some("grant-1".to_owned()),
        client_id: client.id.clone(),
        sub: grant.sub.clone(),
        audience: access_token::audience(&resources, &issuer),
        scope: grant.scope.clone(),
        authentication: Some(grant.authentication.clone()),
        jkt: None,
        issued_at: now,
        expires_at: now.plus(limits::ACCESS_TOKEN_LIFETIME),
    };
    let access = access.sign(&issuer, Algorithm::Es256, &keys)?;
    let id_token = IdToken {
        issuer: &issuer,
        client: &client,
        grant,
        nonce: stored.nonce.as_deref(),
        access_token: Some(&access),
        person: &userinfo::id_token_claims(&client, grant, &grant.scope, &ana),
        lifetime: limits::ID_TOKEN_LIFETIME,
        now,
    };
    let lifetime = limits::ACCESS_TOKEN_LIFETIME;
    let mut answer = TokenAnswer::new(access.clone(), TokenType::Bearer, lifetime, grant.scope.clone());
    answer.id_token = Some(id_token.sign(&keys)?);
    println!("tokens:   {}", answer.body());

    // The client asks who it is.
    let shown = AccessToken::verify(&access, &issuer, &keys, now)?;
    println!(
        "userinfo: {}",
        serde_json::Value::Object(userinfo::userinfo(grant, &shown.scope, &ana)?)
    );
    Ok(())
}
