//! Administrators: how they sign in.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// What is counted of administrators.
pub struct AdminMetrics {
    sign_ins: Family<ResultLabel, Counter>,
}

/// What came of an attempt to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInResult {
    /// A session began.
    Succeeded,
    /// Something was wrong, or the account may not sign in.
    Refused,
    /// There were too many attempts.
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
            "Attempts of administrators to sign in: succeeded, refused, limited",
            sign_ins.clone(),
        );
        // From the start, so that the first one of a kind counts in a rate.
        for result in [
            SignInResult::Succeeded,
            SignInResult::Refused,
            SignInResult::Limited,
        ] {
            drop(sign_ins.get_or_create(&result.label()));
        }
        Self { sign_ins }
    }

    /// Counts an attempt of an administrator to sign in.
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
