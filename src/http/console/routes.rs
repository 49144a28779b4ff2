//! Every page of the console, on one screen.

use actix_web::middleware::from_fn;
use actix_web::{Resource, Route, guard as of_method, web};

use super::error::ConsoleError;
use super::guard::guard;
use super::page::Answer;
use super::site::PublicApi;
use super::{
    account, administrators, assets, audit, companies, company_changes, invitation, key_changes,
    key_creation, keys, sign_in, single_sign_on,
};
use crate::http::shared::catch_panic;

/// Registers the console.
pub fn routes(config: &mut web::ServiceConfig, public_api: PublicApi) {
    config.service(
        web::scope("/console")
            .wrap(from_fn(guard))
            .app_data(public_api)
            .app_data(web::QueryConfig::default().error_handler(|_, _| {
                ConsoleError::BadRequest("this link contains an invalid parameter").into()
            }))
            .configure(people)
            .configure(companies_and_keys)
            .default_service(web::to(unknown_page)),
    );
}

fn people(config: &mut web::ServiceConfig) {
    config
        .service(page("", [get().to(sign_in::home)]))
        .service(page("/", [get().to(sign_in::home)]))
        .service(page(
            "/sign-in",
            [get().to(sign_in::form), web::post().to(sign_in::sign_in)],
        ))
        .service(page("/oidc", [get().to(single_sign_on::begin)]))
        .service(page("/oidc/callback", [get().to(single_sign_on::end)]))
        .service(page("/sign-out", [web::post().to(sign_in::sign_out)]))
        .service(page(
            "/invitation",
            [
                get().to(invitation::form),
                web::post().to(invitation::accept),
            ],
        ))
        .service(page(
            "/account",
            [
                get().to(account::form),
                web::post().to(account::change_password),
            ],
        ))
        .service(page("/administrators", [get().to(administrators::list)]))
        .service(page(
            "/administrators/new",
            [
                get().to(administrators::new),
                web::post().to(administrators::invite),
            ],
        ))
        .service(page(
            "/administrators/{id}",
            [get().to(administrators::find)],
        ))
        .service(page(
            "/administrators/{id}/invite",
            [
                web::get().to(administrators::confirm_reset),
                web::post().to(administrators::invite_again),
            ],
        ))
        .service(page(
            "/administrators/{id}/disable",
            [
                get().to(administrators::confirm_disabling),
                web::post().to(administrators::disable),
            ],
        ))
        .service(page(
            "/administrators/{id}/enable",
            [web::post().to(administrators::enable)],
        ))
        .service(page("/audit", [get().to(audit::list)]))
        .service(page("/assets/{version}/{file}", [get().to(assets::asset)]));
}

fn companies_and_keys(config: &mut web::ServiceConfig) {
    config
        .service(page("/companies", [get().to(companies::list)]))
        .service(page(
            "/companies/new",
            [
                get().to(company_changes::new),
                web::post().to(company_changes::create),
            ],
        ))
        .service(page("/companies/{id}", [get().to(companies::find)]))
        .service(page(
            "/companies/{id}/settings",
            [
                get().to(company_changes::settings),
                web::post().to(company_changes::save),
            ],
        ))
        .service(page(
            "/companies/{id}/history",
            [web::get().to(audit::history)],
        ))
        .service(page(
            "/companies/{id}/suspend",
            [
                get().to(company_changes::confirm_suspension),
                web::post().to(company_changes::suspend),
            ],
        ))
        .service(page(
            "/companies/{id}/resume",
            [web::post().to(company_changes::resume)],
        ))
        .service(page(
            "/companies/{id}/keys/new",
            [
                get().to(key_creation::form),
                web::post().to(key_creation::create),
            ],
        ))
        .service(page("/keys/{client}", [get().to(keys::find)]))
        .service(page(
            "/keys/{client}/edit",
            [
                get().to(key_changes::form),
                web::post().to(key_changes::save),
            ],
        ))
        .service(page(
            "/keys/{client}/rotate",
            [
                get().to(key_changes::rotation),
                web::post().to(key_changes::rotate),
            ],
        ))
        .service(page(
            "/keys/{client}/revoke",
            [
                get().to(key_changes::confirm_revocation),
                web::post().to(key_changes::revoke),
            ],
        ));
}

/// A path and its methods; any other one is refused.
fn page<const N: usize>(path: &str, routes: [Route; N]) -> Resource {
    let resource = web::resource(path).default_service(web::to(method_not_allowed));
    routes.into_iter().fold(resource, |resource, route| {
        let route = route.wrap(from_fn(|request, next| {
            catch_panic(request, next, ConsoleError::Internal)
        }));
        resource.route(route)
    })
}

/// GET; and HEAD, which is answered alike: without the body, as the server sends none.
fn get() -> Route {
    web::route().guard(of_method::Any(of_method::Get()).or(of_method::Head()))
}

async fn unknown_page() -> Answer {
    Err(ConsoleError::UnknownPage)
}

async fn method_not_allowed() -> Answer {
    Err(ConsoleError::MethodNotAllowed)
}
