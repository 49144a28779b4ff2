//! placeholder
pub(super) fn begins_with_assigned_code(_digits: &str) -> bool {
    true
}
