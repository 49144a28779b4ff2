//! Quotas in the form that administrators write.

use std::num::NonZeroU32;
use std::time::Duration;

use proptest::prelude::*;
use rubrica::domain::{Quota, QuotaError};

use crate::harness::cases;

#[test]
fn a_quota_is_requests_per_window() {
    let table = [
        ("600/60s", 600, 60_000, "600/60s"),
        ("600/1m", 600, 60_000, "600/60s"),
        ("1/1s", 1, 1_000, "1/1s"),
        ("5/1500ms", 5, 1_500, "5/1500ms"),
        ("5/1s 500ms", 5, 1_500, "5/1500ms"),
        (
            "1000000000/24h",
            1_000_000_000,
            86_400_000,
            "1000000000/86400s",
        ),
        ("007/1s", 7, 1_000, "7/1s"),
    ];
    for (text, limit, window, shown) in table {
        let quota: Quota = text
            .parse()
            .unwrap_or_else(|error| panic!("{text}: {error}"));

        assert_eq!(quota.limit(), limit, "{text}");
        assert_eq!(quota.window(), Duration::from_millis(window), "{text}");
        assert_eq!(quota.to_string(), shown, "{text}");
    }
}

#[test]
fn an_invalid_quota_is_refused() {
    let table = [
        (
            QuotaError::Form,
            &["", "600", "/60s", "600/", "600/60", "600/x", "600 per 60s"][..],
        ),
        (
            QuotaError::Form,
            &[
                "-1/60s", "+1/60s", " 600/60s", "1e3/60s", "0x10/60s", "٦/60s",
            ],
        ),
        (
            QuotaError::Form,
            &["600/-60s", "600/60s/60s", "600/60s 60", "default"],
        ),
        (
            QuotaError::Limit,
            &["0/60s", "1000000001/60s", "99999999999999999999/60s"],
        ),
        (
            QuotaError::Window,
            &[
                "600/0s",
                "600/999ms",
                "600/86401s",
                "600/2days",
                "600/1500500us",
            ],
        ),
    ];
    for (error, texts) in table {
        for text in texts {
            assert_eq!(text.parse::<Quota>(), Err(error.clone()), "{text:?}");
        }
    }
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn a_formatted_quota_parses_to_the_same_quota(
        limit in 1..=1_000_000_000_u32,
        window in 1_000..=86_400_000_u64,
    ) {
        let quota = Quota::new(limit, Duration::from_millis(window)).unwrap();

        prop_assert_eq!(quota.to_string().parse(), Ok(quota));
    }

    #[test]
    fn any_accepted_text_parses_again_to_the_same_quota(
        text in prop_oneof![any::<String>(), "[0-9]{1,11}/[0-9]{1,6}(ms|s|m|h)"],
    ) {
        if let Ok(quota) = text.parse::<Quota>() {
            prop_assert_eq!(quota.to_string().parse(), Ok(quota));
        }
    }

    #[test]
    fn the_shares_of_all_replicas_add_up_to_at_most_the_quota_or_one_each(
        limit in 1..=1_000_000_000_u32,
        replicas in 1..1_000_u32,
    ) {
        let quota = Quota::new(limit, Duration::from_mins(1)).unwrap();

        let share = quota.share(NonZeroU32::new(replicas).unwrap());

        prop_assert_eq!(share.limit(), (limit / replicas).max(1));
        prop_assert_eq!(share.window(), quota.window());
    }
}
