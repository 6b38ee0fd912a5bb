//! Compound (§8.9): an array of at least two statements of other formats about the same key.
//!
//! How many must be correct is said by [`CompoundPolicy`]; of those that are, one that policy trusts is enough.

use super::{AttestationType, Attested, Format, Signed};
use crate::cause::StatementFault;
use crate::cbor::{Item, Key};
use crate::limits::COMPOUND_MAX;
use crate::policy::CompoundPolicy;
use crate::step::{At, Fault, Step};

pub(super) struct Compound<'a> {
    members: Vec<(&'a str, Item<'a>)>,
}

impl<'a> Format<'a> for Compound<'a> {
    const NAME: &'static str = "compound";

    fn parse(statement: &Item<'a>) -> Result<Self, Fault> {
        let list = statement.array().at(Step::Statement)?;
        let fail = |what| Err(StatementFault::Compound(what)).at(Step::Statement);
        match usize::try_from(list.len()) {
            Ok(0 | 1) => return fail("fewer than two statements"),
            Ok(count) if count <= COMPOUND_MAX => {}
            _ => return fail("too many statements"),
        }
        let mut members = Vec::new();
        for item in list {
            let map = item.map().at(Step::Statement)?;
            map.only(&["fmt", "attStmt"].map(Key::Text)).at(Step::Statement)?;
            let format = map
                .text_key("fmt")
                .and_then(|item| item.text())
                .at(Step::Statement)?;
            if format == Self::NAME {
                return fail("a compound statement in a compound statement");
            }
            members.push((format, map.text_key("attStmt").at(Step::Statement)?));
        }
        Ok(Self { members })
    }

    fn verify(self, signed: &Signed<'_, 'a>) -> Result<Attested<'a>, Fault> {
        let mut correct = Vec::new();
        let mut refused = None;
        for (format, statement) in &self.members {
            match super::verify(format, statement, signed) {
                Ok(attested) => correct.push((*format, attested)),
                Err(fault) if signed.compound == CompoundPolicy::All => return Err(fault),
                Err(fault) => refused = Some(fault),
            }
        }
        match refused {
            Some(fault) if correct.is_empty() => Err(fault),
            _ => Ok(Attested {
                kind: AttestationType::Compound,
                members: correct,
                ..Attested::nothing()
            }),
        }
    }
}
