//! What is logged, and what never is.

use rubrica::domain::Scope;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::{Answer, Binary, SendAndRead, Serving, Tenant, TestApp};

const EMAIL: &str = "jane.secret@example.com";
const PHONE: &str = "+4915112345678";
const VALUE: &str = "likes-polka-dots";

/// One request to the process.
async fn send(serving: &Serving, key: &str, body: impl Into<reqwest::Body>) -> Answer {
    let request = serving.http().post(serving.url("/public/v1/contacts"));
    let request = request
        .header("content-type", "application/json")
        .bearer_auth(key);
    request.body(body).answer().await
}

async fn get(serving: &Serving, tenant: &Tenant, path: &str) -> Answer {
    let request = serving.http().get(serving.url(path));
    request.bearer_auth(&tenant.key).answer().await
}

#[tokio::test]
async fn each_request_is_one_log_line_with_caller_route_and_result() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let serving = Binary::of(&app).serve().await;
    serving.wait_until_ready().await;
    let good = json!({"email": EMAIL}).to_string();
    let id = send(&serving, &tenant.key, good).await.result()["contactId"].clone();
    let by_id = format!("/public/v1/contacts/{}", id.as_str().unwrap());

    send(&serving, &tenant.key, "{")
        .await
        .error(400, "bad_request");
    send(&serving, "nonsense", "{}")
        .await
        .error(401, "unauthorized");
    assert_eq!(get(&serving, &tenant, &by_id).await.status, 200);
    let unknown = get(&serving, &tenant, "/unknown/path").await;
    unknown.error(404, "not_found");

    let company = json!(tenant.company.get());
    let client = json!(tenant.client.as_str());
    let contacts = "/public/v1/contacts";
    let lines = serving.until_logged("request answered", 5).await;
    assert_eq!(lines.len(), 5, "{lines:?}");
    for (line, (method, route, status, company, client)) in lines.iter().zip([
        ("POST", contacts, 200, &company, &client),
        ("POST", contacts, 400, &company, &client),
        ("POST", contacts, 401, &Value::Null, &Value::Null),
        ("GET", "/public/v1/contacts/{id}", 200, &company, &client),
        ("GET", "unknown", 404, &Value::Null, &Value::Null),
    ]) {
        assert_eq!(line["method"], method, "{line}");
        assert_eq!(line["route"], route, "{line}");
        assert_eq!(line["status"], status, "{line}");
        assert_eq!(&line["company_id"], company, "{line}");
        assert_eq!(&line["client_id"], client, "{line}");
        assert!(line["duration_us"].is_u64(), "{line}");
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
    }
    let request_id = &lines[4]["span"]["request_id"];
    assert_eq!(request_id.as_str(), Some(unknown.header("x-request-id")));
}

#[tokio::test]
async fn without_a_terminal_every_log_line_is_a_json_object() {
    let app = TestApp::start().await;
    let mut serving = Binary::of(&app).serve().await;
    serving.wait_until_ready().await;

    serving.signal("TERM");
    let (_, log) = serving.end().await;

    assert!(log.len() >= 3, "{log:?}");
    for line in &log {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        assert!(
            line["level"].is_string() && line["message"].is_string(),
            "{line}"
        );
    }
}

