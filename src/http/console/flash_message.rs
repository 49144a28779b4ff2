//! What a page says first, of the form that was sent before.

/// A sentence above a page.
pub(super) struct FlashMessage {
    pub(super) tone: Tone,
    pub(super) text: String,
}

/// How a notice looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// It went well.
    Good,
    /// It is as asked for, and nothing to be glad about.
    Neutral,
    /// Something stopped working, or was not done.
    Warning,
}

impl Tone {
    /// For the style.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Neutral => "neutral",
            Self::Warning => "caution",
        }
    }
}

impl FlashMessage {
    pub(super) fn new(tone: Tone, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { tone, text }
    }

    /// The notice that an address asks for by a code. There is none for anything else that somebody
    /// writes there.
    pub(super) fn of(code: &str) -> Option<Self> {
        use Tone::{Good, Neutral, Warning};
        let (tone, text) = match code {
            "saved" => (Good, "Saved. Changes take effect within a second."),
            "suspended" => (
                Warning,
                "Company suspended. Requests with its API keys fail within a second.",
            ),
            "resumed" => (Good, "Company resumed. Its API keys work again."),
            "revoked" => (Warning, "Key revoked. It stops working within a second."),
            "disabled" => (Warning, "Administrator disabled and signed out everywhere."),
            "enabled" => (Good, "Administrator enabled. They can sign in again."),
            "signed-out" => (Neutral, "You are signed out."),
            "password" => (Good, "Your password is set. Sign in with it."),
            "unsaved" => (
                Warning,
                "Your session ended. Sign in to continue; nothing was saved.",
            ),
            "company-sent-before" => (
                Warning,
                "This form was sent before: the company was already created. No second one was made.",
            ),
            "key-sent-before" => (
                Warning,
                "This form was sent before: the key was already created, and no second one was made. Its secret was shown only once. If you don’t have it, rotate the key.",
            ),
            "invitation-sent-before" => (
                Warning,
                "This form was sent before: the invitation was already created. Its link was shown only once. If you don’t have it, create a new one.",
            ),
            _ => return None,
        };
        Some(Self::new(tone, text))
    }
}
