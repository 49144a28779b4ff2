//! Erasures that race with other calls leave no personal data, whatever the order.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use super::{erasing_tenant, rows_with, upserted};
use crate::harness::{SendAndRead, Tenant, TestApp, eventually};

const ROUNDS: usize = 12;

#[tokio::test]
async fn an_import_that_races_with_an_erasure_opts_nobody_in_again() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    for round in 0..ROUNDS {
        let email = format!("jane{round}@example.com");
        let body = json!({"email": email, "marketingConsent": {"email": false}});
        let opted_out = upserted(&app, &tenant, &body).await;
        app.erase_contact(&tenant.key, &opted_out).await;
        let id = upserted(&app, &tenant, &json!({"email": email})).await;
        let import = json!({"email": email, "marketingConsent": {"email": true}});

        let imports = async {
            let calls = (0..4).map(|_| app.upsert(&tenant.key, &import));
            join_all(calls).await
        };
        let (erased, imported) = tokio::join!(app.erase_contact(&tenant.key, &id), imports);

        assert_eq!(erased.status, 204);
        for answer in imported {
            let warnings = answer.result()["warnings"].clone();
            assert_eq!(warnings[0]["code"], "consent_suppressed");
        }
    }
    let opted_in = "select count(*) from contacts where consent_email";
    assert_eq!(app.count(opted_in).await, 0);
}

#[tokio::test]
async fn updates_and_deletions_that_race_with_an_erasure_leave_no_personal_data() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    for round in 0..ROUNDS {
        let email = format!("jane{round}@example.com");
        let id = upserted(&app, &tenant, &json!({"email": email})).await;
        let change = json!({"customFields": {"note": format!("note of jane{round}")}});

        let (erased, changed, deleted) = tokio::join!(
            app.erase_contact(&tenant.key, &id),
            app.put_contact(&tenant.key, &id, &change),
            app.delete_contact(&tenant.key, &id),
        );

        assert_eq!(erased.status, 204, "{}", erased.text);
        assert!([200, 404].contains(&changed.status), "{}", changed.text);
        assert!([204, 404].contains(&deleted.status), "{}", deleted.text);
    }
    assert_eq!(rows_with(&app, "jane").await, Vec::<String>::new());
}

/// How many contacts were opted in and are not tied to the suppression of an identifier of theirs.
const FORGOTTEN: &str = "
    select count(*) from contacts
    where consent_whatsapp
        and deleted_at is null
        and not exists (select from suppressed_contacts as tie where tie.contact_id = contacts.id)";

/// A deleted contact with a phone, opted out of `WhatsApp`; its id.
async fn opted_out(app: &TestApp, tenant: &Tenant, name: &str, phone: &str) -> String {
    let email = format!("{name}@example.com");
    let body = json!({"email": email, "phone": phone, "marketingConsent": {"whatsapp": false}});
    let id = upserted(app, tenant, &body).await;
    app.delete_contact(&tenant.key, &id).await;
    id
}

#[tokio::test]
async fn a_contact_that_takes_an_identifier_during_an_erasure_is_suppressed_or_linked() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    let sql = app.sql().await;
    let opt_in = json!({"whatsapp": true});
    for round in 0..3 * ROUNDS {
        let phone = format!("+39339{round:07}");
        let id = opted_out(&app, &tenant, &format!("former{round}"), &phone).await;
        let new = json!({
            "email": format!("new{round}@example.com"), "phone": phone, "marketingConsent": opt_in,
        });
        if round % 2 == 0 {
            // The first suppression of a company is as good as any other.
            sql.batch_execute("delete from suppressions").await.unwrap();
        }
        let take = async {
            match round % 3 {
                0 => app.upsert(&tenant.key, &new).await,
                1 => {
                    let other = json!({"email": format!("other{round}@example.com")});
                    let batch = json!({"contacts": [other, new]});
                    let request = app.contact(Method::POST, &tenant.key, "batch");
                    request.json(&batch).answer().await
                }
                _ => {
                    let taker = json!({"email": new["email"]});
                    let taker = upserted(&app, &tenant, &taker).await;
                    let change = json!({"phone": phone, "marketingConsent": opt_in});
                    app.put_contact(&tenant.key, &taker, &change).await
                }
            }
        };

        let (erased, taken) = tokio::join!(app.erase_contact(&tenant.key, &id), take);

        assert_eq!((erased.status, taken.status), (204, 200), "{}", taken.text);
        assert_eq!(app.count(FORGOTTEN).await, 0, "round {round}");
        sql.batch_execute("delete from contacts").await.unwrap();
    }
}

