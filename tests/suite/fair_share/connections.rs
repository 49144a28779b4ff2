//! Connections of one client address.

use reqwest::Method;

use super::{bound_of, connection_after, until_status};
use crate::harness::{Answer, SendAndRead, TestApp};

/// Sends a request on a new connection.
async fn ask(app: &TestApp) -> Answer {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{}/openapi.json", app.address);
    client.request(Method::GET, url).answer().await
}

#[tokio::test]
async fn the_connections_of_an_address_are_limited() {
    let app = TestApp::with_settings(&[("fair_share.address_connections", "2")]).await;
    let one = connection_after(&app, b"").await;
    let two = connection_after(&app, b"").await;

    let refused = until_status(429, async || ask(&app).await).await;
    assert_eq!(
        bound_of(&refused, 429, "rate_limit_exceeded"),
        "fair_share.address_connections"
    );
    assert_eq!(refused.header("connection"), "close");
    assert!(refused.headers.contains_key("x-request-id"));

    drop((one, two));
    until_status(200, async || ask(&app).await).await;
}

#[tokio::test]
async fn a_trusted_proxy_has_any_number_of_connections() {
    let settings = [
        ("fair_share.address_connections", "2"),
        ("http.trusted_proxies", "127.0.0.0/8"),
    ];
    let app = TestApp::with_settings(&settings).await;
    let mut connections = vec![];
    for _ in 0..5 {
        connections.push(connection_after(&app, b"").await);
    }

    assert_eq!(ask(&app).await.status, 200);
}
