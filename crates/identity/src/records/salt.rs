//! The salt of pairwise subjects: one record, written once.

use doorward_storage::{Kind, Record};
use serde::{Deserialize, Serialize};

/// The salt, sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Salt {
    /// 32 bytes, sealed.
    #[serde(with = "crate::ids::byte_string")]
    pub sealed: Vec<u8>,
}

impl Record for Salt {
    const KIND: Kind = Kind::new(b'Y', "pairwise salt");
    const VERSION: u8 = 1;
    type Id = ();

    fn id(&self) {}
}
