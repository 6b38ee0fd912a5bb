//! Tests made from the table of routes: a new row is tested before anybody writes a test for it.

use std::sync::Arc;

use doorward_crypto::Widest;
use doorward_crypto::ring::Ring;
use doorward_crypto::rustcrypto::RustCrypto;
use doorward_identity::{Identity, Limits, Parts, Policy};
use doorward_storage::{Keyring, Sealer, Store};
use poem::http::{Method, StatusCode, header};
use poem::{Endpoint, EndpointExt as _, Request, Response, handler};

use super::border::Border;
use super::headers::Cache;
use super::limits::SMALL_BODY;
use super::routes::{Csrf, ROUTES, Row, Takes, Who, endpoint};
use crate::app::App;
use crate::config::Config;
use crate::outside::{SystemClock, SystemRandom};

pub(crate) const HOST: &str = "localhost:8080";

pub(crate) fn app() -> App {
    let (config, _) = Config::load(None, std::iter::empty(), &[]).expect("the defaults");
    let identity = Identity::new(Parts {
        store: Store::in_memory(),
        sealer: Sealer::new(Keyring::generate(&SystemRandom).expect("random")),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        provider: Arc::new(Widest(Ring, RustCrypto)),
        outgoing: Arc::new(doorward_identity::outside::Unreachable),
        origin: config.server.url.url().clone(),
        instance_name: "Doorward".into(),
        policy: Policy::default(),
        limits: Limits::default(),
    });
    App::new(&config, identity.expect("the defaults"), None)
}

/// A path of the row, its parameters filled in.
pub(super) fn path(row: &Row) -> String {
    let parts = row
        .path
        .split('/')
        .map(|part| if part.starts_with(':') { "none" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

pub(super) fn content_type(row: &Row) -> &'static str {
    if matches!(row.takes, Takes::Json(_)) {
        "application/json"
    } else {
        "application/x-www-form-urlencoded"
    }
}

pub(super) fn request(method: &Method, path: &str) -> poem::RequestBuilder {
    Request::builder()
        .method(method.clone())
        .uri_str(path)
        .header(header::HOST, HOST)
}

pub(super) async fn ask(everything: &impl Endpoint<Output = Response>, request: Request) -> Response {
    everything.get_response(request).await
}

pub(super) fn of_browsers() -> impl Iterator<Item = &'static Row> {
    ROUTES.iter().filter(|row| row.who != Who::Machine)
}

pub(super) fn changing() -> impl Iterator<Item = &'static Row> {
    of_browsers().filter(|row| row.csrf == Csrf::Token)
}

#[track_caller]
pub(super) fn has_headers(response: &Response, what: &str) {
    for (name, part) in [
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "frame-ancestors 'none'"),
        ("content-security-policy", "default-src 'none'"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=()"),
        ("cache-control", ""),
    ] {
        assert!(
            response.header(name).is_some_and(|value| value.contains(part)),
            "{what}: {name}"
        );
    }
}

#[tokio::test]
async fn headers_on_every_answer() {
    let everything = endpoint(&app());
    for row in ROUTES {
        for method in [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::OPTIONS,
            Method::HEAD,
            Method::TRACE,
        ] {
            let response = ask(&everything, request(&method, &path(row)).finish()).await;
            has_headers(&response, &format!("{method} {}", row.path));
            assert!(
                !response.status().is_server_error(),
                "{method} {}: {}",
                row.path,
                response.status()
            );
        }
    }
    let response = ask(&everything, request(&Method::GET, "/nowhere").finish()).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    has_headers(&response, "/nowhere");
    let response = ask(&everything, request(&Method::DELETE, "/sign-in").finish()).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.header("allow"), Some("GET, POST"));
}

#[tokio::test]
async fn paths_have_one_form() {
    let everything = endpoint(&app());
    for odd in [
        "//sign-in",
        "/./sign-in",
        "/sign-in/",
        "/%73ign-in",
        "/sign-in;a=b",
        "/Sign-In",
        "/assets/..%2fmain.rs",
    ] {
        let response = ask(&everything, request(&Method::GET, odd).finish()).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{odd}");
    }
}

#[tokio::test]
async fn nobody_sees_what_is_for_people_who_are_signed_in() {
    let everything = endpoint(&app());
    for row in of_browsers().filter(|row| row.who == Who::SignedIn && row.method == Method::GET) {
        let response = ask(&everything, request(&row.method, &path(row)).finish()).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{}", row.path);
        assert!(
            response
                .header("location")
                .is_some_and(|to| to.starts_with("/sign-in")),
            "{}",
            row.path
        );
    }
}

