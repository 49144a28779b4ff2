//! Every route of the admin API, on one screen.

use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{Resource, Route, web};

use super::caller::{authenticate, limit_open_call, limit_sign_in};
use super::{account, admins, audit, companies, document, key_usage, keys};
use crate::http::openapi::docs;
use crate::http::public::routes::{answering, not_found, open_resource};
use crate::http::shared::middleware::refuse_unless_ready;
use crate::http::shared::unread::{Handler, reading_query};

/// Registers the routes of the admin port.
pub fn routes(config: &mut web::ServiceConfig) {
    resources(config);
    config.default_service(web::to(not_found));
}

/// The resources, beside which there may be others.
pub(in crate::http) fn resources(config: &mut web::ServiceConfig) {
    administrators(config);
    config
        .service(resource(
            "/admin/v1/login",
            vec![sign_in(Method::POST, web::to(account::sign_in))],
        ))
        .service(resource(
            "/admin/v1/refresh",
            vec![open(Method::POST, web::to(account::refresh))],
        ))
        .service(resource(
            "/admin/v1/logout",
            vec![open(Method::POST, web::to(account::sign_out))],
        ))
        .service(resource(
            "/admin/v1/accept-invitation",
            vec![open(Method::POST, web::to(account::accept_invitation))],
        ))
        .service(resource(
            "/admin/v1/me",
            vec![signed_in(Method::GET, web::to(account::me))],
        ))
        .service(resource(
            "/admin/v1/me/password",
            vec![signed_in(Method::POST, web::to(account::change_password))],
        ))
        .service(resource(
            "/admin/v1/companies",
            vec![
                signed_in(Method::GET, reading_query(web::to(companies::list))),
                signed_in(Method::POST, web::to(companies::create)),
            ],
        ))
        .service(resource(
            "/admin/v1/companies/{value}/keys",
            vec![
                signed_in(Method::GET, web::to(keys::list)),
                signed_in(Method::POST, web::to(keys::create)),
            ],
        ))
        .service(resource(
            "/admin/v1/companies/{value}",
            vec![
                signed_in(Method::GET, web::to(companies::find)),
                signed_in(Method::PATCH, web::to(companies::update)),
            ],
        ))
        .service(resource(
            "/admin/v1/keys/{value}/usage",
            vec![signed_in(
                Method::GET,
                reading_query(web::to(key_usage::show)),
            )],
        ))
        .service(resource(
            "/admin/v1/keys/{value}/rotate",
            vec![signed_in(Method::POST, web::to(keys::rotate))],
        ))
        .service(resource(
            "/admin/v1/keys/{value}/revoke",
            vec![signed_in(Method::POST, web::to(keys::revoke))],
        ))
        .service(resource(
            "/admin/v1/keys/{value}",
            vec![
                signed_in(Method::GET, web::to(keys::find)),
                signed_in(Method::PATCH, web::to(keys::update)),
            ],
        ));
}

fn administrators(config: &mut web::ServiceConfig) {
    config
        .service(resource(
            "/admin/v1/admins",
            vec![
                signed_in(Method::GET, reading_query(web::to(admins::list))),
                signed_in(Method::POST, web::to(admins::invite)),
            ],
        ))
        .service(resource(
            "/admin/v1/admins/{value}/invite",
            vec![signed_in(Method::POST, web::to(admins::invite_again))],
        ))
        .service(resource(
            "/admin/v1/admins/{value}/disable",
            vec![signed_in(Method::POST, web::to(admins::disable))],
        ))
        .service(resource(
            "/admin/v1/admins/{value}/enable",
            vec![signed_in(Method::POST, web::to(admins::enable))],
        ))
        .service(resource(
            "/admin/v1/admins/{value}",
            vec![
                signed_in(Method::GET, web::to(admins::find)),
                signed_in(Method::DELETE, web::to(admins::delete)),
            ],
        ))
        .service(resource(
            "/admin/v1/audit",
            vec![signed_in(Method::GET, reading_query(web::to(audit::list)))],
        ));
    documentation(config);
}

/// What the calls are, for everybody.
fn documentation(config: &mut web::ServiceConfig) {
    config
        .service(open_resource(
            "/admin/openapi.json",
            web::to(document::document),
        ))
        .service(open_resource("/admin/docs", web::to(docs::redirect)))
        .service(open_resource("/admin/docs/", web::to(docs::admin_page)))
        .service(open_resource("/admin/docs/{file}", web::to(docs::asset)));
}

/// A call of an administrator who is signed in.
fn signed_in(method: Method, handler: impl Into<Handler>) -> (Method, Route) {
    let route = handler.into().guarded();
    (method, route.wrap(from_fn(authenticate)))
}

/// A call that proves by its body who sends it.
fn open(method: Method, handler: impl Into<Handler>) -> (Method, Route) {
    (
        method,
        handler.into().guarded().wrap(from_fn(limit_open_call)),
    )
}

/// As [`open`], of an attempt to sign in.
fn sign_in(method: Method, handler: impl Into<Handler>) -> (Method, Route) {
    let route = handler.into().guarded();
    (method, route.wrap(from_fn(limit_sign_in)))
}

fn resource(path: &str, methods: Vec<(Method, Route)>) -> Resource {
    let guarded = methods
        .into_iter()
        .map(|(method, route)| (method, route.wrap(from_fn(refuse_unless_ready))));
    answering(path, guarded.collect())
}
