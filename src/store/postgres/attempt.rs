//! One attempt to run a statement on a connection.

use deadpool_postgres::Object;
use futures_util::future::join4;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::error::AttemptError;
use super::timeouts::{TransactionStart, WAIT_FOR_STANDBYS};

/// The parameters of a statement.
pub(in crate::store) type Parameters<'a> = [&'a (dyn ToSql + Sync)];

/// BEGIN, a statement, a check that it is not too late, and COMMIT, sent together: one round trip.
///
/// The driver returns Ok for a COMMIT that rolled back, so the result of the statement decides.
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
    // After the statement, which may have waited for locks: what is made later is undone.
    let finish_write = async {
        match not_after {
            Some(seconds) => {
                let finish =
                    format!("select refuse_after(to_timestamp({seconds})), {WAIT_FOR_STANDBYS}");
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

/// One statement, which is a transaction by itself.
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
