//! The examples of the admin API's OpenAPI document.

use serde_json::{Value, json};

const MOMENT: &str = "2026-01-31T09:30:00.123456Z";

pub(super) fn sign_in() -> Value {
    json!({"email": "ada@example.com", "password": "correct horse battery staple"})
}

pub(super) fn tokens() -> Value {
    json!({
        "accessToken": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl",
        "tokenType": "Bearer",
        "expiresIn": 300,
        "refreshToken": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "sessionExpiresAt": MOMENT,
    })
}

pub(super) fn refresh_token() -> Value {
    json!({"refreshToken": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"})
}

pub(super) fn accept_invitation() -> Value {
    json!({
        "token": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
        "password": "another horse, another battery",
    })
}

pub(super) fn change_password() -> Value {
    json!({
        "currentPassword": "correct horse battery staple",
        "newPassword": "another horse, another battery",
    })
}

pub(super) fn me() -> Value {
    json!({"adminId": "1", "email": "ada@example.com", "role": "operator", "companyId": null})
}

pub(super) fn new_company() -> Value {
    json!({"name": "Acme"})
}

pub(super) fn company() -> Value {
    json!({
        "companyId": "1",
        "name": "Acme",
        "phoneOnlyContacts": false,
        "phoneConflict": "reject",
        "emailConflict": "replace",
        "consentOnAddressChange": "keep",
        "strictCustomFields": false,
        "rateLimit": null,
        "suspended": false,
        "createdAt": MOMENT,
    })
}

pub(super) fn companies() -> Value {
    json!({"data": [company()], "nextCursor": null})
}

pub(super) fn company_update() -> Value {
    json!({"name": "Acme Inc.", "phoneConflict": "skip", "rateLimit": "1200/60s"})
}

pub(super) fn new_key() -> Value {
    json!({"name": "web shop", "scopes": ["contacts:read", "contacts:write"]})
}

pub(super) fn key() -> Value {
    json!({
        "clientId": "abcdefghij27",
        "companyId": "1",
        "name": "web shop",
        "scopes": ["contacts:read", "contacts:write"],
        "rateLimit": null,
        "state": "active",
        "createdAt": MOMENT,
        "expiresAt": null,
        "revokedAt": null,
        "lastUsedAt": MOMENT,
        "replacedBy": null,
    })
}

pub(super) fn keys() -> Value {
    json!({"data": [key()]})
}

pub(super) fn key_rotation() -> Value {
    json!({"graceDays": 7})
}

pub(super) fn rotated_key() -> Value {
    let mut rotated = created_key();
    let mut replaced = key();
    replaced["clientId"] = json!("7abcdefghij2");
    replaced["replacedBy"] = rotated["clientId"].clone();
    replaced["expiresAt"] = json!(MOMENT);
    rotated["replaces"] = replaced;
    rotated
}

pub(super) fn key_usage() -> Value {
    json!({"data": [{
        "hour": "2126-01-31T09:00:00Z",
        "requests": 1200,
        "refused": 3,
        "clientErrors": 12,
        "serverErrors": 0,
    }]})
}

pub(super) fn created_key() -> Value {
    let mut created = key();
    created["lastUsedAt"] = Value::Null;
    created["key"] = json!("mn-abcdefghij27-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg012345");
    created
}

pub(super) fn key_update() -> Value {
    json!({"name": "mobile shop", "rateLimit": "1200/60s"})
}

pub(super) fn new_invitation() -> Value {
    json!({"email": "grace@example.com", "role": "company_admin", "companyId": "1"})
}

pub(super) fn admin() -> Value {
    json!({
        "adminId": "2",
        "email": "grace@example.com",
        "role": "company_admin",
        "companyId": "1",
        "state": "invited",
        "createdAt": MOMENT,
        "invitationExpiresAt": MOMENT,
    })
}

pub(super) fn admins() -> Value {
    json!({"data": [admin()], "nextCursor": null})
}

pub(super) fn invited_admin() -> Value {
    let mut invited = admin();
    invited["invitationToken"] =
        json!("60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752");
    invited
}

pub(super) fn audit_events() -> Value {
    let event = json!({
        "occurredAt": MOMENT,
        "actor": "admin:1",
        "action": "company.create",
        "companyId": "1",
        "subject": "company:1",
        "before": null,
        "after": {"name": "Acme"},
        "clientAddress": "192.0.2.1",
        "requestId": "0197f6c8-8a3b-7cc1-9f0e-2d6a5b4c3e21",
    });
    json!({"data": [event], "nextCursor": null})
}
