//! Applications are told that a session has ended (Back-Channel Logout 1.0, Front-Channel Logout 1.0).
//!
//! Whoever ends a session writes that down in the same commit and does not wait: a dead application keeps nobody
//! from signing out. A job tells the applications: each delivery is claimed by a commit that moves its next try,
//! so that two instances seldom do the same one; where they do, the token has the same `jti`.

use core::time::Duration;

use doorward_crypto::Timestamp;
use doorward_oidc::client::Client;
use doorward_oidc::logout::back_channel::{LogoutToken, body};
use doorward_oidc::logout::front_channel;
use doorward_storage::{StoreError, Tx};
use tokio::task::JoinSet;

use super::GrantsError;
use crate::Identity;
use crate::ids::{EventId, SessionId};
use crate::outside::{Message, OutgoingRequest};
use crate::records::logout::{Delivery, Participant, Participants, SessionsEnded};
use crate::records::session::Session;
use crate::sessions::SignedIn;

/// Applications of one session that are told.
const PARTICIPANTS: usize = 50;
/// The pauses after the first and the second failed try. After the third it is given up.
const PAUSES: [Duration; 2] = [Duration::from_secs(30), Duration::from_secs(240)];
/// A try is over after so long: until then nobody else begins one.
const CLAIMED: Duration = Duration::from_secs(60);
/// What was not delivered by then is not news any more.
const GIVEN_UP: Duration = Duration::from_secs(3600);
/// Deliveries under way at the same time.
const AT_ONCE: usize = 8;
/// Entries of the queue that are looked at in one go.
const PAGE: usize = 100;
/// Bytes of an answer, of which only the status counts.
const ANSWER: usize = 16 * 1024;

/// An application that the browser itself tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What the page loads in a frame.
    pub address: String,
    /// The application's name.
    pub name: String,
}

impl Identity {
    /// Writes down that the application was told of the session, where it wants to hear of its end.
    pub(super) async fn note_participant(
        &self,
        tx: &Tx,
        session: &Session,
        client: &Client,
        sub: &str,
    ) -> Result<(), StoreError> {
        if client.backchannel_logout_uri.is_none() && client.frontchannel_logout_uri.is_none() {
            return Ok(());
        }
        let found = tx.read::<Participants>(&session.id).await?;
        let mut all = found.unwrap_or_else(|| Participants {
            session: session.id,
            clients: Vec::new(),
            ends_at: session.ends_at,
        });
        let one = Participant {
            client: client.id.clone(),
            sub: sub.to_owned(),
        };
        if all.clients.contains(&one) || all.clients.len() >= PARTICIPANTS {
            return Ok(());
        }
        all.clients.push(one);
        tx.write(all)
    }

    /// Writes down that sessions end with this commit: their applications will be told.
    pub(crate) async fn sessions_end(
        &self,
        tx: &Tx,
        sessions: impl IntoIterator<Item = SessionId>,
    ) -> Result<(), StoreError> {
        let mut told = Vec::new();
        for session in sessions {
            if tx.read::<Participants>(&session).await?.is_some() {
                told.push(session);
            }
        }
        if told.is_empty() {
            return Ok(());
        }
        tx.insert(SessionsEnded {
            id: EventId::random(self.random().as_ref())?,
            sessions: told,
            ends_at: tx.now().plus(GIVEN_UP),
        })
        .await
    }

    /// The frames that the page after a sign-out loads. To be asked before the session ends.
    pub(super) async fn frames_of(&self, person: &SignedIn) -> Result<Vec<Frame>, GrantsError> {
        let session = person.session.id;
        let found = self.store().read::<Participants>(&session, self.now()).await?;
        let mut frames: Vec<Frame> = Vec::new();
        for one in found.into_iter().flat_map(|found| found.clients) {
            let Some(client) = self.client(&one.client).await? else {
                continue;
            };
            let sid = session.to_string();
            let address = front_channel::frame(&client, self.protocol_issuer(), Some(&sid));
            frames.extend(address.map(|address| Frame {
                address,
                name: client.name,
            }));
        }
        frames.dedup();
        Ok(frames)
    }

    /// Waits until a session has ended here.
    pub async fn somebody_signed_out(&self) {
        self.sign_outs().notified().await;
    }

