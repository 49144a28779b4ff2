//! Accepting an invitation.

use actix_web::HttpRequest;
use actix_web::web::Data;
use askama::Template;

use super::form::Form;
use super::layout::Layout;
use super::response::{PageResult, redirect, show_form};
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

fn show_page(form: Form) -> PageResult {
    let layout = Layout::signed_out("Accept an invitation");
    show_form(form.is_valid(), &InvitationPage { layout, form })
}

/// `GET /console/invitation`
pub(super) async fn form() -> PageResult {
    show_page(Form::default())
}

/// `POST /console/invitation`
pub(super) async fn accept(
    state: Data<AppState>,
    request: HttpRequest,
    AnonymousForm(mut form): AnonymousForm,
) -> PageResult {
    let password = Password::parse(form.text("password"));
    let Some(password) = form.check("password", "Password", password) else {
        return show_page(form);
    };
    let origin = state.origin_of(&request);
    // If the whole link was pasted, the token is its last part.
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
            show_page(form)
        }
        Err(error) => Err(error.into()),
    }
}
