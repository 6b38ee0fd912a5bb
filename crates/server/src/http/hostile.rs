//! Hostile requests made from the table of routes.

use poem::http::{Method, StatusCode, header};
use poem::{Endpoint, Request, Response};

use super::headers::Cache;
use super::routes::{ROUTES, Takes, Who, endpoint};
use super::tests::{HOST, app, ask, changing, content_type, has_headers, of_browsers, path, request};

/// The cookie of a fresh browser, and the token on its page.
async fn browser(everything: &impl Endpoint<Output = Response>) -> (String, String) {
    let page = ask(everything, request(&Method::GET, "/sign-in").finish()).await;
    let cookie = page
        .header("set-cookie")
        .and_then(|line| line.split(';').next())
        .unwrap_or_default()
        .to_owned();
    let html = page.into_body().into_string().await.expect("a page");
    let token = html
        .split("name=\"csrf\" content=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("the page carries a token");
    (cookie, token.to_owned())
}

#[tokio::test]
async fn csrf_token_not_transferable() {
    let everything = endpoint(&app());
    let (mine, _) = browser(&everything).await;
    let (_, theirs) = browser(&everything).await;
    for row in changing().filter(|row| row.who == Who::Anyone) {
        let post = request(&row.method, &path(row))
            .content_type(content_type(row))
            .header("x-csrf-token", &theirs)
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, &mine)
            .body(format!("csrf={theirs}"));
        let status = ask(&everything, post).await.status();
        assert_eq!(status, StatusCode::FORBIDDEN, "{}", row.path);
    }
}

#[tokio::test]
async fn method_override_ignored() {
    let everything = endpoint(&app());
    for row in ROUTES {
        for odd in ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "get"] {
            let method = Method::from_bytes(odd.as_bytes()).expect("a method");
            if ROUTES
                .iter()
                .any(|other| other.path == row.path && other.method == method)
            {
                continue;
            }
            let status = ask(&everything, request(&method, &path(row)).finish())
                .await
                .status();
            assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{odd} {}", row.path);
        }
        if row.method != Method::GET {
            continue;
        }
        let plain = ask(&everything, request(&Method::GET, &path(row)).finish()).await;
        for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
            let asked = request(&Method::GET, &path(row)).header(name, "POST").finish();
            assert_eq!(
                ask(&everything, asked).await.status(),
                plain.status(),
                "{}",
                row.path
            );
        }
    }
}

#[tokio::test]
async fn host_header_irrelevant() {
    let everything = endpoint(&app());
    for row in ROUTES {
        let seen = |response: &Response| {
            let location = response.header("location").map(str::to_owned);
            (response.status(), location)
        };
        let plain = seen(&ask(&everything, request(&row.method, &path(row)).finish()).await);
        for (name, value) in [
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-port", "1"),
            ("x-forwarded-prefix", "/evil"),
            ("forwarded", "host=evil.example;proto=https"),
            ("x-original-url", "/settings/security"),
            ("x-rewrite-url", "/settings/security"),
            ("x-host", "evil.example"),
        ] {
            let forged = request(&row.method, &path(row)).header(name, value).finish();
            let answer = ask(&everything, forged).await;
            assert_eq!(seen(&answer), plain, "{} {name}", row.path);
            let text = answer.into_body().into_string().await.unwrap_or_default();
            assert!(!text.contains("evil"), "{} {name}", row.path);
        }
    }
}

#[tokio::test]
async fn header_limits() {
    let everything = endpoint(&app());
    let build = || request(&Method::GET, "/sign-in");
    let refused = async |what: &str, request: Request| {
        let response = ask(&everything, request).await;
        assert_eq!(
            response.status(),
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "{what}"
        );
        has_headers(&response, what);
    };
    let mut many = build();
    for n in 0..101 {
        many = many.header(format!("x-{n}"), "a");
    }
    refused("101 headers", many.finish()).await;
    refused(
        "one of 9 KiB",
        build().header("x-long", "a".repeat(9 * 1024)).finish(),
    )
    .await;
    let mut all = build();
    for n in 0..5 {
        all = all.header(format!("x-{n}"), "a".repeat(7 * 1024));
    }
    refused("35 KiB in all", all.finish()).await;
    let address = format!("/sign-in?then={}", "a".repeat(9 * 1024));
    refused("an address of 9 KiB", request(&Method::GET, &address).finish()).await;
    let fine = ask(
        &everything,
        build().header("x-long", "a".repeat(7 * 1024)).finish(),
    )
    .await;
    assert_eq!(fine.status(), StatusCode::OK);
}