    /// Tells applications what is due. To be called when somebody signed out, and every few seconds.
    ///
    /// # Errors
    /// [`GrantsError`] when something below failed; what was not told stays in the queue.
    pub async fn tell_applications(&self) -> Result<(), GrantsError> {
        self.spread_ended_sessions().await?;
        let now = self.now();
        let (mut due, mut after) = (Vec::new(), None);
        loop {
            let page = self
                .store()
                .list::<Delivery>(&[], after.as_ref(), PAGE, now)
                .await?;
            due.extend(page.records.into_iter().filter(|delivery| delivery.due_at <= now));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let mut under_way = JoinSet::new();
        for delivery in due {
            if under_way.len() >= AT_ONCE {
                under_way.join_next().await;
            }
            let identity = self.clone();
            under_way.spawn(async move {
                if let Err(error) = identity.deliver(&delivery).await {
                    tracing::warn!(%error, client = delivery.client.as_str(), "a sign-out was not told yet");
                }
            });
        }
        while under_way.join_next().await.is_some() {}
        Ok(())
    }

    /// Makes deliveries of ended sessions, one session a commit.
    async fn spread_ended_sessions(&self) -> Result<(), GrantsError> {
        loop {
            let now = self.now();
            let page = self.store().list::<SessionsEnded>(&[], None, PAGE, now).await?;
            if page.records.is_empty() {
                return Ok(());
            }
            for ended in page.records {
                for _ in 0..ended.sessions.len().max(1) {
                    self.spread_one(ended.id, now).await?;
                }
            }
        }
    }

    async fn spread_one(&self, id: EventId, now: Timestamp) -> Result<(), GrantsError> {
        self.store()
            .transact(now, |tx| async move {
                let Some(mut ended) = tx.read::<SessionsEnded>(&id).await? else {
                    return Ok(());
                };
                if let Some(session) = ended.sessions.pop()
                    && let Some(told) = tx.read::<Participants>(&session).await?
                {
                    tx.remove::<Participants>(&session)?;
                    for one in told.clients {
                        tx.insert(Delivery {
                            id: EventId::random(self.random().as_ref())?,
                            client: one.client,
                            sub: one.sub,
                            session,
                            failed: 0,
                            due_at: now,
                            ends_at: now.plus(GIVEN_UP),
                        })
                        .await?;
                    }
                }
                if ended.sessions.is_empty() {
                    tx.remove::<SessionsEnded>(&id)?;
                } else {
                    tx.write(ended)?;
                }
                Ok::<_, GrantsError>(())
            })
            .await
    }

    /// Claims a delivery, tries it, and takes it out of the queue or plans the next try.
    async fn deliver(&self, seen: &Delivery) -> Result<(), GrantsError> {
        let now = self.now();
        let claimed = self
            .store()
            .transact(now, |tx| async move {
                let found = tx.read::<Delivery>(&seen.id).await?;
                let Some(mut delivery) = found.filter(|found| found == seen) else {
                    return Ok(None); // somebody else has it
                };
                delivery.due_at = now.plus(CLAIMED);
                tx.write(delivery.clone())?;
                Ok::<_, GrantsError>(Some(delivery))
            })
            .await?;
        let Some(delivery) = claimed else {
            return Ok(());
        };
        let done = self.try_to_tell(&delivery).await?;
        let delivery = &delivery;
        self.store()
            .transact(self.now(), |tx| async move {
                let Some(mut kept) = tx.read::<Delivery>(&delivery.id).await? else {
                    return Ok(());
                };
                let pause = usize::try_from(kept.failed)
                    .ok()
                    .and_then(|tries| PAUSES.get(tries));
                match (done, pause) {
                    (false, Some(pause)) => {
                        kept.failed = kept.failed.saturating_add(1);
                        kept.due_at = tx.now().plus(*pause);
                        tx.write(kept)
                    }
                    (true, _) | (false, None) => tx.remove::<Delivery>(&delivery.id),
                }?;
                if !done && pause.is_none() {
                    tracing::warn!(
                        client = delivery.client.as_str(),
                        "an application was not told of a sign-out"
                    );
                }
                Ok::<_, GrantsError>(())
            })
            .await
    }

    /// One try. `true`: told, or nobody to tell any more.
    async fn try_to_tell(&self, delivery: &Delivery) -> Result<bool, GrantsError> {
        let Some(client) = self.client(&delivery.client).await? else {
            return Ok(true);
        };
        let Some(address) = &client.backchannel_logout_uri else {
            return Ok(true);
        };
        let keys = self.signing_keys().await?;
        let (sid, jti) = (delivery.session.to_string(), delivery.id.to_string());
        let token = LogoutToken {
            issuer: self.protocol_issuer(),
            client: &client,
            sub: &delivery.sub,
            sid: Some(&sid),
            jti: &jti,
            now: self.now(),
        }
        .sign(keys.protocol())?;
        let request = OutgoingRequest {
            address: address.as_str(),
            message: Message::Form(&body(&token)),
            largest: ANSWER,
        };
        match self.outgoing().send(request).await {
            Ok(answer) if answer.is_success() => Ok(true),
            Ok(answer) => {
                tracing::info!(
                    client = client.id.as_str(),
                    status = answer.status,
                    "an application did not take a sign-out"
                );
                Ok(false)
            }
            Err(error) => {
                tracing::info!(client = client.id.as_str(), %error, "an application could not be told of a sign-out");
                Ok(false)
            }
        }
    }
}
