//! CBOR as authenticators write it: RFC 8949 narrowed to the CTAP2 canonical form.
//!
//! The reader is ours. `ciborium` (and `coset` above it) accepts what must be refused here: indefinite lengths,
//! integers that are longer than needed, duplicate and unsorted keys; it hands out owned values, so that the
//! bytes of a key would have to be written again to be kept; and it reads one item without saying where it
//! ended, which is what authenticator data is made of. Here a first pass checks the whole item against
//! [`Rules`]; after it, [`Item`] and [`Map`] are borrowed views that cannot leave the checked bytes.

mod map;
mod pass;
mod reader;

pub use map::{Key, Map};
pub use reader::{Array, CborError, CborFault, Item, Order, Rules};
