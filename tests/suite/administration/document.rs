//! The responses of the admin API match its OpenAPI document.

use reqwest::Method;
use rubrica::domain::Role;
use serde_json::json;

use crate::harness::{PASSWORD, SendAndRead, Session, TestApp, assert_snapshot};
use crate::openapi::{Operation, Specification};

/// The records that the examples name. They are reset before each call, so that calls do not affect each
/// other.
const EXAMPLES: &str = "
    insert into admins (id, email, password_hash, company_id)
    overriding system value
    select 2, 'hopper@example.com', ada.password_hash, companies.id
    from admins as ada, companies
    where ada.id = 1
    on conflict do nothing;
    update api_keys set revoked_at = null, expires_at = null, replaced_by = null
    where client_id = 'abcdefghij27';
    update admins set
        invitation_digest = sha256('60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752'),
        invitation_expires_at = now() + interval '1 hour',
        disabled_at = null
    where id = 2;
    delete from admin_sessions where expires_at = '2126-01-31';
    with session as (
        insert into admin_sessions (admin_id, created_at, expires_at)
        values (2, now(), '2126-01-31')
        returning id
    )
    insert into admin_refresh_tokens (digest, session_id, issued_at)
    select sha256('9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'), id, now()
    from session";

async fn app_with_examples() -> (TestApp, Session) {
    let app = TestApp::start().await;
    let ada = app.admin("ada@example.com", Role::Operator).await;
    let tenant = app.tenant().await;
    let hopper = Role::CompanyAdmin(tenant.company);
    app.admin("hopper@example.com", hopper).await;
    let sql = "update api_keys set client_id = 'abcdefghij27'";
    app.sql().await.batch_execute(sql).await.expect("a key");
    let answer = app.sign_in("ada@example.com", PASSWORD).await;
    let session = Session::of(ada.admin_id.to_string(), ada.email, &answer);
    (app, session)
}

/// As if the administrator of the examples had never accepted the invitation.
const INVITED: &str = "
    delete from admin_sessions where admin_id = 2;
    update admins set password_hash = null where id = 2";

/// First the deletion, which needs an administrator who never did anything. Last the operations that end
/// the caller's session.
fn ordered(specification: &Specification) -> Vec<Operation<'_>> {
    let mut operations = specification.operations();
    operations.sort_by_key(|it| match it.value["operationId"].as_str() {
        Some("deleteAdmin") => 0,
        Some("changePassword") => 2,
        _ => 1,
    });
    operations
}

#[tokio::test]
async fn the_example_of_every_operation_works_and_its_response_matches_the_document() {
    let (app, session) = app_with_examples().await;
    let specification = Specification::of_administration(&app).await;
    let sql = app.sql().await;

    for operation in ordered(&specification) {
        let is_read = operation.method == Method::GET;
        for with_optional in [Some(false).filter(|_| is_read), Some(true)]
            .into_iter()
            .flatten()
        {
            sql.batch_execute(EXAMPLES).await.expect("the examples");
            if operation.value["operationId"] == "deleteAdmin" {
                sql.batch_execute(INVITED).await.expect("an invitation");
            }
            let request = operation.request(&app, &specification, with_optional);
            let answer = request.bearer_auth(&session.access_token).answer().await;

            let what = format!("{}: {}", operation.name(), answer.text);
            assert_eq!(answer.status, operation.success(), "{what}");
            specification.check_answer(&operation, &answer);
            // A read without its filters shows more.
            if with_optional != is_read && !answer.text.is_empty() {
                assert_snapshot(&operation.snapshot("admin", &answer), &answer.json());
            }
        }
    }
}

#[tokio::test]
async fn every_operation_is_described_and_has_an_id_of_its_own() {
    let app = TestApp::start().await;
    let specification = Specification::of_administration(&app).await;
    let mut ids = Vec::new();

    for operation in specification.operations() {
        let name = operation.name();
        let text = |member: &str| operation.value[member].as_str().unwrap_or_default();

        assert!(text("summary").ends_with('.'), "{name}");
        let is_write = operation.method != Method::GET;
        let words: Vec<&str> = text("description").split_whitespace().collect();
        let says = words.join(" ").to_lowercase().contains("safe to repeat: ");
        assert_eq!(says, is_write, "{name}");
        assert!(operation.value["tags"][0].is_string(), "{name}");
        ids.push(text("operationId").to_owned());
    }

    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "{ids:?}");
}

#[tokio::test]
async fn error_responses_match_the_document() {
    let (app, session) = app_with_examples().await;
    let specification = Specification::of_administration(&app).await;
    let call = |method: Method, path: &str| app.admin_call(method, &session, path);
    let login = || app.admin_request(Method::POST, "/admin/v1/login");
    let taken = json!({"email": "hopper@example.com", "role": "operator"});
    let large = "x".repeat(16 * 1024 + 1);
    app.admin_post(&session, "keys/abcdefghij27/revoke", &json!({}))
        .await;

    for (id, status, request) in [
        ("listCompanies", 400, call(Method::GET, "companies?limit=x")),
        ("listAuditEvents", 400, call(Method::GET, "audit?from=x")),
        (
            "getKeyUsage",
            400,
            call(Method::GET, "keys/abcdefghij27/usage?from=x"),
        ),
        ("getCompany", 400, call(Method::GET, "companies/x")),
        (
            "createCompany",
            400,
            call(Method::POST, "companies")
                .header("content-type", "application/json")
                .body("{"),
        ),
        ("getCompany", 404, call(Method::GET, "companies/999")),
        ("getKey", 404, call(Method::GET, "keys/aaaaaaaaaaaa")),
        (
            "inviteAdmin",
            409,
            call(Method::POST, "admins").json(&taken),
        ),
        (
            "rotateKey",
            409,
            call(Method::POST, "keys/abcdefghij27/rotate").json(&json!({})),
        ),
        ("disableAdmin", 403, call(Method::POST, "admins/1/disable")),
        (
            "createCompany",
            413,
            call(Method::POST, "companies")
                .header("content-type", "application/json")
                .body(large),
        ),
        (
            "createCompany",
            415,
            call(Method::POST, "companies").body("{}"),
        ),
        (
            "createCompany",
            422,
            call(Method::POST, "companies").json(&json!({})),
        ),
        ("signIn", 415, login().body("{}")),
        ("signIn", 422, login().json(&json!({}))),
    ] {
        let answer = request.answer().await;

        assert_eq!(answer.status, status, "{id}: {}", answer.text);
        let operation = specification.operation(id);
        specification.check_answer(&operation, &answer);
        assert_snapshot(&operation.snapshot("admin", &answer), &answer.json());
    }
}
