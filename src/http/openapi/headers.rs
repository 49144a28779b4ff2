//! The headers of answers, described once.

use serde_json::{Value, json};
use utoipa::openapi::schema::Components;
use utoipa::openapi::{Header, Object, ObjectBuilder, Ref, RefOr, Response, Type};

/// On every answer.
pub(in crate::http) const EVERYWHERE: [&str; 1] = ["X-Request-Id"];

/// On every answer to a key that is taken.
pub(in crate::http) const AUTHENTICATED: [&str; 5] = [
    "RateLimit",
    "RateLimit-Policy",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
];

/// On the answer to a call too many; those of the key's limit only where it is the key's.
pub(in crate::http) const LIMITED: [&str; 6] = [
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
];

/// Describes all headers.
pub(in crate::http) fn describe(
    components: &mut Components,
    location: &str,
    location_example: &str,
) {
    let unsigned = || {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(0))
    };
    let text = |pattern: &str| {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(pattern))
    };
    let headers: [(&str, &str, ObjectBuilder, Value); 12] = [
        (
            "X-Request-Id",
            "The request's `X-Request-Id`, or one that was made for it.",
            text("^[ -~]{1,128}$"),
            json!("0197f6c8-8a3b-7cc1-9f0e-2d6a5b4c3e21"),
        ),
        (
            "RateLimit",
            "`r`: the requests left; `t`: the seconds until the count is full again. `default`: of the key or \
             the administrator; `company`: of all keys of the company together.",
            text(r#"^"default";r=[0-9]+;t=[0-9]+(, "company";r=[0-9]+;t=[0-9]+)?$"#),
            json!(r#""default";r=599;t=1, "company";r=5999;t=1"#),
        ),
        (
            "RateLimit-Policy",
            "`q`: the requests that a window allows; `w`: its seconds. The names are those of `RateLimit`.",
            text(r#"^"default";q=[0-9]+;w=[0-9]+(, "company";q=[0-9]+;w=[0-9]+)?$"#),
            json!(r#""default";q=600;w=60, "company";q=6000;w=60"#),
        ),
        (
            "X-RateLimit-Limit",
            "The requests that a window allows; of the two limits in `RateLimit` this speaks of the one with less left.",
            unsigned(),
            json!(600),
        ),
        (
            "X-RateLimit-Remaining",
            "The requests left.",
            unsigned(),
            json!(599),
        ),
        (
            "X-RateLimit-Reset",
            "When the count is full again, in seconds since 1970.",
            unsigned(),
            json!(1_769_851_801),
        ),
        (
            "ETag",
            "The version of the contact: send it as `If-Match` to change this version alone.",
            text(r#"^"[0-9]+"$"#),
            json!(r#""1769851800123456""#),
        ),
        (
            "Location",
            "The path of what was made.",
            text(location),
            json!(location_example),
        ),
        (
            "Retry-After",
            "The seconds to wait before the request is sent again.",
            unsigned(),
            json!(1),
        ),
        (
            "Allow",
            "The methods that this path takes.",
            text("^[A-Z]+(, [A-Z]+)*$"),
            json!("POST, GET"),
        ),
        (
            "Accept-Patch",
            "The media types that PATCH takes.",
            text("^[!-~]+(, [!-~]+)*$"),
            json!("application/json, application/merge-patch+json"),
        ),
        (
            "WWW-Authenticate",
            "How to authenticate.",
            text("^Bearer$"),
            json!("Bearer"),
        ),
    ];
    for (name, description, schema, example) in headers {
        let header = header(schema.build(), description, example);
        components.headers.insert(name.to_owned(), header.into());
    }
}

/// Says that an answer has these headers.
pub(in crate::http) fn add(response: &mut Response, names: &[&str]) {
    for name in names {
        let header = Ref::new(format!("#/components/headers/{name}"));
        response
            .headers
            .insert((*name).to_owned(), RefOr::Ref(header));
    }
}

fn header(schema: Object, description: &str, example: Value) -> Header {
    let mut header = Header::new(schema);
    header.description = Some(description.to_owned());
    header.example = Some(example);
    header
}
