//! The responses of the public API match its OpenAPI document.

use reqwest::Method;
use rubrica::domain::Scope;

use super::specification::{Specification, members};
use crate::harness::{SendAndRead, TestApp, assert_snapshot};

const ALL_SCOPES: [Scope; 5] = [
    Scope::ContactsRead,
    Scope::ContactsWrite,
    Scope::ContactsErase,
    Scope::CustomFieldsRead,
    Scope::CustomFieldsWrite,
];

#[tokio::test]
async fn the_example_of_every_operation_works_and_its_response_matches_the_document() {
    let app = TestApp::start().await;
    let specification = Specification::of(&app).await;
    let key = app.tenant_with_scopes(&ALL_SCOPES).await.key;

    for operation in specification.operations() {
        // Reads are repeated without their optional parameters.
        let is_read = operation.method == Method::GET;
        for with_optional in [Some(false).filter(|_| is_read), Some(true)]
            .into_iter()
            .flatten()
        {
            let request = operation.request(&app, &specification, with_optional);
            let answer = request.bearer_auth(&key).answer().await;

            assert_eq!(
                answer.status,
                operation.success(),
                "{}: {}",
                operation.name(),
                answer.text
            );
            specification.check_answer(&operation, &answer);
            // A read without its filters shows more.
            if with_optional != is_read && !answer.text.is_empty() {
                assert_snapshot(&operation.snapshot("public", &answer), &answer.json());
            }
        }
    }
}

#[tokio::test]
async fn every_operation_needs_a_key_and_the_scope_that_it_names() {
    let app = TestApp::start().await;
    let specification = Specification::of(&app).await;
    for operation in specification.operations() {
        let others: Vec<Scope> = ALL_SCOPES
            .into_iter()
            .filter(|scope| scope.as_str() != operation.scope())
            .collect();
        assert_eq!(others.len(), ALL_SCOPES.len() - 1, "{}", operation.name());
        let key = app.tenant_with_scopes(&others).await.key;

        let request = || operation.request(&app, &specification, true);
        let without_key = request().answer().await;
        let without_scope = request().bearer_auth(&key).answer().await;

        without_key.error(401, "unauthorized");
        specification.check_answer(&operation, &without_key);
        let error = without_scope.error(403, "forbidden");
        assert_eq!(error["details"]["scope"], operation.scope());
        specification.check_answer(&operation, &without_scope);
    }
}

#[tokio::test]
async fn every_path_accepts_exactly_the_documented_methods() {
    let app = TestApp::start().await;
    for specification in [
        Specification::of(&app).await,
        Specification::of_administration(&app).await,
    ] {
        for operation in specification.operations() {
            let item = members(&specification.0["paths"][operation.path]);
            let mut documented: Vec<String> = item.keys().map(|name| name.to_uppercase()).collect();
            documented.sort();
            // No route accepts TRACE. The path has the examples of the operation.
            let url = operation.request(&app, &specification, true).build();
            let path = url.expect("a request").url().path().to_owned();

            let answer = app.request(Method::TRACE, &path).answer().await;

            let mut taken: Vec<&str> = answer.header("allow").split(", ").collect();
            taken.sort_unstable();
            // HEAD works like GET and is not documented separately.
            if documented.iter().any(|name| name == "GET") {
                documented.push("HEAD".to_owned());
                documented.sort();
            }
            assert_eq!(taken, documented, "{path}");
            specification.check_answer(&operation, &answer);
        }
    }
}

#[tokio::test]
async fn error_responses_match_the_document() {
    let app = TestApp::start().await;
    let specification = Specification::of(&app).await;
    let tenant = app.tenant().await;
    let exhausted = app.tenant_with_limit("1/24h").await.key;
    let jane = serde_json::json!({"email": "jane@example.com"});
    let joe = serde_json::json!({"email": "joe@example.com", "phone": "+393391234567"});
    app.upsert(&exhausted, &jane).await.result();
    let id = app.upsert(&tenant.key, &jane).await.result()["contactId"].clone();
    let id = id.as_str().expect("an id");
    app.upsert(&tenant.key, &joe).await.result();
    let conflict = serde_json::json!({"email": "jane@example.com", "phone": "+393391234567"});
    let invalid = serde_json::json!({"email": "x", "phone": 3, "marketingConsent": {"sms": true}});
    let batch = serde_json::json!({"contacts": [jane, invalid, conflict]});
    let post = |path: &str| {
        let path = format!("/public/v1/contacts{path}");
        app.request(Method::POST, &path).bearer_auth(&tenant.key)
    };
    let stale = app
        .contact(Method::DELETE, &tenant.key, id)
        .header("if-match", "\"1\"");
    let large = "x".repeat(8 * 1024 * 1024 + 1);

    for (id, status, request) in [
        (
            "listContacts",
            400,
            app.contact(Method::GET, &tenant.key, "../contacts?limit=x"),
        ),
        (
            "getContact",
            404,
            app.contact(Method::GET, &tenant.key, "999999999"),
        ),
        ("upsertContact", 409, post("").json(&conflict)),
        (
            "updateContact",
            409,
            app.contact(Method::PATCH, &tenant.key, id).json(&joe),
        ),
        ("deleteContact", 412, stale),
        (
            "upsertContacts",
            413,
            post("/batch")
                .header("content-type", "application/json")
                .body(large),
        ),
        ("upsertContact", 415, post("").body("{}")),
        ("upsertContact", 422, post("").json(&invalid)),
        ("upsertContacts", 422, post("/batch").json(&jane)),
        ("upsertContacts", 207, post("/batch").json(&batch)),
        (
            "upsertContact",
            429,
            app.post_contact(&exhausted).json(&jane),
        ),
    ] {
        let answer = request.answer().await;

        assert_eq!(answer.status, status, "{id}: {}", answer.text);
        let operation = specification.operation(id);
        specification.check_answer(&operation, &answer);
        assert_snapshot(&operation.snapshot("public", &answer), &answer.json());
    }
}
