//! A path with its methods, and the middleware that all paths have.

use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderName, HeaderValue};
use actix_web::middleware::{Next, from_fn};
use actix_web::{HttpResponse, Resource, ResponseError, Route, guard, web};

use super::connections::refused;
use super::error::ApiError;
use super::middleware::{MiddlewareResult, catch_panic};
use super::response_body::write_in_chunks;
use super::unread::{Reads, run_handler};

/// A path with its methods. Other methods get 405 with `Allow`. GET also serves HEAD; the server omits
/// the body.
pub(in crate::http) fn resource(path: &str, methods: Vec<(Method, Route)>) -> Resource {
    let allow = allowed(&methods);
    let accepts_patches = methods.iter().any(|(method, _)| method == Method::PATCH);
    let outermost = |route: Route| {
        route.wrap(from_fn(move |request, next| {
            call_handler(accepts_patches, request, next)
        }))
    };
    let refuse_method = web::to(move || {
        let allow = allow.clone();
        async move { method_not_allowed(&allow) }
    });
    let resource = web::resource(path).default_service(outermost(refuse_method));
    methods
        .into_iter()
        .fold(resource, |resource, (method, route)| {
            let route = outermost(route);
            resource.route(match method {
                Method::GET => route.guard(guard::Any(guard::Get()).or(guard::Head())),
                method => route.method(method),
            })
        })
}

/// A path that anyone may read.
pub(in crate::http) fn open_resource(path: &str, handler: Route) -> Resource {
    let handler = handler.wrap(from_fn(|request, next| {
        run_handler(Reads::default(), request, next)
    }));
    let route = handler.wrap(from_fn(write_in_chunks));
    resource(path, vec![(Method::GET, route)])
}

/// The route for all other paths.
pub(in crate::http) fn no_resource() -> Route {
    let refuse = web::to(|| async { ApiError::UnknownRoute.error_response() });
    refuse.wrap(from_fn(|request, next| call_handler(false, request, next)))
}

/// The value of `Allow`.
fn allowed(methods: &[(Method, Route)]) -> String {
    let names = methods.iter().flat_map(|(method, _)| {
        let head = (method == Method::GET).then_some("HEAD");
        std::iter::once(method.as_str()).chain(head)
    });
    names.collect::<Vec<_>>().join(", ")
}

/// The outermost middleware of each route. It refuses requests on connections beyond the limit, and
/// responds with 500 if a handler or middleware panics.
async fn call_handler(
    accepts_patches: bool,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> MiddlewareResult {
    if let Some(refusal) = refused(request.request()) {
        return Ok(request.into_response(refusal));
    }
    let mut response = catch_panic(request, next, ApiError::Internal).await?;
    if accepts_patches {
        // RFC 5789. Responses to a wrong method or media type have it, too.
        response.headers_mut().insert(
            HeaderName::from_static("accept-patch"),
            HeaderValue::from_static("application/json, application/merge-patch+json"),
        );
    }
    Ok(response)
}

fn method_not_allowed(allow: &str) -> HttpResponse {
    let mut response = ApiError::MethodNotAllowed.error_response();
    if let Ok(value) = allow.parse() {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use actix_web::http::StatusCode;
    use actix_web::test::{TestRequest, call_service, init_service, read_body_json};
    use actix_web::{App, HttpResponse};
    use serde_json::Value;

    use super::{Method, resource, web};

    async fn panicking() -> HttpResponse {
        panic!("what a handler never should do")
    }

    #[actix_web::test]
    async fn a_panic_is_answered_with_500_and_its_message_is_not_revealed() {
        let resource = resource("/", vec![(Method::GET, web::to(panicking))]);
        let app = init_service(App::new().service(resource)).await;

        let response = call_service(&app, TestRequest::get().uri("/").to_request()).await;

        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body: Value = read_body_json(response).await;
        assert_eq!(body["error"]["code"], "internal_error");
        assert!(!body.to_string().contains("never should do"));
    }
}
