//! The style, the script and the icon of the pages. Their paths name their content, so that browsers
//! keep them for ever.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Path;
use sha2::{Digest, Sha256};

use super::error::ConsoleError;

const KEPT: &str = "public, max-age=31536000, immutable";

/// A file that is part of the binary.
pub(super) struct Asset {
    name: &'static str,
    content_type: &'static str,
    content: &'static str,
    /// 64 bits of a hash of the content.
    version: LazyLock<String>,
}

pub(super) static STYLE: Asset = Asset {
    name: "console.css",
    content_type: "text/css; charset=utf-8",
    content: include_str!("assets/console.css"),
    version: LazyLock::new(|| version(include_str!("assets/console.css"))),
};

pub(super) static SCRIPT: Asset = Asset {
    name: "console.js",
    content_type: "text/javascript; charset=utf-8",
    content: include_str!("assets/console.js"),
    version: LazyLock::new(|| version(include_str!("assets/console.js"))),
};

pub(super) static ICON: Asset = Asset {
    name: "icon.svg",
    content_type: "image/svg+xml",
    content: include_str!("assets/icon.svg"),
    version: LazyLock::new(|| version(include_str!("assets/icon.svg"))),
};

fn version(content: &str) -> String {
    hex::encode(&Sha256::digest(content)[..8])
}

impl Asset {
    /// Where it is.
    pub(super) fn path(&self) -> String {
        format!("/console/assets/{}/{}", *self.version, self.name)
    }
}

/// `GET /console/assets/{version}/{file}`
pub(super) async fn asset(path: Path<(String, String)>) -> Result<HttpResponse, ConsoleError> {
    let (version, name) = path.into_inner();
    let asset = [&STYLE, &SCRIPT, &ICON]
        .into_iter()
        .find(|asset| asset.name == name && *asset.version == version)
        .ok_or(ConsoleError::UnknownPage)?;
    Ok(HttpResponse::Ok()
        .content_type(asset.content_type)
        .insert_header((CACHE_CONTROL, KEPT))
        .body(asset.content))
}
