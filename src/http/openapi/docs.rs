//! The documentation as a page: Swagger UI, which is part of the binary, on the document beside it.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION};
use actix_web::web::{self, Bytes, Path};
use utoipa_swagger_ui::Config;

use crate::http::shared::{ApiError, open_resource};

/// All that the page may do: load files from here, show icons that stand in its styles, and send
/// requests here.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// How long browsers keep a file: a new release may bring another one.
const KEPT: &str = "public, max-age=3600";

/// What the page is made of. Swagger UI brings more, which nothing here refers to.
const FILES: [&str; 5] = [
    "index.css",
    "swagger-ui.css",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
    "swagger-initializer.js",
];

/// The page, which names the title as `{title}`: that of Swagger UI names itself, and is too wide for a phone.
const PAGE: &str = include_str!("docs.html");

/// The icon of the page is the console's.
const ICON: &[u8] = include_bytes!("../console/assets/icon.svg");

/// What the page sends where somebody asks it to. A write is one click away from the data of real people.
const SENT_METHODS: [&str; 2] = ["get", "head"];

/// Registers the page of an API at a path.
pub(in crate::http) fn at(
    path: &'static str,
    title: &'static str,
) -> impl FnOnce(&mut web::ServiceConfig) {
    move |config| {
        let page = move || async move {
            answer("text/html; charset=utf-8", PAGE.replace("{title}", title))
        };
        config
            .service(open_resource(path, web::to(redirect)))
            .service(open_resource(&format!("{path}/"), web::to(page)))
            .service(open_resource(&format!("{path}/{{file}}"), web::to(asset)));
    }
}

/// `GET /docs`: to the page, whose own references are relative to `/docs/`.
async fn redirect() -> HttpResponse {
    // Relative: a proxy may serve us below another path.
    HttpResponse::TemporaryRedirect()
        .insert_header((LOCATION, "docs/"))
        .finish()
}

/// `GET /docs/{file}`
async fn asset(name: Path<String>) -> Result<HttpResponse, ApiError> {
    match name.as_str() {
        "icon.svg" => Ok(answer("image/svg+xml", Bytes::from_static(ICON))),
        name if FILES.contains(&name) => file(name),
        _ => Err(ApiError::UnknownRoute),
    }
}

fn file(name: &str) -> Result<HttpResponse, ApiError> {
    // The library's badge would send the document to a public validator.
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
    Ok(answer(&file.content_type, bytes))
}

fn answer(content_type: &str, bytes: impl MessageBody + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CACHE_CONTROL, KEPT))
        .body(bytes)
}
