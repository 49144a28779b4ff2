//! The bounds on the resources that one caller may use at the same time.

use serde::{Deserialize, Serialize};

/// The memory of the largest batch: a body of 8 MiB takes twice its size when it is parsed.
const LARGEST_BODY_KIB: u64 = 16 * 1024;
/// The memory of one request body of an administrator.
const ADMINISTRATIVE_BODY_KIB: u64 = 16;

/// The resources of a replica that one company, administrator or client address may use at the same time.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml describes every setting")]
pub struct FairShare {
    pub body_kib: u64,
    pub company_body_kib: u64,
    pub company_uploads: u64,
    pub answer_kib: u64,
    pub company_answer_kib: u64,
    pub page_kib: u64,
    pub company_statements: u64,
    pub open_body_kib: u64,
    pub address_open_body_kib: u64,
    pub admin_body_kib: u64,
    pub address_connections: u64,
}

impl FairShare {
    pub(super) fn check(&self) -> Result<(), String> {
        let least = [
            ("company_body_kib", self.company_body_kib, LARGEST_BODY_KIB),
            ("body_kib", self.body_kib, self.company_body_kib),
            ("company_uploads", self.company_uploads, 1),
            ("page_kib", self.page_kib, 128),
            ("company_answer_kib", self.company_answer_kib, self.page_kib),
            ("answer_kib", self.answer_kib, self.company_answer_kib),
            ("company_statements", self.company_statements, 1),
            (
                "address_open_body_kib",
                self.address_open_body_kib,
                ADMINISTRATIVE_BODY_KIB,
            ),
            (
                "open_body_kib",
                self.open_body_kib,
                self.address_open_body_kib,
            ),
            (
                "admin_body_kib",
                self.admin_body_kib,
                ADMINISTRATIVE_BODY_KIB,
            ),
            ("address_connections", self.address_connections, 1),
        ];
        match least.into_iter().find(|(_, value, least)| value < least) {
            Some((key, _, least)) => Err(format!("fair_share.{key}: must be at least {least}")),
            None => Ok(()),
        }
    }
}
