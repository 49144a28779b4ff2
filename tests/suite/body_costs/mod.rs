//! The cost of a body: its length limits the memory, the statements and the size of the response, whatever
//! it contains.

mod answers;
mod errors;
mod memory;
mod numbers;

/// The maximum size of the response to a body of this many bytes.
fn longest_answer(body_bytes: usize) -> usize {
    4 * body_bytes + 64 * 1024
}

/// A batch of these contacts.
fn batch(contacts: &[String]) -> String {
    format!(r#"{{"contacts": [{}]}}"#, contacts.join(","))
}
