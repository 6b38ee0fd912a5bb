//! One proof, the registered one: RFC 6749 §2.3, OpenID Connect Core §9.

use doorward_oidc::Fault;
use doorward_oidc::client::SecretHash;
use doorward_oidc::client::authentication::{ClientRefused, Presented};
use doorward_oidc::client::metadata::{AuthMethod, Client};
use doorward_oidc::token::ErrorAnswer;

use crate::world::*;

fn judge(client: Option<&Client>, header: Option<&str>, form: &[(&str, &str)]) -> Result<(), ClientRefused> {
    let presented = Presented::read(header, &params(form))?;
    presented.authenticate(client, None, &at()).map(|_| ())
}

fn fault(client: &Client, header: Option<&str>, form: &[(&str, &str)]) -> Fault {
    judge(Some(client), header, form).unwrap_err().fault
}

fn posting() -> Client {
    let mut client = client();
    client.token_endpoint_auth_method = AuthMethod::ClientSecretPost;
    client
}

#[test]
fn the_registered_method_is_let_in() {
    let header = basic(&format!("app:{SECRET}"));
    assert_eq!(judge(Some(&client()), Some(&header), &[]), Ok(()));
    assert_eq!(
        judge(Some(&client()), Some(&header.replace("Basic", "bAsIc")), &[]),
        Ok(())
    );
    assert_eq!(
        judge(Some(&client()), Some(&header), &[("client_id", "app")]),
        Ok(()),
        "one mercy"
    );
    assert_eq!(
        judge(
            Some(&posting()),
            None,
            &[("client_id", "app"), ("client_secret", SECRET)]
        ),
        Ok(())
    );
    assert_eq!(judge(Some(&native()), None, &[("client_id", "native")]), Ok(()));
}

#[test]
fn client_auth_one_method() {
    let header = basic(&format!("app:{SECRET}"));
    let twice = Fault::ClientAuthenticationTwice;
    let failed = Fault::ClientAuthenticationFailed;
    assert_eq!(
        fault(&client(), Some(&header), &[("client_secret", SECRET)]),
        twice
    );
    assert_eq!(
        fault(&client(), Some(&header), &[("client_assertion", "x")]),
        twice
    );
    assert_eq!(fault(&client(), Some(&header), &[("client_id", "other")]), twice);
    assert_eq!(
        fault(
            &posting(),
            None,
            &[
                ("client_id", "app"),
                ("client_secret", SECRET),
                ("client_assertion", "x")
            ]
        ),
        twice
    );
    assert_eq!(
        fault(&posting(), Some(&header), &[]),
        failed,
        "registered for post"
    );
    assert_eq!(
        fault(
            &client(),
            None,
            &[("client_id", "app"), ("client_secret", SECRET)]
        ),
        failed,
        "registered for basic"
    );
    assert_eq!(
        fault(&client(), None, &[("client_id", "app")]),
        failed,
        "a secret client cannot present none"
    );
    assert_eq!(
        fault(
            &native(),
            None,
            &[("client_id", "native"), ("client_secret", SECRET)]
        ),
        failed,
        "a secret for a public client"
    );
    assert_eq!(
        fault(&posting(), None, &[("client_id", "app"), ("client_secret", "")]),
        failed,
        "an empty secret"
    );
    assert_eq!(fault(&client(), None, &[]), Fault::ClientAuthenticationMissing);
}

#[test]
fn basic_form_decoded() {
    let mut client = client();
    client.id = id("a:b c".replace(' ', "/").as_str());
    client.secrets = vec![SecretHash::of("p%41s+s:w&rd")];
    let encoded = basic("a%3Ab%2Fc:p%2541s%2Bs%3Aw%26rd");
    assert_eq!(judge(Some(&client), Some(&encoded), &[]), Ok(()));
    client.id = id("a-b");
    let raw = basic("a-b:p%41s+s:w&rd");
    assert_eq!(
        judge(Some(&client), Some(&raw), &[]),
        Ok(()),
        "clients that do not encode"
    );
    client.id = id("a%2Db");
    let presented = Presented::read(Some(&basic("a%2Db:x")), &params(&[])).unwrap();
    assert_eq!(presented.client_id().as_str(), "a-b");
    assert_eq!(presented.client_id_as_sent().unwrap().as_str(), "a%2Db");
}

#[test]
fn basic_malformed() {
    for header in [
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic YXBw",
        "Basic Og==",
        "Basic /w==",
    ] {
        let refused = judge(Some(&client()), Some(header), &[]).unwrap_err();
        assert!(refused.fault.code().as_str() == "invalid_client", "{header}");
    }
}

#[test]
fn two_live_secrets() {
    let mut client = client();
    client.secrets = vec![SecretHash::of("new"), SecretHash::of("old")];
    for (secret, right) in [("new", true), ("old", true), ("older", false), ("", false)] {
        assert_eq!(
            judge(Some(&client), Some(&basic(&format!("app:{secret}"))), &[]).is_ok(),
            right,
            "{secret}"
        );
    }
}

#[test]
fn client_auth_constant_work() {
    let header = basic("nobody:x");
    let unknown = judge(None, Some(&header), &[]).unwrap_err();
    let wrong = judge(Some(&client()), Some(&basic("app:x")), &[]).unwrap_err();
    assert_eq!(unknown, wrong, "one answer");
    assert_eq!(
        fault(&client(), Some(&basic(&format!("native:{SECRET}"))), &[]),
        Fault::ClientAuthenticationFailed,
        "of another name"
    );
}

#[test]
fn invalid_client_401() {
    let by_basic = ErrorAnswer::from(judge(None, Some(&basic("a:b")), &[]).unwrap_err());
    assert_eq!(by_basic.status(), 401);
    assert!(
        by_basic
            .headers()
            .iter()
            .any(|(name, value)| *name == "www-authenticate" && value.starts_with("Basic"))
    );
    let by_form = ErrorAnswer::from(judge(None, None, &[("client_id", "a")]).unwrap_err());
    assert_eq!(by_form.status(), 401);
    assert!(
        by_form
            .headers()
            .iter()
            .all(|(name, _)| *name != "www-authenticate")
    );
    assert!(by_form.headers().contains(&("cache-control", "no-store")));
    assert_eq!(
        by_form.body(),
        r#"{"error":"invalid_client","error_description":"client authentication failed"}"#
    );
    let twice = ErrorAnswer::from(judge(None, Some(&basic("a:b")), &[("client_secret", "x")]).unwrap_err());
    assert_eq!(twice.status(), 400);
}
