//! One's own account.

use askama::Template;

use super::form::Form;
use super::page::{Answer, Frame, Section, see_other, show, show_mistakes};
use super::session::{Session, ended};
use super::submission::Submitted;
use crate::administration::AdministrationError;
use crate::domain::Password;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    form: Form,
}

impl AccountPage {
    fn new(session: &Session, form: Form) -> Self {
        let frame = session.frame(Section::Account, "Your account");
        Self { frame, form }
    }
}

/// `GET /console/account`
pub(super) async fn form(session: Session) -> Answer {
    show(&AccountPage::new(&session, Form::default()))
}

/// `POST /console/account`
pub(super) async fn change_password(Submitted { session, mut form }: Submitted) -> Answer {
    let current = Password::parse(form.text("current"));
    let new = Password::parse(form.text("new"));
    let new = form.keep("new", "New password", new);
    let Some(new) = new else {
        return show_mistakes(&AccountPage::new(&session, form));
    };
    let changed = match current {
        Ok(current) => {
            let (principal, origin) = (session.principal(), session.origin());
            session
                .administration()
                .change_own_password(principal, origin, &current, &new)
                .await
        }
        Err(_) => Err(AdministrationError::WrongPassword),
    };
    match changed {
        Ok(()) => {
            let mut response = see_other("/console/sign-in?done=password");
            Ok(response.cookie(ended()).finish())
        }
        Err(AdministrationError::WrongPassword) => {
            form.refuse("current", "That’s not your current password.");
            show_mistakes(&AccountPage::new(&session, form))
        }
        Err(error) => Err(error.into()),
    }
}
