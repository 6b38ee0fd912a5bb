//! Code redemption: one commit that expects everything it was decided on.
//!
//! Of any number of racers one wins; the others find the code spent, and whoever proves to be the right client
//! with a spent code ends what it gave (RFC 6749 §4.1.2): either the first answer went astray, or somebody has a
//! copy. Who lacks a proof is refused by a commit of expectations alone and burns nothing.

use doorward_crypto::random;
use doorward_oidc::error::Fault;
use doorward_oidc::keys::Keys;
use doorward_oidc::token::{CodeDecision, CodeRequest, TokenAnswer};

use super::GrantsError;
use super::call::Proved;
use super::live::live;
use super::tokens::{Minting, code_digest};
use crate::Identity;
use crate::audit::{Origin, What};
use crate::records::code::Code;
use crate::records::grant::Why;

impl Identity {
    pub(super) async fn redeem(
        &self,
        keys: &Keys,
        request: &CodeRequest,
        client: &Proved<'_>,
    ) -> Result<Result<TokenAnswer, Fault>, GrantsError> {
        let now = self.now();
        let hash = code_digest(request.code.expose());
        let jti = random::bytes(self.random().as_ref())?;
        self.store()
            .transact(now, |tx| async move {
                tx.confirm();
                if let Some(fault) = client.enter(&tx).await? {
                    return Ok(Err(fault));
                }
                let Some(code) = tx.read::<Code>(&hash).await? else {
                    return Ok(Err(Fault::CodeUnknown));
                };
                let Some(mut live) = live(&tx, &code.grant).await? else {
                    return Ok(Err(Fault::GrantEnded));
                };
                let account = Some(live.account.id);
                let named = || client.client().id.to_string();
                let caller = client.caller(self.protocol_issuer(), now);
                match code.terms.decide(request, &caller, code.state()) {
                    CodeDecision::Refuse(fault) => Ok(Err(fault)),
                    CodeDecision::Replayed => {
                        tx.write(live.grant.end(Why::CodeReused, now))?;
                        let what = What::CodeReplayed { client: named() };
                        self.record(&tx, account, &Origin::default(), what).await?;
                        Ok(Err(Fault::CodeReused))
                    }
                    CodeDecision::Redeem { resources } => {
                        let refresh_token = self
                            .first_refresh_token(&tx, &mut live, client.jkt(), now)
                            .await?;
                        let mut answer = self.mint(&Minting {
                            keys,
                            jti,
                            live: &live,
                            scope: &live.grant.terms.scope,
                            resources: &resources,
                            nonce: code.terms.nonce.as_deref(),
                            jkt: client.jkt(),
                            now,
                        })?;
                        answer.refresh_token = refresh_token;
                        client.leave(&tx)?;
                        tx.write(code.spend(now))?;
                        tx.write(live.grant)?;
                        let what = What::CodeRedeemed { client: named() };
                        self.record(&tx, account, &Origin::default(), what).await?;
                        Ok::<_, GrantsError>(Ok(answer))
                    }
                }
            })
            .await
    }
}
