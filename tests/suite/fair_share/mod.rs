//! Fair shares: what one company, administrator or address may use of a replica is limited, and others are
//! not affected.

mod answers;
mod bodies;
mod connections;
mod statements;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

use crate::harness::{Answer, Tenant, TestApp, eventually};

/// Repeats a request until its response has this status.
async fn until_status(status: u16, ask: impl AsyncFnMut() -> Answer) -> Answer {
    eventually("the status", ask, |answer| answer.status == status).await
}

/// Waits until this much of a resource is in use.
async fn until_in_use(app: &TestApp, resource: &str, amount: f64) {
    let words = ["rubrica_fair_share_in_use", &format!("\"{resource}\"")];
    let in_use = async || app.metric(&words).await;
    eventually(resource, in_use, |in_use| *in_use >= amount).await;
}

/// Opens a connection with a tiny receive buffer and sends this.
async fn connection_after(app: &TestApp, sent: &[u8]) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(app.address).await.unwrap();
    stream.write_all(sent).await.unwrap();
    stream
}

/// The bound that a refusal names, in its details and in its message.
#[track_caller]
fn bound_of(answer: &Answer, status: u16, code: &str) -> String {
    let error = answer.error(status, code);
    let wait: u64 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=3).contains(&wait), "{wait}");
    assert_eq!(answer.json()["error"]["details"]["retryAfterSeconds"], wait);
    let Value::String(bound) = &error["details"]["bound"] else {
        panic!("no bound: {}", answer.text);
    };
    assert!(error["message"].as_str().unwrap().contains(bound));
    bound.clone()
}

/// A company whose rate limit is not reached.
async fn tenant(app: &TestApp) -> Tenant {
    app.tenant_with_limit("100000/1h").await
}

async fn upsert(app: &TestApp, key: &str) -> Answer {
    app.upsert(key, &json!({"email": "jane@example.com"})).await
}
