//! What an operator can ask for, as data, and the functions of `identity` that do it.

use doorward_crypto::Algorithm;
use doorward_identity::Identity;
use doorward_identity::accounts::people::AddPersonError;
use doorward_identity::accounts::{FieldErrors, NewPerson};
use doorward_identity::clients::{NewClient, RegisterError};
use doorward_identity::records::account::Role;
use doorward_oidc::client::ClientId;
use doorward_oidc::client::metadata::{
    ApplicationType, AuthMethod, ConsentPolicy, PkceRequirement, Profile, Stage,
};
use doorward_oidc::scope::Scope;
use doorward_storage::Cursor;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::conformance;

/// Entries on a page of a list.
const PAGE: usize = 200;

/// What can be asked for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Command {
    /// A new link for the first run.
    SetupLink,
    /// A page of the people.
    UserList {
        /// Where it begins: `next` of the page before.
        after: Option<String>,
    },
    /// A person, who gets a link.
    UserAdd {
        /// What they type.
        user_name: String,
        /// What others see.
        display_name: String,
        /// Where they can be reached.
        email: String,
        /// Whether they may administer.
        operator: bool,
    },
    /// A link by which a person who lost everything comes back.
    UserResetLink {
        /// Whose account: user name or address.
        name: String,
    },
    /// What an account says about its person.
    UserSet {
        /// Whose.
        user_name: String,
        /// Claims and their values.
        claims: Vec<(String, String)>,
    },
    /// A page of the applications.
    AppList {
        /// Where it begins: `next` of the page before.
        after: Option<String>,
    },
    /// An application.
    AppAdd(Box<NewApp>),
    /// An account and applications for the conformance suite.
    SeedConformance {
        /// Where the suite is.
        suite_url: String,
        /// The suite's name for this provider.
        alias: String,
        /// The applications want frames and not the back channel.
        frames: bool,
    },
    /// A token with which applications register themselves.
    AppToken {
        /// So many.
        uses: u32,
        /// For so many seconds.
        seconds: u64,
    },
    /// No application any more.
    AppRemove {
        /// Which.
        client_id: String,
    },
}

/// An application as the command line describes it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct NewApp {
    pub(crate) name: String,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) post_logout_redirect_uris: Vec<String>,
    pub(crate) start_uri: Option<String>,
    pub(crate) public: bool,
    pub(crate) native: bool,
    pub(crate) development: bool,
    pub(crate) consent: bool,
    pub(crate) post_secret: bool,
    pub(crate) jwks: Option<String>,
    pub(crate) jwks_uri: Option<String>,
    pub(crate) backchannel_logout_uri: Option<String>,
    pub(crate) frontchannel_logout_uri: Option<String>,
    pub(crate) pairwise: bool,
    pub(crate) no_pkce: bool,
    pub(crate) fapi: bool,
    pub(crate) require_par: bool,
    pub(crate) require_dpop: bool,
    pub(crate) grants: Vec<String>,
    pub(crate) scope: Option<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) protects: Vec<String>,
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Answer {
    /// Done; the value is what `--json` prints.
    Done(Value),
    /// Not done, by a rule.
    Refused {
        /// Why, for people.
        message: String,
    },
}

impl Answer {
    fn refused(message: &(impl ToString + ?Sized)) -> Self {
        Self::Refused {
            message: message.to_string(),
        }
    }
}

/// Does it.
pub(crate) async fn perform(identity: &Identity, origin: &str, command: Command) -> Answer {
    match command {
        Command::SetupLink => match identity.setup_link().await {
            Ok(Some(token)) => Answer::Done(json!({ "link": format!("{origin}/setup/{}", token.encode()) })),
            Ok(None) => Answer::refused("Setup is already done: there is an account."),
            Err(error) => Answer::refused(&error),
        },
        Command::UserList { after } => people(identity, after.as_deref()).await,
        Command::UserAdd {
            user_name,
            display_name,
            email,
            operator,
        } => {
            let person = match NewPerson::parse(&user_name, &display_name, &email) {
                Ok(person) => person,
                Err(errors) => return Answer::refused(&field_errors(&errors)),
            };
            let role = if operator { Role::Owner } else { Role::Person };
            match identity.add_person(&person, role).await {
                Ok((account, token)) => Answer::Done(json!({
                    "id": account.id.to_string(),
                    "user_name": account.user_name,
                    "link": format!("{origin}/invite/{}", token.encode()),
                })),
                Err(AddPersonError::Taken(errors)) => Answer::refused(&field_errors(&errors)),
                Err(error) => Answer::refused(&error),
            }
        }
        Command::UserResetLink { name } => match identity.reset_link(&name).await {
            Ok((account, token)) => Answer::Done(json!({
                "id": account.id.to_string(),
                "user_name": account.user_name,
                "link": format!("{origin}/recover/{}", token.encode()),
            })),
            Err(error) => Answer::refused(&error),
        },
        Command::UserSet { user_name, claims } => match identity.set_claims(&user_name, &claims).await {
            Ok(()) => Answer::Done(json!({ "user_name": user_name })),
            Err(error) => Answer::refused(&error),
        },
        Command::AppList { after } => apps(identity, after.as_deref()).await,
        Command::AppAdd(new) => match identity
            .register_client(match new.described() {
                Ok(new) => new,
                Err(message) => return Answer::refused(message),
            })
            .await
        {
            Ok((client, secret)) => Answer::Done(json!({
                "client_id": client.id.as_str(),
                "client_secret": secret.as_ref().map(|secret| secret.as_str()),
                "name": client.name,
                "issuer": origin,
            })),
            Err(error) => Answer::refused(&error),
        },
        Command::SeedConformance {
            suite_url,
            alias,
            frames,
        } => conformance::seed(identity, origin, &suite_url, &alias, frames).await,
        Command::AppToken { uses, seconds } => {
            let lives = std::time::Duration::from_secs(seconds);
            match identity.make_initial_access_token(uses, lives).await {
                Ok(token) => Answer::Done(json!({ "token": token.encode() })),
                Err(error) => Answer::refused(&error),
            }
        }
        Command::AppRemove { client_id } => {
            let Ok(id) = ClientId::parse(&client_id) else {
                return Answer::refused(&RegisterError::Unknown);
            };
            match identity.remove_client(&id).await {
                Ok(true) => Answer::Done(json!({ "client_id": client_id })),
                Ok(false) => Answer::refused(&RegisterError::Unknown),
                Err(error) => Answer::refused(&error),
            }
        }
    }
}

