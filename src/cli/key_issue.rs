//! `rubrica key create` and `rubrica key rotate`: they create a key and print its one-time secret.

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::OutputArgs;
use super::context::{AdminContext, explain};
use super::output::minute;
use crate::administration::{CreatedKey, KeyToCreate, RotatedKey};
use crate::domain::{ClientId, CompanyId, GracePeriod, timestamp};

/// Creates a key and prints it.
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
    output.print_result(&json_with_secret(&created), token, hint_for(&created))
}

/// Replaces a key with a new one and prints the new one.
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
    let mut rotated = json_with_secret(&successor);
    rotated["replaces"] = json!(replaced);
    let fate = match (replaced.revoked_at, replaced.expires_at) {
        (None, Some(end)) => format!("works until {}", minute(end)),
        _ => "is revoked".to_owned(),
    };
    let hint = format!("{}\nThe old key {client_id} {fate}.", hint_for(&successor));
    output.print_result(&rotated, successor.token.expose_secret(), hint)
}

/// The JSON form of a new key, with its secret.
fn json_with_secret(created: &CreatedKey) -> Value {
    let key = &created.key;
    json!({
        "key": created.token.expose_secret(),
        "clientId": key.client_id,
        "companyId": key.company_id,
        "scopes": key.scopes,
        "expiresAt": key.expires_at.map(timestamp::text),
    })
}

/// The hint for a person about a new key.
fn hint_for(created: &CreatedKey) -> String {
    format!(
        "Store the key in a secret manager: it can't be shown again. Its client id is {}.",
        created.key.client_id
    )
}
