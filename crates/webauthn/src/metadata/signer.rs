//! Whose signature a blob must bear (FIDO Metadata Service v3, §3.2 step 5).
//!
//! FIDO's signing certificate comes from a public authority, which certifies millions of hosts. A path to its root
//! therefore says nothing yet: the leaf must name the host. Names are the `dNSName`s of the alternative name, as
//! RFC 6125 §6.4 has it; the common name is not looked at, and a wildcard stands for no single host.

use crate::RpId;
use crate::trust::{Certificate, CertificateError};

/// FIDO's own host.
const FIDO: &str = "mds.fidoalliance.org";

/// Whose certificate the signer of a blob must have. Without a word: FIDO's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signer(Holder);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Holder {
    #[default]
    Fido,
    Host(RpId),
    Anybody,
}

impl Signer {
    /// `mds.fidoalliance.org`.
    #[must_use]
    pub const fn fido() -> Self {
        Self(Holder::Fido)
    }

    /// Another host: a service of one's own. A host name has the form of an RP ID.
    #[must_use]
    pub const fn host(name: RpId) -> Self {
        Self(Holder::Host(name))
    }

    /// A leniency: whoever the anchors lead to, whatever the certificate names. Only for anchors that certify
    /// nothing but signers of metadata, as those of test suites; under a public root, anybody could sign.
    #[must_use]
    pub const fn whoever_the_anchors_certify() -> Self {
        Self(Holder::Anybody)
    }

    /// Whether the certificate is the signer's.
    pub(super) fn holds(&self, leaf: &Certificate<'_>) -> Result<bool, CertificateError> {
        let host = match &self.0 {
            Holder::Fido => FIDO,
            Holder::Host(name) => name.as_str(),
            Holder::Anybody => return Ok(true),
        };
        let names = leaf.dns_names()?;
        Ok(names
            .iter()
            .any(|name| name.eq_ignore_ascii_case(host.as_bytes())))
    }
}
