//! How codes and tokens are made and read.
//!
//! A code is random and stored as a hash. An access token is a signed JWT, or opaque: the same content sealed, so
//! that nothing need be stored for it and no part of it is one. Both name their grant.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::{NoRandom, Sha256, Timestamp, random};
use doorward_oidc::access_token::{AccessToken, audience};
use doorward_oidc::client::Client;
use doorward_oidc::client::metadata::AccessTokenFormat;
use doorward_oidc::id_token::IdToken;
use doorward_oidc::keys::Keys;
use doorward_oidc::limits::{ACCESS_TOKEN_LIFETIME, ID_TOKEN_LIFETIME, TOKEN_MAX};
use doorward_oidc::scope::{OPENID, Scope};
use doorward_oidc::token::refresh_token::is_due;
use doorward_oidc::token::{RefreshFamily, TokenAnswer, TokenType};
use doorward_oidc::userinfo::id_token_claims;
use doorward_storage::{Purpose, StoreError, Tx};

use super::GrantsError;
use super::live::{Live, live};
use super::refresh_token::RefreshToken;
use crate::Identity;
use crate::ids::Digest;
use crate::outside::Random;
use crate::records::client::Registered;
use crate::records::grant::{Grant, Why};
use crate::records::revoked::Revoked;

const OPAQUE: Purpose = Purpose::new("opaque access token");

/// A fresh code: 256 random bits in 43 characters.
pub(super) fn fresh_code(source: &dyn Random) -> Result<String, NoRandom> {
    Ok(URL_SAFE_NO_PAD.encode(random::bytes::<32>(source)?))
}

/// What is stored of a code.
pub(super) fn code_digest(code: &str) -> Digest {
    Digest::from_bytes(Sha256::of_all(&[
        b"doorward authorization code\0",
        code.as_bytes(),
    ]))
}

/// The name of the mark that a token was revoked alone.
pub(super) fn jti_digest(jti: &str) -> Digest {
    Digest::from_bytes(Sha256::of_all(&[b"doorward jti\0", jti.as_bytes()]))
}

/// What an answer of the token endpoint is made of.
pub(super) struct Minting<'a> {
    pub(super) keys: &'a Keys,
    /// The access token's name, drawn once: an answer that is made again is the same.
    pub(super) jti: [u8; 16],
    pub(super) live: &'a Live,
    pub(super) scope: &'a Scope,
    pub(super) resources: &'a [String],
    pub(super) nonce: Option<&'a str>,
    /// The key that the client proved to hold: the access token is bound to it.
    pub(super) jkt: Option<&'a str>,
    pub(super) now: Timestamp,
}

impl Identity {
    /// Makes the tokens. Nothing is stored by it.
    pub(super) fn mint(&self, minting: &Minting<'_>) -> Result<TokenAnswer, GrantsError> {
        let Minting {
            keys,
            jti,
            live,
            scope,
            resources,
            nonce,
            jkt,
            now,
        } = *minting;
        let (issuer, client) = (self.protocol_issuer(), &live.client);
        let terms = &live.grant.terms;
        let access = AccessToken {
            jti: URL_SAFE_NO_PAD.encode(jti),
            grant: Some(live.grant.id.to_string()),
            client_id: client.id.clone(),
            sub: terms.sub.clone(),
            audience: audience(resources, issuer),
            scope: scope.clone(),
            authentication: Some(terms.authentication.clone()),
            jkt: jkt.map(str::to_owned),
            issued_at: now,
            expires_at: now.plus(ACCESS_TOKEN_LIFETIME),
        };
        let access_token = self.access_token(&access, client, keys)?;
        let mut answer = TokenAnswer::new(
            access_token,
            token_type(jkt),
            access.expires_in(now),
            scope.clone(),
        );
        if scope.contains(OPENID) {
            let person = id_token_claims(client, terms, scope, &super::person_claims(&live.account));
            let id_token = IdToken {
                issuer,
                client,
                grant: terms,
                nonce,
                access_token: Some(&answer.access_token),
                person: &person,
                lifetime: ID_TOKEN_LIFETIME,
                now,
            };
            answer.id_token = Some(id_token.sign(keys)?);
        }
        Ok(answer)
    }

