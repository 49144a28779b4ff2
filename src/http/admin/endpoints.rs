//! Every endpoint of the admin API, on one screen.

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
    description: "Signing in, and one's own account.",
};
static COMPANIES: Tag = Tag {
    name: "Companies",
    description: "The tenants.",
};
static KEYS: Tag = Tag {
    name: "API keys",
    description: "What the software of a company calls the public API with.",
};
static ADMINS: Tag = Tag {
    name: "Administrators",
    description: "Who may do all this.",
};
static AUDIT: Tag = Tag {
    name: "Audit",
    description: "The record of what was done. Nothing of it is ever changed.",
};

/// In the order in which a path is compared with them.
pub(super) static ENDPOINTS: LazyLock<Vec<Endpoint>> = LazyLock::new(|| {
    vec![
        endpoint!(ACCOUNT, ATTEMPT, sessions::sign_in),
        endpoint!(ACCOUNT, OPEN, sessions::refresh),
        endpoint!(ACCOUNT, OPEN, sessions::sign_out),
        endpoint!(ACCOUNT, OPEN, passwords::accept_invitation),
        endpoint!(ACCOUNT, SIGNED_IN, me::me),
        endpoint!(ACCOUNT, SIGNED_IN, passwords::change_password),
        endpoint!(COMPANIES, SIGNED_IN, read_companies::list),
        endpoint!(COMPANIES, SIGNED_IN, create_company::create),
        endpoint!(COMPANIES, SIGNED_IN, read_companies::find),
        endpoint!(COMPANIES, SIGNED_IN, update_company::update),
        endpoint!(KEYS, SIGNED_IN, read_keys::list),
        endpoint!(KEYS, SIGNED_IN, create_key::create),
        endpoint!(KEYS, SIGNED_IN, usage::show),
        endpoint!(KEYS, SIGNED_IN, rotate::rotate),
        endpoint!(KEYS, SIGNED_IN, change_key::revoke),
        endpoint!(KEYS, SIGNED_IN, read_keys::find),
        endpoint!(KEYS, SIGNED_IN, change_key::update),
        endpoint!(ADMINS, SIGNED_IN, read_admins::list),
        endpoint!(ADMINS, SIGNED_IN, invite::invite),
        endpoint!(ADMINS, SIGNED_IN, invite::invite_again),
        endpoint!(ADMINS, SIGNED_IN, disable::disable),
        endpoint!(ADMINS, SIGNED_IN, disable::enable),
        endpoint!(ADMINS, SIGNED_IN, read_admins::find),
        endpoint!(ADMINS, SIGNED_IN, delete::delete),
        endpoint!(AUDIT, SIGNED_IN, audit::list),
    ]
});
