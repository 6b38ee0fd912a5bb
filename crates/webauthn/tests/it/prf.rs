//! The pseudo-random function (§10.1.4), by the vectors of the specification (§16.17.1) and by its lengths.

use doorward_crypto::Sha256;
use doorward_webauthn::extensions::{CreateInputs, GetInputs, PrfInputs, PrfValues, prf_salt};
use doorward_webauthn::{BeginError, Cause, Step};
use serde_json::{Value, json};

use crate::support::Seeded;
use crate::support::scene::{NOW, Scene, b64};

/// `authenticator_cred_random`, and for each input the salt and the output.
const RANDOM: &str = "437e065e723a98b2f08f39d8baf7c53ecb3c363c5e5104bdaaf5d5ca2e028154";
const VECTORS: [[&str; 3]; 2] = [
    [
        "576562417574686e20505246207465737420766563746f727302",
        "527413ebb48293772df30f031c5ac4650c7de14bf9498671ae163447b6a772b3",
        "3c33e07d202c3b029cc21f1722767021bf27d595933b3d2b6a1b9d5dddc77fae",
    ],
    [
        "576562417574686e20505246207465737420766563746f727303",
        "d68ac03329a10ee5e0ec834492bb9a96a0e547baf563bf78ccbe8789b22e776b",
        "a62a8773b19cda90d7ed4ef72a80a804320dbd3997e2f663805ad1fd3293d50b",
    ],
];

fn hex(text: &str) -> Vec<u8> {
    let digit = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

fn inputs() -> PrfValues {
    PrfValues {
        first: hex(VECTORS[0][0]).into(),
        second: Some(hex(VECTORS[1][0]).into()),
    }
}

#[test]
fn salts_and_results_are_those_of_the_specification() {
    for [input, salt, output] in VECTORS {
        assert_eq!(prf_salt(&hex(input)).to_vec(), hex(salt));
        assert_eq!(Sha256::hmac(&hex(RANDOM), &[&hex(salt)]).to_vec(), hex(output));
    }
    let results = json!({ "first": b64(&hex(VECTORS[0][2])), "second": b64(&hex(VECTORS[1][2])) });
    assert_eq!(login(&results), Ok(()));
}

#[test]
fn salts_have_32_or_64_bytes_whatever_the_inputs_have() {
    let both = inputs().salts();
    assert_eq!(both, [hex(VECTORS[0][1]), hex(VECTORS[1][1])].concat());
    let one = PrfValues {
        second: None,
        ..inputs()
    };
    assert_eq!(one.salts(), hex(VECTORS[0][1]));
    for length in [0, 1, 32, 33, 64, 1000] {
        let long = PrfValues {
            first: vec![7; length].into(),
            second: Some(vec![8; length].into()),
        };
        assert_eq!(long.salts().len(), 64, "{length}");
    }
}

fn login(results: &Value) -> Result<(), (Step, Cause)> {
    let mut scene = Scene::login();
    scene.get.prf = Some(PrfInputs {
        eval: Some(inputs()),
        ..PrfInputs::default()
    });
    finish(scene, results)
}

fn registration(results: &Value) -> Result<(), (Step, Cause)> {
    let mut scene = Scene::registration("none");
    scene.create.prf = Some(PrfInputs {
        eval: Some(inputs()),
        ..PrfInputs::default()
    });
    finish(scene, results)
}

fn finish(mut scene: Scene, results: &Value) -> Result<(), (Step, Cause)> {
    scene.client_results = json!({ "prf": { "enabled": true, "results": results } });
    scene.judge().map_err(|refused| (refused.step, refused.cause))
}

#[test]
fn a_result_has_32_bytes_in_both_ceremonies() {
    let refused = Err((
        Step::Extensions,
        Cause::Extension("prf: a result has not 32 bytes"),
    ));
    let of = |length| b64(&vec![7; length]);
    for judge in [login, registration] {
        assert_eq!(judge(&json!({ "first": of(32) })), Ok(()));
        assert_eq!(judge(&json!({ "first": of(32), "second": of(32) })), Ok(()));
        for wrong in [0, 16, 31, 33, 64] {
            assert_eq!(judge(&json!({ "first": of(wrong) })), refused, "{wrong}");
            assert_eq!(
                judge(&json!({ "first": of(32), "second": of(wrong) })),
                refused,
                "{wrong}"
            );
        }
    }
}

#[test]
fn inputs_by_credential_are_for_logins_with_listed_credentials() {
    let by_credential = || PrfInputs {
        eval: None,
        eval_by_credential: [(b"credential".to_vec().into(), inputs())].into(),
    };
    let scene = Scene::login();
    let rp = scene.rp.clone().build(crate::support::provider()).unwrap();
    let user = doorward_webauthn::UserHandle::new(b"ana".to_vec()).unwrap();
    let begin = |id: &[u8]| {
        let id = doorward_webauthn::CredentialId::new(id.to_vec()).unwrap();
        rp.authenticate()
            .extensions(GetInputs {
                prf: Some(by_credential()),
                ..GetInputs::default()
            })
            .for_user(
                &user,
                &[doorward_webauthn::CredentialDescriptor::new(id, Vec::new())],
            )
            .begin(&Seeded::new("x"), NOW)
            .map(drop)
    };
    assert_eq!(begin(b"credential"), Ok(()));
    assert_eq!(begin(b"another"), Err(BeginError::Extension("prf")));
    let user = doorward_webauthn::UserEntity {
        handle: user.clone(),
        name: String::new(),
        display_name: String::new(),
    };
    let registering = rp.register(&user).extensions(CreateInputs {
        prf: Some(by_credential()),
        ..CreateInputs::default()
    });
    assert_eq!(
        registering.begin(&Seeded::new("x"), NOW).map(drop),
        Err(BeginError::Extension("prf"))
    );
}

#[test]
fn results_are_not_shown() {
    let shown = format!("{:?}", inputs());
    assert_eq!(shown, "PrfValues(…)");
}
