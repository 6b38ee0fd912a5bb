//! One good registration or login as values. A test edits one of them; then the answer is made and judged.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_crypto::{Algorithm, Sha256, Timestamp};
use doorward_webauthn::extensions::{CreateInputs, GetInputs};
use doorward_webauthn::policy::UserVerification;
use doorward_webauthn::trust::{Anchors, Trust};
use doorward_webauthn::{
    AuthenticationResponse, Builder, CredentialDescriptor, CredentialId, CredentialRecord, Login, Refused,
    Registration, RegistrationResponse, RelyingParty, Step, UserEntity, UserHandle,
};
use serde_json::{Value, json};

use super::cbor::{Cbor, bytes, text};
use super::keys::Key;
use super::statements::{AAGUID, About, House};
use super::{Seeded, provider};

pub(crate) const UP: u8 = 0x01;
pub(crate) const UV: u8 = 0x04;
pub(crate) const BE: u8 = 0x08;
pub(crate) const BS: u8 = 0x10;
pub(crate) const AT: u8 = 0x40;
pub(crate) const ED: u8 = 0x80;

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_750_000_000);
pub(crate) const CHALLENGE: &[u8] = b"a challenge of twenty-four";

/// A name, an edit, and the step that refuses it.
pub(crate) type Row = (&'static str, fn(&mut Scene), Step);

/// Edits of one good answer, each with the step that refuses it.
#[derive(Clone, Copy)]
pub(crate) struct Table {
    pub(crate) module: &'static str,
    pub(crate) base: fn() -> Scene,
    pub(crate) rows: &'static [Row],
}

/// What the tests edit.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) rp: Builder,
    /// The relying party that gets the answer, if it is another.
    pub(crate) other_rp: Option<Builder>,
    pub(crate) user_verification: UserVerification,
    pub(crate) conditional: bool,
    pub(crate) create: CreateInputs,
    pub(crate) get: GetInputs,
    pub(crate) answered_at: Timestamp,

    pub(crate) kind: String,
    pub(crate) challenge: String,
    pub(crate) origin: String,
    pub(crate) client_more: String,
    pub(crate) client_data: fn(&mut Vec<u8>),

    pub(crate) rp_id: String,
    pub(crate) flags: u8,
    pub(crate) sign_count: u32,
    pub(crate) aaguid: [u8; 16],
    pub(crate) credential_id: Vec<u8>,
    pub(crate) key: Key,
    pub(crate) cose: Vec<u8>,
    pub(crate) extensions: Vec<u8>,
    pub(crate) authenticator_data: fn(&mut Vec<u8>),

    pub(crate) format: &'static str,
    pub(crate) house: House,
    pub(crate) object: fn(&mut Cbor),
    pub(crate) object_bytes: fn(&mut Vec<u8>),
    pub(crate) signature: fn(&mut Vec<u8>),
    pub(crate) json: fn(&mut Value),
    pub(crate) client_results: Value,

    pub(crate) owner: Vec<u8>,
    pub(crate) user_handle: Option<Vec<u8>>,
    pub(crate) allowed: Option<Vec<u8>>,
    pub(crate) record: fn(&mut CredentialRecord),
    pub(crate) is_login: bool,
}

impl Scene {
    /// A registration with this format of attestation.
    pub(crate) fn registration(format: &'static str) -> Self {
        let mut scene = Self::new(Key::es256("credential"), format);
        scene.kind = "webauthn.create".to_owned();
        scene.flags |= AT;
        scene.is_login = false;
        if format == "fido-u2f" {
            scene.aaguid = [0; 16];
        }
        scene
    }

    /// A login.
    pub(crate) fn login() -> Self {
        Self::new(Key::es256("credential"), "none")
    }

    pub(crate) fn with_key(mut self, key: Key) -> Self {
        self.rp = self.rp.algorithms([key.algorithm()]);
        self.cose = key.cose().encode();
        self.key = key;
        self
    }

