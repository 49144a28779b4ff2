//! `rubrica company …`

use serde_json::json;

use super::{company, members, text};
use crate::harness::{Binary, TestApp};

#[tokio::test]
async fn a_company_is_created_with_a_string_id() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);

    let first = rubrica
        .run(&["company", "create", "Äcme & Sons", "--json"])
        .json();
    let second = rubrica.run(&["company", "create", " Trimmed "]);

    assert_eq!(first, json!({"companyId": "1", "name": "Äcme & Sons"}));
    assert_eq!(second.line(), ("2", "Created company 2 (Trimmed).\n"));
}

#[tokio::test]
async fn companies_are_listed_as_an_array_that_may_be_empty() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);

    let none = rubrica.run(&["company", "list", "--json"]).json();
    company(&rubrica, "Acme");
    company(&rubrica, "Zenith");
    let two = rubrica.run(&["company", "list", "--json"]).json();
    let table = rubrica.run(&["company", "list"]);

    assert_eq!(none, json!([]));
    assert_eq!(two.as_array().unwrap().len(), 2);
    assert_eq!(
        members(&two[0]),
        [
            "companyId",
            "name",
            "phoneOnlyContacts",
            "phoneConflict",
            "emailConflict",
            "consentOnAddressChange",
            "strictCustomFields",
            "rateLimit",
            "suspended",
            "createdAt"
        ]
    );
    let mut first = two[0].clone();
    assert!(text(&first["createdAt"].take()).ends_with('Z'));
    assert_eq!(
        first,
        json!({
            "companyId": "1",
            "name": "Acme",
            "phoneOnlyContacts": false,
            "phoneConflict": "reject",
            "emailConflict": "replace",
            "consentOnAddressChange": "keep",
            "strictCustomFields": false,
            "rateLimit": null,
            "suspended": false,
            "createdAt": null,
        })
    );
    let lines: Vec<&str> = table.text().lines().collect();
    assert!(lines[0].starts_with("ID"), "{table:?}");
    assert!(lines[1].starts_with("1   Acme"), "{table:?}");
    assert!(lines[2].starts_with("2   Zenith"), "{table:?}");
}

#[tokio::test]
async fn an_update_changes_only_the_named_settings() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let id = company(&rubrica, "Acme");
    let update = |options: &[&str]| {
        rubrica
            .run(&[&["company", "update", &id, "--json"], options].concat())
            .json()
    };
    let mut expected = rubrica.run(&["company", "list", "--json"]).json()[0].clone();

    for (options, member, value) in [
        (["--name", "Acme Inc."], "name", json!("Acme Inc.")),
        (
            ["--phone-only-contacts", "true"],
            "phoneOnlyContacts",
            json!(true),
        ),
        (["--phone-conflict", "skip"], "phoneConflict", json!("skip")),
        (
            ["--email-conflict", "reject"],
            "emailConflict",
            json!("reject"),
        ),
        (
            ["--email-conflict", "create"],
            "emailConflict",
            json!("create"),
        ),
        (
            ["--consent-on-address-change", "reset"],
            "consentOnAddressChange",
            json!("reset"),
        ),
        (
            ["--email-conflict", "replace"],
            "emailConflict",
            json!("replace"),
        ),
        (
            ["--consent-on-address-change", "keep"],
            "consentOnAddressChange",
            json!("keep"),
        ),
        (["--rate-limit", "100/10s"], "rateLimit", json!("100/10s")),
        (
            ["--strict-custom-fields", "true"],
            "strictCustomFields",
            json!(true),
        ),
        (["--suspended", "true"], "suspended", json!(true)),
        (["--rate-limit", "default"], "rateLimit", json!(null)),
        (
            ["--phone-only-contacts", "false"],
            "phoneOnlyContacts",
            json!(false),
        ),
        (
            ["--phone-conflict", "reject"],
            "phoneConflict",
            json!("reject"),
        ),
        (["--suspended", "false"], "suspended", json!(false)),
    ] {
        let updated = update(&options);

        expected[member] = value;
        assert_eq!(updated, expected, "{options:?}");
    }
    assert_eq!(
        rubrica.run(&["company", "list", "--json"]).json()[0],
        expected
    );
}

#[tokio::test]
async fn several_settings_can_change_in_one_command() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let id = company(&rubrica, "Acme");

    let updated = rubrica.run(&[
        "company",
        "update",
        &id,
        "--name",
        "Acme Inc.",
        "--rate-limit",
        "5/1s",
        "--json",
    ]);

    let updated = updated.json();
    assert_eq!(updated["name"], "Acme Inc.");
    assert_eq!(updated["rateLimit"], "5/1s");
}

#[tokio::test]
async fn a_refused_change_of_a_company_is_a_one_line_error_with_the_reason() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    company(&rubrica, "Acme");
    let before = rubrica.run(&["company", "list", "--json"]).json();
    let long_name = "x".repeat(201);

    for (arguments, words) in [
        (&["create", ""][..], "<NAME>"),
        (&["create", "  "], "<NAME>"),
        (&["create", &long_name], "<NAME>"),
        (&["create", "two\nlines"], "<NAME>"),
        (&["create"], "<NAME>"),
        (&["update", "1"], "nothing to change"),
        (&["update", "99", "--name", "X"], "there is no company 99"),
        (&["update", "one", "--name", "X"], "<ID>"),
        (&["update", "0", "--name", "X"], "<ID>"),
        (&["update", "1", "--name", ""], "--name"),
        (
            &["update", "1", "--phone-only-contacts", "maybe"],
            "--phone-only-contacts",
        ),
        (
            &["update", "1", "--phone-conflict", "merge"],
            "--phone-conflict",
        ),
        (&["update", "1", "--rate-limit", "600"], "--rate-limit"),
        (&["update", "1", "--rate-limit", "0/60s"], "--rate-limit"),
        (&["update", "1", "--rate-limit", "1/25h"], "--rate-limit"),
        (&["update", "1", "--suspended", "1"], "--suspended"),
        (&["delete", "1"], "delete"),
    ] {
        let run = rubrica.run(&[&["company"], arguments].concat());

        assert!(run.error().contains(words), "{arguments:?}: {run:?}");
    }
    assert_eq!(rubrica.run(&["company", "list", "--json"]).json(), before);
}
