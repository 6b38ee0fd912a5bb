#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = doorward_crypto::fuzzing::es384(bytes);
});
