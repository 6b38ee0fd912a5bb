//! Redeeming a code: RFC 6749 §4.1.3, RFC 7636 §4.6, RFC 8707 §2.2.

use core::time::Duration;

use doorward_oidc::Fault;
use doorward_oidc::client::metadata::{Client, GrantType, PkceRequirement};
use doorward_oidc::token::{Caller, CodeDecision, CodeGrant, CodeRequest, CodeState, TokenRequest};

use crate::world::*;

const FORM: [(&str, &str); 4] = [
    ("grant_type", "authorization_code"),
    ("code", "the-code"),
    ("redirect_uri", REDIRECT),
    ("code_verifier", VERIFIER),
];

fn form(edits: &[(&str, Option<&str>)]) -> doorward_oidc::Params {
    let mut pairs = FORM.to_vec();
    for (name, value) in edits {
        pairs.retain(|(own, _)| own != name);
        pairs.extend(value.map(|value| (*name, value)));
    }
    params(&pairs)
}

fn read(client: &Client, edits: &[(&str, Option<&str>)]) -> Result<CodeRequest, Fault> {
    match TokenRequest::parse(&form(edits), &authenticated(client))? {
        TokenRequest::AuthorizationCode(request) => Ok(request),
        other => panic!("another grant: {other:?}"),
    }
}

struct Try<'a> {
    code: &'a CodeGrant,
    client: &'a Client,
    edits: &'a [(&'a str, Option<&'a str>)],
    jkt: Option<&'a str>,
    state: CodeState,
    after: Duration,
}

impl Try<'_> {
    fn decide(&self) -> CodeDecision {
        let request = read(self.client, self.edits).unwrap();
        let client = &authenticated(self.client);
        let caller = Caller {
            client,
            jkt: self.jkt,
            issuer: issuer(),
            now: NOW.plus(self.after),
        };
        self.code.decide(&request, &caller, self.state)
    }
}

fn good<'a>(code: &'a CodeGrant, client: &'a Client) -> Try<'a> {
    Try {
        code,
        client,
        edits: &[],
        jkt: None,
        state: CodeState::Fresh,
        after: Duration::from_secs(1),
    }
}

fn code() -> CodeGrant {
    CodeGrant::new(&granted(&[], &client()), Some("sid-1"), NOW)
}

#[test]
fn the_right_proofs_redeem() {
    let (code, client) = (code(), client());
    assert_eq!(
        good(&code, &client).decide(),
        CodeDecision::Redeem { resources: vec![] }
    );
    assert_eq!(code.grant.authentication.sid.as_deref(), Some("sid-1"));
    let stored = serde_json::to_string(&code).unwrap();
    assert_eq!(serde_json::from_str::<CodeGrant>(&stored).unwrap(), code);
}

#[test]
fn code_bound_to_client_user_request() {
    let (code, client) = (code(), client());
    let mut other = client.clone();
    other.id = id("other");
    let wrong: [(&str, Fault); 4] = [
        ("client", Fault::CodeOfAnotherClient),
        ("redirect", Fault::RedirectUriMismatch),
        ("verifier", Fault::CodeVerifierWrong),
        ("time", Fault::CodeExpired),
    ];
    // Each fault alone and in every combination: the conditions are joined by "or".
    for faults in 1..16_u32 {
        let has = |bit: u32| faults & (1 << bit) != 0;
        let edits = [
            (
                "redirect_uri",
                Some(if has(1) {
                    "https://app.example/other"
                } else {
                    REDIRECT
                }),
            ),
            (
                "code_verifier",
                Some(if has(2) {
                    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"
                } else {
                    VERIFIER
                }),
            ),
        ];
        let attempt = Try {
            client: if has(0) { &other } else { &client },
            edits: &edits,
            after: Duration::from_secs(if has(3) { 60 } else { 59 }),
            ..good(&code, &client)
        };
        let first = wrong
            .iter()
            .enumerate()
            .find(|(bit, _)| has(u32::try_from(*bit).unwrap()))
            .unwrap()
            .1
            .1;
        assert_eq!(attempt.decide(), CodeDecision::Refuse(first), "{faults:b}");
        assert_eq!(first.code().as_str(), "invalid_grant");
    }
}

#[test]
fn code_second_use_revokes() {
    let (code, client) = (code(), client());
    let spent = Try {
        state: CodeState::Spent,
        ..good(&code, &client)
    };
    assert_eq!(spent.decide(), CodeDecision::Replayed);
    let later = Try {
        state: CodeState::Spent,
        after: Duration::from_secs(90),
        ..good(&code, &client)
    };
    assert_eq!(
        later.decide(),
        CodeDecision::Replayed,
        "reuse is recognised, not only expiry"
    );
    let thief = Try {
        state: CodeState::Spent,
        edits: &[("code_verifier", None)],
        ..good(&code, &client)
    };
    assert_eq!(
        thief.decide(),
        CodeDecision::Refuse(Fault::CodeVerifierMissing),
        "a thief of the code alone burns nothing"
    );
}

