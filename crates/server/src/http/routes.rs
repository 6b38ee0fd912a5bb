//! Every address there is. An address that is in no row does not exist; what a row does not allow, its handler
//! never sees.

use poem::endpoint::BoxEndpoint;
use poem::http::Method;
use poem::{EndpointExt as _, Response, Route, RouteMethod};

use super::border::{Border, Outer};
use super::headers::Cache;
use super::limits::{CEREMONY_BODY, SMALL_BODY};
use crate::app::App;
use crate::endpoints::{
    applications, authorize, consent, cors, device, discovery, introspect, logout, par, registration, revoke,
    token, userinfo, webfinger,
};
use crate::handlers::{account, assets, health, home, security, sessions, setup, sign_in, sign_out, verify};

/// The form of the body, and its largest size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// None is read.
    Nothing,
    /// `application/x-www-form-urlencoded`.
    Form(usize),
    /// `application/json`; errors are JSON too.
    Json(usize),
    /// Raw, for an endpoint with rules of its own.
    Machine(usize),
}

/// Who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Every browser.
    Anyone,
    /// A browser with a session; others are sent to the sign-in.
    SignedIn,
    /// Programs. No cookie is looked at.
    Machine,
}

/// What guards against forgery across sites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Csrf {
    /// Nothing is changed.
    Safe,
    /// Origin and token.
    Token,
    /// Other sites send people here by design, and nothing is approved or ended by that alone.
    Foreign,
}

/// One address and method.
pub(crate) struct Row {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) takes: Takes,
    pub(crate) who: Who,
    pub(crate) csrf: Csrf,
    pub(crate) cache: Cache,
    pub(crate) make: fn() -> BoxEndpoint<'static, Response>,
}

macro_rules! routes {
    ($( $method:ident $path:literal $takes:ident$(($limit:ident))? $who:ident $csrf:ident $cache:ident => $($handler:ident)::+; )+) => {
        /// The table.
        pub(crate) static ROUTES: &[Row] = &[$( Row {
            method: Method::$method,
            path: $path,
            takes: Takes::$takes$(($limit))?,
            who: Who::$who,
            csrf: Csrf::$csrf,
            cache: Cache::$cache,
            make: || $($handler)::+.map_to_response().boxed(),
        } ),+];
    };
}

