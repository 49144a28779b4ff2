//! All endpoints of the admin API.

use std::sync::LazyLock;

use super::account::{me, passwords, sessions};
use super::admins::{delete, disable, invite, read as read_admins};
use super::audit;
use super::caller::{ATTEMPT, OPEN, SIGNED_IN};
use super::companies::{
    create as create_company, read as read_companies, update as update_company,
};
use super::keys::{change as change_key, create as create_key, read as read_keys, rotate, usage};
use crate::http::openapi::endpoint::{Endpoint, Tag, endpoint};

static ACCOUNT: Tag = Tag {
    name: "Account",
    description: "Sign in and out, and manage your own account.",
};
static COMPANIES: Tag = Tag {
    name: "Companies",
    description: "The tenants of the service.",
};
static KEYS: Tag = Tag {
    name: "API keys",
    description: "Keys with which a company's software calls the public API.",
};
static ADMINS: Tag = Tag {
    name: "Administrators",
    description: "People who manage companies and API keys.",
};
static AUDIT: Tag = Tag {
    name: "Audit",
    description: "The audit log of all changes and sign-ins. Events are never changed.",
};

/// actix compares a path with them in this order.
pub(super) static ENDPOINTS: LazyLock<Vec<Endpoint>> = LazyLock::new(|| {
    vec![
        endpoint!(ACCOUNT, ATTEMPT, sessions::sign_in),
        endpoint!(ACCOUNT, OPEN, sessions::refresh),
        endpoint!(ACCOUNT, OPEN, sessions::sign_out),
        endpoint!(ACCOUNT, OPEN, passwords::accept_invitation),
        endpoint!(ACCOUNT, SIGNED_IN, me::get_me),
        endpoint!(ACCOUNT, SIGNED_IN, passwords::change_password),
        endpoint!(COMPANIES, SIGNED_IN, read_companies::list_companies),
        endpoint!(COMPANIES, SIGNED_IN, create_company::create_company),
        endpoint!(COMPANIES, SIGNED_IN, read_companies::get_company),
        endpoint!(COMPANIES, SIGNED_IN, update_company::update_company),
        endpoint!(KEYS, SIGNED_IN, read_keys::list_keys),
        endpoint!(KEYS, SIGNED_IN, create_key::create_key),
        endpoint!(KEYS, SIGNED_IN, usage::get_key_usage),
        endpoint!(KEYS, SIGNED_IN, rotate::rotate_key),
        endpoint!(KEYS, SIGNED_IN, change_key::revoke_key),
        endpoint!(KEYS, SIGNED_IN, read_keys::get_key),
        endpoint!(KEYS, SIGNED_IN, change_key::update_key),
        endpoint!(ADMINS, SIGNED_IN, read_admins::list_admins),
        endpoint!(ADMINS, SIGNED_IN, invite::invite_admin),
        endpoint!(ADMINS, SIGNED_IN, invite::invite_admin_again),
        endpoint!(ADMINS, SIGNED_IN, disable::disable_admin),
        endpoint!(ADMINS, SIGNED_IN, disable::enable_admin),
        endpoint!(ADMINS, SIGNED_IN, read_admins::get_admin),
        endpoint!(ADMINS, SIGNED_IN, delete::delete_admin),
        endpoint!(AUDIT, SIGNED_IN, audit::list_audit_events),
    ]
});
