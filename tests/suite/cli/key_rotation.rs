//! `rubrica key rotate`

use rubrica::ambient;
use rubrica::domain::{NotRotatable, Rotation};
use rubrica::store::RotationError;
use serde_json::{Value, json};
use time::Duration;

use super::{company, key, members, text, timestamp};
use crate::harness::{Binary, Tenant, TestApp};

fn rotate(rubrica: &Binary, client: &Value, options: &[&str]) -> Value {
    let arguments = [&["key", "rotate", text(client), "--json"], options].concat();
    rubrica.run(&arguments).json()
}

fn list(rubrica: &Binary, company: &str) -> Value {
    rubrica
        .run(&["key", "list", "--company", company, "--json"])
        .json()
}

async fn rotation(app: &TestApp, tenant: &Tenant) -> Result<Rotation, RotationError> {
    let rotated = app.rotate_key(tenant, "1d").await;
    rotated.map(|(_, rotation)| rotation)
}

async fn status(app: &TestApp, key: &Value) -> u16 {
    let body = json!({"email": "jane@example.com"});
    app.upsert(text(key), &body).await.status
}

#[tokio::test]
async fn the_new_key_is_like_the_old_one_and_both_work_until_the_grace_period_ends() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let company = company(&rubrica, "Acme");
    let options = ["--rate-limit", "7/1s", "--scope", "contacts:write"];
    let old = key(&rubrica, &company, &options);
    let before = ambient::now();

    let new = rotate(&rubrica, &old["clientId"], &["--grace", "7d"]);

    assert_eq!(
        members(&new),
        [
            "key",
            "clientId",
            "companyId",
            "scopes",
            "expiresAt",
            "replaces"
        ]
    );
    assert_eq!(
        (
            status(&app, &old["key"]).await,
            status(&app, &new["key"]).await
        ),
        (200, 200)
    );
    let keys = list(&rubrica, &company);
    assert_eq!(new["replaces"], keys[0]);
    assert_eq!(keys[0]["replacedBy"], new["clientId"]);
    assert_eq!(keys[0]["state"], "active");
    let start = timestamp(&keys[0]["expiresAt"]) - Duration::days(7);
    assert!((before..=ambient::now()).contains(&start), "{keys}");
    assert_eq!(keys[1]["clientId"], new["clientId"]);
    for (member, value) in [
        ("name", json!("shop")),
        ("scopes", json!(["contacts:write"])),
        ("rateLimit", json!("7/1s")),
        ("state", json!("active")),
        ("expiresAt", json!(null)),
        ("replacedBy", json!(null)),
    ] {
        assert_eq!(keys[1][member], value, "{member}");
    }
}

#[tokio::test]
async fn without_a_grace_period_the_old_key_is_revoked() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let company = company(&rubrica, "Acme");
    let old = key(&rubrica, &company, &[]);

    let new = rotate(&rubrica, &old["clientId"], &["--grace", "0d"]);

    assert_eq!(new["replaces"]["state"], "revoked");
    assert_eq!(new["replaces"]["expiresAt"], json!(null));
    assert_eq!(
        (
            status(&app, &old["key"]).await,
            status(&app, &new["key"]).await
        ),
        (401, 200)
    );
}

#[tokio::test]
async fn a_grace_period_never_extends_the_expiry_and_the_new_key_keeps_it() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let company = company(&rubrica, "Acme");
    let short = key(&rubrica, &company, &["--expires-in", "1h"]);
    let long = key(&rubrica, &company, &["--expires-in", "90d"]);

    let of_short = rotate(&rubrica, &short["clientId"], &["--grace", "2h"]);
    let of_long = rotate(&rubrica, &long["clientId"], &[]);

    assert_eq!(of_short["expiresAt"], short["expiresAt"]);
    assert_eq!(of_short["replaces"]["expiresAt"], short["expiresAt"]);
    assert_eq!(of_long["expiresAt"], long["expiresAt"]);
    let left = timestamp(&of_long["replaces"]["expiresAt"]) - ambient::now();
    assert!(
        (Duration::hours(23)..=Duration::days(1)).contains(&left),
        "a day, where nothing is said: {left}"
    );
}

#[tokio::test]
async fn without_json_a_rotation_prints_only_the_new_key() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let company = company(&rubrica, "Acme");
    let old = key(&rubrica, &company, &[]);

    let run = rubrica.run(&["key", "rotate", text(&old["clientId"])]);

    let (key, hint) = run.line();
    assert_eq!(status(&app, &json!(key)).await, 200);
    let fate = format!("The old key {} works until ", text(&old["clientId"]));
    assert!(hint.contains(&fate), "{run:?}");
}

#[tokio::test]
async fn an_unusable_or_rotated_key_cannot_be_rotated() {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let company = company(&rubrica, "Acme");
    let make = || key(&rubrica, &company, &[])["clientId"].clone();
    let (revoked, expired, rotated) = (make(), make(), make());
    rubrica.run(&["key", "revoke", text(&revoked)]).text();
    let successor = rotate(&rubrica, &rotated, &[])["clientId"].clone();
    let sql = "update api_keys set expires_at = now() - interval '1s' where client_id = $1";
    let expire = app.sql().await.execute(sql, &[&text(&expired)]).await;
    assert_eq!(expire.unwrap(), 1);
    let before = list(&rubrica, &company);

    for (arguments, words) in [
        (vec![text(&revoked)], "the key is revoked"),
        (vec![text(&expired)], "the key is expired"),
        (vec![text(&rotated)], text(&successor)),
        (vec!["aaaaaaaaaaaa"], "there is no key aaaaaaaaaaaa"),
        (vec!["x"], "<CLIENT_ID>"),
        (vec![], "<CLIENT_ID>"),
        (vec![text(&successor), "--grace", "8d"], "0d to 7d"),
        (vec![text(&successor), "--grace", "7d 1s"], "0d to 7d"),
        (vec![text(&successor), "--grace", "soon"], "0d to 7d"),
        (vec![text(&successor), "--grace", ""], "--grace"),
    ] {
        let run = rubrica.run(&[&["key", "rotate"], arguments.as_slice()].concat());

        assert!(run.error().contains(words), "{arguments:?}: {run:?}");
    }
    assert_eq!(list(&rubrica, &company), before);
}

#[tokio::test]
async fn one_of_many_concurrent_rotations_of_a_key_succeeds() {
    let app = TestApp::start().await;
    let tenant = app.tenant().await;

    let rotations = (0..8).map(|_| rotation(&app, &tenant));
    let rotations = futures_util::future::join_all(rotations).await;

    let done: Vec<_> = rotations.iter().flatten().collect();
    assert_eq!(done.len(), 1, "{rotations:?}");
    let refused = rotations.iter().filter(|rotation| {
        let successor = &done[0].successor.client_id;
        matches!(rotation, Err(RotationError::Refused(NotRotatable::Replaced(by))) if by == successor)
    });
    assert_eq!(refused.count(), 7, "{rotations:?}");
    assert_eq!(app.count("select count(*) from api_keys").await, 2);
}

#[tokio::test]
async fn a_key_of_another_company_is_not_found() {
    let app = TestApp::start().await;
    let (tenant, stranger) = (app.tenant().await, app.tenant().await);
    let mixed = Tenant {
        company: stranger.company,
        ..tenant
    };

    let refused = rotation(&app, &mixed).await;

    assert!(
        matches!(refused, Err(RotationError::NotFound)),
        "{refused:?}"
    );
    assert_eq!(app.count("select count(*) from api_keys").await, 2);
}
