//! What a key was used for, hour by hour: as bars, and as a table for who sees none.

use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime};

use super::format;
use crate::domain::{HourlyUsage, RequestCounts};

/// The hours that are shown.
pub(super) struct Range {
    /// `day` or `week`.
    pub(super) name: &'static str,
    pub(super) from: OffsetDateTime,
    pub(super) to: OffsetDateTime,
}

impl Range {
    /// The day or the week until the end of this hour.
    pub(super) fn named(name: Option<&str>, now: OffsetDateTime) -> Self {
        let (name, hours) = match name {
            Some("week") => ("week", 7 * 24),
            _ => ("day", 24),
        };
        let to = hour(now) + Duration::HOUR;
        Self {
            name,
            from: to - Duration::hours(hours),
            to,
        }
    }
}

/// Bars on a plane that is as wide as it has hours, and 100 high.
pub(super) struct Chart {
    pub(super) range: &'static str,
    pub(super) bars: Vec<Bar>,
    /// What the height stands for.
    pub(super) scale: i64,
    pub(super) totals: RequestCounts,
    pub(super) starts_at: OffsetDateTime,
    pub(super) ends_at: OffsetDateTime,
}

/// One hour.
pub(super) struct Bar {
    pub(super) hour: OffsetDateTime,
    pub(super) counts: RequestCounts,
    /// How many hours after the first.
    pub(super) place: usize,
    /// From the bottom up.
    pub(super) parts: Vec<Part>,
}

/// What one hour's requests came to.
pub(super) struct Part {
    pub(super) class: &'static str,
    pub(super) top: String,
    pub(super) height: String,
}

impl Bar {
    /// In words.
    pub(super) fn text(&self) -> String {
        format!(
            "{}: requests {}, refused {}, errors {}",
            format::timestamp(&self.hour),
            format::number(&self.counts.requests),
            format::number(&self.counts.refused),
            format::number(&errors(self.counts)),
        )
    }
}

impl Chart {
    /// Bars for all hours of the range, of which `usage` lists those with a request.
    pub(super) fn new(range: &Range, usage: &[HourlyUsage]) -> Self {
        let known: BTreeMap<OffsetDateTime, RequestCounts> = usage
            .iter()
            .map(|hourly| (hourly.hour, hourly.counts))
            .collect();
        let mut totals = RequestCounts::default();
        for counts in known.values() {
            totals.add(*counts);
        }
        let most = known.values().map(|counts| counts.requests).max();
        let scale = round_up(most.unwrap_or_default());
        let hours = std::iter::successors(Some(range.from), |hour| Some(*hour + Duration::HOUR));
        let bars = hours
            .take_while(|hour| *hour < range.to)
            .enumerate()
            .map(|(place, hour)| {
                let counts = known.get(&hour).copied().unwrap_or_default();
                Bar {
                    hour,
                    counts,
                    place,
                    parts: parts(counts, scale),
                }
            });
        Self {
            range: range.name,
            bars: bars.collect(),
            scale,
            totals,
            starts_at: range.from,
            ends_at: range.to,
        }
    }

    /// All that was neither refused nor an error.
    pub(super) const fn succeeded(&self) -> i64 {
        succeeded(self.totals)
    }

    /// All that was no success and no refusal.
    pub(super) const fn errors(&self) -> i64 {
        errors(self.totals)
    }

    /// Whether there was no request.
    pub(super) const fn is_empty(&self) -> bool {
        self.totals.requests == 0
    }

    /// The hours with a request, the latest first.
    pub(super) fn used(&self) -> impl Iterator<Item = &Bar> {
        let bars = self.bars.iter().rev();
        bars.filter(|bar| bar.counts.requests > 0)
    }
}

const fn succeeded(counts: RequestCounts) -> i64 {
    counts.requests - counts.refused - errors(counts)
}

/// What is no success and no refusal.
const fn errors(counts: RequestCounts) -> i64 {
    counts.client_errors + counts.server_errors
}

fn parts(counts: RequestCounts, scale: i64) -> Vec<Part> {
    let mut below = 0;
    let mut parts = Vec::new();
    for (class, count) in [
        ("succeeded", succeeded(counts)),
        ("refused", counts.refused),
        ("errors", errors(counts)),
    ] {
        if count > 0 {
            below += count;
            parts.push(Part {
                class,
                top: share(scale - below, scale),
                height: share(count, scale),
            });
        }
    }
    parts
}

/// Hundredths, with two decimals.
fn share(part: i64, whole: i64) -> String {
    let ten_thousandths = part.saturating_mul(10_000) / whole.max(1);
    format!("{}.{:02}", ten_thousandths / 100, ten_thousandths % 100)
}

/// The next of 1, 2, 5, 10, 20, 50, and so on.
fn round_up(most: i64) -> i64 {
    let mut power = 1_i64;
    loop {
        for step in [1, 2, 5] {
            let scale = power.saturating_mul(step);
            if scale >= most {
                return scale;
            }
        }
        power = power.saturating_mul(10);
    }
}

fn hour(timestamp: OffsetDateTime) -> OffsetDateTime {
    let seconds = timestamp.unix_timestamp().rem_euclid(3600);
    timestamp - Duration::seconds(seconds) - Duration::nanoseconds(timestamp.nanosecond().into())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-01-31 09:30:00.5 UTC);

    #[test]
    fn a_day_has_24_hours_and_ends_with_the_one_under_way() {
        let range = Range::named(None, NOW);

        assert_eq!(range.from, datetime!(2026-01-30 10:00 UTC));
        assert_eq!(range.to, datetime!(2026-01-31 10:00 UTC));
        assert_eq!(Chart::new(&range, &[]).bars.len(), 24);
        let week = Range::named(Some("week"), NOW);
        assert_eq!(Chart::new(&week, &[]).bars.len(), 168);
    }

    #[test]
    fn parts_of_a_bar_stand_on_each_other_and_fill_what_they_stand_for() {
        let counts = RequestCounts {
            requests: 8,
            refused: 2,
            client_errors: 1,
            server_errors: 1,
        };
        let hour = datetime!(2026-01-31 09:00 UTC);
        let chart = Chart::new(&Range::named(None, NOW), &[HourlyUsage { hour, counts }]);

        let bar = chart.bars.last().unwrap();
        let parts = bar.parts.iter();
        let parts: Vec<_> = parts
            .map(|part| (part.class, part.top.as_str(), part.height.as_str()))
            .collect();
        assert_eq!(chart.scale, 10);
        assert_eq!(bar.place, 23);
        assert_eq!(
            parts,
            [
                ("succeeded", "60.00", "40.00"),
                ("refused", "40.00", "20.00"),
                ("errors", "20.00", "20.00"),
            ]
        );
        assert_eq!(chart.used().count(), 1);
    }

    #[test]
    fn a_scale_is_round() {
        for (most, scale) in [(0, 1), (1, 1), (3, 5), (6, 10), (11, 20), (5001, 10_000)] {
            assert_eq!(round_up(most), scale);
        }
    }
}