/// Waits until a statement waits for an advisory lock.
async fn until_somebody_waits(sql: &tokio_postgres::Client) {
    let waiting = "select count(*) from pg_locks
        where locktype = 'advisory' and not granted
            and database = (select oid from pg_database where datname = current_database())";
    let waiting = async || sql.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0);
    eventually("a statement that waits", waiting, |count| *count > 0).await;
}

#[tokio::test]
async fn an_erasure_waits_for_a_write_that_takes_an_identifier() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    let phone = "+393391234567";
    let id = opted_out(&app, &tenant, "former", phone).await;
    let (taker, watcher) = (app.sql().await, app.sql().await);
    let take = format!(
        "begin;
         select upsert_contact({}, 'client', 'new@example.com', '{phone}', null, null, true, false,
             'replace', false, '{{}}')",
        tenant.company
    );
    taker.batch_execute(&take).await.unwrap();

    let finish = async {
        until_somebody_waits(&watcher).await;
        taker.batch_execute("commit").await.unwrap();
    };
    let (erased, ()) = tokio::join!(app.erase_contact(&tenant.key, &id), finish);

    assert_eq!(erased.status, 204);
    let opted_in = "select count(*) from contacts where consent_whatsapp";
    assert_eq!(app.count(opted_in).await, 1);
    assert_eq!(app.count(FORGOTTEN).await, 0);
}

#[tokio::test]
async fn a_write_that_takes_an_identifier_waits_for_an_erasure_and_is_suppressed() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    let company = tenant.company;
    let (eraser, watcher) = (app.sql().await, app.sql().await);
    for (round, is_batch) in [false, true].into_iter().enumerate() {
        let phone = format!("+39339{round:07}");
        let id = opted_out(&app, &tenant, &format!("former{round}"), &phone).await;
        app.erase_contact(&tenant.key, &id).await;
        // An erasure in progress, which has not committed yet.
        let hide = format!(
            "update suppressions set company_id = -1;
             begin;
             select pg_advisory_xact_lock(identifier_lock({company}, '{phone}'));
             update suppressions set company_id = {company}"
        );
        eraser.batch_execute(&hide).await.unwrap();
        let new = json!({
            "email": format!("new{round}@example.com"), "phone": phone,
            "marketingConsent": {"whatsapp": true},
        });
        let other = json!({"email": format!("other{round}@example.com")});
        let batch = json!({"contacts": [new, other]});

        let take = async {
            if is_batch {
                let request = app.contact(Method::POST, &tenant.key, "batch").json(&batch);
                request.answer().await.json()[0].clone()
            } else {
                app.upsert(&tenant.key, &new).await.result()
            }
        };
        let finish = async {
            until_somebody_waits(&watcher).await;
            eraser.batch_execute("commit").await.unwrap();
        };
        let (taken, ()) = tokio::join!(take, finish);

        assert_eq!(taken["outcome"], "created", "{taken}");
        assert_eq!(
            taken["warnings"][0]["code"], "consent_suppressed",
            "{taken}"
        );
    }
}

#[tokio::test]
async fn a_write_that_keeps_its_identifiers_does_not_wait_for_an_erasure() {
    let app = TestApp::start().await;
    let tenant = erasing_tenant(&app).await;
    let (email, phone) = ("jane@example.com", "+393391234567");
    let id = upserted(&app, &tenant, &json!({"email": email, "phone": phone})).await;
    let eraser = app.sql().await;
    let lock = format!(
        "begin;
         select pg_advisory_xact_lock(identifier_lock({company}, '{email}'));
         select pg_advisory_xact_lock(identifier_lock({company}, '{phone}'))",
        company = tenant.company
    );
    eraser.batch_execute(&lock).await.unwrap();

    let body = json!({
        "email": email, "phone": phone, "customFields": {"plan": "pro"},
        "marketingConsent": {"email": true},
    });
    let updated = app.upsert(&tenant.key, &body).await.result();
    let change = json!({"email": email, "marketingConsent": {"whatsapp": true}});
    let changed = app.put_contact(&tenant.key, &id, &change).await;

    assert_eq!(updated["outcome"], "updated");
    assert_eq!(changed.status, 200, "{}", changed.text);
}
