//! Counts the requests of one API key.

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use time::{Duration, OffsetDateTime};

use crate::domain::{ClientId, CompanyId, Hour, RequestCounts, UsageReading};

/// The maximum number of hours in a meter. It holds more than one only while the database is unavailable. Beyond
/// the maximum the oldest hour is added to the next one.
const MAX_HOURS: usize = 48;

const MICROSECONDS: i64 = 1_000_000;

/// Counts the requests of one API key in this process.
#[derive(Debug)]
pub struct KeyMeter {
    company: CompanyId,
    client: ClientId,
    /// A lock instead of separate atomics: it is held for a few instructions only, and the counts that are read
    /// belong together.
    tallies: Mutex<Tallies>,
}

#[derive(Debug, Default)]
struct Tallies {
    current: Tally,
    /// The hours that ended since the meter was last read, the oldest first.
    earlier: Vec<Tally>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    hour: Hour,
    counts: RequestCounts,
    last_used_at: i64,
}

impl KeyMeter {
    pub(super) fn new(company: CompanyId, client: ClientId) -> Self {
        Self {
            company,
            client,
            tallies: Mutex::default(),
        }
    }

    /// Counts a request that was answered with HTTP status `status` at `now`, in microseconds since 1970.
    pub fn count(&self, status: u16, now: i64) {
        let hour = Hour::of_unix_seconds(now / MICROSECONDS);
        let mut tallies = self.lock();
        if tallies.current.hour != hour {
            tallies.begin(hour);
        }
        let current = &mut tallies.current;
        current.counts.count(status);
        current.last_used_at = current.last_used_at.max(now);
    }

    /// Returns the requests that were counted since the last read.
    pub(super) fn read(&self) -> impl Iterator<Item = UsageReading> {
        let Tallies { current, earlier } = mem::take(&mut *self.lock());
        let tallies = earlier.into_iter().chain([current]);
        tallies
            .filter(|tally| tally.counts.requests > 0)
            .map(|tally| UsageReading {
                company: self.company,
                client: self.client.clone(),
                hour: tally.hour,
                counts: tally.counts,
                last_used_at: timestamp(tally.last_used_at),
            })
    }

    fn lock(&self) -> MutexGuard<'_, Tallies> {
        // No code panics while the lock is held, and a wrong count would not justify a panic.
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tallies {
    fn begin(&mut self, hour: Hour) {
        let ended = mem::take(&mut self.current);
        self.current.hour = hour;
        if ended.counts.requests > 0 {
            self.earlier.push(ended);
        }
        if self.earlier.len() >= MAX_HOURS {
            let oldest = self.earlier.remove(0);
            self.earlier[0].counts.add(oldest.counts);
        }
    }
}

fn timestamp(unix_microseconds: i64) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::microseconds(unix_microseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600 * MICROSECONDS;

    fn meter() -> KeyMeter {
        let client = "abcdefghijkl".parse().unwrap();
        KeyMeter::new(CompanyId::new(1), client)
    }

    fn hours(meter: &KeyMeter) -> Vec<(i64, i64)> {
        let number = |hour: Hour| (hour.start() - OffsetDateTime::UNIX_EPOCH).whole_hours();
        let reading = |it: UsageReading| (number(it.hour), it.counts.requests);
        meter.read().map(reading).collect()
    }

    #[test]
    fn a_request_is_counted_by_its_status() {
        let meter = meter();

        for status in [200, 207, 429, 400, 404, 422, 429, 500, 503] {
            meter.count(status, 5);
        }

        let counts: Vec<_> = meter.read().map(|reading| reading.counts).collect();
        let expected = RequestCounts {
            requests: 9,
            refused: 2,
            client_errors: 3,
            server_errors: 2,
        };
        assert_eq!(counts, [expected]);
    }

    #[test]
    fn a_request_belongs_to_the_hour_in_which_it_is_answered() {
        let meter = meter();

        for timestamp in [0, HOUR - 1, HOUR, 3 * HOUR + 1] {
            meter.count(200, timestamp);
        }

        assert_eq!(hours(&meter), [(0, 2), (1, 1), (3, 1)]);
    }

    #[test]
    fn a_request_is_read_only_once() {
        let meter = meter();
        meter.count(200, 0);

        assert_eq!(hours(&meter), [(0, 1)]);
        assert_eq!(hours(&meter), []);

        meter.count(200, 1);
        assert_eq!(hours(&meter), [(0, 1)]);
    }

    #[test]
    fn the_last_use_is_the_latest_timestamp_even_if_the_clock_is_set_back() {
        let meter = meter();

        for timestamp in [7, 9, 8] {
            meter.count(200, timestamp);
        }

        assert_eq!(meter.read().next().unwrap().last_used_at, timestamp(9));
    }

    #[test]
    fn a_meter_that_is_never_read_has_bounded_memory_and_loses_no_request() {
        let meter = meter();

        for hour in 0..1000 {
            meter.count(200, hour * HOUR);
        }

        let hours = hours(&meter);
        assert_eq!(hours.len(), MAX_HOURS);
        assert_eq!(
            hours.iter().map(|(_, requests)| requests).sum::<i64>(),
            1000
        );
        assert_eq!(hours.last(), Some(&(999, 1)));
    }

    #[test]
    fn requests_on_many_threads_are_each_counted_once_during_reads() {
        let meter = meter();
        let mut read = 0;

        std::thread::scope(|scope| {
            let counting: Vec<_> = (0..4_i64)
                .map(|thread| {
                    let meter = &meter;
                    scope.spawn(move || {
                        (0..10_000).for_each(|n| meter.count(200, (n + thread) * HOUR / 1000));
                    })
                })
                .collect();
            while counting.iter().any(|thread| !thread.is_finished()) {
                read += meter.read().map(|it| it.counts.requests).sum::<i64>();
            }
        });

        read += meter.read().map(|it| it.counts.requests).sum::<i64>();
        assert_eq!(read, 40_000);
    }
}
