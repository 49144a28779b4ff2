//! The rate limit headers.

use std::fmt::Write;
use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::ambient;
use crate::domain::KeyAndCompany;
use crate::limits::Decision;
use crate::retry_after::whole_seconds;

/// The names of the limits in `RateLimit`.
const DEFAULT: &str = "default";
const COMPANY: &str = "company";

/// Adds the headers of one limit.
pub(in crate::http) fn add_limit(headers: &mut HeaderMap, decision: &Decision) {
    add_fields(headers, &[(DEFAULT, decision)], decision);
}

/// Adds the headers of the key's and the company's limit. `X-RateLimit-…` describes the tighter one.
pub(in crate::http) fn add_limits(headers: &mut HeaderMap, decisions: &KeyAndCompany<Decision>) {
    let both = [(DEFAULT, &decisions.key), (COMPANY, &decisions.company)];
    add_fields(headers, &both, decisions.tighter());
}

/// Adds the headers of draft-ietf-httpapi-ratelimit-headers, and the older `X-RateLimit-…`.
fn add_fields(headers: &mut HeaderMap, limits: &[(&str, &Decision)], tighter: &Decision) {
    let (mut policies, mut left) = (String::with_capacity(64), String::with_capacity(64));
    for (name, decision) in limits {
        let separator = if policies.is_empty() { "" } else { ", " };
        let quota = decision.quota;
        let (limit, window) = (quota.limit(), whole_seconds(quota.window()));
        let full_in = match decision.full_in {
            Duration::ZERO => 0,
            full_in => whole_seconds(full_in),
        };
        let remaining = decision.remaining;
        // Writing to a String cannot fail.
        let _ = write!(policies, "{separator}\"{name}\";q={limit};w={window}");
        let _ = write!(left, "{separator}\"{name}\";r={remaining};t={full_in}");
    }
    let reset = ambient::now() + tighter.full_in;
    let reset = reset.unix_timestamp() + i64::from(reset.nanosecond() > 0);
    let fields = [
        ("ratelimit-policy", policies),
        ("ratelimit", left),
        ("x-ratelimit-limit", tighter.quota.limit().to_string()),
        ("x-ratelimit-remaining", tighter.remaining.to_string()),
        ("x-ratelimit-reset", reset.to_string()),
    ];
    for (name, value) in fields {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}
