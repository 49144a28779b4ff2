//! `POST /admin/v1/keys/{clientId}/rotate`

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::key::{CreatedKeyResponse, KeyResponse};
use crate::domain::{ClientId, GracePeriod};
use crate::http::admin::caller::SignedIn;
use crate::http::openapi::schemas::with_member;
use crate::http::shared::{
    Administrative, ApiError, AppState, JsonBody, PathValue, Reader, invalid,
};

/// The options of a rotation.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KeyRotation {
    /// Days for which the old key keeps working.
    #[schema(value_type = Option<u8>, minimum = 0, maximum = 7, default = 1)]
    grace_days: Option<GracePeriod>,
}

impl KeyRotation {
    fn read(text: &str) -> Result<Self, ApiError> {
        let mut reader = Reader::new(text)?;
        let grace_days = reader.optional("graceDays", |field, raw| {
            let grace = whole_number(raw).and_then(|days| GracePeriod::of_days(days).ok());
            grace.ok_or_else(|| invalid(field, "must be a whole number from 0 to 7", raw))
        });
        reader.finish_with(Some(Self { grace_days }))
    }
}

/// Reads a small whole number in any JSON spelling, such as 1.0.
fn whole_number(raw: &RawValue) -> Option<u8> {
    let sent: f64 = raw.get().parse().ok()?;
    // Minus zero becomes zero.
    let is_sent = |number: &u8| f64::from(*number).total_cmp(&(sent + 0.0)).is_eq();
    (0..=u8::MAX).find(is_sent)
}

/// A key with its secret, and the key that it replaces.
#[derive(Serialize)]
struct RotatedKeyResponse {
    #[serde(flatten)]
    successor: CreatedKeyResponse,
    replaces: KeyResponse,
}

impl RotatedKeyResponse {
    fn sample() -> Self {
        Self {
            successor: CreatedKeyResponse::sample(),
            replaces: KeyResponse::replaced_sample(),
        }
    }
}

impl PartialSchema for RotatedKeyResponse {
    fn schema() -> RefOr<Schema> {
        let replaced = Ref::from_schema_name(KeyResponse::name());
        let description = "A key with its secret, and the key that it replaces.";
        with_member::<CreatedKeyResponse>(description, "replaces", replaced)
    }
}

impl ToSchema for RotatedKeyResponse {
    fn name() -> Cow<'static, str> {
        "RotatedApiKey".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((KeyResponse::name().into_owned(), KeyResponse::schema()));
        KeyResponse::schemas(schemas);
    }
}

/// Rotates a key.
///
/// The response contains a new key with its secret, which is not returned again. The new key has the same
/// name, scopes, limit and expiry. Both keys work for `graceDays`, or until the old key expires; with 0 the
/// old key is revoked immediately. Not safe to repeat: a repeated request gets a 409; if the response is
/// lost, rotate the key that `replacedBy` names.
#[utoipa::path(
    post, path = "/admin/v1/keys/{clientId}/rotate",
    params(PathValue::<ClientId>),
    request_body(content = KeyRotation, example = json!({"graceDays": 7})),
    responses(
        (status = 201, description = "The new key and the key that it replaces.", body = RotatedKeyResponse,
            headers(("Location")), example = json!(RotatedKeyResponse::sample())),
        (status = 409, description = "See the common errors."),
    ),
)]
pub(in crate::http::admin) async fn rotate_key(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    PathValue(client): PathValue<ClientId>,
    body: JsonBody<Administrative>,
) -> Result<HttpResponse, ApiError> {
    let KeyRotation { grace_days } = KeyRotation::read(body.text())?;
    let rotated = state
        .administration
        .rotate_key(&principal, &client, grace_days.unwrap_or_default())
        .await?;
    let rotated = RotatedKeyResponse {
        successor: rotated.successor.into(),
        replaces: rotated.replaced.into(),
    };
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, rotated.successor.location()))
        .json(rotated))
}
