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

/// How to rotate a key.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KeyRotation {
    /// The days in which the old key still works. Without it, or with `null`, one.
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

/// A small whole number, in any form of JSON: 1.0 is one, too.
fn whole_number(raw: &RawValue) -> Option<u8> {
    let sent: f64 = raw.get().parse().ok()?;
    // Minus zero becomes zero.
    let is_sent = |number: &u8| f64::from(*number).total_cmp(&(sent + 0.0)).is_eq();
    (0..=u8::MAX).find(is_sent)
}

/// A key with its token, and the one in whose place it was made.
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
        let description = "A key with its token, and the one in whose place it was made.";
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

/// Makes a key in the place of one, and shows it for the only time.
///
/// Name, scopes, limit and end stay. Both keys work for `graceDays`, but not beyond the old one's end;
/// without a day of grace it is revoked. Not safe to repeat: a repeated call answers 409; where an answer
/// was lost, rotate the key that `replacedBy` names.
#[utoipa::path(
    post,
    path = "/admin/v1/keys/{clientId}/rotate",
    operation_id = "rotateKey",
    params(PathValue::<ClientId>),
    request_body(content = KeyRotation, example = json!({"graceDays": 7})),
    responses(
        (status = 201, description = "It is made.", body = RotatedKeyResponse,
            headers(("Location")), example = json!(RotatedKeyResponse::sample())),
        (status = 409, description = "See the common errors."),
    ),
)]
pub(in crate::http::admin) async fn rotate(
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
