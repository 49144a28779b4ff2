//! Handlers of contacts.

use actix_web::web::{Data, Json};

use super::AppState;
use super::body::JsonBody;
use super::caller::{Authorized, ContactsWrite};
use super::contact_patch;
use super::error::ApiError;
use crate::domain::Upserted;

/// `POST /public/v1/contacts`: creates the contact, or updates the one that is meant.
pub(super) async fn upsert(
    state: Data<AppState>,
    Authorized { principal, .. }: Authorized<ContactsWrite>,
    body: JsonBody,
) -> Result<Json<[Upserted; 1]>, ApiError> {
    let patch = contact_patch::parse(body.text(), principal.settings)?;
    let upserted = state
        .store
        .upsert_contact(
            principal.company,
            principal.settings,
            &principal.client,
            &patch,
        )
        .await?;
    Ok(Json([upserted]))
}
