//! Signing in a device without a browser (RFC 8628).
//!
//! The device asks and polls; the person types its code on a page of ours, sees what asks and from where, and answers
//! after a fresh proof. The code alone signs nobody in. Each step is one commit over the device's record, so that one
//! answer counts and one poll is given tokens.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::{Sha256, Timestamp, random};
use doorward_oidc::authorize::{ClaimsRequest, Permissions};
use doorward_oidc::device::{DeviceAnswer, DeviceGrant, DeviceRequest, Poll, Progress, UserCode};
use doorward_oidc::error::Fault;
use doorward_oidc::grant::{Authentication, Grant as Terms};
use doorward_oidc::issuer::Endpoint;
use doorward_oidc::keys::Keys;
use doorward_oidc::scope::OFFLINE_ACCESS;
use doorward_oidc::token::{Credential, ErrorAnswer, TokenAnswer};
use doorward_storage::{Purpose, StoreError, Tx};

use super::call::{Call, Proved};
use super::live::live;
use super::tokens::Minting;
use super::{ClientView, Disclosure, GrantsError};
use crate::Identity;
use crate::audit::{Origin, What};
use crate::browser::Browser;
use crate::ids::{Digest, GrantId};
use crate::records::account::Account;
use crate::records::client::Registered;
use crate::records::consent::{Consent, ConsentId};
use crate::records::device::{Device, TypedCode};
use crate::records::grant::Grant;
use crate::records::session::Session;
use crate::sessions::SignedIn;

/// The page on which people type a device's code.
pub const DEVICE_PAGE: &str = "/device";

const TYPED: Purpose = Purpose::new("device user code");
/// Of twenty million codes a few thousand are taken at the worst: a second draw is rare, a fifth never happens.
const DRAWS: usize = 5;

/// What a typed code leads to.
#[derive(Debug)]
pub enum DeviceSeen {
    /// Nothing: unknown, expired, or answered.
    Unknown,
    /// Too many codes were tried by this person or from this address.
    TooOften,
    /// The person must prove who they are first: what was proved is too old, or too weak for this application.
    SignInFirst,
    /// The person is asked.
    Ask(Box<DeviceView>),
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct DeviceView {
    /// Who asks.
    pub client: ClientView,
    /// What it will learn, with the values.
    pub disclosures: Vec<Disclosure>,
    /// Whether it may go on while the person is away.
    pub offline: bool,
    /// From which address the device asked.
    pub address: Option<String>,
    /// When it asked.
    pub asked_at: Timestamp,
}

/// What became of the person's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceAnswered {
    /// It stands.
    Done,
    /// The code is unknown, expired, or was answered.
    Gone,
    /// The person must prove who they are first.
    SignInFirst,
}

