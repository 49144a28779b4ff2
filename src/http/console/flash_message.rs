//! Flash messages: the result of the form that was sent before, above the next page.

use std::borrow::Cow;

use actix_web::HttpRequest;
use actix_web::web::Query;
use serde::Deserialize;

use super::error::{ConsoleError, INVALID_QUERY};

/// A message above a page.
#[derive(Clone)]
pub(super) struct FlashMessage {
    /// The class of its style.
    pub(super) class: &'static str,
    pub(super) text: Cow<'static, str>,
}

#[derive(Deserialize)]
struct FlashQuery {
    done: Option<String>,
}

impl FlashMessage {
    fn new(class: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        let text = text.into();
        Self { class, text }
    }

    /// An action succeeded.
    pub(super) fn success(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new("good", text)
    }

    /// An action stopped something, or was not done.
    pub(super) fn warning(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new("caution", text)
    }

    /// The message that the query names by its code, as in `done=saved`. Unknown codes have none.
    ///
    /// # Errors
    /// If the query is not valid.
    pub(super) fn of(request: &HttpRequest) -> Result<Option<Self>, ConsoleError> {
        let query = Query::<FlashQuery>::from_query(request.query_string());
        let code = query.map_err(|_| INVALID_QUERY)?.into_inner().done;
        Ok(code.and_then(|code| Self::with_code(&code)))
    }

    fn with_code(code: &str) -> Option<Self> {
        Some(match code {
            "saved" => Self::success("Saved. Changes take effect within a second."),
            "suspended" => {
                Self::warning("Company suspended. Requests with its API keys fail within a second.")
            }
            "resumed" => Self::success("Company resumed. Its API keys work again."),
            "revoked" => Self::warning("Key revoked. It stops working within a second."),
            "disabled" => Self::warning("Administrator disabled and signed out everywhere."),
            "enabled" => Self::success("Administrator enabled. They can sign in again."),
            "signed-out" => Self::new("neutral", "You are signed out."),
            "password" => Self::success("Your password is set. Sign in with it."),
            "unsaved" => {
                Self::warning("Your session ended. Sign in to continue; nothing was saved.")
            }
            "company-sent-before" => Self::warning(
                "This form was sent before: the company was already created. No second one was made.",
            ),
            "key-sent-before" => Self::warning(
                "This form was sent before: the key was already created, and no second one was made. Its secret was shown only once. If you don’t have it, rotate the key.",
            ),
            "invitation-sent-before" => Self::warning(
                "This form was sent before: the invitation was already created. Its link was shown only once. If you don’t have it, create a new one.",
            ),
            _ => return None,
        })
    }
}