routes! {
    // First run, invitations, the operator's reset links
    GET  "/setup/:token"                  Nothing             Anyone   Safe  NoStore => setup::show;
    POST "/setup/:token"                  Form(SMALL_BODY)    Anyone   Token NoStore => setup::submit;
    POST "/setup/:token/passkey/options"  Json(SMALL_BODY)    Anyone   Token NoStore => setup::passkey_options;
    POST "/setup/:token/passkey"          Json(CEREMONY_BODY) Anyone   Token NoStore => setup::passkey;
    GET  "/invite/:token"                 Nothing             Anyone   Safe  NoStore => setup::show;
    POST "/invite/:token"                 Form(SMALL_BODY)    Anyone   Token NoStore => setup::submit;
    POST "/invite/:token/passkey/options" Json(SMALL_BODY)    Anyone   Token NoStore => setup::passkey_options;
    POST "/invite/:token/passkey"         Json(CEREMONY_BODY) Anyone   Token NoStore => setup::passkey;
    GET  "/recover/:token"                 Nothing             Anyone   Safe  NoStore => setup::show;
    POST "/recover/:token"                 Form(SMALL_BODY)    Anyone   Token NoStore => setup::submit;
    POST "/recover/:token/passkey/options" Json(SMALL_BODY)    Anyone   Token NoStore => setup::passkey_options;
    POST "/recover/:token/passkey"         Json(CEREMONY_BODY) Anyone   Token NoStore => setup::passkey;

    // Sign-in and sign-out
    GET  "/sign-in"                 Nothing             Anyone   Safe  NoStore => sign_in::name::show;
    POST "/sign-in"                 Form(SMALL_BODY)    Anyone   Token NoStore => sign_in::name::submit;
    GET  "/sign-in/methods"         Nothing             Anyone   Safe  NoStore => sign_in::name::methods;
    GET  "/sign-in/passkey"         Nothing             Anyone   Safe  NoStore => sign_in::passkey::show;
    POST "/sign-in/passkey/options" Json(SMALL_BODY)    Anyone   Token NoStore => sign_in::passkey::options;
    POST "/sign-in/passkey"         Json(CEREMONY_BODY) Anyone   Token NoStore => sign_in::passkey::finish;
    GET  "/sign-in/password"        Nothing             Anyone   Safe  NoStore => sign_in::password::show;
    POST "/sign-in/password"        Form(SMALL_BODY)    Anyone   Token NoStore => sign_in::password::submit;
    GET  "/sign-in/code"            Nothing             Anyone   Safe  NoStore => sign_in::second::show_code;
    POST "/sign-in/code"            Form(SMALL_BODY)    Anyone   Token NoStore => sign_in::second::submit_code;
    GET  "/sign-in/recovery"        Nothing             Anyone   Safe  NoStore => sign_in::second::show_recovery;
    POST "/sign-in/recovery"        Form(SMALL_BODY)    Anyone   Token NoStore => sign_in::second::submit_recovery;
    POST "/sign-out"                Form(SMALL_BODY)    Anyone   Token NoStore => sign_out::submit;
    GET  "/signed-out"              Nothing             Anyone   Safe  NoStore => sign_out::show;

    // Step-up
    GET  "/verify"         Nothing             SignedIn Safe  NoStore => verify::show;
    POST "/verify"         Form(SMALL_BODY)    SignedIn Token NoStore => verify::submit;
    POST "/verify/options" Json(SMALL_BODY)    SignedIn Token NoStore => verify::options;
    POST "/verify/passkey" Json(CEREMONY_BODY) SignedIn Token NoStore => verify::passkey;
    POST "/verify/cancel"  Form(SMALL_BODY)    SignedIn Token NoStore => verify::cancel;

    // The signed-in person
    GET  "/"                                        Nothing             SignedIn Safe  NoStore => home::show;
    GET  "/settings/security"                       Nothing             SignedIn Safe  NoStore => security::show;
    POST "/settings/security/passkeys/options"      Json(SMALL_BODY)    SignedIn Token NoStore => security::passkeys::options;
    POST "/settings/security/passkeys"              Json(CEREMONY_BODY) SignedIn Token NoStore => security::passkeys::register;
    POST "/settings/security/passkeys/quiet/options" Json(SMALL_BODY)   SignedIn Token NoStore => security::passkeys::quiet_options;
    POST "/settings/security/passkeys/quiet"        Json(CEREMONY_BODY) SignedIn Token NoStore => security::passkeys::quiet;
    POST "/settings/security/passkeys/:id/rename"   Form(SMALL_BODY)    SignedIn Token NoStore => security::passkeys::rename;
    POST "/settings/security/passkeys/:id/remove"   Form(SMALL_BODY)    SignedIn Token NoStore => security::passkeys::remove;
    POST "/settings/security/passkeys/:id/primary"  Form(SMALL_BODY)    SignedIn Token NoStore => security::passkeys::primary;
    POST "/settings/security/totp"                  Form(SMALL_BODY)    SignedIn Token NoStore => security::totp::begin;
    POST "/settings/security/totp/code"             Form(SMALL_BODY)    SignedIn Token NoStore => security::totp::code;
    POST "/settings/security/totp/cancel"           Form(SMALL_BODY)    SignedIn Token NoStore => security::totp::cancel;
    POST "/settings/security/totp/off"              Form(SMALL_BODY)    SignedIn Token NoStore => security::totp::off;
    POST "/settings/security/preferred"             Form(SMALL_BODY)    SignedIn Token NoStore => security::preferred;
    POST "/settings/security/recovery-codes"        Form(SMALL_BODY)    SignedIn Token NoStore => security::recovery_codes;
    POST "/settings/security/password"              Form(SMALL_BODY)    SignedIn Token NoStore => security::password::set;
    POST "/settings/security/password/remove"       Form(SMALL_BODY)    SignedIn Token NoStore => security::password::remove;
    GET  "/settings/sessions"                       Nothing             SignedIn Safe  NoStore => sessions::show;
    POST "/settings/sessions/end"                   Form(SMALL_BODY)    SignedIn Token NoStore => sessions::end;
    POST "/settings/sessions/end-others"            Form(SMALL_BODY)    SignedIn Token NoStore => sessions::end_others;
    GET  "/settings/activity"                       Nothing             SignedIn Safe  NoStore => account::activity;
    GET  "/settings/profile"                        Nothing             SignedIn Safe  NoStore => account::profile;
    POST "/settings/profile"                        Form(SMALL_BODY)    SignedIn Token NoStore => account::save_profile;

    GET  "/settings/apps"                           Nothing             SignedIn Safe  NoStore => applications::show;
    POST "/settings/apps/revoke"                    Form(SMALL_BODY)    SignedIn Token NoStore => applications::revoke;

    // Applications send people here
    GET  "/authorize"      Nothing             Anyone  Foreign NoStore => authorize::show;
    POST "/authorize"      Machine(SMALL_BODY) Machine Foreign NoStore => authorize::submit;
    GET  "/continue"       Nothing             Anyone  Safe    NoStore => authorize::resume;
    POST "/consent"        Form(SMALL_BODY)    Anyone  Token   NoStore => consent::submit;
    GET  "/device"         Nothing             Anyone  Safe    NoStore => device::show;
    POST "/device"         Form(SMALL_BODY)    SignedIn Token  NoStore => device::submit;
    GET  "/end-session"         Nothing             Anyone  Foreign NoStore => logout::show;
    POST "/end-session"         Machine(SMALL_BODY) Machine Foreign NoStore => logout::submit;
    POST "/end-session/confirm" Form(SMALL_BODY)    Anyone  Token   NoStore => logout::confirm;

    // Applications speak for themselves
    GET     "/.well-known/openid-configuration"       Nothing             Machine Safe NoStore => discovery::metadata;
    OPTIONS "/.well-known/openid-configuration"       Nothing             Machine Safe NoStore => cors::preflight;
    GET     "/.well-known/oauth-authorization-server" Nothing             Machine Safe NoStore => discovery::metadata;
    OPTIONS "/.well-known/oauth-authorization-server" Nothing             Machine Safe NoStore => cors::preflight;
    GET     "/jwks"                                   Nothing             Machine Safe NoStore => discovery::jwks;
    OPTIONS "/jwks"                                   Nothing             Machine Safe NoStore => cors::preflight;
    POST    "/token"                                  Machine(SMALL_BODY) Machine Safe NoStore => token::submit;
    OPTIONS "/token"                                  Nothing             Machine Safe NoStore => cors::preflight;
    POST    "/par"                                    Machine(SMALL_BODY) Machine Safe NoStore => par::submit;
    POST    "/device_authorization"                   Machine(SMALL_BODY) Machine Safe NoStore => device::authorize;
    GET     "/.well-known/oauth-protected-resource"   Nothing             Machine Safe NoStore => discovery::protected_resource;
    OPTIONS "/.well-known/oauth-protected-resource"   Nothing             Machine Safe NoStore => cors::preflight;
    OPTIONS "/par"                                    Nothing             Machine Safe NoStore => cors::preflight;
    GET     "/userinfo"                               Nothing             Machine Safe NoStore => userinfo::show;
    POST    "/userinfo"                               Machine(SMALL_BODY) Machine Safe NoStore => userinfo::submit;
    OPTIONS "/userinfo"                               Nothing             Machine Safe NoStore => cors::preflight;
    POST    "/introspect"                             Machine(SMALL_BODY) Machine Safe NoStore => introspect::submit;
    POST    "/revoke"                                 Machine(SMALL_BODY) Machine Safe NoStore => revoke::submit;
    OPTIONS "/revoke"                                 Nothing             Machine Safe NoStore => cors::preflight;

    GET     "/.well-known/webfinger"                  Nothing             Machine Safe NoStore => webfinger::show;
    OPTIONS "/.well-known/webfinger"                  Nothing             Machine Safe NoStore => cors::preflight;

    // Applications look after themselves
    POST    "/register"        Machine(CEREMONY_BODY) Machine Safe NoStore => registration::create;
    OPTIONS "/register"        Nothing                Machine Safe NoStore => cors::preflight;
    GET     "/register/:id"    Nothing                Machine Safe NoStore => registration::show;
    PUT     "/register/:id"    Machine(CEREMONY_BODY) Machine Safe NoStore => registration::replace;
    DELETE  "/register/:id"    Nothing                Machine Safe NoStore => registration::remove;

    // Machines
    GET  "/health/live"                     Nothing Machine Safe NoStore   => health::live;
    GET  "/health/ready"                    Nothing Machine Safe NoStore   => health::ready;
    GET  "/.well-known/change-password"     Nothing Machine Safe NoStore   => home::change_password;
    GET  "/.well-known/passkey-endpoints"   Nothing Machine Safe NoStore   => home::passkey_endpoints;
    GET  "/favicon.ico"                     Nothing Machine Safe NoStore   => assets::favicon;
    GET  "/assets/:name"                    Nothing Machine Safe Immutable => assets::serve;
}

