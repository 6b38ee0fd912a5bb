//! `x5c`: the certificates of a statement, leaf first, each in DER.

use crate::cause::{Cause, StatementFault};
use crate::cbor::Item;
use crate::limits::CHAIN_MAX;
use crate::step::{At, Fault, Step};
use crate::trust::Certificate;

/// Reads a chain of at least one certificate.
pub(super) fn read<'a>(item: &Item<'a>) -> Result<Vec<Certificate<'a>>, Fault> {
    let list = item.array().at(Step::Statement)?;
    let count = list.len();
    if count == 0 || usize::try_from(count).is_ok_and(|count| count > CHAIN_MAX) {
        return Err(StatementFault::Certificates(count)).at(Step::Statement);
    }
    list.enumerate()
        .map(|(index, item)| {
            let bytes = item.bytes().at(Step::Statement)?;
            Certificate::parse(bytes).map_err(|fault| Fault {
                step: Step::Statement,
                cause: Cause::Certificate { index, fault },
            })
        })
        .collect()
}

/// The certificate at the front. [`read`] never returns an empty chain.
pub(super) fn leaf<'c, 'a>(chain: &'c [Certificate<'a>]) -> Result<&'c Certificate<'a>, Fault> {
    chain
        .first()
        .ok_or(StatementFault::Certificates(0))
        .at(Step::Statement)
}
