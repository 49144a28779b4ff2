//! Upserts against a slow and obvious model of what they do: one after the other, and at once.

mod concurrent;
mod inputs;
mod observed;
mod reference;
mod sequential;
