//! Forms that a browser sends, protected against cross-site request forgery (CSRF).
//!
//! There are three independent defences: the session cookie is `SameSite=Strict`; the browser reports where the form
//! comes from (`Sec-Fetch-Site`, `Origin`), and it must be this site; and each form carries a token of its
//! session. The sign-in form has no session yet. There the second defence prevents other sites from signing
//! a visitor in to an account of the attacker.

use actix_web::dev::Payload;
use actix_web::http::header::{HOST, HeaderName, ORIGIN};
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use subtle::ConstantTimeEq;

use super::error::ConsoleError;
use super::form::Form;
use super::one_time_form::FORM_ID;
use super::session::{Session, ready_state};
use crate::ambient::request_time;
use crate::domain::FormId;
use crate::fair_share::{Holder, Resource};

/// The field with the CSRF token.
const FORM_TOKEN: &str = "form_token";

const MAX_BYTES: usize = 16 * 1024;
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const UNREADABLE: ConsoleError =
    ConsoleError::BadRequest("the form cannot be read: send it from its page");

/// A form from a page of a signed-in administrator.
pub(super) struct SubmittedForm {
    pub(super) session: Session,
    pub(super) form: Form,
}

/// A form from a page of this site that needs no session.
pub(super) struct AnonymousForm(pub(super) Form);

impl FromRequest for SubmittedForm {
    type Error = ConsoleError;
    type Future = LocalBoxFuture<'static, Result<Self, ConsoleError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        extract(request, payload, async |request, payload| {
            let session = Session::authenticate(request).await?;
            let admin = session.principal().admin();
            let holder = admin.map_or_else(|| client(request), |id| Ok(Holder::Admin(id)))?;
            let form = read(request, payload, holder, Resource::AdminBodies).await?;
            let token = form.text(FORM_TOKEN).as_bytes();
            if token.ct_eq(session.form_token().as_bytes()).into() {
                Ok(Self { session, form })
            } else {
                Err(ConsoleError::CsrfCheckFailed)
            }
        })
    }
}

impl FromRequest for AnonymousForm {
    type Error = ConsoleError;
    type Future = LocalBoxFuture<'static, Result<Self, ConsoleError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        extract(request, payload, async |request, payload| {
            // Limited before the form is read, because it holds memory while it arrives.
            let state = ready_state(request)?;
            state
                .administration
                .admit_sign_in(&state.origin_of(request))?;
            let form = read(request, payload, client(request)?, Resource::OpenBodies);
            form.await.map(Self)
        })
    }
}

/// Extracts a form that was sent from this site.
fn extract<T>(
    request: &HttpRequest,
    payload: &mut Payload,
    read: impl AsyncFnOnce(&HttpRequest, &mut Payload) -> Result<T, ConsoleError> + 'static,
) -> LocalBoxFuture<'static, Result<T, ConsoleError>> {
    let (request, mut payload) = (request.clone(), payload.take());
    Box::pin(async move {
        if is_same_origin(&request) {
            read(&request, &mut payload).await
        } else {
            Err(ConsoleError::CsrfCheckFailed)
        }
    })
}

/// Whether the browser reports that the form comes from this site. All current browsers send `Sec-Fetch-Site`;
/// without it, `Origin` must name this host.
fn is_same_origin(request: &HttpRequest) -> bool {
    let header = |name| request.headers().get(name)?.to_str().ok();
    match (header(SEC_FETCH_SITE), header(ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == header(HOST)
        }
        (None, None) => false,
    }
}

fn client(request: &HttpRequest) -> Result<Holder, ConsoleError> {
    let state = ready_state(request)?;
    let address = state.trusted_proxies.client_of(request);
    Ok(Holder::Address(address.into()))
}

async fn read(
    request: &HttpRequest,
    payload: &mut Payload,
    holder: Holder,
    resource: Resource,
) -> Result<Form, ConsoleError> {
    let state = ready_state(request)?;
    let kibibytes = u64::try_from(MAX_BYTES / 1024).unwrap_or(u64::MAX);
    let _share = state.fair_shares.take(holder, resource, kibibytes)?;
    let reading = web::UrlEncoded::<Vec<(String, String)>>::new(request, payload).limit(MAX_BYTES);
    let reading = tokio::time::timeout(state.request_timeout, reading);
    let values = request_time::exclude(reading)
        .await
        .map_err(|_| ConsoleError::BadRequest("the form did not arrive in time"))?
        .map_err(|_| UNREADABLE)?;
    // Postgres cannot store U+0000, and nobody types it.
    if values.iter().any(|(_, value)| value.contains('\0')) {
        return Err(ConsoleError::BadRequest("the form contains U+0000"));
    }
    let form = Form::sent(values);
    let id = form.text(FORM_ID);
    if !id.is_empty() && id.parse::<FormId>().is_err() {
        return Err(UNREADABLE);
    }
    Ok(form)
}
