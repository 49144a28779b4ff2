//! Upserts compared with a slow and obvious model: in sequence and concurrently.

mod concurrent;
mod inputs;
mod observed;
mod reference;
mod sequential;
