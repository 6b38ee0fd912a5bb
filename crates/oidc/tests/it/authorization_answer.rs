//! What goes back to the client: RFC 6749 §4.1.2, RFC 9207 §2, Form Post Response Mode §2.

use doorward_oidc::Fault;
use doorward_oidc::authorize::Answer;

use crate::world::*;

fn location(answer: &Answer) -> url::Url {
    match answer {
        Answer::Redirect(location) => location.parse().unwrap(),
        Answer::FormPost { .. } => panic!("a redirect was asked for"),
    }
}

fn pairs(url: &url::Url) -> Vec<(String, String)> {
    url.query_pairs().into_owned().collect()
}

#[test]
fn response_iss_always() {
    let granted = granted(&[], &client());
    let url = location(&granted.answer("the-code", issuer()));
    let expected = [
        ("code", "the-code"),
        ("state", "s t&a=te"),
        ("iss", "https://id.example"),
    ];
    assert_eq!(
        pairs(&url),
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );

    let refusal = request(&[]).refuse(Fault::PersonDeclined);
    let url = location(&refusal.answer(issuer()).unwrap());
    let names: Vec<String> = pairs(&url).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["error", "error_description", "state", "iss"]);
    assert!(url.query().unwrap().starts_with("error=access_denied&"));
}

#[test]
fn nothing_is_invented() {
    let url = location(&granted(&[("state", None)], &client()).answer("c", issuer()));
    assert_eq!(pairs(&url).len(), 2, "no state in, no state out");
    assert_eq!(url.fragment(), None);
}

#[test]
fn oidcc_redirect_uri_query_ok() {
    let mut client = client();
    client.redirect_uris = vec![uri("https://app.example/cb?dummy1=lorem&dummy2=ipsum")];
    let edits = [(
        "redirect_uri",
        Some("https://app.example/cb?dummy1=lorem&dummy2=ipsum"),
    )];
    let Answer::Redirect(location) = granted(&edits, &client).answer("c", issuer()) else {
        panic!("a redirect")
    };
    assert!(location.starts_with("https://app.example/cb?dummy1=lorem&dummy2=ipsum&code=c&state="));
    for other in [
        "https://app.example/cb?dummy1=lorem",
        "https://app.example/cb?dummy1=lorem&dummy2=ipsum&x=1",
    ] {
        assert_eq!(
            check(&[("redirect_uri", Some(other))], &client)
                .unwrap_err()
                .fault(),
            Fault::RedirectUriNotRegistered
        );
    }
}

#[test]
fn form_post_delivery() {
    let edits = [
        ("response_mode", Some("form_post")),
        ("state", Some("\"><script>")),
    ];
    let Answer::FormPost { action, fields } = granted(&edits, &client()).answer("c", issuer()) else {
        panic!("a form")
    };
    assert_eq!(action, REDIRECT);
    assert_eq!(fields[0], ("code", "c".to_owned()));
    assert_eq!(fields[1], ("state", "\"><script>".to_owned()));
    let refusal = check(
        &[
            ("response_mode", Some("form_post")),
            ("prompt", Some("none login")),
        ],
        &client(),
    )
    .unwrap_err();
    let Some(Answer::FormPost { fields, .. }) = refusal.answer(issuer()) else {
        panic!("errors too")
    };
    assert_eq!(fields[0].1, "invalid_request");
}

#[test]
fn a_refused_mode_answers_in_the_default_one() {
    let refusal = check(&[("response_mode", Some("odd"))], &client()).unwrap_err();
    assert!(matches!(refusal.answer(issuer()), Some(Answer::Redirect(_))));
}

#[test]
fn debug_shows_no_code() {
    let answer = granted(&[], &client()).answer("the-code", issuer());
    assert!(!format!("{answer:?}").contains("the-code"));
}
