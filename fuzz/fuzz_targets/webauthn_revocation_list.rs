#![no_main]
use doorward_fuzz::{KNOWN, PROVIDER};
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = doorward_webauthn::fuzzing::revocation_list(bytes, &KNOWN, &**PROVIDER);
});
