//! Reading DER piece by piece. The heads, with definite lengths in their shortest form, are read by the `der`
//! crate; which piece must come is said here, and each nested piece gets a reader of its own.

use ::der::{Header, Reader, SliceReader, Tag, TagNumber};

/// Bytes that are not the DER that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotDer;

impl From<::der::Error> for NotDer {
    fn from(_: ::der::Error) -> Self {
        Self
    }
}

/// A reader that hands out values in order and must be finished.
#[derive(Clone, Debug)]
pub(crate) struct Der<'a>(SliceReader<'a>);

impl<'a> Der<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, NotDer> {
        Ok(Self(SliceReader::new(bytes)?))
    }

    /// The value of the next piece, which must have this tag.
    pub(crate) fn take(&mut self, tag: Tag) -> Result<&'a [u8], NotDer> {
        match self.any()? {
            (found, value) if found == tag => Ok(value),
            _ => Err(NotDer),
        }
    }

    /// The value of the next piece if it has this tag.
    pub(crate) fn optional(&mut self, tag: Tag) -> Result<Option<&'a [u8]>, NotDer> {
        if self.0.is_finished() || Tag::peek(&self.0)? != tag {
            return Ok(None);
        }
        self.take(tag).map(Some)
    }

    /// The next piece whatever it is.
    pub(crate) fn any(&mut self) -> Result<(Tag, &'a [u8]), NotDer> {
        let header = Header::peek(&self.0)?;
        let whole = self.0.tlv_bytes()?;
        let length = usize::try_from(u32::from(header.length())).map_err(|_| NotDer)?;
        let head = whole.len().checked_sub(length).ok_or(NotDer)?;
        Ok((header.tag(), whole.get(head..).ok_or(NotDer)?))
    }

    /// The next piece, head and value.
    pub(crate) fn raw(&mut self) -> Result<&'a [u8], NotDer> {
        Ok(self.0.tlv_bytes()?)
    }

    /// A reader for the value of the next piece, a SEQUENCE.
    pub(crate) fn sequence(&mut self) -> Result<Self, NotDer> {
        Self::new(self.take(Tag::Sequence)?)
    }

    /// The tag of the next piece, if there is one.
    pub(crate) fn peek(&self) -> Result<Option<Tag>, NotDer> {
        if self.0.is_finished() {
            Ok(None)
        } else {
            Ok(Some(Tag::peek(&self.0)?))
        }
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    /// Demands that nothing is left.
    pub(crate) fn finish(self) -> Result<(), NotDer> {
        if self.0.is_finished() { Ok(()) } else { Err(NotDer) }
    }
}

/// Reads `bytes` as one SEQUENCE and nothing behind it.
pub(crate) fn only_sequence(bytes: &[u8]) -> Result<Der<'_>, NotDer> {
    only(bytes, Tag::Sequence).and_then(Der::new)
}

/// Reads `bytes` as one piece with this tag and nothing behind it.
pub(crate) fn only(bytes: &[u8], tag: Tag) -> Result<&[u8], NotDer> {
    let mut outer = Der::new(bytes)?;
    let value = outer.take(tag)?;
    outer.finish()?;
    Ok(value)
}

/// `[number]`, constructed (explicit) or primitive (implicit).
pub(crate) const fn context(number: u32, constructed: bool) -> Tag {
    Tag::ContextSpecific {
        constructed,
        number: TagNumber(number),
    }
}

/// A BOOLEAN's value.
pub(crate) fn boolean(value: &[u8]) -> Result<bool, NotDer> {
    match value {
        [0x00] => Ok(false),
        [0xff] => Ok(true),
        _ => Err(NotDer),
    }
}

/// The value of an INTEGER or ENUMERATED that is not negative and fits.
pub(crate) fn small(value: &[u8]) -> Result<u64, NotDer> {
    match value {
        [] => Err(NotDer),
        [first, ..] if *first >= 0x80 => Err(NotDer),
        [0, second, ..] if *second < 0x80 => Err(NotDer),
        _ => value
            .iter()
            .try_fold(0_u64, |sum, byte| Some(sum.checked_mul(256)? | u64::from(*byte)))
            .ok_or(NotDer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_not_negative_and_in_its_shortest_form() {
        for (bytes, number) in [
            (&[0][..], Ok(0)),
            (&[0x7f], Ok(127)),
            (&[0, 0x80], Ok(128)),
            (&[1, 0], Ok(256)),
            (&[0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Ok(u64::MAX)),
            (&[1, 0, 0, 0, 0, 0, 0, 0, 0], Err(NotDer)),
            (&[0x80], Err(NotDer)),
            (&[0, 0x7f], Err(NotDer)),
            (&[0, 0], Err(NotDer)),
            (&[], Err(NotDer)),
        ] {
            assert_eq!(small(bytes), number, "{bytes:?}");
        }
    }

    #[test]
    fn a_truth_value_is_all_zeros_or_all_ones() {
        assert_eq!((boolean(&[0]), boolean(&[0xff])), (Ok(false), Ok(true)));
        for wrong in [&[1][..], &[], &[0, 0], &[0xff, 0xff]] {
            assert_eq!(boolean(wrong), Err(NotDer), "{wrong:?}");
        }
    }

    #[test]
    fn what_was_asked_for_comes_and_nothing_behind_it() {
        assert_eq!(only(&[0x04, 1, 7], Tag::OctetString), Ok(&[7][..]));
        assert_eq!(only(&[0x04, 1, 7], Tag::Integer), Err(NotDer));
        assert_eq!(only(&[0x04, 1, 7, 0], Tag::OctetString), Err(NotDer));
        assert_eq!(
            only(&[0x04, 0x81, 1, 7], Tag::OctetString),
            Err(NotDer),
            "a long length"
        );
        let mut der = Der::new(&[0x04, 1, 7, 0x02, 1, 1]).expect("der");
        assert_eq!(der.optional(Tag::Integer), Ok(None));
        assert_eq!(der.peek(), Ok(Some(Tag::OctetString)));
        assert!(!der.is_finished() && der.clone().finish().is_err());
        assert_eq!(der.optional(Tag::OctetString), Ok(Some(&[7][..])));
        assert_eq!(der.raw(), Ok(&[0x02, 1, 1][..]));
        assert_eq!((der.peek(), der.optional(Tag::Integer)), (Ok(None), Ok(None)));
        assert!(der.is_finished() && der.finish().is_ok());
    }
}
