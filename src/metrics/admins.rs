//! Metrics of administrators.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// Metrics of administrators.
pub struct AdminMetrics {
    sign_ins: Family<ResultLabel, Counter>,
}

/// The result of a sign-in attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInResult {
    /// The attempt succeeded.
    Succeeded,
    /// The credentials were wrong, or the account may not sign in.
    Refused,
    /// The attempt was rate-limited.
    Limited,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabel {
    result: &'static str,
}

impl AdminMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let sign_ins = Family::default();
        registry.register(
            "admin_sign_ins",
            "Sign-in attempts of administrators, by result: succeeded, refused, limited",
            sign_ins.clone(),
        );
        // All series exist from the start, so that rate() sees the first increment.
        for result in [
            SignInResult::Succeeded,
            SignInResult::Refused,
            SignInResult::Limited,
        ] {
            drop(sign_ins.get_or_create(&result.label()));
        }
        Self { sign_ins }
    }

    /// Counts a sign-in attempt of an administrator.
    pub fn count_sign_in(&self, result: SignInResult) {
        self.sign_ins.get_or_create(&result.label()).inc();
    }
}

impl SignInResult {
    const fn label(self) -> ResultLabel {
        let result = match self {
            Self::Succeeded => "succeeded",
            Self::Refused => "refused",
            Self::Limited => "limited",
        };
        ResultLabel { result }
    }
}
