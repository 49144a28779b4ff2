//! What client generators and linters need of both documents.

use serde_json::{Value, json};

use super::specification::{Specification, members, sent};
use crate::harness::{Options, TestApp};

async fn both() -> [Specification; 2] {
    let app = TestApp::start_unready(Options::default()).await;
    [
        Specification::of(&app).await,
        Specification::of_administration(&app).await,
    ]
}

/// Calls `look` with each value of a document and its position.
fn walk(value: &Value, place: &str, look: &mut impl FnMut(&str, &Value)) {
    look(place, value);
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                walk(member, &format!("{place}/{name}"), look);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{place}/{index}"), look);
            }
        }
        _ => {}
    }
}

/// Whether a position is within an example, which may have any content.
fn is_example(place: &str) -> bool {
    place.split('/').any(|name| name == "example")
}

/// Built-in or common types of JavaScript, TypeScript, Python, Java, C#, Go, Kotlin, Swift, Rust and PHP.
const TAKEN: &str = "
    Any Array ArrayBuffer ArrayList Awaited BigInt Bool Boolean Box Buffer Byte Bytes Callable Char Character
    Class Client Closure Collection Comparable Configuration Console Data Date DateTime Decimal Deprecated
    Dict Dictionary Document Double Element Enum Error Event Exception Exclude Extract False File Float
    Function Future Generator Headers Hash Infinity Int Integer Interface Iterable Iterator Key List Locale
    Long Map Math Model Module NaN Namespace Never Nil Node None Nothing NonNullable Null Number Object Omit
    Option Optional Override Package Parameters Partial Pick Process Promise Property Proxy Range Readonly
    Record Reflect RegExp Request Required Response Result ReturnType Runtime Self Sequence Set Short Slice
    Some Stream String Struct Symbol System Table Task Thread Throwable Time True Tuple Type Undefined
    Union Unit Unknown URL UUID Value Vec Vector Void Warning WeakMap WeakSet";

#[tokio::test]
async fn no_schema_has_the_name_of_a_built_in_type() {
    let taken: Vec<String> = TAKEN.split_whitespace().map(str::to_lowercase).collect();

    for specification in both().await {
        for name in members(&specification.0["components"]["schemas"]).keys() {
            assert!(
                name.starts_with(|first: char| first.is_ascii_uppercase()),
                "{name}"
            );
            assert!(name.chars().all(|it| it.is_ascii_alphanumeric()), "{name}");
            assert!(!taken.contains(&name.to_lowercase()), "{name}");
        }
    }
}

#[tokio::test]
async fn references_resolve_and_have_no_siblings() {
    for specification in both().await {
        let mut count = 0;
        walk(&specification.0, "", &mut |place, value| {
            let is_property = place.ends_with("/properties");
            if let Some(reference) = value.get("$ref").filter(|_| !is_property) {
                assert_eq!(value, &json!({"$ref": reference}), "{place}");
                specification.resolve(value);
                count += 1;
            }
        });
        assert!(count > 100, "{count}");
    }
}

#[tokio::test]
async fn every_object_names_its_members_or_takes_any() {
    for specification in both().await {
        walk(&specification.0, "", &mut |place, value| {
            let kind = value.get("type").unwrap_or(&Value::Null);
            let is_object = *kind == "object"
                || kind
                    .as_array()
                    .is_some_and(|it| it.contains(&json!("object")));
            if is_object && !is_example(place) && value.get("properties").is_none() {
                let others = &value["additionalProperties"];
                assert!(
                    *others == true || others["type"] == "string",
                    "{place}: {value}"
                );
            }
        });
    }
    let [public, administration] = both().await;
    for (specification, place) in [
        (&public, "Contact/properties/customFields"),
        (&public, "ContactUpsert/properties/customFields"),
        (&public, "ContactUpdate/properties/customFields"),
        (&administration, "AuditEvent/properties/before"),
        (&administration, "AuditEvent/properties/after"),
    ] {
        let schema = specification
            .0
            .pointer(&format!("/components/schemas/{place}"));
        assert_eq!(
            schema.expect("a schema")["additionalProperties"],
            true,
            "{place}"
        );
    }
}

