//! A relying party that takes security keys of known models only: FIDO metadata, revocations, certification.
//!
//! ```text
//! cargo run -p doorward-webauthn --example attestation_policy -- blob.jwt root.pem [list.crl…]
//! ```

use std::fs;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use doorward_crypto::Timestamp;
use doorward_crypto::ring::Ring;
use doorward_webauthn::metadata::{Blob, Certification, MetadataPolicy, Signer, Stale};
use doorward_webauthn::policy::Attestation;
use doorward_webauthn::trust::{Anchors, Missing, Revocations, Trust};
use doorward_webauthn::{BackupEligibility, RelyingParty};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let blob = fs::read_to_string(arguments.next().ok_or("which blob?")?)?;
    let mut roots = Anchors::new();
    roots.add_pem(&fs::read_to_string(arguments.next().ok_or("which root?")?)?)?;
    let mut revocations = Revocations::new(Missing::Pass);
    for list in arguments {
        revocations.add_der(&fs::read(list)?)?;
    }

    // A program has one place that reads the clock. Keep the blob's number, and pass it as `previous` next time.
    #[expect(clippy::disallowed_methods, reason = "an example is its own program")]
    let now = Timestamp::from_seconds(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs());
    let blob = Blob::verify(&blob, &Signer::fido(), &roots, &revocations, None, &Ring, now)?;
    println!(
        "blob {} with {} models, next update {}",
        blob.number(),
        blob.entries().len(),
        blob.next_update()
    );

    let policy = MetadataPolicy {
        certification: Certification::Level1,
        stale: Stale::Accept, // this example may be run with an old blob
        ..MetadataPolicy::default()
    };
    let rp = RelyingParty::builder("example.org", ["https://login.example.org"])
        .attestation(Attestation::Direct)
        .trust(Trust::metadata(Arc::new(blob), policy).revocations(revocations))
        .backup_eligibility(BackupEligibility::DeviceBound)
        .build(Arc::new(Ring))?;
    println!("{} offers {:?}", rp.id().as_str(), rp.algorithms());
    Ok(())
}
