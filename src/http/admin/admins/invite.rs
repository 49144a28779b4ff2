//! `POST /admin/v1/admins` and `/admin/v1/admins/{adminId}/invite`

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json};
use utoipa::ToSchema;

use super::admin::InvitedResponse;
use crate::domain::{AdminId, CompanyId, Email, Role, RoleName};
use crate::http::admin::caller::SignedIn;
use crate::http::shared::{
    Administrative, ApiError, AppState, FieldError, JsonBody, PathValue, Reader, invalid, parsed,
    string,
};

/// An administrator to invite.
#[derive(ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewInvitation {
    #[schema(value_type = String, format = IdnEmail, max_length = 254)]
    email: Option<Email>,
    #[schema(value_type = RoleName)]
    role: Option<RoleName>,
    /// Required for the role `company_admin`, and not allowed for operators.
    #[schema(value_type = Option<String>, pattern = "^[1-9][0-9]{0,17}$")]
    company_id: Option<CompanyId>,
}

impl NewInvitation {
    /// Reads the e-mail address and the role.
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
/// Send the token to the administrator yourself: it sets the password once, with
/// `POST /admin/v1/accept-invitation`. Only operators can invite operators. The e-mail address of an expired
/// invitation can be invited again. Safe to repeat: a repeated request gets a 409.
#[utoipa::path(
    post, path = "/admin/v1/admins",
    request_body(content = NewInvitation, example = json!({
        "email": "grace@example.com", "role": "company_admin", "companyId": "1",
    })),
    responses(
        (status = 201, description = "The administrator and the invitation token.", body = InvitedResponse,
            headers(("Location")), example = json!(InvitedResponse::sample())),
        (status = 404, description = "See the common errors."),
        (status = 409, description = "See the common errors."),
    ),
)]
pub(in crate::http::admin) async fn invite_admin(
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
/// The new token replaces the previous one. Only operators can invite an administrator again who already
/// has a password. Nobody can invite an operator again who has a password: use
/// `rubrica admin reset-password`. The current password works until a new one is set. Safe to repeat: each
/// request creates another token.
#[utoipa::path(
    post, path = "/admin/v1/admins/{adminId}/invite",
    params(PathValue::<AdminId>),
    responses(
        (status = 200, description = "The administrator and the new invitation token.", body = InvitedResponse,
            example = json!(InvitedResponse::sample())),
    ),
)]
pub(in crate::http::admin) async fn invite_admin_again(
    state: Data<AppState>,
    SignedIn(principal): SignedIn,
    PathValue(id): PathValue<AdminId>,
) -> Result<Json<InvitedResponse>, ApiError> {
    let invited = state.administration.invite_again(&principal, id).await?;
    Ok(Json(invited.into()))
}
