//! The relying parties of `examples/`, each driven once by the software authenticator, over a socket.

use std::net::TcpListener;

use doorward_authenticator::{Browser, Device};
use reqwest::{Client, StatusCode};
use serde_json::Value;

#[expect(dead_code, reason = "a test needs no main")]
#[path = "../../examples/axum.rs"]
mod axum_example;
#[expect(dead_code, reason = "a test needs no main")]
#[path = "../../examples/poem.rs"]
mod poem_example;

#[test]
fn each_is_whole_in_under_eighty_lines() {
    for text in [
        include_str!("../../examples/axum.rs"),
        include_str!("../../examples/poem.rs"),
    ] {
        assert!(text.lines().count() < 80, "{} lines", text.lines().count());
    }
}

#[tokio::test]
async fn on_axum_a_passkey_registers_and_signs_in() {
    let (listener, origin) = listen();
    let app = axum_example::app(&origin).unwrap();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    visit(&origin).await;
}

#[tokio::test]
async fn on_poem_a_passkey_registers_and_signs_in() {
    let (listener, origin) = listen();
    let app = poem_example::app(&origin).unwrap();
    let acceptor = poem::listener::TcpAcceptor::from_std(listener).unwrap();
    tokio::spawn(poem::Server::new_with_acceptor(acceptor).run(app));
    visit(&origin).await;
}

fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, format!("http://localhost:{port}"))
}

async fn visit(origin: &str) {
    let (browser, mut device) = (Browser::at(origin), Device::from_seed("laptop"));
    let client = Client::builder().no_proxy().build().unwrap();
    let server = origin.replace("localhost", "127.0.0.1");
    let post = async |path: &str, body: String| {
        let sent = client
            .post(format!("{server}{path}"))
            .body(body)
            .send()
            .await
            .unwrap();
        (sent.status(), sent.text().await.unwrap())
    };
    let begin = async |path: &str| -> (Value, String) {
        let (status, options) = post(path, "ana".to_owned()).await;
        assert_eq!(status, StatusCode::OK, "{options}");
        let options: Value = serde_json::from_str(&options).unwrap();
        let finish = format!("{path}/{}", options["challenge"].as_str().unwrap());
        (options, finish)
    };
    let page = client
        .get(format!("{server}/"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(page.contains("parseCreationOptionsFromJSON"));

    let (options, finish) = begin("/register").await;
    let answer = browser.create(&mut device, &options).unwrap().to_string();
    assert_eq!(post(&finish, answer.clone()).await.0, StatusCode::OK);
    assert_eq!(
        post(&finish, answer.clone()).await.0,
        StatusCode::GONE,
        "a ceremony ends once"
    );
    let (_, other) = begin("/register").await;
    assert_eq!(
        post(&other, answer).await.0,
        StatusCode::FORBIDDEN,
        "an answer fits one ceremony"
    );

    let (options, finish) = begin("/sign-in").await;
    let answer = browser.get(&mut device, &options).unwrap().to_string();
    // Three bytes more are well-formed base64url whatever the signature's length.
    let spoiled = answer.replace("\"signature\":\"", "\"signature\":\"AAAA");
    assert_eq!(post(&finish, spoiled).await.0, StatusCode::FORBIDDEN);
    assert_eq!(
        post(&finish, answer).await.0,
        StatusCode::GONE,
        "a refused ceremony is over, too"
    );
    let (options, finish) = begin("/sign-in").await;
    let answer = browser.get(&mut device, &options).unwrap().to_string();
    assert_eq!(
        post(&finish, answer).await,
        (StatusCode::OK, "Welcome ana".to_owned())
    );
}
