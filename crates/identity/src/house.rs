//! The one value that the server holds: all that the rules need, put together once at start.

use core::fmt;
use core::time::Duration;
use std::sync::{Arc, OnceLock};

use doorward_crypto::{Provider, Timestamp, random};
use doorward_oidc::Issuer;
use doorward_oidc::client::ClientId;
use doorward_oidc::limits::{DEVICE_CODE_LIFETIME, PUSHED_REQUEST_LIFETIME};
use doorward_storage::{Sealer, Store};
use doorward_webauthn::RelyingParty;
use tokio::sync::Notify;
use url::{Host, Url};

use crate::clients::keys::RemoteKeys;
use crate::error::{ConfigError, Error};
use crate::grants::counted::Counted;
use crate::ids::AccountId;
use crate::keys;
use crate::limits::{self, Limits};
use crate::outside::{Clock, Outgoing, Random};
use crate::passwords::PasswordHash;
use crate::passwords::pool::Pool;
use crate::policy::Policy;
use crate::sign_in::addresses::Addresses;
use crate::sign_in::failed_marks::FailedMarks;
use crate::sign_in::imaginary::Imaginary;

/// What a provider is made of.
#[derive(Debug)]
pub struct Parts {
    /// Where state lives.
    pub store: Store,
    /// What seals secrets; its keys lie outside the store.
    pub sealer: Sealer,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Signatures.
    pub provider: Arc<dyn Provider>,
    /// Requests to addresses that applications named.
    pub outgoing: Arc<dyn Outgoing>,
    /// Scheme, host and perhaps port; passkeys belong to the host.
    pub origin: Url,
    /// What people read in their browser's dialogs, 1 to 64 characters.
    pub instance_name: String,
    /// What the operator decides.
    pub policy: Policy,
    /// What is bounded.
    pub limits: Limits,
}

/// The provider's rules over its state. Cheap to clone; all clones are the same.
#[derive(Clone)]
pub struct Identity(Arc<Inner>);

struct Inner {
    store: Store,
    sealer: Sealer,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    provider: Arc<dyn Provider>,
    outgoing: Arc<dyn Outgoing>,
    relying_party: RelyingParty,
    issuer: Issuer,
    instance_name: String,
    policy: Policy,
    limits: Limits,
    passwords: Pool,
    nobodys_password: PasswordHash,
    imaginary: Imaginary,
    addresses: Addresses,
    failed_marks: FailedMarks,
    keys: keys::Cache,
    pushes: Counted<ClientId>,
    registrations: Counted<String>,
    remote_keys: RemoteKeys,
    salt: OnceLock<[u8; 32]>,
    sign_outs: Notify,
    devices: Counted<ClientId>,
    typed_by_account: Counted<AccountId>,
    typed_from_address: Counted<String>,
}

