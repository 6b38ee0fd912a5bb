//! One registration or login, right in everything, whose parts can be edited before they are hashed and signed.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_authenticator::cbor::Value;
use doorward_authenticator::{Dice, Key, KeyType};
use doorward_crypto::ring::Ring;
use doorward_crypto::rustcrypto::RustCrypto;
use doorward_crypto::{NoRandom, Provider, Random, Sha256, Timestamp};
use doorward_webauthn::trust::Trust;
use doorward_webauthn::{
    Aaguid, AuthenticationResponse, CredentialDescriptor, CredentialId, CredentialRecord,
    RegistrationResponse, RelyingParty, UserEntity, UserHandle,
};
use serde_json::json;

const RP_ID: &str = "example.org";
const CHALLENGE: &[u8] = b"thirty-two bytes of a challenge.";
const USER: &[u8] = b"somebody";
const CREDENTIAL: &[u8] = b"a credential id";
const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// The flags of authenticator data (§6.1).
pub(super) const USER_PRESENT: u8 = 0x01;
pub(super) const RFU1: u8 = 0x02;
const USER_VERIFIED: u8 = 0x04;
pub(super) const BACKUP_STATE: u8 = 0x10;
pub(super) const RFU2: u8 = 0x20;
const ATTESTED: u8 = 0x40;

/// Which ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum On {
    Registration,
    Login,
}

/// What the relying party says, with either provider.
pub(super) enum Verdict {
    Accepted,
    /// At this step.
    Refused(&'static str),
    /// The providers do not say the same.
    Split(String),
}

/// A ceremony in the making.
pub(super) struct Scene {
    on: On,
    key: Key,
    cose: Value,
    pub(super) flags: u8,
    pub(super) count: u32,
    pub(super) stored_count: u32,
    /// Bytes at the end of the authenticator data.
    pub(super) after_data: Vec<u8>,
    pub(super) statement: Value,
    /// Bytes after the attestation object.
    pub(super) after_object: Vec<u8>,
    pub(super) before_client_data: &'static [u8],
    pub(super) before_challenge: &'static str,
    pub(super) origin: &'static str,
    pub(super) after_origin: &'static str,
    pub(super) cross_origin: bool,
    /// `id` and `rawId` of the JSON form.
    pub(super) told_id: String,
    /// `type` of the JSON form.
    pub(super) told_type: serde_json::Value,
}

/// Makes the ceremony, edits it, and has it judged.
pub(super) fn judge(on: On, edit: fn(&mut Scene)) -> Verdict {
    let mut scene = Scene::right(on);
    edit(&mut scene);
    let (by_ring, by_rust) = (scene.judge(Arc::new(Ring)), scene.judge(Arc::new(RustCrypto)));
    if by_ring == by_rust {
        by_ring.map_or_else(Verdict::Refused, |()| Verdict::Accepted)
    } else {
        Verdict::Split(format!("ring {by_ring:?}, rustcrypto {by_rust:?}"))
    }
}

impl Scene {
    fn right(on: On) -> Self {
        let key = Key::make(KeyType::Es256, &mut Dice::from_seed("mutations"));
        Self {
            on,
            cose: key.cose(),
            key,
            flags: USER_PRESENT | USER_VERIFIED,
            count: 6,
            stored_count: 5,
            after_data: Vec::new(),
            statement: Value::Map(Vec::new()),
            after_object: Vec::new(),
            before_client_data: b"",
            before_challenge: "",
            origin: "https://example.org",
            after_origin: "",
            cross_origin: false,
            told_id: text(CREDENTIAL),
            told_type: json!("public-key"),
        }
    }

    /// Adds a member to the key, behind `alg`.
    pub(super) fn add_to_key(&mut self, label: i64, value: Value) {
        if let Value::Map(members) = &mut self.cose {
            members.insert(2, (Value::Integer(label), value));
        }
    }

    /// Flips the last bit of a member of the key.
    pub(super) fn flip_in_key(&mut self, label: i64) {
        let Value::Map(members) = &mut self.cose else {
            return;
        };
        for (key, value) in members {
            if let (true, Value::Bytes(bytes)) = (*key == Value::Integer(label), value)
                && let Some(last) = bytes.last_mut()
            {
                *last ^= 1;
            }
        }
    }

    fn judge(&self, provider: Arc<dyn Provider>) -> Result<(), &'static str> {
        let rp = RelyingParty::builder(RP_ID, ["https://example.org"])
            .trust(Trust::unchecked())
            .build(provider)
            .map_err(|_| "there is no such relying party")?;
        let user = UserHandle::new(USER).map_err(|_| "there is no such user")?;
        match self.on {
            On::Registration => self.register(&rp, user),
            On::Login => self.log_in(&rp, &user),
        }
    }

