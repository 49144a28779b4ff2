//! The usage of a key by hour: as a bar chart, and as a table for people who cannot see the chart.

use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime};

use super::format;
use crate::domain::{HourlyUsage, RequestCounts};

/// The hours of a chart.
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

/// A bar chart. Its width is its number of hours, and its height is 100.
pub(super) struct Chart {
    pub(super) range: Range,
    pub(super) bars: Vec<Bar>,
    /// The number of requests that the whole height stands for.
    pub(super) scale: i64,
    pub(super) totals: RequestCounts,
}

/// The bar of one hour.
pub(super) struct Bar {
    pub(super) hour: OffsetDateTime,
    pub(super) counts: RequestCounts,
    /// The number of hours since the first.
    pub(super) place: usize,
    /// Its segments from the bottom up.
    pub(super) segments: Vec<Segment>,
}

/// A segment of a bar: the requests with one kind of result.
pub(super) struct Segment {
    pub(super) class: &'static str,
    pub(super) top: String,
    pub(super) height: String,
}

impl Bar {
    /// The text of the tooltip.
    pub(super) fn text(&self) -> String {
        format!(
            "{}: requests {}, rate-limited {}, errors {}",
            format::timestamp(&self.hour),
            format::number(&self.counts.requests),
            format::number(&self.counts.refused),
            format::number(&errors(self.counts)),
        )
    }
}

impl Chart {
    /// A chart with a bar for each hour of the range. `usage` has the hours with requests.
    pub(super) fn new(range: Range, usage: &[HourlyUsage]) -> Self {
        let known = usage.iter().map(|hourly| (hourly.hour, hourly.counts));
        let known: BTreeMap<OffsetDateTime, RequestCounts> = known.collect();
        let mut totals = RequestCounts::default();
        for counts in known.values() {
            totals.add(*counts);
        }
        let most = known.values().map(|counts| counts.requests).max();
        let scale = round_up(most.unwrap_or_default());
        let hours = std::iter::successors(Some(range.from), |hour| Some(*hour + Duration::HOUR));
        let hours = hours.take_while(|hour| *hour < range.to).enumerate();
        let bars = hours.map(|(place, hour)| {
            let counts = known.get(&hour).copied().unwrap_or_default();
            Bar {
                hour,
                counts,
                place,
                segments: segments(counts, scale),
            }
        });
        Self {
            bars: bars.collect(),
            scale,
            totals,
            range,
        }
    }

    /// Requests that were neither rate-limited nor failed.
    pub(super) const fn succeeded(&self) -> i64 {
        succeeded(self.totals)
    }

    /// Requests that failed, other than by a rate limit.
    pub(super) const fn errors(&self) -> i64 {
        errors(self.totals)
    }

    /// Whether there were no requests.
    pub(super) const fn is_empty(&self) -> bool {
        self.totals.requests == 0
    }

    /// The hours with requests, the latest first.
    pub(super) fn used(&self) -> impl Iterator<Item = &Bar> {
        let bars = self.bars.iter().rev();
        bars.filter(|bar| bar.counts.requests > 0)
    }
}

const fn succeeded(counts: RequestCounts) -> i64 {
    counts.requests - counts.refused - errors(counts)
}

const fn errors(counts: RequestCounts) -> i64 {
    counts.client_errors + counts.server_errors
}

fn segments(counts: RequestCounts, scale: i64) -> Vec<Segment> {
    let mut below = 0;
    let mut segments = Vec::new();
    for (class, count) in [
        ("succeeded", succeeded(counts)),
        ("refused", counts.refused),
        ("errors", errors(counts)),
    ] {
        if count > 0 {
            below += count;
            segments.push(Segment {
                class,
                top: share(scale - below, scale),
                height: share(count, scale),
            });
        }
    }
    segments
}

/// A percentage with two decimals.
fn share(part: i64, whole: i64) -> String {
    let ten_thousandths = part.saturating_mul(10_000) / whole.max(1);
    format!("{}.{:02}", ten_thousandths / 100, ten_thousandths % 100)
}

/// Rounds up to one of 1, 2, 5, 10, 20, 50, and so on.
fn round_up(most: i64) -> i64 {
    let powers = std::iter::successors(Some(1_i64), |power| Some(power.saturating_mul(10)));
    let mut scales = powers.flat_map(|power| [1, 2, 5].map(|step| power.saturating_mul(step)));
    scales.find(|scale| *scale >= most).unwrap_or(most)
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
    fn a_day_has_24_hours_and_ends_with_the_current_one() {
        let range = Range::named(None, NOW);

        assert_eq!(range.from, datetime!(2026-01-30 10:00 UTC));
        assert_eq!(range.to, datetime!(2026-01-31 10:00 UTC));
        assert_eq!(Chart::new(range, &[]).bars.len(), 24);
        let week = Range::named(Some("week"), NOW);
        assert_eq!(Chart::new(week, &[]).bars.len(), 168);
    }

    #[test]
    fn segments_are_stacked_in_proportion_to_their_counts() {
        let counts = RequestCounts {
            requests: 8,
            refused: 2,
            client_errors: 1,
            server_errors: 1,
        };
        let hour = datetime!(2026-01-31 09:00 UTC);
        let chart = Chart::new(Range::named(None, NOW), &[HourlyUsage { hour, counts }]);

        let bar = chart.bars.last().unwrap();
        let segments = bar.segments.iter();
        let segments: Vec<_> = segments
            .map(|segment| (segment.class, segment.top.as_str(), segment.height.as_str()))
            .collect();
        assert_eq!(chart.scale, 10);
        assert_eq!(bar.place, 23);
        assert_eq!(
            segments,
            [
                ("succeeded", "60.00", "40.00"),
                ("refused", "40.00", "20.00"),
                ("errors", "20.00", "20.00"),
            ]
        );
        assert_eq!(chart.used().count(), 1);
    }

    #[test]
    fn the_scale_is_a_round_number() {
        for (most, scale) in [(0, 1), (1, 1), (3, 5), (6, 10), (11, 20), (5001, 10_000)] {
            assert_eq!(round_up(most), scale);
        }
    }
}
