//! Applications that register themselves (RFC 7591, RFC 7592, OpenID Connect Registration 1.0).
//!
//! Three doors: closed (the default), by an initial access token of the operator, or open to everybody. Whoever
//! comes through the open door lives under narrower rules: PKCE, no access while the person is away, an end when
//! nobody uses it. An update is judged whole, by the same rules as a first registration, and leaves alone what is
//! the operator's to say.

use core::time::Duration;

use doorward_crypto::{Algorithm, Timestamp, random};
use doorward_oidc::client::metadata::{ClientError, GrantType, PkceRequirement, Rule};
use doorward_oidc::client::registration::{self, Issued, Metadata};
use doorward_oidc::client::{Client, ClientId, SecretHash};
use doorward_oidc::error::ErrorCode;
use doorward_oidc::issuer::Endpoint;
use doorward_oidc::scope::{OFFLINE_ACCESS, Scope};
use doorward_storage::{StoreError, Tx};
use serde_json::{Map, Value};

use super::register::{ClientSecret, encoded};
use crate::audit::{Origin, What};
use crate::error::Error;
use crate::outside::{Message, OutgoingRequest};
use crate::policy::{Registration, RegistrationDoor};
use crate::records::client::{Management, Registered};
use crate::records::registration::{InitialAccess, SelfRegistered};
use crate::tokens::{InitialAccessToken, RegistrationToken};
use crate::{Identity, keys};

/// What identifiers of applications that registered themselves begin with.
const PREFIX: &str = "dyn.";
/// Bytes of a sector identifier document.
const SECTOR_DOCUMENT: usize = 64 * 1024;
/// Entries that are looked at in one go when they are counted.
const PAGE: usize = 200;
/// Registrations that one initial access token allows at the most.
const USES_MAX: u32 = 100_000;

/// What an application is told: its metadata as registered, 201 or 200, JSON.
#[derive(Debug)]
pub struct Description(pub Map<String, Value>);

/// Why nothing was registered, changed or told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRegistered {
    /// There is no such endpoint here.
    Closed,
    /// The token is missing, unknown, spent, or another application's; or there is no such application.
    Unauthorized,
    /// Too many of late, or in all.
    TooMany,
    /// A member cannot be what it is.
    Metadata(ClientError),
}

impl NotRegistered {
    /// The code of the answer, where there is one (RFC 7591 §3.2.2).
    #[must_use]
    pub fn code(self) -> Option<ErrorCode> {
        match self {
            Self::Metadata(error) => Some(error.code()),
            Self::Closed | Self::Unauthorized | Self::TooMany => None,
        }
    }
}

impl From<ClientError> for NotRegistered {
    fn from(error: ClientError) -> Self {
        Self::Metadata(error)
    }
}

type Told = Result<Description, NotRegistered>;

