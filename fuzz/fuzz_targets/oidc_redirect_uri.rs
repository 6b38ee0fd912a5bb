#![no_main]
libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = doorward_oidc::fuzzing::redirect_uri(text);
});
