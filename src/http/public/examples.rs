//! The examples of the OpenAPI document. All are of one contact, and work when pasted: a test sends
//! each of them.

use serde_json::{Value, json};

use crate::http::openapi::refusals::invalid_email;

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

fn created(id: &str) -> Value {
    json!({"contactId": id, "outcome": "created", "matchedBy": null})
}
