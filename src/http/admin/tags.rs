//! The tags of the admin API's operations.

/// Signing in.
pub(super) const ACCOUNT: &str = "Account";
/// Companies.
pub(super) const COMPANIES: &str = "Companies";
/// API keys.
pub(super) const KEYS: &str = "API keys";
/// Administrators.
pub(super) const ADMINS: &str = "Administrators";
/// The audit record.
pub(super) const AUDIT: &str = "Audit";

/// All tags, described.
pub(super) const ALL: [(&str, &str); 5] = [
    (ACCOUNT, "Signing in, and one's own account."),
    (COMPANIES, "The tenants."),
    (
        KEYS,
        "What the software of a company calls the public API with.",
    ),
    (ADMINS, "Who may do all this."),
    (
        AUDIT,
        "The record of what was done. Nothing of it is ever changed.",
    ),
];
