//! `/metrics`

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::harness::{Binary, TestApp, eventually};

async fn until_metric(app: &TestApp, words: &[&str], value: f64) {
    let metric = async || app.metric(words).await;
    eventually(&format!("{words:?}"), metric, |seen| *seen == value).await;
}

#[tokio::test]
async fn metrics_describe_the_process_and_its_release() {
    let app = TestApp::start().await;

    let metrics = app.ops("/metrics").await.text;

    let release = env!("CARGO_PKG_VERSION");
    assert!(metrics.contains(&format!("rubrica_build_info{{version=\"{release}\"}} 1")));
    for name in [
        "process_cpu_seconds_total",
        "process_start_time_seconds",
        "process_resident_memory_bytes",
        "process_virtual_memory_bytes",
        "process_open_fds",
        "process_max_fds",
        "process_threads",
    ] {
        assert!(app.metric(&[&format!("{name} ")]).await > 0.0, "{name}");
    }
}

#[tokio::test]
async fn connections_to_postgres_are_counted_by_pool_and_state() {
    let app = TestApp::with_settings(&[
        ("database.max_connections", "9"),
        ("batching.writers", "2"),
        ("batching.readers", "1"),
        ("batching.direct_connections", "2"),
    ])
    .await;
    let tenant = app.tenant().await;
    app.upsert(&tenant.key, &json!({"email": "jane@example.com"}))
        .await
        .result();
    app.list_contacts(&tenant.key, "limit=1").await;

    let most = "rubrica_database_connections_max";
    for (pool, connections) in [("calls", 4.0), ("groups", 3.0), ("at_once", 2.0)] {
        let pool = format!("pool=\"{pool}\"");
        assert_eq!(app.metric(&[most, &pool]).await, connections, "{pool}");
        let awaited = ["rubrica_database_connections_awaited", &pool];
        assert_eq!(app.metric(&awaited).await, 0.0, "{pool}");
    }
    let calls = r#"pool="calls""#;
    let idle = ["rubrica_database_connections{", calls, r#"state="idle""#];
    assert!(app.metric(&idle).await > 0.0);
    let waits = ["rubrica_database_connection_wait_seconds_count", calls];
    assert!(app.metric(&waits).await > 0.0);
}

#[tokio::test]
async fn a_request_is_in_flight_until_it_is_answered_or_its_caller_disconnects() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let in_flight = ["rubrica_http_requests_in_flight "];
    let head = format!(
        "POST /public/v1/contacts HTTP/1.1\r\nhost: rubrica\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: 100\r\n\r\n",
        tenant.key
    );

    let mut caller = TcpStream::connect(app.address).await.unwrap();
    caller.write_all(head.as_bytes()).await.unwrap();
    until_metric(&app, &in_flight, 1.0).await;
    drop(caller);
    until_metric(&app, &in_flight, 0.0).await;
    app.upsert(&tenant.key, &json!({"email": "jane@example.com"}))
        .await
        .result();

    assert_eq!(app.metric(&in_flight).await, 0.0);
}

#[tokio::test]
async fn round_trips_to_redis_are_timed() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;

    app.upsert(&tenant.key, &json!({"email": "jane@example.com"}))
        .await
        .result();

    let count = ["rubrica_redis_call_duration_seconds_count"];
    assert_eq!(app.metric(&count).await, 1.0);
}

#[tokio::test]
async fn the_expiry_of_the_certificate_is_reported() {
    let app = TestApp::start().await;
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let write = |year| {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(["localhost".to_owned()]).unwrap();
        parameters.not_after = date_time_ymd(year, 1, 1);
        let certificate = parameters.self_signed(&key).unwrap();
        std::fs::write(path("tls.crt"), certificate.pem()).unwrap();
        std::fs::write(path("tls.key"), key.serialize_pem()).unwrap();
        parameters.not_after.unix_timestamp()
    };
    let old = write(2098);
    let serving = Binary::of(&app)
        .set("RUBRICA__HTTP__TLS_CERTIFICATE", path("tls.crt"))
        .set("RUBRICA__HTTP__TLS_KEY", path("tls.key"))
        .serve()
        .await;
    let metric = |end| format!("rubrica_tls_certificate_not_after_timestamp_seconds{{}} {end}\n");

    let before = serving.ops("/metrics").await.text;
    let new = write(2099);
    serving.until_log("the TLS certificate was renewed").await;
    let after = serving.ops("/metrics").await.text;

    assert!(before.contains(&metric(old)), "{before}");
    assert!(after.contains(&metric(new)), "{after}");
    assert!(!app.ops("/metrics").await.text.contains("not_after"));
}
