//! A primary and a hot standby: acknowledgements, reads and promotion.

use futures_util::future::join_all;
use rubrica::domain::Scope;
use serde_json::{Value, json};

use crate::harness::{Answer, Options, Postgres, Proxy, Tenant, TestApp, eventually, migrate};

/// A primary with a migrated database, and a hot standby of it.
struct Pair {
    primary: Postgres,
    standby: Postgres,
    database: String,
}

impl Pair {
    async fn start() -> Self {
        let primary = Postgres::start().await;
        let database = primary.empty_database().await;
        migrate(&primary, &database).await;
        let standby = primary.standby().await;
        Self {
            primary,
            standby,
            database,
        }
    }

    /// The service with these servers, in the form of a URL.
    async fn service(&self, servers: &str, parameters: &str, settings: &[(&str, &str)]) -> TestApp {
        let url = format!(
            "postgres://rubrica_service@{servers}/{}?sslmode=disable{parameters}",
            self.database
        );
        let settings = settings
            .iter()
            .map(|(key, value)| (*key, (*value).to_owned()));
        TestApp::with(Options {
            postgres: Some(&self.primary),
            database: Some(self.database.clone()),
            settings: settings.chain([("database.url", url)]).collect(),
            ..Options::default()
        })
        .await
    }

    /// Waits until the standby has the one contact of the primary.
    async fn until_copied(&self) {
        let copied = async || self.contacts(&self.standby).await;
        eventually("the copy", copied, |copied| copied.len() == 1).await;
    }

    async fn contacts(&self, server: &Postgres) -> Vec<String> {
        let client = server.client("postgres", &self.database).await;
        let rows = client.query("select email from contacts", &[]).await;
        rows.expect("rows").iter().map(|row| row.get(0)).collect()
    }
}

fn jane(plan: &str) -> Value {
    json!({"email": "jane@example.com", "customFields": {"plan": plan}})
}

#[tokio::test]
async fn a_standby_neither_acknowledges_upserts_nor_serves_old_data() {
    let pair = Pair::start().await;
    let proxy = Proxy::to(pair.primary.port()).await;
    // As behind a pooler that moves sessions: the role of a server is not checked when connecting.
    let app = pair
        .service(
            &format!("127.0.0.1:{}", proxy.port),
            "&target_session_attrs=any",
            &[("database.deadline", "700ms")],
        )
        .await;
    let tenant = app.tenant().await;
    let old = app.upsert(&tenant.key, &jane("old")).await.result();
    let id = old["contactId"].as_str().expect("an id");
    pair.until_copied().await;
    let sql = "select pg_wal_replay_pause()";
    pair.standby.administer(sql).await;
    app.upsert(&tenant.key, &jane("new")).await.result();

    proxy.lead_to(pair.standby.port());
    proxy.cut_connections();
    let batch = [jane("old"), json!({"email": "joe@example.com"})];
    for _ in 0..2 {
        let answer = app.upsert(&tenant.key, &jane("old")).await;
        answer.error(503, "service_unavailable");
        // The header says that the call can be repeated.
        assert!(!answer.header("retry-after").is_empty());
        for rest in [id, "by-email/jane@example.com"] {
            let answer = app.get_contact(&tenant.key, rest).await;
            answer.error(503, "service_unavailable");
        }
        let answer = app.list_contacts(&tenant.key, "limit=1").await;
        answer.error(503, "service_unavailable");
        let answer = app.put_contact(&tenant.key, id, &jane("old")).await;
        answer.error(503, "service_unavailable");
        let answer = app.delete_contact(&tenant.key, id).await;
        answer.error(503, "service_unavailable");
        let answer = app.upsert_batch(&tenant.key, &batch).await;
        let refused = &answer.json()[0]["error"]["code"];
        assert!(
            answer.status == 503 || refused == "service_unavailable",
            "{}",
            answer.text
        );
    }
    proxy.lead_to(pair.primary.port());

    let found = async || app.get_contact(&tenant.key, id).await;
    let is_current =
        |answer: &Answer| answer.status == 200 && answer.json()["customFields"]["plan"] == "new";
    eventually("the current contact", found, is_current).await;
}

