//! Replicas behind a proxy that checks `/readyz` are replaced without an effect on callers.

use crate::harness::{Binary, Cluster, Load, TestApp};

const CALLERS: usize = 8;

#[tokio::test]
async fn replicas_are_replaced_one_by_one_and_no_request_fails() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("1000000/1s").await;
    let rubrica = Binary::of(&app);
    let mut cluster = Cluster::start(&rubrica).await;
    let load = Load::start(&cluster.url("/public/v1/contacts"), &tenant.key, CALLERS);
    load.go_on_for(50).await;

    for _ in 0..3 {
        cluster.replace_oldest(&rubrica).await;
        load.go_on_for(50).await;
    }

    let report = load.stop().await;
    assert_eq!(report.failures, Vec::<String>::new());
    report.assert_stored(&app.sql().await).await;
}

#[tokio::test]
async fn a_killed_replica_loses_nothing_that_was_acknowledged() {
    let app = TestApp::start().await;
    let tenant = app.tenant_with_limit("1000000/1s").await;
    let rubrica = Binary::of(&app);
    let mut cluster = Cluster::start(&rubrica).await;
    let load = Load::start(&cluster.url("/public/v1/contacts"), &tenant.key, CALLERS);
    load.go_on_for(50).await;

    cluster.kill_oldest().await;
    load.go_on_for(100).await;

    let report = load.stop().await;
    // Each caller had one request in flight.
    assert!(report.failures.len() <= CALLERS, "{:?}", report.failures);
    report.assert_stored(&app.sql().await).await;
}
