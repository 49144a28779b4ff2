//! The writes and reads of a history, as requests.

use std::time::Instant;

use serde_json::{Value, json};

use super::{Read, Write, WriteNumber};
use crate::harness::TestApp;

/// The custom field that each write overwrites.
const REGISTER: &str = "last";
/// What the key of a write's own custom field begins with.
const OWN: &str = "write";

/// Makes one write, by an upsert. That it is unavailable leaves open what came of it; any other refusal
/// is a defect.
pub async fn write(app: &TestApp, key: &str, email: &str, number: WriteNumber) -> Write {
    let own = format!("{OWN}{number}");
    let body = json!({"email": email, "customFields": {REGISTER: number, own: true}});
    let began = Instant::now();
    let answer = app.upsert(key, &body).await;
    let acknowledged = (answer.status == 200).then(Instant::now);
    if acknowledged.is_none() {
        answer.error(503, "service_unavailable");
    }
    Write {
        number,
        began,
        acknowledged,
    }
}

/// Reads the contact; none: it is unavailable.
pub async fn read(app: &TestApp, key: &str, email: &str) -> Option<Read> {
    let began = Instant::now();
    let answer = app.get_contact(key, &format!("by-email/{email}")).await;
    let ended = Instant::now();
    let fields = match answer.status {
        200 => answer.json()["customFields"].take(),
        404 => Value::Null,
        _ => {
            answer.error(503, "service_unavailable");
            return None;
        }
    };
    let number = |key: &str| key.strip_prefix(OWN)?.parse().ok();
    let keys = fields.as_object().into_iter().flatten();
    Some(Read {
        began,
        ended,
        last: fields[REGISTER]
            .as_u64()
            .map(|number| u32::try_from(number).expect("a number")),
        seen: keys.filter_map(|(key, _)| number(key)).collect(),
    })
}