#[tokio::test]
async fn csrf_origin_and_token() {
    let app = app();
    let everything = endpoint(&app);
    let page = ask(&everything, request(&Method::GET, "/sign-in").finish()).await;
    let cookie = page
        .header("set-cookie")
        .and_then(|line| line.split(';').next())
        .unwrap_or_default()
        .to_owned();
    let html = page.into_body().into_string().await.expect("a page");
    let token = html
        .split("name=\"csrf\" content=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let token = token.expect("the page carries a token").to_owned();
    let post = |row: &Row, token: &str, site: &str, cookie: &str| {
        let body = if matches!(row.takes, Takes::Json(_)) {
            "{}".to_owned()
        } else {
            format!("csrf={token}")
        };
        request(&row.method, &path(row))
            .content_type(content_type(row))
            .header("x-csrf-token", token)
            .header("sec-fetch-site", site)
            .header(header::COOKIE, cookie)
            .body(body)
    };
    for row in changing() {
        let forbidden = [
            post(row, &token, "cross-site", &cookie),
            post(row, &token, "same-site", &cookie),
            post(row, "", "same-origin", &cookie),
            post(row, "wrong", "same-origin", &cookie),
            post(row, &token, "same-origin", ""),
            post(
                row,
                &token,
                "same-origin",
                "doorward-browser=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            ),
        ];
        for request in forbidden {
            let status = ask(&everything, request).await.status();
            let nobody = row.who == Who::SignedIn
                && matches!(status, StatusCode::UNAUTHORIZED | StatusCode::SEE_OTHER);
            assert!(status == StatusCode::FORBIDDEN || nobody, "{} {status}", row.path);
        }
        let status = ask(&everything, post(row, &token, "same-origin", &cookie))
            .await
            .status();
        assert_ne!(status, StatusCode::FORBIDDEN, "{}", row.path);
    }
}

#[tokio::test]
async fn body_limits_types_and_encodings_are_the_rows() {
    let everything = endpoint(&app());
    for row in ROUTES {
        let (Takes::Form(limit) | Takes::Json(limit) | Takes::Machine(limit)) = row.takes else {
            continue;
        };
        let build = || request(&row.method, &path(row));
        let large = build()
            .content_type(content_type(row))
            .body(vec![b'a'; limit + 1]);
        assert_eq!(
            ask(&everything, large).await.status(),
            StatusCode::PAYLOAD_TOO_LARGE,
            "{}",
            row.path
        );
        let told = build()
            .content_type(content_type(row))
            .header(header::CONTENT_LENGTH, limit + 1)
            .finish();
        assert_eq!(
            ask(&everything, told).await.status(),
            StatusCode::PAYLOAD_TOO_LARGE,
            "{}",
            row.path
        );
        let packed = build()
            .content_type(content_type(row))
            .header(header::CONTENT_ENCODING, "gzip")
            .body("a");
        assert_eq!(
            ask(&everything, packed).await.status(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "{}",
            row.path
        );
        if !matches!(row.takes, Takes::Machine(_)) {
            for wrong in [
                "text/plain",
                "multipart/form-data; boundary=a",
                "application/json; charset=utf-16",
            ] {
                let status = ask(&everything, build().content_type(wrong).body("{}"))
                    .await
                    .status();
                assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{} {wrong}", row.path);
            }
        }
    }
}

#[tokio::test]
async fn under_another_name_pages_say_which_is_right() {
    let everything = endpoint(&app());
    for host in [
        "127.0.0.1:8080",
        "localhost",
        "evil.example",
        "localhost:8080.evil.example",
        "",
    ] {
        for row in of_browsers() {
            let request = Request::builder()
                .method(row.method.clone())
                .uri_str(path(row))
                .header(header::HOST, host);
            let response = ask(&everything, request.finish()).await;
            assert_eq!(
                response.status(),
                StatusCode::MISDIRECTED_REQUEST,
                "{} {host}",
                row.path
            );
        }
        let page = Request::builder()
            .uri_str("/sign-in")
            .header(header::HOST, host)
            .finish();
        let html = ask(&everything, page)
            .await
            .into_body()
            .into_string()
            .await
            .expect("a page");
        assert!(html.contains("http://localhost:8080"), "{host}");
    }
    // Programs are answered the same under every name, and always with the configured one.
    let discovery = |host: &'static str| {
        Request::builder()
            .uri_str("/.well-known/openid-configuration")
            .header(header::HOST, host)
            .finish()
    };
    let ours = ask(&everything, discovery(HOST))
        .await
        .into_body()
        .into_string()
        .await
        .expect("JSON");
    let theirs = ask(&everything, discovery("evil.example"))
        .await
        .into_body()
        .into_string()
        .await
        .expect("JSON");
    assert_eq!(ours, theirs);
}

#[handler]
fn panics() -> Response {
    std::panic::resume_unwind(Box::new("a handler panics"))
}

#[tokio::test]
async fn panic_is_500_not_exit() {
    static ROW: std::sync::LazyLock<Row> = std::sync::LazyLock::new(|| Row {
        method: Method::GET,
        path: "/",
        takes: Takes::Nothing,
        who: Who::Anyone,
        csrf: Csrf::Safe,
        cache: Cache::NoStore,
        make: || panics.map_to_response().boxed(),
    });
    let app = app();
    let border = Border {
        app: app.clone(),
        row: &ROW,
        inner: (ROW.make)(),
    };
    let response = border.get_response(request(&Method::GET, "/").finish()).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    has_headers(&response, "a panic");
    let html = response.into_body().into_string().await.expect("a page");
    assert!(
        html.contains("Event") && !html.contains("panics"),
        "an id, and no detail"
    );
}

#[tokio::test]
async fn safe_methods_are_safe() {
    let app = app();
    let everything = endpoint(&app);
    let dump = async || {
        app.identity()
            .list_people(None, 10)
            .await
            .expect("a list")
            .0
            .len()
    };
    for row in ROUTES.iter().filter(|row| row.method == Method::GET) {
        ask(&everything, request(&Method::GET, &path(row)).finish()).await;
    }
    assert_eq!(dump().await, 0);
    assert!(
        app.identity().setup_link().await.expect("a store").is_some(),
        "nobody has set it up"
    );
}

#[tokio::test]
async fn a_long_form_has_an_end() {
    let everything = endpoint(&app());
    let many = "a=1&".repeat(200);
    assert!(many.len() < SMALL_BODY);
    let form = request(&Method::POST, "/sign-in")
        .content_type("application/x-www-form-urlencoded")
        .body(many);
    assert_eq!(ask(&everything, form).await.status(), StatusCode::BAD_REQUEST);
}