fn field_errors(errors: &FieldErrors) -> String {
    let fields = [
        ("the user name", errors.user_name),
        ("the display name", errors.display_name),
        ("the e-mail address", errors.email),
    ];
    let told: Vec<String> = fields
        .into_iter()
        .filter_map(|(field, error)| Some(format!("{field} {}", error?)))
        .collect();
    told.join("; ")
}

impl NewApp {
    fn described(self) -> Result<NewClient, &'static str> {
        let app = self;
        let mut client = NewClient::new(app.name, app.redirect_uris);
        client.post_logout_redirect_uris = app.post_logout_redirect_uris;
        client.start_uri = app.start_uri;
        client.require_pushed_authorization_requests = app.require_par;
        client.dpop_bound_access_tokens = app.require_dpop;
        client.resources = app.resources;
        client.protects = app.protects;
        if app.fapi {
            client.profile = Profile::Fapi2Security;
            client.id_token_signed_response_alg = Algorithm::Es256;
        }
        if !app.grants.is_empty() {
            let grants = app
                .grants
                .iter()
                .map(|name| name.parse())
                .collect::<Result<_, _>>();
            client.grant_types = grants.map_err(|_| "--grant: there is no such grant type")?;
        }
        if let Some(scope) = app.scope {
            client.scope = Scope::parse(&scope).map_err(|_| "--scope: that is no list of scopes")?;
        }
        client.backchannel_logout_uri = app.backchannel_logout_uri;
        client.frontchannel_logout_uri = app.frontchannel_logout_uri;
        client.pairwise = app.pairwise;
        if app.no_pkce {
            client.pkce = PkceRequirement::Optional;
        }
        if app.jwks.is_some() || app.jwks_uri.is_some() {
            client.method = AuthMethod::PrivateKeyJwt;
            client.jwks = app.jwks;
            client.jwks_uri = app.jwks_uri;
        } else if app.public {
            client.method = AuthMethod::None;
        } else if app.post_secret {
            client.method = AuthMethod::ClientSecretPost;
        }
        if app.native {
            client.application_type = ApplicationType::Native;
        }
        if app.development {
            client.stage = Stage::Development;
        }
        client.consent = if app.consent {
            ConsentPolicy::Explicit
        } else {
            ConsentPolicy::Implicit
        };
        Ok(client)
    }
}

async fn people(identity: &Identity, after: Option<&str>) -> Answer {
    let Ok(after) = after.map(cursor).transpose() else {
        return Answer::refused("that is no place in the list");
    };
    match identity.list_people(after.as_ref(), PAGE).await {
        Ok((people, next)) => {
            let people: Vec<Value> = people
                .iter()
                .map(|person| {
                    json!({
                        "id": person.id.to_string(),
                        "user_name": person.user_name,
                        "display_name": person.display_name,
                        "email": person.email,
                        "operator": person.role == Role::Owner,
                    })
                })
                .collect();
            Answer::Done(json!({ "people": people, "next": next.as_ref().map(place) }))
        }
        Err(error) => Answer::refused(&error),
    }
}

async fn apps(identity: &Identity, after: Option<&str>) -> Answer {
    let Ok(after) = after.map(cursor).transpose() else {
        return Answer::refused("that is no place in the list");
    };
    match identity.clients(after.as_ref(), PAGE).await {
        Ok(page) => {
            let apps: Vec<Value> = page
                .records
                .iter()
                .map(|registered| {
                    let client = &registered.client;
                    json!({
                        "client_id": client.id.as_str(),
                        "name": client.name,
                        "redirect_uris": client.redirect_uris.iter().map(|uri| uri.as_str()).collect::<Vec<_>>(),
                        "registered_at": registered.registered_at.seconds(),
                    })
                })
                .collect();
            Answer::Done(json!({ "apps": apps, "next": page.next.as_ref().map(place) }))
        }
        Err(error) => Answer::refused(&error),
    }
}

/// A place in a list as text.
fn place(cursor: &Cursor) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(cursor.as_bytes())
}

fn cursor(place: &str) -> Result<Cursor, base64::DecodeError> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(place)
        .map(|bytes| Cursor::from_bytes(&bytes))
}
