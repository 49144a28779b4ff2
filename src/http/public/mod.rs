//! The public API: contacts, custom fields and suppressions of one company.

pub(in crate::http) mod answers;
pub(in crate::http) mod caller;
pub(in crate::http) mod contacts;
pub(in crate::http) mod custom_fields;
pub(in crate::http) mod document;
pub(in crate::http) mod documented_bodies;
pub(in crate::http) mod examples;
pub(in crate::http) mod parameters;
pub(in crate::http) mod routes;
pub(in crate::http) mod suppressions;
