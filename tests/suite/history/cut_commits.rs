//! Answers to COMMIT that never arrive: nobody knows what was written, and nothing contradicts what was
//! acknowledged.

use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::future::join_all;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::{History, read, write};
use crate::harness::{Proxy, Tenant, TestApp, postgres};

const SEED: u64 = 20;
const CALLERS: u64 = 8;
const CALLS: usize = 60;
const CONTACTS: [&str; 3] = ["jane@example.com", "joe@example.com", "june@example.com"];
/// One in so many.
const CUT: usize = 5;

/// Three replicas, each with its own connections to one database.
async fn replicas(app: &TestApp) -> (Vec<TestApp>, Vec<Proxy>) {
    let mut replicas = vec![];
    let mut proxies = vec![];
    for _ in 0..3 {
        let proxy = Proxy::to_postgres(postgres().await.port()).await;
        replicas.push(app.replica_behind(&proxy, &[]).await);
        proxies.push(proxy);
    }
    (replicas, proxies)
}

/// One caller's calls, two of three of which write.
async fn call(
    replicas: &[TestApp],
    tenant: &Tenant,
    seed: u64,
    next: &AtomicU32,
) -> [History; CONTACTS.len()] {
    let mut random = StdRng::seed_from_u64(seed);
    let mut histories = <[History; CONTACTS.len()]>::default();
    for _ in 0..CALLS {
        let place = random.random_range(0..CONTACTS.len());
        let replica = &replicas[random.random_range(0..replicas.len())];
        let (key, email, history) = (&tenant.key, CONTACTS[place], &mut histories[place]);
        if random.random_ratio(2, 3) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            history
                .writes
                .push(write(replica, key, email, number).await);
        } else {
            history.reads.extend(read(replica, key, email).await);
        }
    }
    histories
}

#[tokio::test]
async fn cut_answers_to_commit_on_three_replicas_lose_nothing_that_was_acknowledged() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("1000000/1s").await;
    let (replicas, proxies) = replicas(&app).await;
    for proxy in &proxies {
        proxy.cut_commits(CUT);
    }

    let next = AtomicU32::new(0);
    let callers = (0..CALLERS).map(|caller| call(&replicas, &tenant, SEED + caller, &next));
    let callers = join_all(callers).await;

    let mut written_unknown = 0;
    for (place, email) in CONTACTS.into_iter().enumerate() {
        let mut history = History::default();
        for histories in &callers {
            history.writes.extend_from_slice(&histories[place].writes);
            history.reads.extend_from_slice(&histories[place].reads);
        }
        let end = read(&app, &tenant.key, email).await;
        let end = end.expect("nothing cuts this one");
        let unknown = |write: &&super::Write| write.acknowledged.is_none();
        let unknown = history.writes.iter().filter(unknown);
        written_unknown += unknown.filter(|it| end.seen.contains(&it.number)).count();
        history.reads.push(end);

        assert_eq!(history.check(), Ok(()), "{email}: {history:#?}");
    }
    assert!(proxies.iter().all(|proxy| proxy.commits_cut() > 0));
    assert!(written_unknown > 0, "no cut came after a COMMIT");
}
