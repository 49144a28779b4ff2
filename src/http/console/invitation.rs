//! Accepting an invitation.

use actix_web::HttpRequest;
use actix_web::web::Data;
use askama::Template;

use super::form::Form;
use super::layout::{Layout, PageResult, redirect, show, show_invalid};
use super::submitted_form::AnonymousForm;
use crate::administration::AdministrationError;
use crate::domain::{InvitationToken, Password};
use crate::http::shared::AppState;

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage {
    layout: Layout,
    form: Form,
}

impl InvitationPage {
    fn new(form: Form) -> Self {
        let layout = Layout::signed_out("Accept an invitation");
        Self { layout, form }
    }
}

/// `GET /console/invitation`
pub(super) async fn form() -> PageResult {
    show(&InvitationPage::new(Form::default()))
}

/// `POST /console/invitation`
pub(super) async fn accept(
    state: Data<AppState>,
    request: HttpRequest,
    AnonymousForm(mut form): AnonymousForm,
) -> PageResult {
    let password = Password::parse(form.text("password"));
    let Some(password) = form.keep("password", "Password", password) else {
        return show_invalid(&InvitationPage::new(form));
    };
    let origin = state.origin_of(&request);
    // Whoever pastes the whole link means its last part.
    let text = form.text("token").trim();
    let token = text.rsplit('#').next().unwrap_or(text);
    let token = InvitationToken::presented(token.into());
    let accepted = state
        .administration
        .accept_invitation(&origin, &token, &password);
    match accepted.await {
        Ok(()) => Ok(redirect("/console/sign-in?done=password").finish()),
        Err(AdministrationError::TokenRefused) => {
            let message = "This invitation is invalid, already used or expired. Ask for a new one.";
            form.add_error("token", message);
            show_invalid(&InvitationPage::new(form))
        }
        Err(error) => Err(error.into()),
    }
}
