//! Clients that register themselves: RFC 7591, RFC 7592, OpenID Connect Registration 1.0 §2, §3, §5.

use doorward_crypto::Algorithm;
use doorward_oidc::Scope;
use doorward_oidc::client::SecretHash;
use doorward_oidc::client::metadata::*;
use doorward_oidc::client::registration::{Issued, Metadata, Policy, answer};
use serde_json::{Value, json};

use crate::world::*;

fn policy() -> Policy {
    Policy {
        pkce: PkceRequirement::Optional,
        scope: Scope::parse("openid profile email").unwrap(),
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        signing_algorithms: vec![Algorithm::Rs256, Algorithm::Es256],
    }
}

fn register(edits: &[(&str, Value)], sector: Option<&[u8]>) -> Result<Client, ClientError> {
    let mut body = json!({ "redirect_uris": ["https://app.example/callback"] });
    for (name, value) in edits {
        body[*name] = value.clone();
    }
    let metadata = Metadata::parse(body.to_string().as_bytes())?;
    let secrets = if metadata.needs_secret()? {
        vec![SecretHash::of(SECRET)]
    } else {
        vec![]
    };
    metadata.to_client(id("d1"), secrets, sector, &policy())
}

#[test]
fn registration_201() {
    let client = register(
        &[
            ("client_name", json!("Dyn")),
            ("logo_uri", json!("https://app.example/l.png")),
        ],
        None,
    )
    .unwrap();
    assert_eq!(client.origin, Origin::Dynamic);
    assert_eq!(client.consent, ConsentPolicy::Explicit);
    assert_eq!(client.token_endpoint_auth_method, AuthMethod::ClientSecretBasic);
    assert_eq!(client.id_token_signed_response_alg, Algorithm::Rs256);
    assert_eq!(client.scope.to_string(), "openid profile email");
    let issued = Issued {
        secret: Some(SECRET),
        management: Some(("rat", "https://id.example/register/d1")),
        at: NOW,
    };
    let body = answer(&client, &issued);
    assert_eq!(body["client_id"], "d1");
    assert_eq!(body["client_secret"], SECRET);
    assert_eq!(body["client_secret_expires_at"], 0);
    assert_eq!(body["registration_access_token"], "rat");
    assert_eq!(body["registration_client_uri"], "https://id.example/register/d1");
    assert_eq!(body["logo_uri"], "https://app.example/l.png");
    let again = answer(
        &client,
        &Issued {
            secret: None,
            management: None,
            at: NOW,
        },
    );
    assert!(!again.contains_key("client_secret"), "never read back");
}

