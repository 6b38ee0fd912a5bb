//! `[storage]`

use std::path::PathBuf;

use super::section::section;

section! {
    /// Where the store lies, and the key that seals its secrets.
    storage: Storage;

    /// The folder of the store. Empty: `doorward` in the platform's folder for data.
    data: Option<PathBuf> = "";

    /// The file with the keys that seal secrets in the store; it is made at the first start. Empty: `seal.key` in
    /// the data folder. Keep it apart from backups of the store.
    seal_key: Option<PathBuf> = "";
}
