//! A recorded answer as a line that the conformance runner reads.
//!
//! The stored key and the certificate are cut out by the crate's own readers: whoever records is no judge.

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use doorward_webauthn::{
    AuthenticatorData,
    cbor::{Item, Rules},
    policy::Leniencies,
};
use serde_json::{Value, json};

pub(crate) const RP_ID: &str = "example.org";
pub(crate) const ORIGIN: &str = "https://example.org";
/// `a challenge of twenty-four`, as in the other recordings.
pub(crate) const CHALLENGE: &str = "YSBjaGFsbGVuZ2Ugb2YgdHdlbnR5LWZvdXI";
/// `somebody`.
pub(crate) const USER: &str = "c29tZWJvZHk";

/// What the lines of a ceremony share.
pub(crate) struct Scene<'a> {
    pub(crate) ceremony: &'static str,
    /// Which browser.
    pub(crate) by: &'a str,
    pub(crate) authenticator: &'static str,
    pub(crate) top_origin: Option<&'static str>,
    /// Unix seconds.
    pub(crate) now: u64,
}

/// What a relying party would have stored.
pub(crate) struct Credential {
    id: Value,
    key: Vec<u8>,
    sign_count: u32,
    backup_eligible: bool,
}

impl Credential {
    /// Of a registration.
    pub(crate) fn of(created: &Value) -> Result<Self, String> {
        let object = bytes(created, "attestationObject")?;
        let data = member(&object, "authData")?;
        let data = data.bytes().map_err(|error| error.to_string())?;
        let data = AuthenticatorData::parse(data, Leniencies::NONE).map_err(|error| error.to_string())?;
        let attested = data.attested().ok_or("nothing is attested")?;
        Ok(Self {
            id: created["id"].clone(),
            key: attested.public_key().to_vec(),
            sign_count: data.sign_count(),
            backup_eligible: data.flags().backup_eligible(),
        })
    }

    /// Remembers the counter of a login.
    pub(crate) fn used(&mut self, got: &Value) -> Result<(), String> {
        let data = bytes(got, "authenticatorData")?;
        let data = AuthenticatorData::parse(&data, Leniencies::NONE).map_err(|error| error.to_string())?;
        self.sign_count = data.sign_count();
        Ok(())
    }
}

impl Scene<'_> {
    /// A registration. Its attestation certificate, which Chromium makes anew each time, is its own anchor.
    pub(crate) fn registration(
        &self,
        options: &Value,
        created: &Value,
        asked: &str,
    ) -> Result<Value, String> {
        let object = bytes(created, "attestationObject")?;
        let format = member(&object, "fmt")?;
        let format = format.text().map_err(|error| error.to_string())?;
        let roots: Vec<String> = certificates(&object)?.iter().map(|der| pem(der)).collect();
        let mut line = self.line("registration", "registration", created, asked);
        let demand = &options["authenticatorSelection"]["userVerification"];
        let algorithms: Vec<&Value> = options["pubKeyCredParams"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|parameters| &parameters["alg"])
            .collect();
        set(&mut line, "user_verification", demand.clone());
        set(&mut line, "allow_algs", json!(algorithms));
        set(&mut line, "expect_fmt", json!(format));
        if !roots.is_empty() {
            set(&mut line, "trust_roots_pem", json!(roots));
        }
        Ok(line)
    }

    /// A login after it.
    pub(crate) fn login(
        &self,
        number: usize,
        options: &Value,
        got: &Value,
        credential: &Credential,
        asked: &str,
    ) -> Result<Value, String> {
        let mut line = self.line(&format!("login-{number}"), "authentication", got, asked);
        set(
            &mut line,
            "user_verification",
            options["userVerification"].clone(),
        );
        let stored = json!({
            "id": credential.id, "public_key_cose": BASE64_URL_SAFE_NO_PAD.encode(&credential.key),
            "sign_count": credential.sign_count, "backup_eligible": credential.backup_eligible,
            "user_handle": USER,
        });
        set(&mut line, "credential", stored);
        let key = Item::parse(&credential.key, Rules::CTAP2).and_then(|key| key.map());
        let algorithm = key.and_then(|key| key.integer_key(3)?.integer());
        set(
            &mut line,
            "allow_algs",
            json!([algorithm.map_err(|error| error.to_string())?]),
        );
        if let Some(appid) = options.pointer("/extensions/appid") {
            set(&mut line, "appid", appid.clone());
        }
        Ok(line)
    }

    fn line(&self, part: &str, kind: &str, response: &Value, asked: &str) -> Value {
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        let mut line = json!({
            "name": format!("chromium-{}-{part}", self.ceremony),
            "source": format!("tests/tests/recordings, {}", self.by),
            "type": kind,
            "rp_id": RP_ID,
            "origins": [ORIGIN],
            "challenge": CHALLENGE,
            "response": response,
            "credential": null,
            "trust_roots_pem": null,
            "verify_at": self.now,
            "expect": "ok",
            "notes": format!(
                "virtual authenticator {}, options {}",
                squeezed(self.authenticator),
                squeezed(asked)
            ),
        });
        if let Some(top) = self.top_origin {
            set(&mut line, "allow_cross_origin", json!(true));
            set(&mut line, "top_origins", json!([top]));
        }
        line
    }
}

fn set(line: &mut Value, member: &str, value: Value) {
    if let Some(members) = line.as_object_mut() {
        members.insert(member.to_owned(), value);
    }
}

fn bytes(answer: &Value, member: &str) -> Result<Vec<u8>, String> {
    let text = answer["response"][member].as_str();
    let text = text.ok_or_else(|| format!("the answer has no {member}"))?;
    BASE64_URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|error| error.to_string())
}

fn member<'a>(object: &'a [u8], name: &str) -> Result<Item<'a>, String> {
    Item::parse(object, Rules::ATTESTATION_OBJECT)
        .and_then(|object| object.map())
        .and_then(|object| object.text_key(name))
        .map_err(|error| error.to_string())
}

/// The certificates of the statement, DER.
fn certificates(object: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let statement = member(object, "attStmt")?
        .map()
        .map_err(|error| error.to_string())?;
    let Ok(chain) = statement.text_key("x5c") else {
        return Ok(Vec::new());
    };
    let chain = chain.array().map_err(|error| error.to_string())?;
    chain
        .map(|der| der.bytes().map(<[u8]>::to_vec))
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())
}

fn pem(der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let mut lines = vec!["-----BEGIN CERTIFICATE-----".to_owned()];
    lines.extend(
        text.as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8_lossy(line).into_owned()),
    );
    lines.push("-----END CERTIFICATE-----\n".to_owned());
    lines.join("\n")
}
