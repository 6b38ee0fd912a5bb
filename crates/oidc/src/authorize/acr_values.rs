//! How sure the client wants to be (OpenID Connect Core §3.1.2.1 `acr_values`, §5.5.1.1 `claims.id_token.acr`).

use super::claims::ClaimsRequest;
use crate::acr::{Acr, AcrRequest};
use crate::client::metadata::Client;
use crate::limits;
use crate::params::Params;

/// The wishes of `acr_values`, else of the client's default; wishes or a demand of the claims parameter.
/// Values that this provider does not know cannot be wished for, so they are ignored; demanded, they stay unmet. The
/// first 20 words are read: a wish never fails a request.
pub(super) fn read(params: &Params, claims: &ClaimsRequest, client: &Client) -> AcrRequest {
    let words = params.get("acr_values").unwrap_or_default().split(' ');
    let words = words.filter(|word| !word.is_empty()).take(limits::LIST_ITEMS_MAX);
    let mut acr = AcrRequest::default();
    acr.wished
        .extend(words.filter_map(|word| word.parse::<Acr>().ok()));
    match claims.acr() {
        Some((rungs, true)) => acr.demanded = Some(rungs),
        Some((rungs, false)) => acr.wished.extend(rungs),
        None => {}
    }
    if acr.wished.is_empty() && acr.demanded.is_none() {
        acr.wished.extend(&client.default_acr_values);
    }
    acr
}
