//! `otpauth` URIs, both ways.

use doorward_totp::{Algorithm, Digits, Hotp, OtpAuth, OtpKey, Period, Secret, Totp, UriError};
use serde_json::Value;

use crate::vectors::{collection, list, number, text};

fn secret() -> Secret {
    Secret::from_bytes(b"12345678901234567890").expect("twenty bytes")
}

#[test]
fn the_key_uri_format_s_own_example() {
    let uri = "otpauth://totp/Example:alice@google.com?secret=JBSWY3DPEHPK3PXP&issuer=Example";
    let read = OtpAuth::parse(uri).expect("the format's own example");
    assert_eq!(
        (read.issuer(), read.account()),
        (Some("Example"), "alice@google.com")
    );
    assert_eq!(read.secret().as_bytes(), b"Hello!\xde\xad\xbe\xef");
    assert_eq!(read.to_uri().as_str(), uri);
}

#[test]
fn what_is_made_is_read_back_whole() {
    let names = [
        (None, "alice"),
        (Some("Doorward"), "alice@example.org"),
        (Some("A & B? 100%"), "Zoë / #1 +x"),
    ];
    for (issuer, account) in names {
        for algorithm in Algorithm::ALL {
            for digits in Digits::ALL {
                let totp = Totp::new(secret()).with_algorithm(algorithm).with_digits(digits);
                let totp = totp.with_period(Period::from_seconds(45).expect("not zero"));
                let uri = OtpAuth::totp(issuer, account, totp).expect("good names").to_uri();
                let read = OtpAuth::parse(&uri).expect("what was made");
                assert_eq!((read.issuer(), read.account()), (issuer, account), "{}", *uri);
                let OtpKey::Totp(totp) = read.into_key() else {
                    panic!("another type: {}", *uri)
                };
                assert_eq!((totp.algorithm(), totp.digits()), (algorithm, digits));
                assert_eq!(
                    (totp.period().seconds(), totp.secret().as_bytes()),
                    (45, secret().as_bytes())
                );
            }
        }
    }
    let uri = OtpAuth::hotp(None, "alice", Hotp::new(secret()), 7)
        .expect("a good name")
        .to_uri();
    let read = OtpAuth::parse(&uri).expect("what was made").into_key();
    assert!(matches!(read, OtpKey::Hotp(_, 7)), "{}", *uri);
}

#[test]
fn names_that_an_app_would_split_are_not_written() {
    for (issuer, account) in [
        (Some("a:b"), "x"),
        (Some("a"), "x:y"),
        (Some(""), "x"),
        (None, ""),
        (None, "x\n"),
    ] {
        let made = OtpAuth::totp(issuer, account, Totp::new(secret()));
        assert_eq!(made.err(), Some(UriError::Label));
    }
    let longest = "é".repeat(127) + "e";
    let uri = OtpAuth::totp(Some(&longest), &longest, Totp::new(secret()))
        .expect("255 bytes")
        .to_uri();
    assert!(OtpAuth::parse(&uri).is_ok());
    let longer = longest + "e";
    assert_eq!(
        OtpAuth::totp(None, &longer, Totp::new(secret())).err(),
        Some(UriError::Label)
    );
}

#[test]
fn an_issuer_that_differs_is_refused_and_one_that_is_missing_is_not() {
    let read = |uri| OtpAuth::parse(uri).map(|read| read.issuer().map(str::to_owned));
    assert_eq!(
        read("otpauth://totp/A:x?secret=MZXW6YTB&issuer=B"),
        Err(UriError::IssuerDiffers)
    );
    assert_eq!(
        read("otpauth://totp/A:x?secret=MZXW6YTB&issuer=a"),
        Err(UriError::IssuerDiffers)
    );
    assert_eq!(
        read("otpauth://totp/A:x?secret=MZXW6YTB"),
        Ok(Some("A".to_owned()))
    );
    assert_eq!(
        read("otpauth://totp/x?secret=MZXW6YTB&issuer=A"),
        Ok(Some("A".to_owned()))
    );
}

#[test]
fn the_collection_s_uris_are_read() {
    let Some(file) = collection("the_collection_s_uris_are_read") else {
        return;
    };
    for row in list(&file, "/otpauth_uris") {
        let read = OtpAuth::parse(text(row, "uri")).unwrap_or_else(|error| panic!("{error}: {row}"));
        assert_eq!(
            (read.issuer(), read.account()),
            (row["issuer"].as_str(), text(row, "account")),
            "{row}"
        );
        assert_eq!(read.secret().to_base32().as_str(), text(row, "secret_base32"));
        assert_eq!(fields(read.key()), expected(row), "{row}");
        if let (OtpKey::Hotp(hotp, next), Some(code)) = (read.key(), row["code"].as_str()) {
            assert_eq!(hotp.code(*next).to_digits().as_str(), code);
        }
        let again = OtpAuth::parse(&read.to_uri()).expect("what was made");
        assert_eq!(again.to_uri(), read.to_uri());
    }
}

#[test]
fn the_collection_s_faulty_uris_are_refused() {
    let Some(file) = collection("the_collection_s_faulty_uris_are_refused") else {
        return;
    };
    for row in list(&file, "/otpauth_invalid") {
        assert!(OtpAuth::parse(text(row, "uri")).is_err(), "{row}");
    }
}

/// Type, algorithm, digits, and period or counter.
type Fields = (&'static str, String, u64, u64);

fn fields(key: &OtpKey) -> Fields {
    let (kind, algorithm, digits, last) = match key {
        OtpKey::Totp(totp) => (
            "totp",
            totp.algorithm(),
            totp.digits(),
            u64::from(totp.period().seconds()),
        ),
        OtpKey::Hotp(hotp, next) => ("hotp", hotp.algorithm(), hotp.digits(), *next),
    };
    (kind, algorithm.to_string(), digits.count() as u64, last)
}

fn expected(row: &Value) -> Fields {
    let (kind, last) = if text(row, "type") == "totp" {
        ("totp", "period")
    } else {
        ("hotp", "counter")
    };
    (
        kind,
        text(row, "algorithm").to_owned(),
        number(row, "digits"),
        number(row, last),
    )
}