    fn new(key: Key, format: &'static str) -> Self {
        let origin = "https://example.org";
        Self {
            rp: RelyingParty::builder("example.org", [origin]).algorithms([Algorithm::Es256]),
            other_rp: None,
            user_verification: UserVerification::Preferred,
            conditional: false,
            create: CreateInputs::default(),
            get: GetInputs::default(),
            answered_at: NOW,
            kind: "webauthn.get".to_owned(),
            challenge: URL_SAFE_NO_PAD.encode(CHALLENGE),
            origin: origin.to_owned(),
            client_more: r#","crossOrigin":false"#.to_owned(),
            client_data: |_| {},
            rp_id: "example.org".to_owned(),
            flags: UP | UV,
            sign_count: 6,
            aaguid: AAGUID,
            credential_id: b"credential".to_vec(),
            cose: key.cose().encode(),
            house: House::new(format, &key),
            key,
            extensions: Vec::new(),
            authenticator_data: |_| {},
            format,
            object: |_| {},
            object_bytes: |_| {},
            signature: |_| {},
            json: |_| {},
            client_results: json!({}),
            owner: b"ana".to_vec(),
            user_handle: Some(b"ana".to_vec()),
            allowed: Some(b"credential".to_vec()),
            record: |_| {},
            is_login: true,
        }
    }

    /// Trusts the house's root and nothing else.
    pub(crate) fn trusting(mut self) -> Self {
        let anchors = self.anchors();
        self.rp = self.rp.trust(Trust::anchors(anchors));
        self
    }

    pub(crate) fn anchors(&self) -> Anchors {
        let mut anchors = Anchors::new();
        anchors.add_der(&self.house.root_der()).unwrap();
        anchors
    }

    /// Registers or logs in.
    pub(crate) fn judge(self) -> Result<(), Refused> {
        if self.is_login {
            self.login_as().map(drop)
        } else {
            self.register().map(drop)
        }
    }

    /// Makes the answer to a registration.
    pub(crate) fn created(&mut self) -> Value {
        let client_data = self.client_data_json();
        let authenticator_data = self.authenticator_data_bytes();
        let about = About {
            authenticator_data: &authenticator_data,
            client_data_hash: Sha256::of(&client_data),
            rp_id_hash: Sha256::of(self.rp_id.as_bytes()),
            credential_id: &self.credential_id,
            key: &self.key,
            now_ms: self.answered_at.millis(),
        };
        let statement = self.house.attest(self.format, &about);
        let format = if self.format == "packed-self" {
            "packed"
        } else {
            self.format
        };
        let mut object = Cbor::Map(vec![
            (text("fmt"), text(format)),
            (text("attStmt"), statement),
            (text("authData"), bytes(&authenticator_data)),
        ]);
        (self.object)(&mut object);
        let mut object = object.encode();
        (self.object_bytes)(&mut object);
        let mut json = json!({
            "id": b64(&self.credential_id), "rawId": b64(&self.credential_id), "type": "public-key",
            "authenticatorAttachment": "platform", "clientExtensionResults": self.client_results,
            "response": {
                "clientDataJSON": b64(&client_data), "attestationObject": b64(&object),
                "transports": ["internal", "hybrid"],
            },
        });
        (self.json)(&mut json);
        json
    }

    /// Registers.
    pub(crate) fn register(mut self) -> Result<Registration, Refused> {
        let rp = self.rp.clone().build(provider()).unwrap();
        let user = UserEntity {
            handle: UserHandle::new(self.owner.clone()).unwrap(),
            name: "ana".to_owned(),
            display_name: "Ana".to_owned(),
        };
        let mut registering = rp
            .register(&user)
            .user_verification(self.user_verification)
            .extensions(self.create.clone())
            .challenge(CHALLENGE);
        if self.conditional {
            registering = registering.conditional();
        }
        let (_, kept) = registering.begin(&Seeded::new("begin"), NOW).unwrap();
        let json = self.created().to_string();
        let judge = self
            .other_rp
            .take()
            .map_or(rp.clone(), |other| other.build(provider()).unwrap());
        let answer = RegistrationResponse::from_json_for(&judge, json.as_bytes())?;
        kept.finish(&answer, &judge, self.answered_at)
    }

