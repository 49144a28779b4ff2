//! TLS to Postgres for each `sslmode`.

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rubrica::store::StoreError;
use serde_json::json;

use crate::harness::{Options, Postgres, TestApp, migrate};

/// A server with a self-signed certificate, as Debian's packages create it.
async fn postgres_with_tls() -> Postgres {
    let postgres = Postgres::start().await;
    let sql = postgres.client("postgres", "postgres").await;
    let names = vec!["127.0.0.1".to_owned()];
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
    for (file, pem) in [
        ("server.crt", cert.pem()),
        ("server.key", signing_key.serialize_pem()),
    ] {
        // The server writes the file: Postgres requires that it owns the file.
        let lines = pem.lines().collect::<Vec<_>>().join("','");
        let write = format!(
            "copy (select * from unnest(array['{lines}'])) to program 'umask 077; cat > {file}'"
        );
        sql.batch_execute(&write).await.unwrap();
    }
    sql.batch_execute("alter system set ssl = on")
        .await
        .unwrap();
    postgres.stop("INT");
    postgres.run();
    postgres.wait().await;
    postgres
}

#[tokio::test]
async fn prefer_accepts_any_certificate_and_require_only_a_trusted_one() {
    let postgres = postgres_with_tls().await;
    let database = postgres.empty_database().await;
    migrate(&postgres, &database).await;
    let url = |mode: &str| {
        format!(
            "postgres://rubrica_service@127.0.0.1:{}/{database}{mode}",
            postgres.port()
        )
    };
    let with_url = |mode: &str| Options {
        postgres: Some(&postgres),
        database: Some(database.clone()),
        settings: vec![
            ("database.url", url(mode)),
            ("database.deadline", "500ms".to_owned()),
        ],
        ..Options::default()
    };

    for mode in ["", "?sslmode=prefer"] {
        let app = TestApp::with(with_url(mode)).await;
        let tenant = app.tenant().await;
        app.upsert(&tenant.key, &json!({"email": "jane@example.com"}))
            .await
            .result();
        let encrypted = "select count(*) from pg_stat_ssl join pg_stat_activity using (pid)
            where ssl and usename = 'rubrica_service'";
        assert!(app.count(encrypted).await > 0, "{mode}");
    }

    let app = TestApp::start_unready(with_url("?sslmode=require")).await;
    let refused = app.store.schema_compatibility().await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
}