impl Identity {
    /// Begins the sign-in of a device; gives the body of the answer.
    ///
    /// # Errors
    /// Outside, [`GrantsError`] when something below failed; inside, what the client is told.
    pub async fn authorize_device(
        &self,
        call: &Call<'_>,
        address: Option<IpAddr>,
    ) -> Result<Result<String, ErrorAnswer>, GrantsError> {
        let now = self.now();
        let keys = self.signing_keys().await?;
        let named = match self.named(call).await? {
            Ok(named) => named,
            Err(refused) => return Ok(Err(refused)),
        };
        let caller = &match named
            .prove(self, call, Endpoint::DeviceAuthorization, keys.protocol())
            .await?
        {
            Ok(caller) => caller,
            Err(refused) => return Ok(Err(refused)),
        };
        let asked = if self.devices().admits(caller.client().id.clone(), now) {
            DeviceRequest::parse(call.params, caller.authenticated(), self.protocol_issuer())
        } else {
            Err(Fault::ClientTooFast)
        };
        let request = match asked {
            Ok(request) => request,
            Err(fault) => return Ok(Err(self.refused_early(caller, fault).await?.into())),
        };
        let code = URL_SAFE_NO_PAD.encode(random::bytes::<32>(self.random().as_ref())?);
        let device = &Device {
            code: code_digest(&code),
            state: DeviceGrant::begin(request, now),
            grant: None,
            address: address.map(|address| address.to_string()),
            asked_at: now,
        };
        for _ in 0..DRAWS {
            let user_code = UserCode::generate(self.random().as_ref())?;
            let typed = &TypedCode {
                typed: self.typed_key(&user_code),
                device: device.code,
                ends_at: device.state.expires_at,
            };
            let outcome = self
                .store()
                .transact(now, |tx| async move {
                    if let Some(fault) = caller.enter(&tx).await? {
                        return Ok(Some(fault));
                    }
                    tx.insert(typed.clone()).await?;
                    tx.insert(device.clone()).await?;
                    Ok::<_, GrantsError>(None)
                })
                .await;
            match outcome {
                Ok(Some(fault)) => return Ok(Err(fault.into())),
                Ok(None) => {
                    let page = format!("{}{DEVICE_PAGE}", self.issuer());
                    let answer = DeviceAnswer {
                        device_code: &code,
                        user_code: &user_code,
                        verification_uri: &page,
                    };
                    return Ok(Ok(answer.body()));
                }
                Err(GrantsError::Store(StoreError::Exists(_))) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Contended.into())
    }

    /// What a typed code leads to. Tries are counted by person and by address.
    ///
    /// # Errors
    /// [`GrantsError`] when something below failed.
    pub async fn device_asked(
        &self,
        code: &UserCode,
        person: &SignedIn,
        browser: &Browser,
    ) -> Result<DeviceSeen, GrantsError> {
        let now = self.now();
        let address = browser.address.clone().unwrap_or_default();
        if !self.typed_by_account().admits(person.account.id, now)
            || !self.typed_from_address().admits(address, now)
        {
            return Ok(DeviceSeen::TooOften);
        }
        let Some(typed) = self.store().read::<TypedCode>(&self.typed_key(code), now).await? else {
            return Ok(DeviceSeen::Unknown);
        };
        let Some(device) = self.store().read::<Device>(&typed.device, now).await? else {
            return Ok(DeviceSeen::Unknown);
        };
        let client = self.client(&device.state.request.client_id).await?;
        let Some(client) = client.filter(|_| is_open(&device, now)) else {
            return Ok(DeviceSeen::Unknown);
        };
        if !self.is_sure_of(&person.session, client.minimum_acr, now) {
            return Ok(DeviceSeen::SignInFirst);
        }
        let asked = permissions(&device.state.request);
        Ok(DeviceSeen::Ask(Box::new(DeviceView {
            client: ClientView::of(&client, None),
            disclosures: super::disclosures(&asked, &person.account),
            offline: asked.scope.contains(OFFLINE_ACCESS),
            address: device.address,
            asked_at: device.asked_at,
        })))
    }

    /// What the person said about a device. One answer counts.
    ///
    /// # Errors
    /// [`GrantsError`] when something below failed.
    pub async fn answer_device(
        &self,
        code: &UserCode,
        allowed: bool,
        person: &SignedIn,
        browser: &Browser,
    ) -> Result<DeviceAnswered, GrantsError> {
        let now = self.now();
        let key = self.typed_key(code);
        let grant = GrantId::random(self.random().as_ref())?;
        let origin = &Origin::of(browser).within(person.session.id);
        self.store()
            .transact(now, |tx| async move {
                let Some(typed) = tx.read::<TypedCode>(&key).await? else {
                    return Ok(DeviceAnswered::Gone);
                };
                let Some(mut device) = tx.read::<Device>(&typed.device).await? else {
                    return Ok(DeviceAnswered::Gone);
                };
                let request = device.state.request.clone();
                let account = tx.read::<Account>(&person.account.id).await?;
                let session = tx.read::<Session>(&person.session.id).await?;
                let registered = tx
                    .read::<Registered>(&request.client_id.as_str().to_owned())
                    .await?;
                let (Some(account), Some(session), Some(mut registered)) = (account, session, registered)
                else {
                    return Ok(DeviceAnswered::Gone);
                };
                if !is_open(&device, now) || !session.is_live(&account) {
                    return Ok(DeviceAnswered::Gone);
                }
                if !self.is_sure_of(&session, registered.client.minimum_acr, now) {
                    return Ok(DeviceAnswered::SignInFirst);
                }
                let client = request.client_id.to_string();
                let what = if allowed {
                    let permitted = permissions(&request);
                    let id = ConsentId {
                        account: account.id,
                        client: request.client_id.clone(),
                    };
                    let consent = tx.read::<Consent>(&id).await?;
                    let consent = consent.unwrap_or_else(|| Consent::none(&id, now));
                    let consent = consent.widened(&permitted, now);
                    let terms = Terms {
                        client_id: request.client_id.clone(),
                        sub: self.subject(&registered.client, account.id).await?,
                        scope: request.scope.clone(),
                        claims: ClaimsRequest::default(),
                        resources: request.resources.clone(),
                        authentication: Authentication {
                            auth_time: session.auth_time(),
                            acr: session.acr(),
                            amr: session.amr(),
                            sid: Some(session.id.to_string()),
                        },
                    };
                    tx.insert(Grant {
                        id: grant,
                        account: account.id,
                        account_generation: account.generation,
                        consent_generation: consent.generation,
                        session: session.id,
                        session_bound: !request.scope.contains(OFFLINE_ACCESS),
                        reached: Some(session.acr()),
                        terms: terms.clone(),
                        family: None,
                        made_at: now,
                        used_at: now,
                        ended: None,
                    })
                    .await?;
                    self.note_participant(&tx, &session, &registered.client, &terms.sub)
                        .await?;
                    if registered.ends_unused_at.take().is_some() {
                        tx.write(registered)?; // it is used from now on
                    }
                    tx.write(consent)?;
                    device.grant = Some(grant);
                    device.state.progress = Progress::Granted(Box::new(terms));
                    What::DeviceAllowed { client }
                } else {
                    device.state.progress = Progress::Denied;
                    What::ConsentDenied { client }
                };
                tx.write(device)?;
                self.record(&tx, Some(account.id), origin, what).await?;
                Ok::<_, GrantsError>(DeviceAnswered::Done)
            })
            .await
    }

    /// A device polls.
    pub(super) async fn poll_device(
        &self,
        keys: &Keys,
        code: &Credential,
        code_verifier: Option<&str>,
        client: &Proved<'_>,
    ) -> Result<Result<TokenAnswer, Fault>, GrantsError> {
        let now = self.now();
        let key = code_digest(code.expose());
        let jti = random::bytes(self.random().as_ref())?;
        self.store()
            .transact(now, |tx| async move {
                tx.confirm();
                if let Some(fault) = client.enter(&tx).await? {
                    return Ok(Err(fault));
                }
                let Some(mut device) = tx.read::<Device>(&key).await? else {
                    return Ok(Err(Fault::DeviceCodeUnknown));
                };
                if client.client().requires_bound_tokens() && client.jkt().is_none() {
                    return Ok(Err(Fault::SenderConstraintMissing));
                }
                match device.state.poll(client.authenticated(), code_verifier, now) {
                    Poll::Refuse(fault) => Ok(Err(fault)),
                    Poll::Wait { fault, grant } => {
                        device.state = grant;
                        tx.write(device)?;
                        Ok(Err(fault))
                    }
                    Poll::Issue { spent, .. } => {
                        let live = match &device.grant {
                            Some(grant) => live(&tx, grant).await?,
                            None => None,
                        };
                        let Some(mut live) = live else {
                            return Ok(Err(Fault::GrantEnded));
                        };
                        let refresh_token = self
                            .first_refresh_token(&tx, &mut live, client.jkt(), now)
                            .await?;
                        let mut answer = self.mint(&Minting {
                            keys,
                            jti,
                            live: &live,
                            scope: &live.grant.terms.scope,
                            resources: &live.grant.terms.resources,
                            nonce: device.state.request.nonce.as_deref(),
                            jkt: client.jkt(),
                            now,
                        })?;
                        answer.refresh_token = refresh_token;
                        device.state = spent;
                        client.leave(&tx)?;
                        tx.write(device)?;
                        self.record_device(&tx, &live.grant).await?;
                        tx.write(live.grant)?;
                        Ok::<_, GrantsError>(Ok(answer))
                    }
                }
            })
            .await
    }

    async fn record_device(&self, tx: &Tx, grant: &Grant) -> Result<(), GrantsError> {
        let what = What::CodeRedeemed {
            client: grant.terms.client_id.to_string(),
        };
        let account = Some(grant.account);
        self.record(tx, account, &Origin::default(), what).await?;
        Ok(())
    }

    /// Whether the person proved who they are a moment ago, as strongly as the application demands.
    fn is_sure_of(&self, session: &Session, minimum: Option<doorward_oidc::Acr>, now: Timestamp) -> bool {
        let fresh = now.since(session.auth_time()) <= self.limits().step_up_freshness;
        fresh && minimum.is_none_or(|minimum| session.acr() >= minimum)
    }

    fn typed_key(&self, code: &UserCode) -> Digest {
        let key = self.sealer().derive(TYPED);
        Digest::from_bytes(Sha256::hmac(key.as_slice(), &[code.expose().as_bytes()]))
    }
}

fn is_open(device: &Device, now: Timestamp) -> bool {
    device.state.progress == Progress::Pending && now < device.state.expires_at
}

fn permissions(request: &DeviceRequest) -> Permissions {
    Permissions {
        scope: request.scope.clone(),
        ..Permissions::default()
    }
}

fn code_digest(code: &str) -> Digest {
    Digest::from_bytes(Sha256::of_all(&[b"doorward device code\0", code.as_bytes()]))
}
