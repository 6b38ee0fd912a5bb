//! The two tables of errors: what a client is told (`ErrorCode`), and which rule was broken (`Fault`).
//!
//! A fault is for the developer and the log: it names the rule and its section. A code is all that a stranger
//! may learn. The sentence of a fault never holds a quote, a backslash or a line break, so it may stand in
//! `error_description` as it is (RFC 6749 §5.2), and it never repeats what the stranger sent.

/// Makes [`ErrorCode`] from its rows: variant, the word on the wire, status at a JSON endpoint, where defined.
macro_rules! codes {
    ($($variant:ident = ($word:literal, $status:literal, $section:literal),)+) => {
        /// An error code of OAuth 2, OpenID Connect or one of their extensions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(#[doc = concat!("`", $word, "` (", $section, ")")] $variant,)+
        }

        impl ErrorCode {
            /// Every code of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The HTTP status where the code is answered as JSON.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }

            /// Where the code is defined.
            #[must_use]
            pub const fn section(self) -> &'static str {
                match self { $(Self::$variant => $section,)+ }
            }
        }
    };
}

codes! {
    InvalidRequest = ("invalid_request", 400, "RFC 6749 §4.1.2.1, §5.2"),
    UnauthorizedClient = ("unauthorized_client", 400, "RFC 6749 §4.1.2.1, §5.2"),
    AccessDenied = ("access_denied", 400, "RFC 6749 §4.1.2.1, RFC 8628 §3.5"),
    UnsupportedResponseType = ("unsupported_response_type", 400, "RFC 6749 §4.1.2.1"),
    InvalidScope = ("invalid_scope", 400, "RFC 6749 §4.1.2.1, §5.2"),
    ServerError = ("server_error", 500, "RFC 6749 §4.1.2.1"),
    TemporarilyUnavailable = ("temporarily_unavailable", 503, "RFC 6749 §4.1.2.1"),
    InvalidClient = ("invalid_client", 401, "RFC 6749 §5.2"),
    InvalidGrant = ("invalid_grant", 400, "RFC 6749 §5.2"),
    UnsupportedGrantType = ("unsupported_grant_type", 400, "RFC 6749 §5.2"),
    InvalidToken = ("invalid_token", 401, "RFC 6750 §3.1"),
    InsufficientScope = ("insufficient_scope", 403, "RFC 6750 §3.1"),
    UnsupportedTokenType = ("unsupported_token_type", 400, "RFC 7009 §2.2.1"),
    InteractionRequired = ("interaction_required", 400, "OpenID Connect Core §3.1.2.6"),
    LoginRequired = ("login_required", 400, "OpenID Connect Core §3.1.2.6"),
    AccountSelectionRequired = ("account_selection_required", 400, "OpenID Connect Core §3.1.2.6"),
    ConsentRequired = ("consent_required", 400, "OpenID Connect Core §3.1.2.6"),
    InvalidRequestUri = ("invalid_request_uri", 400, "OpenID Connect Core §3.1.2.6"),
    InvalidRequestObject = ("invalid_request_object", 400, "OpenID Connect Core §3.1.2.6"),
    RequestNotSupported = ("request_not_supported", 400, "OpenID Connect Core §3.1.2.6"),
    RequestUriNotSupported = ("request_uri_not_supported", 400, "OpenID Connect Core §3.1.2.6"),
    RegistrationNotSupported = ("registration_not_supported", 400, "OpenID Connect Core §3.1.2.6"),
    UnmetAuthenticationRequirements =
        ("unmet_authentication_requirements", 400, "OpenID Connect Unmet Authentication Requirements 1.0 §2"),
    InvalidTarget = ("invalid_target", 400, "RFC 8707 §2"),
    InvalidRedirectUri = ("invalid_redirect_uri", 400, "RFC 7591 §3.2.2"),
    InvalidClientMetadata = ("invalid_client_metadata", 400, "RFC 7591 §3.2.2"),
    AuthorizationPending = ("authorization_pending", 400, "RFC 8628 §3.5"),
    SlowDown = ("slow_down", 400, "RFC 8628 §3.5"),
    ExpiredToken = ("expired_token", 400, "RFC 8628 §3.5"),
    InvalidDpopProof = ("invalid_dpop_proof", 400, "RFC 9449 §5"),
    UseDpopNonce = ("use_dpop_nonce", 400, "RFC 9449 §8"),
    InsufficientUserAuthentication = ("insufficient_user_authentication", 401, "RFC 9470 §3"),
}

