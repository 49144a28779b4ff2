//! The public port and the operations port.

use std::net::TcpListener;

use reqwest::Method;

use crate::harness::{Binary, SendAndRead, TestApp};

#[tokio::test]
async fn the_operations_port_serves_probes_and_metrics() {
    let app = TestApp::start().await;

    let (live, ready, metrics) = (
        app.ops("/livez").await,
        app.ops("/readyz").await,
        app.ops("/metrics").await,
    );

    assert_eq!((live.status, ready.status, metrics.status), (200, 200, 200));
    assert_eq!(ready.json()["status"], "ready");
    assert_eq!(ready.json()["postgres"], "up");
    assert!(
        metrics
            .header("content-type")
            .starts_with("application/openmetrics-text")
    );
    assert!(metrics.text.ends_with("# EOF\n"), "{}", metrics.text);
    for line in metrics.text.lines().filter(|line| !line.starts_with('#')) {
        let value = line.rsplit(' ').next().unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
}

#[tokio::test]
async fn neither_port_serves_what_belongs_to_the_other() {
    let app = TestApp::start().await;

    for path in ["/livez", "/readyz", "/metrics"] {
        let answer = app.request(Method::GET, path).answer().await;
        answer.error(404, "not_found");
    }
    assert_eq!(app.ops("/public/v1/contacts").await.status, 404);
}

#[tokio::test]
async fn a_port_in_use_is_a_one_line_error_that_names_the_setting() {
    let app = TestApp::start().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    for (variable, setting) in [
        ("RUBRICA__HTTP__LISTEN", "http.listen"),
        ("RUBRICA__OPS__LISTEN", "ops.listen"),
    ] {
        let run = Binary::of(&app).set(variable, &address).run(&["serve"]);

        assert!(run.error().contains(setting), "{run:?}");
        assert!(run.error().contains(&address), "{run:?}");
    }
}
