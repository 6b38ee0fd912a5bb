//! What is recorded: each virtual authenticator, what it is asked, and how it is used afterwards.

use std::time::Duration;

use doorward_tests::browser::{Authenticator, Page};
use serde_json::{Value, json};

use crate::line::{self, CHALLENGE, ORIGIN, RP_ID, USER};

/// A registration and the logins after it.
pub(crate) struct Ceremony {
    pub(crate) name: &'static str,
    /// Options of the virtual authenticator over those of a platform authenticator, JSON.
    authenticator: &'static str,
    /// Members of the creation options over the usual ones, JSON.
    create: &'static str,
    /// The same for each login; `{}` names the credential, `"allowCredentials":[]` lets it be found.
    logins: &'static [&'static str],
    /// The page that the ceremonies run in, or the page above the frame.
    page: &'static str,
}

/// An ordinary page of the relying party.
const OWN: &str = "https://example.org";
/// A page of somebody else with the relying party in a frame. It is below the same registrable name, so that one
/// process has both; the origins differ, which is what counts.
const FRAMED: &str = "https://shop.example.org";

const DISCOVERED: &str = r#"{"allowCredentials":[]}"#;
const UNVERIFIED: &str = r#"{"userVerification":"discouraged"}"#;

macro_rules! ceremony {
    ($name:literal, $authenticator:expr, $create:expr, $logins:expr) => {
        ceremony!($name, $authenticator, $create, $logins, OWN)
    };
    ($name:literal, $authenticator:expr, $create:expr, $logins:expr, $page:expr) => {
        Ceremony {
            name: $name,
            authenticator: $authenticator,
            create: $create,
            logins: $logins,
            page: $page,
        }
    };
}

/// An algorithm, attested.
macro_rules! algorithm {
    ($name:literal, $number:literal) => {
        ceremony!(
            $name,
            "{}",
            concat!(
                r#"{"attestation":"direct","pubKeyCredParams":[{"type":"public-key","alg":"#,
                $number,
                "}]}"
            ),
            &["{}"]
        )
    };
}

