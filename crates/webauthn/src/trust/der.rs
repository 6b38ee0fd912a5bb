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
