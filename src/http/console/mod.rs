//! `/console`: the web console of administrators.
//!
//! The server renders all pages. A form responds with a redirect. The session is in a cookie that scripts cannot
//! read and that browsers do not send from other sites; each form carries the CSRF token of its session and a
//! one-time id. The actions are in [`crate::administration`].
//!
//! A page is a file with the same name as its template in `templates`, such as `key_new.rs` and `key_new.html`.

mod account;
mod administrator;
mod administrator_new;
mod administrators;
mod assets;
mod audit_event;
mod audit_log;
mod base_urls;
mod chart;
mod companies;
mod company;
mod company_new;
mod company_settings;
mod confirmation;
mod cookies;
mod error;
mod error_page;
mod flash_message;
mod form;
mod format;
mod invitation;
mod key;
mod key_edit;
mod key_new;
mod key_revoke;
mod key_rotate;
mod key_status;
mod layout;
mod one_time_form;
mod one_time_secret;
mod pagination;
mod response;
mod return_path;
mod routes;
mod security_headers;
mod session;
mod sign_in;
mod single_sign_on;
mod submitted_form;

pub use base_urls::PublicApi;
pub use routes::routes;
