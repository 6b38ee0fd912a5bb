//! RSA moduli from the library of CVE-2017-15361 ("ROCA"), which sits in TPMs and smart cards of 2012 to 2017.
//!
//! Its primes are k·M + (65537^a mod M), M being the product of the first primes: of 126 of them for moduli of
//! 1984 to 3936 bits, of more for larger ones. So the modulus is a power of 65537 modulo each of these primes.
//! Of other moduli fewer than one in 2¹⁵⁰ looks like that.

/// The largest of the first 126 primes.
const PRIME_MAX: u32 = 701;
/// Primes modulo which few residues are powers of 65537. Their product fits into 32 bits; together they clear all
/// but one modulus in some thousands at the price of one division.
const TELLING: [u32; 5] = [11, 37, 61, 71, 97];

/// Whether the modulus has the telling form.
pub(crate) fn is_weak(modulus: &[u8]) -> bool {
    let rest = remainder(modulus, TELLING.iter().product());
    TELLING.iter().all(|prime| is_power(rest % prime, *prime))
        && (3..=PRIME_MAX)
            .filter(|n| is_prime(*n))
            .all(|prime| is_power(remainder(modulus, prime), prime))
}

/// Whether `residue` is a power of 65537 modulo `prime`.
fn is_power(residue: u32, prime: u32) -> bool {
    let base = 65537 % prime;
    let mut power = 1;
    loop {
        if power == residue {
            return true;
        }
        power = power * base % prime;
        if power == 1 {
            return false;
        }
    }
}

fn remainder(number: &[u8], divisor: u32) -> u32 {
    let divisor = u64::from(divisor);
    let rest = number
        .iter()
        .fold(0, |rest, byte| ((rest << 8) | u64::from(*byte)) % divisor);
    u32::try_from(rest).unwrap_or_default() // below a divisor of 32 bits
}

fn is_prime(number: u32) -> bool {
    (2..number)
        .take_while(|n| n * n <= number)
        .all(|n| !number.is_multiple_of(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_of_65537_modulo_every_small_prime_is_weak() {
        // 65537¹²⁸ has 2049 bits and is such a power by construction.
        let mut number = vec![1_u8];
        for _ in 0..128 {
            let mut carry = 0_u32;
            for digit in number.iter_mut().rev() {
                let value = u32::from(*digit) * 65537 + carry;
                *digit = value as u8;
                carry = value >> 8;
            }
            while carry > 0 {
                number.insert(0, carry as u8);
                carry >>= 8;
            }
        }
        assert!(is_weak(&number));
        let last = number.len() - 1;
        number[last] ^= 2;
        assert!(!is_weak(&number));
    }

    #[test]
    fn the_primes_are_the_first_126_without_2() {
        assert_eq!((3..=PRIME_MAX).filter(|n| is_prime(*n)).count(), 125);
    }
}