impl core::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Makes [`Fault`] from its rows: variant, code, the sentence, the section of the rule.
macro_rules! faults {
    ($($variant:ident = $code:ident, $sentence:literal, $section:literal;)+) => {
        /// The rule that a message broke.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
        #[non_exhaustive]
        pub enum Fault {
            $(#[doc = concat!($sentence, " (", $section, ")")] #[error("{}", $sentence)] $variant,)+
        }

        impl Fault {
            /// Every rule of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// What the client is told.
            #[must_use]
            pub const fn code(self) -> ErrorCode {
                match self { $(Self::$variant => ErrorCode::$code,)+ }
            }

            /// The sentence for `error_description`.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)+ }
            }

            /// Where the rule stands.
            #[must_use]
            pub const fn section(self) -> &'static str {
                match self { $(Self::$variant => $section,)+ }
            }

            /// The variant's name, for logs.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)+ }
            }
        }
    };
}

faults! {
    // Parameters
    ParameterTwice = InvalidRequest, "a parameter is given more than once", "RFC 6749 §3.1";
    ParameterMalformed = InvalidRequest, "a parameter is not form-encoded UTF-8", "RFC 6749 appendix B";
    ParameterTooLong = InvalidRequest, "a parameter is too long", "RFC 6749 §3.1";
    TooManyParameters = InvalidRequest, "there are too many parameters", "RFC 6749 §3.1";
    RequestTooLong = InvalidRequest, "the request is longer than a browser can keep for us", "RFC 6265 §6.1";
    // Authorization request
    ClientIdMissing = InvalidRequest, "client_id is missing", "RFC 6749 §4.1.1";
    ClientIdMalformed = InvalidRequest, "client_id holds characters that are not allowed", "RFC 6749 appendix A.1";
    ClientUnknown = UnauthorizedClient, "this client is not registered here", "RFC 6749 §4.1.2.1";
    RedirectUriMissing = InvalidRequest, "redirect_uri is missing", "OpenID Connect Core §3.1.2.1";
    RedirectUriNotRegistered = InvalidRequest, "redirect_uri is not registered for this client", "RFC 9700 §2.1";
    ResponseTypeMissing = InvalidRequest, "response_type is missing", "RFC 6749 §3.1.1";
    ResponseTypeUnsupported = UnsupportedResponseType, "response_type is not supported", "RFC 6749 §3.1.1";
    ResponseTypeNotRegistered = UnauthorizedClient, "response_type is not registered for this client", "RFC 6749 §4.1.2.1";
    ResponseModeUnsupported = InvalidRequest, "response_mode is not supported", "OAuth 2.0 Multiple Response Types §2.1";
    ResponseModeNotAllowed = InvalidRequest, "response_mode may not be used by this client", "FAPI 2.0 Security Profile §5.3.2.2";
    GrantTypeNotRegistered = UnauthorizedClient, "this client is not registered for the grant type", "RFC 6749 §5.2";
    StateTooLong = InvalidRequest, "state is longer than 2048 bytes", "RFC 6749 §4.1.1";
    NonceTooLong = InvalidRequest, "nonce is longer than 512 bytes", "OpenID Connect Core §3.1.2.1";
    NonceMissing = InvalidRequest, "nonce is missing", "OpenID Connect Core §3.2.2.1";
    ScopeMalformed = InvalidScope, "scope holds characters that are not allowed, or is too long", "RFC 6749 §3.3";
    ScopeEmpty = InvalidScope, "no requested scope may be given to this client", "RFC 6749 §3.3";
    CodeChallengeMissing = InvalidRequest, "code_challenge is missing", "RFC 7636 §4.4.1";
    CodeChallengeMalformed = InvalidRequest, "code_challenge is not 43 characters of base64url", "RFC 7636 §4.2";
    CodeChallengeMethodUnsupported = InvalidRequest, "code_challenge_method must be S256", "RFC 7636 §4.4.1";
    CodeChallengeMethodAlone = InvalidRequest, "code_challenge_method is given without code_challenge", "RFC 7636 §4.3";
    PromptNoneWithOthers = InvalidRequest, "prompt none may not stand beside other values", "OpenID Connect Core §3.1.2.1";
    MaxAgeMalformed = InvalidRequest, "max_age is not a whole number of seconds", "OpenID Connect Core §3.1.2.1";
    LoginHintTooLong = InvalidRequest, "login_hint is longer than 320 bytes", "OpenID Connect Core §3.1.2.1";
    ListTooLong = InvalidRequest, "a list in the request has too many values", "OpenID Connect Core §3.1.2.1";
    ClaimsMalformed = InvalidRequest, "claims is not a claims request object", "OpenID Connect Core §5.5";
    IdTokenHintInvalid = InvalidRequest, "id_token_hint is not an ID token of this issuer", "OpenID Connect Core §3.1.2.1";
    RegistrationParameter = RegistrationNotSupported, "the registration parameter is not supported", "OpenID Connect Core §7.2.1";
    RequestObjectUnsupported = RequestNotSupported, "request objects are not supported", "OpenID Connect Core §6";
    RequestUriUnsupported = RequestUriNotSupported, "request_uri is not supported", "OpenID Connect Core §6";
    RequestAndRequestUri = InvalidRequest, "request and request_uri are given together", "OpenID Connect Core §6.2.1";
    RequestUriUnknown = InvalidRequestUri, "request_uri is unknown, used or expired", "RFC 9126 §4";
    RequestUriUnreachable = InvalidRequestUri, "there is no request object at request_uri", "OpenID Connect Core §6.2";
    RequestUriNotRegistered = InvalidRequestUri, "request_uri is not registered for this client", "OpenID Connect Core §6.2";
    RequestUriPushed = InvalidRequest, "request_uri may not be pushed", "RFC 9126 §2.1";
    PushedRequestRequired = InvalidRequest, "this client must push its authorization requests", "RFC 9126 §5";
    RequestObjectRequired = InvalidRequest, "this client must sign its authorization requests", "RFC 9101 §10.5";
    RequestObjectMalformed = InvalidRequestObject, "the request object is not a signed JWT", "RFC 9101 §4";
    RequestObjectAlgorithm = InvalidRequestObject, "the request object is signed with another algorithm than registered", "RFC 9101 §6.1";
    RequestObjectSignature = InvalidRequestObject, "the signature of the request object is not right", "RFC 9101 §6.2";
    RequestObjectType = InvalidRequestObject, "typ of the request object is not oauth-authz-req+jwt", "RFC 9101 §10.8";
    RequestObjectIssuer = InvalidRequestObject, "iss of the request object is not the client", "RFC 9101 §4";
    RequestObjectAudience = InvalidRequestObject, "aud of the request object is not this issuer", "RFC 9101 §4";
    RequestObjectTimes = InvalidRequestObject, "the request object is not valid at this time", "FAPI 2.0 Message Signing §5.3.1";
    RequestObjectNested = InvalidRequestObject, "request and request_uri may not stand inside a request object", "RFC 9101 §4";
    RequestObjectMismatch = InvalidRequest, "client_id or response_type differ inside and outside the request object", "OpenID Connect Core §6.1";
    RequestObjectParameter = InvalidRequestObject, "a parameter inside the request object has the wrong type", "RFC 9101 §4";
    ResourceMalformed = InvalidTarget, "resource is not an absolute URI without fragment", "RFC 8707 §2";
    ResourceNotAllowed = InvalidTarget, "resource is not allowed for this client", "RFC 8707 §2";
    // What the person's state makes of an authorization request
    SignInRequired = LoginRequired, "the person must sign in", "OpenID Connect Core §3.1.2.6";
    OtherPerson = LoginRequired, "another person is signed in than the one asked for", "OpenID Connect Core §3.1.2.2";
    StepUpRequired = LoginRequired, "the person must prove more", "OpenID Connect Core §3.1.2.6";
    ConsentMissing = ConsentRequired, "the person must give consent", "OpenID Connect Core §3.1.2.6";
    AccountChoiceRequired = AccountSelectionRequired, "the person must choose an account", "OpenID Connect Core §3.1.2.6";
    InteractionNeeded = InteractionRequired, "the person must do something first", "OpenID Connect Core §3.1.2.6";
    AuthenticationRequirementsUnmet = UnmetAuthenticationRequirements, "the required acr cannot be reached", "OpenID Connect Unmet Authentication Requirements 1.0 §2";
    PersonDeclined = AccessDenied, "the person declined", "RFC 6749 §4.1.2.1";
    PersonNotAllowed = AccessDenied, "this person may not use this client", "RFC 6749 §4.1.2.1";
    Failed = ServerError, "the server failed", "RFC 6749 §4.1.2.1";
    Busy = TemporarilyUnavailable, "the server is busy, try again later", "RFC 6749 §4.1.2.1";
    ClientTooFast = TemporarilyUnavailable, "this client asks too often, try again later", "RFC 9126 §2.3";
    // Client authentication
    ClientAuthenticationTwice = InvalidRequest, "the client authenticates in more than one way", "RFC 6749 §2.3";
    ClientAuthenticationMissing = InvalidClient, "the client does not say who it is", "RFC 6749 §3.2.1";
    ClientAuthenticationMalformed = InvalidClient, "the client authentication cannot be read", "RFC 6749 §2.3.1";
    ClientAuthenticationFailed = InvalidClient, "client authentication failed", "RFC 6749 §5.2";
    AssertionTypeUnsupported = InvalidClient, "client_assertion_type is not supported", "RFC 7523 §2.2";
    AssertionReplayed = InvalidClient, "the client assertion was used before", "RFC 7523 §3";
    // Token request
    GrantTypeMissing = InvalidRequest, "grant_type is missing", "RFC 6749 §4.1.3";
    GrantTypeUnsupported = UnsupportedGrantType, "grant_type is not supported", "RFC 6749 §5.2";
    CodeMissing = InvalidRequest, "code is missing", "RFC 6749 §4.1.3";
    CodeUnknown = InvalidGrant, "the code is unknown, used or expired", "RFC 6749 §5.2";
    CodeOfAnotherClient = InvalidGrant, "the code was given to another client", "RFC 6749 §4.1.3";
    CodeExpired = InvalidGrant, "the code has expired", "RFC 6749 §4.1.2";
    CodeReused = InvalidGrant, "the code was used before, so its tokens were revoked", "RFC 6749 §4.1.2";
    RedirectUriMismatch = InvalidGrant, "redirect_uri is not the one of the authorization request", "RFC 6749 §4.1.3";
    CodeVerifierMissing = InvalidGrant, "code_verifier is missing", "RFC 7636 §4.6";
    CodeVerifierMalformed = InvalidGrant, "code_verifier is not 43 to 128 unreserved characters", "RFC 7636 §4.1";
    CodeVerifierWrong = InvalidGrant, "code_verifier does not belong to code_challenge", "RFC 7636 §4.6";
    CodeVerifierUnexpected = InvalidGrant, "code_verifier is given though the request had no code_challenge", "RFC 9700 §2.1.1";
    RefreshTokenMissing = InvalidRequest, "refresh_token is missing", "RFC 6749 §6";
    RefreshTokenUnknown = InvalidGrant, "the refresh token is unknown, revoked or expired", "RFC 6749 §5.2";
    RefreshTokenOfAnotherClient = InvalidGrant, "the refresh token was given to another client", "RFC 6749 §6";
    RefreshTokenExpired = InvalidGrant, "the refresh token has expired", "RFC 6749 §5.2";
    RefreshTokenReused = InvalidGrant, "the refresh token was used before, so the grant was ended", "RFC 9700 §4.14.2";
    GrantEnded = InvalidGrant, "the grant has ended", "RFC 6749 §5.2";
    ScopeGrows = InvalidScope, "scope goes beyond what was granted", "RFC 6749 §6";
    DeviceCodeMissing = InvalidRequest, "device_code is missing", "RFC 8628 §3.4";
    DeviceCodeUnknown = InvalidGrant, "the device code is unknown or used", "RFC 8628 §3.5";
    DeviceCodeOfAnotherClient = InvalidGrant, "the device code was given to another client", "RFC 8628 §3.4";
    DevicePending = AuthorizationPending, "the person has not finished yet", "RFC 8628 §3.5";
    DevicePollTooFast = SlowDown, "wait longer between two polls", "RFC 8628 §3.5";
    DeviceCodeExpired = ExpiredToken, "the device code has expired", "RFC 8628 §3.5";
    ClientCredentialsPublic = UnauthorizedClient, "a public client has no credentials", "RFC 6749 §4.4.2";
    // Protected resource
    TokenMissing = InvalidToken, "there is no access token", "RFC 6750 §3";
    TokenTwice = InvalidRequest, "the access token is given in more than one way", "RFC 6750 §3.1";
    TokenInQuery = InvalidRequest, "an access token may not stand in the query", "RFC 9700 §4.3.2";
    TokenMalformed = InvalidToken, "the access token cannot be read", "RFC 6750 §3.1";
    TokenInvalid = InvalidToken, "the access token is expired, revoked or not of this issuer", "RFC 6750 §3.1";
    TokenWrongScheme = InvalidToken, "the access token is bound to a key and was sent without proof of it", "RFC 9449 §7.2";
    TokenScope = InsufficientScope, "the access token lacks the scope openid", "RFC 6750 §3.1";
    TokenNotOfPerson = InvalidToken, "the access token does not speak for a person", "OpenID Connect Core §5.3";
    AuthenticationTooWeak = InsufficientUserAuthentication, "a stronger authentication is needed", "RFC 9470 §3";
    AuthenticationTooOld = InsufficientUserAuthentication, "a more recent authentication is needed", "RFC 9470 §3";
    IntrospectedTokenMissing = InvalidRequest, "token is missing", "RFC 7662 §2.1";
    RevokedTokenMissing = InvalidRequest, "token is missing", "RFC 7009 §2.1";
    // DPoP
    DpopProofMissing = InvalidDpopProof, "there is no DPoP proof", "RFC 9449 §5";
    DpopProofTwice = InvalidDpopProof, "there is more than one DPoP proof", "RFC 9449 §4.3";
    DpopProofMalformed = InvalidDpopProof, "the DPoP proof is not a JWT of type dpop+jwt with a public key", "RFC 9449 §4.3";
    DpopProofSignature = InvalidDpopProof, "the signature of the DPoP proof is not right", "RFC 9449 §4.3";
    DpopProofOfAnotherRequest = InvalidDpopProof, "htm or htu of the DPoP proof are of another request", "RFC 9449 §4.3";
    DpopProofTime = InvalidDpopProof, "iat of the DPoP proof is too far from now", "RFC 9449 §4.3";
    DpopProofToken = InvalidDpopProof, "ath of the DPoP proof is not the hash of the access token", "RFC 9449 §4.3";
    DpopProofReplayed = InvalidDpopProof, "the DPoP proof was used before", "RFC 9449 §11.1";
    DpopNonceNeeded = UseDpopNonce, "the DPoP proof needs a fresh nonce", "RFC 9449 §8";
    DpopKeyMismatch = InvalidGrant, "the DPoP proof is made with another key than the grant is bound to", "RFC 9449 §10";
    DpopJktMalformed = InvalidRequest, "dpop_jkt is not a key thumbprint", "RFC 9449 §10";
    DpopJktMismatch = InvalidRequest, "dpop_jkt is not the key of the DPoP proof", "RFC 9449 §10.1";
    SenderConstraintMissing = InvalidRequest, "this client must bind its tokens to a key", "FAPI 2.0 Security Profile §5.3.2.1";
    // Logout
    LogoutHintInvalid = InvalidRequest, "id_token_hint is not an ID token of this issuer", "RP-Initiated Logout §2";
    LogoutClientMismatch = InvalidRequest, "client_id is not the audience of id_token_hint", "RP-Initiated Logout §2";
    LogoutRedirectUriNotRegistered = InvalidRequest, "post_logout_redirect_uri is not registered for this client", "RP-Initiated Logout §3";
    // Registration
    RegistrationMalformed = InvalidClientMetadata, "the body is not a JSON object of client metadata", "RFC 7591 §3.1";
    RegistrationTokenInvalid = InvalidToken, "the registration access token is not right", "RFC 7592 §2";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_may_stand_in_error_description() {
        for fault in Fault::ALL {
            let fine = |c: char| matches!(c, ' '..='!' | '#'..='[' | ']'..='~');
            assert!(fault.description().chars().all(fine), "{}", fault.name());
            assert!(!fault.section().is_empty());
        }
    }

    #[test]
    fn words_are_distinct() {
        for (index, one) in ErrorCode::ALL.iter().enumerate() {
            assert!(
                ErrorCode::ALL
                    .iter()
                    .skip(index + 1)
                    .all(|two| two.as_str() != one.as_str())
            );
        }
    }
}
