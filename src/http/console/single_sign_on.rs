//! Signing in by the word of an OpenID Connect issuer.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::web::{Data, Query};
use serde::Deserialize;
use tracing::info;

use super::error::ConsoleError;
use super::error_page::arrive;
use super::page::{Answer, see_other};
use super::session::{began, guarded, ready_state, taken_away};
use crate::administration::AdministrationError;
use crate::ambient::request_time;
use crate::http::shared::AppState;
use crate::oidc::{OidcError, PendingSignIn, SingleSignOn};

const COOKIE: &str = "__Host-rubrica-oidc";
/// How long somebody may take at the issuer.
const PATIENCE: Duration = Duration::minutes(10);

/// What the issuer sends along (RFC 6749, section 4.1.2).
#[derive(Deserialize)]
pub(super) struct Returned {
    #[serde(default)]
    state: String,
    code: Option<String>,
    error: Option<String>,
}

/// `GET /console/oidc`: on to the issuer.
pub(super) async fn begin(request: HttpRequest) -> Answer {
    let state = ready_state(&request)?;
    let sign_on = configured(&state)?;
    is_navigation(&request)?;
    state.administration.admit(&state.origin_of(&request))?;
    let (url, pending) = request_time::exclude(sign_on.begin()).await?;
    // Lax: the issuer is another site, and the way back begins there.
    let mut cookie = guarded(COOKIE, pending.to_text());
    cookie.set_same_site(SameSite::Lax);
    cookie.set_max_age(PATIENCE);
    Ok(see_other(&url).cookie(cookie).finish())
}

/// `GET /console/oidc/callback`: back from the issuer.
pub(super) async fn end(request: HttpRequest, Query(returned): Query<Returned>) -> Answer {
    let mut response = match identified(&request, &returned).await {
        Ok(response) => response,
        Err(error) => actix_web::ResponseError::error_response(&error),
    };
    // It works once, however it ends.
    response
        .add_cookie(&taken_away(COOKIE))
        .map_err(|error| ConsoleError::Internal(error.to_string()))?;
    Ok(response)
}

async fn identified(request: &HttpRequest, returned: &Returned) -> Answer {
    let state = ready_state(request)?;
    let sign_on = configured(&state)?;
    is_navigation(request)?;
    let origin = state.origin_of(request);
    state.administration.admit(&origin)?;
    let pending = request.cookie(COOKIE);
    let pending = pending.and_then(|cookie: Cookie<'_>| PendingSignIn::from_text(cookie.value()));
    let code = match (&returned.code, &returned.error) {
        (Some(code), None) => Ok(code.as_str()),
        // The issuer's own words are not for the log: they may hold anything.
        _ => Err("the issuer let nobody in"),
    };
    let signed_in =
        match request_time::exclude(sign_on.finish(pending, &returned.state, code)).await {
            Ok(identity) => {
                let administration = &state.administration;
                administration.sign_in_by_identity(&origin, &identity).await
            }
            Err(OidcError::Refused(cause)) => {
                info!(cause, "an identity was refused");
                Err(state.administration.refuse_identity(&origin))
            }
            Err(error) => return Err(error.into()),
        };
    match signed_in {
        Ok(tokens) => {
            let mut response = arrive("/console".to_owned());
            response
                .add_cookie(&began(tokens.refresh_token.text()))
                .map_err(|error| ConsoleError::Internal(error.to_string()))?;
            Ok(response)
        }
        Err(AdministrationError::SignInRefused) => Err(ConsoleError::NotIdentified),
        Err(error) => Err(error.into()),
    }
}

/// Whether somebody goes here, and no page of another site has it loaded as an image: that would use
/// their address's limit up. Old browsers do not say.
fn is_navigation(request: &HttpRequest) -> Result<(), ConsoleError> {
    match request.headers().get("sec-fetch-mode") {
        Some(mode) if mode != "navigate" => Err(ConsoleError::Forged),
        _ => Ok(()),
    }
}

fn configured(state: &Data<AppState>) -> Result<&SingleSignOn, ConsoleError> {
    let sign_on = state.administration.single_sign_on();
    sign_on.ok_or(ConsoleError::UnknownPage)
}
