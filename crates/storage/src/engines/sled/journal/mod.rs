//! The journal: what makes an answer durable. sled holds the state, this holds the truth.
//!
//! A segment is a file: a header, then records. A record is one batch, so it is whole or absent.
//!
//! ```text
//! segment  0..8    "DWJRNL" and format version, 1, as two bytes
//!          8..16   number of the segment, which is its name
//!          16..24  number of the segment before it; 0 when it is the first
//!          24..32  sequence number of its first record, whether there is one yet or not
//!          32..48  salt: 16 random bytes that go into every checksum of the segment
//!          48..52  CRC-32 of the above
//! record   0..4    "DWr1"
//!          4..8    length of the batch
//!          8..16   sequence number, one more than that of the record before
//!          16..24  the last sequence number that was durable when this was appended
//!          24..28  CRC-32 of the batch, after the salt
//!          28..32  CRC-32 of the above, after the salt
//!          32..    the batch: stamp, number of changes, the changes
//! ```
//! All numbers are big-endian.
//!
//! **What a segment may claim** ends where the next one begins: records past the first sequence number of the
//! successor were never acknowledged (their sync failed, or the process died before it), and are void. So a
//! segment whose sync failed is simply left behind.
//!
//! **Torn or damaged?** A group of records is appended, then synced. After a power cut any part of the last
//! group may be missing, also one in its middle. A record says how far the journal was durable when it was
//! appended: a bad record followed by one that counts it as durable is damage; a bad record followed by
//! nothing, or only by its own group, is a torn tail, which nobody was promised.
//!
//! The salt keeps stored values from passing for records: nobody who chooses them knows it.

mod fuzzing;
mod reader;
mod record;
mod segment;
mod writer;

pub(crate) use fuzzing::{segment_reads_back, with_right_checksums};
pub(super) use reader::{Chain, JournalError};
pub(super) use record::{Reader as Pieces, Replayed};
pub(super) use writer::{WriteFault, Writer};
