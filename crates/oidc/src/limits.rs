//! Every limit of a message, by name and with its reason. Lifetimes are defaults that a caller may shorten.

use core::time::Duration;

/// Parameters in one query or form. More is no request that a client library makes.
pub const PARAMETERS_MAX: usize = 50;
/// Bytes of one parameter's name.
pub const PARAMETER_NAME_MAX: usize = 64;
/// Bytes of one decoded value, unless a smaller limit is named below.
pub const VALUE_MAX: usize = 8 * 1024;
/// Bytes of one query or form body (a caller refuses larger bodies before it reads them, with 413).
pub const FORM_MAX: usize = 16 * 1024;
/// Bytes of `state`: it is echoed, so it lies in a URL twice.
pub const STATE_MAX: usize = 2 * 1024;
/// Bytes of `nonce`: it is signed, and no endpoint signs long foreign text.
pub const NONCE_MAX: usize = 512;
/// Bytes of `scope`.
pub const SCOPE_MAX: usize = 1024;
/// Values in one `scope`.
pub const SCOPE_ITEMS_MAX: usize = 50;
/// Bytes of `login_hint`: the longest e-mail address.
pub const LOGIN_HINT_MAX: usize = 320;
/// Bytes of a redirect URI.
pub const REDIRECT_URI_MAX: usize = 2 * 1024;
/// Redirect URIs of one client, and post-logout redirect URIs likewise.
pub const REDIRECT_URIS_MAX: usize = 20;
/// Characters of a client's name as people see it.
pub const CLIENT_NAME_MAX: usize = 60;
/// Bytes of a client identifier (a metadata document's URL included).
pub const CLIENT_ID_MAX: usize = 255;
/// Bytes of a client secret that a client may present.
pub const CLIENT_SECRET_MAX: usize = 255;
/// Values in `acr_values`, `ui_locales` and in the lists of a claims request.
pub const LIST_ITEMS_MAX: usize = 20;
/// Claims asked for in one `claims` parameter, both halves together.
pub const CLAIMS_MAX: usize = 100;
/// Bytes of `resource`, and how many of them.
pub const RESOURCE_MAX: usize = 1024;
/// Resources in one request.
pub const RESOURCES_MAX: usize = 10;
/// Bytes of a token, code or assertion that a client may present.
pub const TOKEN_MAX: usize = 8 * 1024;

/// Life of an authorization code (FAPI 2.0 Security Profile §5.3.2.1-11: at most 60 s).
pub const CODE_LIFETIME: Duration = Duration::from_secs(60);
/// Life of a pushed request (RFC 9126 §2.2).
pub const PUSHED_REQUEST_LIFETIME: Duration = Duration::from_secs(60);
/// Life of an access token.
pub const ACCESS_TOKEN_LIFETIME: Duration = Duration::from_secs(600);
/// Life of an ID token.
pub const ID_TOKEN_LIFETIME: Duration = Duration::from_secs(600);
/// Life of a logout token: long enough for the queue's last try (Back-Channel Logout §2.4 recommends 2 minutes).
pub const LOGOUT_TOKEN_LIFETIME: Duration = Duration::from_secs(600);
/// How long a refresh token lives unused.
pub const REFRESH_IDLE_LIFETIME: Duration = Duration::from_secs(14 * 24 * 3600);
/// How long a family of refresh tokens lives at the most.
pub const REFRESH_ABSOLUTE_LIFETIME: Duration = Duration::from_secs(90 * 24 * 3600);
/// During this time a spent refresh token gets the same successor again: an answer may have been lost.
pub const REFRESH_GRACE: Duration = Duration::from_secs(10);
/// Life of a device code.
pub const DEVICE_CODE_LIFETIME: Duration = Duration::from_secs(600);
/// First interval between two polls of a device, and what each `slow_down` adds (RFC 8628 §3.5).
pub const DEVICE_POLL_INTERVAL: Duration = Duration::from_secs(5);
/// Clock skew accepted in a foreign JWT.
pub const SKEW: Duration = Duration::from_secs(60);
/// How far ahead the expiry of a client assertion may lie.
pub const ASSERTION_LIFETIME_MAX: Duration = Duration::from_secs(300);
/// How far the `iat` of a DPoP proof may lie from now, either way.
pub const DPOP_WINDOW: Duration = Duration::from_secs(60);
/// How long a DPoP nonce is good.
pub const DPOP_NONCE_LIFETIME: Duration = Duration::from_secs(300);
/// How far apart `nbf` and `exp` of a request object may lie, each from now (FAPI 2.0 Message Signing §5.3.1).
pub const REQUEST_OBJECT_LIFETIME_MAX: Duration = Duration::from_secs(3600);
