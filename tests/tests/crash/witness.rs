//! One person, what was acknowledged to them, and the questions after a restart.

use doorward_authenticator::{Device, Trouble, Visitor};
use doorward_totp::{Secret, Totp};

use crate::application::{Application, Redeemed};

/// An account holds at most 20 passkeys.
const OTHERS_MAX: usize = 18;

/// What one person did, as far as it was acknowledged.
#[derive(Debug)]
pub(crate) struct Witness {
    name: String,
    origin: String,
    visitor: Visitor,
    /// Whether the last thing that was asked about the session was acknowledged, and what it was.
    session: Session,
    redeemed: Option<String>,
    refresh: Option<String>,
    replayable: bool,
    /// Devices whose passkeys were acknowledged, beside the first.
    others: Vec<Device>,
    /// How many additions were begun: one in doubt may have taken its place.
    additions: usize,
    added_this_round: bool,
    /// How much was acknowledged.
    pub(crate) acknowledged: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Session {
    Live,
    Unknown,
}

/// What went wrong, counted.
#[derive(Debug, Default)]
pub(crate) struct Losses {
    /// Acknowledged, and not there.
    pub(crate) lost: Vec<String>,
    /// Used twice.
    pub(crate) twice: Vec<String>,
}

impl Witness {
    /// Somebody with a one-time link; the account is acknowledged when this returns.
    pub(crate) async fn join(origin: &str, number: usize, link: &str) -> Result<Self, Trouble> {
        let name = format!("person{number}");
        let mut visitor = Visitor::of(origin, Device::from_seed(&name))?;
        visitor.set_up(link, &name).await?;
        Ok(Self {
            name,
            origin: origin.to_owned(),
            visitor,
            session: Session::Live,
            redeemed: None,
            refresh: None,
            replayable: false,
            others: Vec::new(),
            additions: 0,
            added_this_round: false,
            acknowledged: 1,
        })
    }

    /// Goes on until the server is gone.
    pub(crate) async fn live(&mut self, application: &Application, round: u64) -> Option<String> {
        loop {
            if let Err(trouble) = self.act(application, round).await {
                if trouble.is_refusal() {
                    return Some(format!("{}: {trouble}", self.name));
                }
                return None;
            }
        }
    }

    async fn act(&mut self, application: &Application, round: u64) -> Result<(), Trouble> {
        // A fresh browser each time, so that the session of before is not what signs in.
        let device = self.visitor.device.clone();
        self.visitor = Visitor::of(&self.origin, device)?;
        self.session = Session::Unknown;
        self.replayable = false;
        self.visitor.sign_in().await?;
        self.session = Session::Live;
        self.replayable = true;
        self.acknowledged += 1;
        if self.additions < OTHERS_MAX && !self.added_this_round {
            self.additions += 1;
            let mut newcomer = Device::from_seed(&format!("{} {round}", self.name));
            self.added_this_round = true;
            // A change of a factor gives the session a new handle; until it is acknowledged, either may be right.
            self.session = Session::Unknown;
            self.visitor
                .add_passkey(&format!("Device {round}"), &mut newcomer)
                .await?;
            self.session = Session::Live;
            self.others.push(newcomer);
            self.acknowledged += 1;
        }
        let code = application.code(&mut self.visitor).await?;
        match application.redeem(&code).await? {
            Redeemed::Tokens(refresh) => {
                self.acknowledged += 1;
                self.redeemed = Some(code);
                self.refresh = refresh;
            }
            Redeemed::Refused(why) => {
                return Err(Trouble::Refused {
                    status: 400,
                    path: "/token".into(),
                    body: why,
                });
            }
        }
        Ok(())
    }

