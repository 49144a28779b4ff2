//! The Postgres sessions of calls that were given up.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tokio_postgres::Client;

use crate::harness::{Options, Postgres, Proxy, Tenant, TestApp, eventually, migrate};

/// The default of `database.max_connections`.
const MAX_CONNECTIONS: usize = 16;

/// A service on a server of its own, whose sessions differ by name from those of the tests.
struct Service {
    postgres: Postgres,
    /// Creates companies and keys.
    provisioning: TestApp,
    app: TestApp,
    tenant: Tenant,
}

impl Service {
    /// Starts it on a server, which it reaches through the proxy, if any.
    async fn start(postgres: Postgres, proxy: Option<&Proxy>, settings: &[(&str, &str)]) -> Self {
        let database = postgres.empty_database().await;
        migrate(&postgres, &database).await;
        let provisioning = TestApp::with(Options {
            postgres: Some(&postgres),
            database: Some(database.clone()),
            ..Options::default()
        })
        .await;
        let tenant = provisioning.tenant_with_limit("1000000/1s").await;
        let url = format!(
            "postgres://rubrica_service@127.0.0.1:{}/{database}?sslmode=disable&application_name=tested",
            proxy.map_or(postgres.port(), |proxy| proxy.port)
        );
        let settings = settings
            .iter()
            .map(|(key, value)| (*key, (*value).to_owned()));
        let app = TestApp::with(Options {
            postgres: Some(&postgres),
            database: Some(database),
            settings: settings.chain([("database.url", url)]).collect(),
            ..Options::default()
        })
        .await;
        let service = Self {
            postgres,
            provisioning,
            app,
            tenant,
        };
        service.until_upserted("jane").await;
        service
    }

    async fn upsert(&self, name: &str) -> u16 {
        let body = json!({"email": format!("{name}@example.com")});
        self.app.upsert(&self.tenant.key, &body).await.status
    }

    async fn until_upserted(&self, name: &str) {
        let status = async || self.upsert(name).await;
        eventually("an upsert", status, |status| *status == 200).await;
    }

    async fn until_listed(&self) {
        let status = async || self.list().await;
        eventually("a list", status, |status| *status == 200).await;
    }

    async fn list(&self) -> u16 {
        self.app
            .list_contacts(&self.tenant.key, "limit=1")
            .await
            .status
    }

    async fn look_up(&self) -> u16 {
        let handle = "by-email/jane@example.com";
        self.app.get_contact(&self.tenant.key, handle).await.status
    }

    async fn administrator(&self) -> Client {
        self.provisioning.sql().await
    }
}

