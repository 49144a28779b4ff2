//! The session of an administrator who is signed in, by a cookie.

use std::sync::Arc;

use actix_web::cookie::Cookie;
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::base_urls::BaseUrls;
use super::cookies::{expired_cookie, strict_cookie};
use super::error::ConsoleError;
use super::flash_message::FlashMessage;
use super::layout::{Layout, Section, SignedInUser, home};
use super::return_path::ReturnTo;
use crate::administration::{AdminPrincipal, Administration, AdministrationError};
use crate::domain::{
    Admin, AdminId, ApiKey, ClientId, Company, CompanyId, KeyAndCompany, Origin, Quota,
    RefreshToken, Role,
};
use crate::http::shared::AppState;

const COOKIE: &str = "__Host-rubrica-session";

/// An authenticated administrator who is within their rate limit.
pub(super) struct Session {
    principal: Arc<AdminPrincipal>,
    origin: Origin,
    token: RefreshToken,
    state: Data<AppState>,
    base_urls: BaseUrls,
    flash: Option<FlashMessage>,
}

impl Session {
    /// The administrator.
    pub(super) fn principal(&self) -> &AdminPrincipal {
        &self.principal
    }

    /// Whether the administrator is an operator.
    pub(super) fn is_operator(&self) -> bool {
        self.principal.role() == Role::Operator
    }

    /// The client that sent the request.
    pub(super) const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The actions of administrators.
    pub(super) fn administration(&self) -> &Administration {
        &self.state.administration
    }

    /// The base URLs of this service.
    pub(super) const fn base_urls(&self) -> &BaseUrls {
        &self.base_urls
    }

    /// A company that the administrator may see.
    pub(super) async fn company(&self, id: CompanyId) -> Result<Company, AdministrationError> {
        let found = self.administration().find_company(&self.principal, id);
        found.await
    }

    /// An API key that the administrator may see.
    pub(super) async fn key(&self, client: &ClientId) -> Result<ApiKey, AdministrationError> {
        let found = self.administration().find_key(&self.principal, client);
        found.await
    }

    /// An administrator that this one may see.
    pub(super) async fn admin(&self, id: AdminId) -> Result<Admin, AdministrationError> {
        let found = self.administration().find_admin(&self.principal, id);
        found.await
    }

    /// The CSRF token of this session's forms. It cannot be computed without the cookie, and does not reveal it.
    pub(super) fn form_token(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"token of the forms of the session ");
        hash.update(self.token.text().expose_secret());
        hex::encode(hash.finalize())
    }

    /// The rate limits of keys and companies that have none of their own.
    pub(super) fn default_quotas(&self) -> KeyAndCompany<Quota> {
        self.state.limiter.quotas_of(KeyAndCompany {
            key: None,
            company: None,
        })
    }

    /// What the layout displays of the administrator.
    pub(super) fn user(&self) -> SignedInUser {
        SignedInUser {
            email: self.principal.email().unwrap_or_default().to_owned(),
            is_operator: self.is_operator(),
            home: home(self.principal.role()),
            form_token: self.form_token(),
            has_api_docs: self.base_urls.has_api(),
        }
    }

    /// The layout of a page, with the flash message that its URL names.
    pub(super) fn layout(&self, section: Section, title: &str) -> Layout {
        Layout {
            section: Some(section),
            flash: self.flash.clone(),
            ..Layout::signed_in(title, self.user())
        }
    }

    /// Signs the administrator out.
    pub(super) async fn end(&self) -> Result<(), AdministrationError> {
        let ended = self.administration().end_session(&self.origin, &self.token);
        ended.await
    }

    /// Authenticates a request.
    pub(super) async fn authenticate(request: &HttpRequest) -> Result<Self, ConsoleError> {
        let state = ready_state(request)?;
        let origin = state.origin_of(request);
        let not_signed_in = |has_ended| ConsoleError::NotSignedIn {
            return_to: ReturnTo::of(request),
            has_ended,
            is_cross_site_link: !has_ended && is_cross_site_link(request),
        };
        let cookie = request.cookie(COOKIE).ok_or_else(|| not_signed_in(false))?;
        let token = RefreshToken::presented(cookie.value().into());
        let resumed = state.administration.resume(origin.clone(), &token).await;
        if let Err(AdministrationError::TokenRefused) = resumed {
            // As for tokens of the admin API: the limit stops guessing.
            let limit = state.failures.refuse(origin.client_address);
            return Err(limit.map_or_else(
                || not_signed_in(true),
                |decision| ConsoleError::limited(decision.retry_after),
            ));
        }
        let mut session = Self {
            principal: Arc::new(resumed?),
            origin,
            token,
            state,
            base_urls: BaseUrls::of(request),
            flash: None,
        };
        // For the request log.
        let principal = Arc::clone(&session.principal);
        request.extensions_mut().insert(principal);
        // For the layout of error pages.
        request.extensions_mut().insert(session.user());
        if let Some(admin) = session.principal.admin() {
            let (calls, quota) = (&session.state.admin_calls, session.state.admin_quota);
            let decision = calls.take(&admin, quota, 1);
            if !decision.is_allowed {
                return Err(ConsoleError::limited(decision.retry_after));
            }
        }
        session.flash = FlashMessage::of(request)?;
        Ok(session)
    }
}

impl FromRequest for Session {
    type Error = ConsoleError;
    type Future = LocalBoxFuture<'static, Result<Self, ConsoleError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::authenticate(&request).await })
    }
}

/// Whether the browser followed a link on another site. Then it does not send a `SameSite=Strict` cookie, even if
/// there is a session.
fn is_cross_site_link(request: &HttpRequest) -> bool {
    let site = request.headers().get("sec-fetch-site");
    site.is_some_and(|site| site == "cross-site" || site == "same-site")
}

/// The state, once the schema is compatible.
pub(super) fn ready_state(request: &HttpRequest) -> Result<Data<AppState>, ConsoleError> {
    let state = request.app_data::<Data<AppState>>().cloned();
    let state =
        state.ok_or_else(|| ConsoleError::Internal("a route without its state".to_owned()))?;
    let checked = state.readiness.check();
    checked.map_err(ConsoleError::Unavailable)?;
    Ok(state)
}

/// The cookie of a new session. The browser deletes it when it closes; the service ends the session after
/// `admin.session_ttl`.
pub(super) fn session_cookie(token: &SecretString) -> Cookie<'static> {
    strict_cookie(COOKIE, token.expose_secret().to_owned())
}

/// Deletes the cookie of a session.
pub(super) fn expired_session_cookie() -> Cookie<'static> {
    expired_cookie(COOKIE)
}
