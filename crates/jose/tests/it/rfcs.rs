//! The figures that the RFCs themselves print. Those in `fixtures/rfc/jose.json` run on every clone.

use doorward_crypto::{Algorithm, Timestamp};
use doorward_jose::{Compact, Jwk, JwkError, JwkSet, JwkSetError, JwsError, Validity, hs256};
use serde_json::Value;

use crate::{provider, public, vectors};

#[test]
fn rfc_7515_appendix_a_signatures() {
    let Some(figures) = vectors::read("jose/rfc7515-appendix-a.json") else {
        return;
    };
    let mut seen = 0;
    for figure in figures.as_array().unwrap() {
        let text = figure["compact"].as_str().unwrap();
        let jws = Compact::parse(text).unwrap();
        assert_eq!(
            jws.unverified_payload(),
            figure["payload"].as_str().unwrap().as_bytes()
        );
        seen += 1;
        if jws.header().alg() == "none" {
            // A.5, the unsecured one: there is nothing to verify it with.
            assert_eq!(jws.header().algorithm(), None);
            continue;
        }
        if figure["jwk"]["kty"] == "oct" {
            let secret = doorward_jose::base64url::decode(figure["jwk"]["k"].as_str().unwrap()).unwrap();
            assert!(hs256::Secret::new(&secret).unwrap().verify(jws).is_ok());
            continue;
        }
        let algorithm = jws.header().algorithm().unwrap();
        let key = public(&figure["jwk"]).unwrap().with_algorithm(algorithm).unwrap();
        assert!(jws.verify_by(provider(), &key).is_ok(), "{}", figure["rfc"]);
    }
    assert_eq!(seen, 5);
}

#[test]
fn rfc_7515_appendix_a_3_on_every_clone() {
    let figure = vectors::fixture("jose.json")["rfc7515_a_3"].clone();
    let key = Jwk::from_object(figure["jwk"].as_object().unwrap()).unwrap();
    let text = figure["compact"].as_str().unwrap();
    let claims = Compact::parse(text)
        .unwrap()
        .verify_by(provider(), &key)
        .unwrap()
        .claims()
        .unwrap();
    assert_eq!(claims.text("iss"), Ok(Some("joe")));
    let before = Validity::at(Timestamp::from_seconds(1_300_819_379));
    assert_eq!(before.check(&claims), Ok(()));
    assert!(
        Validity::at(Timestamp::from_seconds(1_300_819_380))
            .check(&claims)
            .is_err()
    );
}

#[test]
fn rfc_8037_appendix_a_4_on_every_clone() {
    let figure = vectors::fixture("jose.json")["rfc8037_a_4"].clone();
    let key = Jwk::from_object(figure["jwk"].as_object().unwrap()).unwrap();
    assert_eq!(key.algorithm(), Some(Algorithm::EdDsa));
    let verified = Compact::parse(figure["compact"].as_str().unwrap())
        .unwrap()
        .verify_by(provider(), &key)
        .unwrap();
    assert_eq!(verified.payload(), b"Example of Ed25519 signing");
}

#[test]
fn thumbprints_on_every_clone() {
    thumbprints(&vectors::fixture("jose.json")["thumbprints"]);
}

#[test]
fn rfc_7638_8037_9449_and_7517_thumbprints() {
    let Some(figures) = vectors::read("jose/jwk-thumbprints.json") else {
        return;
    };
    thumbprints(&figures);
}

fn thumbprints(figures: &Value) {
    assert!(!figures.as_array().unwrap().is_empty());
    for figure in figures.as_array().unwrap() {
        let key = Jwk::from_object(figure["jwk"].as_object().unwrap()).unwrap();
        assert_eq!(
            key.thumbprint().to_string(),
            figure["sha256"].as_str().unwrap(),
            "{}",
            figure["source"]
        );
        assert_eq!(
            doorward_jose::Thumbprint::parse(figure["sha256"].as_str().unwrap()),
            Ok(key.thumbprint())
        );
    }
}

#[test]
fn rfc_7517_appendix_a_sets() {
    let Some(figures) = vectors::read("jose/rfc7517-jwk-sets.json") else {
        return;
    };
    let set = JwkSet::parse(figures["a.1_public_keys"].to_string().as_bytes()).unwrap();
    assert_eq!((set.keys().len(), set.left_out()), (2, &[][..]));
    assert!(!set.keys()[0].may_verify(), "use is enc");
    assert_eq!(set.keys()[1].algorithm(), Some(Algorithm::Rs256));
    assert_eq!(serde_json::to_value(&set).unwrap(), figures["a.1_public_keys"]);
    let private = serde_json::json!({ "keys": [figures["a.2_private_ec_key"]] }).to_string();
    assert_eq!(JwkSet::parse(private.as_bytes()), Err(JwkSetError::Private("d")));
    let private = figures["a.2_private_ec_key"].to_string();
    assert_eq!(Jwk::parse(private.as_bytes()), Err(JwkError::Private("d")));
}

#[test]
fn rfc_7797_unencoded_payloads_are_refused() {
    let Some(figure) = vectors::read("jose/rfc7797/4.2.hmac-sha2_b64_false.json") else {
        return;
    };
    let header = doorward_jose::base64url::encode(figure["signing"]["protected"].to_string().as_bytes());
    let text = format!("{header}.Zm9v.Zm9v");
    assert_eq!(Compact::parse(&text).unwrap_err(), JwsError::Critical);
}

#[test]
fn rfc_9449_proofs_carry_keys_whose_thumbprint_is_theirs() {
    let Some(figures) = vectors::read("jose/rfc9449-dpop.json") else {
        return;
    };
    for figure in figures
        .as_array()
        .unwrap()
        .iter()
        .filter(|figure| figure["expect"] == "ok")
    {
        let jws = Compact::parse(figure["proof"].as_str().unwrap()).unwrap();
        assert!(jws.header().typ_is("dpop+jwt"));
        let key = jws.header().jwk().unwrap();
        assert_eq!(key.thumbprint().to_string(), figure["jkt"].as_str().unwrap());
        assert!(jws.verify_by(provider(), &key).is_ok());
    }
}
