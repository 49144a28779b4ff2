//! The style, the script and the icon of the pages. Their paths contain a hash of the content, so browsers
//! cache them forever.

use std::sync::LazyLock;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

use super::error::ConsoleError;
use super::response::PageResult;

const CACHED_FOREVER: &str = "public, max-age=31536000, immutable";

/// A file that is part of the binary.
pub(super) struct Asset {
    pub(super) path: String,
    content_type: &'static str,
    content: &'static str,
}

pub(super) static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("assets/console.css");
    Asset::new("console.css", "text/css; charset=utf-8", content)
});

pub(super) static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("assets/console.js");
    Asset::new("console.js", "text/javascript; charset=utf-8", content)
});

pub(super) static ICON: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("assets/icon.svg");
    Asset::new("icon.svg", "image/svg+xml", content)
});

impl Asset {
    fn new(name: &str, content_type: &'static str, content: &'static str) -> Self {
        // 64 bits of the hash.
        let version = hex::encode(&Sha256::digest(content)[..8]);
        Self {
            path: format!("/console/assets/{version}/{name}"),
            content_type,
            content,
        }
    }
}

/// `GET /console/assets/{version}/{file}`
pub(super) async fn asset(request: HttpRequest) -> PageResult {
    let asset = [&STYLE, &SCRIPT, &ICON]
        .into_iter()
        .find(|asset| asset.path == request.path())
        .ok_or(ConsoleError::UnknownPage)?;
    Ok(HttpResponse::Ok()
        .content_type(asset.content_type)
        .insert_header((CACHE_CONTROL, CACHED_FOREVER))
        .body(asset.content))
}
