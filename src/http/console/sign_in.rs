//! Signing in and out.

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use askama::Template;
use serde::Deserialize;

use super::error::ConsoleError;
use super::form::Form;
use super::format;
use super::notice::{Notice, Tone};
use super::page::{Answer, Frame, answer, home as home_of, see_other};
use super::return_path::is_page;
use super::session::{Session, began, ended};
use super::submission::{Submitted, SubmittedOpenly};
use crate::administration::{AdministrationError, Attempt};
use crate::domain::{Email, Password};
use crate::http::shared::AppState;
use crate::retry_after::{RetryAfter, Wait};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    form: Form,
    /// What else one may sign in with.
    sign_on: Option<String>,
}

impl SignInPage {
    fn new(state: &AppState, form: Form) -> Self {
        let sign_on = state.administration.single_sign_on();
        Self {
            frame: Frame::of_nobody("Sign in"),
            form,
            sign_on: sign_on.map(|issuer| issuer.name().to_owned()),
        }
    }
}

/// What the page is called with.
#[derive(Deserialize)]
pub(super) struct Called {
    next: Option<String>,
    done: Option<String>,
}

/// `GET /console`
pub(super) async fn home(session: Session) -> Answer {
    Ok(see_other(&home_of(session.principal().role())).finish())
}

/// `GET /console/sign-in`: who is signed in already goes on.
pub(super) async fn form(
    state: Data<AppState>,
    request: HttpRequest,
    Query(called): Query<Called>,
) -> Answer {
    let next = called.next.unwrap_or_default();
    let has_ended = match Session::of(&request).await {
        Ok(_) => return Ok(go_on(&next).finish()),
        Err(ConsoleError::NotSignedIn { has_ended, .. }) => has_ended,
        Err(error) => return Err(error),
    };
    let mut page = SignInPage::new(&state, Form::showing([("next", next)]));
    page.frame = page.frame.noticing(called.done.as_deref());
    if has_ended && page.frame.notice.is_none() {
        let text = "Your session has ended. Sign in to continue.";
        page.frame.notice = Some(Notice::new(Tone::Warning, text));
    }
    let mut response = HttpResponse::Ok();
    if has_ended {
        response.cookie(ended());
    }
    answer(response, &page)
}

/// On to the page that was wanted, if it is one of ours.
fn go_on(next: &str) -> HttpResponseBuilder {
    see_other(if is_page(next) { next } else { "/console" })
}

/// `POST /console/sign-in`
pub(super) async fn sign_in(
    state: Data<AppState>,
    request: HttpRequest,
    SubmittedOpenly(mut form): SubmittedOpenly,
) -> Answer {
    let attempt = Attempt {
        email: Email::parse(form.text("email")).ok(),
        password: Password::parse(form.text("password")).ok(),
    };
    let origin = state.origin_of(&request);
    let refused = match state.administration.sign_in(&origin, attempt).await {
        Ok(tokens) => {
            let mut response = go_on(form.text("next"));
            return Ok(response.cookie(began(tokens.refresh_token.text())).finish());
        }
        Err(refused) => refused,
    };
    let mut response = HttpResponseBuilder::new(StatusCode::UNAUTHORIZED);
    match refused {
        AdministrationError::SignInRefused => {
            form.refuse("email", "The e-mail address or the password is wrong.");
        }
        AdministrationError::TooManyAttempts { retry_after, .. } => {
            let retry_after = RetryAfter::from(Wait::Limit(retry_after));
            let advice = format::try_again(retry_after);
            form.refuse("email", format!("Too many attempts. {advice}"));
            response.status(StatusCode::TOO_MANY_REQUESTS);
            response.insert_header((RETRY_AFTER, retry_after.seconds()));
        }
        error => return Err(error.into()),
    }
    answer(response, &SignInPage::new(&state, form))
}

/// `POST /console/sign-out`
pub(super) async fn sign_out(Submitted { session, .. }: Submitted) -> Answer {
    session.end().await?;
    let mut response = see_other("/console/sign-in?done=signed-out");
    Ok(response.cookie(ended()).finish())
}
