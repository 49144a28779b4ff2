//! The routes of the console.

use actix_web::middleware::from_fn;
use actix_web::{FromRequest, Handler, Resource, Responder, Route, guard, web};

use super::base_urls::PublicApi;
use super::error::{ConsoleError, INVALID_QUERY};
use super::response::PageResult;
use super::security_headers::security_headers;
use super::{
    account, administrator, administrator_new, administrators, assets, audit_log, companies,
    company, company_new, company_settings, invitation, key, key_edit, key_new, key_revoke,
    key_rotate, sign_in, single_sign_on,
};
use crate::http::shared::catch_panic;

/// Registers the console.
pub fn routes(config: &mut web::ServiceConfig, public_api: PublicApi) {
    config.service(
        web::scope("/console")
            .wrap(from_fn(security_headers))
            .app_data(public_api)
            .app_data(web::QueryConfig::default().error_handler(|_, _| INVALID_QUERY.into()))
            .configure(|config| {
                for page in pages() {
                    config.service(page.0);
                }
            })
            .default_service(web::to(unknown_page)),
    );
}

fn pages() -> [Page; 28] {
    [
        page("").get(sign_in::home),
        page("/").get(sign_in::home),
        page("/sign-in").get(sign_in::form).post(sign_in::sign_in),
        page("/sign-out").post(sign_in::sign_out),
        page("/oidc").get(single_sign_on::begin),
        page("/oidc/callback").get(single_sign_on::finish),
        page("/invitation")
            .get(invitation::form)
            .post(invitation::accept),
        page("/account")
            .get(account::form)
            .post(account::change_password),
        page("/administrators").get(administrators::list),
        page("/administrators/new")
            .get(administrator_new::form)
            .post(administrator_new::invite),
        page("/administrators/{id}").get(administrator::show_administrator),
        page("/administrators/{id}/invite")
            .get(administrator::confirm_password_reset)
            .post(administrator::invite_again),
        page("/administrators/{id}/disable")
            .get(administrator::confirm_disabling)
            .post(administrator::disable),
        page("/administrators/{id}/enable").post(administrator::enable),
        page("/audit").get(audit_log::list),
        page("/companies").get(companies::list),
        page("/companies/new")
            .get(company_new::form)
            .post(company_new::create),
        page("/companies/{id}").get(company::show_company),
        page("/companies/{id}/settings")
            .get(company_settings::form)
            .post(company_settings::save),
        page("/companies/{id}/suspend")
            .get(company_settings::confirm_suspension)
            .post(company_settings::suspend),
        page("/companies/{id}/resume").post(company_settings::resume),
        page("/companies/{id}/history").get(audit_log::history),
        page("/companies/{id}/keys/new")
            .get(key_new::form)
            .post(key_new::create),
        page("/keys/{client}").get(key::show_key),
        page("/keys/{client}/edit")
            .get(key_edit::form)
            .post(key_edit::save),
        page("/keys/{client}/rotate")
            .get(key_rotate::form)
            .post(key_rotate::rotate),
        page("/keys/{client}/revoke")
            .get(key_revoke::confirm)
            .post(key_revoke::revoke),
        page("/assets/{version}/{file}").get(assets::asset),
    ]
}

/// A path and its methods. Other methods are rejected.
struct Page(Resource);

fn page(path: &str) -> Page {
    Page(web::resource(path).default_service(web::to(method_not_allowed)))
}

impl Page {
    /// Responds to GET; and to HEAD in the same way, for which the server sends no body.
    fn get<F: Handler<A, Output: Responder>, A: FromRequest + 'static>(self, handler: F) -> Self {
        let is_get = guard::Any(guard::Get()).or(guard::Head());
        self.route(web::route().guard(is_get).to(handler))
    }

    /// Responds to POST.
    fn post<F: Handler<A, Output: Responder>, A: FromRequest + 'static>(self, handler: F) -> Self {
        self.route(web::post().to(handler))
    }

    fn route(self, route: Route) -> Self {
        let route = route.wrap(from_fn(|request, next| {
            catch_panic(request, next, ConsoleError::Internal)
        }));
        Self(self.0.route(route))
    }
}

async fn unknown_page() -> PageResult {
    Err(ConsoleError::UnknownPage)
}

async fn method_not_allowed() -> PageResult {
    Err(ConsoleError::MethodNotAllowed)
}
