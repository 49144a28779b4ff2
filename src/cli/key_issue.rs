//! `rubrica key create` and `rubrica key rotate`: they make a key and print its one-time secret.

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
        .create_key(&context.principal, company_id, key)
        .await
        .map_err(|error| explain(error, &company_id))?;
    let token = created.token.expose_secret();
    output.print_result(&with_secret(&created), token, keep_safe(&created))
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
        .rotate_key(&context.principal, client_id, grace)
        .await
        .map_err(|error| explain(error, client_id))?;
    let mut rotated = with_secret(&successor);
    rotated["replaces"] = json!(replaced);
    let fate = match (replaced.revoked_at, replaced.expires_at) {
        (None, Some(end)) => format!("works until {}", minute(end)),
        _ => "is revoked".to_owned(),
    };
    let hint = format!("{}\nThe old key {client_id} {fate}.", keep_safe(&successor));
    output.print_result(&rotated, successor.token.expose_secret(), hint)
}

/// A new key for a script.
fn with_secret(created: &CreatedKey) -> Value {
    let key = &created.key;
    json!({
        "key": created.token.expose_secret(),
        "clientId": key.client_id,
        "companyId": key.company_id,
        "scopes": key.scopes,
        "expiresAt": key.expires_at.map(timestamp::text),
    })
}

/// Advice about a new key for a person.
fn keep_safe(created: &CreatedKey) -> String {
    format!(
        "Store the key in a secret manager: it can't be shown again. Its client id is {}.",
        created.key.client_id
    )
}
