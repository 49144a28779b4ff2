//! Traces: the spans that a collector gets, and their effect on callers.

use futures_util::future::join_all;
use opentelemetry_proto::tonic::common::v1::any_value::Value as AnyValue;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use reqwest::RequestBuilder;
use serde_json::json;

use crate::harness::{
    Answer, Binary, Collector, SendAndRead, Serving, Tenant, TestApp, eventually,
};

const CALLER_TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER_SPAN: &str = "00f067aa0ba902b7";

/// The service, which sends spans to this collector without delay.
async fn traced(app: &TestApp, endpoint: &str) -> Serving {
    let serving = Binary::of(app)
        .set("RUBRICA__TRACES__ENDPOINT", endpoint)
        .set("RUBRICA__TRACES__SAMPLE_RATIO", "1")
        .set("OTEL_BSP_SCHEDULE_DELAY", "50")
        .serve()
        .await;
    serving.wait_until_ready().await;
    serving
}

fn post(serving: &Serving, tenant: &Tenant, email: &str) -> RequestBuilder {
    serving
        .http()
        .post(serving.url("/public/v1/contacts"))
        .bearer_auth(&tenant.key)
        .json(&json!({"email": email}))
}

async fn upsert(serving: &Serving, tenant: &Tenant, traceparent: &str) -> Answer {
    let request = post(serving, tenant, "jane@example.com");
    let answer = request.header("traceparent", traceparent).answer().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

fn hex(bytes: &[u8]) -> String {
    let number = bytes
        .iter()
        .fold(0, |number, byte| number << 8 | u128::from(*byte));
    format!("{number:0width$x}", width = 2 * bytes.len())
}

fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let span = spans.iter().find(|span| span.name == name);
    span.unwrap_or_else(|| panic!("no span {name}: {spans:#?}"))
}

fn attribute(span: &Span, key: &str) -> Option<AnyValue> {
    let attribute = span.attributes.iter().find(|it| it.key == key)?;
    attribute.value.clone()?.value
}

fn text(value: &str) -> AnyValue {
    AnyValue::StringValue(value.to_owned())
}

const ROOT: &str = "POST /public/v1/contacts";

fn has_root(spans: &[Span]) -> bool {
    spans.iter().any(|span| span.name == ROOT)
}

#[tokio::test]
async fn the_spans_of_a_request_belong_to_the_trace_of_its_caller() {
    let (app, collector) = (TestApp::start().await, Collector::start());
    let tenant = app.tenant().await;
    let serving = traced(&app, &collector.url()).await;

    let traceparent = format!("00-{CALLER_TRACE}-{CALLER_SPAN}-01");
    let answer = upsert(&serving, &tenant, &traceparent).await;

    let spans = collector.until(has_root).await;
    let root = named(&spans, ROOT);
    assert_eq!(hex(&root.trace_id), CALLER_TRACE);
    assert_eq!(hex(&root.parent_span_id), CALLER_SPAN);
    assert_eq!(root.kind(), SpanKind::Server);
    assert_eq!(attribute(root, "http.request.method"), Some(text("POST")));
    assert_eq!(
        attribute(root, "http.route"),
        Some(text("/public/v1/contacts"))
    );
    let status = attribute(root, "http.response.status_code");
    assert_eq!(status, Some(AnyValue::IntValue(200)));
    for stage in ["authenticate", "rate_limit", "transaction"] {
        let children = spans.iter().filter(|span| span.name == stage);
        assert!(
            children
                .clone()
                .any(|span| span.parent_span_id == root.span_id),
            "{stage}: {spans:#?}"
        );
        assert!(children.clone().all(|span| span.trace_id == root.trace_id));
    }
    let response = format!("00-{CALLER_TRACE}-{}-01", hex(&root.span_id));
    assert_eq!(answer.header("traceresponse"), response);
    let line = serving.until_log("request answered").await;
    assert_eq!(line["span"]["trace_id"], CALLER_TRACE);
}

