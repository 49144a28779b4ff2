//! Every endpoint of the admin API, on one screen.

use std::sync::LazyLock;

use super::account::{me, passwords, sessions};
use super::admins::{delete, disable, invite, read as read_admins};
use super::audit;
use super::caller::{attempt, open, signed_in};
use super::companies::{
    create as create_company, read as read_companies, update as update_company,
};
use super::keys::{change as change_key, create as create_key, read as read_keys, rotate, usage};
use crate::http::openapi::endpoint::{Endpoint, endpoint};

/// In the order in which a path is compared with them.
pub(super) static ENDPOINTS: LazyLock<Vec<Endpoint>> = LazyLock::new(|| {
    vec![
        endpoint!(signed_in, read_admins::list),
        endpoint!(signed_in, invite::invite),
        endpoint!(signed_in, invite::invite_again),
        endpoint!(signed_in, disable::disable),
        endpoint!(signed_in, disable::enable),
        endpoint!(signed_in, read_admins::find),
        endpoint!(signed_in, delete::delete),
        endpoint!(signed_in, audit::list),
        endpoint!(attempt, sessions::sign_in),
        endpoint!(open, sessions::refresh),
        endpoint!(open, sessions::sign_out),
        endpoint!(open, passwords::accept_invitation),
        endpoint!(signed_in, me::me),
        endpoint!(signed_in, passwords::change_password),
        endpoint!(signed_in, read_companies::list),
        endpoint!(signed_in, create_company::create),
        endpoint!(signed_in, read_keys::list),
        endpoint!(signed_in, create_key::create),
        endpoint!(signed_in, read_companies::find),
        endpoint!(signed_in, update_company::update),
        endpoint!(signed_in, usage::show),
        endpoint!(signed_in, rotate::rotate),
        endpoint!(signed_in, change_key::revoke),
        endpoint!(signed_in, read_keys::find),
        endpoint!(signed_in, change_key::update),
    ]
});