#[test]
fn what_is_refused() {
    let cases: [(&str, Value, &str); 22] = [
        (
            "redirect_uris",
            json!(["https://app.example/cb#x"]),
            "redirect_uris",
        ),
        ("redirect_uris", json!([]), "redirect_uris"),
        ("redirect_uris", json!("https://app.example/cb"), "redirect_uris"),
        ("redirect_uris", json!(["https://*.example/cb"]), "redirect_uris"),
        ("redirect_uris", json!(["http://localhost/cb"]), "redirect_uris"),
        ("redirect_uris", json!([1]), "redirect_uris"),
        ("client_name", json!(5), "client_name"),
        ("client_name", json!("a\u{202e}b"), "client_name"),
        (
            "token_endpoint_auth_method",
            json!("client_secret_jwt"),
            "token_endpoint_auth_method",
        ),
        (
            "token_endpoint_auth_method",
            json!("private_key_jwt"),
            "token_endpoint_auth_method",
        ),
        ("response_types", json!(["token"]), "response_types"),
        (
            "id_token_signed_response_alg",
            json!("none"),
            "id_token_signed_response_alg",
        ),
        (
            "id_token_signed_response_alg",
            json!("HS256"),
            "id_token_signed_response_alg",
        ),
        (
            "id_token_encrypted_response_alg",
            json!("RSA-OAEP"),
            "id_token_encrypted_response_alg",
        ),
        ("subject_type", json!("other"), "subject_type"),
        ("jwks", json!({ "keys": [{ "kty": "EC", "d": "x" }] }), "jwks"),
        ("jwks_uri", json!("http://app.example/jwks"), "jwks_uri"),
        (
            "initiate_login_uri",
            json!("http://app.example/login"),
            "initiate_login_uri",
        ),
        (
            "backchannel_logout_uri",
            json!("http://app.example/out"),
            "backchannel_logout_uri",
        ),
        ("default_max_age", json!("5"), "default_max_age"),
        ("scope", json!("a\"b"), "scope"),
        ("require_auth_time", json!("true"), "require_auth_time"),
    ];
    for (name, value, member) in cases {
        let error = register(&[(name, value.clone())], None).unwrap_err();
        assert_eq!(error.member, member, "{name}: {value}: {error}");
    }
    assert_eq!(Metadata::parse(b"[]").unwrap_err().member, "body");
    assert_eq!(
        Metadata::parse(br#"{"scope":"a","scope":"b"}"#)
            .unwrap_err()
            .member,
        "body"
    );
}

#[test]
fn oidcc_registration_sector_uri() {
    let pairwise = [
        ("subject_type", json!("pairwise")),
        ("sector_identifier_uri", json!("https://sector.example/uris.json")),
        (
            "redirect_uris",
            json!(["https://a.example/cb", "https://b.example/cb"]),
        ),
    ];
    let listed = br#"["https://a.example/cb","https://b.example/cb"]"#;
    let client = register(&pairwise, Some(listed)).unwrap();
    assert_eq!(
        client.subject_type,
        SubjectType::Pairwise {
            sector: "sector.example".to_owned()
        }
    );
    let one = register(&[("subject_type", json!("pairwise"))], None).unwrap();
    assert_eq!(
        one.subject_type,
        SubjectType::Pairwise {
            sector: "app.example".to_owned()
        }
    );
}

#[test]
fn oidcc_registration_sector_bad() {
    let sector = ("sector_identifier_uri", json!("https://sector.example/uris.json"));
    for document in [Some(&b"[\"https://other.example/\"]"[..]), Some(b"x"), None] {
        let error = register(core::slice::from_ref(&sector), document).unwrap_err();
        assert_eq!(
            (error.member, error.code().as_str()),
            ("sector_identifier_uri", "invalid_client_metadata")
        );
    }
    let several = json!(["https://a.example/cb", "https://b.example/cb"]);
    let error = register(
        &[("subject_type", json!("pairwise")), ("redirect_uris", several)],
        None,
    )
    .unwrap_err();
    assert_eq!(error.member, "sector_identifier_uri");
}

#[test]
fn grant_types_unsupported_dropped() {
    let grants = json!([
        "authorization_code",
        "implicit",
        "refresh_token",
        "client_credentials",
        "password"
    ]);
    let types = json!(["code", "id_token token"]);
    let client = register(&[("grant_types", grants), ("response_types", types)], None).unwrap();
    assert_eq!(
        client.grant_types,
        [GrantType::AuthorizationCode, GrantType::RefreshToken]
    );
    assert_eq!(client.response_types, [ResponseType::Code]);
}

#[test]
fn dcr_metadata_revalidated_whole() {
    let operators = [
        ("consent", json!("implicit")),
        ("stage", json!("development")),
        ("origin", json!("operator")),
        ("resources", json!(["https://api.example/"])),
        ("private_schemes", json!(["evil"])),
        ("scope", json!("openid groups offline_access")),
    ];
    let client = register(&operators, None).unwrap();
    assert_eq!(
        (client.consent, client.stage, client.origin),
        (ConsentPolicy::Explicit, Stage::Production, Origin::Dynamic)
    );
    assert!(client.resources.is_empty() && client.private_schemes.is_empty());
    assert_eq!(
        client.scope.to_string(),
        "openid",
        "fields of the operator are unreachable"
    );
    let bare = register(&[("token_endpoint_auth_method", json!("none"))], None).unwrap();
    assert!(bare.requires_pkce(), "public ones always must");
}

#[test]
fn client_jwks_xor_uri() {
    let both = [
        ("jwks", json!({ "keys": [] })),
        ("jwks_uri", json!("https://app.example/jwks")),
    ];
    assert_eq!(register(&both, None).unwrap_err().member, "jwks");
    let by_address = [
        ("jwks_uri", json!("https://app.example/jwks")),
        ("token_endpoint_auth_method", json!("private_key_jwt")),
    ];
    let client = register(&by_address, None).unwrap();
    assert_eq!(
        answer(
            &client,
            &Issued {
                secret: None,
                management: None,
                at: NOW
            }
        )["jwks_uri"],
        "https://app.example/jwks"
    );
}

#[test]
fn alg_per_use() {
    for member in ["id_token_signed_response_alg", "userinfo_signed_response_alg"] {
        assert!(register(&[(member, json!("ES256"))], None).is_ok());
        let refused = register(&[(member, json!("PS256"))], None).unwrap_err();
        assert_eq!(
            (refused.member, refused.rule),
            (member, Rule::Algorithm),
            "no key signs with it"
        );
    }
    let client = register(&[("require_signed_request_object", json!(true))], None).unwrap();
    assert!(client.require_signed_request_object);
}

#[test]
fn an_update_leaves_out_what_is_ours_to_say() {
    let ours = Metadata::parse(br#"{"client_id":"a","client_id_issued_at":1}"#).unwrap();
    assert_eq!(ours.client_id().unwrap(), Some("a"));
    assert!(ours.says_nothing_of_ours().is_err());
    assert!(
        Metadata::parse(br#"{"client_id":"a"}"#)
            .unwrap()
            .says_nothing_of_ours()
            .is_ok()
    );
}
