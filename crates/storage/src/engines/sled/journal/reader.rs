//! Reading a journal that somebody else may have left in the middle of a write.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::record::{self, Head, Replayed};
use super::segment::{self, HeaderFault, Segment};

/// The segments that count, oldest first: from the newest back along `previous`, as far as files reach.
#[derive(Debug)]
pub(in crate::engines::sled) struct Chain {
    folder: PathBuf,
    segments: Vec<Segment>,
}

/// Where a journal ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engines::sled) struct End {
    /// The sequence number of the last whole record; one less than the first when there is none.
    pub(in crate::engines::sled) sequence: u64,
    /// Bytes of a torn tail: written, never promised.
    pub(in crate::engines::sled) torn: usize,
}

impl Chain {
    /// Reads the headers in `folder`; `None` when there is no segment at all.
    pub(in crate::engines::sled) fn survey(folder: &Path) -> Result<Option<Self>, JournalError> {
        let numbers = match segment::numbers(folder) {
            Ok(numbers) => numbers,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut headers = BTreeMap::new();
        for number in &numbers {
            headers.insert(*number, Segment::read(&segment::path(folder, *number))?);
        }
        let Some(newest) = numbers.last() else {
            return Ok(None);
        };
        let mut segments: Vec<Segment> = Vec::new();
        let mut next = Some(*newest);
        while let Some(number) = next {
            // A link that is gone was removed, with all before it, when a checkpoint had replaced it. Should
            // it be needed after all, the first sequence number that is left tells.
            let Some(header) = headers.remove(&number) else {
                break;
            };
            let header = header.map_err(|fault| match fault {
                HeaderFault::Damaged => JournalError::Damaged {
                    segment: number,
                    offset: 0,
                },
                HeaderFault::Newer(format) => JournalError::Newer(format),
            })?;
            let after = segments.last();
            let in_order = after.is_none_or(|after| header.first <= after.first);
            if header.number != number || header.previous >= number || !in_order || header.first == 0 {
                return Err(JournalError::Damaged {
                    segment: number,
                    offset: 0,
                });
            }
            next = Some(header.previous).filter(|previous| *previous != 0);
            segments.push(header);
        }
        segments.reverse();
        Ok(Some(Self {
            folder: folder.to_owned(),
            segments,
        }))
    }

    /// The first sequence number that it still reaches back to.
    pub(in crate::engines::sled) fn first(&self) -> u64 {
        self.segments.first().map_or(0, |segment| segment.first)
    }

    /// The number of the newest segment.
    pub(in crate::engines::sled) fn newest(&self) -> u64 {
        self.segments.last().map_or(0, |segment| segment.number)
    }

    /// How many segments there are.
    pub(in crate::engines::sled) fn len(&self) -> usize {
        self.segments.len()
    }

    /// Where the newest segment lies.
    pub(in crate::engines::sled) fn newest_path(&self) -> PathBuf {
        segment::path(&self.folder, self.newest())
    }

    /// The segments whose every record comes before `sequence`, oldest first; never the newest.
    pub(in crate::engines::sled) fn before(&self, sequence: u64) -> Vec<PathBuf> {
        self.with_claims()
            .take_while(|(_, end)| end.is_some_and(|end| end <= sequence))
            .map(|(segment, _)| segment::path(&self.folder, segment.number))
            .collect()
    }

    /// Hands every record from `from` to `until` (both included) to `take`, in order.
    pub(in crate::engines::sled) fn replay<E: From<JournalError>>(
        &self,
        from: u64,
        until: u64,
        mut take: impl FnMut(Replayed) -> Result<(), E>,
    ) -> Result<End, E> {
        if from < self.first() {
            return Err(JournalError::Missing {
                needed: from,
                first: self.first(),
            }
            .into());
        }
        let mut end = End {
            sequence: from.saturating_sub(1),
            torn: 0,
        };
        for (segment, claim) in self.with_claims() {
            if claim.is_some_and(|claim| claim <= from) || segment.first > until {
                continue;
            }
            let bytes = std::fs::read(segment::path(&self.folder, segment.number))
                .map_err(|error| E::from(error.into()))?;
            end = read_segment(segment, &bytes, claim, |replayed| {
                if (from..=until).contains(&replayed.sequence) {
                    take(replayed)
                } else {
                    Ok(())
                }
            })?;
        }
        Ok(end)
    }

    /// Each segment with the sequence number at which its claim ends; `None`: as far as it is whole.
    fn with_claims(&self) -> impl Iterator<Item = (&Segment, Option<u64>)> {
        let ends = self
            .segments
            .iter()
            .skip(1)
            .map(|next| Some(next.first))
            .chain([None]);
        self.segments.iter().zip(ends)
    }
}

/// Reads the records of one segment up to its claim, or to its last whole record when it is the newest.
pub(super) fn read_segment<E: From<JournalError>>(
    segment: &Segment,
    bytes: &[u8],
    claim: Option<u64>,
    mut take: impl FnMut(Replayed) -> Result<(), E>,
) -> Result<End, E> {
    let salted = segment.salted();
    let (mut at, mut next) = (segment::HEADER, segment.first);
    while claim.is_none_or(|claim| next < claim) {
        let rest = bytes.get(at..).unwrap_or_default();
        let whole = Head::read(rest, &salted).filter(|head| head.sequence == next);
        let Some((head, body)) = whole.and_then(|head| head.body(rest, &salted).map(|body| (head, body)))
        else {
            let damaged = JournalError::Damaged {
                segment: segment.number,
                offset: at,
            };
            return match claim {
                Some(_) => Err(damaged.into()),
                None if counted_durable(bytes, at, next, segment) => Err(damaged.into()),
                None => Ok(End {
                    sequence: next.saturating_sub(1),
                    torn: rest.len(),
                }),
            };
        };
        take(body)?;
        at = at.saturating_add(record::HEADER).saturating_add(head.length);
        next = next.saturating_add(1);
    }
    Ok(End {
        sequence: next.saturating_sub(1),
        torn: 0,
    })
}

/// Whether anything after the bad record at `from` was written when `sequence` was already durable.
fn counted_durable(bytes: &[u8], from: usize, sequence: u64, segment: &Segment) -> bool {
    let salted = segment.salted();
    let mut at = from;
    while let Some(found) = record::next_magic(bytes, at) {
        let head = bytes.get(found..).and_then(|rest| Head::read(rest, &salted));
        if head.is_some_and(|head| head.durable >= sequence) {
            return true;
        }
        at = found.saturating_add(1);
    }
    false
}

/// Why a journal cannot be read.
#[derive(Debug, thiserror::Error)]
pub(in crate::engines::sled) enum JournalError {
    #[error("journal segment {segment} is damaged at byte {offset}")]
    Damaged { segment: u64, offset: usize },
    #[error("the journal begins at {first}, but {needed} is needed")]
    Missing { needed: u64, first: u64 },
    #[error("the journal has format {0}, which a newer Doorward wrote")]
    Newer(u16),
    #[error(transparent)]
    Io(#[from] io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{Batch, Revision};
    use crate::key::Key;

    const SEGMENT: Segment = Segment {
        number: 1,
        previous: 0,
        first: 1,
        salt: [7; 16],
    };

    /// Three groups, of one, three and two records; where each record begins, and where the last ends.
    fn recorded() -> (Vec<u8>, Vec<usize>) {
        let mut bytes = SEGMENT.encode();
        let mut places = Vec::new();
        let mut sequence = 0_u64;
        for group in [1, 3, 2] {
            let durable = sequence;
            for _ in 0..group {
                sequence += 1;
                let mut batch = Batch::new(Revision::from_bytes([u8::try_from(sequence).expect("few"); 16]));
                for n in 0..sequence {
                    let key = Key::new(&n.to_be_bytes()).expect("short");
                    if n % 2 == 0 {
                        batch.put(key, vec![9; 5]).expect("few")
                    } else {
                        batch.remove(key).expect("few")
                    }
                }
                places.push(bytes.len());
                record::encode(&batch, sequence, durable, &SEGMENT.salted(), &mut bytes);
            }
        }
        places.push(bytes.len());
        (bytes, places)
    }

    fn read(bytes: &[u8], claim: Option<u64>) -> Result<(Vec<Replayed>, End), JournalError> {
        let segment = Segment::decode(bytes).map_err(|_| JournalError::Damaged {
            segment: 1,
            offset: 0,
        })?;
        let mut seen = Vec::new();
        let end = read_segment(&segment, bytes, claim, |replayed| {
            seen.push(replayed);
            Ok::<_, JournalError>(())
        })?;
        Ok((seen, end))
    }

    #[test]
    fn every_truncation_gives_the_whole_records_before_it() {
        let (bytes, places) = recorded();
        let (all, _) = read(&bytes, None).expect("whole");
        assert_eq!(all.len(), 6);
        for length in segment::HEADER..=bytes.len() {
            let (seen, end) = read(&bytes[..length], None).expect("a torn tail is no damage");
            let whole = places.iter().filter(|place| **place <= length).count() - 1;
            assert_eq!(seen, all[..whole], "cut at {length}");
            assert_eq!(
                end,
                End {
                    sequence: whole as u64,
                    torn: length - places[whole]
                }
            );
        }
    }

    #[test]
    fn every_flipped_byte_is_damage_or_a_torn_last_group_and_never_another_record() {
        let (bytes, places) = recorded();
        let (all, _) = read(&bytes, None).expect("whole");
        let last_group = places[4];
        for at in 0..bytes.len() {
            for bit in [1, 128] {
                let mut other = bytes.clone();
                other[at] ^= bit;
                match read(&other, None) {
                    Err(JournalError::Damaged { .. }) => assert!(at < last_group, "flip at {at}"),
                    Ok((seen, end)) => {
                        assert!(at >= last_group, "a durable record was lost silently at {at}");
                        assert_eq!(seen, all[..seen.len()]);
                        assert!(end.torn > 0 && seen.len() >= 4);
                    }
                    Err(other) => panic!("flip at {at}: {other}"),
                }
            }
        }
    }

    #[test]
    fn what_a_successor_claims_must_be_whole_and_what_it_does_not_is_void() {
        let (bytes, places) = recorded();
        assert!(matches!(
            read(&bytes[..places[5] + 3], Some(7)),
            Err(JournalError::Damaged { .. })
        ));
        let (seen, end) = read(&bytes[..places[5] + 3], Some(6)).expect("five are claimed and there");
        assert_eq!((seen.len(), end), (5, End { sequence: 5, torn: 0 }));
        let (seen, _) = read(&bytes, Some(3)).expect("two are claimed");
        assert_eq!(seen.len(), 2);
    }

    #[test]
    fn a_hole_in_the_last_group_is_torn_and_a_hole_before_it_is_damage() {
        let (bytes, places) = recorded();
        let without = |from: usize, to: usize| {
            let mut other = bytes.clone();
            other[places[from]..places[to]].fill(0);
            other
        };
        let (seen, _) = read(&without(4, 5), None).expect("the fifth of six was never promised");
        assert_eq!(seen.len(), 4);
        assert!(
            read(&without(1, 2), None).is_err(),
            "the second was durable when the fifth was written"
        );
    }

    #[test]
    fn a_record_of_another_segment_is_none_here() {
        let (bytes, places) = recorded();
        let other = Segment {
            salt: [8; 16],
            ..SEGMENT
        };
        let mut mixed = other.encode();
        mixed.extend_from_slice(&bytes[places[0]..]);
        let (seen, _) = read(&mixed, None).expect("foreign bytes are a tail");
        assert!(seen.is_empty());
    }
}
