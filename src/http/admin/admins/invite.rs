//! `POST /admin/v1/admins` and `/admin/v1/admins/{adminId}/invite`

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json};
use utoipa::ToSchema;

use super::admin::InvitedResponse;
use crate::domain::{AdminId, CompanyId, Email, Role, RoleName};
use crate::http::admin::caller::SignedIn;
use crate::http::shared::{
    Administrative, ApiError, AppState, FieldError, JsonBody, PathId, Reader, invalid, parsed,
    string,
};

/// Whom to invite.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewInvitation {
    #[schema(value_type = String, format = IdnEmail, max_length = 254)]
    email: Option<Email>,
    #[schema(value_type = RoleName)]
    role: Option<RoleName>,
    /// Of the role `company_admin` alone, which needs it.
    #[schema(value_type = Option<String>, pattern = "^[1-9][0-9]{0,17}$")]
    company_id: Option<CompanyId>,
}

impl NewInvitation {
    /// Reads the e-mail address of whoever is invited, and the role, which is never guessed.
    fn read(text: &str) -> Result<(Email, Role), ApiError> {
        let mut reader = Reader::new(text)?;
        let sent = Self {
            email: reader.required("email", |field, raw| {
                Email::parse(&string(field, raw)?).map_err(|error| invalid(field, error, raw))
            }),
            role: reader.required("role", parsed),
            company_id: reader.optional("companyId", parsed),
        };
        let role = match (sent.role, sent.company_id) {
            (Some(RoleName::Operator), None) => Some(Role::Operator),
            (Some(RoleName::CompanyAdmin), Some(company)) => Some(Role::CompanyAdmin(company)),
            (Some(RoleName::Operator), Some(_)) => {
                let reason = "is for the role company_admin: remove it";
                reader.errors.add(FieldError::new("companyId", reason));
                None
            }
            (Some(RoleName::CompanyAdmin), None) => {
                if !reader.errors.has("companyId") {
                    let reason = "is required for the role company_admin";
                    reader.errors.add(FieldError::new("companyId", reason));
                }
                None
            }
            (None, _) => None,
        };
        reader.finish_with(sent.email.zip(role))
    }
}

/// Invites an administrator.
///
/// Hand the token over yourself: it sets the password, once, with `POST /admin/v1/accept-invitation`.
/// Only operators invite operators. An invitation that expired without being accepted does not hold the
/// e-mail address. Safe to repeat: a repeated call answers 409.
#[utoipa::path(
    post,
    path = "/admin/v1/admins",
    operation_id = "inviteAdmin",
    request_body(content = NewInvitation, example = json!({
        "email": "grace@example.com", "role": "company_admin", "companyId": "1",
    })),
    responses(
        (status = 201, description = "They are invited.", body = InvitedResponse,
            headers(("Location")), example = json!(InvitedResponse::sample())),
        (status = 404, description = "See the common errors."),
        (status = 409, description = "See the common errors."),
    ),
)]
pub(in crate::http::admin) async fn invite(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    body: JsonBody<Administrative>,
) -> Result<HttpResponse, ApiError> {
    let (email, role) = NewInvitation::read(body.text())?;
    let invited = state
        .administration
        .invite_admin(&principal, &email, role)
        .await?;
    let invited = InvitedResponse::from(invited);
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, invited.location()))
        .json(invited))
}

/// Invites an administrator again.
///
/// For who lost the token, which no longer works. Somebody who accepted an earlier invitation and lost
/// the password is invited again by operators alone, and operators by nobody: for them there is
/// `rubrica admin reset-password`. A password in use stays until another one is set. Safe to repeat: each
/// time there is another token.
#[utoipa::path(
    post,
    path = "/admin/v1/admins/{adminId}/invite",
    operation_id = "inviteAdminAgain",
    params(PathId::<AdminId>),
    responses(
        (status = 200, description = "They are invited.", body = InvitedResponse,
            example = json!(InvitedResponse::sample())),
    ),
)]
pub(in crate::http::admin) async fn invite_again(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    PathId(id): PathId<AdminId>,
) -> Result<Json<InvitedResponse>, ApiError> {
    let invited = state.administration.invite_again(&principal, id).await?;
    Ok(Json(invited.into()))
}
