//! `GET /admin/v1/audit`

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Serialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use utoipa::openapi::schema::{AdditionalProperties, Object, ObjectBuilder, SchemaType, Type};
use utoipa::{IntoParams, ToSchema};

use super::caller::SignedIn;
use super::query::{parse_text, parse_timestamp};
use crate::domain::{
    AuditAction, AuditFilter, CompanyId, RecordedAction, RecordedEvent, timestamp,
};
use crate::http::openapi::samples;
use crate::http::shared::{ApiError, AppState, Page, PageRequest};

/// An audit event.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditEvent)]
pub(super) struct EventResponse {
    #[serde(serialize_with = "timestamp::serialize")]
    #[schema(value_type = String, format = DateTime)]
    occurred_at: OffsetDateTime,
    /// `admin:<id>`, `cli:<user>@<host>`, `key:<client id>`, or `anonymous` if nobody was signed in.
    actor: String,
    /// For example `key.revoke`.
    #[schema(value_type = String)]
    action: RecordedAction,
    /// The company of the event; `null` if it has none.
    #[schema(value_type = Option<String>, required)]
    company_id: Option<CompanyId>,
    /// `company:<id>`, `key:<client id>`, `admin:<id>`, `admin:unknown` or `contact:<id>`.
    subject: String,
    #[schema(required, schema_with = values_before)]
    before: Option<Value>,
    #[schema(required, schema_with = values_after)]
    after: Option<Value>,
    /// The client address of the request; `null` for the command line.
    #[schema(required)]
    client_address: Option<String>,
    /// The `X-Request-Id` of the request if it contains only letters, digits, `.`, `_` and `-`; otherwise
    /// a generated id.
    #[schema(required)]
    request_id: Option<String>,
}

type EventPage = Page<EventResponse>;

impl From<RecordedEvent> for EventResponse {
    fn from(event: RecordedEvent) -> Self {
        Self {
            occurred_at: event.occurred_at,
            actor: event.actor,
            action: event.action,
            company_id: event.company_id,
            subject: event.subject,
            before: event.before,
            after: event.after,
            client_address: event.client_address,
            request_id: event.request_id,
        }
    }
}

impl EventResponse {
    fn sample() -> Self {
        Self {
            occurred_at: samples::TIMESTAMP,
            actor: "admin:1".to_owned(),
            action: RecordedAction::Known(AuditAction::CompanyCreate),
            company_id: Some(CompanyId::new(1)),
            subject: "company:1".to_owned(),
            before: None,
            after: Some(json!({"name": "Acme"})),
            client_address: Some("192.0.2.1".to_owned()),
            request_id: Some(samples::REQUEST_ID.to_owned()),
        }
    }
}

fn values_before() -> Object {
    values("The values before the change, by name.")
}

fn values_after() -> Object {
    values("The values after the change, by name.")
}

fn values(description: &str) -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
        .description(Some(description))
        .additional_properties(Some(AdditionalProperties::FreeForm(true)))
        .build()
}

/// The filters of a list of events.
#[derive(Default, IntoParams)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    /// Only events of this actor, such as `admin:1`.
    actor: Option<String>,
    /// Only events with this action, such as `company.create`.
    action: Option<String>,
    /// Only events with this subject, such as `company:1`.
    subject: Option<String>,
    /// Only events of this company.
    #[param(rename = "companyId", value_type = Option<String>, pattern = "^[1-9][0-9]{0,17}$")]
    company_id: Option<CompanyId>,
    /// Only events at or after this timestamp.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<OffsetDateTime>,
    /// Only events before this timestamp.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<OffsetDateTime>,
}

impl AuditQuery {
    /// Reads a parameter and returns whether it is known.
    fn read(&mut self, name: &str, value: &str) -> Result<bool, ApiError> {
        match name {
            "actor" => self.actor = Some(parse_text(name, value)?),
            "action" => self.action = Some(parse_text(name, value)?),
            "subject" => self.subject = Some(parse_text(name, value)?),
            "companyId" => {
                let id = value
                    .parse()
                    .map_err(|error| ApiError::BadRequest(format!("companyId {error}").into()))?;
                self.company_id = Some(id);
            }
            "from" => self.from = Some(parse_timestamp(name, value)?),
            "to" => self.to = Some(parse_timestamp(name, value)?),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// Lists audit events.
///
/// The newest come first. Changes, sign-ins and failed sign-ins are recorded. Each replica records at most
/// 20 failed sign-ins per hour for each account, and 20 for all unknown accounts together; a metric counts
/// all of them.
#[utoipa::path(
    get, path = "/admin/v1/audit",
    params(PageRequest, AuditQuery),
    responses(
        (status = 200, description = "A page of events.", body = EventPage,
            example = json!(Page::sample([EventResponse::sample()]))),
        (status = 404, description = "See the common errors."),
    ),
)]
pub(super) async fn list_audit_events(
    state: Data<AppState>,
    request: HttpRequest,
    SignedIn(principal): SignedIn,
) -> Result<Json<EventPage>, ApiError> {
    let mut query = AuditQuery::default();
    let page = PageRequest::parse(request.query_string(), |name, value| {
        query.read(name, value)
    })?;
    let filter = AuditFilter {
        actor: query.actor,
        action: query.action.map(RecordedAction::from),
        subject: query.subject,
        from: query.from,
        to: query.to,
    };
    let company = query.company_id;
    let events = state
        .administration
        .list_audit_events(&principal, company, &filter, page.cursor, page.fetch())
        .await?;
    let max_bytes = state.max_page_bytes();
    Ok(Json(Page::new(events, &page, max_bytes, |event| event.id)?))
}
