//! One contact: read by id, e-mail address and phone, changed, deleted, restored; its consent
//! history.

mod changing;
mod history;
mod preconditions;
mod read_only;
mod reading;
mod versions;

use serde_json::Value;

use crate::harness::{Tenant, TestApp};

async fn new_contact(app: &TestApp, tenant: &Tenant, body: &Value) -> String {
    let result = app.upsert(&tenant.key, body).await.result();
    assert_eq!(result["outcome"], "created");
    result["contactId"].as_str().expect("an id").to_owned()
}
