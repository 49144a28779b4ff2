//! The documentation as a page: Swagger UI, which is part of the binary, on `/openapi.json`.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION};
use actix_web::web::{Bytes, Path};
use utoipa_swagger_ui::{Config, SwaggerFile};

use super::error::ApiError;

/// All that the page may do: load files from here, show icons that stand in its styles, and send
/// requests here.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// How long browsers keep a file: a new release may bring another one.
const KEPT: &str = "public, max-age=3600";

/// What the page is made of. Swagger UI brings more, which nothing here refers to.
const FILES: [&str; 7] = [
    "index.css",
    "swagger-ui.css",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
    "swagger-initializer.js",
    "favicon-16x16.png",
    "favicon-32x32.png",
];

/// `GET /docs`: to the page, whose own references are relative to `/docs/`.
pub(super) async fn redirect() -> HttpResponse {
    // Relative: a proxy may serve us below another path.
    HttpResponse::TemporaryRedirect()
        .insert_header((LOCATION, "docs/"))
        .finish()
}

/// `GET /docs/`
pub(super) async fn page() -> Result<HttpResponse, ApiError> {
    file("index.html")
}

/// `GET /docs/{file}`
pub(super) async fn asset(name: Path<String>) -> Result<HttpResponse, ApiError> {
    if FILES.contains(&name.as_str()) {
        file(&name)
    } else {
        Err(ApiError::UnknownRoute)
    }
}

fn file(name: &str) -> Result<HttpResponse, ApiError> {
    // The library's badge would send the document to a public validator.
    let config = Config::from("../openapi.json")
        .use_base_layout()
        .validator_url("none")
        .try_it_out_enabled(true)
        .display_request_duration(true);
    let file = utoipa_swagger_ui::serve(name, Arc::new(config))
        .map_err(|error| ApiError::Internal(error.to_string()))?;
    file.map(answer).ok_or(ApiError::UnknownRoute)
}

fn answer(file: SwaggerFile<'static>) -> HttpResponse {
    let bytes = match file.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    HttpResponse::Ok()
        .content_type(file.content_type)
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CACHE_CONTROL, KEPT))
        .body(bytes)
}
