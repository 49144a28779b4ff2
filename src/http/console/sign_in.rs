//! Signing in and out.

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use askama::Template;
use serde::Deserialize;

use super::error::ConsoleError;
use super::flash_message::{FlashMessage, Tone};
use super::form::Form;
use super::format;
use super::layout::{Layout, PageResult, answer, home as home_of, redirect};
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
    /// What else one may sign in with.
    sign_on: Option<String>,
}

impl SignInPage {
    fn new(state: &AppState, form: Form) -> Self {
        let sign_on = state.administration.single_sign_on();
        Self {
            layout: Layout::signed_out("Sign in"),
            form,
            sign_on: sign_on.map(|issuer| issuer.name().to_owned()),
        }
    }
}

/// What the page is called with.
#[derive(Deserialize)]
pub(super) struct PageQuery {
    next: Option<String>,
    done: Option<String>,
}

/// `GET /console`
pub(super) async fn home(session: Session) -> PageResult {
    Ok(redirect(&home_of(session.acting().role())).finish())
}

/// `GET /console/sign-in`: who is signed in already goes on.
pub(super) async fn form(
    state: Data<AppState>,
    request: HttpRequest,
    Query(query): Query<PageQuery>,
) -> PageResult {
    let next = query.next.unwrap_or_default();
    let has_ended = match Session::of(&request).await {
        Ok(_) => return Ok(go_on(&next).finish()),
        Err(ConsoleError::NotSignedIn { has_ended, .. }) => has_ended,
        Err(error) => return Err(error),
    };
    let mut page = SignInPage::new(&state, Form::showing([("next", next)]));
    page.layout = page.layout.with_flash(query.done.as_deref());
    if has_ended && page.layout.flash.is_none() {
        let text = "Your session has ended. Sign in to continue.";
        page.layout.flash = Some(FlashMessage::new(Tone::Warning, text));
    }
    let mut response = HttpResponse::Ok();
    if has_ended {
        response.cookie(expired_session_cookie());
    }
    answer(response, &page)
}

/// On to the page that was wanted, if it is one of ours.
fn go_on(next: &str) -> HttpResponseBuilder {
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
    let refused = match state.administration.sign_in(&origin, attempt).await {
        Ok(tokens) => {
            let mut response = go_on(form.text("next"));
            return Ok(response
                .cookie(session_cookie(tokens.refresh_token.text()))
                .finish());
        }
        Err(refused) => refused,
    };
    let mut response = HttpResponseBuilder::new(StatusCode::UNAUTHORIZED);
    match refused {
        AdministrationError::SignInRefused => {
            form.add_error("email", "The e-mail address or the password is wrong.");
        }
        AdministrationError::TooManyAttempts { retry_after, .. } => {
            let retry_after = RetryAfter::from(Wait::Limit(retry_after));
            let advice = format::try_again(retry_after);
            form.add_error("email", format!("Too many attempts. {advice}"));
            response.status(StatusCode::TOO_MANY_REQUESTS);
            response.insert_header((RETRY_AFTER, retry_after.seconds()));
        }
        error => return Err(error.into()),
    }
    answer(response, &SignInPage::new(&state, form))
}

/// `POST /console/sign-out`
pub(super) async fn sign_out(SubmittedForm { session, .. }: SubmittedForm) -> PageResult {
    session.end().await?;
    let mut response = redirect("/console/sign-in?done=signed-out");
    Ok(response.cookie(expired_session_cookie()).finish())
}