    /// Makes the answer to a login.
    pub(crate) fn asserted(&self) -> Value {
        let client_data = self.client_data_json();
        let authenticator_data = self.authenticator_data_bytes();
        let mut signature = self
            .key
            .sign(&[&authenticator_data[..], &Sha256::of(&client_data)].concat());
        (self.signature)(&mut signature);
        let mut json = json!({
            "id": b64(&self.credential_id), "rawId": b64(&self.credential_id), "type": "public-key",
            "clientExtensionResults": self.client_results,
            "response": {
                "clientDataJSON": b64(&client_data), "authenticatorData": b64(&authenticator_data),
                "signature": b64(&signature),
                "userHandle": self.user_handle.as_ref().map(|handle| b64(handle)),
            },
        });
        (self.json)(&mut json);
        json
    }

    pub(crate) fn stored(&self) -> CredentialRecord {
        let mut record = CredentialRecord {
            id: CredentialId::new(b"credential".to_vec()).unwrap(),
            public_key: self.cose.clone().into(),
            sign_count: 5,
            uv_initialized: true,
            transports: Vec::new(),
            backup_eligible: Some(false),
            backup_state: false,
            rp_id: "example.org".to_owned(),
            aaguid: Default::default(),
            attestation_object: None,
            attestation_client_data_json: None,
        };
        (self.record)(&mut record);
        record
    }

    /// Logs in as an account that was named.
    pub(crate) fn login_as(mut self) -> Result<Login, Refused> {
        let rp = self.rp.clone().build(provider()).unwrap();
        let allowed: Vec<CredentialDescriptor> = self
            .allowed
            .iter()
            .map(|id| CredentialDescriptor::new(CredentialId::new(id.clone()).unwrap(), Vec::new()))
            .collect();
        let (_, kept) = rp
            .authenticate()
            .user_verification(self.user_verification)
            .extensions(self.get.clone())
            .challenge(CHALLENGE)
            .for_user(&UserHandle::new(self.owner.clone()).unwrap(), &allowed)
            .begin(&Seeded::new("begin"), NOW)
            .unwrap();
        let json = self.asserted().to_string();
        let judge = self
            .other_rp
            .take()
            .map_or(rp.clone(), |other| other.build(provider()).unwrap());
        let answer = AuthenticationResponse::from_json_for(&judge, json.as_bytes())?;
        kept.finish(&answer, &self.stored(), &judge, self.answered_at)
    }

    /// Logs in as whoever the credential says.
    pub(crate) fn login_discoverable(self) -> Result<Login, Refused> {
        let rp = self.rp.clone().build(provider()).unwrap();
        let (_, kept) = rp
            .authenticate()
            .user_verification(self.user_verification)
            .challenge(CHALLENGE)
            .discoverable()
            .begin(&Seeded::new("begin"), NOW)
            .unwrap();
        let json = self.asserted().to_string();
        let answer = AuthenticationResponse::from_json(json.as_bytes())?;
        let owner = UserHandle::new(self.owner.clone()).unwrap();
        kept.finish(&answer, &owner, &self.stored(), &rp, self.answered_at)
    }

    fn client_data_json(&self) -> Vec<u8> {
        let Self {
            kind,
            challenge,
            origin,
            client_more,
            ..
        } = self;
        let mut bytes =
            format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}"{client_more}}}"#)
                .into_bytes();
        (self.client_data)(&mut bytes);
        bytes
    }

    pub(crate) fn authenticator_data_bytes(&self) -> Vec<u8> {
        let mut data = Sha256::of(self.rp_id.as_bytes()).to_vec();
        data.push(self.flags);
        data.extend(self.sign_count.to_be_bytes());
        if self.flags & AT != 0 {
            data.extend(self.aaguid);
            data.extend(u16::try_from(self.credential_id.len()).unwrap().to_be_bytes());
            data.extend(&self.credential_id);
            data.extend(&self.cose);
        }
        data.extend(&self.extensions);
        (self.authenticator_data)(&mut data);
        data
    }
}

pub(crate) fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
