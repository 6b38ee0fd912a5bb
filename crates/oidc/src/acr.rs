//! Assurance: how sure the provider is (`acr`) and what the person did (`amr`).
//!
//! The rungs have an order and a higher one includes the lower. `phr` and `phrh` are those of OpenID Connect
//! EAP ACR Values 1.0; the two below them are ours. Whether a sign-in reached a rung is decided where the
//! proofs are checked; here stands only what a request makes of it.

use serde::{Deserialize, Serialize};

/// Makes an enum of words, each with its meaning.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = ($word:literal, $doc:literal),)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $(#[doc = $doc] #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// Every row of the table, in its order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl core::str::FromStr for $name {
            type Err = $crate::acr::Unknown;

            fn from_str(word: &str) -> Result<Self, $crate::acr::Unknown> {
                Self::ALL.iter().copied().find(|row| row.as_str() == word).ok_or($crate::acr::Unknown)
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

/// A word that the table does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an unknown value")]
pub struct Unknown;

words! {
    /// Authentication context class: a rung of assurance. Later rows include earlier ones.
    Acr {
        OneFactor = ("urn:doorward:acr:1fa", "One factor."),
        TwoFactors = ("urn:doorward:acr:2fa", "Two factors of different kinds."),
        PhishingResistant = ("phr", "A passkey took part and the person was verified."),
        PhishingResistantHardware = ("phrh", "The same with a key that attestation proved to be in hardware."),
    }
}

words! {
    /// What the person did, in the words of RFC 8176 where it has one. The order is that of the claim.
    Amr {
        HardwareKey = ("hwk", "Attestation proved a key in hardware."),
        MultiFactor = ("mfa", "More than one factor."),
        OneTimePassword = ("otp", "A TOTP code."),
        ProofOfPossession = ("pop", "A passkey's key signed."),
        Password = ("pwd", "A password."),
        SoftwareKey = ("swk", "The key is known to be in software."),
        RecoveryCode = ("urn:doorward:amr:recovery", "A recovery code. Never a factor by itself."),
        UserPresence = ("user", "Somebody was present at the authenticator."),
    }
}

/// What a request says about the rung (OpenID Connect Core §3.1.2.1, §5.5.1.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct AcrRequest {
    /// Rungs that the client would like, best liked first. Never a reason to fail.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wished: Vec<Acr>,
    /// Rungs of which one must be reached. `None`: none is demanded. Empty: demanded are only rungs that
    /// this provider does not know, so nothing can satisfy it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demanded: Option<Vec<Acr>>,
}

impl AcrRequest {
    /// Whether the demand, if there is one, is met by this rung.
    #[must_use]
    pub fn is_met_by(&self, reached: Acr) -> bool {
        self.demanded
            .as_ref()
            .is_none_or(|demanded| demanded.iter().any(|one| *one <= reached))
    }

    /// Whether one of the wishes, if there are any, is fulfilled by this rung.
    #[must_use]
    pub fn is_wished_by(&self, reached: Acr) -> bool {
        self.wished.is_empty() || self.wished.iter().any(|one| *one <= reached)
    }

    /// The first demanded rung, else the first wished one, that lies within `reachable`.
    #[must_use]
    pub fn goal(&self, reachable: Acr) -> Option<Acr> {
        let demanded = self.demanded.iter().flatten();
        demanded
            .chain(&self.wished)
            .copied()
            .find(|one| *one <= reachable)
    }

    /// What the ID token says when `reached` was reached: the highest of the demanded rungs within it, else
    /// of the wished ones, else what was reached. A client that asked for `phr` is told `phr` also by a
    /// sign-in that reached `phrh`: the value that it compares with is true.
    #[must_use]
    pub fn answer(&self, reached: Acr) -> Acr {
        let within = |asked: &[Acr]| asked.iter().copied().filter(|one| *one <= reached).max();
        self.demanded
            .as_deref()
            .and_then(within)
            .or_else(|| within(&self.wished))
            .unwrap_or(reached)
    }
}

/// Sorted, each value once: what stands in the claim `amr`.
#[must_use]
pub fn amr_claim(values: &[Amr]) -> Vec<&'static str> {
    let mut words: Vec<_> = values.iter().map(|value| value.as_str()).collect();
    words.sort_unstable();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acr_satisfied_upwards() {
        let request = AcrRequest {
            wished: vec![Acr::PhishingResistant],
            demanded: None,
        };
        assert_eq!(
            request.answer(Acr::PhishingResistantHardware),
            Acr::PhishingResistant
        );
        assert_eq!(request.answer(Acr::OneFactor), Acr::OneFactor);
        assert!(request.is_met_by(Acr::OneFactor), "a wish never fails a request");
        let all = AcrRequest {
            wished: Acr::ALL.to_vec(),
            demanded: None,
        };
        assert_eq!(
            all.answer(Acr::PhishingResistantHardware),
            Acr::PhishingResistantHardware
        );
        assert!(all.is_wished_by(Acr::OneFactor));
    }

    #[test]
    fn an_unknown_demand_is_met_by_nothing() {
        let request = AcrRequest {
            wished: vec![],
            demanded: Some(vec![]),
        };
        assert!(!request.is_met_by(Acr::PhishingResistantHardware));
        assert_eq!(request.goal(Acr::PhishingResistantHardware), None);
    }

    #[test]
    fn rungs_have_an_order_and_words_read_back() {
        assert!(Acr::OneFactor < Acr::TwoFactors && Acr::TwoFactors < Acr::PhishingResistant);
        for rung in Acr::ALL {
            assert_eq!(rung.as_str().parse(), Ok(*rung));
        }
        assert_eq!("0".parse::<Acr>(), Err(Unknown));
        assert_eq!(
            amr_claim(&[Amr::UserPresence, Amr::MultiFactor, Amr::ProofOfPossession]),
            ["mfa", "pop", "user"]
        );
    }
}
