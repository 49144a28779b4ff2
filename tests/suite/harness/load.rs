//! Callers that never stop, and remember what they were told.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_postgres::Client as Sql;

const PATIENCE: Duration = Duration::from_secs(60);

/// Callers at work: each creates a contact and reads it, again and again.
pub struct Load {
    callers: Vec<JoinHandle<Report>>,
    answered: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
}

/// What callers were told.
#[derive(Debug, Default)]
pub struct Report {
    /// The ids of the contacts that were created, by e-mail address.
    pub acknowledged: BTreeMap<String, i64>,
    /// What was not answered as it should have been.
    pub failures: Vec<String>,
}

impl Load {
    /// Starts callers of one URL, each with a connection of its own that it keeps.
    pub fn start(url: &str, key: &str, callers: usize) -> Self {
        let answered = Arc::<AtomicUsize>::default();
        let is_over = Arc::<AtomicBool>::default();
        let callers = (0..callers).map(|caller| {
            let (url, key) = (url.to_owned(), key.to_owned());
            let (answered, is_over) = (Arc::clone(&answered), Arc::clone(&is_over));
            tokio::spawn(async move {
                let http = Client::builder().no_proxy().build().expect("a client");
                let mut report = Report::default();
                for number in 0.. {
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    let email = format!("{caller}.{number}@example.com");
                    match create(&http, &url, &key, &email).await {
                        Ok(id) => {
                            report.acknowledged.insert(email, id);
                            answered.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(failure) => report.failures.push(failure),
                    }
                }
                report
            })
        });
        Self {
            callers: callers.collect(),
            answered,
            is_over,
        }
    }

    /// Waits for so many more answers.
    pub async fn go_on_for(&self, answers: usize) {
        let start = Instant::now();
        let end = self.answered.load(Ordering::Relaxed) + answers;
        while self.answered.load(Ordering::Relaxed) < end {
            assert!(start.elapsed() < PATIENCE, "no more answers");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Ends the callers, each after its answer.
    pub async fn stop(self) -> Report {
        self.is_over.store(true, Ordering::Relaxed);
        let mut all = Report::default();
        for caller in self.callers {
            let report = caller.await.expect("a caller ends");
            all.acknowledged.extend(report.acknowledged);
            all.failures.extend(report.failures);
        }
        all
    }
}

impl Report {
    /// Each contact that a caller was told of is there, once, under the id that it was told.
    pub async fn assert_stored(&self, sql: &Sql) {
        let rows = sql
            .query("select email, id from contacts", &[])
            .await
            .expect("contacts");
        let mut stored = BTreeMap::<String, Vec<i64>>::new();
        for row in rows {
            stored.entry(row.get(0)).or_default().push(row.get(1));
        }
        for (email, id) in &self.acknowledged {
            assert_eq!(stored.get(email), Some(&vec![*id]), "{email}");
        }
    }
}

async fn create(http: &Client, url: &str, key: &str, email: &str) -> Result<i64, String> {
    let upsert = http.post(url).json(&json!({"email": email}));
    let upserted = answer(upsert.bearer_auth(key)).await?;
    let id = upserted[0]["contactId"].as_str().unwrap_or_default();
    let found = answer(http.get(format!("{url}/{id}")).bearer_auth(key)).await?;
    if upserted[0]["outcome"] != "created" || found["email"] != email {
        return Err(format!("{upserted} {found}"));
    }
    id.parse().map_err(|_| upserted.to_string())
}

async fn answer(request: reqwest::RequestBuilder) -> Result<Value, String> {
    let answer = request.send().await.map_err(|error| format!("{error:?}"))?;
    let status = answer.status();
    let text = answer.text().await.map_err(|error| format!("{error:?}"))?;
    if status != 200 {
        return Err(format!("{status} {text}"));
    }
    serde_json::from_str(&text).map_err(|_| text)
}