/// The Postgres sessions of the service under test.
async fn sessions(administrator: &Client, condition: &str) -> BTreeSet<i32> {
    let sql = format!(
        "select pid from pg_stat_activity where application_name = 'tested' and {condition}"
    );
    let rows = administrator.query(&sql, &[]).await.expect("rows");
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn upserts_that_wait_for_a_standby_leave_no_session_and_delay_no_read() {
    let settings = [("database.deadline", "1s")];
    let service = Service::start(Postgres::start().await, None, &settings).await;
    let administrator = service.administrator().await;
    assert_eq!(service.look_up().await, 200);

    service.postgres.wait_for_standbys("nobody").await;
    let upserts = join_all((0..50).map(async |n| service.upsert(&format!("joe{n}")).await));
    let reads = async {
        let (mut most, mut answers) = (0, vec![]);
        while answers.len() < 20 {
            let at_work = sessions(&administrator, "state <> 'idle'").await;
            most = most.max(at_work.len());
            answers.push(service.look_up().await);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        (most, answers)
    };
    let (upserts, (most, reads)) = tokio::join!(upserts, reads);

    assert_eq!(upserts, [503; 50]);
    assert_eq!(reads, [200; 20]);
    assert!(most <= MAX_CONNECTIONS, "{most} sessions are at work");
    let active = async || sessions(&administrator, "state <> 'idle'").await;
    eventually("the end of the sessions", active, BTreeSet::is_empty).await;
    let all = sessions(&administrator, "true").await;
    assert!(all.len() <= MAX_CONNECTIONS, "{all:?}");
    service.postgres.wait_for_standbys("").await;
    service.until_upserted("joe").await;
}

#[tokio::test]
async fn a_lookup_has_the_lock_timeout_of_an_upsert() {
    let settings = [
        ("database.lock_timeout", "200ms"),
        ("database.statement_timeout", "60s"),
        ("database.deadline", "60s"),
    ];
    let service = Service::start(Postgres::start().await, None, &settings).await;
    let lock = service.administrator().await;
    let sql = "begin; lock table contacts in access exclusive mode";
    lock.batch_execute(sql).await.expect("a lock");
    let retries = async || {
        let words = ["database_retries", "find_contact_by_email", "lock_timeout"];
        service.app.metric(&words).await
    };

    let (found, ()) = tokio::join!(service.look_up(), async {
        eventually("another attempt", retries, |count| *count > 0.0).await;
        lock.batch_execute("rollback").await.expect("its end");
    });

    assert_eq!(found, 200);
}

/// Sends a signal to processes of Postgres.
fn signal(signal: &str, processes: &BTreeSet<i32>) {
    for process in processes {
        // One may have ended meanwhile.
        let _ = Command::new("kill")
            .args(["-s", signal, &process.to_string()])
            .output();
    }
}

#[tokio::test]
async fn stuck_sessions_keep_their_slots_and_calls_are_refused() {
    let settings = [
        ("database.deadline", "500ms"),
        ("database.connect_timeout", "20s"),
    ];
    let service = Service::start(Postgres::start().await, None, &settings).await;
    let administrator = service.administrator().await;
    let answered = async || {
        service
            .app
            .metric(&["connection_wait_seconds_count", "calls"])
            .await
    };

    // The sessions stop answering, and no statement can be cancelled. New connections are served.
    let mut stopped = BTreeSet::new();
    let mut counts = vec![];
    let list = async || {
        let all = sessions(&administrator, "true").await;
        signal("STOP", &all);
        counts.push(all.len());
        stopped.extend(all);
        join_all((0..12).map(|_| service.list())).await;
        let before = answered().await;
        let status = service.list().await;
        (status, answered().await - before)
    };
    eventually("a refusal without a wait", list, |seen| *seen == (503, 0.0)).await;
    for _ in 0..5 {
        let all = sessions(&administrator, "true").await;
        signal("STOP", &all);
        stopped.extend(all);
        let statuses = join_all((0..12).map(|_| service.list())).await;
        assert_eq!(statuses, [503; 12]);
    }
    // An idle session that does not answer is abandoned; the others keep their slots.
    let all = sessions(&administrator, "true").await;
    assert!(all.len() <= 2 * MAX_CONNECTIONS, "{counts:?}");
    signal("CONT", &stopped);

    service.until_listed().await;
    service.until_upserted("jane").await;
    let all = sessions(&administrator, "true").await;
    assert!(all.len() <= MAX_CONNECTIONS, "{all:?}");
}

#[tokio::test]
async fn partitions_leave_no_more_sessions_than_the_pools_have_connections() {
    let postgres = Postgres::start().await;
    let proxy = Proxy::to(postgres.port()).await;
    let settings = [("database.deadline", "500ms")];
    let service = Service::start(postgres, Some(&proxy), &settings).await;
    let administrator = service.administrator().await;

    for round in 0..5 {
        let calls = async || [service.list().await, service.upsert("jane").await];
        eventually("two answers", calls, |statuses| *statuses == [200; 2]).await;
        proxy.silence_connections();
        let lists = join_all((0..8).map(|_| service.list()));
        let upserts = join_all((0..8).map(|_| service.upsert("jane")));
        tokio::join!(lists, upserts);
        let all = sessions(&administrator, "true").await;
        assert!(all.len() <= MAX_CONNECTIONS + 1, "round {round}: {all:?}");
        // Both kernels would do this after some seconds.
        proxy.cut_connections();
    }

    service.until_listed().await;
}

/// The kernel's connections of a port on loopback, each with the kind of its timer and the hundredths of a
/// second until it fires.
#[cfg(target_os = "linux")]
fn timers(port: u16) -> Vec<(String, u64)> {
    let connections = std::fs::read_to_string("/proc/net/tcp").expect("connections");
    let local = format!("0100007F:{port:04X}");
    let established = "01";
    let lines = connections
        .lines()
        .map(|line| line.split_whitespace().collect());
    lines
        .filter(|line: &Vec<&str>| line[1] == local && line[3] == established)
        .map(|line| {
            let (timer, when) = line[5].split_once(':').expect("a timer");
            (
                timer.to_owned(),
                u64::from_str_radix(when, 16).expect("a time"),
            )
        })
        .collect()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_server_sends_keepalives_to_a_silent_client_within_seconds() {
    let postgres = Postgres::start().await;
    let proxy = Proxy::to(postgres.port()).await;
    let service = Service::start(postgres, Some(&proxy), &[]).await;
    // The other connections belong to the tests.
    let ours: Vec<_> = timers(service.postgres.port())
        .into_iter()
        .filter(|(timer, when)| timer == "02" && *when <= 400)
        .collect();

    assert!(ours.len() >= sessions(&service.administrator().await, "true").await.len());
}
