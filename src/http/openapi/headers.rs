//! The headers of responses, described once.

use serde_json::Value;
use utoipa::openapi::schema::Components;
use utoipa::openapi::{Header, ObjectBuilder, Ref, RefOr, Response, Type};

/// Every response has these headers.
pub(in crate::http) const EVERYWHERE: [&str; 1] = ["X-Request-Id"];

/// Every response to an authenticated caller has these headers.
pub(in crate::http) const AUTHENTICATED: [&str; 5] = [
    "RateLimit",
    "RateLimit-Policy",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
];

/// A 429 has these headers; all but `Retry-After` only if the limit of the caller was reached.
pub(in crate::http) const LIMITED: [&str; 6] = [
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
];

/// Headers whose value is text: name, description, pattern and example.
const TEXTS: [[&str; 4]; 7] = [
    [
        "X-Request-Id",
        "The request's `X-Request-Id`, or a generated one.",
        "^[ -~]{1,128}$",
        "0197f6c8-8a3b-7cc1-9f0e-2d6a5b4c3e21",
    ],
    [
        "RateLimit",
        "`r`: requests left; `t`: seconds until the limit is fully available again. `default` is the limit of \
         the key or the administrator; `company` is the limit of all keys of the company together.",
        r#"^"default";r=[0-9]+;t=[0-9]+(, "company";r=[0-9]+;t=[0-9]+)?$"#,
        r#""default";r=599;t=1, "company";r=5999;t=1"#,
    ],
    [
        "RateLimit-Policy",
        "`q`: requests allowed per window; `w`: length of the window in seconds. The names are the same as in `RateLimit`.",
        r#"^"default";q=[0-9]+;w=[0-9]+(, "company";q=[0-9]+;w=[0-9]+)?$"#,
        r#""default";q=600;w=60, "company";q=6000;w=60"#,
    ],
    [
        "ETag",
        "The version of the contact. Send it as `If-Match` to change only this version.",
        r#"^"[0-9]+"$"#,
        r#""1769851800123456""#,
    ],
    [
        "Allow",
        "The methods that this path supports.",
        "^[A-Z]+(, [A-Z]+)*$",
        "POST, GET",
    ],
    [
        "Accept-Patch",
        "The media types that PATCH accepts.",
        "^[!-~]+(, [!-~]+)*$",
        "application/json, application/merge-patch+json",
    ],
    [
        "WWW-Authenticate",
        "How to authenticate.",
        "^Bearer$",
        "Bearer",
    ],
];

/// Headers whose value is a whole number: name, description and example.
const NUMBERS: [(&str, &str, u32); 4] = [
    (
        "X-RateLimit-Limit",
        "Requests allowed per window, for the limit in `RateLimit` that has fewer requests left.",
        600,
    ),
    ("X-RateLimit-Remaining", "Requests left.", 599),
    (
        "X-RateLimit-Reset",
        "Unix time in seconds at which the limit is fully available again.",
        1_769_851_801,
    ),
    (
        "Retry-After",
        "Seconds to wait before sending the request again.",
        1,
    ),
];

/// Describes all headers. `location` is the pattern and the example of `Location`.
pub(in crate::http) fn describe(components: &mut Components, location: [&str; 2]) {
    let mut add = |name: &str, description: &str, schema: ObjectBuilder, example: Value| {
        let mut header = Header::new(schema.build());
        header.description = Some(description.to_owned());
        header.example = Some(example);
        components.headers.insert(name.to_owned(), header.into());
    };
    let [pattern, example] = location;
    let location = [
        "Location",
        "The path of the new resource.",
        pattern,
        example,
    ];
    for [name, description, pattern, example] in TEXTS.into_iter().chain([location]) {
        let text = ObjectBuilder::new().schema_type(Type::String);
        add(
            name,
            description,
            text.pattern(Some(pattern)),
            example.into(),
        );
    }
    for (name, description, example) in NUMBERS {
        let number = ObjectBuilder::new().schema_type(Type::Integer);
        add(name, description, number.minimum(Some(0)), example.into());
    }
}

/// Adds references to these headers to a response.
pub(in crate::http) fn add(response: &mut Response, names: &[&str]) {
    for name in names {
        let header = Ref::new(format!("#/components/headers/{name}"));
        response
            .headers
            .insert((*name).to_owned(), RefOr::Ref(header));
    }
}
