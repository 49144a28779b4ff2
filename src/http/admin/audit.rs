//! The handler of the audit record.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};

use super::answers::AuditEventPage;
use super::caller::SignedIn;
use super::examples;
use super::parameters::AuditQuery;
use super::queries::{moment, text};
use super::tags::AUDIT;
use crate::domain::{AuditFilter, RecordedEvent};
use crate::http::shared::error::ApiError;
use crate::http::shared::page::{Page, PageRequest};
use crate::http::shared::state::AppState;

/// Lists what was done.
///
/// The newest first: changes, sign-ins, and sign-ins that failed. Of each account, and of unknown ones
/// together, each replica records at most 20 failed sign-ins an hour; a metric counts all.
#[utoipa::path(
    get,
    path = "/admin/v1/audit",
    operation_id = "listAuditEvents",
    tag = AUDIT,
    security(("accessToken" = [])),
    params(PageRequest, AuditQuery),
    responses(
        (status = 200, description = "A page of events.", body = AuditEventPage,
            example = json!(examples::audit_events())),
        (status = 404, description = "See the common errors."),
    ),
)]
pub(super) async fn list(
    state: Data<AppState>,
    request: HttpRequest,
    SignedIn(acting): SignedIn,
) -> Result<Json<Page<RecordedEvent>>, ApiError> {
    let mut company = None;
    let mut filter = AuditFilter::default();
    let page = PageRequest::parse(request.query_string(), |name, value| {
        match name {
            "actor" => filter.actor = Some(text(name, value)?),
            "action" => filter.action = Some(text(name, value)?.into()),
            "subject" => filter.subject = Some(text(name, value)?),
            "companyId" => {
                let id = value
                    .parse()
                    .map_err(|error| ApiError::BadRequest(format!("companyId {error}").into()))?;
                company = Some(id);
            }
            "from" => filter.from = Some(moment(name, value)?),
            "to" => filter.to = Some(moment(name, value)?),
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let events = state
        .administration
        .list_audit_events(&acting, company, &filter, page.cursor, page.fetch())
        .await?;
    let max_bytes = state.max_page_bytes();
    Ok(Json(Page::new(events, &page, max_bytes, |event| event.id)?))
}
