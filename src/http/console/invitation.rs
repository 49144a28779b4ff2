//! Accepting an invitation.

use actix_web::HttpRequest;
use actix_web::web::Data;
use askama::Template;

use super::form::Form;
use super::page::{Answer, Frame, see_other, show, show_mistakes};
use super::submission::SubmittedOpenly;
use crate::administration::AdministrationError;
use crate::domain::{InvitationToken, Password};
use crate::http::shared::AppState;

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage {
    frame: Frame,
    form: Form,
}

impl InvitationPage {
    fn new(form: Form) -> Self {
        let frame = Frame::of_nobody("Accept an invitation");
        Self { frame, form }
    }
}

/// `GET /console/invitation`
pub(super) async fn form() -> Answer {
    show(&InvitationPage::new(Form::default()))
}

/// `POST /console/invitation`
pub(super) async fn accept(
    state: Data<AppState>,
    request: HttpRequest,
    SubmittedOpenly(mut form): SubmittedOpenly,
) -> Answer {
    let password = Password::parse(form.text("password"));
    let Some(password) = form.keep("password", "Password", password) else {
        return show_mistakes(&InvitationPage::new(form));
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
        Ok(()) => Ok(see_other("/console/sign-in?done=password").finish()),
        Err(AdministrationError::TokenRefused) => {
            let message = "This invitation is invalid, already used or expired. Ask for a new one.";
            form.refuse("token", message);
            show_mistakes(&InvitationPage::new(form))
        }
        Err(error) => Err(error.into()),
    }
}
