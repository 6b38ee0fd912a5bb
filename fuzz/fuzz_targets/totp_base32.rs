#![no_main]
libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = doorward_totp::fuzzing::base32(text);
});
