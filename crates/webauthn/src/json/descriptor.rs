//! `PublicKeyCredentialDescriptorJSON` (§5.8.3) and transports (§5.8.4).

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};

use crate::CredentialId;
use crate::limits::TRANSPORT_NAME_MAX;

/// A credential as options name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialDescriptor {
    /// Always `public-key`.
    #[serde(rename = "type")]
    pub kind: PublicKeyType,
    /// Which.
    pub id: CredentialId,
    /// How it was reached when it was made, so that the browser shows the right dialog.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transports: Vec<Transport>,
}

impl CredentialDescriptor {
    /// A descriptor of this credential.
    #[must_use]
    pub const fn new(id: CredentialId, transports: Vec<Transport>) -> Self {
        Self {
            kind: PublicKeyType,
            id,
            transports,
        }
    }
}

/// The text `public-key`, the only type of credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PublicKeyType;

impl PublicKeyType {
    /// The text.
    pub const TEXT: &'static str = "public-key";
}

impl Serialize for PublicKeyType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Self::TEXT)
    }
}

impl<'de> Deserialize<'de> for PublicKeyType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        if text == Self::TEXT {
            Ok(Self)
        } else {
            Err(D::Error::custom("type is not public-key"))
        }
    }
}

/// A transport. The registry grows, so names that are not known here are kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Cow<'_, str>")]
pub struct Transport(Cow<'static, str>);

impl Transport {
    /// The device itself.
    pub const INTERNAL: Self = Self(Cow::Borrowed("internal"));
    /// A phone, over QR code and radio.
    pub const HYBRID: Self = Self(Cow::Borrowed("hybrid"));
    /// USB.
    pub const USB: Self = Self(Cow::Borrowed("usb"));
    /// Near field communication.
    pub const NFC: Self = Self(Cow::Borrowed("nfc"));
    /// Bluetooth Low Energy.
    pub const BLE: Self = Self(Cow::Borrowed("ble"));
    /// A card with contacts.
    pub const SMART_CARD: Self = Self(Cow::Borrowed("smart-card"));

    const KNOWN: [Self; 6] = [
        Self::INTERNAL,
        Self::HYBRID,
        Self::USB,
        Self::NFC,
        Self::BLE,
        Self::SMART_CARD,
    ];

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// A name that is no transport: empty, longer than 32 bytes, or not of printable ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a transport")]
pub struct NotATransport;

impl TryFrom<Cow<'_, str>> for Transport {
    type Error = NotATransport;

    fn try_from(name: Cow<'_, str>) -> Result<Self, NotATransport> {
        if let Some(known) = Self::KNOWN.iter().find(|known| known.0 == name) {
            return Ok(known.clone());
        }
        let printable = name.bytes().all(|byte| byte.is_ascii_graphic());
        if name.is_empty() || name.len() > TRANSPORT_NAME_MAX || !printable {
            return Err(NotATransport);
        }
        Ok(Self(Cow::Owned(name.into_owned())))
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
