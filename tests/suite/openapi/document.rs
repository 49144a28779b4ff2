//! Rules for both OpenAPI documents.

use reqwest::Method;
use serde_json::{Map, Value};

use super::specification::{Specification, members};
use crate::harness::{Options, SendAndRead, TestApp, assert_snapshot};

#[tokio::test]
async fn the_documents_need_no_key() {
    let app = TestApp::start_unready(Options::default()).await;

    for path in ["/openapi.json", "/admin/openapi.json"] {
        let answer = app.request(Method::GET, path).answer().await;
        let other = app.request(Method::POST, path).answer().await;

        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.json()["openapi"], "3.1.0");
        assert!(!answer.headers.contains_key("ratelimit"));
        other.error(405, "method_not_allowed");
        assert_eq!(other.header("allow"), "GET, HEAD");
    }
}

#[tokio::test]
async fn every_operation_is_described_and_has_an_id_of_its_own() {
    let app = TestApp::start_unready(Options::default()).await;
    let specification = Specification::of(&app).await;
    let mut ids = Vec::new();

    for operation in specification.operations() {
        let name = operation.name();
        let text = |member: &str| operation.value[member].as_str().unwrap_or_default();

        assert!(text("summary").ends_with('.'), "{name}");
        let description = text("description");
        let scope = format!("Needs the scope `{}`.", operation.scope());
        assert!(description.contains(&scope), "{name}");
        assert!(operation.value["tags"][0].is_string(), "{name}");
        let is_write = operation.method != Method::GET;
        assert_eq!(description.contains("Safe to repeat: "), is_write, "{name}");
        ids.push(text("operationId").to_owned());
    }

    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "{ids:?}");
    assert!(ids.iter().all(|id| !id.is_empty()));
}

#[tokio::test]
async fn every_header_body_and_response_has_an_example_that_matches_its_schema() {
    let app = TestApp::start_unready(Options::default()).await;

    for specification in [
        Specification::of(&app).await,
        Specification::of_administration(&app).await,
    ] {
        let mut examples = Vec::new();
        collect(&specification.0, "", &mut examples);

        assert!(examples.len() > 40, "{}", examples.len());
        for (place, value) in examples {
            let example = value.get("example");
            let example = example.unwrap_or_else(|| panic!("no example at {place}"));
            specification.check(&value["schema"], example, &place);
        }
    }
}

#[tokio::test]
async fn both_documents_describe_the_same_error_envelope() {
    let app = TestApp::start_unready(Options::default()).await;

    for specification in [
        Specification::of(&app).await,
        Specification::of_administration(&app).await,
    ] {
        let schemas = members(&specification.0["components"]["schemas"]).iter();
        let of_errors = schemas.filter(|(name, _)| name.starts_with("Error"));
        let of_errors: Map<String, Value> = of_errors
            .map(|(name, schema)| (name.clone(), schema.clone()))
            .collect();
        assert_snapshot("openapi.error", &of_errors);
    }
}

/// All headers and bodies: everything with a schema except parameters.
fn collect<'a>(value: &'a Value, place: &str, found: &mut Vec<(String, &'a Value)>) {
    if value.get("schema").is_some() {
        if value.get("in").is_some() {
            return;
        }
        found.push((place.to_owned(), value));
        return;
    }
    match value {
        Value::Object(_) => {
            for (name, member) in members(value) {
                collect(member, &format!("{place}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &format!("{place}/{index}"), found);
            }
        }
        _ => {}
    }
}
