//! The page of an error.

use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, RETRY_AFTER};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use askama::Template;
use tracing::{error, warn};

use super::error::ConsoleError;
use super::format;
use super::page::{Frame, SignedIn, mime};
use crate::administration::AdministrationError;
use crate::http::shared::request_id;
use crate::retry_after::{RetryAfter, Unavailable, Wait};

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    frame: Frame,
    message: String,
    advice: String,
}

impl ConsoleError {
    fn title(&self) -> &'static str {
        match self.status_code() {
            StatusCode::NOT_FOUND => "Not found",
            StatusCode::BAD_REQUEST => "Bad request",
            StatusCode::FORBIDDEN => "Not allowed",
            StatusCode::TOO_MANY_REQUESTS => "Too many requests",
            StatusCode::SERVICE_UNAVAILABLE => "Unavailable for a moment",
            StatusCode::INTERNAL_SERVER_ERROR => "Something went wrong",
            _ => "Not done",
        }
    }

    /// What to do about it.
    fn advice(&self) -> String {
        match self {
            Self::Forged => "Reload it and try again.".to_owned(),
            Self::Limited { retry_after } => format::try_again(*retry_after),
            Self::Unavailable(_) => {
                "Try again in a few seconds. A form can safely be sent again.".to_owned()
            }
            Self::NotIdentified | Self::NotPending | Self::IssuerUnavailable(_) => {
                "Try again from the sign-in page, or sign in there with your password.".to_owned()
            }
            Self::Internal(_) => {
                format!("Report it with the request id {}.", request_id::current())
            }
            Self::Refused(
                AdministrationError::NoSuchCompany
                | AdministrationError::NoSuchKey
                | AdministrationError::NoSuchAdmin,
            ) => "It doesn’t exist, or you don’t have access to it.".to_owned(),
            Self::Refused(AdministrationError::Forbidden(_)) => {
                "Ask an operator of the service.".to_owned()
            }
            _ => String::new(),
        }
    }

    fn retry_after(&self) -> Option<RetryAfter> {
        match self {
            Self::Limited { retry_after } => Some(*retry_after),
            Self::Unavailable(unavailable) => Some(unavailable.wait.into()),
            Self::IssuerUnavailable(_) => Some(Wait::IdentityProvider.into()),
            _ => None,
        }
    }

    /// The one place where a failure of ours is logged.
    fn log(&self) {
        match self {
            Self::Unavailable(Unavailable { cause, .. }) | Self::IssuerUnavailable(cause) => {
                warn!(cause, "answered 503");
            }
            Self::Internal(cause) => error!(cause, "answered 500"),
            _ => {}
        }
    }
}

impl ResponseError for ConsoleError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotSignedIn { .. } => StatusCode::SEE_OTHER,
            Self::Forged => StatusCode::FORBIDDEN,
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
        let mut response = HttpResponseBuilder::new(self.status_code());
        if let Self::NotSignedIn {
            wanted,
            is_from_elsewhere,
            ..
        } = self
        {
            let path = wanted.sign_in();
            return if *is_from_elsewhere {
                arrive(path)
            } else {
                response.insert_header((LOCATION, path)).finish()
            };
        }
        if let Some(wait) = self.retry_after() {
            response.insert_header((RETRY_AFTER, wait.seconds()));
        }
        written(response, &self.page(Frame::of_nobody(self.title())))
    }
}

impl ConsoleError {
    /// The text of the page that shows it to somebody who is signed in.
    pub(super) fn page_for(&self, signed_in: SignedIn) -> Option<String> {
        let frame = Frame::of_person(self.title(), signed_in);
        self.page(frame).render().ok()
    }

    fn page(&self, frame: Frame) -> ErrorPage {
        ErrorPage {
            frame,
            message: format::sentence(&self.to_string()),
            advice: self.advice(),
        }
    }

    /// Whether it was found without a look at who is signed in.
    pub(super) const fn is_of_nobody(&self) -> bool {
        matches!(
            self,
            Self::UnknownPage | Self::MethodNotAllowed | Self::BadRequest(_) | Self::Forged
        )
    }
}

#[derive(Template)]
#[template(path = "arrival.html")]
struct ArrivalPage {
    frame: Frame,
    path: String,
}

/// A page that goes on by itself, from here and so with the cookie: whoever is signed in comes to
/// where the link led.
pub(super) fn arrive(path: String) -> HttpResponse {
    let frame = Frame::of_nobody("One moment");
    written(HttpResponse::Ok(), &ArrivalPage { frame, path })
}

fn written(mut response: HttpResponseBuilder, page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(text) => response.content_type(mime()).body(text),
        Err(_) => response.finish(),
    }
}
