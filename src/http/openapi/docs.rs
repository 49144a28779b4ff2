//! The documentation page: Swagger UI, which is part of the binary, shows the OpenAPI document.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION};
use actix_web::web::{self, Bytes, Path};
use utoipa_swagger_ui::Config;

use crate::http::shared::{ApiError, open_resource};

/// The Content-Security-Policy: the page loads files from this server, shows icons that its style
/// sheets contain, and sends requests to this server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// How long browsers cache a file. A new release may change it.
const CACHING: &str = "public, max-age=3600";

/// The files of Swagger UI that the page uses. Swagger UI contains more.
const FILES: [&str; 5] = [
    "index.css",
    "swagger-ui.css",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
    "swagger-initializer.js",
];

/// The page, with `{title}` for its title. Swagger UI's own page has a fixed title and is too wide for a phone.
const PAGE: &str = include_str!("docs.html");

/// The page has the icon of the console.
const ICON: &[u8] = include_bytes!("../console/assets/icon.svg");

/// The methods of "Try it out". Writes are excluded: one click would change the data of real people.
const SENT_METHODS: [&str; 2] = ["get", "head"];

/// Registers the documentation page of an API at a path.
pub(in crate::http) fn at(
    path: &'static str,
    title: &'static str,
) -> impl FnOnce(&mut web::ServiceConfig) {
    move |config| {
        let page = move || async move {
            cached("text/html; charset=utf-8", PAGE.replace("{title}", title))
        };
        config
            .service(open_resource(path, web::to(redirect)))
            .service(open_resource(&format!("{path}/"), web::to(page)))
            .service(open_resource(&format!("{path}/{{file}}"), web::to(asset)));
    }
}

/// `GET /docs`: redirects to the page, whose references are relative to `/docs/`.
async fn redirect() -> HttpResponse {
    // A relative path, because a proxy may serve Rubrica below another path.
    HttpResponse::TemporaryRedirect()
        .insert_header((LOCATION, "docs/"))
        .finish()
}

/// `GET /docs/{file}`
async fn asset(name: Path<String>) -> Result<HttpResponse, ApiError> {
    match name.as_str() {
        "icon.svg" => Ok(cached("image/svg+xml", Bytes::from_static(ICON))),
        name if FILES.contains(&name) => file(name),
        _ => Err(ApiError::UnknownRoute),
    }
}

fn file(name: &str) -> Result<HttpResponse, ApiError> {
    // The validator badge would send the document to a public server.
    let config = Config::from("../openapi.json")
        .use_base_layout()
        .validator_url("none")
        .supported_submit_methods(SENT_METHODS)
        .try_it_out_enabled(false)
        .display_request_duration(true);
    let file = utoipa_swagger_ui::serve(name, Arc::new(config))
        .map_err(|error| ApiError::Internal(error.to_string()))?;
    let file = file.ok_or(ApiError::UnknownRoute)?;
    let bytes = match file.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    Ok(cached(&file.content_type, bytes))
}

fn cached(content_type: &str, bytes: impl MessageBody + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CACHE_CONTROL, CACHING))
        .body(bytes)
}
