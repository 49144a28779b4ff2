//! The files of `sql/migrations`.

use std::fmt;

use sha2::{Digest, Sha256};

/// One file of `sql/migrations`.
pub(super) struct Migration {
    pub(super) version: i32,
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
}

/// All migrations, in order. A released file is never edited.
pub(super) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "tables",
        sql: include_str!("../../../sql/migrations/V1__tables.sql"),
    },
    Migration {
        version: 2,
        name: "upsert_contact",
        sql: include_str!("../../../sql/migrations/V2__upsert_contact.sql"),
    },
    Migration {
        version: 3,
        name: "contact_by_id",
        sql: include_str!("../../../sql/migrations/V3__contact_by_id.sql"),
    },
    Migration {
        version: 4,
        name: "list_contacts",
        sql: include_str!("../../../sql/migrations/V4__list_contacts.sql"),
    },
    Migration {
        version: 5,
        name: "custom_field_definitions",
        sql: include_str!("../../../sql/migrations/V5__custom_field_definitions.sql"),
    },
    Migration {
        version: 6,
        name: "suppressions",
        sql: include_str!("../../../sql/migrations/V6__suppressions.sql"),
    },
    Migration {
        version: 7,
        name: "contact_writes",
        sql: include_str!("../../../sql/migrations/V7__contact_writes.sql"),
    },
    Migration {
        version: 8,
        name: "list_indexes",
        sql: include_str!("../../../sql/migrations/V8__list_indexes.sql"),
    },
    Migration {
        version: 9,
        name: "upsert_contacts",
        sql: include_str!("../../../sql/migrations/V9__upsert_contacts.sql"),
    },
    Migration {
        version: 10,
        name: "json_merge_patch",
        sql: include_str!("../../../sql/migrations/V10__json_merge_patch.sql"),
    },
    Migration {
        version: 11,
        name: "usage",
        sql: include_str!("../../../sql/migrations/V11__usage.sql"),
    },
    Migration {
        version: 12,
        name: "admin_sign_in",
        sql: include_str!("../../../sql/migrations/V12__admin_sign_in.sql"),
    },
    Migration {
        version: 13,
        name: "admin_identities",
        sql: include_str!("../../../sql/migrations/V13__admin_identities.sql"),
    },
    Migration {
        version: 14,
        name: "address_changes",
        sql: include_str!("../../../sql/migrations/V14__address_changes.sql"),
    },
    Migration {
        version: 15,
        name: "erasure_of_former_addresses",
        sql: include_str!("../../../sql/migrations/V15__erasure_of_former_addresses.sql"),
    },
    Migration {
        version: 16,
        name: "protected_history",
        sql: include_str!("../../../sql/migrations/V16__protected_history.sql"),
    },
    Migration {
        version: 17,
        name: "retention",
        sql: include_str!("../../../sql/migrations/V17__retention.sql"),
    },
    Migration {
        version: 18,
        name: "used_forms",
        sql: include_str!("../../../sql/migrations/V18__used_forms.sql"),
    },
    Migration {
        version: 19,
        name: "custom_field_keys",
        sql: include_str!("../../../sql/migrations/V19__custom_field_keys.sql"),
    },
    Migration {
        version: 20,
        name: "late_writes",
        sql: include_str!("../../../sql/migrations/V20__late_writes.sql"),
    },
    Migration {
        version: 21,
        name: "functions",
        sql: include_str!("../../../sql/migrations/V21__functions.sql"),
    },
];

/// The version of the schema that this binary needs.
pub(super) fn latest_version() -> i32 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

impl Migration {
    /// SHA-256 of its text, in hexadecimal.
    pub(super) fn checksum(&self) -> String {
        hex::encode(Sha256::digest(self.sql))
    }
}

impl fmt::Display for Migration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "V{} {}", self.version, self.name)
    }
}
