//! The normal form in which identifiers are stored and matched.

use serde_json::json;

use super::{JANE, PHONE, contact, phone_only_tenant};
use crate::harness::TestApp;

#[tokio::test]
async fn every_spelling_of_an_address_matches_the_same_contact() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;

    for (stored, spellings) in [
        (
            JANE,
            [
                "jane@example.com",
                " JANE@Example.COM\t",
                "\u{a0}Jane@EXAMPLE.com\r\n",
            ],
        ),
        (
            "jane@xn--bcher-kva.example",
            [
                "jane@bücher.example",
                "jane@BÜCHER.example",
                "Jane@XN--BCHER-KVA.example",
            ],
        ),
        (
            "jürgen@example.com",
            [
                "jürgen@example.com",
                "JÜRGEN@example.com",
                "ju\u{308}rgen@example.com",
            ],
        ),
    ] {
        let id = contact(&app, &key, &json!({"email": spellings[0]})).await;
        assert_eq!(app.row(&id).await["email"], stored);
        for spelling in spellings.into_iter().chain([stored]) {
            let result = app.upsert(&key, &json!({"email": spelling})).await.result();

            assert_eq!(result["contactId"], id, "{spelling:?}");
            assert_eq!(result["outcome"], "unchanged", "{spelling:?}");
        }
    }
}

#[tokio::test]
async fn tags_and_dots_make_different_mailboxes() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;

    for email in [
        JANE,
        "jane+news@example.com",
        "j.ane@example.com",
        "jane@www.example.com",
    ] {
        let result = app.upsert(&key, &json!({"email": email})).await.result();

        assert_eq!(result["outcome"], "created", "{email}");
        assert_eq!(app.row(&result["contactId"]).await["email"], email);
    }
}

#[tokio::test]
async fn an_invalid_email_is_refused_and_nothing_is_written() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let domain = format!("{0}.{0}.{0}.example", "d".repeat(60));
    let longest = format!("{}@{domain}", "a".repeat(254 - 1 - domain.len()));

    for email in [
        "",
        "  ",
        "jane",
        "jane@",
        "@example.com",
        "jane@localhost",
        "jane@example..com",
        "jane@example.com.",
        "jane@[127.0.0.1]",
        "jane@127.0.0.1",
        "ja ne@example.com",
        "jane@exam ple.com",
        "jane@jane@example.com",
        "Jane <jane@example.com>",
        "<jane@example.com>",
        "\"jane\"@example.com",
        "jane(a comment)@example.com",
        "jane@example.com, john@example.com",
        &format!("a{longest}"),
    ] {
        let answer = app.upsert(&key, &json!({"email": email})).await;

        let error = answer.error(422, "validation_error");
        assert_eq!(error["details"]["field"], "email", "{email:?}");
        assert_eq!(app.contents().await, "", "{email:?}");
    }
    contact(&app, &key, &json!({"email": longest})).await;
}

#[tokio::test]
async fn a_phone_that_is_not_e164_is_refused_and_nothing_is_written() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;

    for phone in [
        "",
        "+",
        "3391234567",
        "00393391234567",
        "+39 339 1234567",
        "+39-339-1234567",
        "+39(339)1234567",
        " +393391234567",
        "+393391234567 ",
        "+39339123456x",
        "+٣٩٣٣٩١٢٣٤٥٦٧",
        "+0393391234567",
        "+9993391234567",
        "+393391",
        "+3933912345678901",
    ] {
        let answer = app
            .upsert(&key, &json!({"email": JANE, "phone": phone}))
            .await;

        let error = answer.error(422, "invalid_phone_number");
        assert_eq!(error["details"]["field"], "phone", "{phone:?}");
        assert_eq!(error["details"]["value"], phone);
        assert_eq!(app.contents().await, "", "{phone:?}");
    }
    let id = contact(&app, &key, &json!({"email": JANE, "phone": PHONE})).await;
    assert_eq!(app.row(&id).await["phone"], PHONE);
}

#[tokio::test]
async fn an_email_may_be_missing_only_with_phone_only_contacts() {
    let app = TestApp::start().await;
    let strict = app.tenant().await.key;
    let lenient = phone_only_tenant(&app).await.key;
    let by_phone = json!({"email": null, "phone": PHONE});

    for (key, body) in [
        (&strict, json!({})),
        (&strict, json!({"phone": PHONE})),
        (&strict, by_phone.clone()),
        (&lenient, json!({})),
        (&lenient, json!({"email": null, "phone": null})),
        (&lenient, json!({"customFields": {"email": JANE}})),
    ] {
        let error = app.upsert(key, &body).await.error(422, "validation_error");
        assert_eq!(error["details"]["field"], "email", "{body}");
        assert_eq!(app.contents().await, "", "{body}");
    }

    for (body, outcome, matched_by) in [
        (json!({"phone": PHONE}), "created", json!(null)),
        (by_phone, "unchanged", json!("phone")),
        (
            json!({"email": JANE, "phone": PHONE}),
            "updated",
            json!("phone"),
        ),
        (json!({"phone": PHONE}), "unchanged", json!("phone")),
    ] {
        let result = app.upsert(&lenient, &body).await.result();
        assert_eq!(result["outcome"], outcome, "{body}");
        assert_eq!(result["matchedBy"], matched_by, "{body}");
    }
}
