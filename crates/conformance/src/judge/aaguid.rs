//! Names of authenticator models: every key of the file must be an AAGUID as `webauthn` reads and writes it.

use std::collections::BTreeMap;

use doorward_webauthn::Aaguid;

use super::{Cases, Source};
use crate::case::{Case, Refusal};

pub(super) fn names(source: &Source<'_>) -> Cases {
    let names: BTreeMap<String, String> = serde_json::from_str(source.text)?;
    let cases = names.into_keys().map(|text| {
        let read = text
            .parse::<Aaguid>()
            .map(|aaguid| aaguid.to_string())
            .map_err(Refusal::because);
        Case::value(format!("aaguid {text}"), &text, read)
    });
    Ok(cases.collect())
}
