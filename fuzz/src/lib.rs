//! What the targets of `doorward-webauthn` know: the honest authenticators and authorities that made its seeds.

use std::sync::{Arc, LazyLock};

use doorward_crypto::Provider;
use doorward_crypto::rustcrypto::RustCrypto;
use doorward_webauthn::fuzzing::{Assertion, Known};

macro_rules! seed {
    ($path:literal) => {
        include_bytes!(concat!("../seeds/webauthn_", $path))
    };
}

/// Everything was made with the keys of one house; `the_seeds_are_what_is_made` holds the files to it.
pub static KNOWN: Known<'static> = Known {
    chains: &[
        seed!("path/packed"),
        seed!("path/android-key"),
        seed!("path/android-safetynet"),
        seed!("path/apple"),
        seed!("path/compound"),
        seed!("path/fido-u2f"),
        seed!("path/tpm"),
    ],
    objects: &[
        seed!("attestation_object/packed"),
        seed!("attestation_object/android-key"),
        seed!("attestation_object/android-safetynet"),
        seed!("attestation_object/apple"),
        seed!("attestation_object/compound"),
        seed!("attestation_object/fido-u2f"),
        seed!("attestation_object/tpm"),
    ],
    created: seed!("client_data/create"),
    asserted: Assertion {
        client_data: seed!("client_data/get"),
        authenticator_data: seed!("authenticator_data/get"),
        key: seed!("cose_key/es256"),
    },
    lists: seed!("revocation_list/both"),
    revoking: seed!("revocation_list/refused-revoking"),
    blob: include_str!("../seeds/webauthn_metadata/blob"),
    blob_root: seed!("path/refused-anchor-alone"),
};

/// The pure provider: the fuzzer sees into it.
pub static PROVIDER: LazyLock<Arc<dyn Provider>> = LazyLock::new(|| Arc::new(RustCrypto));
