//! `DELETE /public/v1/suppressions`

use actix_web::web::{Data, Payload};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::caller::{Authorized, ContactsErase};
use super::contacts::fields::{identifiers, read_email, read_phone};
use crate::domain::{Actor, Email, Identifiers, Phone, Scope};
use crate::http::shared::{
    ApiError, AppState, FieldError, JsonBody, OneContact, Reader, read_query,
};

/// The identifiers of a person: e-mail address, phone or both.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
struct ContactIdentifiers {
    /// As in an upsert. Required without a phone.
    #[schema(value_type = String, format = IdnEmail, max_length = 254)]
    email: Option<Email>,
    phone: Option<Phone>,
}

impl ContactIdentifiers {
    /// Reads the identifiers, or returns every invalid field.
    fn read(text: &str) -> Result<Identifiers, ApiError> {
        let mut reader = Reader::new(text)?;
        let sent = Self {
            email: read_email(&mut reader).flatten(),
            phone: read_phone(&mut reader).flatten(),
        };
        reader.finish("is no identifier: use email or phone")?;
        if sent.email.is_none() && sent.phone.is_none() {
            let error = FieldError::new("email", "is required where no phone is sent");
            return Err(ApiError::Invalid(vec![error]));
        }
        identifiers(sent.email, sent.phone)
    }
}

/// Removes a suppression.
///
/// A person who had this identifier and was erased after an opt-out can be opted in again. The identifiers
/// can also be sent as query parameters, because some clients and proxies drop the body of a DELETE.
/// Safe to repeat: a repeated request gets a 404.
#[utoipa::path(
    delete, path = "/public/v1/suppressions",
    security(("apiKey" = [Scope::ContactsErase])),
    request_body(content = ContactIdentifiers, example = json!({"email": "jane@example.com"})),
    responses(
        (status = 204, description = "Suppression removed."),
        (status = 404, description = "See the common errors."),
    ),
)]
pub(super) async fn lift_suppressions(
    state: Data<AppState>,
    request: HttpRequest,
    Authorized { principal, .. }: Authorized<ContactsErase>,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let identifiers = read_identifiers(&request, payload).await?;
    let actor = Actor::key(&principal.client, state.origin_of(&request));
    let is_lifted = state
        .store
        .lift_suppressions(principal.company, &actor, &identifiers)
        .await?;
    if is_lifted {
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(ApiError::NoSuchSuppression)
    }
}

/// Reads the identifiers from the query if there is one, or else from the body, which is not logged.
async fn read_identifiers(
    request: &HttpRequest,
    payload: Payload,
) -> Result<Identifiers, ApiError> {
    if request.query_string().is_empty() {
        let mut payload = payload.into_inner();
        let body = JsonBody::<OneContact>::from_request(request, &mut payload).await?;
        return ContactIdentifiers::read(body.text());
    }
    let mut members = Map::new();
    read_query(request.query_string(), |name, value| {
        if !matches!(name, "email" | "phone") {
            return Ok(false);
        }
        members.insert(name.to_owned(), Value::String(value.to_owned()));
        Ok(true)
    })?;
    ContactIdentifiers::read(&Value::Object(members).to_string()).map_err(|error| match error {
        ApiError::Invalid(_) | ApiError::ManyInvalid { .. } => {
            ApiError::BadRequest(error.to_string().into())
        }
        other => other,
    })
}