impl Identity {
    /// A token with which so many applications may register themselves, for so long.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn make_initial_access_token(
        &self,
        uses: u32,
        lives: Duration,
    ) -> Result<InitialAccessToken, Error> {
        let token = InitialAccessToken::random(self.random().as_ref())?;
        let access = &InitialAccess {
            token: token.digest(),
            left: uses.min(USES_MAX),
            ends_at: self.now().plus(lives),
        };
        self.store()
            .transact(self.now(), |tx| async move {
                tx.insert(access.clone()).await?;
                let what = What::InitialAccessMade { uses: access.left };
                self.record(&tx, None, &Origin::default(), what).await.map(drop)
            })
            .await?;
        Ok(token)
    }

    /// Registers an application by its own word. `address` is where it speaks from.
    ///
    /// # Errors
    /// Outside [`Error`] when something below failed; inside why nothing was registered.
    pub async fn register_itself(
        &self,
        body: &[u8],
        presented: Option<&str>,
        address: Option<&str>,
    ) -> Result<Told, Error> {
        let rules = &self.policy().registration;
        let token = match (rules.door, presented) {
            (RegistrationDoor::Closed, _) => return Ok(Err(NotRegistered::Closed)),
            (RegistrationDoor::ByToken, None) => return Ok(Err(NotRegistered::Unauthorized)),
            (RegistrationDoor::Open, None) => None,
            (RegistrationDoor::ByToken | RegistrationDoor::Open, Some(text)) => {
                match InitialAccessToken::parse(text) {
                    Ok(token) => Some(token.digest()),
                    Err(_) => return Ok(Err(NotRegistered::Unauthorized)),
                }
            }
        };
        let now = self.now();
        // Before anything is fetched or made for a stranger.
        if let Some(token) = &token {
            let access = self.store().read::<InitialAccess>(token, now).await?;
            if access.is_none_or(|access| access.left == 0) {
                return Ok(Err(NotRegistered::Unauthorized));
            }
        } else if !self
            .registrations()
            .admits(address.unwrap_or_default().to_owned(), now)
        {
            return Ok(Err(NotRegistered::TooMany));
        }
        let random = self.random().as_ref();
        let id = format!("{PREFIX}{}", encoded(&random::bytes::<16>(random)?));
        let Ok(id) = ClientId::parse(&id) else {
            return Err(Error::Random(doorward_crypto::NoRandom));
        };
        let made = self
            .read_metadata(body, id, token.is_some(), &Before::Nothing)
            .await?;
        let (client, secret) = match made {
            Ok(made) => made,
            Err(error) => return Ok(Err(error.into())),
        };
        let management = RegistrationToken::random(random)?;
        let registered = &Registered {
            client,
            registered_at: now,
            management: Some(Management {
                token: management.digest(),
                before: None,
                admitted: token.is_some(),
            }),
            ends_unused_at: token.is_none().then(|| now.plus(rules.unused)),
        };
        let token = &token;
        let done = self
            .store()
            .transact(now, |tx| async move {
                if let Some(token) = token {
                    let access = tx.read::<InitialAccess>(token).await?;
                    let Some(mut access) = access.filter(|access| access.left > 0) else {
                        return Ok(Err(NotRegistered::Unauthorized));
                    };
                    access.left = access.left.saturating_sub(1);
                    tx.write(access)?;
                }
                let mut all = tx.read::<SelfRegistered>(&()).await?.unwrap_or_default();
                if self.count_self_registered(now, rules.most).await? >= rules.most {
                    return Ok(Err(NotRegistered::TooMany));
                }
                all.ever = all.ever.saturating_add(1);
                tx.write(all)?;
                tx.insert(registered.clone()).await?;
                self.note(&tx, registered, What::client_registered).await?;
                Ok::<_, Error>(Ok(()))
            })
            .await?;
        if let Err(refused) = done {
            return Ok(Err(refused));
        }
        Ok(Ok(self.describe(registered, secret.as_ref(), &management)))
    }

    /// What is registered (RFC 7592 §2.1), and a new token for the next time.
    ///
    /// # Errors
    /// Outside [`Error`]; inside [`NotRegistered::Unauthorized`], also for applications that there are not.
    pub async fn look_at_registration(&self, id: &str, presented: Option<&str>) -> Result<Told, Error> {
        if self.registration_is_closed() {
            return Ok(Err(NotRegistered::Closed));
        }
        let fresh = &RegistrationToken::random(self.random().as_ref())?;
        let found = self
            .store()
            .transact(self.now(), |tx| async move {
                let Some(registered) = self.entrusted(&tx, id, presented).await? else {
                    return Ok(None);
                };
                let registered = rotated(registered, presented, fresh);
                tx.write(registered.clone())?;
                Ok::<_, Error>(Some(registered))
            })
            .await?;
        Ok(found
            .map(|registered| self.describe(&registered, None, fresh))
            .ok_or(NotRegistered::Unauthorized))
    }

    /// Replaces what is registered (RFC 7592 §2.2): a member that is left out returns to its default.
    ///
    /// # Errors
    /// Outside [`Error`]; inside why nothing was changed.
    pub async fn update_registration(
        &self,
        id: &str,
        presented: Option<&str>,
        body: &[u8],
    ) -> Result<Told, Error> {
        if self.registration_is_closed() {
            return Ok(Err(NotRegistered::Closed));
        }
        let now = self.now();
        let before = self
            .store()
            .transact(now, |tx| async move {
                Ok::<_, Error>(self.entrusted(&tx, id, presented).await?)
            })
            .await?;
        let Some(before) = before else {
            return Ok(Err(NotRegistered::Unauthorized));
        };
        let admitted = before.management.as_ref().is_some_and(|own| own.admitted);
        let own = before.client.id.clone();
        let made = self
            .read_metadata(body, own, admitted, &Before::Client(&before.client))
            .await?;
        let (client, secret) = match made {
            Ok((client, secret)) => (&client.clone(), secret),
            Err(error) => return Ok(Err(error.into())),
        };
        let (before, fresh) = (&before, &RegistrationToken::random(self.random().as_ref())?);
        let done = self
            .store()
            .transact(now, |tx| async move {
                let registered = self.entrusted(&tx, id, presented).await?;
                // What was decided on is what is replaced.
                let Some(registered) = registered.filter(|now| now.client == before.client) else {
                    return Ok(None);
                };
                let mut registered = rotated(registered, presented, fresh);
                registered.client = client.clone();
                tx.write(registered.clone())?;
                self.note(&tx, &registered, What::client_changed).await?;
                Ok::<_, Error>(Some(registered))
            })
            .await?;
        Ok(done
            .map(|registered| self.describe(&registered, secret.as_ref(), fresh))
            .ok_or(NotRegistered::Unauthorized))
    }

    /// Takes the application out of the directory (RFC 7592 §2.3): what it was given ends with this one write.
    ///
    /// # Errors
    /// Outside [`Error`]; inside [`NotRegistered::Unauthorized`].
    pub async fn remove_registration(
        &self,
        id: &str,
        presented: Option<&str>,
    ) -> Result<Result<(), NotRegistered>, Error> {
        if self.registration_is_closed() {
            return Ok(Err(NotRegistered::Closed));
        }
        let done = self
            .store()
            .transact(self.now(), |tx| async move {
                let Some(registered) = self.entrusted(&tx, id, presented).await? else {
                    return Ok(false);
                };
                tx.remove::<Registered>(&id.to_owned())?;
                self.note(&tx, &registered, What::client_removed).await?;
                Ok::<_, Error>(true)
            })
            .await?;
        Ok(if done {
            Ok(())
        } else {
            Err(NotRegistered::Unauthorized)
        })
    }

    fn registration_is_closed(&self) -> bool {
        self.policy().registration.door == RegistrationDoor::Closed
    }

    /// The application, if the token is its own.
    async fn entrusted(
        &self,
        tx: &Tx,
        id: &str,
        presented: Option<&str>,
    ) -> Result<Option<Registered>, StoreError> {
        let Some(token) = presented.and_then(|text| RegistrationToken::parse(text).ok()) else {
            return Ok(None);
        };
        if ClientId::parse(id).is_err() {
            return Ok(None);
        }
        let digest = token.digest();
        let registered = tx.read::<Registered>(&id.to_owned()).await?;
        Ok(registered.filter(|registered| {
            let own = registered.management.as_ref();
            own.is_some_and(|own| own.token == digest || own.before == Some(digest))
        }))
    }

    /// The client that the metadata describe, and its secret where it needs a new one.
    async fn read_metadata(
        &self,
        body: &[u8],
        id: ClientId,
        admitted: bool,
        before: &Before<'_>,
    ) -> Result<Result<(Client, Option<ClientSecret>), ClientError>, Error> {
        let metadata = match Metadata::parse(body).and_then(|read| before.checked(read)) {
            Ok(metadata) => metadata,
            Err(error) => return Ok(Err(error)),
        };
        let (needs_secret, sector) = match (metadata.needs_secret(), metadata.sector_identifier_uri()) {
            (Ok(needs), Ok(sector)) => (needs, sector),
            (Err(error), _) | (_, Err(error)) => return Ok(Err(error)),
        };
        let document = match &sector {
            Some(uri) => self.fetch(uri.as_str(), SECTOR_DOCUMENT).await,
            None => None,
        };
        let kept = before.secrets();
        let secret = if needs_secret && kept.is_empty() {
            Some(ClientSecret::random(self.random().as_ref())?)
        } else {
            None
        };
        let secrets = match &secret {
            Some(secret) => vec![SecretHash::of(secret.as_str())],
            None if needs_secret => kept,
            None => Vec::new(),
        };
        let policy = policy(&self.policy().registration, admitted);
        let client = metadata.to_client(id, secrets, document.as_deref(), &policy);
        Ok(client.map(|client| (before.with_the_operators_word(client), secret)))
    }

    /// A document that an application named; `None`, whatever was wrong.
    async fn fetch(&self, address: &str, largest: usize) -> Option<Vec<u8>> {
        let request = OutgoingRequest {
            address,
            message: Message::Get {
                accept: "application/json",
            },
            largest,
        };
        match self.outgoing().send(request).await {
            Ok(answer) if answer.status == 200 => Some(answer.body),
            Ok(answer) => {
                tracing::info!(
                    status = answer.status,
                    "a sector identifier document was not given"
                );
                None
            }
            Err(error) => {
                tracing::info!(%error, "a sector identifier document could not be fetched");
                None
            }
        }
    }

    /// How many applications registered themselves, counted no further than `most`.
    async fn count_self_registered(&self, now: Timestamp, most: usize) -> Result<usize, StoreError> {
        let (mut count, mut after) = (0_usize, None);
        while count < most {
            let page = self
                .store()
                .list::<Registered>(PREFIX.as_bytes(), after.as_ref(), PAGE, now)
                .await?;
            count = count.saturating_add(page.records.len());
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(count)
    }

    fn describe(
        &self,
        registered: &Registered,
        secret: Option<&ClientSecret>,
        token: &RegistrationToken,
    ) -> Description {
        let (id, token) = (registered.client.id.as_str(), token.encode());
        let uri = format!("{}/{id}", self.protocol_issuer().endpoint(Endpoint::Registration));
        let issued = Issued {
            secret: secret.map(ClientSecret::as_str),
            management: Some((&token, &uri)),
            at: registered.registered_at,
        };
        Description(registration::answer(&registered.client, &issued))
    }

    async fn note(
        &self,
        tx: &Tx,
        registered: &Registered,
        what: impl FnOnce(String) -> What,
    ) -> Result<(), StoreError> {
        let what = what(registered.client.id.to_string());
        self.record(tx, None, &Origin::default(), what).await.map(drop)
    }
}

