//! The contents of the database.

use serde_json::Value;

use super::app::TestApp;

impl TestApp {
    /// The name of this application's database.
    pub fn database(&self) -> &str {
        self.settings
            .database
            .url
            .config()
            .get_dbname()
            .expect("a database is named")
    }

    /// A superuser's connection to this application's database.
    pub async fn sql(&self) -> tokio_postgres::Client {
        let (client, connection) =
            tokio_postgres::connect(&self.database_url, tokio_postgres::NoTls)
                .await
                .expect("Postgres answers");
        tokio::spawn(connection);
        client
    }

    /// The number that a query returns.
    pub async fn count(&self, sql: &str) -> i64 {
        self.sql()
            .await
            .query_one(sql, &[])
            .await
            .expect("a number")
            .get(0)
    }

    /// Soft-deletes a contact.
    pub async fn delete(&self, id: &Value) {
        let id: i64 = id.as_str().expect("an id").parse().expect("a number");
        let sql = "update contacts set deleted_at = clock_timestamp() where id = $1";
        assert_eq!(
            self.sql()
                .await
                .execute(sql, &[&id])
                .await
                .expect("it is deleted"),
            1
        );
    }

    /// A contact's row as JSON, by id.
    pub async fn row(&self, id: &Value) -> Value {
        let id: i64 = id.as_str().expect("an id").parse().expect("a number");
        let sql = "select to_jsonb(contacts) from contacts where id = $1";
        self.sql()
            .await
            .query_one(sql, &[&id])
            .await
            .expect("a row")
            .get(0)
    }

    /// The consent events of a contact as JSON, the oldest first.
    pub async fn consent_events(&self, id: &Value) -> Vec<Value> {
        let id: i64 = id.as_str().expect("an id").parse().expect("a number");
        let sql = "select to_jsonb(e) from consent_events as e where contact_id = $1 order by id";
        let rows = self.sql().await.query(sql, &[&id]).await.expect("rows");
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// All contacts and consent events with the versions of their rows. The text stays the same if nothing
    /// was written.
    pub async fn contents(&self) -> String {
        let sql = "select coalesce(string_agg(line, chr(10) order by line), '') from (
            select format('contact %s %s', xmin, contacts) as line from contacts
            union all select format('event %s %s', xmin, consent_events) from consent_events
        ) as lines";
        self.sql()
            .await
            .query_one(sql, &[])
            .await
            .expect("a text")
            .get(0)
    }
}