/// All of it as one endpoint.
pub(crate) fn endpoint(app: &App) -> impl poem::Endpoint<Output = Response> + 'static {
    let mut paths: Vec<(&'static str, RouteMethod)> = Vec::new();
    for row in ROUTES {
        let border = Border {
            app: app.clone(),
            row,
            inner: (row.make)(),
        };
        let known = paths.iter().position(|(path, _)| *path == row.path);
        let (path, methods) = match known {
            Some(at) => paths.swap_remove(at),
            None => (row.path, RouteMethod::new()),
        };
        paths.push((path, methods.method(row.method.clone(), border)));
    }
    let routes = paths
        .into_iter()
        .fold(Route::new(), |routes, (path, methods)| routes.at(path, methods));
    Outer {
        app: app.clone(),
        routes,
    }
}

/// The page of a signed-in person at this path, when there is one without parameters.
pub(crate) fn page(path: &str) -> Option<&'static str> {
    let fits = |row: &&Row| {
        row.method == Method::GET && row.who == Who::SignedIn && row.path == path && path != "/verify"
    };
    ROUTES.iter().find(fits).map(|row| row.path)
}

/// The methods of a path, for `Allow`.
pub(crate) fn methods(path: &str) -> String {
    let fits = |row: &&Row| {
        let (ours, theirs) = (row.path.split('/'), path.split('/'));
        ours.clone().count() == theirs.clone().count()
            && ours
                .zip(theirs)
                .all(|(ours, theirs)| ours.starts_with(':') || ours == theirs)
    };
    let names: Vec<&str> = ROUTES
        .iter()
        .filter(fits)
        .map(|row| row.method.as_str())
        .collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_row_stands_once() {
        let mut seen = BTreeSet::new();
        for row in ROUTES {
            assert!(
                seen.insert((row.path, row.method.as_str())),
                "{} {}",
                row.method,
                row.path
            );
        }
    }

    #[test]
    fn what_changes_something_is_guarded_and_reads_a_bounded_body() {
        for row in ROUTES {
            let is_post = row.method == Method::POST;
            let by_machine = [Method::OPTIONS, Method::PUT, Method::DELETE].contains(&row.method);
            let asks = row.method == Method::GET || (by_machine && row.who == Who::Machine);
            assert!(is_post || asks, "{} {}", row.method, row.path);
            assert_eq!(
                is_post || row.method == Method::PUT,
                row.takes != Takes::Nothing,
                "{} {}",
                row.method,
                row.path
            );
            if is_post && row.who != Who::Machine {
                assert_ne!(row.csrf, Csrf::Safe, "{} {}", row.method, row.path);
            }
        }
    }

    #[test]
    fn metadata_lists_only_what_works() {
        use doorward_oidc::discovery::Offered;
        for endpoint in Offered::default().endpoints {
            assert!(
                ROUTES.iter().any(|row| row.path == endpoint.path()),
                "{}",
                endpoint.path()
            );
        }
    }

    #[test]
    fn a_person_is_sent_on_only_to_pages_of_ours() {
        assert_eq!(page("/settings/security"), Some("/settings/security"));
        for foreign in [
            "https://evil.example",
            "//evil.example",
            "/sign-in",
            "/settings/security/",
            "/token",
            "",
        ] {
            assert_eq!(page(foreign), None, "{foreign}");
        }
        assert_eq!(methods("/sign-in"), "GET, POST");
    }
}