#[tokio::test]
async fn cookie_bomb_survivable() {
    let everything = endpoint(&app());
    let jar: Vec<String> = (0..60).map(|n| format!("bomb{n}={}", "a".repeat(4000))).collect();
    let bombed = request(&Method::GET, "/sign-in")
        .header(header::COOKIE, jar.join("; "))
        .finish();
    let response = ask(&everything, bombed).await;
    assert_eq!(response.status(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    assert_eq!(response.header("clear-site-data"), Some("\"cookies\""));
    let html = response.into_body().into_string().await.expect("a page");
    assert!(html.contains("Too many cookies"));
    let ordinary = request(&Method::GET, "/sign-in")
        .header(header::COOKIE, "a=b; doorward-browser=c")
        .finish();
    let response = ask(&everything, ordinary).await;
    assert!(response.status() == StatusCode::OK && response.header("clear-site-data").is_none());
}

#[tokio::test]
async fn no_store_private_pages() {
    let everything = endpoint(&app());
    for row in ROUTES {
        let response = ask(&everything, request(&row.method, &path(row)).finish()).await;
        let is_error = response.status().is_client_error();
        if is_error || row.cache == Cache::NoStore {
            let cache = response.header("cache-control").unwrap_or_default();
            let is_public = row.path == "/favicon.ico" || row.path.starts_with("/.well-known/");
            assert!(
                cache.contains("no-store") || (row.path == "/jwks" || is_public) && !is_error,
                "{} {}: {cache}",
                row.method,
                row.path
            );
        }
    }
}

#[tokio::test]
async fn cookie_value_is_a_handle() {
    let everything = endpoint(&app());
    let long = "A".repeat(5000);
    for row in of_browsers().filter(|row| row.who == Who::SignedIn && row.method == Method::GET) {
        let plain = ask(&everything, request(&Method::GET, &path(row)).finish()).await;
        for forged in [
            "",
            "A",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
            "../../etc/passwd",
            "%00",
            "{\"account\":1}",
            &long,
        ] {
            for name in [
                "session", "browser", "attempt", "device", "notice", "codes", "hint",
            ] {
                let asked = request(&Method::GET, &path(row))
                    .header(header::COOKIE, format!("doorward-{name}={forged}"))
                    .finish();
                let answer = ask(&everything, asked).await;
                assert_eq!(answer.status(), plain.status(), "{} {name}", row.path);
                assert_eq!(
                    answer.header("location"),
                    plain.header("location"),
                    "{}",
                    row.path
                );
            }
        }
    }
}

#[tokio::test]
async fn static_traversal() {
    let everything = endpoint(&app());
    for name in [
        "../Cargo.toml",
        "..%2fCargo.toml",
        "%2e%2e/Cargo.toml",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "..\\Cargo.toml",
        "..%5cCargo.toml",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "app.js%00.css",
        ".",
        "..",
        "~root",
    ] {
        let path = format!("/assets/{name}");
        let Ok(uri) = path.parse::<poem::http::Uri>() else {
            continue;
        };
        let asked = Request::builder().uri(uri).header(header::HOST, HOST).finish();
        let status = ask(&everything, asked).await.status();
        assert_eq!(status, StatusCode::NOT_FOUND, "{name}");
    }
}

/// Wrong types, duplicates, sizes and garbage at every row, past forgery's guard: nothing is a fault of ours.
#[tokio::test]
async fn hostile_requests_are_answered() {
    let everything = endpoint(&app());
    let (cookie, token) = browser(&everything).await;
    let deep = "[".repeat(100_000);
    let bodies: Vec<Vec<u8>> = [
        "",
        "{}",
        "null",
        "[]",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1e999}",
        "{\"credential\":{}} trailing",
        "\u{feff}{}",
        "{\"a\":\"\\ud800\"}",
        "name=a&name=b",
        "name=%00%ff",
        "name=%",
        "grant_type=authorization_code&code=a&code=b",
        "<script>alert(1)</script>",
        &deep,
    ]
    .into_iter()
    .map(|text| text.as_bytes().to_vec())
    .chain([vec![0xff; 1000], (0..=255).collect()])
    .collect();
    let mut sent = 0;
    for row in ROUTES.iter().filter(|row| row.takes != Takes::Nothing) {
        for body in &bodies {
            for kind in [
                "application/json",
                "application/x-www-form-urlencoded",
                "text/html",
                "",
            ] {
                let mut form = format!("csrf={token}&").into_bytes();
                form.extend_from_slice(body);
                let is_form = matches!(row.takes, Takes::Form(_));
                let asked = request(&row.method, &path(row))
                    .content_type(kind)
                    .header("x-csrf-token", &token)
                    .header("sec-fetch-site", "same-origin")
                    .header(header::COOKIE, &cookie)
                    .body(if is_form { form } else { body.clone() });
                let response = ask(&everything, asked).await;
                sent += 1;
                has_headers(&response, row.path);
                let status = response.status();
                assert!(!status.is_server_error(), "{} {status} {kind}", row.path);
                let text = response.into_body().into_string().await.unwrap_or_default();
                assert!(!text.contains("<script>alert"), "{}", row.path);
            }
        }
    }
    for row in ROUTES.iter().filter(|row| row.method == Method::GET) {
        for query in [
            "a",
            "a=1&a=2",
            "then=%00",
            "then=//evil.example",
            "%ff=%fe",
            "=",
            "&&&",
            "client_id=%22%3E%3Cscript%3Ealert(1)",
        ] {
            let asked = format!("{}?{query}", path(row));
            let response = ask(&everything, request(&Method::GET, &asked).finish()).await;
            sent += 1;
            has_headers(&response, row.path);
            assert!(
                !response.status().is_server_error(),
                "{asked} {}",
                response.status()
            );
            let location = response.header("location").unwrap_or_default().to_owned();
            assert!(
                !location.starts_with("//") && !location.starts_with("https://evil"),
                "{asked}"
            );
            let text = response.into_body().into_string().await.unwrap_or_default();
            assert!(!text.contains("<script>alert"), "{asked}");
        }
    }
    println!("{sent} hostile requests");
}
