//! The release before this one, with this one's schema and beside this one's replicas. `make check-upgrade`
//! builds it and says where it is.

use crate::harness::{Binary, Cluster, Load, postgres};

const CALLERS: usize = 4;

#[tokio::test]
#[ignore = "needs the previous release: make check-upgrade"]
async fn an_upgrade_and_its_rollback_fail_no_request_and_lose_no_contacts() {
    let previous = std::env::var("RUBRICA_PREVIOUS_RELEASE").expect("a program");
    let server = postgres().await;
    let database = server.empty_database().await;
    let new = Binary::on(server, &database);
    let old = new.clone().release(previous);
    old.run(&["migrate"]).text();
    let company = old.run(&["company", "create", "Acme", "--json"]).json();
    let company = company["companyId"].as_str().expect("an id");
    let limit = ["--rate-limit", "1000000/1s"];
    let create = [
        "key",
        "create",
        "--company",
        company,
        "--name",
        "CRM",
        "--json",
    ];
    let key = old.run(&[&create[..], &limit].concat()).json();
    let key = key["key"].as_str().expect("a key");
    let mut cluster = Cluster::start(&old).await;
    let load = Load::start(&cluster.url("/public/v1/contacts"), key, CALLERS);
    load.go_on_for(20).await;

    new.run(&["migrate"]).text();
    load.go_on_for(20).await;
    for release in [&new, &old] {
        for _ in 0..3 {
            cluster.replace_oldest(release).await;
            load.go_on_for(20).await;
        }
    }

    let report = load.stop().await;
    assert_eq!(report.failures, Vec::<String>::new());
    let owner = server.client("rubrica_owner", &database).await;
    report.assert_stored(&owner).await;
}
