//! `/public/v1/contacts`

pub(in crate::http) mod batch;
pub(in crate::http) mod batch_answer;
pub(in crate::http) mod batch_body;
pub(in crate::http) mod body;
pub(in crate::http) mod change;
pub(in crate::http) mod entity_tag;
pub(in crate::http) mod list;
pub(in crate::http) mod read;
pub(in crate::http) mod read_only;
