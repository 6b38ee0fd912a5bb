//! Android key (§8.4): `alg`, `sig`, `x5c`. The leaf is the credential key's own certificate; an extension in it
//! says where and for what the key was made. It can prove that a secure processor holds the key.

mod key_description;

use doorward_crypto::Algorithm;

use super::{AttestationType, Attested, Format, Signed, algorithm, leaf_key, members, signature, x5c};
use crate::cause::StatementFault;
use crate::cbor::Item;
use crate::policy::{AndroidKeyPolicy, Leniency};
use crate::step::{At, Fault, Step};
use crate::trust::Certificate;
use key_description::{AuthorizationList, KeyDescription, ORIGIN_GENERATED, PURPOSE_SIGN};

pub(super) struct AndroidKey<'a> {
    alg: Algorithm,
    sig: &'a [u8],
    x5c: Vec<Certificate<'a>>,
}

impl<'a> Format<'a> for AndroidKey<'a> {
    const NAME: &'static str = "android-key";

    fn parse(statement: &Item<'a>) -> Result<Self, Fault> {
        let map = members(statement, &["alg", "sig", "x5c"])?;
        Ok(Self {
            alg: algorithm(&map)?,
            sig: signature(&map)?,
            x5c: x5c::read(&map.text_key("x5c").at(Step::Statement)?)?,
        })
    }

    fn verify(self, signed: &Signed<'_, 'a>) -> Result<Attested<'a>, Fault> {
        let leaf = x5c::leaf(&self.x5c)?;
        signed.verify_with(leaf, self.alg, &signed.bytes(), self.sig)?;
        if leaf_key(leaf)? != *signed.key.key() {
            return Err(StatementFault::OtherKey).at(Step::AttestationKey);
        }
        let description = KeyDescription::of(leaf)?;
        if description.attestation_challenge != signed.client_data_hash {
            return Err(StatementFault::OtherNonce).at(Step::AttestationNonce);
        }
        let unrestricted = signed.leniencies.has(Leniency::AndroidKeyUnrestricted);
        authorizations(&description, signed.android_key, unrestricted)
            .map_err(StatementFault::KeyDescription)
            .at(Step::AndroidAuthorization)?;
        Ok(Attested::by(AttestationType::Certified, &self.x5c))
    }
}

/// §8.4, what the authorization lists must say.
fn authorizations(
    description: &KeyDescription<'_>,
    policy: AndroidKeyPolicy,
    unrestricted: bool,
) -> Result<(), &'static str> {
    let (software, trusted) = (&description.software_enforced, &description.hardware_enforced);
    if software.all_applications || trusted.all_applications {
        return Err("every application may use the key");
    }
    let lists: &[&AuthorizationList] = match policy {
        AndroidKeyPolicy::TrustedEnvironment => &[trusted],
        AndroidKeyPolicy::Either => &[trusted, software],
    };
    let origins: Vec<u64> = lists.iter().filter_map(|list| list.origin).collect();
    if origins.iter().any(|origin| *origin != ORIGIN_GENERATED) {
        return Err("the key was not made in the device");
    }
    let purposes: Vec<&[u64]> = lists.iter().filter_map(|list| list.purpose.as_deref()).collect();
    if purposes.iter().any(|purpose| *purpose != [PURPOSE_SIGN]) {
        return Err("the key is not for signing alone");
    }
    if (origins.is_empty() || purposes.is_empty()) && !unrestricted {
        return Err("origin or purpose is not said");
    }
    Ok(())
}

pub(super) fn read(bytes: &[u8]) {
    let _ = KeyDescription::parse(bytes).is_ok();
}
