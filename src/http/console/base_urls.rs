//! Where the console is, as browsers and callers of the API see it.

use actix_web::HttpRequest;
use actix_web::http::header::HOST;

/// Stands for an address that is not known here.
const EXAMPLE: &str = "https://contacts.example.com";

/// Which port serves the public API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicApi {
    /// The console's own port.
    SamePort,
    /// Another one, with an address that the console does not know.
    OtherPort,
}

/// The addresses of this site, without a slash at the end.
#[derive(Clone)]
pub(super) struct BaseUrls {
    /// Of the console, such as `https://contacts.example.com`.
    pub(super) console: String,
    /// Of the public API; none: it is not known.
    api: Option<String>,
}

impl BaseUrls {
    /// The site that this request was sent to.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let console = origin(request);
        let public_api = request.app_data::<PublicApi>().copied();
        let is_same = public_api == Some(PublicApi::SamePort);
        Self {
            api: is_same.then(|| console.clone()),
            console,
        }
    }

    /// Whether the documentation of the public API is on this port.
    pub(super) const fn has_api(&self) -> bool {
        self.api.is_some()
    }

    /// The public API's address, or an example of one.
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
    // Elsewhere browsers keep the session's cookie over HTTPS alone, whatever a proxy says.
    if is_loopback && !request.app_config().secure() {
        format!("http://{host}")
    } else {
        format!("https://{host}")
    }
}
