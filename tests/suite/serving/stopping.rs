//! SIGTERM and SIGINT: every request that was sent before is answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Instant;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Binary, Serving, TestApp, assert_snapshot, eventually};

/// Waits until `/readyz` is red. The service still accepts requests.
async fn until_draining(serving: &Serving) {
    let readiness = async || serving.ops("/readyz").await;
    let red = eventually("draining", readiness, |answer| answer.status == 503).await;
    assert_snapshot("readyz.draining", &red.json());
}

/// Waits until the public port refuses connections.
async fn until_closed(serving: &Serving) {
    let connection = async || TcpStream::connect(serving.public_address()).await;
    eventually("a closed port", connection, Result::is_err)
        .await
        .expect_err("the port is closed");
}

#[tokio::test]
async fn under_load_no_request_that_was_sent_before_the_stop_fails() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("1000000/1s").await;
    for signal in ["TERM", "INT"] {
        let rubrica = Binary::of(&app).set("RUBRICA__SHUTDOWN__DRAIN_DELAY", "2s");
        let mut serving = rubrica.serve().await;
        serving.wait_until_ready().await;
        let (is_over, answered) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicU32::new(0)),
        );
        let callers: Vec<_> = (0..8)
            .map(|caller| {
                let (is_over, answered) = (Arc::clone(&is_over), Arc::clone(&answered));
                let (http, url) = (serving.http().clone(), serving.url("/public/v1/contacts"));
                let key = tenant.key.clone();
                // Returns when the first failed request was sent.
                tokio::spawn(async move {
                    for number in 0.. {
                        let body = json!({"email": format!("{caller}.{number}@example.com")});
                        let sent = Instant::now();
                        let request = http.post(&url).bearer_auth(&key).json(&body);
                        match request.send().await.map(|answer| answer.status().as_u16()) {
                            Ok(200) => answered.fetch_add(1, Ordering::Relaxed),
                            _ => return Some(sent),
                        };
                        if is_over.load(Ordering::Relaxed) {
                            break;
                        }
                    }
                    None
                })
            })
            .collect();
        let answers = async || answered.load(Ordering::Relaxed);
        eventually("load", answers, |answers| *answers >= 100).await;

        serving.signal(signal);
        until_draining(&serving).await;
        let wanted = answers().await + 20;
        eventually("load while it drains", answers, |answers| {
            *answers >= wanted
        })
        .await;
        let during_drain = Instant::now();
        let (status, log) = serving.end().await;
        is_over.store(true, Ordering::Relaxed);

        assert_eq!(status, Some(0), "{signal}: {log:?}");
        for caller in callers {
            let failed = caller.await.unwrap();
            assert!(
                failed.is_none_or(|sent| sent > during_drain),
                "{signal}: an answer was lost"
            );
        }
    }
}

#[tokio::test]
async fn a_request_in_flight_is_finished_after_the_port_is_closed() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let mut serving = Binary::of(&app).serve().await;
    serving.wait_until_ready().await;
    let body = json!({"email": "slow@example.com"}).to_string();
    let (begin, end) = body.split_at(10);
    let address: SocketAddr = serving.public_address().parse().unwrap();
    let mut connection = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /public/v1/contacts HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\
        content-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        tenant.key,
        body.len(),
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    // Its handler has begun to read the body.
    let mut continued = [0; 25];
    connection.read_exact(&mut continued).await.unwrap();
    assert_eq!(&continued, b"HTTP/1.1 100 Continue\r\n\r\n");
    connection.write_all(begin.as_bytes()).await.unwrap();

    serving.signal("TERM");
    until_closed(&serving).await;
    connection.write_all(end.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    let (status, log) = serving.end().await;

    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("\"created\""), "{answer}");
    assert_eq!(status, Some(0), "{log:?}");
    assert!(
        log.iter().any(|line| line.contains("\"stopped\"")),
        "{log:?}"
    );
}