/// Upserts new contacts until one is acknowledged, and returns its email.
async fn until_acknowledged(app: &TestApp, tenant: &Tenant, name: &str) -> String {
    let mut number = 0;
    let upsert = async || {
        number += 1;
        let email = format!("{name}{number}@example.com");
        let answer = app.upsert(&tenant.key, &json!({"email": email})).await;
        if answer.status != 200 {
            answer.error(503, "service_unavailable");
        }
        (answer.status, email)
    };
    let (_, email) = eventually(name, upsert, |(status, _)| *status == 200).await;
    email
}

#[tokio::test]
async fn the_first_connection_to_a_promoted_standby_ends_those_to_the_old_primary() {
    let pair = Pair::start().await;
    let proxy = Proxy::to(pair.primary.port()).await;
    let app = pair
        .service(&format!("127.0.0.1:{}", proxy.port), "", &[])
        .await;
    let tenant = app.tenant().await;
    // These connections would stay open, because the old primary still runs.
    app.upsert(&tenant.key, &jane("old")).await.result();
    let list = async || app.list_contacts(&tenant.key, "limit=1").await.status;
    assert_eq!(list().await, 200);
    pair.until_copied().await;

    pair.standby.promote().await;
    proxy.lead_to(pair.standby.port());
    // More concurrent calls than open connections, so that some connections are new.
    let sql = "begin; lock table contacts in access exclusive mode";
    let lock = pair.primary.client("postgres", &pair.database).await;
    lock.batch_execute(sql).await.expect("a lock");
    let lists = join_all((0..8).map(|_| list())).await;
    assert_eq!(lists, [200; 8]);
    lock.batch_execute("rollback").await.expect("its end");

    let mut acknowledged = vec![];
    for number in 0..10 {
        let name = format!("joe{number}");
        acknowledged.push(until_acknowledged(&app, &tenant, &name).await);
    }
    let promoted = pair.contacts(&pair.standby).await;
    assert!(acknowledged.iter().all(|email| promoted.contains(email)));
    assert_eq!(pair.contacts(&pair.primary).await.len(), 1);
}

