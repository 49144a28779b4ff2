//! Checks that the status of each response is in the OpenAPI documents.

use std::sync::LazyLock;

use reqwest::Method;
use serde_json::Value;

use super::http::Answer;

static PATHS: LazyLock<Vec<(String, Value)>> = LazyLock::new(|| {
    let documents = [
        rubrica::http::public_document(),
        rubrica::http::admin_document(),
    ];
    let paths = documents.into_iter().flat_map(|document| {
        let text = document.expect("a document");
        let mut document: Value = serde_json::from_slice(&text).expect("JSON");
        match document["paths"].take() {
            Value::Object(paths) => paths,
            other => panic!("no paths: {other}"),
        }
    });
    paths.collect()
});

/// Panics if a documented operation returned an undocumented status. Other paths are not checked.
#[track_caller]
pub fn check_documented(method: &Method, path: &str, answer: &Answer) {
    // HEAD is GET without the body.
    let name = match *method {
        Method::HEAD => "get".to_owned(),
        _ => method.as_str().to_lowercase(),
    };
    let Some(operation) = find(path).and_then(|item| item.get(&name)) else {
        return;
    };
    // From a port that does not serve this path, such as the public port when the admin API has its own.
    let is_elsewhere =
        answer.text.is_empty() || answer.text.contains("there is nothing at this path");
    if answer.status == 404 && is_elsewhere {
        return;
    }
    let status = answer.status.to_string();
    assert!(
        operation["responses"].get(&status).is_some(),
        "{method} {path}: {status} is not documented: {}",
        answer.text
    );
}

/// The item of a path: the matching template with the fewest variables, as the service routes.
fn find(path: &str) -> Option<&'static Value> {
    let fitting = PATHS.iter().filter(|(template, _)| fits(template, path));
    let (_, item) = fitting.min_by_key(|(template, _)| template.matches('{').count())?;
    Some(item)
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/'), path.split('/'));
    template.clone().count() == path.clone().count()
        && template
            .zip(path)
            .all(|(expected, segment)| expected.starts_with('{') || expected == segment)
}
