//! `GET /admin/v1/keys/{clientId}/usage`

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use serde::Serialize;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use utoipa::{IntoParams, ToSchema};

use crate::ambient;
use crate::domain::{ClientId, HourlyUsage, timestamp};
use crate::http::admin::caller::SignedIn;
use crate::http::admin::query::parse_timestamp;
use crate::http::shared::{ApiError, AppState, PathValue, read_query};

/// The default time range.
const DEFAULT_SPAN: Duration = Duration::DAY;
/// The longest time range.
const LONGEST_SPAN: Duration = Duration::days(400);

/// The requests of a key per hour.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyUsage)]
pub(in crate::http::admin) struct UsageResponse {
    data: Vec<HourResponse>,
}

/// The requests of a key in one hour.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HourOfApiKey)]
struct HourResponse {
    /// When the hour began.
    #[serde(serialize_with = "timestamp::serialize")]
    #[schema(value_type = String, format = DateTime)]
    hour: OffsetDateTime,
    /// All requests. A batch counts as one.
    #[schema(minimum = 0)]
    requests: i64,
    /// Rate-limited requests: 429.
    #[schema(minimum = 0)]
    refused: i64,
    /// Other client errors: 4xx.
    #[schema(minimum = 0)]
    client_errors: i64,
    /// Server errors: 5xx.
    #[schema(minimum = 0)]
    server_errors: i64,
}

impl From<HourlyUsage> for HourResponse {
    fn from(usage: HourlyUsage) -> Self {
        Self {
            hour: usage.hour,
            requests: usage.counts.requests,
            refused: usage.counts.refused,
            client_errors: usage.counts.client_errors,
            server_errors: usage.counts.server_errors,
        }
    }
}

impl UsageResponse {
    fn sample() -> Self {
        Self {
            data: vec![HourResponse {
                hour: datetime!(2126-01-31 09:00:00 UTC),
                requests: 1200,
                refused: 3,
                client_errors: 12,
                server_errors: 0,
            }],
        }
    }
}

/// The time range.
#[derive(Default, IntoParams)]
#[into_params(parameter_in = Query)]
struct UsageQuery {
    /// Only hours that began at or after this timestamp. Default: 24 hours before `to`.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<OffsetDateTime>,
    /// Only hours that began before this timestamp, at most 400 days after `from`. Default: now.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<OffsetDateTime>,
}

impl UsageQuery {
    fn read(query: &str) -> Result<Self, ApiError> {
        let mut read = Self::default();
        read_query(query, |name, value| {
            match name {
                "from" => read.from = Some(parse_timestamp(name, value)?),
                "to" => read.to = Some(parse_timestamp(name, value)?),
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(read)
    }

    /// The start and the end of the time range.
    fn span(&self, now: OffsetDateTime) -> Result<(OffsetDateTime, OffsetDateTime), ApiError> {
        let to = self
            .to
            .unwrap_or_else(|| self.from.map_or(now, |from| from.max(now)));
        let back = |span| to.checked_sub(span).unwrap_or(to);
        let from = self.from.unwrap_or_else(|| back(DEFAULT_SPAN));
        if (back(LONGEST_SPAN)..=to).contains(&from) {
            Ok((from, to))
        } else {
            let message = "from must be before to, by at most 400 days";
            Err(ApiError::BadRequest(message.into()))
        }
    }
}

/// Gets the usage of a key per hour.
///
/// The oldest hour comes first. Hours without requests are omitted. Counts are up to 30 seconds late.
#[utoipa::path(
    get, path = "/admin/v1/keys/{clientId}/usage",
    params(PathValue::<ClientId>, UsageQuery),
    responses(
        (status = 200, description = "The hours.", body = UsageResponse,
            example = json!(UsageResponse::sample())),
    ),
)]
pub(in crate::http::admin) async fn get_key_usage(
    state: Data<AppState>,
    request: HttpRequest,
    SignedIn(principal): SignedIn,
    PathValue(client): PathValue<ClientId>,
) -> Result<Json<UsageResponse>, ApiError> {
    let (from, to) = UsageQuery::read(request.query_string())?.span(ambient::now())?;
    let usage = state
        .administration
        .key_usage(&principal, &client, from, to);
    let data = usage.await?.into_iter().map(Into::into).collect();
    Ok(Json(UsageResponse { data }))
}
