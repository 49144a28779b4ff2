//! Single sign-on with OpenID Connect Core 1.0: the authorization code flow with PKCE (RFC 7636).

mod discovery;
mod error;
mod flow;
mod id_token;

pub use error::OidcError;
pub use flow::{PendingSignIn, SingleSignOn};
pub use id_token::Identity;
