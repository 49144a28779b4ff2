//! The page of an error.

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use askama::Template;
use tracing::{error, warn};

use super::error::ConsoleError;
use super::format;
use super::layout::{Layout, SignedInUser};
use super::response::{HTML, redirect};
use crate::administration::AdministrationError;
use crate::http::shared::request_id;
use crate::retry_after::{RetryAfter, Unavailable, Wait};

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    layout: Layout,
    message: String,
    /// What to do next.
    advice: String,
}

impl ConsoleError {
    fn title(&self) -> &'static str {
        match self.status_code() {
            StatusCode::NOT_FOUND => "Not found",
            StatusCode::BAD_REQUEST => "Bad request",
            StatusCode::FORBIDDEN => "Not allowed",
            StatusCode::TOO_MANY_REQUESTS => "Too many requests",
            StatusCode::SERVICE_UNAVAILABLE => "Temporarily unavailable",
            StatusCode::INTERNAL_SERVER_ERROR => "Something went wrong",
            _ => "Not done",
        }
    }

    fn advice(&self) -> String {
        let advice = match self {
            Self::Limited { retry_after } => return format::try_again(*retry_after),
            Self::Internal(_) => {
                return format!("Report it with the request id {}.", request_id::current());
            }
            Self::CsrfCheckFailed => "Reload it and try again.",
            Self::Unavailable(_) => "Try again in a few seconds. A form can safely be sent again.",
            Self::NotIdentified | Self::NotPending | Self::IssuerUnavailable(_) => {
                "Try again from the sign-in page, or sign in there with your password."
            }
            Self::Refused(_) if self.status_code() == StatusCode::NOT_FOUND => {
                "It doesn’t exist, or you don’t have access to it."
            }
            Self::Refused(AdministrationError::Forbidden(_)) => "Ask an operator of the service.",
            _ => "",
        };
        advice.to_owned()
    }

    fn retry_after(&self) -> Option<RetryAfter> {
        match self {
            Self::Limited { retry_after } => Some(*retry_after),
            Self::Unavailable(unavailable) => Some(unavailable.wait.into()),
            Self::IssuerUnavailable(_) => Some(Wait::IdentityProvider.into()),
            _ => None,
        }
    }

    /// Logs a failure of the service. This is the one place that does.
    fn log(&self) {
        match self {
            Self::Unavailable(Unavailable { cause, .. }) | Self::IssuerUnavailable(cause) => {
                warn!(cause, "answered 503");
            }
            Self::Internal(cause) => error!(cause, "answered 500"),
            _ => {}
        }
    }

    fn page(&self, layout: Layout) -> ErrorPage {
        ErrorPage {
            layout,
            message: format::sentence(&self.to_string()),
            advice: self.advice(),
        }
    }

    /// The text of the page for a signed-in administrator.
    pub(super) fn page_for(&self, user: SignedInUser) -> Option<String> {
        let layout = Layout::signed_in(self.title(), user);
        self.page(layout).render().ok()
    }

    /// Whether the request may have failed before it was authenticated.
    pub(super) const fn precedes_authentication(&self) -> bool {
        matches!(
            self,
            Self::UnknownPage
                | Self::MethodNotAllowed
                | Self::BadRequest(_)
                | Self::CsrfCheckFailed
        )
    }
}

impl ResponseError for ConsoleError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotSignedIn { .. } | Self::AlreadySent(_) => StatusCode::SEE_OTHER,
            Self::CsrfCheckFailed => StatusCode::FORBIDDEN,
            Self::BadRequest(_) | Self::NotPending => StatusCode::BAD_REQUEST,
            Self::Limited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::UnknownPage => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotIdentified => StatusCode::UNAUTHORIZED,
            Self::Unavailable(_) | Self::IssuerUnavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Refused(error) => match error {
                AdministrationError::Forbidden(_)
                | AdministrationError::CompanySuspended
                | AdministrationError::Disabled
                | AdministrationError::OwnAccount => StatusCode::FORBIDDEN,
                AdministrationError::NoSuchCompany
                | AdministrationError::NoSuchKey
                | AdministrationError::NoSuchAdmin => StatusCode::NOT_FOUND,
                AdministrationError::EmailTaken
                | AdministrationError::TooManyKeys(_)
                | AdministrationError::LastOperator
                | AdministrationError::InvitationAccepted
                | AdministrationError::NotRotated(_) => StatusCode::CONFLICT,
                AdministrationError::TokenRefused => StatusCode::UNAUTHORIZED,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            },
        }
    }

    fn error_response(&self) -> HttpResponse {
        self.log();
        match self {
            Self::NotSignedIn {
                return_to,
                is_cross_site_link: true,
                ..
            } => {
                return client_redirect(HttpResponse::Ok(), return_to.sign_in());
            }
            Self::NotSignedIn { return_to, .. } => return redirect(&return_to.sign_in()).finish(),
            Self::AlreadySent(page) => return redirect(page).finish(),
            _ => {}
        }
        let mut response = HttpResponseBuilder::new(self.status_code());
        if let Some(wait) = self.retry_after() {
            response.insert_header((RETRY_AFTER, wait.seconds()));
        }
        written(response, &self.page(Layout::signed_out(self.title())))
    }
}

#[derive(Template)]
#[template(path = "client_redirect.html")]
struct ClientRedirectPage {
    layout: Layout,
    path: String,
}

/// Redirects by a page instead of a status: a navigation that starts at this site sends the `SameSite=Strict`
/// cookie, so a signed-in administrator who follows a link on another site reaches its page.
pub(super) fn client_redirect(response: HttpResponseBuilder, path: String) -> HttpResponse {
    let layout = Layout::signed_out("Redirecting");
    written(response, &ClientRedirectPage { layout, path })
}

fn written(mut response: HttpResponseBuilder, page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(text) => response.content_type(HTML).body(text),
        Err(_) => response.finish(),
    }
}
