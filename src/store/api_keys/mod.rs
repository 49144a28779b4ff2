//! Creating, changing, rotating and looking up API keys.

pub(super) mod changes;
pub(super) mod keys;
pub(super) mod lookup;
pub(super) mod rotation;
