//! `/console`: what administrators do, in the browser.
//!
//! Pages are made here, without scripts: forms are posted and answered with a redirect. A session
//! lives in a cookie that no script reads and no other site sends along; each form carries a token
//! of its session and a one-time id. All that is done, [`crate::administration`] does.

mod account;
mod administrators;
mod assets;
mod audit_log;
mod base_urls;
mod chart;
mod companies;
mod company_settings;
mod confirmation;
mod error;
mod error_page;
mod flash_message;
mod form;
mod format;
mod invitation;
mod key;
mod key_edit;
mod key_new;
mod layout;
mod one_time_form;
mod one_time_secret;
mod return_path;
mod routes;
mod security_headers;
mod session;
mod sign_in;
mod single_sign_on;
mod submitted_form;

pub use base_urls::PublicApi;
pub use routes::routes;
