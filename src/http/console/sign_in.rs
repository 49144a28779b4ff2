//! Signing in and out.

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use askama::Template;
use serde::Deserialize;

use super::error::ConsoleError;
use super::flash_message::FlashMessage;
use super::form::Form;
use super::format;
use super::layout::{Layout, home as home_of};
use super::response::{PageResult, redirect, show_with};
use super::return_path::is_page;
use super::session::{Session, expired_session_cookie, session_cookie};
use super::submitted_form::{AnonymousForm, SubmittedForm};
use crate::administration::{AdministrationError, Attempt};
use crate::domain::{Email, Password};
use crate::http::shared::AppState;
use crate::retry_after::{RetryAfter, Wait};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    layout: Layout,
    form: Form,
    /// The name of the single sign-on, if it is configured.
    single_sign_on: Option<String>,
}

impl SignInPage {
    fn new(state: &AppState, form: Form) -> Self {
        let issuer = state.administration.single_sign_on();
        Self {
            layout: Layout::signed_out("Sign in"),
            form,
            single_sign_on: issuer.map(|issuer| issuer.name().to_owned()),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct PageQuery {
    /// The page to return to.
    next: Option<String>,
}

/// `GET /console`
pub(super) async fn home(session: Session) -> PageResult {
    Ok(redirect(&home_of(session.principal().role())).finish())
}

/// `GET /console/sign-in`. Redirects an administrator who is signed in already.
pub(super) async fn form(
    state: Data<AppState>,
    request: HttpRequest,
    Query(query): Query<PageQuery>,
) -> PageResult {
    let next = query.next.unwrap_or_default();
    let has_ended = match Session::authenticate(&request).await {
        Ok(_) => return Ok(redirect_to_next(&next).finish()),
        Err(ConsoleError::NotSignedIn { has_ended, .. }) => has_ended,
        Err(error) => return Err(error),
    };
    let mut page = SignInPage::new(&state, Form::default().with("next", [next]));
    page.layout.flash = FlashMessage::of(&request)?;
    let mut response = HttpResponse::Ok();
    if has_ended {
        let ended = FlashMessage::warning("Your session has ended. Sign in to continue.");
        page.layout.flash.get_or_insert(ended);
        response.cookie(expired_session_cookie());
    }
    show_with(response, &page)
}

/// Redirects to the requested page, if it is a page of the console.
fn redirect_to_next(next: &str) -> HttpResponseBuilder {
    redirect(if is_page(next) { next } else { "/console" })
}

/// `POST /console/sign-in`
pub(super) async fn sign_in(
    state: Data<AppState>,
    request: HttpRequest,
    AnonymousForm(mut form): AnonymousForm,
) -> PageResult {
    let attempt = Attempt {
        email: Email::parse(form.text("email")).ok(),
        password: Password::parse(form.text("password")).ok(),
    };
    let origin = state.origin_of(&request);
    let mut response = HttpResponseBuilder::new(StatusCode::UNAUTHORIZED);
    match state.administration.sign_in(&origin, attempt).await {
        Ok(tokens) => {
            let cookie = session_cookie(tokens.refresh_token.text());
            return Ok(redirect_to_next(form.text("next")).cookie(cookie).finish());
        }
        Err(AdministrationError::SignInRefused) => {
            form.add_error("email", "The e-mail address or the password is wrong.");
        }
        Err(AdministrationError::TooManyAttempts { retry_after, .. }) => {
            let retry_after = RetryAfter::from(Wait::Limit(retry_after));
            let advice = format::try_again(retry_after);
            form.add_error("email", format!("Too many attempts. {advice}"));
            response.status(StatusCode::TOO_MANY_REQUESTS);
            response.insert_header((RETRY_AFTER, retry_after.seconds()));
        }
        Err(error) => return Err(error.into()),
    }
    show_with(response, &SignInPage::new(&state, form))
}

/// `POST /console/sign-out`
pub(super) async fn sign_out(SubmittedForm { session, .. }: SubmittedForm) -> PageResult {
    session.end().await?;
    let mut response = redirect("/console/sign-in?done=signed-out");
    Ok(response.cookie(expired_session_cookie()).finish())
}
