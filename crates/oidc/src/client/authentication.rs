//! How a client proves at the token endpoint that it is the one (RFC 6749 §2.3, RFC 7523, Core §9).
//!
//! [`Presented::read`] finds out what a request presents: exactly one proof. The caller reads the client that it
//! names, and [`Presented::authenticate`] judges. An unknown client costs the same work as a wrong secret and
//! gets the same answer. A client uses the method that is registered for it and no other: a client with a secret
//! cannot come without, and a public one cannot bring one.

use core::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorward_crypto::Timestamp;
use doorward_jose::JwkSet;

use super::assertion::{self, ASSERTION_TYPE, UsedOnce};
use super::metadata::{AuthMethod, Client, ClientId, KeySource};
use super::secret::SecretHash;
use crate::error::Fault;
use crate::issuer::{Endpoint, Issuer};
use crate::keys::Keys;
use crate::params::{self, Params};

/// Where and when a client authenticates.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    /// Who is asked.
    pub issuer: &'a Issuer,
    /// At which endpoint: a client assertion may name it.
    pub endpoint: Endpoint,
    /// Who verifies signatures.
    pub keys: &'a Keys,
    /// Now.
    pub now: Timestamp,
}

/// What a request presents: who the client says it is, and its proof. `Debug` shows no secret.
#[derive(Clone)]
pub struct Presented {
    client_id: ClientId,
    as_sent: Option<ClientId>,
    proof: Proof,
}

#[derive(Clone)]
enum Proof {
    Basic { decoded: String, as_sent: String },
    Post(String),
    Assertion(String),
    Nothing,
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Presented({}, {})", self.client_id, self.method())
    }
}

/// A client was refused. Several reasons share one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct ClientRefused {
    /// The rule.
    pub fault: Fault,
    /// Whether the client came with the `Basic` scheme, and is to be challenged with it (RFC 6749 §5.2).
    pub basic: bool,
    /// Whether the assertion names a key that is not among those at hand: the caller may fetch the client's
    /// keys anew, within its limits, and try once more.
    pub unknown_key: bool,
}

impl ClientRefused {
    pub(super) fn because(fault: Fault) -> Self {
        Self {
            fault,
            basic: false,
            unknown_key: false,
        }
    }
}

/// A client that proved that it is the one. [`Presented::authenticate`] alone makes one.
#[derive(Clone, Debug)]
pub struct Authenticated<'c> {
    client: &'c Client,
    used_once: Option<UsedOnce>,
}

impl<'c> Authenticated<'c> {
    /// The client.
    #[must_use]
    pub fn client(&self) -> &'c Client {
        self.client
    }

    /// The assertion's name, which the caller consumes in the same commit as what it was used for.
    #[must_use]
    pub fn used_once(&self) -> Option<&UsedOnce> {
        self.used_once.as_ref()
    }
}

impl Presented {
    /// Reads the `Authorization` header and the form of a request. The query is not looked at: a secret in a
    /// URL is no proof.
    ///
    /// # Errors
    /// [`Fault::ClientAuthenticationTwice`] for two proofs at once (a `client_id` in the form beside `Basic` is
    /// forgiven when it names the same client), [`Fault::ClientAuthenticationMissing`],
    /// [`Fault::ClientAuthenticationMalformed`], [`Fault::AssertionTypeUnsupported`].
    pub fn read(authorization: Option<&str>, form: &Params) -> Result<Self, ClientRefused> {
        let basic = authorization.filter(|header| scheme_is(header, "Basic"));
        let secret = form.get_even_empty("client_secret");
        let assertion = form.get_even_empty("client_assertion");
        let proofs = [basic, secret, assertion].iter().flatten().count();
        let because = |fault| ClientRefused {
            basic: basic.is_some(),
            ..ClientRefused::because(fault)
        };
        if proofs > 1 {
            return Err(because(Fault::ClientAuthenticationTwice));
        }
        let id = form.get("client_id").map(ClientId::parse).transpose();
        let id = id.map_err(|_| because(Fault::ClientAuthenticationMalformed))?;
        if let Some(header) = basic {
            return Self::basic(header, id.as_ref()).map_err(because);
        }
        if let Some(assertion) = assertion {
            return Self::assertion(assertion, form, id).map_err(because);
        }
        let client_id = id.ok_or_else(|| because(Fault::ClientAuthenticationMissing))?;
        let proof = secret.map_or(Proof::Nothing, |secret| Proof::Post(secret.to_owned()));
        Ok(Self {
            client_id,
            as_sent: None,
            proof,
        })
    }

