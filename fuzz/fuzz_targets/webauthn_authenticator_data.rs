#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = doorward_webauthn::fuzzing::authenticator_data(bytes);
});
