//! What came back, from the client (JSON, not signed) and from the authenticator (CBOR, signed).

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use super::inputs::PrfValues;
use crate::cbor::{Item, Key};
use crate::json::Base64Url;

/// How many outputs that are not known here are named in the report, and the longest name, in bytes.
const UNKNOWN_MAX: usize = 16;
const UNKNOWN_NAME_MAX: usize = 32;

/// `AuthenticationExtensionsClientOutputsJSON`. Not covered by any signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientOutputs {
    /// The AppID was used.
    pub appid: Option<bool>,
    /// The AppID was looked for.
    pub appid_exclude: Option<bool>,
    /// What the client knows about the new credential.
    pub cred_props: Option<CredentialProperties>,
    /// Secrets were made.
    pub hmac_create_secret: Option<bool>,
    /// The blob beside the credential.
    pub large_blob: Option<LargeBlobOutputs>,
    /// The pseudo-random function.
    pub prf: Option<PrfOutputs>,
    /// The names of others.
    pub unknown: Vec<String>,
}

/// `credProps`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct CredentialProperties {
    /// Whether it is discoverable; absent: the client does not know.
    #[serde(default)]
    pub rk: Option<bool>,
}

/// `largeBlob`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct LargeBlobOutputs {
    /// There is room.
    #[serde(default)]
    pub supported: Option<bool>,
    /// What was read.
    #[serde(default)]
    pub blob: Option<Base64Url>,
    /// It was written.
    #[serde(default)]
    pub written: Option<bool>,
}

/// `prf`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct PrfOutputs {
    /// The credential has one.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// Its values. Clients should not send them (§10.1.4 keeps them in the page).
    #[serde(default)]
    pub results: Option<PrfValues>,
}

impl<'de> Deserialize<'de> for ClientOutputs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = ClientOutputs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("client extension outputs")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut outputs = ClientOutputs::default();
                while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
                    let again = match &*name {
                        "appid" => outputs.appid.replace(map.next_value()?).is_some(),
                        "appidExclude" => outputs.appid_exclude.replace(map.next_value()?).is_some(),
                        "credProps" => outputs.cred_props.replace(map.next_value()?).is_some(),
                        "hmacCreateSecret" => outputs.hmac_create_secret.replace(map.next_value()?).is_some(),
                        "largeBlob" => outputs.large_blob.replace(map.next_value()?).is_some(),
                        "prf" => outputs.prf.replace(map.next_value()?).is_some(),
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                            note(&mut outputs.unknown, &name)
                        }
                    };
                    if again {
                        return Err(A::Error::custom("an extension stands twice"));
                    }
                }
                Ok(outputs)
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// The authenticator's outputs, covered by its signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthenticatorOutputs {
    /// `credProtect`: the level, as a number of CTAP 2.2 §12.1.
    pub cred_protect: Option<i64>,
    /// `minPinLength`, in code points.
    pub min_pin_length: Option<i64>,
    /// `credBlob` at registration: it was stored.
    pub cred_blob_stored: Option<bool>,
    /// `credBlob` at authentication: what was stored.
    pub cred_blob: Option<Base64Url>,
    /// `hmac-secret` at registration: there are secrets.
    pub hmac_secret: Option<bool>,
    /// The names of others, and of known ones whose value is of another type.
    pub unknown: Vec<String>,
}

impl AuthenticatorOutputs {
    /// Reads the map of authenticator data. What is of an unexpected type counts as unknown.
    #[must_use]
    pub fn read(extensions: Option<&Item<'_>>) -> Self {
        let mut outputs = Self::default();
        let Some(map) = extensions.and_then(|item| item.map().ok()) else {
            return outputs;
        };
        for (key, value) in map.entries() {
            let Key::Text(name) = key else { continue };
            let known = match name {
                "credProtect" => set(&mut outputs.cred_protect, value.integer().ok()),
                "minPinLength" => set(&mut outputs.min_pin_length, value.integer().ok()),
                "hmac-secret" => set(&mut outputs.hmac_secret, value.boolean().ok()),
                "credBlob" => {
                    set(&mut outputs.cred_blob_stored, value.boolean().ok())
                        || set(&mut outputs.cred_blob, value.bytes().ok().map(Base64Url::from))
                }
                _ => false,
            };
            if !known {
                note(&mut outputs.unknown, name);
            }
        }
        outputs
    }
}

/// One extension in a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Its identifier.
    pub name: String,
    /// It was asked for.
    pub requested: bool,
    /// The client answered.
    pub returned: bool,
    /// The authenticator answered, under its signature.
    pub signed: bool,
}

/// What became of every extension that was asked for or came by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExtensionReport {
    /// Each by its name.
    pub list: Vec<Extension>,
    /// What the client says.
    pub client: ClientOutputs,
    /// What the authenticator says.
    pub authenticator: AuthenticatorOutputs,
}

impl ExtensionReport {
    pub(crate) fn new(
        requested: &[(&str, bool)],
        client: &ClientOutputs,
        authenticator: AuthenticatorOutputs,
    ) -> Self {
        let mut report = Self {
            list: Vec::new(),
            client: client.clone(),
            authenticator,
        };
        for (name, requested) in requested {
            if *requested {
                report.entry(name).requested = true;
            }
        }
        for (name, there) in [
            ("appid", client.appid.is_some()),
            ("appidExclude", client.appid_exclude.is_some()),
            ("credProps", client.cred_props.is_some()),
            ("hmac-secret", client.hmac_create_secret.is_some()),
            ("largeBlob", client.large_blob.is_some()),
            ("prf", client.prf.is_some()),
        ] {
            if there {
                report.entry(name).returned = true;
            }
        }
        for name in &client.unknown {
            report.entry(name).returned = true;
        }
        let signed = &report.authenticator;
        let there = [
            ("credProtect", signed.cred_protect.is_some()),
            ("minPinLength", signed.min_pin_length.is_some()),
            (
                "credBlob",
                signed.cred_blob_stored.is_some() || signed.cred_blob.is_some(),
            ),
            ("hmac-secret", signed.hmac_secret.is_some()),
        ];
        let unknown = signed.unknown.clone();
        for (name, there) in there {
            if there {
                report.entry(name).signed = true;
            }
        }
        for name in &unknown {
            report.entry(name).signed = true;
        }
        report
    }

    /// The extensions that came without having been asked for.
    pub fn unsolicited(&self) -> impl Iterator<Item = &Extension> {
        self.list.iter().filter(|extension| !extension.requested)
    }

    fn entry(&mut self, name: &str) -> &mut Extension {
        let at = self.list.iter().position(|extension| extension.name == name);
        let at = at.unwrap_or(self.list.len());
        if at == self.list.len() {
            let name = name.to_owned();
            self.list.push(Extension {
                name,
                requested: false,
                returned: false,
                signed: false,
            });
        }
        #[expect(
            clippy::indexing_slicing,
            reason = "at is a position of the list, pushed above if it was none"
        )]
        &mut self.list[at]
    }
}

fn set<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    if value.is_some() {
        *place = value;
        return true;
    }
    false
}

/// Keeps a foreign name for the report; says whether it stood there already.
fn note(names: &mut Vec<String>, name: &str) -> bool {
    let twice = names.iter().any(|known| known == name);
    if !twice && names.len() < UNKNOWN_MAX && name.len() <= UNKNOWN_NAME_MAX {
        names.push(name.to_owned());
    }
    twice
}
