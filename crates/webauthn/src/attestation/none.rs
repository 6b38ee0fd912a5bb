//! None (§8.7): an empty statement. It proves nothing.

use super::{Attested, Format, Signed};
use crate::cause::StatementFault;
use crate::cbor::Item;
use crate::step::{At, Fault, Step};

pub(super) struct None;

impl<'a> Format<'a> for None {
    const NAME: &'static str = "none";

    fn parse(statement: &Item<'a>) -> Result<Self, Fault> {
        if statement.map().at(Step::Statement)?.is_empty() {
            Ok(Self)
        } else {
            Err(StatementFault::NotEmpty).at(Step::Statement)
        }
    }

    fn verify(self, _: &Signed<'_, 'a>) -> Result<Attested<'a>, Fault> {
        Ok(Attested::nothing())
    }
}
