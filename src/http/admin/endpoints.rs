//! Every endpoint of the admin API, on one screen.

use std::sync::LazyLock;

use super::caller::{open, sign_in, signed_in};
use super::{account, admins, audit, companies, key_usage, keys};
use crate::http::openapi::endpoint::{Endpoint, endpoint};

/// In the order in which a path is compared with them.
pub(super) static ENDPOINTS: LazyLock<Vec<Endpoint>> = LazyLock::new(|| {
    vec![
        endpoint!(signed_in, admins::list),
        endpoint!(signed_in, admins::invite),
        endpoint!(signed_in, admins::invite_again),
        endpoint!(signed_in, admins::disable),
        endpoint!(signed_in, admins::enable),
        endpoint!(signed_in, admins::find),
        endpoint!(signed_in, admins::delete),
        endpoint!(signed_in, audit::list),
        endpoint!(sign_in, account::sign_in),
        endpoint!(open, account::refresh),
        endpoint!(open, account::sign_out),
        endpoint!(open, account::accept_invitation),
        endpoint!(signed_in, account::me),
        endpoint!(signed_in, account::change_password),
        endpoint!(signed_in, companies::list),
        endpoint!(signed_in, companies::create),
        endpoint!(signed_in, keys::list),
        endpoint!(signed_in, keys::create),
        endpoint!(signed_in, companies::find),
        endpoint!(signed_in, companies::update),
        endpoint!(signed_in, key_usage::show),
        endpoint!(signed_in, keys::rotate),
        endpoint!(signed_in, keys::revoke),
        endpoint!(signed_in, keys::find),
        endpoint!(signed_in, keys::update),
    ]
});
