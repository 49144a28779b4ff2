//! API keys: created, changed, rotated and looked up.

pub(super) mod changes;
pub(super) mod keys;
pub(super) mod lookup;
pub(super) mod rotation;
