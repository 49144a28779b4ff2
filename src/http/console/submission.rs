//! Forms that are sent, and how it is known that a page of ours sent them.
//!
//! Three defences, each of which would do: the cookie of the session is `SameSite=Strict`; browsers say
//! where a form comes from (`Sec-Fetch-Site`, `Origin`), and it must be from here; and each form
//! carries a token of its session. The form to sign in has no session yet: the second wall keeps
//! strangers from signing somebody in as themselves.

use actix_web::dev::Payload;
use actix_web::http::header::{HOST, HeaderName, ORIGIN};
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use subtle::ConstantTimeEq;

use super::error::ConsoleError;
use super::form::Form;
use super::once::FORM_ID;
use super::session::{Session, ready_state};
use crate::ambient::request_time;
use crate::domain::FormId;
use crate::fair_share::{Holder, Resource};

/// The field with the session's token.
pub(super) const FORM_TOKEN: &str = "form_token";

const MAX_BYTES: usize = 16 * 1024;
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A form of somebody who is signed in, sent from one of their pages.
pub(super) struct Submitted {
    pub(super) session: Session,
    pub(super) form: Form,
}

/// A form of somebody who is not signed in, sent from one of our pages.
pub(super) struct SubmittedOpenly(pub(super) Form);

impl FromRequest for Submitted {
    type Error = ConsoleError;
    type Future = LocalBoxFuture<'static, Result<Self, ConsoleError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            is_from_here(&request)?;
            let session = Session::of(&request).await?;
            let form = {
                let admin = session.principal().admin();
                let holder =
                    admin.map_or_else(|| stranger(&request), |id| Ok(Holder::Admin(id)))?;
                read(&request, &mut payload, holder, Resource::AdminBodies).await?
            };
            let sent = form.text(FORM_TOKEN).as_bytes();
            if sent.ct_eq(session.form_token().as_bytes()).into() {
                Ok(Self { session, form })
            } else {
                Err(ConsoleError::Forged)
            }
        })
    }
}

impl FromRequest for SubmittedOpenly {
    type Error = ConsoleError;
    type Future = LocalBoxFuture<'static, Result<Self, ConsoleError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            is_from_here(&request)?;
            // Counted before the form is read: it holds memory while it arrives.
            let state = ready_state(&request)?;
            let origin = state.origin_of(&request);
            state.administration.admit_sign_in(&origin)?;
            let holder = stranger(&request)?;
            read(&request, &mut payload, holder, Resource::OpenBodies)
                .await
                .map(Self)
        })
    }
}

/// Whether the browser says that the form was sent from here. All of today say so; where
/// `Sec-Fetch-Site` is missing, `Origin` must name our host.
fn is_from_here(request: &HttpRequest) -> Result<(), ConsoleError> {
    let header = |name| request.headers().get(name)?.to_str().ok();
    let is_from_here = match (header(SEC_FETCH_SITE), header(ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == header(HOST)
        }
        (None, None) => false,
    };
    if is_from_here {
        Ok(())
    } else {
        Err(ConsoleError::Forged)
    }
}

fn stranger(request: &HttpRequest) -> Result<Holder, ConsoleError> {
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
    let reading = async {
        web::UrlEncoded::<Vec<(String, String)>>::new(request, payload)
            .limit(MAX_BYTES)
            .await
    };
    let reading = tokio::time::timeout(state.request_timeout, reading);
    let values = request_time::exclude(reading)
        .await
        .map_err(|_| ConsoleError::BadRequest("the form did not arrive in time"))?
        .map_err(|_| ConsoleError::BadRequest("the form cannot be read: send it from its page"))?;
    // Postgres stores no U+0000; nobody types it.
    if values.iter().any(|(_, value)| value.contains('\0')) {
        return Err(ConsoleError::BadRequest("the form holds U+0000"));
    }
    let form = Form::sent(values);
    let id = form.text(FORM_ID);
    if !id.is_empty() && id.parse::<FormId>().is_err() {
        return Err(ConsoleError::BadRequest(
            "the form cannot be read: send it from its page",
        ));
    }
    Ok(form)
}
