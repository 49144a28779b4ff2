//! Forms that take effect once, however often a browser sends them: a double click, a reload, or the
//! same form on two replicas.
//!
//! Each form carries a one-time id, which is used up in the transaction of what the form does. A form
//! that was used before leads to what it did then. A one-time secret is in the first answer alone.

use actix_web::HttpResponse;

use super::form::Form;
use super::page::see_other;
use super::session::Session;
use crate::administration::{AdminPrincipal, AdministrationError};
use crate::domain::FormId;

/// The field with the one-time id.
pub(super) const FORM_ID: &str = "form_id";

/// What became of a form.
pub(super) enum Once<T> {
    /// It took effect now.
    Done(T),
    /// It took effect before: to what it did.
    DoneBefore(HttpResponse),
    /// It took no effect.
    Refused(AdministrationError),
}

/// Does what a form asks for, unless the form was used before.
pub(super) async fn once<T>(
    session: &Session,
    form: &Form,
    action: impl AsyncFnOnce(&AdminPrincipal) -> Result<T, AdministrationError>,
) -> Once<T> {
    let principal = session.principal();
    let Ok(id) = form.text(FORM_ID).parse::<FormId>() else {
        return match action(principal).await {
            Ok(done) => Once::Done(done),
            Err(error) => Once::Refused(error),
        };
    };
    let error = match action(&principal.sending(id)).await {
        Ok(done) => return Once::Done(done),
        Err(error) => error,
    };
    // Whatever the error: if the form took effect before, or the answer of a commit was lost, this
    // finds it.
    match session.administration().find_used_form(principal, id).await {
        Ok(Some(subject)) => match page_of(&subject) {
            Some(path) => Once::DoneBefore(see_other(&path).finish()),
            None => Once::Refused(error),
        },
        Ok(None) | Err(_) => Once::Refused(error),
    }
}

/// The page of what a form did before, which says so.
fn page_of(subject: &str) -> Option<String> {
    let (kind, id) = subject.split_once(':')?;
    let path = match kind {
        "company" => format!("/console/companies/{id}?done=company-sent-before"),
        "key" => format!("/console/keys/{id}?done=key-sent-before"),
        "admin" => format!("/console/administrators/{id}?done=invitation-sent-before"),
        _ => return None,
    };
    Some(path)
}
