//! Forms of the console that were used: each takes effect once.

use time::OffsetDateTime;
use tokio_postgres::Transaction;

use super::{Store, StoreError};
use crate::domain::{Actor, AdminId, AuditSubject, FormId};

const FIND_USED_FORM: &str = include_str!("../../sql/queries/find_used_form.sql");
const USE_FORM: &str = include_str!("../../sql/queries/use_form.sql");

/// Uses up the form that the actor sent, if they sent one, in the transaction of what it does to
/// `subject`. A form that was used before is an error, which undoes the transaction;
/// [`Store::find_used_form`] then finds what the form did.
pub(super) async fn use_form(
    transaction: &Transaction<'_>,
    actor: &Actor,
    subject: AuditSubject<'_>,
    now: OffsetDateTime,
) -> Result<(), tokio_postgres::Error> {
    let Some((admin, form)) = actor.form() else {
        return Ok(());
    };
    let bytes = &form.bytes()[..];
    let subject = subject.to_string();
    transaction
        .execute(USE_FORM, &[&admin.get(), &bytes, &subject, &now])
        .await
        .map(|_| ())
}

impl Store {
    /// What an administrator's form made or changed, such as `key:<client id>`; `None` if it was not
    /// used.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn find_used_form(
        &self,
        admin: AdminId,
        form: FormId,
    ) -> Result<Option<String>, StoreError> {
        let bytes = &form.bytes()[..];
        let rows = self
            .read("find_used_form", FIND_USED_FORM, &[&admin.get(), &bytes])
            .await?;
        Ok(rows.first().map(|row| row.get("subject")))
    }
}