#[tokio::test]
async fn both_documents_name_their_server_contact_and_license() {
    for specification in both().await {
        let servers = specification.0["servers"].as_array().expect("servers");
        assert_eq!(servers.len(), 1);
        assert_eq!(servers[0]["url"], "/");
        let information = &specification.0["info"];
        assert!(information["contact"]["name"].is_string());
        assert_eq!(
            information["license"]["identifier"],
            "LicenseRef-Proprietary"
        );
        for tag in specification.0["tags"].as_array().expect("tags") {
            assert!(tag["description"].is_string(), "{tag}");
        }
    }
}

#[tokio::test]
async fn every_operation_names_its_security_scheme() {
    let [public, administration] = both().await;
    let mut open = Vec::new();
    for (specification, scheme) in [(&public, "apiKey"), (&administration, "accessToken")] {
        let schemes = members(&specification.0["components"]["securitySchemes"]);
        assert_eq!(schemes.keys().collect::<Vec<_>>(), [scheme]);
        for operation in specification.operations() {
            let security = operation.value.get("security");
            let security = security.unwrap_or_else(|| panic!("{}", operation.name()));
            if *security == json!([]) {
                open.push(operation.value["operationId"].clone());
            } else {
                // Linters would take a scope there for one of OAuth.
                assert_eq!(*security, json!([{scheme: []}]), "{}", operation.name());
            }
        }
    }
    open.sort_by_key(Value::to_string);
    assert_eq!(open, ["acceptInvitation", "refresh", "signIn", "signOut"]);
}

#[tokio::test]
async fn no_parameter_has_an_example_and_each_accepts_what_the_tests_send() {
    for specification in both().await {
        for operation in specification.operations() {
            let parameters = operation.value["parameters"]
                .as_array()
                .expect("parameters");
            for parameter in parameters.iter().map(|it| specification.resolve(it)) {
                let name = parameter["name"].as_str().expect("a name");
                let place = format!("{} of {}", name, operation.name());
                assert!(parameter["description"].is_string(), "{place}");
                walk(parameter, &place, &mut |place, value| {
                    assert!(value.get("example").is_none(), "{place}");
                    assert!(value.get("examples").is_none(), "{place}");
                });
                let value = match parameter["schema"]["type"].as_str() {
                    Some("integer" | "boolean") => sent(name).parse().expect("a scalar"),
                    Some("object") => sent(name)
                        .split_once('=')
                        .map(|it| json!({it.0: it.1}))
                        .expect("a member"),
                    _ => Value::from(sent(name)),
                };
                specification.check(&parameter["schema"], &value, &place);
            }
        }
    }
}

#[tokio::test]
async fn the_filter_by_custom_fields_is_an_object_whose_members_are_parameters() {
    let [public, _] = both().await;
    let operation = public.operation("listContacts");
    let parameters = operation.value["parameters"]
        .as_array()
        .expect("parameters");
    let filter = parameters.iter().find(|it| it["name"] == "customFields");
    let filter = filter.expect("the filter");

    assert_eq!(filter["in"], "query");
    assert_eq!(filter["required"], false);
    assert_eq!(filter["style"], "form");
    assert_eq!(filter["explode"], true);
    assert_eq!(filter["schema"]["type"], "object");
    // Otherwise Swagger UI invents members.
    assert_eq!(filter["schema"]["default"], json!({}));
    assert_eq!(filter["schema"]["additionalProperties"]["type"], "string");
}

#[tokio::test]
async fn email_schemas_allow_any_script() {
    let app = TestApp::start().await;
    let key = app.tenant().await.key;
    let address = "jürgen@bücher.example";
    for specification in both().await {
        walk(&specification.0, "", &mut |place, value| {
            assert_ne!(value["format"], "email", "{place}");
        });
    }
    let specification = Specification::of(&app).await;
    let upsert = specification.operation("upsertContact");
    let body = json!({"email": address});

    let answer = app.upsert(&key, &body).await;

    answer.result();
    let schema = &upsert.value["requestBody"]["content"]["application/json"]["schema"];
    specification.check(schema, &body, address);
}
