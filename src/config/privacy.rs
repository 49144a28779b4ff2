//! The retention of personal data, and the key of suppressions.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::KeyList;
use super::formats::duration;
use crate::domain::SuppressionKeys;

/// Leaves enough time to restore a contact that was deleted by mistake.
const MIN_DELETED_RETENTION: Duration = Duration::from_hours(24);
/// The SQL function `delete_expired_audit_events` keeps events of this age in any case.
const MIN_AUDIT_RETENTION: Duration = Duration::from_hours(30 * 24);

/// Personal data of contacts.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml describes every setting")]
pub struct Privacy {
    pub suppression_key: KeyList,
    #[serde(with = "duration")]
    pub deleted_retention: Duration,
}

/// The audit log.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config/default.toml describes every setting")]
pub struct Audit {
    #[serde(with = "duration")]
    pub retention: Duration,
}

impl Privacy {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.deleted_retention < MIN_DELETED_RETENTION {
            return Err("privacy.deleted_retention: must be at least 24h".to_owned());
        }
        Ok(())
    }

    /// The secrets of the hashes of erased identifiers.
    #[must_use]
    pub fn suppression_keys(&self) -> SuppressionKeys {
        SuppressionKeys::new(
            self.suppression_key.current(),
            self.suppression_key.retired(),
        )
    }
}

impl Audit {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.retention < MIN_AUDIT_RETENTION {
            return Err("audit.retention: must be at least 30d".to_owned());
        }
        Ok(())
    }
}
