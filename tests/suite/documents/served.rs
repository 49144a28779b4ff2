//! Metrics and endpoints that the documents name are served, and all of them are documented.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use reqwest::Method;

use super::{Document, TOP, check, documents, repository, sample};
use crate::harness::{Options, SendAndRead, TestApp};
use crate::openapi::Specification;

/// Names that begin like metrics: the roles in Postgres.
const ROLES: [&str; 3] = ["rubrica_owner", "rubrica_service", "rubrica_service_2"];
/// What the format adds to the name of a metric.
const SUFFIXES: [&str; 6] = ["", "_total", "_bucket", "_count", "_sum", "_info"];
/// Where the tables of endpoints begin.
const PREFIXES: [&str; 3] = ["", "/public/v1", "/admin/v1"];
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// Where files of a machine are, which are written like endpoints.
const DIRECTORIES: [&str; 2] = ["/etc/", "/run/"];
const ORIGIN: &str = "http://127.0.0.1:";

/// An endpoint as a document names it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Endpoint {
    /// `None`: any.
    method: Option<String>,
    path: String,
}

impl Endpoint {
    fn new(method: Option<&str>, path: &str) -> Self {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        Self {
            method: method.map(str::to_owned),
            path: path.to_owned(),
        }
    }

    /// Whether an operation of a document is meant. A variable part stands for any text.
    fn is(&self, method: &str, template: &str) -> bool {
        let is_method = self.method.as_deref().is_none_or(|own| own == method);
        let fits = |path: &str| {
            let (own, other) = (path.split('/'), template.split('/'));
            own.clone().count() == other.clone().count()
                && own
                    .zip(other)
                    .all(|(own, other)| own == other || (other.starts_with('{') && !own.is_empty()))
        };
        is_method
            && PREFIXES
                .iter()
                .any(|prefix| fits(&format!("{prefix}{}", self.path)))
    }
}

/// What a running service serves.
struct Served {
    app: TestApp,
    /// Method and path, those of the public API first.
    public: Vec<(String, String)>,
    admin: Vec<(String, String)>,
}

impl Served {
    async fn start() -> Self {
        let app = TestApp::start_unready(Options::default()).await;
        let operations = |specification: &Specification| {
            let operations = specification.operations().into_iter();
            let operations = operations.map(|it| (it.method.to_string(), it.path.to_owned()));
            operations.collect()
        };
        Self {
            public: operations(&Specification::of(&app).await),
            admin: operations(&Specification::of_administration(&app).await),
            app,
        }
    }

    fn has_operation(&self, endpoint: &Endpoint) -> bool {
        let mut all = self.public.iter().chain(&self.admin);
        all.any(|(method, path)| endpoint.is(method, path))
    }

    /// Whether all paths of an API begin so.
    fn is_prefix(&self, endpoint: &Endpoint) -> bool {
        let mut all = self.public.iter().chain(&self.admin);
        endpoint.method.is_none()
            && PREFIXES.contains(&endpoint.path.as_str())
            && all.any(|(_, path)| path.starts_with(&endpoint.path))
    }

    /// Whether one of the ports answers it with something.
    async fn answers(&self, endpoint: &Endpoint) -> bool {
        let is_read = endpoint
            .method
            .as_deref()
            .is_none_or(|method| method == "GET");
        is_read
            && (self.app.ops(&endpoint.path).await.status != 404
                || self
                    .app
                    .request(Method::GET, &endpoint.path)
                    .answer()
                    .await
                    .status
                    != 404)
    }

    async fn has(&self, endpoint: &Endpoint) -> bool {
        self.has_operation(endpoint) || self.is_prefix(endpoint) || self.answers(endpoint).await
    }
}

/// The metrics that the service registers. A running one leaves out those that have no value yet.
fn registered() -> BTreeSet<String> {
    let files = repository().into_iter();
    let sources = files
        .filter(|path| {
            path.starts_with("src/metrics/") && Path::new(path).extension() == Some("rs".as_ref())
        })
        .map(|path| fs::read_to_string(Path::new(TOP).join(path)).expect("a text"));
    let mut names = BTreeSet::new();
    for source in sources {
        for call in source.split(".register").skip(1) {
            let call = call.split(";\n").next().unwrap_or_default();
            let name = call.split('"').nth(1).unwrap_or_default();
            let unit = call
                .split("Unit::")
                .nth(1)
                .and_then(|rest| rest.split(',').next());
            let unit = unit.map_or_else(String::new, |unit| format!("_{}", unit.to_lowercase()));
            if !name.is_empty() {
                names.insert(format!("rubrica_{name}{unit}"));
            }
        }
    }
    names
}

fn is_metric(name: &str, registered: &BTreeSet<String>) -> bool {
    let mut bare = SUFFIXES
        .iter()
        .filter_map(|suffix| name.strip_suffix(suffix));
    bare.any(|bare| registered.contains(bare))
}