    fn register(&self, rp: &RelyingParty, handle: UserHandle) -> Result<(), &'static str> {
        let user = UserEntity {
            handle,
            name: "somebody".to_owned(),
            display_name: "Somebody".to_owned(),
        };
        let begun = rp.register(&user).challenge(CHALLENGE).begin(&Nothing, NOW);
        let (_, kept) = begun.map_err(|_| "no registration begins")?;
        let (client_data, data) = (self.client_data("webauthn.create"), self.authenticator_data());
        let object = Value::Map(vec![
            (Value::text("fmt"), Value::text("none")),
            (Value::text("attStmt"), self.statement.clone()),
            (Value::text("authData"), Value::Bytes(data)),
        ]);
        let object = [object.encode(), self.after_object.clone()].concat();
        let answer = self.json(&json!({
            "clientDataJSON": text(&client_data), "attestationObject": text(&object), "transports": ["internal"],
        }));
        RegistrationResponse::from_json(answer.to_string().as_bytes())
            .and_then(|answer| kept.finish(&answer, rp, NOW))
            .map(drop)
            .map_err(|refused| refused.step.word())
    }

    fn log_in(&self, rp: &RelyingParty, user: &UserHandle) -> Result<(), &'static str> {
        let id = CredentialId::new(CREDENTIAL).map_err(|_| "there is no such credential")?;
        let record = CredentialRecord {
            id: id.clone(),
            public_key: self.cose.encode().into(),
            sign_count: self.stored_count,
            uv_initialized: true,
            transports: Vec::new(),
            backup_eligible: Some(false),
            backup_state: false,
            rp_id: RP_ID.to_owned(),
            aaguid: Aaguid::ZERO,
            attestation_object: None,
            attestation_client_data_json: None,
        };
        let begun = rp.authenticate().challenge(CHALLENGE);
        let begun = begun
            .for_user(user, &[CredentialDescriptor::new(id, Vec::new())])
            .begin(&Nothing, NOW);
        let (_, kept) = begun.map_err(|_| "no login begins")?;
        let (client_data, data) = (self.client_data("webauthn.get"), self.authenticator_data());
        let signature = self
            .key
            .sign(&[&data[..], &Sha256::of(&client_data)[..]].concat());
        let answer = self.json(&json!({
            "clientDataJSON": text(&client_data), "authenticatorData": text(&data),
            "signature": text(&signature), "userHandle": text(USER),
        }));
        AuthenticationResponse::from_json(answer.to_string().as_bytes())
            .and_then(|answer| kept.finish(&answer, &record, rp, NOW))
            .map(drop)
            .map_err(|refused| refused.step.word())
    }

    /// The JSON form of §5.1.
    fn json(&self, response: &serde_json::Value) -> serde_json::Value {
        json!({
            "id": self.told_id, "rawId": self.told_id, "type": self.told_type, "response": response,
            "clientExtensionResults": {},
        })
    }

    /// The serialisation of §5.8.1.1.
    fn client_data(&self, kind: &str) -> Vec<u8> {
        let Self {
            before_challenge,
            origin,
            after_origin,
            cross_origin,
            ..
        } = self;
        let challenge = text(CHALLENGE);
        let json = format!(
            r#"{{"type":"{kind}",{before_challenge}"challenge":"{challenge}","origin":"{origin}"{after_origin},"crossOrigin":{cross_origin}}}"#
        );
        [self.before_client_data, json.as_bytes()].concat()
    }

    /// §6.1, with an attested credential at registration.
    fn authenticator_data(&self) -> Vec<u8> {
        let attested = match self.on {
            On::Registration => ATTESTED,
            On::Login => 0,
        };
        let mut data = Sha256::of(RP_ID.as_bytes()).to_vec();
        data.push(self.flags | attested);
        data.extend(self.count.to_be_bytes());
        if self.on == On::Registration {
            data.extend([0; 16]);
            data.extend(u16::try_from(CREDENTIAL.len()).unwrap_or_default().to_be_bytes());
            data.extend(CREDENTIAL);
            data.extend(self.cose.encode());
        }
        data.extend(&self.after_data);
        data
    }
}

pub(super) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Nothing is drawn by lot here: each ceremony brings its challenge.
#[derive(Debug)]
struct Nothing;

impl Random for Nothing {
    fn fill(&self, _: &mut [u8]) -> Result<(), NoRandom> {
        Err(NoRandom)
    }
}
