//! `rubrica admin list`, `disable`, `enable` and `reset-password`

use serde_json::{Value, json};

use super::{company, members, text};
use crate::harness::{Binary, PASSWORD, TestApp};

const NEW: &str = "another horse, another battery";

/// The program, with an operator and the administrator of a company.
async fn setting() -> (TestApp, Binary) {
    let app = TestApp::start().await;
    let rubrica = Binary::of(&app);
    let company = company(&rubrica, "Acme");
    let create = |options: &[&str]| {
        let arguments = [&["admin", "create"], options].concat();
        rubrica.run_with_input(&arguments, PASSWORD).text().len()
    };
    create(&["--email", "root@example.com"]);
    create(&["--email", "ada@example.com", "--company", &company]);
    (app, rubrica)
}

fn list(rubrica: &Binary) -> Value {
    rubrica.run(&["admin", "list", "--json"]).json()
}

async fn sign_in(app: &TestApp, password: &str) -> u16 {
    app.sign_in("ada@example.com", password).await.status
}

#[tokio::test]
async fn all_administrators_are_listed_with_their_roles() {
    let (_app, rubrica) = setting().await;

    let admins = list(&rubrica);

    assert_eq!(
        members(&admins[1]),
        [
            "adminId",
            "email",
            "role",
            "companyId",
            "state",
            "createdAt",
            "invitationExpiresAt"
        ]
    );
    for (index, name, value) in [
        (0, "email", json!("root@example.com")),
        (0, "role", json!("operator")),
        (0, "companyId", json!(null)),
        (1, "email", json!("ada@example.com")),
        (1, "role", json!("company_admin")),
        (1, "companyId", json!("1")),
        (1, "state", json!("active")),
    ] {
        assert_eq!(admins[index][name], value, "{index} {name}");
    }
    let run = rubrica.run(&["admin", "list"]);
    let lines: Vec<&str> = run.text().lines().collect();
    assert_eq!(lines.len(), 3, "{run:?}");
    for words in ["2", "ada@example.com", "company_admin", "active"] {
        assert!(lines[2].contains(words), "{run:?}");
    }
}

#[tokio::test]
async fn a_disabled_administrator_cannot_use_the_api_until_enabled() {
    let (app, rubrica) = setting().await;
    let change = |action: &str| {
        let run = rubrica.run(&["admin", action, "--email", "Ada@Example.com", "--json"]);
        text(&run.json()["state"]).to_owned()
    };
    let pair = app.sign_in("ada@example.com", PASSWORD).await.json();

    assert_eq!(change("disable"), "disabled");
    let access = text(&pair["accessToken"]);
    assert_eq!(app.me(access).await.status, 401);
    assert_eq!(sign_in(&app, PASSWORD).await, 401);
    assert_eq!(change("enable"), "active");
    assert_eq!(sign_in(&app, PASSWORD).await, 200);
    assert_eq!(app.me(access).await.status, 401);
}

#[tokio::test]
async fn a_password_is_set_from_standard_input_and_all_sessions_end() {
    let (app, rubrica) = setting().await;
    let pair = app.sign_in("ada@example.com", PASSWORD).await.json();
    let arguments = ["admin", "reset-password", "--email", "ada@example.com"];

    let short = rubrica.run_with_input(&arguments, "eleven char\n");
    assert!(short.error().contains("12 to 128 characters"), "{short:?}");
    assert_eq!(app.me(text(&pair["accessToken"])).await.status, 200);
    let reset = rubrica.run_with_input(&arguments, &format!("{NEW}\n"));

    assert!(reset.text().contains("active"), "{reset:?}");
    assert!(!reset.output.contains(NEW));
    assert_eq!(app.me(text(&pair["accessToken"])).await.status, 401);
    assert_eq!(sign_in(&app, PASSWORD).await, 401);
    assert_eq!(sign_in(&app, NEW).await, 200);
    let events = app.audit_events("admin.set_password").await;
    assert_eq!(events.len(), 1);
    assert!(text(&events[0]["actor"]).starts_with("cli:"), "{events:?}");
}

#[tokio::test]
async fn an_unknown_administrator_is_a_one_line_error() {
    let (_app, rubrica) = setting().await;

    for action in ["disable", "enable", "reset-password"] {
        let arguments = ["admin", action, "--email", "nobody@example.com"];
        let run = rubrica.run_with_input(&arguments, NEW);

        let words = "there is no administrator nobody@example.com: see `rubrica admin list`";
        assert!(run.error().contains(words), "{run:?}");
        let run = rubrica.run(&["admin", action]);
        assert!(run.error().contains("--email"), "{run:?}");
    }
}
