#![no_main]
use doorward_crypto::rustcrypto::RustCrypto;
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| doorward_webauthn::fuzzing::attestation_object(bytes, &RustCrypto));