#[test]
fn redirect_uri_repeated() {
    let (code, client) = (code(), client());
    let absent = Try {
        edits: &[("redirect_uri", None)],
        ..good(&code, &client)
    };
    assert!(
        matches!(absent.decide(), CodeDecision::Redeem { .. }),
        "forgiven beside a verifier"
    );
    let mut exception = client.clone();
    exception.pkce = PkceRequirement::Optional;
    let without = CodeGrant {
        code_challenge: None,
        ..code.clone()
    };
    let absent = Try {
        code: &without,
        client: &exception,
        edits: &[("redirect_uri", None), ("code_verifier", None)],
        ..good(&code, &client)
    };
    assert_eq!(absent.decide(), CodeDecision::Refuse(Fault::RedirectUriMismatch));
}

#[test]
fn pkce_downgrade() {
    let (code, client) = (code(), client());
    for (edits, fault) in [
        ([("code_verifier", None)], Fault::CodeVerifierMissing),
        ([("code_verifier", Some(""))], Fault::CodeVerifierMalformed),
        ([("code_verifier", Some(CHALLENGE))], Fault::CodeVerifierWrong),
    ] {
        assert_eq!(
            Try {
                edits: &edits,
                ..good(&code, &client)
            }
            .decide(),
            CodeDecision::Refuse(fault)
        );
    }
    let without = CodeGrant {
        code_challenge: None,
        ..code.clone()
    };
    for verifier in [VERIFIER, ""] {
        let attempt = Try {
            code: &without,
            edits: &[("code_verifier", Some(verifier))],
            ..good(&code, &client)
        };
        assert_eq!(
            attempt.decide(),
            CodeDecision::Refuse(Fault::CodeVerifierUnexpected),
            "{verifier:?}"
        );
    }
}

#[test]
fn dpop_auth_code_binding() {
    let (code, client) = (code(), client());
    let bound = CodeGrant {
        dpop_jkt: Some("key-1".to_owned()),
        ..code.clone()
    };
    for (jkt, right) in [(Some("key-1"), true), (Some("key-2"), false), (None, false)] {
        let decision = Try {
            code: &bound,
            jkt,
            ..good(&code, &client)
        }
        .decide();
        assert_eq!(matches!(decision, CodeDecision::Redeem { .. }), right, "{jkt:?}");
    }
    let mut binding = client.clone();
    binding.dpop_bound_access_tokens = true;
    let bearer = Try {
        client: &binding,
        ..good(&code, &client)
    };
    assert_eq!(
        bearer.decide(),
        CodeDecision::Refuse(Fault::SenderConstraintMissing)
    );
}

#[test]
fn audience_narrowed_at_token() {
    let (mut code, client) = (code(), client());
    code.grant.resources = vec!["https://a.example/".to_owned(), "https://b.example/".to_owned()];
    let narrowed = Try {
        edits: &[("resource", Some("https://a.example/"))],
        ..good(&code, &client)
    };
    assert_eq!(
        narrowed.decide(),
        CodeDecision::Redeem {
            resources: vec!["https://a.example/".to_owned()]
        }
    );
    let foreign = Try {
        edits: &[("resource", Some("https://c.example/"))],
        ..good(&code, &client)
    };
    assert_eq!(foreign.decide(), CodeDecision::Refuse(Fault::ResourceNotAllowed));
}

#[test]
fn grant_types_deny_by_default() {
    let mut client = client();
    let parse = |client: &Client, grant: Option<&str>| {
        TokenRequest::parse(&form(&[("grant_type", grant)]), &authenticated(client))
            .map(|_| ())
            .unwrap_err()
    };
    assert_eq!(parse(&client, None), Fault::GrantTypeMissing);
    for unsupported in [
        "password",
        "implicit",
        "Authorization_code",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ] {
        assert_eq!(parse(&client, Some(unsupported)), Fault::GrantTypeUnsupported);
    }
    assert_eq!(
        parse(&client, Some("client_credentials")),
        Fault::GrantTypeNotRegistered
    );
    assert_eq!(
        parse(&client, Some("urn:ietf:params:oauth:grant-type:device_code")),
        Fault::GrantTypeNotRegistered
    );
    client.grant_types = vec![GrantType::RefreshToken];
    assert_eq!(
        parse(&client, Some("authorization_code")),
        Fault::GrantTypeNotRegistered
    );
    let mut public = native();
    public.grant_types.push(GrantType::ClientCredentials);
    assert_eq!(
        parse(&public, Some("client_credentials")),
        Fault::ClientCredentialsPublic
    );
}

#[test]
fn codes_of_odd_form_are_unknown() {
    let client = client();
    assert_eq!(read(&client, &[("code", None)]).unwrap_err(), Fault::CodeMissing);
    assert_eq!(
        read(&client, &[("code", Some(""))]).unwrap_err(),
        Fault::CodeMissing
    );
    for odd in ["a b", "a\nb", "\u{e9}"] {
        assert_eq!(
            read(&client, &[("code", Some(odd))]).unwrap_err(),
            Fault::CodeUnknown
        );
    }
    assert!(!format!("{:?}", read(&client, &[]).unwrap()).contains("the-code"));
}
