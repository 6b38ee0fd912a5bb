//! `seed conformance`: what the OpenID Foundation's suite needs of a provider, and the suite's own side of it.
//!
//! It makes an account with every claim of a profile and the applications of the static plans, and says what the
//! suite must be told: addresses, secrets, and which elements its browser fills in and presses.

use doorward_crypto::random;
use doorward_identity::accounts::NewPerson;
use doorward_identity::clients::NewClient;
use doorward_identity::passwords::Password;
use doorward_identity::records::account::Role;
use doorward_identity::sign_in::Stay;
use doorward_identity::tokens::BrowserToken;
use doorward_identity::{Browser, Identity};
use doorward_oidc::client::metadata::{AuthMethod, ConsentPolicy, PkceRequirement};
use serde_json::{Value, json};
use url::Url;

use super::commands::Answer;

/// Every claim that a scope of OpenID Connect opens, but for names and e-mail, which every account has.
const CLAIMS: [(&str, &str); 19] = [
    ("given_name", "Con"),
    ("middle_name", "Form"),
    ("family_name", "Ance"),
    ("nickname", "Suite"),
    ("profile", "https://conformance.example/person"),
    ("picture", "https://conformance.example/person.png"),
    ("website", "https://conformance.example/"),
    ("gender", "unknown"),
    ("birthdate", "2000-02-03"),
    ("zoneinfo", "Europe/Berlin"),
    ("locale", "en-US"),
    ("phone_number", "+49 30 0000000"),
    ("phone_number_verified", "true"),
    ("email_verified", "true"),
    ("address.formatted", "Suite Street 1\n10115 Berlin\nGermany"),
    ("address.street_address", "Suite Street 1"),
    ("address.locality", "Berlin"),
    ("address.postal_code", "10115"),
    ("address.country", "DE"),
];

/// The suite's name for this provider, in its addresses.
fn is_alias(alias: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=40).contains(&alias.len()) && alias.bytes().all(fine)
}

/// Makes it, and answers with the suite's configuration.
pub(super) async fn seed(
    identity: &Identity,
    origin: &str,
    suite_url: &str,
    alias: &str,
    frames: bool,
) -> Answer {
    match try_to_seed(identity, origin, suite_url, alias, frames).await {
        Ok(configuration) => Answer::Done(configuration),
        Err(message) => Answer::Refused { message },
    }
}

async fn try_to_seed(
    identity: &Identity,
    origin: &str,
    suite_url: &str,
    alias: &str,
    frames: bool,
) -> Result<Value, String> {
    let suite = Url::parse(suite_url)
        .ok()
        .filter(|url| url.scheme() == "https" && url.has_host());
    let suite = suite.ok_or("--suite-url must be an address that begins with https://")?;
    if !is_alias(alias) {
        return Err("--alias must have 1 to 40 lower-case letters, digits and hyphens".to_owned());
    }
    let place = format!("{}/test/a/{alias}", suite.as_str().trim_end_matches('/'));
    let (name, password) = person(identity, alias).await?;
    let basic = application(identity, "Suite", &place, AuthMethod::ClientSecretBasic, frames).await?;
    let post = application(
        identity,
        "Suite, by form",
        &place,
        AuthMethod::ClientSecretPost,
        frames,
    )
    .await?;
    let second = application(
        identity,
        "Suite, second",
        &place,
        AuthMethod::ClientSecretBasic,
        frames,
    )
    .await?;
    Ok(json!({
        "alias": alias,
        "description": "Doorward",
        "server": { "discoveryUrl": format!("{origin}/.well-known/openid-configuration") },
        "client": basic,
        "client_secret_post": post,
        "client2": second,
        "browser": browser(origin, &place, &name, &password),
    }))
}

/// The account, with a password and nothing else; its name and its password.
async fn person(identity: &Identity, alias: &str) -> Result<(String, String), String> {
    let told = |error: &dyn std::fmt::Display| error.to_string();
    let name = format!("suite-{alias}");
    let new = NewPerson::parse(&name, "Con Form Ance", &format!("{name}@conformance.example"))
        .map_err(|_| "the alias makes no user name".to_owned())?;
    let (_, link) = identity
        .add_person(&new, Role::Person)
        .await
        .map_err(|error| told(&error))?;
    let secret = random::bytes::<24>(identity.random().as_ref()).map_err(|error| told(&error))?;
    let password: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let token = BrowserToken::random(identity.random().as_ref()).map_err(|error| told(&error))?;
    let here = Browser::new(&token);
    let made = identity
        .setup_with_password(&link, &new, &Password::new(password.clone()), &here, Stay::No)
        .await
        .map_err(|error| told(&error))?;
    // The session of the set-up is nobody's.
    if let Some(who) = identity
        .signed_in(&made.token)
        .await
        .map_err(|error| told(&error))?
    {
        identity.sign_out(&who).await.map_err(|error| told(&error))?;
    }
    let claims: Vec<(String, String)> = CLAIMS
        .iter()
        .map(|(claim, value)| ((*claim).to_owned(), (*value).to_owned()))
        .collect();
    identity
        .set_claims(&name, &claims)
        .await
        .map_err(|error| told(&error))?;
    Ok((name, password))
}

/// An application of the static plans. They send no PKCE but in one module.
async fn application(
    identity: &Identity,
    name: &str,
    place: &str,
    method: AuthMethod,
    frames: bool,
) -> Result<Value, String> {
    let mut new = NewClient::new(name, vec![format!("{place}/callback")]);
    new.method = method;
    new.consent = ConsentPolicy::Explicit;
    new.pkce = PkceRequirement::Optional;
    new.post_logout_redirect_uris = vec![format!("{place}/post_logout_redirect")];
    if frames {
        new.frontchannel_logout_uri = Some(format!("{place}/frontchannel_logout"));
    } else {
        new.backchannel_logout_uri = Some(format!("{place}/backchannel_logout"));
    }
    let made = identity
        .register_client(new)
        .await
        .map_err(|error| error.to_string())?;
    let (client, secret) = made;
    Ok(json!({
        "client_id": client.id.as_str(),
        "client_secret": secret.as_ref().map(|secret| secret.as_str()),
    }))
}

/// What the suite's browser does on our pages. Each step is optional: who is signed in already sees fewer.
fn browser(origin: &str, place: &str, name: &str, password: &str) -> Value {
    let step = |task: &str, path: &str, commands: Value| json!({ "task": task, "match": format!("{origin}{path}"), "optional": true, "commands": commands });
    let allow = json!([["click", "id", "consent-allow"]]);
    let arrived = json!({
        "task": "Arrive",
        "match": format!("{place}/callback*"),
        "optional": true,
        "commands": [["wait", "id", "submission_complete", 10]],
    });
    json!([
        {
            "match": format!("{origin}/authorize*"),
            "tasks": [
                step("Name", "/sign-in?*", json!([
                    ["text", "id", "login-username", name], ["click", "id", "login-submit"]
                ])),
                step("Password", "/sign-in/password*", json!([
                    ["text", "id", "login-password", password], ["click", "id", "login-submit"]
                ])),
                step("Allow after the sign-in", "/continue*", allow.clone()),
                step("Allow", "/authorize*", allow),
                step("Go on", "/consent", json!([["click", "id", "leave", "optional"]])),
                arrived,
            ],
        },
        {
            "match": format!("{origin}/end-session*"),
            "tasks": [
                step("Confirm", "/end-session?*", json!([["click", "id", "logout-confirm", "optional"]])),
                step("Go on", "/end-session*", json!([["click", "id", "leave", "optional"]])),
            ],
        },
    ])
}
