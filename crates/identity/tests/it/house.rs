//! A provider in memory, and people at its door.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use doorward_authenticator::{Browser as Agent, Device};
use doorward_crypto::ring::Ring;
use doorward_crypto::{NoRandom, Random, Sha256, Timestamp};
use doorward_identity::accounts::NewPerson;
use doorward_identity::factors::{Applied, Change, Proposed};
use doorward_identity::ids::ChangeId;
use doorward_identity::outside::Clock;
use doorward_identity::passwords::{Cost, Password};
use doorward_identity::sign_in::{AfterPassword, For, NewSession, SignInError, Stay};
use doorward_identity::tokens::{BrowserToken, HalfToken, SessionToken};
use doorward_identity::{Browser, Identity, Limits, Parts, Policy, SignedIn};
use doorward_storage::{AnyEngine, Faults, Keyring, Memory, Sealer, Store};
use doorward_totp::{Secret, Totp};
use doorward_webauthn::{AuthenticationResponse, CreationOptions, RegistrationResponse, RequestOptions};

pub(crate) const ORIGIN: &str = "http://localhost:8080";
pub(crate) const PASSWORD: &str = "nine rivers meet the sea";

/// A clock that stands until it is told to go on.
#[derive(Debug)]
pub(crate) struct Hands(AtomicU64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Bytes that differ each time, and are the same in each run.
#[derive(Debug, Default)]
pub(crate) struct Counted(AtomicU64);

impl Random for Counted {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandom> {
        for chunk in out.chunks_mut(32) {
            let number = self.0.fetch_add(1, Ordering::SeqCst);
            let hash = Sha256::of(&number.to_be_bytes());
            chunk.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        }
        Ok(())
    }
}

pub(crate) struct House {
    pub(crate) identity: Identity,
    pub(crate) faults: Faults,
    clock: Arc<Hands>,
    random: Arc<Counted>,
}

impl House {
    pub(crate) fn new() -> Self {
        Self::with(&Policy::default())
    }

    pub(crate) fn with(policy: &Policy) -> Self {
        let clock = Arc::new(Hands(AtomicU64::new(1_800_000_000_000)));
        let random = Arc::new(Counted::default());
        let faults = Faults::default();
        let identity = Identity::new(Parts {
            store: Store::over(
                AnyEngine::Memory(Memory::with_faults(faults.clone())),
                random.clone(),
            ),
            sealer: Sealer::new(Keyring::generate(random.as_ref()).unwrap()),
            clock: clock.clone(),
            random: random.clone(),
            provider: Arc::new(Ring),
            outgoing: Arc::new(doorward_identity::outside::Unreachable),
            origin: ORIGIN.parse().unwrap(),
            instance_name: "Doorward".to_owned(),
            policy: Policy {
                password_cost: Cost::FOR_TESTS,
                ..policy.clone()
            },
            limits: Limits {
                hashes_waiting: 200,
                hash_wait: Duration::from_secs(30),
                ..Limits::default()
            },
        });
        Self {
            identity: identity.unwrap(),
            faults,
            clock,
            random,
        }
    }

    pub(crate) fn pass(&self, span: Duration) {
        self.clock
            .0
            .fetch_add(u64::try_from(span.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&BrowserToken::random(self.random.as_ref()).unwrap())
            .at("192.0.2.7")
            .described("A browser")
    }

    /// The instance's first person, with a passkey.
    pub(crate) async fn ana(&self) -> Person {
        let token = self
            .identity
            .setup_link()
            .await
            .unwrap()
            .expect("an empty instance");
        let browser = self.browser();
        let mut device = Device::from_seed("ana's laptop");
        let person = NewPerson::parse("ana", "Ana", "ana@example.org").unwrap();
        let begun = self.identity.begin_setup_passkey(&token, &person, &browser).await;
        let (options, sealed) = begun.unwrap();
        let answer = create(&mut device, &options);
        let done = self
            .identity
            .finish_setup_passkey(&token, &sealed, &answer, &browser, Stay::No)
            .await;
        Person {
            device,
            session: done.unwrap(),
            browser,
        }
    }

    /// A person with a password and nothing else.
    pub(crate) async fn ben(&self) -> Person {
        let person = NewPerson::parse("ben", "Ben", "").unwrap();
        let role = doorward_identity::records::account::Role::Person;
        let (_, token) = self.identity.add_person(&person, role).await.unwrap();
        let browser = self.browser();
        let password = Password::new(PASSWORD);
        let done = self
            .identity
            .setup_with_password(&token, &person, &password, &browser, Stay::No)
            .await;
        Person {
            device: Device::from_seed("ben's telephone"),
            session: done.unwrap(),
            browser,
        }
    }

    /// Confirms the first passkey of somebody whose password is fresh, with that passkey.
    pub(crate) async fn confirm_first(&self, person: &Person, id: ChangeId) {
        let who = self.who(&person.session.token).await;
        let (options, sealed) = self.identity.begin_verify(&who, id).await.unwrap();
        let answer = get(&mut person.device.clone(), &options);
        self.identity
            .verify_with_passkey(&who, id, &sealed, &answer)
            .await
            .unwrap();
    }

    pub(crate) async fn who(&self, token: &SessionToken) -> SignedIn {
        self.identity.signed_in(token).await.unwrap().expect("a session")
    }

    /// Signs in with whichever passkey the device has here.
    pub(crate) async fn passkey(
        &self,
        device: &mut Device,
        browser: &Browser,
    ) -> Result<NewSession, SignInError> {
        let (options, sealed) = self.identity.begin_passkey(browser, For::Anyone).await?;
        let answer = get(device, &options);
        self.identity
            .sign_in_with_passkey(browser, &sealed, &answer, Stay::No)
            .await
    }

    pub(crate) async fn half(&self, name: &str, browser: &Browser) -> HalfToken {
        let password = Password::new(PASSWORD);
        match self
            .identity
            .sign_in_with_password(browser, name, &password, Stay::No)
            .await
            .unwrap()
        {
            AfterPassword::SecondFactor { half, .. } => half,
            AfterPassword::SignedIn(_) => panic!("{name} has no second factor"),
        }
    }

    /// Makes a change for somebody who has a passkey, with that passkey.
    pub(crate) async fn change(&self, person: &mut Person, change: Change) -> Applied {
        let who = self.who(&person.session.token).await;
        let applied = match self.identity.propose(&who, change).await.unwrap() {
            Proposed::Applied(applied) => *applied,
            Proposed::Verify(id) => self.confirm(person, id).await,
        };
        person.session.token = applied.token.clone();
        applied
    }

    /// Confirms a change with a passkey of the person's device.
    pub(crate) async fn confirm(&self, person: &mut Person, id: ChangeId) -> Applied {
        let who = self.who(&person.session.token).await;
        let (options, sealed) = self.identity.begin_verify(&who, id).await.unwrap();
        let answer = get(&mut person.device, &options);
        match self
            .identity
            .verify_with_passkey(&who, id, &sealed, &answer)
            .await
            .unwrap()
        {
            Proposed::Applied(applied) => {
                person.session.token = applied.token.clone();
                *applied
            }
            Proposed::Verify(_) => panic!("a passkey is all that is asked"),
        }
    }

    /// Sets up an authenticator app for somebody with a passkey and a password; gives the app.
    pub(crate) async fn enable_totp(&self, person: &mut Person) -> Totp {
        let who = self.who(&person.session.token).await;
        let shown = self.identity.begin_totp(&who).await.unwrap();
        let app = Totp::new(Secret::parse(&shown.groups).unwrap());
        let code = app.code_at(self.now().seconds()).to_digits();
        let Proposed::Verify(id) = self.identity.check_totp(&who, &code).await.unwrap() else {
            panic!("turning TOTP on always asks")
        };
        self.confirm(person, id).await;
        self.pass(Duration::from_secs(60));
        app
    }

    /// Ana with everything: passkey, password, app, ten recovery codes.
    pub(crate) async fn ana_with_all(&self) -> (Person, Totp, Vec<String>) {
        let mut ana = self.ana().await;
        self.change(&mut ana, Change::SetPassword(Password::new(PASSWORD)))
            .await;
        let app = self.enable_totp(&mut ana).await;
        let applied = self.change(&mut ana, Change::NewRecoveryCodes).await;
        let codes = applied.recovery_codes.expect("codes were made");
        (ana, app, codes.iter().map(|code| (**code).clone()).collect())
    }

    pub(crate) fn code(&self, app: &Totp) -> String {
        app.code_at(self.now().seconds()).to_digits().to_string()
    }
}

pub(crate) struct Person {
    pub(crate) device: Device,
    pub(crate) session: NewSession,
    pub(crate) browser: Browser,
}

pub(crate) fn create(device: &mut Device, options: &CreationOptions) -> RegistrationResponse {
    let options = serde_json::to_value(options).unwrap();
    let answer = Agent::at(ORIGIN).create(device, &options).unwrap();
    RegistrationResponse::from_json(answer.to_string().as_bytes()).unwrap()
}

pub(crate) fn get(device: &mut Device, options: &RequestOptions) -> AuthenticationResponse {
    let options = serde_json::to_value(options).unwrap();
    let answer = Agent::at(ORIGIN).get(device, &options).unwrap();
    AuthenticationResponse::from_json(answer.to_string().as_bytes()).unwrap()
}
