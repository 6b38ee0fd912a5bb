//! What can happen: one table.

use serde::{Deserialize, Serialize};

use crate::sign_in::Method;

macro_rules! events {
    ($($(#[$meta:meta])* $variant:ident $({ $($(#[$field_meta:meta])* $field:ident: $type:ty),+ })? = $word:literal,)+) => {
        /// What happened.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "event")]
        #[non_exhaustive]
        pub enum What {
            $($(#[$meta])* #[serde(rename = $word)] $variant $({ $($(#[$field_meta])* $field: $type),+ })?,)+
        }

        impl What {
            /// Its word in logs and exports.
            #[must_use]
            pub const fn word(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $word,)+ }
            }
        }
    };
}

events! {
    /// The instance got its owner.
    SetUp = "instance.set_up",
    /// An account was made.
    AccountCreated = "account.created",
    /// A link was made that gives the account its first factor.
    InvitationMade = "invitation.made",
    /// That link was used.
    InvitationUsed = "invitation.used",
    /// The operator made a link that replaces what opens the account.
    ResetLinkMade = "reset_link.made",
    /// That link was used: one new factor is in the place of all that were there.
    AccountReset = "account.reset",
    /// Somebody signed in.
    SignedIn {
        /// What completed it.
        method: Method,
        /// The passkey's name then.
        passkey: Option<String>
    } = "sign_in.done",
    /// The password was right, the second factor is not proved yet.
    PasswordProved = "sign_in.password",
    /// A recovery code was used.
    RecoveryCodeUsed {
        /// So many are left.
        left: usize
    } = "recovery_code.used",
    /// Signed out.
    SignedOut = "session.signed_out",
    /// Another session was ended.
    SessionEnded = "session.ended",
    /// All other sessions were ended.
    OtherSessionsEnded = "session.others_ended",
    /// A passkey was added.
    PasskeyAdded {
        /// Its name.
        name: String
    } = "passkey.added",
    /// A passkey was removed.
    PasskeyRemoved {
        /// Its name.
        name: String
    } = "passkey.removed",
    /// A passkey got another name.
    PasskeyRenamed {
        /// Before.
        from: String,
        /// After.
        to: String
    } = "passkey.renamed",
    /// Another passkey is asked first.
    PrimaryChanged {
        /// Its name.
        name: String
    } = "passkey.primary",
    /// An authenticator app was set up.
    TotpEnabled = "totp.enabled",
    /// Another authenticator app took its place.
    TotpReplaced = "totp.replaced",
    /// No authenticator app any more.
    TotpDisabled = "totp.disabled",
    /// New recovery codes were made.
    RecoveryCodesMade = "recovery_codes.made",
    /// A password was set.
    PasswordSet = "password.set",
    /// The password was changed.
    PasswordChanged = "password.changed",
    /// No password any more.
    PasswordRemoved = "password.removed",
    /// The person is called otherwise.
    DisplayNameChanged = "profile.display_name",
    /// What the account says about its person was changed.
    ProfileChanged = "profile.changed",
    /// Another method is asked first.
    PreferredChanged {
        /// Which.
        to: Method
    } = "preferred.changed",
    /// Somebody let a device in.
    DeviceAllowed {
        /// The application on it.
        client: String
    } = "device.allowed",
    /// An application was registered.
    ClientRegistered {
        /// Its identifier.
        client: String
    } = "client.registered",
    /// A token was made with which applications may register themselves.
    InitialAccessMade {
        /// So many.
        uses: u32
    } = "client.initial_access",
    /// An application changed its own registration.
    ClientChanged {
        /// Its identifier.
        client: String
    } = "client.changed",
    /// An application was removed.
    ClientRemoved {
        /// Its identifier.
        client: String
    } = "client.removed",
    /// An application was given a new secret.
    ClientSecretRenewed {
        /// Its identifier.
        client: String
    } = "client.secret_renewed",
    /// The signing keys were changed before their time.
    KeysRotated = "keys.rotated",
    /// A person allowed an application something.
    ConsentGiven {
        /// Its identifier.
        client: String,
        /// What.
        scope: String
    } = "consent.given",
    /// A person did not allow it.
    ConsentDenied {
        /// Its identifier.
        client: String
    } = "consent.denied",
    /// A person took back what an application was allowed.
    ConsentWithdrawn {
        /// Its identifier.
        client: String
    } = "consent.withdrawn",
    /// An application got a code.
    CodeIssued {
        /// Its identifier.
        client: String
    } = "code.issued",
    /// An application redeemed its code.
    CodeRedeemed {
        /// Its identifier.
        client: String
    } = "code.redeemed",
    /// A code came a second time; what it had given has ended.
    CodeReplayed {
        /// The identifier of the application.
        client: String
    } = "code.replayed",
    /// A refresh token came a second time; the grant has ended.
    RefreshReplayed {
        /// The identifier of the application.
        client: String
    } = "refresh.replayed",
    /// An application gave back what it had.
    TokenRevoked {
        /// Its identifier.
        client: String
    } = "token.revoked",
}

impl What {
    /// [`What::ClientRegistered`].
    pub(crate) const fn client_registered(client: String) -> Self {
        Self::ClientRegistered { client }
    }

    /// [`What::ClientChanged`].
    pub(crate) const fn client_changed(client: String) -> Self {
        Self::ClientChanged { client }
    }

    /// [`What::ClientRemoved`].
    pub(crate) const fn client_removed(client: String) -> Self {
        Self::ClientRemoved { client }
    }
}
