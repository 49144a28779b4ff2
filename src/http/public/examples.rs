//! The examples of the OpenAPI document. All are of one contact, and work when pasted: a test sends
//! each of them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::domain::{Email, Quota};
use crate::http::shared::error::ApiError;
use crate::http::shared::field_error::FieldError;
use crate::retry_after::{RetryAfter, Wait};

/// The body of an upsert.
pub(in crate::http) fn upsert() -> Value {
    json!({
        "email": "jane@example.com",
        "phone": "+393391234567",
        "customFields": {"plan": "enterprise", "address": {"city": "Torino"}},
        "marketingConsent": {"email": true, "whatsapp": false},
    })
}

/// The body of a batch.
pub(in crate::http) fn batch() -> Value {
    json!({"contacts": [upsert(), {"email": "joe@example.com"}]})
}

/// The body of a change.
pub(in crate::http) fn update() -> Value {
    json!({
        "email": "jane@example.com",
        "phone": "+393391234567",
        "customFields": {"plan": "enterprise", "trialEndsAt": null},
        "marketingConsent": {"email": false},
    })
}

/// The answer to an upsert.
pub(in crate::http) fn upserted() -> Value {
    json!([created("1")])
}

/// The answer to a batch of which all was written.
pub(in crate::http) fn batch_results() -> Value {
    json!([created("1"), created("2")])
}

/// The answer to a batch of which one contact was refused.
pub(in crate::http) fn mixed_batch_results() -> Value {
    json!([created("1"), invalid_email().envelope()])
}

/// A contact.
pub(in crate::http) fn contact() -> Value {
    json!({
        "contactId": "1",
        "email": "jane@example.com",
        "phone": "+393391234567",
        "customFields": {"plan": "enterprise", "address": {"city": "Torino"}},
        "marketingConsent": {"email": true, "whatsapp": false},
        "createdAt": "2026-01-31T09:30:00.123456Z",
        "updatedAt": "2026-01-31T09:30:00.123456Z",
    })
}

/// A page of contacts.
pub(in crate::http) fn contacts() -> Value {
    json!({"data": [contact()], "nextCursor": null})
}

/// A page of consent events.
pub(in crate::http) fn consent_events() -> Value {
    let event = |old: Option<bool>, address: &str, occurred_at: &str| {
        json!({
            "channel": "email",
            "oldStatus": old,
            "newStatus": true,
            "address": address,
            "clientId": "abcdefghij27",
            "occurredAt": occurred_at,
        })
    };
    let moved = event(
        Some(true),
        "jane@example.com",
        "2026-02-28T16:45:00.654321Z",
    );
    let given = event(None, "jane.doe@example.com", "2026-01-31T09:30:00.123456Z");
    json!({"data": [moved, given], "nextCursor": null})
}

/// Whom a suppression is of.
pub(in crate::http) fn identifiers() -> Value {
    json!({"email": "jane@example.com"})
}

/// A definition to make.
pub(in crate::http) fn new_custom_field() -> Value {
    json!({
        "key": "plan",
        "displayName": "Plan",
        "type": "select",
        "options": ["free", "enterprise"],
        "category": "Billing",
        "filterable": true,
    })
}

/// A change of a definition.
pub(in crate::http) fn custom_field_change() -> Value {
    json!({"options": ["free", "pro", "enterprise"]})
}

/// A definition.
pub(in crate::http) fn custom_field() -> Value {
    json!({
        "key": "PLAN",
        "displayName": "Plan",
        "type": "select",
        "options": ["free", "enterprise"],
        "category": "Billing",
        "filterable": true,
        "createdAt": "2026-01-31T09:30:00.123456Z",
        "updatedAt": "2026-01-31T09:30:00.123456Z",
    })
}

/// All definitions.
pub(in crate::http) fn custom_fields() -> Value {
    json!({"data": [custom_field()]})
}

/// The error of a bad e-mail address.
pub(in crate::http) fn invalid_email() -> ApiError {
    let reason = Email::parse("jane@").err().map(|error| error.to_string());
    let error = FieldError::new("email", &reason.unwrap_or_default());
    ApiError::Invalid(vec![error])
}

/// The error of a key whose limit is used up.
#[expect(clippy::expect_used, reason = "a limit within its bounds")]
pub(in crate::http) fn rate_limited() -> ApiError {
    ApiError::RateLimited {
        quota: Quota::new(600, Duration::from_mins(1)).expect("a limit"),
        retry_after: one_second(),
    }
}

/// The error of a call that cannot be made now.
pub(in crate::http) fn unavailable() -> ApiError {
    ApiError::Unavailable {
        cause: String::new(),
        retry_after: one_second(),
    }
}

fn one_second() -> RetryAfter {
    Wait::Limit(Duration::from_secs(1)).into()
}

fn created(id: &str) -> Value {
    json!({"contactId": id, "outcome": "created", "matchedBy": null})
}
