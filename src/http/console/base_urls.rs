//! The base URLs of the console and of the public API.

use actix_web::HttpRequest;
use actix_web::http::header::HOST;

/// Stands for a base URL that is unknown.
const EXAMPLE: &str = "https://contacts.example.com";

/// Which port serves the public API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicApi {
    /// The console's own port.
    SamePort,
    /// Another port, whose base URL the console does not know.
    OtherPort,
}

/// Base URLs, without a slash at the end.
#[derive(Clone)]
pub(super) struct BaseUrls {
    /// The console, such as `https://contacts.example.com`.
    pub(super) console: String,
    /// The public API; `None` if it is unknown.
    api: Option<String>,
}

impl BaseUrls {
    /// The base URLs according to the request.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let console = origin(request);
        let is_same = request.app_data() == Some(&PublicApi::SamePort);
        Self {
            api: is_same.then(|| console.clone()),
            console,
        }
    }

    /// Whether the console's port serves the public API and its documentation.
    pub(super) const fn has_api(&self) -> bool {
        self.api.is_some()
    }

    /// The base URL of the public API, or an example.
    pub(super) fn api(&self) -> &str {
        self.api.as_deref().unwrap_or(EXAMPLE)
    }
}

fn origin(request: &HttpRequest) -> String {
    let host = request.headers().get(HOST);
    let host = host.and_then(|host| host.to_str().ok());
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    let host = host.filter(|host| !host.is_empty() && host.bytes().all(is_plain));
    let Some(host) = host else {
        return EXAMPLE.to_owned();
    };
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_loopback = matches!(name, "localhost" | "[::1]") || name.starts_with("127.");
    // On any other host browsers store the session cookie only over HTTPS, so the console must be served by HTTPS.
    let scheme = if is_loopback && !request.app_config().secure() {
        "http"
    } else {
        "https"
    };
    format!("{scheme}://{host}")
}
