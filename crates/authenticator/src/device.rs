//! The authenticator: credentials, counters, flags.

use sha2::{Digest, Sha256};

use crate::{
    attestation::Attestation,
    cbor::Value,
    fault::Fault,
    keys::{Dice, Key, KeyType},
};

/// A software authenticator.
#[derive(Debug, Clone)]
pub struct Device {
    dice: Dice,
    credentials: Vec<Credential>,
    aaguid: [u8; 16],
    attestation: Attestation,
    flags: Flags,
    counting: bool,
    fault: Option<Fault>,
}

/// What the device says about its user and its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags {
    /// UV: the user is verified.
    pub verified: bool,
    /// BE: keys may be backed up.
    pub backup_eligible: bool,
    /// BS: keys are backed up.
    pub backed_up: bool,
}

/// One discoverable credential.
#[derive(Debug, Clone)]
struct Credential {
    id: Vec<u8>,
    rp_id: String,
    user_handle: Vec<u8>,
    key: Key,
    count: u32,
}

/// Why a device does not answer, as a browser would tell it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Declined {
    /// An excluded credential is on this device (`InvalidStateError`).
    #[error("this device already holds an excluded credential")]
    AlreadyRegistered,
    /// None of the algorithms offered can be had here (`NotSupportedError`).
    #[error("none of the algorithms offered is known here")]
    NoAlgorithm,
    /// No credential fits (`NotAllowedError`).
    #[error("no credential fits")]
    NoCredential,
    /// The options are not what the specification says.
    #[error("the options have no usable {0}")]
    Options(&'static str),
}

/// What a device makes at registration.
pub(crate) struct Made {
    pub(crate) id: Vec<u8>,
    pub(crate) attestation_object: Vec<u8>,
}

/// What a device signs at authentication.
pub(crate) struct Asserted {
    pub(crate) id: Vec<u8>,
    pub(crate) user_handle: Vec<u8>,
    pub(crate) authenticator_data: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl Device {
    /// A device whose keys all follow from this name. It verifies its user, counts, and attests nothing.
    #[must_use]
    pub fn from_seed(name: &str) -> Self {
        Self {
            dice: Dice::from_seed(name),
            credentials: Vec::new(),
            aaguid: [0; 16],
            attestation: Attestation::None,
            flags: Flags {
                verified: true,
                backup_eligible: false,
                backed_up: false,
            },
            counting: true,
            fault: None,
        }
    }

    /// The same device, of this model and with this attestation.
    #[must_use]
    pub fn attesting(mut self, aaguid: [u8; 16], attestation: Attestation) -> Self {
        self.aaguid = aaguid;
        self.attestation = attestation;
        self
    }

    /// The same device with other flags.
    #[must_use]
    pub fn with_flags(mut self, flags: Flags) -> Self {
        self.flags = flags;
        self
    }

    /// The same device without counters: each answer says zero, as synced passkeys do.
    #[must_use]
    pub fn without_counter(mut self) -> Self {
        self.counting = false;
        self
    }

    /// The mistake of the next answers; `None` mends it.
    pub fn set_fault(&mut self, fault: Option<Fault>) {
        self.fault = fault;
    }

    /// The mistake that was asked for.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// The ids that it holds for an RP ID.
    #[must_use]
    pub fn credential_ids(&self, rp_id: &str) -> Vec<Vec<u8>> {
        self.credentials
            .iter()
            .filter(|held| held.rp_id == rp_id)
            .map(|held| held.id.clone())
            .collect()
    }

    pub(crate) fn create(
        &mut self,
        rp_id: &str,
        user_handle: &[u8],
        algorithms: &[i64],
        exclude: &[Vec<u8>],
        client_data_hash: &[u8; 32],
    ) -> Result<Made, Declined> {
        if self
            .credentials
            .iter()
            .any(|held| held.rp_id == rp_id && exclude.contains(&held.id))
        {
            return Err(Declined::AlreadyRegistered);
        }
        let kind = algorithms.iter().find_map(|algorithm| match algorithm {
            -7 => Some(KeyType::Es256),
            -8 => Some(KeyType::EdDsa),
            _ => None,
        });
        let key = Key::make(kind.ok_or(Declined::NoAlgorithm)?, &mut self.dice);
        let id = self.dice.throw().to_vec();
        let mut data = self.head(rp_id, 0x40, 0);
        data.extend_from_slice(&self.aaguid);
        data.extend_from_slice(&u16::try_from(id.len()).unwrap_or(u16::MAX).to_be_bytes());
        data.extend_from_slice(&id);
        data.extend(key.cose().encode());
        if self.fault == Some(Fault::TrailingByte) {
            data.push(0);
        }
        let mut signed = data.clone();
        signed.extend_from_slice(client_data_hash);
        if self.fault == Some(Fault::Signature) {
            signed.push(0);
        }
        let (format, statement) = self.attestation.statement(&key, &signed);
        let object = Value::Map(vec![
            (Value::text("fmt"), Value::text(format)),
            (Value::text("attStmt"), statement),
            (Value::text("authData"), Value::Bytes(data)),
        ]);
        self.credentials.push(Credential {
            id: id.clone(),
            rp_id: rp_id.to_owned(),
            user_handle: user_handle.to_vec(),
            key,
            count: 0,
        });
        Ok(Made {
            id,
            attestation_object: object.encode(),
        })
    }

    pub(crate) fn get(
        &mut self,
        rp_id: &str,
        allow: &[Vec<u8>],
        client_data_hash: &[u8; 32],
    ) -> Result<Asserted, Declined> {
        let (fault, counting) = (self.fault, self.counting);
        // The newest one, as a person with several would likely choose.
        let fits = |held: &Credential| held.rp_id == rp_id && (allow.is_empty() || allow.contains(&held.id));
        let at = self
            .credentials
            .iter()
            .rposition(fits)
            .ok_or(Declined::NoCredential)?;
        let held = self.credentials.get_mut(at).ok_or(Declined::NoCredential)?;
        if counting && fault != Some(Fault::CounterStill) {
            held.count += 1;
        }
        let (count, held) = (held.count, held.clone());
        let mut data = self.head(rp_id, 0, count);
        if fault == Some(Fault::TrailingByte) {
            data.push(0);
        }
        let mut signed = data.clone();
        signed.extend_from_slice(client_data_hash);
        if fault == Some(Fault::Signature) {
            signed.push(0);
        }
        let mut user_handle = held.user_handle;
        if fault == Some(Fault::UserHandle)
            && let Some(byte) = user_handle.first_mut()
        {
            *byte ^= 1;
        }
        Ok(Asserted {
            id: held.id,
            user_handle,
            authenticator_data: data,
            signature: held.key.sign(&signed),
        })
    }

    /// RP ID hash, flags and counter: the first 37 bytes (§6.1).
    fn head(&self, rp_id: &str, more: u8, count: u32) -> Vec<u8> {
        let other = if self.fault == Some(Fault::RpIdHash) {
            "elsewhere.example"
        } else {
            rp_id
        };
        let mut flags = more;
        let mut set = |bit: u8, on: bool| flags |= if on { bit } else { 0 };
        set(0x01, self.fault != Some(Fault::UserAbsent));
        set(0x04, self.flags.verified && self.fault != Some(Fault::Unverified));
        set(
            0x08,
            self.flags.backup_eligible && self.fault != Some(Fault::BackupFlags),
        );
        set(
            0x10,
            self.flags.backed_up || self.fault == Some(Fault::BackupFlags),
        );
        let mut head = Sha256::digest(other.as_bytes()).to_vec();
        head.push(flags);
        head.extend_from_slice(&count.to_be_bytes());
        head
    }
}
