//! One good ceremony, one fault, one step.

use std::sync::Arc;

use doorward_authenticator::{Attestation, Authority, Browser, Declined, Device, Fault, Flags};
use doorward_crypto::{NoRandom, Random, Timestamp, ring::Ring};
use doorward_webauthn::{
    AuthenticationResponse, CredentialRecord, Refused, RegistrationResponse, RelyingParty, Step, UserEntity,
    UserHandle,
    trust::{Anchors, Trust},
};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const ORIGIN: &str = "http://localhost:8080";

#[derive(Debug)]
struct Sevens;

impl Random for Sevens {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandom> {
        out.fill(7);
        Ok(())
    }
}

fn relying_party(trust: Trust) -> RelyingParty {
    RelyingParty::builder("localhost", [ORIGIN])
        .trust(trust)
        .build(Arc::new(Ring))
        .unwrap()
}

fn handle() -> UserHandle {
    UserHandle::new(b"ana".to_vec()).unwrap()
}

fn register(device: &mut Device, rp: &RelyingParty) -> Result<CredentialRecord, Refused> {
    let user = UserEntity {
        handle: handle(),
        name: "ana".into(),
        display_name: "Ana".into(),
    };
    let (options, kept) = rp
        .register(&user)
        .require_user_verification()
        .begin(&Sevens, NOW)
        .unwrap();
    let options = serde_json::to_value(&options).unwrap();
    let answer = Browser::at(ORIGIN).create(device, &options).unwrap();
    let answer = RegistrationResponse::from_json(answer.to_string().as_bytes()).unwrap();
    kept.finish(&answer, rp, NOW)
        .map(|registration| registration.record)
}

fn sign_in(device: &mut Device, record: &mut CredentialRecord, rp: &RelyingParty) -> Result<(), Refused> {
    let (options, kept) = rp
        .authenticate()
        .require_user_verification()
        .discoverable()
        .begin(&Sevens, NOW)
        .unwrap();
    let options = serde_json::to_value(&options).unwrap();
    let answer = Browser::at(ORIGIN).get(device, &options).unwrap();
    let answer = AuthenticationResponse::from_json(answer.to_string().as_bytes()).unwrap();
    let login = kept.finish(&answer, &handle(), record, rp, NOW)?;
    login.apply(record);
    Ok(())
}

#[test]
fn each_kind_of_device_registers_and_signs_in_twice() {
    let aaguid = *b"doorward-softkey";
    let authority = Authority::from_seed("factory", aaguid);
    let mut anchors = Anchors::default();
    anchors.add_der(authority.root_der()).unwrap();
    let synced = Flags {
        verified: true,
        backup_eligible: true,
        backed_up: true,
    };
    for (device, trust) in [
        (Device::from_seed("none"), Trust::unchecked()),
        (
            Device::from_seed("synced").with_flags(synced).without_counter(),
            Trust::unchecked(),
        ),
        (
            Device::from_seed("self").attesting(aaguid, Attestation::PackedSelf),
            Trust::unchecked(),
        ),
        (
            Device::from_seed("packed").attesting(aaguid, Attestation::Packed(Box::new(authority))),
            Trust::anchors(anchors),
        ),
    ] {
        let (rp, mut device) = (relying_party(trust), device);
        let mut record = register(&mut device, &rp).unwrap();
        sign_in(&mut device, &mut record, &rp).unwrap();
        sign_in(&mut device, &mut record, &rp).unwrap();
    }
}

#[test]
fn an_authority_that_is_no_anchor_is_refused() {
    let aaguid = *b"doorward-softkey";
    let authority = Authority::from_seed("somebody", aaguid);
    let mut anchors = Anchors::default();
    anchors
        .add_der(Authority::from_seed("factory", aaguid).root_der())
        .unwrap();
    let mut device = Device::from_seed("packed").attesting(aaguid, Attestation::Packed(Box::new(authority)));
    let refused = register(&mut device, &relying_party(Trust::anchors(anchors))).unwrap_err();
    assert_eq!(refused.step, Step::AttestationChain);
}

#[test]
fn each_fault_is_refused_at_its_step() {
    let rp = relying_party(Trust::unchecked());
    for (fault, create, get) in [
        (
            Fault::Signature,
            Some(Step::AttestationSignature),
            Some(Step::Signature),
        ),
        (Fault::Challenge, Some(Step::Challenge), Some(Step::Challenge)),
        (Fault::Type, Some(Step::Type), Some(Step::Type)),
        (
            Fault::CrossOrigin,
            Some(Step::CrossOrigin),
            Some(Step::CrossOrigin),
        ),
        (Fault::RpIdHash, Some(Step::RpIdHash), Some(Step::RpIdHash)),
        (
            Fault::UserAbsent,
            Some(Step::UserPresence),
            Some(Step::UserPresence),
        ),
        (
            Fault::Unverified,
            Some(Step::UserVerification),
            Some(Step::UserVerification),
        ),
        (
            Fault::BackupFlags,
            Some(Step::BackupFlags),
            Some(Step::BackupFlags),
        ),
        (
            Fault::TrailingByte,
            Some(Step::AuthenticatorData),
            Some(Step::AuthenticatorData),
        ),
        (Fault::CounterStill, None, Some(Step::SignCount)),
        (Fault::UserHandle, None, Some(Step::UserHandle)),
    ] {
        let mut device = Device::from_seed("faulty").attesting([0; 16], Attestation::PackedSelf);
        let mut record = register(&mut device, &rp).unwrap();
        sign_in(&mut device, &mut record, &rp).unwrap();
        device.set_fault(Some(fault));
        assert_eq!(
            sign_in(&mut device, &mut record, &rp)
                .map_err(|refused| refused.step)
                .err(),
            get,
            "{fault:?}"
        );
        let mut other = Device::from_seed("other").attesting([0; 16], Attestation::PackedSelf);
        other.set_fault(Some(fault));
        assert_eq!(
            register(&mut other, &rp).map_err(|refused| refused.step).err(),
            create,
            "{fault:?}"
        );
    }
}

#[test]
fn an_excluded_credential_makes_the_device_decline() {
    let mut device = Device::from_seed("laptop");
    let options = serde_json::json!({
        "challenge": "AAAAAAAAAAAAAAAAAAAAAA", "rp": { "id": "localhost" }, "user": { "id": "AQ" },
        "pubKeyCredParams": [{ "type": "public-key", "alg": -8 }],
    });
    let browser = Browser::at(ORIGIN);
    let made = browser.create(&mut device, &options).unwrap();
    let mut again = options.clone();
    again["excludeCredentials"] = serde_json::json!([{ "type": "public-key", "id": made["id"] }]);
    assert_eq!(
        browser.create(&mut device, &again),
        Err(Declined::AlreadyRegistered)
    );
}
