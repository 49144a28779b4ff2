//! Reads the OpenAPI documents.

use reqwest::{Method, RequestBuilder};
use serde_json::{Map, Value, json};

use crate::harness::{Answer, SendAndRead, TestApp};

/// The whole document.
pub struct Specification(pub Value);

/// One operation.
pub struct Operation<'a> {
    pub method: Method,
    pub path: &'a str,
    pub value: &'a Value,
}

impl Specification {
    /// Reads the document of the public API.
    pub async fn of(app: &TestApp) -> Self {
        let request = app.request(Method::GET, "/openapi.json");
        Self(request.answer().await.json())
    }

    /// Reads the document of the admin API.
    pub async fn of_administration(app: &TestApp) -> Self {
        let request = app.admin_request(Method::GET, "/admin/openapi.json");
        Self(request.answer().await.json())
    }

    /// All operations: creations first, deletions last, and erasures at the very end.
    pub fn operations(&self) -> Vec<Operation<'_>> {
        let paths = self.0["paths"].as_object().expect("paths");
        let ordered = ["post", "get", "put", "patch", "delete"];
        let operations = ordered.into_iter().flat_map(|name| {
            paths.iter().filter_map(move |(path, item)| {
                let value = item.get(name)?;
                let method = name.to_uppercase().parse().expect("a method");
                Some(Operation {
                    method,
                    path,
                    value,
                })
            })
        });
        let mut operations: Vec<_> = operations.collect();
        let last = ["/public/v1/contacts/{id}/erase", "/public/v1/suppressions"];
        operations.sort_by_key(|it| last.iter().position(|path| *path == it.path));
        // Definitions first, so that the later examples match them.
        operations.sort_by_key(|it| it.path != "/public/v1/custom-fields");
        let documented: usize = paths.values().map(|item| members(item).len()).sum();
        assert_eq!(operations.len(), documented, "paths hold operations alone");
        operations
    }

    /// The operation with this id.
    pub fn operation(&self, id: &str) -> Operation<'_> {
        let mut operations = self.operations().into_iter();
        operations
            .find(|operation| operation.value["operationId"] == id)
            .expect("an operation")
    }

    /// The value, or what its `$ref` refers to.
    pub fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self
                .0
                .pointer(reference.trim_start_matches('#'))
                .unwrap_or_else(|| panic!("{reference} leads nowhere")),
            None => value,
        }
    }

    /// Checks a response against the documented headers and schema of its status.
    #[track_caller]
    pub fn check_answer(&self, operation: &Operation<'_>, answer: &Answer) {
        let what = format!("{}: {}: {}", operation.name(), answer.status, answer.text);
        let responses = &operation.value["responses"];
        let response = responses
            .get(answer.status.to_string())
            .unwrap_or_else(|| panic!("not documented: {what}"));
        let response = self.resolve(response);
        for (name, header) in members(&response["headers"]) {
            let text = answer.header(name);
            let schema = &self.resolve(header)["schema"];
            let value = match schema["type"].as_str() {
                Some("integer") => text.parse::<u64>().map_or(Value::Null, Value::from),
                _ => Value::from(text),
            };
            self.check(schema, &value, &format!("{name} of {what}"));
        }
        match response.pointer("/content/application~1json/schema") {
            Some(schema) => {
                assert_eq!(answer.header("content-type"), "application/json", "{what}");
                self.check(schema, &answer.json(), &what);
            }
            None => assert_eq!(answer.text, "", "{what}"),
        }
    }

    /// Checks a value against a schema of the document. Undocumented members are errors, too.
    #[track_caller]
    pub fn check(&self, schema: &Value, value: &Value, what: &str) {
        let mut whole = json!({"allOf": [schema], "components": self.0["components"]});
        close(&mut whole);
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&whole)
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        let errors: Vec<String> = validator
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{what}: {errors:?} in {value}");
    }
}

impl Operation<'_> {
    /// Its name in messages.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The name of the snapshot of a response's body.
    pub fn snapshot(&self, api: &str, answer: &Answer) -> String {
        let id = self.value["operationId"].as_str().expect("an id");
        format!("{api}.{id}.{}", answer.status)
    }

    /// The status of success.
    pub fn success(&self) -> u16 {
        let statuses = members(&self.value["responses"]).keys();
        let mut statuses = statuses.map(|status| status.parse().expect("a status"));
        statuses.find(|status| *status < 300).expect("a success")
    }

    /// The required scope.
    pub fn scope(&self) -> &str {
        self.value["x-required-scope"].as_str().expect("a scope")
    }

    /// Its parameters: place, name, whether it is required, and a value.
    pub fn parameters(&self, specification: &Specification) -> Vec<(String, String, bool, String)> {
        let parameters = self.value["parameters"].as_array().expect("parameters");
        let text = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
        let read = |parameter| {
            let parameter = specification.resolve(parameter);
            (
                text(&parameter["in"]),
                text(&parameter["name"]),
                parameter["required"] == true,
                sent(&text(&parameter["name"])).to_owned(),
            )
        };
        parameters.iter().map(read).collect()
    }

    /// The request of its examples without a key, with or without optional parameters.
    pub fn request(
        &self,
        app: &TestApp,
        specification: &Specification,
        with_optional: bool,
    ) -> RequestBuilder {
        let parameters = self.parameters(specification);
        let in_place = |wanted: &'static str| {
            parameters.iter().filter_map(move |parameter| {
                let (place, name, is_required, example) = parameter;
                (place == wanted && (*is_required || with_optional)).then_some((name, example))
            })
        };
        let mut path = self.path.to_owned();
        for (name, example) in in_place("path") {
            path = path.replace(&format!("{{{name}}}"), example);
        }
        let query: Vec<String> = in_place("query")
            .map(|(name, value)| match name.as_str() {
                // An exploded object: each member is a parameter.
                "customFields" => value.clone(),
                _ => format!("{name}={value}"),
            })
            .collect();
        let mut request = app.request(self.method.clone(), &format!("{path}?{}", query.join("&")));
        for (name, example) in in_place("header") {
            request = request.header(name, example);
        }
        match self.value.pointer("/requestBody/content/application~1json") {
            Some(body) => request.json(&body["example"]),
            None => request,
        }
    }
}

/// The value that example requests send in a parameter. The documents have no examples of parameters,
/// because Swagger UI would send those with every call.
pub fn sent(parameter: &str) -> &'static str {
    match parameter {
        "id" | "companyId" => "1",
        "adminId" => "2",
        "clientId" => "abcdefghij27",
        "email" => "jane@example.com",
        "phone" => "+393391234567",
        "key" => "plan",
        "limit" => "50",
        "cursor" => "0000000000000001",
        "deleted" => "include",
        "consent.email" | "consent.whatsapp" => "true",
        "customFields" => "customFields.plan=enterprise",
        "groupBy" => "category",
        "actor" => "admin:1",
        "action" => "company.create",
        "subject" => "company:1",
        "from" => "2126-01-30T10:00:00Z",
        "to" => "2126-01-31T10:00:00Z",
        "If-Match" => "*",
        "If-None-Match" => "\"0\"",
        "X-Request-Id" => "order-4711",
        other => panic!("no value of {other}"),
    }
}

/// The members of an object.
pub fn members(value: &Value) -> &Map<String, Value> {
    value.as_object().expect("an object")
}

/// Forbids undocumented members in all schemas of objects with named members.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(close);
            if members.get("properties").is_some_and(Value::is_object) {
                members
                    .entry("additionalProperties")
                    .or_insert(Value::Bool(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
