//! The checker finds each kind of violation and accepts valid histories.

use std::time::{Duration, Instant};

use super::{History, Read, Violation, Write, WriteNumber};

/// Builds histories whose times are numbers.
struct Times(Instant);

impl Times {
    fn at(&self, time: u64) -> Instant {
        self.0 + Duration::from_millis(time)
    }

    fn write(&self, number: WriteNumber, began: u64, acknowledged: Option<u64>) -> Write {
        Write {
            number,
            began: self.at(began),
            acknowledged: acknowledged.map(|time| self.at(time)),
        }
    }

    fn read(&self, began: u64, ended: u64, seen: &[WriteNumber]) -> Read {
        Read {
            began: self.at(began),
            ended: self.at(ended),
            last: seen.last().copied(),
            seen: seen.iter().copied().collect(),
        }
    }
}

/// What the checker says; a read holds the last of the numbers in its register.
fn check(
    writes: &[(WriteNumber, u64, Option<u64>)],
    reads: &[(u64, u64, &[WriteNumber])],
) -> Result<(), Violation> {
    let times = Times(Instant::now());
    let history = History {
        writes: writes
            .iter()
            .map(|(number, began, acknowledged)| times.write(*number, *began, *acknowledged))
            .collect(),
        reads: reads
            .iter()
            .map(|(began, ended, seen)| times.read(*began, *ended, seen))
            .collect(),
    };
    history.check()
}

#[test]
fn overlapping_writes_may_take_effect_in_any_order_and_unknown_ones_never() {
    let writes = [
        (1, 0, Some(10)),
        (2, 5, Some(15)),
        (3, 6, None),
        (4, 7, None),
    ];
    let right: [&[(u64, u64, &[WriteNumber])]; 4] = [
        &[(0, 1, &[]), (20, 21, &[1, 2])],
        &[(20, 21, &[2, 1]), (90, 91, &[2, 1, 3])],
        &[(8, 9, &[2]), (8, 9, &[]), (12, 14, &[2, 1])],
        &[(8, 9, &[3]), (16, 17, &[3, 1, 2]), (18, 19, &[3, 1, 2, 4])],
    ];
    for reads in right {
        assert_eq!(check(&writes, reads), Ok(()), "{reads:?}");
    }
}

#[test]
fn a_write_that_was_never_sent_is_found() {
    assert_eq!(check(&[], &[(0, 1, &[7])]), Err(Violation::NotWritten(7)));
    let later = check(&[(1, 5, Some(6))], &[(0, 1, &[1])]);
    assert_eq!(later, Err(Violation::NotWritten(1)));
}

#[test]
fn an_acknowledged_write_that_a_later_read_misses_is_found() {
    let writes = [(1, 0, Some(10)), (2, 5, None)];

    assert_eq!(check(&writes, &[(11, 12, &[2])]), Err(Violation::Lost(1)));
    assert_eq!(check(&writes, &[(9, 12, &[2])]), Ok(()));
}

#[test]
fn a_write_before_one_that_was_acknowledged_is_found() {
    let writes = [(1, 0, Some(10)), (2, 11, Some(20))];

    let seen = check(&writes, &[(5, 15, &[2])]);

    assert_eq!(seen, Err(Violation::OutOfOrder(1, 2)));
}

#[test]
fn reads_that_no_one_order_explains_are_found() {
    let writes = [(1, 0, None), (2, 0, None)];

    let forked = check(&writes, &[(1, 9, &[1]), (1, 9, &[2])]);
    let backwards = check(&writes, &[(1, 2, &[1, 2]), (3, 4, &[1])]);

    assert_eq!(forked, Err(Violation::Forked));
    assert_eq!(backwards, Err(Violation::Backwards));
}

#[test]
fn a_register_that_holds_an_older_write_is_found() {
    let writes = [(1, 0, Some(10)), (2, 11, Some(20)), (3, 12, Some(21))];

    // The second write came later, but what it overwrote is back.
    let undone = check(&writes, &[(30, 31, &[2, 3, 1])]);
    // The set is the same, and the register is not.
    let changed = check(&writes, &[(30, 31, &[1, 2, 3]), (32, 33, &[1, 3, 2])]);
    // A write was added, and the register still holds what was there before.
    let kept = check(&writes, &[(11, 12, &[1]), (22, 23, &[2, 3, 1])]);

    assert_eq!(undone, Err(Violation::WrongRegister(Some(1))));
    assert_eq!(changed, Err(Violation::WrongRegister(Some(2))));
    assert_eq!(kept, Err(Violation::WrongRegister(Some(1))));
}