    /// After a restart: is all there, and is nothing usable twice?
    pub(crate) async fn ask(
        &mut self,
        application: &Application,
        losses: &mut Losses,
    ) -> Result<(), Trouble> {
        if self.session == Session::Live && !self.visitor.is_signed_in().await? {
            losses.lost.push(format!("{}: the session", self.name));
        }
        if self.replayable && self.visitor.replay().await.is_ok() {
            losses.twice.push(format!("{}: a finished ceremony", self.name));
        }
        if let Some(token) = self.refresh.take() {
            match application.refresh(&token).await? {
                Redeemed::Tokens(_) => self.acknowledged += 1,
                Redeemed::Refused(why) => losses
                    .lost
                    .push(format!("{}: a refresh token ({why})", self.name)),
            }
        }
        if let Some(code) = self.redeemed.take()
            && let Redeemed::Tokens(_) = application.redeem(&code).await?
        {
            losses.twice.push(format!("{}: a code", self.name));
        }
        if let Some(device) = self.others.last() {
            let mut visitor = Visitor::of(&self.origin, device.clone())?;
            match visitor.sign_in().await {
                Ok(()) => self.acknowledged += 1,
                Err(trouble) if trouble.is_refusal() => {
                    losses
                        .lost
                        .push(format!("{}: an added passkey ({trouble})", self.name));
                }
                Err(trouble) => return Err(trouble),
            }
            if let Some(last) = self.others.last_mut() {
                *last = visitor.device;
            }
        }
        self.added_this_round = false;
        let device = self.visitor.device.clone();
        self.visitor = Visitor::of(&self.origin, device)?;
        match self.visitor.sign_in().await {
            Ok(()) => self.acknowledged += 1,
            Err(trouble) if trouble.is_refusal() => losses
                .lost
                .push(format!("{}: the passkey ({trouble})", self.name)),
            Err(trouble) => return Err(trouble),
        }
        self.session = Session::Live;
        self.replayable = true;
        Ok(())
    }
}

/// Somebody with a password and TOTP: each code that was accepted is tried again after the restart.
#[derive(Debug)]
pub(crate) struct CodeWitness {
    origin: String,
    totp: Totp,
    accepted: Option<String>,
}

const PASSWORD: &str = "violet-harbour-lantern-42";
const NAME: &str = "coder";

impl CodeWitness {
    /// Makes the account from a one-time link, and turns TOTP on.
    pub(crate) async fn join(origin: &str, link: &str, now: u64) -> Result<Self, Trouble> {
        let mut visitor = Visitor::of(origin, Device::from_seed("no device"))?;
        visitor.set_up_with_password(link, NAME, PASSWORD).await?;
        visitor.page("/settings/security").await?;
        visitor.submit("/settings/security/totp", &[]).await?;
        let page = visitor.page("/settings/security?dialog=totp").await?;
        let secret = page
            .split_once("id=\"totp-secret\" data-text=\"")
            .and_then(|(_, rest)| rest.split_once('"'));
        let secret = secret.and_then(|(secret, _)| Secret::parse(secret).ok());
        let totp = Totp::new(secret.ok_or_else(|| Trouble::Page("a secret", page))?);
        let code = totp.code_at(now).to_digits().to_string();
        visitor.page("/settings/security?dialog=totp-code").await?;
        let verify = visitor
            .submit("/settings/security/totp/code", &[("code", &code)])
            .await?;
        let change = verify
            .split_once("change=")
            .map(|(_, rest)| rest.split('&').next().unwrap_or(rest).to_owned());
        let change = change.ok_or_else(|| Trouble::Page("a pending change", verify.clone()))?;
        visitor.page(&verify).await?;
        visitor
            .submit("/verify", &[("change", &change), ("password", PASSWORD)])
            .await?;
        Ok(Self {
            origin: origin.to_owned(),
            totp,
            accepted: None,
        })
    }

    /// Signs in with the code of now, if it was not accepted before.
    pub(crate) async fn live(&mut self, now: u64) -> Result<(), Trouble> {
        let code = self.totp.code_at(now).to_digits().to_string();
        if self.accepted.as_ref() == Some(&code) {
            return Ok(());
        }
        let mut visitor = Visitor::of(&self.origin, Device::from_seed("no device"))?;
        visitor.enter_password(NAME, PASSWORD).await?;
        visitor.enter_code(&code).await?;
        self.accepted = Some(code);
        Ok(())
    }

    /// The accepted code must be refused for ever.
    pub(crate) async fn ask(&self, losses: &mut Losses) -> Result<(), Trouble> {
        let Some(code) = &self.accepted else { return Ok(()) };
        let mut visitor = Visitor::of(&self.origin, Device::from_seed("no device"))?;
        match visitor.enter_password(NAME, PASSWORD).await {
            Ok(_) => {}
            // Slowed down by the tries of before: then the code was not accepted either.
            Err(trouble) if trouble.is_refusal() => return Ok(()),
            Err(trouble) => return Err(trouble),
        }
        match visitor.enter_code(code).await {
            Ok(_) => losses.twice.push("a TOTP code".into()),
            Err(trouble) if trouble.is_refusal() => {}
            Err(trouble) => return Err(trouble),
        }
        Ok(())
    }
}
