//! Constant load from callers that remember their responses.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_postgres::Client as Sql;

use super::eventually::eventually;

/// Running callers, each of which creates and uses contacts in sequence.
pub struct Load {
    callers: Vec<JoinHandle<Report>>,
    served: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
}

/// The responses that callers got.
#[derive(Debug, Default)]
pub struct Report {
    /// The ids of the contacts that were created, by e-mail address.
    pub acknowledged: BTreeMap<String, i64>,
    /// Unexpected responses.
    pub failures: Vec<String>,
}

impl Load {
    /// Starts callers of one URL, each with its own kept-alive connection.
    pub fn start(url: &str, key: &str, callers: usize) -> Self {
        let served = Arc::<AtomicUsize>::default();
        let is_over = Arc::<AtomicBool>::default();
        let callers = (0..callers).map(|caller| {
            let (url, key) = (url.to_owned(), key.to_owned());
            let (served, is_over) = (Arc::clone(&served), Arc::clone(&is_over));
            tokio::spawn(async move {
                let http = Client::builder().no_proxy().build().expect("a client");
                let mut report = Report::default();
                for number in 0.. {
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    let email = format!("{caller}.{number}@example.com");
                    match round(&http, &url, &key, email, &mut report.acknowledged).await {
                        Ok(()) => {
                            served.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(failure) => report.failures.push(failure),
                    }
                }
                report
            })
        });
        Self {
            callers: callers.collect(),
            served,
            is_over,
        }
    }

    /// Waits for this many more contacts.
    pub async fn go_on_for(&self, contacts: usize) {
        let served = async || self.served.load(Ordering::Relaxed);
        let end = served().await + contacts;
        eventually("more contacts", served, |served| *served >= end).await;
    }

    /// Stops the callers after their current responses.
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
    /// Checks that each contact that a caller saw is stored once, under the id that it saw.
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

/// Creates a contact, changes it in each way, and looks it up in each way.
async fn round(
    http: &Client,
    url: &str,
    key: &str,
    email: String,
    acknowledged: &mut BTreeMap<String, i64>,
) -> Result<(), String> {
    let send = async |request: RequestBuilder| answer(request.bearer_auth(key)).await;
    let upsert = |fields: Value| {
        let body = json!({"email": email, "customFields": fields});
        http.post(url).json(&body)
    };
    let expect = |what: bool, seen: &Value| what.then_some(()).ok_or_else(|| seen.to_string());

    let created = send(upsert(json!({"PLAN": "free"}))).await?;
    expect(created[0]["outcome"] == "created", &created)?;
    let id = created[0]["contactId"].as_str().unwrap_or_default();
    acknowledged.insert(email.clone(), id.parse().map_err(|_| created.to_string())?);
    let updated = send(upsert(json!({"PLAN": "pro"}))).await?;
    expect(updated[0]["outcome"] == "updated", &updated)?;
    let put = http.put(format!("{url}/{id}"));
    let put = send(put.json(&json!({"customFields": {"SEATS": 5}}))).await?;
    expect(
        put["customFields"] == json!({"PLAN": "pro", "SEATS": 5}),
        &put,
    )?;
    let batch = http.post(format!("{url}/batch"));
    let batch = send(batch.json(&json!({"contacts": [{"email": email}]}))).await?;
    expect(batch[0]["contactId"] == id, &batch)?;
    for path in [format!("/{id}"), format!("/by-email/{email}")] {
        let found = send(http.get(format!("{url}{path}"))).await?;
        expect(found["email"] == email, &found)?;
    }
    let page = send(http.get(format!("{url}?limit=1"))).await?;
    expect(page["data"][0]["contactId"].is_string(), &page)?;
    Ok(())
}

async fn answer(request: RequestBuilder) -> Result<Value, String> {
    let answer = request.send().await.map_err(|error| format!("{error:?}"))?;
    let status = answer.status();
    let text = answer.text().await.map_err(|error| format!("{error:?}"))?;
    if status != 200 {
        return Err(format!("{status} {text}"));
    }
    serde_json::from_str(&text).map_err(|_| text)
}
