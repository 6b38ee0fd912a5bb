//! `TPMT_PUBLIC` and `TPMS_ATTEST` (TPM 2.0 Library, Part 2, §12.2.4 and §10.12.8), as far as attestation uses them.
//!
//! Both are read to their last byte; what follows, or is missing, is an error.

use doorward_crypto::{Curve, Hash, Parts, PublicKey};

use crate::cause::StatementFault;

const ALG_RSA: u16 = 0x0001;
const ALG_SHA1: u16 = 0x0004;
const ALG_SHA256: u16 = 0x000b;
const ALG_SHA384: u16 = 0x000c;
const ALG_SHA512: u16 = 0x000d;
const ALG_NULL: u16 = 0x0010;
const ALG_RSAES: u16 = 0x0015;
const ALG_ECDAA: u16 = 0x001a;
const ALG_ECC: u16 = 0x0023;
const GENERATED_VALUE: u32 = 0xff54_4347;
const ST_ATTEST_CERTIFY: u16 = 0x8017;
/// The exponent that a TPM means by 0.
const EXPONENT_DEFAULT: u32 = 65537;

/// `TPMT_PUBLIC`.
pub(super) struct Public<'a> {
    name_alg: u16,
    unique: Unique<'a>,
}

enum Unique<'a> {
    Rsa { exponent: u32, n: &'a [u8] },
    Ecc { curve: u16, x: &'a [u8], y: &'a [u8] },
}

impl<'a> Public<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, StatementFault> {
        let mut r = Fields {
            structure: "TPMT_PUBLIC",
            rest: bytes,
        };
        let kind = r.u16("type")?;
        let name_alg = r.u16("nameAlg")?;
        r.take(4, "objectAttributes")?;
        r.sized("authPolicy")?;
        let unique = match kind {
            ALG_RSA => {
                r.symmetric()?;
                r.scheme("scheme")?;
                r.u16("keyBits")?;
                let exponent = r.u32("exponent")?;
                let exponent = if exponent == 0 { EXPONENT_DEFAULT } else { exponent };
                Unique::Rsa {
                    exponent,
                    n: r.sized("unique")?,
                }
            }
            ALG_ECC => {
                r.symmetric()?;
                r.scheme("scheme")?;
                let curve = r.u16("curveID")?;
                r.scheme("kdf")?;
                Unique::Ecc {
                    curve,
                    x: r.sized("unique.x")?,
                    y: r.sized("unique.y")?,
                }
            }
            _ => return Err(r.fault("type")),
        };
        r.finish()?;
        Ok(Self { name_alg, unique })
    }

    /// Whether this is that key.
    pub(super) fn holds(&self, key: &PublicKey) -> bool {
        match (&self.unique, key.parts()) {
            (Unique::Rsa { exponent, n }, Parts::Rsa { n: modulus, e }) => {
                *n == modulus && significant(&exponent.to_be_bytes()) == e
            }
            (
                Unique::Ecc { curve, x, y },
                Parts::Ec {
                    curve: wanted,
                    x: key_x,
                    y: key_y,
                },
            ) => {
                curve_of(*curve) == Some(wanted)
                    && significant(x) == significant(key_x)
                    && significant(y) == significant(key_y)
            }
            _ => false,
        }
    }

    /// The object's name (Part 1, §16): the algorithm, and the hash of the structure with it.
    pub(super) fn name(&self, pub_area: &[u8], sha1: bool) -> Result<Vec<u8>, StatementFault> {
        let hash = match self.name_alg {
            ALG_SHA1 if sha1 => Hash::Sha1,
            ALG_SHA256 => Hash::Sha256,
            ALG_SHA384 => Hash::Sha384,
            ALG_SHA512 => Hash::Sha512,
            _ => {
                return Err(StatementFault::Tpm {
                    structure: "TPMT_PUBLIC",
                    field: "nameAlg",
                });
            }
        };
        Ok([&self.name_alg.to_be_bytes()[..], &hash.of(pub_area)].concat())
    }
}

