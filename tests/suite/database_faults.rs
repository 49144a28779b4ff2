//! Databases that refuse connections, and several database servers: what is reported, and which one is used.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::harness::{
    Answer, Binary, Options, Postgres, Proxy, SendAndRead, Serving, TestApp, eventually, migrate,
};

/// A server of its own, with a migrated database.
async fn own_postgres() -> (Postgres, String) {
    let postgres = Postgres::start().await;
    let database = postgres.empty_database().await;
    migrate(&postgres, &database).await;
    (postgres, database)
}

/// Waits until the log and `/readyz` report why the database refuses. The log reports it once.
async fn refused_for(serving: &Serving, code: &str) {
    let line = serving.until_log(code).await;
    assert_eq!(line["level"], "WARN");
    let ready = serving.ops("/readyz").await;
    assert_eq!(ready.status, 503);
    let ready: Value = ready.json();
    let status = format!("starting: database unavailable: cannot connect: SQLSTATE {code}");
    assert_eq!(ready["status"], *status);
    assert_eq!(ready["postgres"], "down");
}

fn times_said(serving: &Serving, code: &str) -> usize {
    let lines = serving.log();
    lines.iter().filter(|line| line.contains(code)).count()
}

#[tokio::test]
async fn a_wrong_password_is_logged_once_and_reported_by_readyz() {
    let (postgres, database) = own_postgres().await;
    let admin = postgres.client("postgres", "postgres").await;
    let rules = postgres.directory().join("pg_hba.conf");
    let others = std::fs::read_to_string(&rules).expect("there are rules");
    let rule = "host all rubrica_service 127.0.0.1/32 scram-sha-256";
    std::fs::write(&rules, format!("{rule}\n{others}")).expect("it is written");
    let sql = "alter role rubrica_service password 'another'; select pg_reload_conf()";
    admin.batch_execute(sql).await.expect("it has a password");
    let url = format!(
        "postgres://rubrica_service:secret@127.0.0.1:{}/{database}?sslmode=disable",
        postgres.port()
    );

    let serving = Binary::on(&postgres, &database)
        .set("RUBRICA__DATABASE__URL", url)
        .serve()
        .await;
    refused_for(&serving, "28P01").await;
    let sql = "alter role rubrica_service password 'secret'";
    admin.batch_execute(sql).await.expect("it is changed");
    serving.wait_until_ready().await;

    assert_eq!(times_said(&serving, "28P01"), 1, "{:?}", serving.log());
}

#[tokio::test]
async fn a_missing_database_is_logged_once_and_reported_by_readyz() {
    let postgres = Postgres::start().await;

    let serving = Binary::on(&postgres, "still_to_come").serve().await;
    refused_for(&serving, "3D000").await;
    let sql = "create database still_to_come owner rubrica_owner";
    let admin = postgres.client("postgres", "postgres").await;
    admin.batch_execute(sql).await.expect("it is created");
    migrate(&postgres, "still_to_come").await;
    serving.wait_until_ready().await;

    assert_eq!(times_said(&serving, "3D000"), 1, "{:?}", serving.log());
}

/// The service with two servers, one of which has its database.
async fn on_servers(postgres: &Postgres, database: &str, ports: [u16; 2]) -> TestApp {
    let [one, two] = ports;
    let url = format!(
        "postgres://rubrica_service@127.0.0.1:{one},127.0.0.1:{two}/{database}?sslmode=disable"
    );
    TestApp::with(Options {
        postgres: Some(postgres),
        database: Some(database.to_owned()),
        settings: vec![
            ("database.url", url),
            ("database.connect_timeout", "500ms".to_owned()),
        ],
        ..Options::default()
    })
    .await
}

async fn upsert(app: &TestApp) -> Answer {
    let tenant = app.tenant().await;
    let body = json!({"email": "jane@example.com"});
    app.upsert(&tenant.key, &body).await
}

#[tokio::test]
async fn a_silent_first_server_does_not_delay_the_second() {
    let (postgres, database) = own_postgres().await;
    // The backlog of this listener accepts connections, but nothing reads them.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let silent = silent.local_addr().expect("it is bound").port();

    let app = on_servers(&postgres, &database, [silent, postgres.port()]).await;

    assert_eq!(upsert(&app).await.status, 200);
}

