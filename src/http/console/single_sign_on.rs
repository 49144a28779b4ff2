//! Single sign-on via OpenID Connect.

use actix_web::cookie::SameSite;
use actix_web::cookie::time::Duration;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde::Deserialize;
use tracing::info;

use super::cookies::{expired_cookie, strict_cookie};
use super::error::ConsoleError;
use super::error_page::client_redirect;
use super::response::{PageResult, redirect};
use super::session::{ready_state, session_cookie};
use crate::administration::AdministrationError;
use crate::ambient::request_time;
use crate::http::shared::AppState;
use crate::oidc::{OidcError, PendingSignIn, SingleSignOn};

const COOKIE: &str = "__Host-rubrica-oidc";
/// The longest time that a sign-in at the issuer may take.
const LIFETIME: Duration = Duration::minutes(10);

/// The parameters that the issuer adds to the callback (RFC 6749, section 4.1.2).
#[derive(Deserialize)]
pub(super) struct Callback {
    #[serde(default)]
    state: String,
    code: Option<String>,
    error: Option<String>,
}

/// `GET /console/oidc`: redirects to the issuer.
pub(super) async fn begin(request: HttpRequest) -> PageResult {
    let state = ready_state(&request)?;
    let issuer = admit(&state, &request)?;
    let (url, pending) = request_time::exclude(issuer.begin()).await?;
    // Lax, because the callback is a navigation that starts at the issuer, which is another site.
    let mut cookie = strict_cookie(COOKIE, pending.to_text());
    cookie.set_same_site(SameSite::Lax);
    cookie.set_max_age(LIFETIME);
    Ok(redirect(&url).cookie(cookie).finish())
}

/// `GET /console/oidc/callback`: the issuer redirects here.
pub(super) async fn finish(request: HttpRequest, Query(callback): Query<Callback>) -> PageResult {
    let response = sign_in(&request, &callback).await;
    let mut response = response.unwrap_or_else(|error| error.error_response());
    // A sign-in can be used once, whatever its result.
    response
        .add_cookie(&expired_cookie(COOKIE))
        .map_err(|error| ConsoleError::Internal(error.to_string()))?;
    Ok(response)
}

async fn sign_in(request: &HttpRequest, callback: &Callback) -> PageResult {
    let state = ready_state(request)?;
    let issuer = admit(&state, request)?;
    let origin = state.origin_of(request);
    let pending = request.cookie(COOKIE);
    let pending = pending.and_then(|cookie| PendingSignIn::from_text(cookie.value()));
    let code = match (&callback.code, &callback.error) {
        (Some(code), None) => Ok(code.as_str()),
        // The issuer's error is not logged, because its text may contain anything.
        _ => Err("the issuer let nobody in"),
    };
    let identity = request_time::exclude(issuer.finish(pending, &callback.state, code)).await;
    let signed_in = match identity {
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
            let mut response = HttpResponse::Ok();
            response.cookie(session_cookie(tokens.refresh_token.text()));
            Ok(client_redirect(response, "/console".to_owned()))
        }
        Err(AdministrationError::SignInRefused) => Err(ConsoleError::NotIdentified),
        Err(error) => Err(error.into()),
    }
}

/// The configured issuer, unless the client has made too many requests. Another site could use up that limit by
/// loading this URL as an image, so only navigations are accepted. Old browsers do not report the mode.
fn admit<'state>(
    state: &'state Data<AppState>,
    request: &HttpRequest,
) -> Result<&'state SingleSignOn, ConsoleError> {
    let issuer = state.administration.single_sign_on();
    let issuer = issuer.ok_or(ConsoleError::UnknownPage)?;
    match request.headers().get("sec-fetch-mode") {
        Some(mode) if mode != "navigate" => Err(ConsoleError::CsrfCheckFailed),
        _ => {
            state.administration.admit(&state.origin_of(request))?;
            Ok(issuer)
        }
    }
}