/// A way to reach the authenticator, attested.
macro_rules! transport {
    ($name:literal) => {
        ceremony!(
            $name,
            concat!(r#"{"transport":""#, $name, r#""}"#),
            r#"{"attestation":"direct"}"#,
            &["{}"]
        )
    };
}

/// A key that cannot be found, of an authenticator that verifies nobody.
const SECOND_FACTOR: &str = r#"{"attestation":"direct","authenticatorSelection":{"residentKey":"discouraged","userVerification":"discouraged"}}"#;

pub(crate) const CEREMONIES: &[Ceremony] = &[
    ceremony!("internal", "{}", "{}", &["{}", DISCOVERED]),
    ceremony!("internal-direct", "{}", r#"{"attestation":"direct"}"#, &["{}"]),
    transport!("usb"),
    transport!("nfc"),
    transport!("ble"),
    transport!("hybrid"),
    transport!("smart-card"),
    ceremony!(
        "usb-enterprise",
        r#"{"transport":"usb"}"#,
        r#"{"attestation":"enterprise"}"#,
        &[DISCOVERED]
    ),
    ceremony!(
        "usb-ctap2.0-not-resident",
        BOUND_CTAP2_0,
        SECOND_FACTOR,
        &[UNVERIFIED]
    ),
    ceremony!(
        "u2f",
        BOUND_U2F,
        SECOND_FACTOR,
        &[
            UNVERIFIED,
            r#"{"userVerification":"discouraged","extensions":{"appid":"https://example.org/appid.json"}}"#
        ]
    ),
    ceremony!(
        "u2f-none",
        BOUND_U2F,
        r#"{"authenticatorSelection":{"residentKey":"discouraged","userVerification":"discouraged"}}"#,
        &[UNVERIFIED]
    ),
    ceremony!(
        "backed-up",
        r#"{"defaultBackupEligibility":true,"defaultBackupState":true}"#,
        "{}",
        &["{}", DISCOVERED]
    ),
    ceremony!(
        "eligible-for-backup",
        r#"{"defaultBackupEligibility":true,"defaultBackupState":false}"#,
        "{}",
        &["{}"]
    ),
    ceremony!("extensions", EXTENDED, ASKED_OF_EXTENSIONS, EXTENSIONS_USED),
    ceremony!(
        "usb-extensions",
        EXTENDED_USB,
        ASKED_OF_EXTENSIONS,
        EXTENSIONS_USED
    ),
    algorithm!("eddsa", "-8"),
    algorithm!("rs256", "-257"),
    algorithm!("ml-dsa-44", "-48"),
    algorithm!("ml-dsa-65", "-49"),
    algorithm!("ml-dsa-87", "-50"),
    ceremony!("framed", "{}", "{}", &["{}", DISCOVERED], FRAMED),
];

const BOUND_CTAP2_0: &str = r#"{"ctap2Version":"ctap2_0","hasResidentKey":false,"hasUserVerification":false,"isUserVerified":false,"transport":"usb"}"#;
const BOUND_U2F: &str = r#"{"protocol":"u2f","hasResidentKey":false,"hasUserVerification":false,"isUserVerified":false,"transport":"usb"}"#;
const EXTENDED: &str = r#"{"hasLargeBlob":true,"hasPrf":true,"hasMinPinLength":true,"hasCredBlob":true}"#;
const EXTENDED_USB: &str =
    r#"{"hasLargeBlob":true,"hasPrf":true,"hasMinPinLength":true,"hasCredBlob":true,"transport":"usb"}"#;
const ASKED_OF_EXTENSIONS: &str = r#"{
    "authenticatorSelection":{"residentKey":"required","userVerification":"required"},
    "extensions":{
        "credProps":true,"largeBlob":{"support":"preferred"},"minPinLength":true,"credBlob":"YmxvYg",
        "prf":{"eval":{"first":"c2FsdA"}},
        "credentialProtectionPolicy":"userVerificationRequired","enforceCredentialProtectionPolicy":true
    }}"#;
const EXTENSIONS_USED: &[&str] = &[
    r#"{"userVerification":"required","extensions":{"largeBlob":{"write":"YmxvYg"}}}"#,
    r#"{"userVerification":"required","extensions":{"largeBlob":{"read":true},"getCredBlob":true}}"#,
    r#"{"userVerification":"required","extensions":{"prf":{"eval":{"first":"c2FsdA","second":"c2FsdDI"}}}}"#,
];

impl Ceremony {
    /// Registers and logs in; a line each.
    pub(crate) async fn record(&self, page: &Page, version: &str) -> Result<Vec<Value>, String> {
        self.open(page).await?;
        let authenticator = Authenticator::with(page, read(self.authenticator)?).await?;
        let options = over(
            json!({
                "challenge": CHALLENGE, "rp": { "id": RP_ID, "name": "Example" },
                "user": { "id": USER, "name": "somebody", "displayName": "Somebody" },
                "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }], "attestation": "none", "timeout": 10000,
                "authenticatorSelection": { "residentKey": "required", "userVerification": "preferred" },
            }),
            read(self.create)?,
        );
        let created = ask(page, "create", "parseCreationOptionsFromJSON", &options).await?;
        let now = page.eval("Math.floor(Date.now() / 1000)").await?;
        let scene = line::Scene {
            ceremony: self.name,
            by: version,
            authenticator: self.authenticator,
            top_origin: (self.page == FRAMED).then_some(FRAMED),
            now: now.as_u64().unwrap_or_default(),
        };
        let mut credential = line::Credential::of(&created)?;
        let mut lines = vec![scene.registration(&options, &created, self.create)?];
        for (number, login) in self.logins.iter().enumerate() {
            let options = over(
                json!({
                    "challenge": CHALLENGE, "rpId": RP_ID, "userVerification": "preferred", "timeout": 10000,
                    "allowCredentials": [{ "type": "public-key", "id": created["id"] }],
                }),
                read(login)?,
            );
            let got = ask(page, "get", "parseRequestOptionsFromJSON", &options).await?;
            lines.push(scene.login(number + 1, &options, &got, &credential, login)?);
            credential.used(&got)?;
        }
        authenticator.remove(page).await?;
        Ok(lines)
    }

    /// Opens the page, and waits until the relying party's part of it can be spoken to.
    async fn open(&self, page: &Page) -> Result<(), String> {
        page.open(&format!("{}/", self.page)).await?;
        for _ in 0..100 {
            if page.eval_at(ORIGIN, "1").await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err("the relying party's page does not come".to_owned())
    }
}

/// The document of every page: that of the relying party stands alone, any other has it in a frame.
pub(crate) fn document() -> String {
    format!(
        "<!doctype html><title>Recording</title><script>if (location.origin !== '{ORIGIN}') \
         document.write('<iframe src=\"{ORIGIN}/\" allow=\"publickey-credentials-create; \
         publickey-credentials-get\"></iframe>')</script>"
    )
}

/// Calls `navigator.credentials` with options in JSON; the answer as `toJSON` gives it.
async fn ask(page: &Page, call: &str, reader: &str, options: &Value) -> Result<Value, String> {
    let script = format!(
        "navigator.credentials.{call}({{ publicKey: PublicKeyCredential.{reader}({options}) }}) \
         .then((credential) => credential.toJSON())"
    );
    page.eval_at(ORIGIN, &script).await
}

fn read(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("{text}: {error}"))
}

/// The members of the first with those of the second over them.
fn over(mut usual: Value, special: Value) -> Value {
    if let (Some(usual), Value::Object(special)) = (usual.as_object_mut(), special) {
        usual.extend(special);
    }
    usual
}
