//! The route table and the OpenAPI document name the same operations.

use std::collections::BTreeSet;
use std::fs;

use super::directory;
use crate::harness::{Options, TestApp};
use crate::openapi::Specification;

/// The operations of the route table that need a key, with all variable parts named alike.
fn routes(source: &str) -> BTreeSet<String> {
    let resources = source.split(".service(resource(").skip(1);
    resources
        .flat_map(|resource| {
            let resource = resource.split(".service(").next().unwrap();
            let path = resource.split('"').nth(1).expect("a path");
            let methods = resource.split("Method::").skip(1);
            methods.map(move |method| {
                let method: String = method
                    .chars()
                    .take_while(char::is_ascii_uppercase)
                    .collect();
                operation(&method, path)
            })
        })
        .collect()
}

fn operation(method: &str, path: &str) -> String {
    let is_variable = |segment: &&str| segment.starts_with('{');
    let segments = path
        .split('/')
        .map(|segment| match Some(segment).filter(is_variable) {
            Some(_) => "{}",
            None => segment,
        });
    let segments: Vec<&str> = segments.collect();
    format!("{method} {}", segments.join("/"))
}

#[test]
fn routes_are_found_in_the_form_the_table_has() {
    let source = r#"
        .service(resource(
            "/a",
            vec![
                limited(Method::POST, web::to(a::b)),
                limited(Method::GET, web::to(a::c)),
            ],
        ))
        .service(resource("/a/{value:.+}/d", vec![limited(Method::PUT, web::to(a::d))]))
        .service(open_resource("/e", web::to(e)))
    "#;

    let routes: Vec<String> = routes(source).into_iter().collect();

    assert_eq!(routes, ["GET /a", "POST /a", "PUT /a/{}/d"]);
}

fn documented(specification: &Specification) -> BTreeSet<String> {
    let operations = specification.operations();
    let names = operations
        .iter()
        .map(|it| operation(it.method.as_str(), it.path));
    names.collect()
}

fn table(file: &str) -> BTreeSet<String> {
    routes(&fs::read_to_string(directory(file)).expect("the route table"))
}

#[tokio::test]
async fn every_route_that_needs_a_key_is_documented_and_no_other() {
    let app = TestApp::start_unready(Options::default()).await;
    let documented = documented(&Specification::of(&app).await);

    assert_eq!(table("src/http/public/routes.rs"), documented);
    assert!(documented.len() >= 10);
}

#[tokio::test]
async fn every_route_of_the_admin_api_is_documented_and_no_other() {
    let app = TestApp::start_unready(Options::default()).await;
    let documented = documented(&Specification::of_administration(&app).await);

    assert_eq!(table("src/http/admin/routes.rs"), documented);
    assert!(documented.len() >= 20);
}
