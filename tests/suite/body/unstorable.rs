//! Well-formed JSON that the database cannot store is refused and never causes a 500.

use crate::harness::TestApp;

/// Sends an upsert with this member and expects a refusal that names this field.
async fn assert_refused(app: &TestApp, key: &str, field: &str, member: &str) {
    // `member` may hold an email, too: the last duplicate counts.
    let body = format!(r#"{{"email": "jane@example.com", {member}}}"#);
    let answer = app.upsert_text(key, body).await;

    let start: String = member.chars().take(99).collect();
    assert_eq!(answer.status, 422, "{start}: {}", answer.text);
    let details = &answer.json()["error"]["details"];
    assert_eq!(details["field"], field, "{start}: {}", answer.text);
}

#[tokio::test]
async fn text_that_the_database_cannot_store_is_refused_everywhere() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;

    for text in [
        r"\u0000",
        r"a\u0000b",
        r"\ud800",
        r"\udc00",
        r"\ud83dx",
        r"\ude00\ud83d",
    ] {
        for (field, member) in [
            ("email", format!(r#""email": "jane{text}@example.com""#)),
            ("email", format!(r#""email": "jane@exam{text}ple.com""#)),
            ("phone", format!(r#""phone": "+39339{text}1234567""#)),
            (
                "customFields",
                format!(r#""customFields": {{"a": "{text}"}}"#),
            ),
            (
                "customFields",
                format!(r#""customFields": {{"{text}": 1}}"#),
            ),
            (
                "customFields",
                format!(r#""customFields": {{"{text}": null}}"#),
            ),
            (
                "customFields",
                format!(r#""customFields": {{"a": [{{"b": "{text}"}}]}}"#),
            ),
            (
                "customFields",
                format!(r#""customFields": {{"a": {{"{text}": {{}}}}}}"#),
            ),
            ("extra", format!(r#""extra": "{text}""#)),
        ] {
            assert_refused(&app, &key, field, &member).await;
        }
    }
    for (field, member) in [
        ("\0", r#""\u0000": 1"#),
        ("body", r#""\ud800": 1"#),
        (
            "marketingConsent.\0",
            r#""marketingConsent": {"\u0000": true}"#,
        ),
        (
            "marketingConsent",
            r#""marketingConsent": {"\ud800": true}"#,
        ),
        (
            "marketingConsent.email",
            r#""marketingConsent": {"email": "\u0000"}"#,
        ),
    ] {
        assert_refused(&app, &key, field, member).await;
    }
    assert_eq!(app.contents().await, "");
}

#[tokio::test]
async fn numbers_beyond_a_double_are_refused_everywhere() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;

    for number in [
        "1e400",
        "-1e400",
        "1e-400",
        "-1e-400",
        "2e308",
        "1e99999999999999999999",
    ] {
        for (field, member) in [
            (
                "customFields",
                format!(r#""customFields": {{"a": {number}}}"#),
            ),
            (
                "customFields",
                format!(r#""customFields": {{"a": [{{"b": {number}}}]}}"#),
            ),
            ("extra", format!(r#""extra": {number}"#)),
            ("phone", format!(r#""phone": {number}"#)),
        ] {
            assert_refused(&app, &key, field, &member).await;
        }
    }
    assert_eq!(app.contents().await, "");
}

#[tokio::test]
async fn deep_nesting_is_refused_everywhere_and_does_not_overflow_the_stack() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let lists = |levels: usize| "[".repeat(levels) + "]".repeat(levels).as_str();
    let objects = |levels: usize| r#"{"a":"#.repeat(levels) + "1" + "}".repeat(levels).as_str();

    for deep in [lists(200), objects(200), lists(60_000), objects(20_000)] {
        let channel = if deep.starts_with('{') {
            "marketingConsent.a"
        } else {
            "marketingConsent"
        };
        for (field, member) in [
            ("email", format!(r#""email": {deep}"#)),
            ("phone", format!(r#""phone": {deep}"#)),
            (
                "customFields",
                format!(r#""customFields": {{"a": {deep}}}"#),
            ),
            (channel, format!(r#""marketingConsent": {deep}"#)),
            ("extra", format!(r#""extra": {deep}"#)),
        ] {
            assert_refused(&app, &key, field, &member).await;
        }
    }
    assert_eq!(app.contents().await, "");
}

#[tokio::test]
async fn numbers_at_the_limits_of_a_double_are_stored() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;

    let body = r#"{
        "email": "jane@example.com",
        "customFields": {"a": [1.7976931348623157e308, -1.7976931348623157e308, 5e-324, 0e-400]}
    }"#;
    let result = app.upsert_text(&key, body).await.result();

    let stored = app.row(&result["contactId"]).await["custom_fields"]["a"].clone();
    let numbers: Vec<f64> = stored
        .as_array()
        .unwrap()
        .iter()
        .map(|number| number.as_f64().unwrap())
        .collect();
    assert_eq!(numbers, [f64::MAX, f64::MIN, 5e-324, 0.0]);
}
