//! Who administrators are for an OpenID Connect issuer.

use time::OffsetDateTime;
use tokio_postgres::Transaction;

use crate::domain::AdminId;

const BIND_ADMIN_IDENTITY: &str = include_str!("../../sql/queries/bind_admin_identity.sql");
const DELETE_ADMIN_IDENTITY: &str = include_str!("../../sql/queries/delete_admin_identity.sql");
const FIND_ADMIN_IDENTITY: &str = include_str!("../../sql/queries/find_admin_identity.sql");

/// Whether this is the identity of an administrator, who is held: at their first sign-in by this way it
/// becomes theirs.
pub(super) async fn is_theirs(
    transaction: &Transaction<'_>,
    admin: AdminId,
    issuer: &str,
    subject: &str,
    now: OffsetDateTime,
) -> Result<bool, tokio_postgres::Error> {
    transaction
        .execute(
            BIND_ADMIN_IDENTITY,
            &[&admin.get(), &issuer, &subject, &now],
        )
        .await?;
    let row = transaction
        .query_opt(FIND_ADMIN_IDENTITY, &[&admin.get(), &issuer])
        .await?;
    Ok(row.is_some_and(|row| row.get::<_, &str>("subject") == subject))
}

/// Lets the next identity with their e-mail address become theirs.
pub(super) async fn forget(
    transaction: &Transaction<'_>,
    admin: AdminId,
) -> Result<(), tokio_postgres::Error> {
    transaction
        .execute(DELETE_ADMIN_IDENTITY, &[&admin.get()])
        .await
        .map(|_| ())
}
