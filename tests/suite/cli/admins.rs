//! `rubrica admin create`

use serde_json::json;

use super::company;
use crate::harness::{Binary, TestApp};

const PASSWORD: &str = "correct horse battery staple";

/// Every row of every table as text.
async fn everything_stored(app: &TestApp) -> String {
    let sql = "select coalesce(string_agg(query_to_xml(
            format('select * from %I', tablename), true, false, '')::text, ''), '')
        from pg_tables where schemaname = 'public'";
    app.sql().await.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn an_administrator_is_created_with_the_password_on_standard_input() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let company = company(&rubrica, "Acme");
    let create = |options: &[&str]| {
        let arguments = [&["admin", "create"], options].concat();
        rubrica.run_with_input(&arguments, &format!("{PASSWORD}\n"))
    };

    let operator = create(&["--email", " Root@Example.com", "--json"]).json();
    let administrator = create(&[
        "--email",
        "admin@example.com",
        "--company",
        &company,
        "--json",
    ])
    .json();
    let text = create(&["--email", "third@example.com"]);

    assert_eq!(
        operator,
        json!({"adminId": "1", "email": "root@example.com", "companyId": null})
    );
    assert_eq!(
        administrator,
        json!({"adminId": "2", "email": "admin@example.com", "companyId": company})
    );
    assert_eq!(text.text(), "created administrator 3 (third@example.com)\n");
}

#[tokio::test]
async fn a_password_is_stored_only_as_a_hash_that_differs_each_time() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);

    for email in ["a@example.com", "b@example.com"] {
        let run = rubrica.run_with_input(&["admin", "create", "--email", email], PASSWORD);
        assert!(!run.text().contains(PASSWORD));
    }

    let stored = everything_stored(&app).await;
    assert!(stored.contains("a@example.com"), "{stored}");
    assert!(!stored.contains(PASSWORD), "{stored}");
    let sql =
        "select count(distinct password_hash) from admins where password_hash like '$argon2id$%'";
    assert_eq!(app.count(sql).await, 2);
    let sql =
        "select count(*) from audit_events where to_jsonb(audit_events)::text like '%argon2%'";
    assert_eq!(app.count(sql).await, 0);
}

#[tokio::test]
async fn a_password_is_long_enough_without_its_line_end() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let create = |input: &str| {
        rubrica.run_with_input(&["admin", "create", "--email", "a@example.com"], input)
    };

    let (too_long, much_too_long) = ("x".repeat(129), "x".repeat(100_000));
    for wrong in [
        "",
        "\n",
        "eleven char",
        "eleven char\n",
        "eleven char\r\n",
        &too_long,
        &much_too_long,
    ] {
        let run = create(wrong);
        assert!(
            run.error().contains("12 to 128 characters"),
            "{wrong:?}: {run:?}"
        );
    }
    create("twelve chars\n").text();
}

#[tokio::test]
async fn a_failed_creation_is_a_one_line_error() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let create = |options: &[&str]| {
        rubrica.run_with_input(&[&["admin", "create"], options].concat(), PASSWORD)
    };
    create(&["--email", "a@example.com"]).text();

    for (options, words) in [
        (&["--email", "A@Example.com"][..], "exists already"),
        (&["--email", "no address"], "--email"),
        (&[], "--email"),
        (
            &["--email", "b@example.com", "--company", "99"],
            "no such company",
        ),
        (&["--email", "b@example.com", "--company", "x"], "--company"),
        (
            &["--email", "b@example.com", "--password", PASSWORD],
            "--password",
        ),
    ] {
        let run = create(options);
        assert!(run.error().contains(words), "{options:?}: {run:?}");
    }
    assert_eq!(app.count("select count(*) from admins").await, 1);
}
