//! An endpoint: the route and the OpenAPI operation of one handler.

use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{Route, web};
use utoipa::Path;

// Hidden, but how utoipa's own integrations collect the schemas of a handler.
use utoipa::__dev::SchemaReferences;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{HttpMethod, Operation, ParameterIn};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::security::SecurityRequirement;

use super::common_errors::has_parameter;
use crate::http::shared::resource::resource;
use crate::http::shared::unread::{Reads, run_handler};

/// An operation of an API. The handler's `#[utoipa::path]` gives its path, methods, parameters and
/// schemas; the handler's name gives its id.
pub(in crate::http) struct Endpoint {
    pub(super) path: String,
    pub(super) methods: Vec<HttpMethod>,
    pub(super) operation: Operation,
    pub(super) schemas: Vec<(String, RefOr<Schema>)>,
    pub(super) tag: &'static Tag,
    handler: fn() -> Route,
    admission: Admission,
    reads: Reads,
    takes_rest: bool,
}

/// A group of endpoints in a document.
pub(in crate::http) struct Tag {
    pub(in crate::http) name: &'static str,
    pub(in crate::http) description: &'static str,
}

/// The middleware that decides whether a request reaches a handler.
#[derive(Clone, Copy)]
pub(in crate::http) struct Admission {
    /// Wraps the handler in the middleware.
    pub(in crate::http) wrap: fn(Route) -> Route,
    /// The security scheme for the document. With `None`, the handler's `#[utoipa::path]` names it.
    pub(in crate::http) scheme: Option<&'static str>,
}

/// Makes an [`Endpoint`] from a handler: `endpoint!(TAG, ADMISSION, module::handler)`.
macro_rules! endpoint {
    ($tag:expr, $admission:expr, $module:ident::$handler:ident) => {
        pastey::paste! {
            $crate::http::openapi::endpoint::Endpoint::of::<$module::[<__path_ $handler>]>(
                &$tag,
                $admission,
                || ::actix_web::web::to($module::$handler),
            )
        }
    };
}

pub(in crate::http) use endpoint;

impl Endpoint {
    /// The endpoint of the handler that utoipa describes as `P`. The handler reads the query or the
    /// preconditions if `P` has such parameters.
    pub(in crate::http) fn of<P: Path + SchemaReferences>(
        tag: &'static Tag,
        admission: Admission,
        handler: fn() -> Route,
    ) -> Self {
        let mut operation = P::operation();
        operation.tags = Some(vec![tag.name.to_owned()]);
        operation.operation_id = operation.operation_id.as_deref().map(camel_case);
        if let Some(scheme) = admission.scheme {
            operation.security = Some(vec![SecurityRequirement::new(scheme, [""; 0])]);
        }
        let mut schemas = Vec::new();
        P::schemas(&mut schemas);
        let reads = Reads {
            query: has_parameter(&operation, |it| it.parameter_in == ParameterIn::Query),
            preconditions: has_parameter(&operation, |it| it.name == "If-Match"),
        };
        Self {
            path: P::path(),
            methods: P::methods(),
            operation,
            schemas,
            tag,
            handler,
            admission,
            reads,
            takes_rest: false,
        }
    }

    /// Marks that the handler reads the query, although `P` has no query parameter.
    pub(in crate::http) const fn reading_query(mut self) -> Self {
        self.reads.query = true;
        self
    }

    /// Lets the last variable of the path match the rest of the path, slashes included.
    pub(in crate::http) const fn taking_rest(mut self) -> Self {
        self.takes_rest = true;
        self
    }

    /// The path as an actix pattern.
    fn pattern(&self) -> String {
        match self.path.strip_suffix('}') {
            Some(path) if self.takes_rest => format!("{path}:.+}}"),
            _ => self.path.clone(),
        }
    }

    fn route(&self) -> Route {
        let reads = self.reads;
        let handler = (self.handler)();
        let handler = handler.wrap(from_fn(move |request, next| {
            run_handler(reads, request, next)
        }));
        (self.admission.wrap)(handler)
    }
}

/// Registers endpoints in their order. Adjacent endpoints with the same path become one resource.
pub(in crate::http) fn register(config: &mut web::ServiceConfig, endpoints: &[Endpoint]) {
    for of_path in endpoints.chunk_by(|one, next| one.path == next.path) {
        let routes = of_path.iter().flat_map(|endpoint| {
            let methods = endpoint.methods.iter();
            methods.map(|method| (method_of(method), endpoint.route()))
        });
        let pattern = of_path[0].pattern();
        config.service(resource(&pattern, routes.collect()));
    }
}

/// The id of an operation: the name of its handler, as generated clients spell it.
fn camel_case(handler: &str) -> String {
    let mut words = handler.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |id, word| {
        id + &word[..1].to_uppercase() + &word[1..]
    })
}

const fn method_of(method: &HttpMethod) -> Method {
    match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Post => Method::POST,
        HttpMethod::Delete => Method::DELETE,
        HttpMethod::Options => Method::OPTIONS,
        HttpMethod::Head => Method::HEAD,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Trace => Method::TRACE,
    }
}
