//! Who is signed in, by a cookie.

use std::sync::Arc;

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::error::ConsoleError;
use super::page::{Frame, Section, SignedIn, home};
use super::return_path::wanted;
use super::site::Site;
use crate::administration::{AdminPrincipal, Administration, AdministrationError};
use crate::domain::{KeyAndCompany, Origin, Quota, RefreshToken, Role};
use crate::http::shared::AppState;
use crate::retry_after::Wait;

/// `__Host-`: browsers take it only over HTTPS (or from the same machine), for this host alone, and
/// for all of its paths.
const COOKIE: &str = "__Host-rubrica-session";

/// An administrator who is signed in, within their limit.
pub(super) struct Session {
    principal: Arc<AdminPrincipal>,
    origin: Origin,
    token: RefreshToken,
    state: Data<AppState>,
    site: Site,
}

impl Session {
    /// Who acts.
    pub(super) fn principal(&self) -> &AdminPrincipal {
        &self.principal
    }

    /// Where the request comes from.
    pub(super) const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What can be done.
    pub(super) fn administration(&self) -> &Administration {
        &self.state.administration
    }

    /// What the forms of this session carry, so that no other page can send one: nobody can make it
    /// who does not know the cookie, and the cookie cannot be told from it.
    pub(super) fn form_token(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"token of the forms of the session ");
        hash.update(self.token.text().expose_secret());
        hex::encode(hash.finalize())
    }

    /// The addresses of this site.
    pub(super) const fn site(&self) -> &Site {
        &self.site
    }

    /// The limits of keys and companies that have none of their own.
    pub(super) fn default_quotas(&self) -> KeyAndCompany<Quota> {
        self.state.limiter.quotas_of(KeyAndCompany {
            key: None,
            company: None,
        })
    }

    /// Who sees the pages of this session.
    pub(super) fn signed_in(&self) -> SignedIn {
        let principal = self.principal();
        SignedIn {
            email: principal.email().unwrap_or_default().to_owned(),
            is_operator: principal.role() == Role::Operator,
            home: home(principal.role()),
            form_token: self.form_token(),
            section: None,
            has_api: self.site.has_api(),
        }
    }

    /// What stands around a page of a part of the console.
    pub(super) fn frame(&self, section: Section, title: &str) -> Frame {
        Frame::of(self.signed_in(), section, title)
    }

    /// Ends it.
    pub(super) async fn end(&self) -> Result<(), AdministrationError> {
        let ended = self.administration().end_session(&self.origin, &self.token);
        ended.await
    }

    /// Who sends this request.
    pub(super) async fn of(request: &HttpRequest) -> Result<Self, ConsoleError> {
        let state = ready_state(request)?;
        let origin = state.origin_of(request);
        let wanted = wanted(request);
        let Some(cookie) = request.cookie(COOKIE) else {
            return Err(ConsoleError::NotSignedIn {
                wanted,
                has_ended: false,
                is_from_elsewhere: is_link_from_elsewhere(request),
            });
        };
        let token = RefreshToken::presented(cookie.value().into());
        let resumed = state.administration.resume(origin.clone(), &token);
        let principal = match resumed.await {
            Ok(principal) => principal,
            Err(AdministrationError::TokenRefused) => {
                // As of tokens of the admin API: nobody guesses without a limit.
                if let Some(decision) = state.failures.refuse(origin.client_address) {
                    let retry_after = Wait::Limit(decision.retry_after).into();
                    return Err(ConsoleError::Limited { retry_after });
                }
                return Err(ConsoleError::NotSignedIn {
                    wanted,
                    has_ended: true,
                    is_from_elsewhere: false,
                });
            }
            Err(error) => return Err(error.into()),
        };
        let principal = Arc::new(principal);
        // For the request's line in the log.
        request.extensions_mut().insert(Arc::clone(&principal));
        let session = Self {
            principal,
            origin,
            token,
            state: state.clone(),
            site: Site::of(request),
        };
        // For the frame of an error page.
        request.extensions_mut().insert(session.signed_in());
        if let Some(admin) = session.principal.admin() {
            let decision = state.admin_calls.take(&admin, state.admin_quota, 1);
            if !decision.is_allowed {
                let retry_after = Wait::Limit(decision.retry_after).into();
                return Err(ConsoleError::Limited { retry_after });
            }
        }
        Ok(session)
    }
}

impl FromRequest for Session {
    type Error = ConsoleError;
    type Future = LocalBoxFuture<'static, Result<Self, ConsoleError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(&request).await })
    }
}

/// Whether somebody follows a link on another site. Then browsers keep a `SameSite=Strict` cookie
/// back, whoever is signed in.
fn is_link_from_elsewhere(request: &HttpRequest) -> bool {
    let site = request.headers().get("sec-fetch-site");
    site.is_some_and(|site| site == "cross-site" || site == "same-site")
}

/// The state, once the schema fits.
pub(super) fn ready_state(request: &HttpRequest) -> Result<Data<AppState>, ConsoleError> {
    let state = request.app_data::<Data<AppState>>().cloned();
    let state =
        state.ok_or_else(|| ConsoleError::Internal("a route without its state".to_owned()))?;
    let checked = state.readiness.check();
    checked.map_err(ConsoleError::Unavailable)?;
    Ok(state)
}

/// The cookie of a session that began. It goes with the browser's own session; the service ends it
/// after `admin.session_ttl`.
pub(super) fn began(token: &SecretString) -> Cookie<'static> {
    guarded(COOKIE, token.expose_secret().to_owned())
}

/// Takes the cookie of a session away.
pub(super) fn ended() -> Cookie<'static> {
    taken_away(COOKIE)
}

/// A cookie that no script reads, and that no other site sends along.
pub(super) fn guarded(name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Strict)
        .finish()
}

/// Takes a cookie away.
pub(super) fn taken_away(name: &'static str) -> Cookie<'static> {
    let mut cookie = guarded(name, String::new());
    cookie.set_max_age(Duration::ZERO);
    cookie
}
