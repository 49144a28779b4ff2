//! What a body costs: memory, statements and the length of its answer are bounded by its own length,
//! whatever stands in it.

mod answers;
mod errors;
mod memory;
mod numbers;

/// The most bytes of an answer to a body of so many bytes.
fn longest_answer(body_bytes: usize) -> usize {
    4 * body_bytes + 64 * 1024
}

/// A batch of these contacts.
fn batch(contacts: &[String]) -> String {
    format!(r#"{{"contacts": [{}]}}"#, contacts.join(","))
}
