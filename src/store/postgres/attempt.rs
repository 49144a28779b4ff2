//! One attempt to run a statement on a connection.

use deadpool_postgres::Object;
use futures_util::future::join4;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::error::AttemptError;
use super::timeouts::TransactionStart;

/// The parameters of a statement.
pub(in crate::store) type Parameters<'a> = [&'a (dyn ToSql + Sync)];

/// Sends BEGIN, a statement, a check of the deadline, and COMMIT together: one round trip.
///
/// The driver returns `Ok` for a COMMIT that rolled back, so the result of the statement decides.
pub(super) async fn pipelined(
    connection: &Object,
    start: &TransactionStart,
    sql: &str,
    parameters: &Parameters<'_>,
    not_after: Option<f64>,
) -> Result<Vec<Row>, AttemptError> {
    let classify = |error| (start.classify)(&error);
    let statement = connection
        .prepare_cached(sql)
        .await
        .map_err(|error| AttemptError::before_commit(&error))?;
    // It comes after the statement, which may have waited for locks. If it fails, Postgres rolls back.
    let finish_write = async {
        match not_after {
            Some(seconds) => {
                let finish =
                    format!("select refuse_after(to_timestamp({seconds})), wait_for_standbys()");
                connection.batch_execute(&finish).await
            }
            None => Ok(()),
        }
    };
    let (opened, answered, finished, committed) = join4(
        connection.batch_execute(&start.begin),
        connection.query(&statement, parameters),
        finish_write,
        connection.batch_execute("commit"),
    )
    .await;
    opened.map_err(classify)?;
    let rows = answered.map_err(classify)?;
    finished.map_err(classify)?;
    committed.map_err(|error| (start.classify_commit)(&error))?;
    Ok(rows)
}

/// Runs one statement in autocommit mode, without BEGIN and COMMIT.
pub(super) async fn direct(
    connection: &Object,
    sql: &str,
    parameters: &Parameters<'_>,
) -> Result<Vec<Row>, AttemptError> {
    let statement = connection
        .prepare_cached(sql)
        .await
        .map_err(|error| AttemptError::before_commit(&error))?;
    let rows = connection.query(&statement, parameters).await;
    rows.map_err(|error| AttemptError::with_commit_sent(&error))
}
