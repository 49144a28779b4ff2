//! `admin.listen`

use reqwest::Method;
use serde_json::json;

use crate::harness::{SendAndRead, TestApp};

const PATHS: [&str; 4] = [
    "/admin/v1/me",
    "/admin/v1/login",
    "/admin/openapi.json",
    "/admin/docs/",
];

#[tokio::test]
async fn the_admin_api_shares_the_public_port_by_default() {
    let app = TestApp::start().await;

    assert_eq!(app.admin_address, None);
    for (path, status) in PATHS.into_iter().zip([401, 405, 200, 200]) {
        let answer = app.request(Method::GET, path).answer().await;
        assert_eq!(answer.status, status, "{path}");
    }
}

#[tokio::test]
async fn with_its_own_port_the_admin_api_is_not_on_the_public_port() {
    let app = TestApp::with_settings(&[("admin.listen", "127.0.0.1:0")]).await;
    let session = app.operator().await;
    let key = app.tenant().await.key;

    assert!(app.admin_address.is_some());
    assert_eq!(app.me(&session.access_token).await.status, 200);
    for path in PATHS {
        let answer = app.request(Method::GET, path).answer().await;
        answer.error(404, "not_found");
    }
    for path in ["/public/v1/contacts", "/openapi.json", "/docs/", "/metrics"] {
        let request = app.admin_request(Method::GET, path).bearer_auth(&key);
        let answer = request.answer().await;
        answer.error(404, "not_found");
        assert!(answer.headers.contains_key("x-request-id"));
    }
    let upsert = app.upsert(&key, &json!({"email": "a@example.com"})).await;
    assert_eq!(upsert.status, 200);
}

#[tokio::test]
async fn a_port_in_use_stops_the_start_and_names_the_setting() {
    let app = TestApp::start().await;
    let taken = app.address.to_string();

    let rubrica = crate::harness::Binary::of(&app).set("RUBRICA__ADMIN__LISTEN", taken);
    let run = rubrica.run(&["serve"]);

    assert!(run.errors.contains("admin.listen"), "{run:?}");
    assert_ne!(run.status, Some(0));
}
