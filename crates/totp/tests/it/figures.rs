//! The RFCs' own figures.

use doorward_totp::{Algorithm, Digits, Hotp, OtpCode, Secret, Totp, Window, base32};

use crate::vectors::{all, collection, list, number, text};

#[test]
fn rfc4226_appendix_d() {
    for file in all("rfc4226_appendix_d") {
        let secret = Secret::from_bytes(text(&file["rfc4226_appendix_d"], "secret_ascii").as_bytes());
        let hotp = Hotp::new(secret.expect("twenty bytes"));
        for row in list(&file, "/rfc4226_appendix_d/values") {
            let code = hotp.code(number(row, "counter"));
            assert_eq!(code.to_digits().as_str(), text(row, "code"));
        }
    }
}

#[test]
fn rfc6238_appendix_b() {
    for file in all("rfc6238_appendix_b") {
        let seeds = &file["rfc6238_appendix_b"]["seeds_ascii"];
        for row in list(&file, "/rfc6238_appendix_b/values") {
            let name = text(row, "algorithm");
            let secret = Secret::from_bytes(text(seeds, name).as_bytes()).expect("a seed of the RFC");
            let algorithm = Algorithm::from_name(name).expect("an algorithm of the RFC");
            let totp = Totp::new(secret)
                .with_algorithm(algorithm)
                .with_digits(Digits::Eight);

            let time = number(row, "time");
            assert_eq!(
                format!("{:016x}", totp.step_at(time).number()),
                text(row, "counter_hex")
            );
            assert_eq!(totp.code_at(time).to_digits().as_str(), text(row, "code"));
            let typed = OtpCode::parse(text(row, "code")).expect("eight digits");
            assert_eq!(
                totp.verify(&typed, time, Window::EXACT, None),
                Ok(totp.step_at(time))
            );
        }
    }
}

#[test]
fn rfc4648_section_10_base32() {
    for file in all("rfc4648_section_10_base32") {
        for row in list(&file, "/rfc4648_base32") {
            let (bytes, padded) = (text(row, "ascii").as_bytes(), text(row, "base32"));
            assert_eq!(base32::encode_padded(bytes).as_str(), padded);
            assert_eq!(base32::encode(bytes).as_str(), padded.trim_end_matches('='));
            for text in [padded, padded.trim_end_matches('=')] {
                assert_eq!(
                    base32::decode(text).map(|decoded| decoded.to_vec()),
                    Ok(bytes.to_vec())
                );
            }
        }
    }
}

#[test]
fn what_is_not_base32_is_refused() {
    let Some(file) = collection("what_is_not_base32_is_refused") else {
        return;
    };
    for row in list(&file, "/base32_invalid") {
        assert!(base32::decode(text(row, "text")).is_err(), "{row}");
    }
}
