//! Style, script and icon, from the binary alone.

use poem::web::Path;
use poem::{Response, handler};

use crate::assets::ASSETS;
use crate::http::answer::see_other;
use crate::http::errors::Problem;

/// For browsers that ask by themselves, for pages that are not HTML.
#[handler]
pub(crate) fn favicon() -> Response {
    see_other(&ASSETS.icon)
}

#[handler]
pub(crate) fn serve(Path(name): Path<String>) -> Result<Response, Problem> {
    let asset = ASSETS.find(&format!("/assets/{name}")).ok_or(Problem::NotFound)?;
    Ok(Response::builder()
        .content_type(asset.content_type)
        .body(asset.body.as_ref().to_owned()))
}
