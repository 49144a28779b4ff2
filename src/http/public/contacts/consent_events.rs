//! `GET /public/v1/contacts/{id}/consent-events`

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Serialize;
use time::OffsetDateTime;
use time::macros::datetime;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use crate::domain::{ConsentEvent, ContactId, Scope, timestamp};
use crate::http::openapi::samples;
use crate::http::openapi::schemas::one_of;
use crate::http::public::caller::{Authorized, ContactsRead};
use crate::http::shared::{ApiError, AppState, Page, PageRequest, PathValue};

type ConsentEventPage = Page<ConsentEventResponse>;

/// A change of a consent, or of the address that it applies to.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsentEvent)]
pub(in crate::http::public) struct ConsentEventResponse {
    #[schema(schema_with = channel)]
    channel: String,
    /// The previous status; `null`: never asked.
    #[schema(required)]
    old_status: Option<bool>,
    /// The new status, for `address`. If it equals `oldStatus`, the address changed and the consent applies
    /// to the new one. `null`: the consent was reset because the address changed.
    #[schema(required)]
    new_status: Option<bool>,
    /// The new e-mail address or phone of the contact; `null`: none.
    #[schema(required)]
    address: Option<String>,
    /// The client id of the key that made the change.
    #[schema(required)]
    client_id: Option<String>,
    /// When the change was made.
    #[serde(serialize_with = "timestamp::serialize")]
    #[schema(value_type = String, format = DateTime)]
    occurred_at: OffsetDateTime,
}

impl From<ConsentEvent> for ConsentEventResponse {
    fn from(event: ConsentEvent) -> Self {
        Self {
            channel: event.channel,
            old_status: event.old_status,
            new_status: event.new_status,
            address: event.address,
            client_id: event.client_id,
            occurred_at: event.occurred_at,
        }
    }
}

impl ConsentEventResponse {
    fn sample(old_status: Option<bool>, address: &str, occurred_at: OffsetDateTime) -> Self {
        Self {
            channel: "email".to_owned(),
            old_status,
            new_status: Some(true),
            address: Some(address.to_owned()),
            client_id: Some("abcdefghij27".to_owned()),
            occurred_at,
        }
    }

    /// A consent, and a later change of the address that it applies to.
    fn samples() -> [Self; 2] {
        let moved_at = datetime!(2026-02-28 16:45:00.654321 UTC);
        [
            Self::sample(Some(true), "jane@example.com", moved_at),
            Self::sample(None, "jane.doe@example.com", samples::TIMESTAMP),
        ]
    }
}

fn channel() -> Object {
    one_of(&["email", "whatsapp"])
        .description(Some("`email` or `whatsapp`."))
        .build()
}

/// Lists the consent events of a contact.
///
/// The newest come first. A change of the address has an event, too: the newest event of a channel has its
/// current status and the address that the status applies to. A deleted contact keeps its events until it
/// is erased.
#[utoipa::path(
    get, path = "/public/v1/contacts/{id}/consent-events",
    security(("apiKey" = [Scope::ContactsRead])),
    params(PathValue::<ContactId>, PageRequest),
    responses(
        (status = 200, description = "A page of events.", body = ConsentEventPage,
            example = json!(Page::sample(ConsentEventResponse::samples()))),
    ),
)]
pub(in crate::http::public) async fn list_consent_events(
    state: Data<AppState>,
    request: HttpRequest,
    Authorized { principal, .. }: Authorized<ContactsRead>,
    PathValue(id): PathValue<ContactId>,
) -> Result<Json<ConsentEventPage>, ApiError> {
    let page = PageRequest::parse(request.query_string(), |_, _| Ok(false))?;
    let before = page.cursor.unwrap_or(i64::MAX);
    let events = state
        .store
        .list_consent_events(principal.company, id, before, page.fetch())
        .await?
        .ok_or(ApiError::NoSuchContact)?;
    let max_bytes = state.max_page_bytes();
    Ok(Json(Page::new(events, &page, max_bytes, |event| event.id)?))
}