impl Identity {
    /// Puts a provider together.
    ///
    /// # Errors
    /// [`ConfigError`] when the address is no origin, passkeys cannot be used under it, the instance has no
    /// name, or threads cannot be started.
    pub fn new(parts: Parts) -> Result<Self, ConfigError> {
        let issuer = origin_of(&parts.origin)?;
        let issuer = Issuer::parse(&issuer).map_err(|_| ConfigError::Origin)?;
        let name = parts.instance_name.trim();
        if name.is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
            return Err(ConfigError::InstanceName);
        }
        let host = match parts.origin.host() {
            Some(Host::Domain(host)) => host,
            Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => return Err(ConfigError::Origin),
        };
        let relying_party = RelyingParty::builder(host, [issuer.as_str()])
            .name(name)
            .lifetime(parts.limits.challenge)
            .build(Arc::clone(&parts.provider))
            .map_err(|error| ConfigError::RelyingParty(error.to_string()))?;
        let bounds = &parts.limits;
        let passwords = Pool::new(bounds.hashes_at_once, bounds.hashes_waiting, bounds.hash_wait)?;
        let random = parts.random.as_ref();
        Ok(Self(Arc::new(Inner {
            nobodys_password: PasswordHash::imaginary(parts.policy.password_cost, random)?,
            imaginary: Imaginary::new(random::bytes(random)?),
            addresses: Addresses::new(random::bytes(random)?, bounds),
            instance_name: name.to_owned(),
            failed_marks: FailedMarks::default(),
            keys: keys::Cache::default(),
            pushes: Counted::new(limits::PUSHES, PUSHED_REQUEST_LIFETIME),
            registrations: Counted::new(parts.policy.registration.per_hour, Duration::from_secs(3600)),
            remote_keys: RemoteKeys::default(),
            salt: OnceLock::new(),
            sign_outs: Notify::new(),
            devices: Counted::new(limits::DEVICES, DEVICE_CODE_LIFETIME),
            typed_by_account: Counted::new(limits::TYPED_BY_ACCOUNT, DEVICE_CODE_LIFETIME),
            typed_from_address: Counted::new(limits::TYPED_FROM_ADDRESS, DEVICE_CODE_LIFETIME),
            store: parts.store,
            sealer: parts.sealer,
            clock: parts.clock,
            random: parts.random,
            provider: parts.provider,
            outgoing: parts.outgoing,
            relying_party,
            issuer,
            policy: parts.policy,
            limits: parts.limits,
            passwords,
        })))
    }

    /// Where state lives.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// What seals secrets.
    #[must_use]
    pub fn sealer(&self) -> &Sealer {
        &self.0.sealer
    }

    /// The time's source.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Randomness.
    #[must_use]
    pub fn random(&self) -> &Arc<dyn Random> {
        &self.0.random
    }

    /// Signatures.
    #[must_use]
    pub fn provider(&self) -> &Arc<dyn Provider> {
        &self.0.provider
    }

    /// Requests to addresses that applications named.
    #[must_use]
    pub fn outgoing(&self) -> &Arc<dyn Outgoing> {
        &self.0.outgoing
    }

    /// The issuer: the origin, without a slash at its end.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.0.issuer.as_str()
    }

    /// The issuer as the protocol's messages want it.
    #[must_use]
    pub fn protocol_issuer(&self) -> &Issuer {
        &self.0.issuer
    }

    /// What passkeys belong to.
    #[must_use]
    pub fn relying_party(&self) -> &RelyingParty {
        &self.0.relying_party
    }

    /// What people read in their browser's dialogs.
    #[must_use]
    pub fn instance_name(&self) -> &str {
        &self.0.instance_name
    }

    /// What the operator decided.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// What is bounded.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn passwords(&self) -> &Pool {
        &self.0.passwords
    }

    pub(crate) fn nobodys_password(&self) -> &PasswordHash {
        &self.0.nobodys_password
    }

    pub(crate) fn imaginary(&self) -> &Imaginary {
        &self.0.imaginary
    }

    pub(crate) fn addresses(&self) -> &Addresses {
        &self.0.addresses
    }

    pub(crate) fn failed_marks(&self) -> &FailedMarks {
        &self.0.failed_marks
    }

    pub(crate) fn key_cache(&self) -> &keys::Cache {
        &self.0.keys
    }

    pub(crate) fn pushes(&self) -> &Counted<ClientId> {
        &self.0.pushes
    }

    pub(crate) fn registrations(&self) -> &Counted<String> {
        &self.0.registrations
    }

    pub(crate) fn remote_keys(&self) -> &RemoteKeys {
        &self.0.remote_keys
    }

    pub(crate) fn salt_in_memory(&self) -> &OnceLock<[u8; 32]> {
        &self.0.salt
    }

    /// Rings when a session has ended whose applications want to hear of it.
    pub(crate) fn sign_outs(&self) -> &Notify {
        &self.0.sign_outs
    }

    pub(crate) fn devices(&self) -> &Counted<ClientId> {
        &self.0.devices
    }

    pub(crate) fn typed_by_account(&self) -> &Counted<AccountId> {
        &self.0.typed_by_account
    }

    pub(crate) fn typed_from_address(&self) -> &Counted<String> {
        &self.0.typed_from_address
    }

    /// `N` fresh bytes.
    pub(crate) fn fresh<const N: usize>(&self) -> Result<[u8; N], Error> {
        Ok(random::bytes(self.0.random.as_ref())?)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("issuer", &self.issuer())
            .finish_non_exhaustive()
    }
}

/// The address as the text that browsers and relying parties compare with.
fn origin_of(address: &Url) -> Result<String, ConfigError> {
    let bare = address.path() == "/"
        && address.query().is_none()
        && address.fragment().is_none()
        && address.username().is_empty()
        && address.password().is_none();
    let origin = address.origin();
    if !bare || !origin.is_tuple() || !matches!(address.scheme(), "https" | "http") {
        return Err(ConfigError::Origin);
    }
    Ok(origin.ascii_serialization())
}