/// The endpoints that a document names in its sentences and calls in its examples.
fn endpoints(document: &Document) -> BTreeSet<Endpoint> {
    let named = document.code.iter().filter_map(|code| {
        let (method, path) = match code.split_once(' ') {
            Some((method, path)) if METHODS.contains(&method) => (Some(method), path),
            _ => (None, code.as_str()),
        };
        let is_file = DIRECTORIES
            .iter()
            .any(|directory| path.starts_with(directory));
        let is_endpoint = path.starts_with('/') && !path.contains(' ') && !is_file;
        is_endpoint.then(|| Endpoint::new(method, path))
    });
    let called = document.commands.iter().filter_map(|line| {
        let (before, url) = line.split_once(ORIGIN)?;
        let url = url.split([' ', '"', '\'']).next()?;
        let path = url.find('/').map(|start| &url[start..])?;
        let method = match line.split_once("-X ") {
            Some((_, after)) => after.split(' ').next()?,
            None if line.contains(" -d ") => "POST",
            None => "GET",
        };
        let is_call = before.contains("curl ") || before.trim_start().starts_with('#');
        is_call.then(|| Endpoint::new(Some(method), path))
    });
    named.chain(called).collect()
}

/// The metrics that a document names.
fn metrics(document: &Document) -> impl Iterator<Item = &str> {
    let code = document.code.iter().map(String::as_str);
    code.filter(|code| {
        let mut characters = code.chars();
        code.starts_with("rubrica_")
            && !ROLES.contains(code)
            && characters.all(|it| it.is_ascii_alphanumeric() || it == '_')
    })
}

#[tokio::test]
async fn every_endpoint_that_a_document_names_is_served() {
    let served = Served::start().await;
    let mut faults = Vec::new();
    for document in documents().iter().filter(|it| it.is_current()) {
        for endpoint in endpoints(document) {
            if !served.has(&endpoint).await {
                faults.push(format!("{}: {endpoint:?} is not served", document.name));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_metric_that_a_document_names_is_registered_and_each_is_described() {
    let registered = registered();
    check(|document| {
        let unknown = metrics(document).filter(|name| !is_metric(name, &registered));
        unknown.map(|name| format!("{name} is no metric")).collect()
    });

    let documents = documents();
    let guide = documents
        .iter()
        .find(|it| it.name == "docs/operations/monitoring.md");
    let described: BTreeSet<&str> = guide.iter().flat_map(|guide| metrics(guide)).collect();
    for name in &registered {
        let mut names = SUFFIXES.iter().map(|suffix| format!("{name}{suffix}"));
        let is_described = names.any(|name| described.contains(name.as_str()));
        assert!(is_described, "{name} in docs/operations/monitoring.md");
    }
}

#[tokio::test]
async fn every_metric_that_is_served_is_found_among_those_that_are_registered() {
    let app = TestApp::start_unready(Options::default()).await;
    let text = app.ops("/metrics").await.text;

    let registered = registered();

    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let names = types.filter_map(|line| line.split(' ').next());
    let served: Vec<&str> = names.filter(|name| name.starts_with("rubrica_")).collect();
    assert!(served.len() > 10);
    for name in served {
        assert!(is_metric(name, &registered), "{name}");
    }
}

#[tokio::test]
async fn the_guides_list_every_endpoint_of_their_api() {
    let served = Served::start().await;
    let documents = documents();
    let guides = [
        ("docs/quickstart.md", &served.public),
        ("docs/administration.md", &served.admin),
    ];
    for (name, operations) in guides {
        let guide = documents.iter().find(|document| document.name == name);
        let endpoints = endpoints(guide.expect("a guide"));
        for (method, path) in operations {
            let mut named = endpoints.iter().filter(|it| it.method.is_some());
            assert!(
                named.any(|it| it.is(method, path)),
                "{method} {path} in {name}"
            );
        }
    }
}

#[tokio::test]
async fn an_endpoint_or_metric_that_does_not_exist_is_found() {
    let served = Served::start().await;
    let document = sample(
        "`GET /contacts/{id}` `POST /admins/{id}/disable` `/livez` `/public/v1` `/console` `GET /docs` `/etc/hosts` \
         `POST /contacts/{id}` `GET /nothing` `/nothng`\n\n```sh\n\
         curl -X POST http://127.0.0.1:8080/admin/v1/companies/1/keys -d x\n\
         curl http://127.0.0.1:8080/public/v1/contact -d x\n```\n\
         `rubrica_ready` `rubrica_upserts_total` `rubrica_owner` `rubrica_nothing`",
    );

    let mut unknown = Vec::new();
    for endpoint in endpoints(&document) {
        if !served.has(&endpoint).await {
            unknown.push(endpoint);
        }
    }

    let expected = [
        Endpoint::new(None, "/nothng"),
        Endpoint::new(Some("GET"), "/nothing"),
        Endpoint::new(Some("POST"), "/contacts/{id}"),
        Endpoint::new(Some("POST"), "/public/v1/contact"),
    ];
    assert_eq!(unknown, expected);
    let registered = registered();
    let unknown: Vec<&str> = metrics(&document)
        .filter(|name| !is_metric(name, &registered))
        .collect();
    assert_eq!(unknown, ["rubrica_nothing"]);
}
