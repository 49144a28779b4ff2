//! Parses the messages of Postgres to find replies to COMMIT.

/// The length of a message's type and size.
const HEADER: usize = 5;

/// Splits the bytes of one connection, without TLS, into whole messages.
#[derive(Default)]
pub struct PostgresAnswers {
    bytes: Vec<u8>,
    is_in_transaction: bool,
}

/// One message.
pub struct Message {
    pub bytes: Vec<u8>,
    /// Whether it is the reply to COMMIT, or to a statement that is its own transaction.
    pub says_committed: bool,
}

impl PostgresAnswers {
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next message, once all of it has arrived.
    pub fn next_message(&mut self) -> Option<Message> {
        let size = self.bytes.get(1..HEADER)?.try_into().expect("four bytes");
        let end = 1 + usize::try_from(u32::from_be_bytes(size)).expect("a size");
        if self.bytes.len() < end {
            return None;
        }
        let rest = self.bytes.split_off(end);
        let bytes = std::mem::replace(&mut self.bytes, rest);
        let body = &bytes[HEADER..];
        let says_committed = match bytes[0] {
            b'C' if self.is_in_transaction => body.starts_with(b"COMMIT\0"),
            b'C' => body.starts_with(b"SELECT "),
            b'Z' => {
                self.is_in_transaction = body != b"I";
                false
            }
            _ => false,
        };
        Some(Message {
            bytes,
            says_committed,
        })
    }
}