#[tokio::test]
async fn the_promoted_one_of_several_servers_has_every_acknowledged_upsert() {
    let pair = Pair::start().await;
    pair.primary.wait_for_standbys("*").await;
    let servers = format!(
        "127.0.0.1:{},127.0.0.1:{}",
        pair.primary.port(),
        pair.standby.port()
    );
    let app = pair.service(&servers, "", &[]).await;
    let tenant = app.tenant().await;
    let mut acknowledged = vec![until_acknowledged(&app, &tenant, "before").await];

    let load = join_all((0..4).map(async |caller| {
        let mut acknowledged = vec![];
        for number in 0..50 {
            let email = format!("jane{caller}.{number}@example.com");
            let answer = app.upsert(&tenant.key, &json!({"email": email})).await;
            match answer.status {
                200 => acknowledged.push(email),
                503 => {}
                status => panic!("{status}: {}", answer.text),
            }
        }
        acknowledged
    }));
    let failover = async {
        let upserts = async || app.metric(&["rubrica_upserts_total"]).await;
        eventually("load", upserts, |count| *count > 20.0).await;
        pair.primary.stop("QUIT");
        pair.standby.promote().await;
    };
    let (load, ()) = tokio::join!(load, failover);

    acknowledged.extend(load.into_iter().flatten());
    acknowledged.push(until_acknowledged(&app, &tenant, "after").await);
    let promoted = pair.contacts(&pair.standby).await;
    let lost: Vec<_> = acknowledged
        .iter()
        .filter(|email| !promoted.contains(email))
        .collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[tokio::test]
async fn an_unchanged_upsert_is_acknowledged_only_once_its_contact_is_on_the_standby() {
    let pair = Pair::start().await;
    pair.primary.wait_for_standbys("*").await;
    let server = format!("127.0.0.1:{}", pair.primary.port());
    let settings = [("database.deadline", "1s")];
    let app = pair.service(&server, "", &settings).await;
    let scopes = [
        Scope::ContactsRead,
        Scope::ContactsWrite,
        Scope::ContactsErase,
    ];
    let tenant = app.tenant_with_scopes(&scopes).await;
    let upsert = async || app.upsert(&tenant.key, &jane("one")).await.status;
    eventually("a first upsert", upsert, |status| *status == 200).await;

    // The upsert is written and waits for the standby. After a crash it can be read.
    pair.standby.stop("INT");
    let answer = app.upsert(&tenant.key, &jane("two")).await;
    answer.error(503, "service_unavailable");
    pair.primary.stop("QUIT");
    pair.primary.run();
    pair.primary.wait().await;
    let find = async || {
        app.get_contact(&tenant.key, "by-email/jane@example.com")
            .await
    };
    let found = eventually("the contact", find, |answer| answer.status == 200).await;
    let contact = found.json();
    assert_eq!(contact["customFields"]["plan"], "two");

    let id = contact["contactId"].as_str().expect("an id");
    let (two, joe) = (jane("two"), json!({"email": "joe@example.com"}));
    let batch = [two.clone(), two.clone()];
    let change = json!({"customFields": {"plan": "two"}});
    for _ in 0..3 {
        let (upsert, put, batch, lifted, read) = tokio::join!(
            app.upsert(&tenant.key, &two),
            app.put_contact(&tenant.key, id, &change),
            app.upsert_batch(&tenant.key, &batch),
            app.lift_suppressions(&tenant.key, &joe),
            find(),
        );
        for answer in [&upsert, &put, &lifted] {
            answer.error(503, "service_unavailable");
        }
        let refused = &batch.json()[0]["error"]["code"];
        assert!(
            batch.status == 503 || refused == "service_unavailable",
            "{}",
            batch.text
        );
        assert_eq!(read.status, 200);
        let upsert = app.upsert(&tenant.key, &two).await;
        upsert.error(503, "service_unavailable");
    }
    pair.standby.run();
    pair.standby.wait().await;

    let upsert = async || app.upsert(&tenant.key, &jane("two")).await;
    let is_unchanged =
        |answer: &Answer| answer.status == 200 && answer.result()["outcome"] == "unchanged";
    eventually("the same upsert", upsert, is_unchanged).await;
    let client = pair.standby.client("postgres", &pair.database).await;
    let sql = "select custom_fields ->> 'plan' from contacts where email = 'jane@example.com'";
    let plan = async || {
        let row = client.query_one(sql, &[]).await.expect("a contact");
        row.get::<_, String>(0)
    };
    eventually("the copy", plan, |plan| plan == "two").await;
}

#[tokio::test]
async fn an_unchanged_upsert_without_a_synchronous_standby_writes_nothing() {
    let postgres = Postgres::start().await;
    let database = postgres.empty_database().await;
    migrate(&postgres, &database).await;
    let app = TestApp::with(Options {
        postgres: Some(&postgres),
        database: Some(database),
        ..Options::default()
    })
    .await;
    let tenant = app.tenant().await;
    app.upsert(&tenant.key, &jane("one")).await.result();
    let client = app.sql().await;
    let transactions = async || -> i64 {
        let sql = "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint";
        client.query_one(sql, &[]).await.expect("a number").get(0)
    };

    // A flush of usage may come in between.
    let written = async || {
        let before = transactions().await;
        let answer = app.upsert(&tenant.key, &jane("one")).await;
        assert_eq!(answer.result()["outcome"], "unchanged");
        transactions().await - before
    };
    eventually("an upsert that writes nothing", written, |count| {
        *count == 0
    })
    .await;
}