    /// Split at the first colon, then both parts are form-decoded (RFC 6749 §2.3.1). Many clients forget to
    /// encode, so what was sent is kept as the second reading.
    fn basic(header: &str, in_form: Option<&ClientId>) -> Result<Self, Fault> {
        let malformed = Fault::ClientAuthenticationMalformed;
        let encoded = header
            .split_once(' ')
            .map(|(_, rest)| rest.trim_start_matches(' '))
            .ok_or(malformed)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| malformed)?;
        let text = String::from_utf8(bytes).map_err(|_| malformed)?;
        let (id, secret) = text.split_once(':').ok_or(malformed)?;
        let as_sent = ClientId::parse(id).ok();
        let decoded = params::decode(id.as_bytes())
            .ok()
            .and_then(|id| ClientId::parse(&id).ok());
        let client_id = decoded.or_else(|| as_sent.clone()).ok_or(malformed)?;
        let other = as_sent.filter(|id| *id != client_id);
        if in_form.is_some_and(|id| *id != client_id && Some(id) != other.as_ref()) {
            return Err(Fault::ClientAuthenticationTwice);
        }
        let decoded = params::decode(secret.as_bytes()).unwrap_or_else(|_| secret.to_owned());
        let proof = Proof::Basic {
            decoded,
            as_sent: secret.to_owned(),
        };
        Ok(Self {
            client_id,
            as_sent: other,
            proof,
        })
    }

    fn assertion(assertion: &str, form: &Params, in_form: Option<ClientId>) -> Result<Self, Fault> {
        if form.get("client_assertion_type") != Some(ASSERTION_TYPE) {
            return Err(Fault::AssertionTypeUnsupported);
        }
        let claimed = assertion::claimed_client(assertion).ok_or(Fault::ClientAuthenticationMalformed)?;
        let client_id = ClientId::parse(&claimed).map_err(|_| Fault::ClientAuthenticationMalformed)?;
        if in_form.is_some_and(|id| id != client_id) {
            return Err(Fault::ClientAuthenticationFailed);
        }
        Ok(Self {
            client_id,
            as_sent: None,
            proof: Proof::Assertion(assertion.to_owned()),
        })
    }

    /// Who the client says it is: whom the caller reads from its directory.
    #[must_use]
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// The identifier as it stood in the `Basic` header, where form-decoding changed it: whom the caller reads
    /// when the first is unknown.
    #[must_use]
    pub fn client_id_as_sent(&self) -> Option<&ClientId> {
        self.as_sent.as_ref()
    }

    /// The method that was used.
    #[must_use]
    pub fn method(&self) -> AuthMethod {
        match self.proof {
            Proof::Basic { .. } => AuthMethod::ClientSecretBasic,
            Proof::Post(_) => AuthMethod::ClientSecretPost,
            Proof::Assertion(_) => AuthMethod::PrivateKeyJwt,
            Proof::Nothing => AuthMethod::None,
        }
    }

    /// Judges the proof. `client` is what the directory has under [`Presented::client_id`], `None` if nothing;
    /// `fetched` are the keys from the client's `jwks_uri`, where it has one.
    ///
    /// # Errors
    /// [`Fault::ClientAuthenticationFailed`], whatever was wrong.
    pub fn authenticate<'c>(
        &self,
        client: Option<&'c Client>,
        fetched: Option<&JwkSet>,
        at: &At<'_>,
    ) -> Result<Authenticated<'c>, ClientRefused> {
        let basic = self.method() == AuthMethod::ClientSecretBasic;
        let refused = ClientRefused {
            basic,
            ..ClientRefused::because(Fault::ClientAuthenticationFailed)
        };
        let named =
            client.filter(|client| client.id == self.client_id || Some(&client.id) == self.as_sent.as_ref());
        let used_once = match &self.proof {
            Proof::Basic { decoded, as_sent } => {
                let right = holds_secret(named, decoded) | holds_secret(named, as_sent);
                right.then_some(None).ok_or(refused)?
            }
            Proof::Post(secret) => holds_secret(named, secret).then_some(None).ok_or(refused)?,
            Proof::Nothing => None,
            Proof::Assertion(assertion) => Some(signed(assertion, named, fetched, at)?),
        };
        let client = named
            .filter(|client| client.token_endpoint_auth_method == self.method())
            .ok_or(refused)?;
        Ok(Authenticated { client, used_once })
    }
}

/// Compares with every secret of the client, and with a made-up one where there is no client, so that the work
/// does not tell whether there is.
fn holds_secret(client: Option<&Client>, secret: &str) -> bool {
    let nobody = [SecretHash::of("nobody has this secret")];
    match client {
        Some(client) => client
            .secrets
            .iter()
            .fold(false, |right, hash| right | hash.matches(secret)),
        None => {
            let _same_work = nobody.iter().all(|hash| hash.matches(secret));
            false
        }
    }
}

fn signed(
    assertion: &str,
    client: Option<&Client>,
    fetched: Option<&JwkSet>,
    at: &At<'_>,
) -> Result<UsedOnce, ClientRefused> {
    let client = client.ok_or(ClientRefused::because(Fault::ClientAuthenticationFailed))?;
    let none = JwkSet::default();
    match &client.keys {
        KeySource::Jwks(text) => {
            let own = JwkSet::parse(text.as_bytes()).unwrap_or_default();
            let outcome = assertion::verify(assertion, client, &own, at);
            outcome.map_err(|refused| ClientRefused {
                unknown_key: false,
                ..refused
            })
        }
        KeySource::JwksUri(_) => assertion::verify(assertion, client, fetched.unwrap_or(&none), at),
        KeySource::None => Err(ClientRefused::because(Fault::ClientAuthenticationFailed)),
    }
}

fn scheme_is(header: &str, scheme: &str) -> bool {
    header
        .split_once(' ')
        .is_some_and(|(own, _)| own.eq_ignore_ascii_case(scheme))
}