    /// The text of an access token, as the client wants it.
    pub(super) fn access_token(
        &self,
        token: &AccessToken,
        client: &Client,
        keys: &Keys,
    ) -> Result<String, GrantsError> {
        match client.access_token_format {
            AccessTokenFormat::Jwt => {
                Ok(token.sign(self.protocol_issuer(), client.id_token_signed_response_alg, keys)?)
            }
            AccessTokenFormat::Opaque => self.sealed(token),
        }
    }

    /// Begins the refresh tokens of a grant, where some are due; gives the first. The caller writes the grant.
    pub(super) async fn first_refresh_token(
        &self,
        tx: &Tx,
        live: &mut Live,
        jkt: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<String>, GrantsError> {
        live.grant.used_at = now;
        if !is_due(&live.client, &live.grant.terms.scope) {
            return Ok(None);
        }
        let family = RefreshFamily::begin(&live.client, jkt, now);
        let token = RefreshToken {
            grant: live.grant.id,
            generation: family.generation,
        };
        live.grant.family = Some(family);
        let (consent, oldest) = live.consent.clone().refreshed_by(live.grant.id);
        tx.write(consent)?;
        let oldest = match oldest {
            Some(oldest) => tx.read::<Grant>(&oldest).await?,
            None => None,
        };
        if let Some(oldest) = oldest {
            tx.write(oldest.end(Why::GaveWay, now))?;
        }
        Ok(Some(token.encode(self.sealer()).to_string()))
    }

    /// Reads an access token of ours that has not expired; `None` for everything else.
    pub(super) fn read_access_token(&self, keys: &Keys, token: &str, now: Timestamp) -> Option<AccessToken> {
        if token.len() > TOKEN_MAX {
            return None;
        }
        if token.contains('.') {
            return AccessToken::verify(token, self.protocol_issuer(), keys, now).ok();
        }
        let sealed = URL_SAFE_NO_PAD.decode(token).ok()?;
        let content = self.sealer().open(OPAQUE, b"", &sealed).ok()?;
        let token: AccessToken = serde_json::from_slice(&content).ok()?;
        (now < token.expires_at).then_some(token)
    }

    fn sealed(&self, token: &AccessToken) -> Result<String, GrantsError> {
        let content = serde_json::to_vec(token)
            .map_err(|error| crate::error::Error::Internal("an opaque token", error.to_string()))?;
        Ok(URL_SAFE_NO_PAD.encode(
            self.sealer()
                .seal(OPAQUE, b"", &content, self.random().as_ref())?,
        ))
    }
}

/// How a token that is bound to this key, or to none, is to be presented.
pub(super) const fn token_type(jkt: Option<&str>) -> TokenType {
    match jkt {
        Some(_) => TokenType::Dpop,
        None => TokenType::Bearer,
    }
}

/// What an access token lives on.
pub(super) enum Holder {
    /// What a person allowed.
    Person(Box<Live>),
    /// The client itself.
    Client,
}

/// What an access token lives on; `None` when any of it has ended, or the token was revoked alone.
pub(super) async fn live_access(tx: &Tx, token: &AccessToken) -> Result<Option<Holder>, StoreError> {
    if tx.read::<Revoked>(&jti_digest(&token.jti)).await?.is_some() {
        return Ok(None);
    }
    let Some(grant) = &token.grant else {
        let name = token.client_id.as_str().to_owned();
        let registered = tx.read::<Registered>(&name).await?;
        return Ok(registered.map(|_| Holder::Client));
    };
    let Ok(grant) = grant.parse() else {
        return Ok(None);
    };
    let Some(found) = live(tx, &grant).await? else {
        return Ok(None);
    };
    let same = found.grant.terms.client_id == token.client_id && found.grant.terms.sub == token.sub;
    Ok(same.then(|| Holder::Person(Box::new(found))))
}
