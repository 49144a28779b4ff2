//! `/console`: what administrators do, in the browser.
//!
//! Pages are made here, without scripts: forms are posted and answered with a redirect. A session
//! lives in a cookie that no script reads and no other site sends along; each form carries a token
//! of its session and a one-time id. All that is done, [`crate::administration`] does.

mod account;
mod administrators;
mod assets;
mod audit;
mod chart;
mod companies;
mod company_changes;
mod confirmation;
mod error;
mod error_page;
mod form;
mod format;
mod guard;
mod invitation;
mod key_changes;
mod key_creation;
mod keys;
mod notice;
mod once;
mod page;
mod return_path;
mod routes;
mod session;
mod shown_once;
mod sign_in;
mod single_sign_on;
mod site;
mod submission;

pub use routes::routes;
pub use site::PublicApi;
