//! The handler of what a key was used for.

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Serialize;
use time::{Duration, OffsetDateTime};

use super::answers::ApiKeyUsage;
use super::caller::SignedIn;
use super::examples;
use super::parameters::{ByClient, UsageQuery};
use super::queries::moment;
use super::tags::KEYS;
use crate::ambient;
use crate::domain::{ClientId, HourlyUsage};
use crate::http::shared::error::ApiError;
use crate::http::shared::page::read_query;
use crate::http::shared::path::PathValue;
use crate::http::shared::state::AppState;

/// What is shown where nothing is said.
const DEFAULT_SPAN: Duration = Duration::DAY;
/// What is shown at once, at most.
const LONGEST_SPAN: Duration = Duration::days(400);

/// The hours of a key.
#[derive(Serialize)]
pub(super) struct Hours {
    data: Vec<HourlyUsage>,
}

/// Shows the requests of a key, hour by hour.
///
/// The oldest first; hours without a request are left out. Up to half a minute late. Without `from`, the
/// 24 hours before `to`; without `to`, until now.
#[utoipa::path(
    get,
    path = "/admin/v1/keys/{clientId}/usage",
    operation_id = "getKeyUsage",
    tag = KEYS,
    security(("accessToken" = [])),
    params(ByClient, UsageQuery),
    responses(
        (status = 200, description = "The hours.", body = ApiKeyUsage,
            example = json!(examples::key_usage())),
    ),
)]
pub(super) async fn show(
    state: Data<AppState>,
    request: HttpRequest,
    SignedIn(acting): SignedIn,
    PathValue(client): PathValue<ClientId>,
) -> Result<Json<Hours>, ApiError> {
    let (from, to) = span(request.query_string(), ambient::now())?;
    let usage = state.administration.key_usage(&acting, &client, from, to);
    Ok(Json(Hours { data: usage.await? }))
}

fn span(query: &str, now: OffsetDateTime) -> Result<(OffsetDateTime, OffsetDateTime), ApiError> {
    let (mut from, mut to) = (None, None);
    read_query(query, |name, value| {
        match name {
            "from" => from = Some(moment(name, value)?),
            "to" => to = Some(moment(name, value)?),
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let to = to.unwrap_or_else(|| from.map_or(now, |from| from.max(now)));
    let back = |span| to.checked_sub(span).unwrap_or(to);
    let from = from.unwrap_or_else(|| back(DEFAULT_SPAN));
    if (back(LONGEST_SPAN)..=to).contains(&from) {
        Ok((from, to))
    } else {
        let message = "from must be before to, by at most 400 days";
        Err(ApiError::BadRequest(message.into()))
    }
}