/// `TPMS_ATTEST` with `TPMS_CERTIFY_INFO` in it.
pub(super) struct Attest<'a> {
    pub(super) extra_data: &'a [u8],
    pub(super) name: &'a [u8],
}

impl<'a> Attest<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, StatementFault> {
        let mut r = Fields {
            structure: "TPMS_ATTEST",
            rest: bytes,
        };
        if r.u32("magic")? != GENERATED_VALUE {
            return Err(r.fault("magic"));
        }
        if r.u16("type")? != ST_ATTEST_CERTIFY {
            return Err(r.fault("type"));
        }
        r.sized("qualifiedSigner")?;
        let extra_data = r.sized("extraData")?;
        r.take(17, "clockInfo")?;
        r.take(8, "firmwareVersion")?;
        let name = r.sized("attested.name")?;
        r.sized("attested.qualifiedName")?;
        r.finish()?;
        Ok(Self { extra_data, name })
    }
}

const fn curve_of(id: u16) -> Option<Curve> {
    match id {
        0x0003 => Some(Curve::P256),
        0x0004 => Some(Curve::P384),
        0x0005 => Some(Curve::P521),
        _ => None,
    }
}

/// A number's bytes without leading zeros.
fn significant(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// Fields in their order, big-endian.
struct Fields<'a> {
    structure: &'static str,
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize, field: &'static str) -> Result<&'a [u8], StatementFault> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or_else(|| self.fault(field))?;
        self.rest = rest;
        Ok(taken)
    }

    fn u16(&mut self, field: &'static str) -> Result<u16, StatementFault> {
        let bytes = self.take(2, field)?;
        bytes
            .try_into()
            .map(u16::from_be_bytes)
            .map_err(|_| self.fault(field))
    }

    fn u32(&mut self, field: &'static str) -> Result<u32, StatementFault> {
        let bytes = self.take(4, field)?;
        bytes
            .try_into()
            .map(u32::from_be_bytes)
            .map_err(|_| self.fault(field))
    }

    /// `TPM2B`: two bytes of length, and so many bytes.
    fn sized(&mut self, field: &'static str) -> Result<&'a [u8], StatementFault> {
        let length = usize::from(self.u16(field)?);
        self.take(length, field)
    }

    /// `TPMT_SYM_DEF_OBJECT`.
    fn symmetric(&mut self) -> Result<(), StatementFault> {
        if self.u16("symmetric")? != ALG_NULL {
            self.take(4, "symmetric")?; // keyBits, mode
        }
        Ok(())
    }

    /// `TPMT_RSA_SCHEME`, `TPMT_ECC_SCHEME`, `TPMT_KDF_SCHEME`: nothing, a hash, or a hash and a counter.
    fn scheme(&mut self, field: &'static str) -> Result<(), StatementFault> {
        match self.u16(field)? {
            ALG_NULL | ALG_RSAES => Ok(()),
            ALG_ECDAA => self.take(4, field).map(drop),
            _ => self.take(2, field).map(drop),
        }
    }

    fn finish(self) -> Result<(), StatementFault> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.fault("end"))
        }
    }

    const fn fault(&self, field: &'static str) -> StatementFault {
        StatementFault::Tpm {
            structure: self.structure,
            field,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attest() -> Vec<u8> {
        [
            &[0xff, 0x54, 0x43, 0x47, 0x80, 0x17][..],
            &[0, 1, 9],
            &[0, 2, 7, 8],
            &[0; 17],
            &[0; 8],
            &[0, 3, 0, 0x0b, 1],
            &[0, 0],
        ]
        .concat()
    }

    #[test]
    fn attest_is_read_to_its_last_byte() {
        let bytes = attest();
        let read = Attest::parse(&bytes).expect("TPMS_ATTEST");
        assert_eq!((read.extra_data, read.name), (&[7, 8][..], &[0, 0x0b, 1][..]));
        for length in 0..bytes.len() {
            assert!(Attest::parse(&bytes[..length]).is_err(), "{length}");
        }
        assert!(Attest::parse(&[&bytes[..], &[0]].concat()).is_err());
    }

    #[test]
    fn magic_and_type_are_fixed() {
        for at in 0..6 {
            let mut bytes = attest();
            bytes[at] ^= 1;
            assert!(Attest::parse(&bytes).is_err(), "{at}");
        }
    }

    #[test]
    fn an_exponent_of_zero_is_65537_and_is_big_endian() {
        let n = [&[0xb5][..], &[0x5a; 254], &[0x01]].concat();
        let area = |exponent: u32| {
            let length = u16::try_from(n.len()).expect("short").to_be_bytes();
            let head = [0, 1, 0, 0x0b, 0, 6, 4, 0x72, 0, 0, 0, 0x10, 0, 0x10, 8, 0];
            [&head[..], &exponent.to_be_bytes(), &length, &n].concat()
        };
        let key = PublicKey::rsa(&n, &[1, 0, 1]).expect("a key");
        for (exponent, same) in [(0, true), (65537, true), (3, false), (0x0100_0100, false)] {
            let bytes = area(exponent);
            assert_eq!(
                Public::parse(&bytes).expect("TPMT_PUBLIC").holds(&key),
                same,
                "{exponent}"
            );
        }
    }

    #[test]
    fn an_elliptic_key_is_on_its_curve_whatever_zeros_lead() {
        assert_eq!(significant(&[0, 0, 7, 0]), [7, 0]);
        assert_eq!(significant(&[7]), [7]);
        assert_eq!(significant(&[0, 0]), [0_u8; 0]);
        for (id, curve) in [
            (3, Some(Curve::P256)),
            (4, Some(Curve::P384)),
            (5, Some(Curve::P521)),
            (0x10, None),
            (0, None),
        ] {
            assert_eq!(curve_of(id), curve, "{id}");
        }
    }

    #[test]
    fn a_name_is_hashed_with_its_own_algorithm() {
        let name = |name_alg, sha1| {
            let unique = Unique::Rsa { exponent: 3, n: &[1] };
            Public { name_alg, unique }.name(b"area", sha1).ok()
        };
        for (id, hash) in [(0x0b, Hash::Sha256), (0x0c, Hash::Sha384), (0x0d, Hash::Sha512)] {
            let expected = [&[0, u8::try_from(id).expect("small")][..], &hash.of(b"area")].concat();
            assert_eq!(name(id, false), Some(expected));
        }
        assert_eq!(name(ALG_SHA1, false), None);
        let expected = [&[0, 4][..], &Hash::Sha1.of(b"area")].concat();
        assert_eq!(name(ALG_SHA1, true), Some(expected));
        assert_eq!(name(0x12, true), None);
    }

    #[test]
    fn schemes_and_symmetric_ciphers_have_their_length() {
        // AES of 128 bits in CFB; ECDSA with SHA-256; a key derivation with SHA-256.
        let long: &[u8] = &[
            0, 0x23, 0, 0x0b, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0x80, 0, 0x43, 0, 0x18, 0, 0x0b, 0, 3, 0, 0x20, 0,
            0x0b, 0, 1, 7, 0, 1, 8,
        ];
        assert!(Public::parse(long).is_ok());
        // ECDAA has a counter beside its hash; RSAES has nothing.
        let ecdaa: &[u8] = &[
            0, 0x23, 0, 0x0b, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0x1a, 0, 0x0b, 0, 1, 0, 3, 0, 0x10, 0, 1, 7, 0,
            1, 8,
        ];
        assert!(Public::parse(ecdaa).is_ok());
        let rsaes: &[u8] = &[
            0, 1, 0, 0x0b, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0x15, 8, 0, 0, 0, 0, 0, 0, 1, 7,
        ];
        assert!(Public::parse(rsaes).is_ok());
        for area in [long, ecdaa, rsaes] {
            for length in 0..area.len() {
                assert!(Public::parse(&area[..length]).is_err(), "{length}");
            }
            assert!(Public::parse(&[area, &[0]].concat()).is_err());
        }
    }
}
