//! One attempt to run a statement on a connection.

use deadpool_postgres::Object;
use futures_util::future::join4;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::error::Verdict;
use super::waits::{Opening, WAIT_FOR_STANDBYS};

/// The parameters of a statement.
pub(in crate::store) type Parameters<'a> = [&'a (dyn ToSql + Sync)];

/// BEGIN, a statement, a check that it is not too late, and COMMIT, sent together: one round trip.
///
/// The driver returns Ok for a COMMIT that rolled back, so the result of the statement decides.
pub(super) async fn pipelined(
    connection: &Object,
    opening: &Opening,
    sql: &str,
    parameters: &Parameters<'_>,
    not_after: Option<f64>,
) -> Result<Vec<Row>, Verdict> {
    let judge = |error| (opening.judge)(&error);
    let statement = connection
        .prepare_cached(sql)
        .await
        .map_err(|error| Verdict::before_commit(&error))?;
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
        connection.batch_execute(&opening.begin),
        connection.query(&statement, parameters),
        finish_write,
        connection.batch_execute("commit"),
    )
    .await;
    opened.map_err(judge)?;
    let rows = answered.map_err(judge)?;
    finished.map_err(judge)?;
    committed.map_err(|error| (opening.judge_commit)(&error))?;
    Ok(rows)
}

/// One statement, which is a transaction by itself.
pub(super) async fn direct(
    connection: &Object,
    sql: &str,
    parameters: &Parameters<'_>,
) -> Result<Vec<Row>, Verdict> {
    let statement = connection
        .prepare_cached(sql)
        .await
        .map_err(|error| Verdict::before_commit(&error))?;
    let rows = connection.query(&statement, parameters).await;
    rows.map_err(|error| Verdict::with_commit_sent(&error))
}
