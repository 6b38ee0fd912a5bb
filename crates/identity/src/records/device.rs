//! A device that waits for a person (RFC 8628): by the hash of its own code, and under the code that people type.

use core::time::Duration;

use doorward_crypto::Timestamp;
use doorward_oidc::device::DeviceGrant;
use doorward_storage::{Kind, Record};
use serde::{Deserialize, Serialize};

use crate::ids::{Digest, GrantId};

/// A device is remembered so long after its code has expired: that it has is told by another error than that there
/// is none.
const REMEMBERED: Duration = Duration::from_secs(600);

/// A device that asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Device {
    /// Hash of the code that it polls with.
    pub code: Digest,
    /// What it asked for, and how far the person has come.
    pub state: DeviceGrant,
    /// The grant, once the person has allowed it.
    #[serde(default)]
    pub grant: Option<GrantId>,
    /// From which address it asked.
    #[serde(default)]
    pub address: Option<String>,
    /// When it asked.
    #[serde(with = "doorward_storage::times")]
    pub asked_at: Timestamp,
}

impl Record for Device {
    const KIND: Kind = Kind::new(b'V', "device");
    const VERSION: u8 = 1;
    type Id = Digest;

    fn id(&self) -> Digest {
        self.code
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.state.expires_at.plus(REMEMBERED))
    }
}

/// Which device a typed code stands for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TypedCode {
    /// Keyed hash of the code: its 34 bits alone could be guessed.
    pub typed: Digest,
    /// The device.
    pub device: Digest,
    /// When it ends.
    #[serde(with = "doorward_storage::times")]
    pub ends_at: Timestamp,
}

impl Record for TypedCode {
    const KIND: Kind = Kind::new(b'U', "user code");
    const VERSION: u8 = 1;
    type Id = Digest;

    fn id(&self) -> Digest {
        self.typed
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.ends_at)
    }
}
