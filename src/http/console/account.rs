//! One's own account.

use askama::Template;

use super::form::Form;
use super::layout::{Layout, PageResult, Section, redirect, show, show_invalid};
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

impl AccountPage {
    fn new(session: &Session, form: Form) -> Self {
        let layout = session.layout(Section::Account, "Your account");
        Self { layout, form }
    }
}

/// `GET /console/account`
pub(super) async fn form(session: Session) -> PageResult {
    show(&AccountPage::new(&session, Form::default()))
}

/// `POST /console/account`
pub(super) async fn change_password(
    SubmittedForm { session, mut form }: SubmittedForm,
) -> PageResult {
    let current = Password::parse(form.text("current"));
    let new = Password::parse(form.text("new"));
    let new = form.keep("new", "New password", new);
    let Some(new) = new else {
        return show_invalid(&AccountPage::new(&session, form));
    };
    let changed = match current {
        Ok(current) => {
            let (acting, origin) = (session.acting(), session.origin());
            session
                .administration()
                .change_own_password(acting, origin, &current, &new)
                .await
        }
        Err(_) => Err(AdministrationError::WrongPassword),
    };
    match changed {
        Ok(()) => {
            let mut response = redirect("/console/sign-in?done=password");
            Ok(response.cookie(expired_session_cookie()).finish())
        }
        Err(AdministrationError::WrongPassword) => {
            form.add_error("current", "That’s not your current password.");
            show_invalid(&AccountPage::new(&session, form))
        }
        Err(error) => Err(error.into()),
    }
}
