//! Every route of the public port, on one screen.

use actix_web::body::MessageBody;
use actix_web::dev::ServiceRequest;
use actix_web::guard;
use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderName, HeaderValue};
use actix_web::middleware::{Next, from_fn};
use actix_web::{HttpResponse, Resource, ResponseError, Route, web};

use super::contacts::{batch, change as contacts, list as contact_list, read as contact_reads};
use super::custom_fields::definitions as custom_fields;
use super::{document as openapi, suppressions};
use crate::http::openapi::docs;
use crate::http::shared::answer_body::{reserve_page, write_in_chunks};
use crate::http::shared::error::ApiError;
use crate::http::shared::middleware::{
    Answer, authenticate, call_next, limit_rate, recover, refuse_unless_ready,
};
use crate::http::shared::unread::{Handler, conditional, reading_query};

/// Registers the routes of the public port.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(resource(
            "/public/v1/contacts",
            vec![
                limited(Method::POST, web::to(contacts::upsert)),
                paged(Method::GET, reading_query(web::to(contact_list::list))),
            ],
        ))
        .service(resource(
            "/public/v1/contacts/batch",
            vec![limited(Method::POST, web::to(batch::upsert_all))],
        ))
        .service(resource(
            "/public/v1/contacts/by-email/{value:.+}",
            vec![limited(
                Method::GET,
                conditional(web::to(contact_reads::find_by_email)),
            )],
        ))
        .service(resource(
            "/public/v1/contacts/by-phone/{value:.+}",
            vec![limited(
                Method::GET,
                conditional(web::to(contact_reads::find_by_phone)),
            )],
        ))
        .service(resource(
            "/public/v1/contacts/{value}/consent-events",
            vec![paged(
                Method::GET,
                reading_query(web::to(contact_reads::consent_events)),
            )],
        ))
        .service(resource(
            "/public/v1/contacts/{value}/erase",
            vec![limited(Method::POST, web::to(suppressions::erase))],
        ))
        .service(resource(
            "/public/v1/contacts/{value}",
            vec![
                limited(Method::GET, conditional(web::to(contact_reads::find))),
                limited(Method::PUT, conditional(web::to(contacts::update))),
                limited(Method::PATCH, conditional(web::to(contacts::update))),
                limited(Method::DELETE, conditional(web::to(contacts::delete))),
            ],
        ))
        .service(resource(
            "/public/v1/suppressions",
            vec![limited(
                Method::DELETE,
                reading_query(web::to(suppressions::lift)),
            )],
        ))
        .service(resource(
            "/public/v1/custom-fields",
            vec![
                paged(Method::GET, reading_query(web::to(custom_fields::list))),
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
    crate::http::admin::resources(config);
}

/// A call that costs one, or more if its handler says so.
fn limited(method: Method, handler: impl Into<Handler>) -> (Method, Route) {
    let route = handler.into().guarded();
    (
        method,
        route.wrap(from_fn(recover)).wrap(from_fn(limit_rate)),
    )
}

/// A call that is answered with a page of a list.
fn paged(method: Method, handler: impl Into<Handler>) -> (Method, Route) {
    let route = handler.into().guarded();
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
pub(in crate::http) fn open_resource(path: &str, handler: impl Into<Handler>) -> Resource {
    let route = handler.into().guarded().wrap(from_fn(write_in_chunks));
    answering(path, vec![(Method::GET, route)])
}

/// A path with its methods; any other one is refused with those there are. Where there is GET there
/// is HEAD, which is answered alike: without the body, as the server sends none.
pub(in crate::http) fn answering(path: &str, methods: Vec<(Method, Route)>) -> Resource {
    let allow = allowed(&methods);
    let takes_patches = methods.iter().any(|(method, _)| method == Method::PATCH);
    let refused = web::to(move || {
        let allow = allow.clone();
        async move { method_not_allowed(&allow) }
    });
    let others = std::iter::once((None, refused));
    let methods = methods
        .into_iter()
        .map(|(method, route)| (Some(method), route));
    methods
        .chain(others)
        .fold(web::resource(path), |resource, (method, route)| {
            // Once more: a handler's panic is caught within the limit, which then says what is
            // left; here one of the middlewares' own.
            let route = route.wrap(from_fn(recover));
            let route = if takes_patches {
                route.wrap(from_fn(offer_patch))
            } else {
                route
            };
            match method {
                Some(Method::GET) => {
                    resource.route(route.guard(guard::Any(guard::Get()).or(guard::Head())))
                }
                Some(method) => resource.route(route.method(method)),
                None => resource.default_service(route),
            }
        })
}

/// The value of `Allow`.
fn allowed(methods: &[(Method, Route)]) -> String {
    let names = methods.iter().flat_map(|(method, _)| {
        let head = (method == Method::GET).then_some("HEAD");
        std::iter::once(method.as_str()).chain(head)
    });
    names.collect::<Vec<_>>().join(", ")
}

/// Says in which forms changes are taken (RFC 5789): whoever asks with the wrong method or media
/// type learns it, too.
async fn offer_patch(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Answer {
    let mut response = call_next(request, next).await?;
    response.headers_mut().insert(
        HeaderName::from_static("accept-patch"),
        HeaderValue::from_static("application/json, application/merge-patch+json"),
    );
    Ok(response)
}

pub(in crate::http) async fn not_found() -> Result<HttpResponse, ApiError> {
    Err(ApiError::UnknownRoute)
}

fn method_not_allowed(allow: &str) -> HttpResponse {
    let mut response = ApiError::MethodNotAllowed.error_response();
    if let Ok(value) = allow.parse() {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}
