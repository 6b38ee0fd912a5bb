//! The strict CBOR reader, and what it accepts beside `ciborium`.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if doorward_webauthn::fuzzing::cbor(bytes) {
        let value: ciborium::Value = ciborium::from_reader(bytes).expect("ciborium reads what is accepted");
        let mut again = Vec::new();
        ciborium::into_writer(&value, &mut again).expect("a vector takes all");
        assert_eq!(again, bytes, "what is accepted is the one encoding");
    }
});
