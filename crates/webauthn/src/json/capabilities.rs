//! What `PublicKeyCredential.getClientCapabilities()` says (§5.1.7), as a script sends it to its server.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

macro_rules! capabilities {
    ($($(#[$meta:meta])* $variant:ident = $name:literal,)+) => {
        /// `ClientCapability` (§5.8.8).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Capability { $($(#[$meta])* $variant,)+ }

        impl Capability {
            /// Every capability.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

capabilities! {
    /// Passkeys can be made without asking, after a password login.
    ConditionalCreate = "conditionalCreate",
    /// Passkeys are offered while a name is typed.
    ConditionalGet = "conditionalGet",
    /// A phone can be used, over QR code and radio.
    HybridTransport = "hybridTransport",
    /// The device, or a phone, has passkeys.
    PasskeyPlatformAuthenticator = "passkeyPlatformAuthenticator",
    /// The device can verify the person.
    UserVerifyingPlatformAuthenticator = "userVerifyingPlatformAuthenticator",
    /// Related origins are looked up.
    RelatedOrigins = "relatedOrigins",
    /// `signalAllAcceptedCredentials()`.
    SignalAllAcceptedCredentials = "signalAllAcceptedCredentials",
    /// `signalCurrentUserDetails()`.
    SignalCurrentUserDetails = "signalCurrentUserDetails",
    /// `signalUnknownCredential()`.
    SignalUnknownCredential = "signalUnknownCredential",
}

/// The capabilities of a client. It may say anything; nothing may hang on it but what is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientCapabilities(BTreeMap<String, bool>);

impl ClientCapabilities {
    /// Whether the client can; nothing when it does not say.
    #[must_use]
    pub fn has(&self, capability: Capability) -> Option<bool> {
        self.0.get(capability.name()).copied()
    }

    /// Whether the client knows an extension, by its identifier; nothing when it does not say.
    #[must_use]
    pub fn has_extension(&self, identifier: &str) -> Option<bool> {
        self.0.get(&format!("extension:{identifier}")).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_not_known() {
        let json = r#"{"conditionalGet":true,"extension:prf":false,"somethingNew":true}"#;
        let capabilities: ClientCapabilities = serde_json::from_str(json).expect("capabilities");
        assert_eq!(capabilities.has(Capability::ConditionalGet), Some(true));
        assert_eq!(capabilities.has(Capability::ConditionalCreate), None);
        assert_eq!(capabilities.has_extension("prf"), Some(false));
        assert_eq!(Capability::ALL.len(), 9);
    }
}