#[tokio::test]
async fn all_pools_connect_first_to_the_server_that_worked_last() {
    let (postgres, database) = own_postgres().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = silent.local_addr().expect("it is bound").port();
    let attempts = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&attempts);
    tokio::spawn(async move {
        let mut held = vec![];
        while let Ok((connection, _)) = silent.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            held.push(connection);
        }
    });
    let app = on_servers(&postgres, &database, [port, postgres.port()]).await;
    let tenant = app.tenant().await;
    let jane = json!({"email": "jane@example.com"});
    assert_eq!(app.upsert(&tenant.key, &jane).await.status, 200);
    let before = attempts.load(Ordering::Relaxed);

    let pair = [jane, json!({"email": "joe@example.com"})];
    let (batch, page, contact) = tokio::join!(
        app.upsert_batch(&tenant.key, &pair),
        app.list_contacts(&tenant.key, ""),
        app.get_contact(&tenant.key, "by-email/jane@example.com"),
    );

    assert_eq!([batch.status, page.status, contact.status], [200; 3]);
    assert!(before > 0);
    assert_eq!(attempts.load(Ordering::Relaxed), before);
}

#[tokio::test]
async fn a_read_only_server_is_skipped() {
    let (postgres, database) = own_postgres().await;
    let (readable, _) = own_postgres().await;
    let admin = readable.client("postgres", "postgres").await;
    let sql = format!("create database {database} owner rubrica_owner");
    admin.batch_execute(&sql).await.expect("it is created");
    migrate(&readable, &database).await;
    let sql = "alter system set default_transaction_read_only = on";
    admin.batch_execute(sql).await.expect("it is set");
    admin
        .batch_execute("select pg_reload_conf()")
        .await
        .expect("it is read again");

    let app = on_servers(&postgres, &database, [readable.port(), postgres.port()]).await;
    assert_eq!(upsert(&app).await.status, 200);
    assert_eq!(app.count("select count(*) from contacts").await, 1);
    let alone = Binary::on(&readable, &database)
        .set("RUBRICA__DATABASE__DEADLINE", "300ms")
        .serve()
        .await;
    alone.until_log("read_only").await;

    assert_eq!(alone.ops("/readyz").await.status, 503);
}

#[tokio::test]
async fn dead_idle_connections_are_replaced_within_the_deadline() {
    let (postgres, database) = own_postgres().await;
    let proxy = Proxy::to(postgres.port()).await;
    let app = on_servers(&postgres, &database, [proxy.port, proxy.port]).await;
    let tenant = app.tenant().await;
    let list = async || {
        let request = app.request(Method::GET, "/public/v1/contacts");
        request.bearer_auth(&tenant.key).answer().await.status
    };
    let statuses = join_all((0..8).map(|_| list())).await;
    assert_eq!(statuses, [200; 8]);
    let body = json!({"email": "jane@example.com"});
    assert_eq!(app.upsert(&tenant.key, &body).await.status, 200);

    // The connections have to be idle for longer than a second before a call tests them.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    proxy.silence_connections();

    for _ in 0..4 {
        assert_eq!(list().await, 200);
        assert_eq!(app.upsert(&tenant.key, &body).await.status, 200);
    }
}

#[tokio::test]
async fn connections_are_replaced_after_their_lifetime_without_errors() {
    let app = TestApp::with_settings(&[("database.connection_lifetime", "500ms")]).await;
    let tenant = app.tenant().await;
    let body = json!({"email": "jane@example.com"});
    assert_eq!(app.upsert(&tenant.key, &body).await.status, 200);
    let client = app.sql().await;
    // The Postgres sessions that serve the calls now.
    let at_work = async || -> Vec<i32> {
        let now = client.query_one("select clock_timestamp()::text", &[]);
        let now: String = now.await.expect("a time").get(0);
        for _ in 0..10 {
            assert_eq!(app.upsert(&tenant.key, &body).await.status, 200);
        }
        let sql = "
            select pid from pg_stat_activity
            where datname = current_database() and usename = 'rubrica_service'
                and query_start > $1::text::timestamptz";
        let rows = client.query(sql, &[&now]).await.expect("rows");
        rows.iter().map(|row| row.get(0)).collect()
    };
    let before = at_work().await;

    eventually("new connections", at_work, |pids| {
        pids.iter().all(|pid| !before.contains(pid))
    })
    .await;
}
