//! Forms that programs post: their type, and their parameters.

use doorward_oidc::error::Fault;
use doorward_oidc::params::Params;
use poem::Request;
use poem::http::header;

use crate::http::errors::Problem;
use crate::http::visit::Raw;

/// Whether the body is a form.
pub(super) fn is_form(request: &Request) -> Result<(), Problem> {
    let mut types = request.headers().get_all(header::CONTENT_TYPE).iter();
    let (Some(kind), None) = (types.next(), types.next()) else { return Err(Problem::MediaType) };
    let essence = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    let form = essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded");
    if form { Ok(()) } else { Err(Problem::MediaType) }
}

/// The parameters of a form that a program posted. Secrets in the query are refused with everything else there.
pub(super) fn params(request: &Request, raw: &Raw) -> Result<Params, Fault> {
    let no_query = request.uri().query().is_none_or(str::is_empty);
    if is_form(request).is_err() || !no_query {
        return Err(Fault::ParameterMalformed);
    }
    Ok(Params::parse(&raw.0)?)
}

/// The Authorization header, if there is exactly one that is text.
pub(super) fn authorization(request: &Request) -> Result<Option<&str>, Fault> {
    let mut all = request.headers().get_all(header::AUTHORIZATION).iter();
    match (all.next(), all.next()) {
        (None, _) => Ok(None),
        (Some(one), None) => one.to_str().map(Some).map_err(|_| Fault::ClientAuthenticationMalformed),
        (Some(_), Some(_)) => Err(Fault::ClientAuthenticationTwice),
    }
}
