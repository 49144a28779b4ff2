//! Every route of the public port, on one screen.

use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::middleware::from_fn;
use actix_web::{HttpResponse, Resource, ResponseError, Route, web};

use super::answer_body::{reserve_page, write_in_chunks};
use super::error::ApiError;
use super::middleware::{authenticate, limit_rate, recover, refuse_unless_ready};
use super::{
    batch, contact_list, contact_reads, contacts, custom_fields, docs, openapi, suppressions,
};

/// Registers the routes of the public port.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(resource(
            "/public/v1/contacts",
            vec![
                limited(Method::POST, web::to(contacts::upsert)),
                paged(Method::GET, web::to(contact_list::list)),
            ],
        ))
        .service(resource(
            "/public/v1/contacts/batch",
            vec![limited(Method::POST, web::to(batch::upsert_all))],
        ))
        .service(resource(
            "/public/v1/contacts/by-email/{value:.+}",
            vec![limited(Method::GET, web::to(contact_reads::find_by_email))],
        ))
        .service(resource(
            "/public/v1/contacts/by-phone/{value:.+}",
            vec![limited(Method::GET, web::to(contact_reads::find_by_phone))],
        ))
        .service(resource(
            "/public/v1/contacts/{value}/consent-events",
            vec![paged(Method::GET, web::to(contact_reads::consent_events))],
        ))
        .service(resource(
            "/public/v1/contacts/{value}/erase",
            vec![limited(Method::POST, web::to(suppressions::erase))],
        ))
        .service(resource(
            "/public/v1/contacts/{value}",
            vec![
                limited(Method::GET, web::to(contact_reads::find)),
                limited(Method::PUT, web::to(contacts::update)),
                limited(Method::PATCH, web::to(contacts::update)),
                limited(Method::DELETE, web::to(contacts::delete)),
            ],
        ))
        .service(resource(
            "/public/v1/suppressions",
            vec![limited(Method::DELETE, web::to(suppressions::lift))],
        ))
        .service(resource(
            "/public/v1/custom-fields",
            vec![
                paged(Method::GET, web::to(custom_fields::list)),
                limited(Method::POST, web::to(custom_fields::create)),
            ],
        ))
        .service(resource(
            "/public/v1/custom-fields/{value:.+}",
            vec![
                limited(Method::GET, web::to(custom_fields::find)),
                limited(Method::PATCH, web::to(custom_fields::update)),
                limited(Method::DELETE, web::to(custom_fields::delete)),
            ],
        ))
        .service(open_resource("/openapi.json", web::to(openapi::document)))
        .service(open_resource("/docs", web::to(docs::redirect)))
        .service(open_resource("/docs/", web::to(docs::page)))
        .service(open_resource("/docs/{file}", web::to(docs::asset)))
        .default_service(web::to(not_found));
}

/// Registers the routes of the public port and those of the admin API.
pub fn all_routes(config: &mut web::ServiceConfig) {
    // In this order: a path is compared with one resource after the other, and upserts are many.
    routes(config);
    super::admin::resources(config);
}

/// A call that costs one, or more if its handler says so.
fn limited(method: Method, route: Route) -> (Method, Route) {
    (
        method,
        route.wrap(from_fn(recover)).wrap(from_fn(limit_rate)),
    )
}

/// A call that is answered with a page of a list.
fn paged(method: Method, route: Route) -> (Method, Route) {
    let route = route.wrap(from_fn(recover)).wrap(from_fn(reserve_page));
    (method, route.wrap(from_fn(limit_rate)))
}

/// A path with its methods. Each is for authenticated callers; any other method is answered
/// without a look at the key.
fn resource(path: &str, methods: Vec<(Method, Route)>) -> Resource {
    let guarded = methods.into_iter().map(|(method, route)| {
        // The last one wrapped is the first to see a request.
        let guarded = route
            .wrap(from_fn(authenticate))
            .wrap(from_fn(refuse_unless_ready));
        (method, guarded)
    });
    answering(path, guarded.collect())
}

/// A path that anybody may read.
pub(super) fn open_resource(path: &str, route: Route) -> Resource {
    let route = route.wrap(from_fn(write_in_chunks));
    answering(path, vec![(Method::GET, route)])
}

/// A path with its methods; any other one is refused with those there are.
pub(super) fn answering(path: &str, methods: Vec<(Method, Route)>) -> Resource {
    let names: Vec<&str> = methods.iter().map(|(method, _)| method.as_str()).collect();
    let allow = names.join(", ");
    let resource = web::resource(path).default_service(web::to(move || {
        let allow = allow.clone();
        async move { method_not_allowed(&allow) }
    }));
    methods
        .into_iter()
        .fold(resource, |resource, (method, route)| {
            // Once more: a handler's panic is caught within the limit, which then says what is
            // left; here one of the middlewares' own.
            resource.route(route.method(method).wrap(from_fn(recover)))
        })
}

pub(super) async fn not_found() -> Result<HttpResponse, ApiError> {
    Err(ApiError::UnknownRoute)
}

fn method_not_allowed(allow: &str) -> HttpResponse {
    let mut response = ApiError::MethodNotAllowed.error_response();
    if let Ok(value) = allow.parse() {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}
