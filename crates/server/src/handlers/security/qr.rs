//! The QR code of an authenticator app, as an image in the page: no other host ever sees the secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

use crate::http::errors::Problem;

/// The code as a `data:` address. Black on white with its quiet zone, whatever the page's colours are.
pub(super) fn image(uri: &str) -> Result<String, Problem> {
    let code = QrCode::with_error_correction_level(uri, EcLevel::M).map_err(Problem::internal)?;
    let picture = code
        .render::<svg::Color<'_>>()
        .min_dimensions(208, 208)
        .dark_color(svg::Color("#000000"))
        .light_color(svg::Color("#ffffff"))
        .quiet_zone(true)
        .build();
    Ok(format!("data:image/svg+xml;base64,{}", STANDARD.encode(picture)))
}