#[tokio::test]
async fn no_log_line_at_any_level_holds_personal_data_or_a_secret() {
    // The libraries' modules, by name: one of them logs the parameters of every statement.
    let level = "trace,tokio_postgres::query=trace,actix_http::h1=trace,redis::aio=trace";
    let app = TestApp::start().await;
    let tenant = app.tenant().await;
    let reader = app.tenant_with_scopes(&[Scope::ContactsRead]).await;
    // Postgres repeats the whole row in the DETAIL of this error.
    let constraint = "alter table contacts add constraint refused check (phone <> '+4930123456')";
    app.sql().await.batch_execute(constraint).await.unwrap();
    let serving = Binary::of(&app)
        .set("RUBRICA__LOG__LEVEL", level)
        .serve()
        .await;
    serving.wait_until_ready().await;
    let key = tenant.key.as_str();
    let secret = key.rsplit('-').next().unwrap();
    let whole = json!({"email": EMAIL, "phone": PHONE, "customFields": {"taste": VALUE}});
    let other = json!({"email": format!("other.{EMAIL}"), "phone": PHONE});
    let defect = json!({"email": EMAIL, "phone": "+4930123456", "customFields": {"x": VALUE}});

    send(&serving, key, whole.to_string()).await.result();
    let another = json!({"email": format!("other.{EMAIL}")});
    send(&serving, key, another.to_string()).await.result();
    send(&serving, key, other.to_string())
        .await
        .error(409, "duplicate_resource");
    send(&serving, key, defect.to_string())
        .await
        .error(500, "internal_error");
    for (body, status) in [
        (format!("{{\"email\": \"{EMAIL}\""), 400),
        (format!("[\"{EMAIL}\", \"{PHONE}\"]"), 422),
        (
            json!({"email": EMAIL, "phone": format!("{PHONE} {VALUE}")}).to_string(),
            422,
        ),
        (json!({"email": EMAIL, VALUE: PHONE}).to_string(), 422),
        (
            json!({"email": EMAIL, "customFields": VALUE}).to_string(),
            422,
        ),
        (
            json!({"email": EMAIL, "customFields": {"x": format!("{VALUE}\0")}}).to_string(),
            422,
        ),
    ] {
        let answer = send(&serving, key, body.clone()).await;
        assert!([400, status].contains(&answer.status), "{body}: {answer:?}");
    }
    send(&serving, &reader.key, whole.to_string()).await;
    send(&serving, &format!("{key}x"), whole.to_string())
        .await
        .error(401, "unauthorized");
    for path in [
        format!("/{EMAIL}"),
        format!("/public/v1/{EMAIL}/{PHONE}?email={EMAIL}"),
        format!("/public/v1/contacts/{EMAIL}"),
        format!("/public/v1/contacts?email={EMAIL}&phone=%2B4915112345678&taste={VALUE}"),
    ] {
        get(&serving, &tenant, &path).await;
    }
    let method = serving
        .http()
        .request("JANE.SECRET".parse().unwrap(), serving.url("/"));
    method.answer().await;
    let requests = 4 + 6 + 2 + 4 + 1;
    serving.until_logged("request answered", requests).await;

    let log = serving.log().join("\n").to_lowercase();
    assert!(
        log.contains("\"level\":\"trace\""),
        "nothing at this level is logged"
    );
    assert!(log.contains("23514"), "the database's error is not logged");
    let hidden = [
        "jane.secret",
        "15112345678",
        "30123456",
        VALUE,
        secret,
        &secret[..20],
        "argon2id$",
    ];
    for hidden in hidden {
        let hidden = hidden.to_lowercase();
        let line = log.lines().find(|line| line.contains(&hidden));
        assert_eq!(line, None, "{hidden}");
    }
}

#[tokio::test]
async fn invalid_http_is_counted_and_not_logged_as_an_error() {
    let app = TestApp::start().await;
    let unreadable: [&[u8]; 5] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /public/v1/contacts HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
    ];
    // The second names our own lines alone: what is counted must not depend on what is logged.
    for (level, is_logged) in [("debug", true), ("rubrica=info", false)] {
        let serving = Binary::of(&app)
            .set("RUBRICA__LOG__LEVEL", level)
            .serve()
            .await;
        serving.wait_until_ready().await;
        let counted = async || {
            let metrics = serving.ops("/metrics").await.text;
            let name = "rubrica_http_unreadable_requests_total ";
            let line = metrics.lines().find_map(|line| line.strip_prefix(name));
            line.expect("a metric").parse::<usize>().expect("a number")
        };
        assert_eq!(counted().await, 0);

        for bytes in unreadable {
            let address = serving.public_address();
            let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
            stream.write_all(bytes).await.unwrap();
            let mut answer = Vec::new();
            drop(stream.read_to_end(&mut answer).await);
            let answer = String::from_utf8_lossy(&answer);
            assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
        }
        // A head that never ends is no request either.
        let mut stream = tokio::net::TcpStream::connect(serving.public_address())
            .await
            .unwrap();
        let endless = format!("GET / HTTP/1.1\r\nx: {}", "x".repeat(200_000));
        drop(stream.write_all(endless.as_bytes()).await);
        drop(stream.read_to_end(&mut Vec::new()).await);

        assert_eq!(counted().await, unreadable.len() + 1);
        let expected = if is_logged { unreadable.len() + 1 } else { 0 };
        let message = "received a message that is not an HTTP request";
        let lines = serving.until_logged(message, expected).await;
        assert_eq!(lines.len(), expected);
        for line in &serving.log() {
            assert!(!line.contains("\"ERROR\""), "{line}");
        }
    }
}
