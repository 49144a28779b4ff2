//! `rubrica key create` and `rubrica key rotate`: what makes a key, and shows it once.

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::OutputArgs;
use super::context::{AdminContext, explain};
use super::output::minute;
use crate::administration::{CreatedKey, KeyToCreate, RotatedKey};
use crate::domain::{ClientId, CompanyId, GracePeriod, timestamp};

/// Makes a key, and shows it.
pub(super) async fn create(
    context: &AdminContext,
    company_id: CompanyId,
    key: KeyToCreate,
    output: OutputArgs,
) -> anyhow::Result<()> {
    let created = context
        .administration
        .create_key(&context.acting, company_id, key)
        .await
        .map_err(|error| explain(error, &company_id))?;
    output.print(&shown_once(&created), |_| keep_safe(&created))
}

/// Makes a key in the place of an old one, and shows it.
pub(super) async fn rotate(
    context: &AdminContext,
    client_id: &ClientId,
    grace: GracePeriod,
    output: OutputArgs,
) -> anyhow::Result<()> {
    let RotatedKey {
        successor,
        replaced,
    } = context
        .administration
        .rotate_key(&context.acting, client_id, grace)
        .await
        .map_err(|error| explain(error, client_id))?;
    let mut rotated = shown_once(&successor);
    rotated["replaces"] = json!(replaced);
    output.print(&rotated, |_| {
        let fate = match (replaced.revoked_at, replaced.expires_at) {
            (None, Some(end)) => format!("works until {}", minute(end)),
            _ => "is revoked".to_owned(),
        };
        format!("{}\nThe key {client_id} {fate}.", keep_safe(&successor))
    })
}

/// A new key for a script.
fn shown_once(created: &CreatedKey) -> Value {
    let key = &created.key;
    json!({
        "key": created.token.expose_secret(),
        "clientId": key.client_id,
        "companyId": key.company_id,
        "scopes": key.scopes,
        "expiresAt": key.expires_at.map(timestamp::text),
    })
}

/// A new key for a person.
fn keep_safe(created: &CreatedKey) -> String {
    format!(
        "{}\nKeep it safe: it is not shown again. Its client id is {}.",
        created.token.expose_secret(),
        created.key.client_id
    )
}
