//! Failed authentications are limited by client address.

use serde_json::json;

use super::jane;
use crate::harness::{SendAndRead, TestApp};

#[tokio::test]
async fn failures_are_limited_by_address_and_never_block_a_good_key() {
    let settings = [("auth.failure_limit", "5"), ("auth.failure_window", "24h")];
    let app = TestApp::with_settings(&settings).await;
    let key = app.tenant().await.key;

    for _ in 0..20 {
        assert_eq!(app.upsert(&key, &jane()).await.status, 200);
    }
    for attempt in 0..5 {
        // Without a trusted proxy the header does not change the address.
        let request = app
            .post_contact("x")
            .header("x-forwarded-for", format!("192.0.2.{attempt}"));
        request
            .json(&jane())
            .answer()
            .await
            .error(401, "unauthorized");
    }
    let request = app
        .post_contact("x")
        .header("x-forwarded-for", "192.0.2.99");
    for refused in [
        request.json(&jane()).answer().await,
        app.upsert("y", &jane()).await,
    ] {
        let error = refused.error(429, "rate_limit_exceeded");
        let wait: u64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=86400 / 5).contains(&wait), "{wait}");
        let details = json!({"limit": 5, "windowSeconds": 86400, "retryAfterSeconds": wait});
        assert_eq!(error["details"], details);
    }
    assert_eq!(app.upsert(&key, &jane()).await.status, 200);
    // 5 of 401, 2 of 429.
    let refused = app.metric(&["api_keys_refused_total"]).await;
    assert!((refused - 7.0).abs() < 0.5, "{refused}");
}

#[tokio::test]
async fn the_client_address_comes_from_a_trusted_proxy() {
    let settings = [
        ("auth.failure_limit", "2"),
        ("auth.failure_window", "24h"),
        ("http.trusted_proxies", "127.0.0.0/8,10.0.0.0/8"),
    ];
    let app = TestApp::with_settings(&settings).await;
    let fail_from = async |forwarded: &str| -> u16 {
        let request = app.post_contact("x").header("x-forwarded-for", forwarded);
        request.json(&jane()).answer().await.status
    };

    for (forwarded, status) in [
        ("192.0.2.1", 401),
        ("192.0.2.1", 401),
        ("192.0.2.1", 429),
        ("192.0.2.2", 401),
        // The client can invent everything to the left of the last proxy's entry.
        ("192.0.2.77, 192.0.2.1", 429),
        ("192.0.2.1, 192.0.2.3, 10.0.0.1", 401),
        // One client can use a whole IPv6 network.
        ("2001:db8:1:2::1", 401),
        ("2001:db8:1:2::2", 401),
        ("2001:db8:1:2:ffff::3", 429),
        ("2001:db8:1:3::1", 401),
    ] {
        assert_eq!(fail_from(forwarded).await, status, "{forwarded}");
    }
}
