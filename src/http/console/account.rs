//! The administrator's own account.

use askama::Template;

use super::form::Form;
use super::layout::{Layout, Section};
use super::response::{PageResult, redirect, show_form};
use super::session::{Session, expired_session_cookie};
use super::submitted_form::SubmittedForm;
use crate::administration::AdministrationError;
use crate::domain::Password;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    layout: Layout,
    form: Form,
}

fn show_page(session: &Session, form: Form) -> PageResult {
    let layout = session.layout(Section::Account, "Your account");
    show_form(form.is_valid(), &AccountPage { layout, form })
}

/// `GET /console/account`
pub(super) async fn form(session: Session) -> PageResult {
    show_page(&session, Form::default())
}

/// `POST /console/account`
pub(super) async fn change_password(
    SubmittedForm { session, mut form }: SubmittedForm,
) -> PageResult {
    let new = Password::parse(form.text("new"));
    let Some(new) = form.check("new", "New password", new) else {
        return show_page(&session, form);
    };
    let changed = match Password::parse(form.text("current")) {
        Ok(current) => {
            let (principal, origin) = (session.principal(), session.origin());
            session
                .administration()
                .change_own_password(principal, origin, &current, &new)
                .await
        }
        Err(_) => Err(AdministrationError::WrongPassword),
    };
    if let Err(AdministrationError::WrongPassword) = changed {
        form.add_error("current", "That’s not your current password.");
        return show_page(&session, form);
    }
    changed?;
    let mut response = redirect("/console/sign-in?done=password");
    Ok(response.cookie(expired_session_cookie()).finish())
}
