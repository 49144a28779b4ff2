//! Erasures that race with other calls: whatever the order, nothing of the person comes back.

use futures_util::future::join_all;
use serde_json::json;

use super::{erasing_tenant, rows_with, upserted};
use crate::harness::TestApp;

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
async fn updates_and_deletions_that_race_with_an_erasure_leave_nothing_of_the_person() {
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
