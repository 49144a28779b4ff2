//! Responses of the console: pages and redirects.

use std::str::FromStr;

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;

use super::error::ConsoleError;

/// The content type of pages.
pub(super) const HTML: &str = "text/html; charset=utf-8";

/// The result of a handler.
pub(super) type PageResult = Result<HttpResponse, ConsoleError>;

/// Responds with a page.
pub(super) fn show(page: &impl Template) -> PageResult {
    show_with(HttpResponse::Ok(), page)
}

/// Responds with the page of a form. The status is 422 if the form has errors.
pub(super) fn show_form(is_valid: bool, page: &impl Template) -> PageResult {
    if is_valid {
        return show(page);
    }
    show_with(HttpResponse::UnprocessableEntity(), page)
}

/// Responds with a page, and this status and these headers.
pub(super) fn show_with(mut response: HttpResponseBuilder, page: &impl Template) -> PageResult {
    let text = page.render();
    let text = text.map_err(|error| ConsoleError::Internal(error.to_string()))?;
    Ok(response.content_type(HTML).body(text))
}

/// A redirect to a page that can be reloaded safely, after a form was sent (303).
pub(super) fn redirect(path: &str) -> HttpResponseBuilder {
    let mut response = HttpResponseBuilder::new(StatusCode::SEE_OTHER);
    response.insert_header((LOCATION, path));
    response
}

/// Parses the variable part of a path. Text that is not valid belongs to no page.
pub(super) fn parse<T: FromStr>(text: &str) -> Result<T, ConsoleError> {
    text.parse().map_err(|_| ConsoleError::UnknownPage)
}
