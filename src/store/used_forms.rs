//! Used forms of the console: each takes effect once.

use time::OffsetDateTime;
use tokio_postgres::Transaction;

use super::{Store, StoreError};
use crate::domain::{Actor, AdminId, AuditSubject, FormId};

const FIND_USED_FORM: &str = include_str!("../../sql/queries/find_used_form.sql");
const USE_FORM: &str = include_str!("../../sql/queries/use_form.sql");

/// Marks the actor's form as used, if there is one, in the transaction that changes `subject`. Fails if
/// the form was used before, which rolls the transaction back. [`Store::find_used_form`] then returns
/// what the form changed.
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
    /// What an administrator's form created or changed, for example `key:<client id>`. `None` if it was
    /// not used.
    ///
    /// # Errors
    /// A [`StoreError`].
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
