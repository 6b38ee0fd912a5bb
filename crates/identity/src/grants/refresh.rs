//! Refreshing: the same walk as redemption, over the grant alone.
//!
//! The token of a generation is a keyed hash of grant and generation, so whoever lost the answer is given the same
//! successor again, within the grace, and no second branch can come to be.

use doorward_crypto::random;
use doorward_oidc::error::Fault;
use doorward_oidc::keys::Keys;
use doorward_oidc::token::{RefreshDecision, RefreshRequest, TokenAnswer};

use super::GrantsError;
use super::call::Proved;
use super::live::live;
use super::refresh_token::RefreshToken;
use super::tokens::Minting;
use crate::audit::{Origin, What};
use crate::records::grant::Why;
use crate::{Identity, limits};

impl Identity {
    pub(super) async fn refresh(
        &self,
        keys: &Keys,
        request: &RefreshRequest,
        client: &Proved<'_>,
    ) -> Result<Result<TokenAnswer, Fault>, GrantsError> {
        let now = self.now();
        let Some(token) = RefreshToken::parse(request.refresh_token.expose(), self.sealer()) else {
            let fault = self.refused_early(client, Fault::RefreshTokenUnknown).await?;
            return Ok(Err(fault));
        };
        let jti = random::bytes(self.random().as_ref())?;
        self.store()
            .transact(now, |tx| async move {
                tx.confirm();
                if let Some(fault) = client.enter(&tx).await? {
                    return Ok(Err(fault));
                }
                let Some(mut live) = live(&tx, &token.grant).await? else {
                    return Ok(Err(Fault::GrantEnded));
                };
                let Some(before) = live.grant.family.clone() else {
                    return Ok(Err(Fault::RefreshTokenUnknown));
                };
                let terms = &live.grant.terms;
                // What was reached counts, not what the application is told: it may have asked for less.
                let below = live
                    .client
                    .minimum_acr
                    .is_some_and(|minimum| live.grant.reached() < minimum);
                let caller = client.caller(self.protocol_issuer(), now);
                match before.decide(token.generation, request, terms, &caller) {
                    RefreshDecision::Refuse(fault) => Ok(Err(fault)),
                    RefreshDecision::Issue { .. } if below => Ok(Err(Fault::GrantEnded)),
                    RefreshDecision::Reused => {
                        let account = Some(live.account.id);
                        tx.write(live.grant.end(Why::RefreshTokenReused, now))?;
                        let what = What::RefreshReplayed {
                            client: client.client().id.to_string(),
                        };
                        self.record(&tx, account, &Origin::default(), what).await?;
                        Ok(Err(Fault::RefreshTokenReused))
                    }
                    RefreshDecision::Issue {
                        family,
                        successor,
                        scope,
                        resources,
                    } => {
                        let minting = Minting {
                            keys,
                            jti,
                            live: &live,
                            scope: &scope,
                            resources: &resources,
                            nonce: None,
                            jkt: client.jkt(),
                            now,
                        };
                        let mut answer = self.mint(&minting)?;
                        if successor {
                            let next = RefreshToken {
                                grant: live.grant.id,
                                generation: family.generation,
                            };
                            answer.refresh_token = Some(next.encode(self.sealer()).to_string());
                        }
                        client.leave(&tx)?;
                        // A second answer within the grace changes nothing; neither does a use so soon after another.
                        let rotated = family.generation != before.generation;
                        let current = token.generation == before.generation;
                        if rotated || (current && now.since(live.grant.used_at) >= limits::TOUCH_EVERY) {
                            live.grant.used_at = now;
                            live.grant.family = Some(family);
                            tx.write(live.grant)?;
                        }
                        Ok::<_, GrantsError>(Ok(answer))
                    }
                }
            })
            .await
    }
}