#[tokio::test]
async fn a_queued_request_has_spans_for_its_queue_and_its_transaction() {
    let (app, collector) = (TestApp::start().await, Collector::start());
    let tenant = app.tenant_with_limit("1000000/1s").await;
    let serving = traced(&app, &collector.url()).await;

    let spans = async || {
        let calls = (0..32).map(|number| {
            let email = format!("jane{number}@example.com");
            post(&serving, &tenant, &email).answer()
        });
        join_all(calls).await;
        collector.until(has_root).await
    };
    let spans = eventually("a call that was queued", spans, |spans| {
        spans.iter().any(|span| span.name == "queue")
    })
    .await;

    let queue = named(&spans, "queue");
    let of_its_call = |span: &&Span| span.parent_span_id == queue.parent_span_id;
    let is_transaction = |span: &&Span| span.name == "transaction";
    let spans = collector
        .until(|spans| {
            spans
                .iter()
                .filter(of_its_call)
                .any(|it| is_transaction(&it))
        })
        .await;
    let mut transactions = spans.iter().filter(of_its_call).filter(is_transaction);
    let transaction = transactions.next().expect("a transaction");
    assert!(transaction.start_time_unix_nano >= queue.end_time_unix_nano);
    assert!(attribute(transaction, "calls").is_some());
}

#[tokio::test]
async fn no_span_holds_personal_data_or_a_secret() {
    let (app, collector) = (TestApp::start().await, Collector::start());
    let tenant = app.tenant().await;
    let serving = traced(&app, &collector.url()).await;
    let path = "/public/v1/contacts/by-email/jane@example.com";

    upsert(&serving, &tenant, "none").await;
    let request = serving.http().get(serving.url(path));
    request.bearer_auth(&tenant.key).answer().await;

    let found = "GET /public/v1/contacts/by-email/{email}";
    let is_found = |spans: &[Span]| spans.iter().any(|span| span.name == found);
    let spans = format!("{:?}", collector.until(is_found).await);
    let secret = tenant.key.rsplit('-').next().unwrap();
    assert!(!spans.contains("jane"), "{spans}");
    assert!(!spans.contains(secret), "{spans}");
}

#[tokio::test]
async fn requests_that_the_caller_does_not_sample_are_not_exported() {
    let (app, collector) = (TestApp::start().await, Collector::start());
    let tenant = app.tenant().await;
    let serving = traced(&app, &collector.url()).await;
    let other_trace = CALLER_TRACE.replace('4', "5");

    upsert(
        &serving,
        &tenant,
        &format!("00-{other_trace}-{CALLER_SPAN}-00"),
    )
    .await;
    upsert(
        &serving,
        &tenant,
        &format!("00-{CALLER_TRACE}-{CALLER_SPAN}-01"),
    )
    .await;

    let spans = collector.until(has_root).await;
    assert!(spans.iter().all(|span| hex(&span.trace_id) != other_trace));
}

#[tokio::test]
async fn remaining_spans_are_exported_at_the_end() {
    let (app, collector) = (TestApp::start().await, Collector::start());
    let tenant = app.tenant().await;
    let mut serving = Binary::of(&app)
        .set("RUBRICA__TRACES__ENDPOINT", collector.url())
        .set("RUBRICA__TRACES__SAMPLE_RATIO", "1")
        .set("OTEL_BSP_SCHEDULE_DELAY", "3600000")
        .serve()
        .await;
    serving.wait_until_ready().await;
    upsert(&serving, &tenant, "none").await;
    assert!(collector.spans().is_empty());

    serving.signal("TERM");
    serving.end().await;

    assert!(has_root(&collector.spans()));
}

#[tokio::test]
async fn an_unreachable_collector_is_logged_and_affects_nothing_else() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let mut serving = traced(&app, "http://127.0.0.1:1/v1/traces").await;

    for _ in 0..3 {
        upsert(&serving, &tenant, "none").await;
        serving
            .until_log("cannot export traces to the collector")
            .await;
    }
    serving.signal("TERM");
    let (status, log) = serving.end().await;

    assert_eq!(status, Some(0));
    let failure = "cannot export traces to the collector";
    let failures = log.iter().filter(|line| line.contains(failure));
    assert_eq!(failures.count(), 1, "{log:#?}");
}

#[tokio::test]
async fn without_a_collector_no_response_names_a_trace() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;

    let request = app.post_contact(&tenant.key);
    let answer = request
        .json(&json!({"email": "jane@example.com"}))
        .answer()
        .await;

    assert_eq!(answer.status, 200);
    assert!(!answer.headers.contains_key("traceresponse"));
}