/// What an update replaces.
enum Before<'a> {
    Nothing,
    Client(&'a Client),
}

impl Before<'_> {
    /// RFC 7592 §2.2: an update names the client, may name its secret, and says nothing of what is ours.
    fn checked(&self, metadata: Metadata) -> Result<Metadata, ClientError> {
        let Self::Client(client) = self else {
            return Ok(metadata);
        };
        let wrong = |member| ClientError {
            member,
            rule: Rule::Value,
        };
        metadata.says_nothing_of_ours()?;
        if metadata.client_id()? != Some(client.id.as_str()) {
            return Err(wrong("client_id"));
        }
        if let Some(secret) = metadata.client_secret()?
            && !client.secrets.iter().any(|hash| hash.matches(secret))
        {
            return Err(wrong("client_secret"));
        }
        Ok(metadata)
    }

    fn secrets(&self) -> Vec<SecretHash> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Client(client) => client.secrets.clone(),
        }
    }

    /// What the operator said of an application is not the application's to change.
    fn with_the_operators_word(&self, mut client: Client) -> Client {
        if let Self::Client(before) = self {
            client.profile = before.profile;
            client.stage = before.stage;
            client.private_schemes.clone_from(&before.private_schemes);
            client.resources.clone_from(&before.resources);
            client.minimum_acr = before.minimum_acr;
            client.id_token_claims = before.id_token_claims;
            client.access_token_format = before.access_token_format;
            client.cors_origins.clone_from(&before.cors_origins);
        }
        client
    }
}

/// What applications may have that register themselves.
fn policy(rules: &Registration, admitted: bool) -> registration::Policy {
    let signing_algorithms: Vec<Algorithm> = keys::ALGORITHMS.to_vec();
    if admitted {
        registration::Policy {
            pkce: rules.pkce,
            scope: Scope::known(),
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            signing_algorithms,
        }
    } else {
        registration::Policy {
            pkce: PkceRequirement::Required,
            scope: Scope::known().without(OFFLINE_ACCESS),
            grant_types: vec![GrantType::AuthorizationCode],
            signing_algorithms,
        }
    }
}

/// With a new token. The one that was used counts until the new one is, since the answer may be lost.
fn rotated(mut registered: Registered, presented: Option<&str>, fresh: &RegistrationToken) -> Registered {
    let used = presented.and_then(|text| RegistrationToken::parse(text).ok());
    if let Some(own) = &mut registered.management {
        own.before = used.map(|token| token.digest());
        own.token = fresh.digest();
    }
    registered
}
