//! Forms that take effect once, however often a browser sends them: a double click, a reload, or the
//! same form on two replicas.
//!
//! Each form carries a one-time id. The transaction of the form's action stores it as used. A form that was used
//! before redirects to what it created then. Only the first response contains a one-time secret.

use super::error::ConsoleError;
use super::form::Form;
use super::session::Session;
use crate::administration::{AdminPrincipal, AdministrationError};
use crate::domain::FormId;

/// The field with the one-time id.
pub(super) const FORM_ID: &str = "form_id";

/// Runs the action of a form, unless the form was used before.
///
/// # Errors
/// The error of the action; [`ConsoleError::AlreadySent`] if the form was used before.
pub(super) async fn submit_once<T>(
    session: &Session,
    form: &Form,
    action: impl AsyncFnOnce(&AdminPrincipal) -> Result<T, AdministrationError>,
) -> Result<T, ConsoleError> {
    let principal = session.principal();
    let Ok(id) = form.text(FORM_ID).parse::<FormId>() else {
        return Ok(action(principal).await?);
    };
    let error = match action(&principal.sending(id)).await {
        Ok(done) => return Ok(done),
        Err(error) => error,
    };
    // Looked up after any error: the response to the commit may be what was lost.
    let used = session.administration().find_used_form(principal, id).await;
    let page = used.ok().flatten().and_then(|subject| page_of(&subject));
    Err(page.map_or_else(|| error.into(), ConsoleError::AlreadySent))
}

/// The page of what a form created before, with a message that it was sent before.
fn page_of(subject: &str) -> Option<String> {
    let (kind, id) = subject.split_once(':')?;
    match kind {
        "company" => Some(format!("/console/companies/{id}?done=company-sent-before")),
        "key" => Some(format!("/console/keys/{id}?done=key-sent-before")),
        "admin" => Some(format!(
            "/console/administrators/{id}?done=invitation-sent-before"
        )),
        _ => None,
    }
}
