//! HEAD is answered as GET, without the body.

use reqwest::Method;
use rubrica::domain::Role;
use serde_json::json;

use crate::harness::{Answer, SendAndRead, TestApp};

/// The headers whose values differ between responses.
const OF_THE_MOMENT: [&str; 6] = [
    "date",
    "x-request-id",
    "ratelimit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "retry-after",
];

#[track_caller]
fn assert_alike(get: &Answer, head: &Answer, what: &str) {
    assert_eq!(head.status, get.status, "{what}");
    assert_eq!(head.text, "", "{what}");
    for (name, value) in &get.headers {
        let headed = head.headers.get(name);
        if OF_THE_MOMENT.contains(&name.as_str()) {
            assert!(headed.is_some(), "{what}: {name}");
        } else {
            assert_eq!(headed, Some(value), "{what}: {name}");
        }
    }
    assert_eq!(head.headers.len(), get.headers.len(), "{what}: {head:?}");
    let length = get.text.len().to_string();
    assert_eq!(head.header("content-length"), length, "{what}");
}

#[tokio::test]
async fn head_works_for_every_get_of_the_public_api() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let jane = json!({"email": "jane@example.com", "phone": "+393391234567"});
    let id = app.upsert(&key, &jane).await.result()["contactId"].clone();
    let by_id = format!("/public/v1/contacts/{}", id.as_str().unwrap());
    let field = json!({"key": "plan", "type": "text"});
    assert_eq!(app.define(&key, &field).await.status, 201);

    for path in [
        "/public/v1/contacts",
        "/public/v1/contacts?limit=1",
        "/public/v1/contacts?limit=0",
        &by_id,
        "/public/v1/contacts/999999",
        "/public/v1/contacts/abc",
        "/public/v1/contacts/by-email/jane@example.com",
        "/public/v1/contacts/by-phone/+393391234567",
        &format!("{by_id}/consent-events"),
        "/public/v1/custom-fields",
        "/public/v1/custom-fields/plan",
        "/openapi.json",
        "/docs/",
        "/docs/swagger-ui.css",
        "/nowhere",
    ] {
        let send = |method| app.request(method, path).bearer_auth(&key).answer();
        assert_alike(&send(Method::GET).await, &send(Method::HEAD).await, path);
    }
}

#[tokio::test]
async fn head_works_for_the_admin_api_the_console_and_the_operations_port() {
    let app = TestApp::start().await;
    let session = app.operator().await;
    let tenant = app.tenant().await;
    app.admin("else@example.com", Role::Operator).await;

    for path in [
        "me".to_owned(),
        "companies".to_owned(),
        format!("companies/{}", tenant.company),
        format!("companies/{}/keys", tenant.company),
        format!("keys/{}", tenant.client),
        format!("keys/{}/usage", tenant.client),
        "admins".to_owned(),
        "admins/1".to_owned(),
        "audit".to_owned(),
    ] {
        let send = |method| app.admin_call(method, &session, &path).answer();
        assert_alike(&send(Method::GET).await, &send(Method::HEAD).await, &path);
    }
    for path in ["/console/sign-in", "/console/nothing", "/admin/docs/"] {
        let send = |method| app.admin_request(method, path).answer();
        assert_alike(&send(Method::GET).await, &send(Method::HEAD).await, path);
    }
    for path in ["/livez", "/readyz", "/nowhere"] {
        let url = format!("http://{}{path}", app.ops_address);
        let send = |method| app.http.request(method, &url).answer();
        assert_alike(&send(Method::GET).await, &send(Method::HEAD).await, path);
    }
    let metrics = format!("http://{}/metrics", app.ops_address);
    let head = app.http.request(Method::HEAD, metrics).answer().await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    assert!(head.header("content-length").parse::<u64>().unwrap() > 0);
}

#[tokio::test]
async fn head_needs_a_key_and_costs_what_get_costs() {
    let app = TestApp::start().await;
    let limited = app.tenant_with_limit("2/24h").await.key;
    let head = |key: &str| {
        let request = app.request(Method::HEAD, "/public/v1/contacts");
        request.bearer_auth(key).answer()
    };

    let answers = [head(&limited).await, head(&limited).await];
    let beyond = head(&limited).await;

    assert_eq!(head("mn-made-up").await.status, 401);
    let left = answers.map(|answer| (answer.status, answer.header("ratelimit").contains("r=0")));
    assert_eq!(left, [(200, false), (200, true)]);
    assert_eq!(beyond.status, 429);
}

#[tokio::test]
async fn head_is_refused_with_the_allowed_methods_where_there_is_no_get() {
    let app = TestApp::start().await;

    for path in [
        "/public/v1/contacts/batch",
        "/public/v1/contacts/1/erase",
        "/admin/v1/login",
    ] {
        let head = app.request(Method::HEAD, path).answer().await;
        assert_eq!((head.status, head.header("allow")), (405, "POST"), "{path}");
    }
    let url = format!("http://{}/readyz", app.ops_address);
    let post = app.http.post(url).answer().await;
    post.error(405, "method_not_allowed");
    assert_eq!(post.header("allow"), "GET, HEAD");
}
