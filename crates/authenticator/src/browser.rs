//! What a browser adds: client data, the origin, the JSON forms of Level 3.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    device::{Declined, Device},
    fault::Fault,
};

/// A browser on a page of this origin.
#[derive(Debug, Clone)]
pub struct Browser {
    origin: String,
}

impl Browser {
    /// A browser whose page was served from here.
    #[must_use]
    pub fn at(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
        }
    }

    /// `navigator.credentials.create()`: options in their JSON form, response in its own.
    ///
    /// # Errors
    /// [`Declined`] when the device will not, or the options are unusable.
    pub fn create(&self, device: &mut Device, options: &Value) -> Result<Value, Declined> {
        let client_data = self.client_data("webauthn.create", options, device.fault())?;
        let rp_id = self.rp_id(options["rp"]["id"].as_str());
        let user = bytes(&options["user"]["id"]).ok_or(Declined::Options("user id"))?;
        let algorithms: Vec<i64> = entries(&options["pubKeyCredParams"])
            .filter_map(|p| p["alg"].as_i64())
            .collect();
        let exclude: Vec<_> = entries(&options["excludeCredentials"])
            .filter_map(|c| bytes(&c["id"]))
            .collect();
        let hash = Sha256::digest(&client_data).into();
        let made = device.create(&rp_id, &user, &algorithms, &exclude, &hash)?;
        let id = text(&made.id);
        Ok(json!({
            "id": id, "rawId": id, "type": "public-key", "authenticatorAttachment": "platform",
            "response": {
                "clientDataJSON": text(&client_data),
                "attestationObject": text(&made.attestation_object),
                "transports": ["internal"],
            },
            "clientExtensionResults": { "credProps": { "rk": true } },
        }))
    }

    /// `navigator.credentials.get()`, likewise.
    ///
    /// # Errors
    /// [`Declined`] when no credential fits, or the options are unusable.
    pub fn get(&self, device: &mut Device, options: &Value) -> Result<Value, Declined> {
        let client_data = self.client_data("webauthn.get", options, device.fault())?;
        let rp_id = self.rp_id(options["rpId"].as_str());
        let allow: Vec<_> = entries(&options["allowCredentials"])
            .filter_map(|c| bytes(&c["id"]))
            .collect();
        let asserted = device.get(&rp_id, &allow, &Sha256::digest(&client_data).into())?;
        let id = text(&asserted.id);
        Ok(json!({
            "id": id, "rawId": id, "type": "public-key", "authenticatorAttachment": "platform",
            "response": {
                "clientDataJSON": text(&client_data),
                "authenticatorData": text(&asserted.authenticator_data),
                "signature": text(&asserted.signature),
                "userHandle": text(&asserted.user_handle),
            },
            "clientExtensionResults": {},
        }))
    }

    /// The serialisation of §5.8.1.1: these members, in this order.
    fn client_data(&self, kind: &str, options: &Value, fault: Option<Fault>) -> Result<Vec<u8>, Declined> {
        let challenge = options["challenge"]
            .as_str()
            .ok_or(Declined::Options("challenge"))?;
        let (kind, challenge) = match fault {
            Some(Fault::Type) if kind == "webauthn.get" => ("webauthn.create", challenge),
            Some(Fault::Type) => ("webauthn.get", challenge),
            Some(Fault::Challenge) => (kind, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
            _ => (kind, challenge),
        };
        let cross = fault == Some(Fault::CrossOrigin);
        Ok(format!(
            r#"{{"type":{},"challenge":{},"origin":{},"crossOrigin":{cross}}}"#,
            json!(kind),
            json!(challenge),
            json!(self.origin)
        )
        .into_bytes())
    }

    fn rp_id(&self, asked: Option<&str>) -> String {
        let host = || {
            url::Url::parse(&self.origin)
                .ok()
                .and_then(|origin| origin.host_str().map(ToOwned::to_owned))
        };
        asked.map(ToOwned::to_owned).or_else(host).unwrap_or_default()
    }
}

fn entries(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn bytes(text: &Value) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text.as_str()?).ok()
}

fn text(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}
