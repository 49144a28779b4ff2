//! Checks whether some order of the writes explains all reads. Each write takes effect between its start and
//! its acknowledgement.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// Each write to a contact has one of its own.
pub type WriteNumber = u32;

/// What happened to one contact, in any order.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub writes: Vec<Write>,
    pub reads: Vec<Read>,
}

/// A write, whatever came of it.
#[derive(Clone, Debug)]
pub struct Write {
    pub number: WriteNumber,
    pub began: Instant,
    /// None: its caller does not know whether it was made.
    pub acknowledged: Option<Instant>,
}

/// A read that was answered.
#[derive(Clone, Debug)]
pub struct Read {
    pub began: Instant,
    pub ended: Instant,
    /// What the register holds.
    pub last: Option<WriteNumber>,
    /// What the set holds.
    pub seen: BTreeSet<WriteNumber>,
}

/// Why no order of the writes explains the reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// A read ended before this write, which it saw, began.
    NotWritten(WriteNumber),
    /// A read began after the acknowledgement of this write, and did not see it.
    Lost(WriteNumber),
    /// A read saw the second write without the first, which was acknowledged before the second began.
    OutOfOrder(WriteNumber, WriteNumber),
    /// Two reads each saw a write that the other did not see.
    Forked,
    /// A read saw less than another that ended before it began.
    Backwards,
    /// A read's register does not hold the last of the writes that its set holds.
    WrongRegister(Option<WriteNumber>),
}

impl Write {
    fn is_acknowledged_before(&self, instant: Instant) -> bool {
        self.acknowledged.is_some_and(|at| at < instant)
    }
}

impl History {
    /// # Errors
    /// The first violation.
    pub fn check(&self) -> Result<(), Violation> {
        for read in &self.reads {
            self.check_writes_of(read)?;
        }
        let mut reads: Vec<&Read> = self.reads.iter().collect();
        reads.sort_by_key(|read| read.seen.len());
        check_order_of(&reads)?;
        self.check_registers_of(&reads)
    }

    fn check_writes_of(&self, read: &Read) -> Result<(), Violation> {
        let writes: BTreeMap<_, _> = self.writes.iter().map(|it| (it.number, it)).collect();
        for number in &read.seen {
            let write = writes.get(number);
            let Some(write) = write.filter(|write| write.began <= read.ended) else {
                return Err(Violation::NotWritten(*number));
            };
            let is_missing = |earlier: &&Write| {
                earlier.is_acknowledged_before(write.began) && !read.seen.contains(&earlier.number)
            };
            if let Some(earlier) = self.writes.iter().find(is_missing) {
                return Err(Violation::OutOfOrder(earlier.number, *number));
            }
        }
        let is_lost = |write: &&Write| {
            write.is_acknowledged_before(read.began) && !read.seen.contains(&write.number)
        };
        match self.writes.iter().find(is_lost) {
            Some(write) => Err(Violation::Lost(write.number)),
            None => Ok(()),
        }
    }

    /// The last write of each set is among those that the next smaller set lacks, and none of those was
    /// begun after it was acknowledged.
    fn check_registers_of(&self, reads: &[&Read]) -> Result<(), Violation> {
        let mut seen = BTreeSet::new();
        let mut last = None;
        for read in reads {
            let wrong = Err(Violation::WrongRegister(read.last));
            if read.seen == seen {
                if read.last != last {
                    return wrong;
                }
                continue;
            }
            let new: BTreeSet<_> = read.seen.difference(&seen).collect();
            let Some(held) = read.last.filter(|last| new.contains(last)) else {
                return wrong;
            };
            let held = self.writes.iter().find(|write| write.number == held);
            let is_overwritten = self.writes.iter().any(|write| {
                new.contains(&write.number)
                    && held.is_some_and(|held| held.is_acknowledged_before(write.began))
            });
            if is_overwritten {
                return wrong;
            }
            seen.clone_from(&read.seen);
            last = read.last;
        }
        Ok(())
    }
}

/// Takes reads by the size of what they saw.
fn check_order_of(reads: &[&Read]) -> Result<(), Violation> {
    for pair in reads.windows(2) {
        if !pair[0].seen.is_subset(&pair[1].seen) {
            return Err(Violation::Forked);
        }
    }
    for (place, smaller) in reads.iter().enumerate() {
        for larger in &reads[place + 1..] {
            if larger.seen.len() > smaller.seen.len() && larger.ended < smaller.began {
                return Err(Violation::Backwards);
            }
        }
    }
    Ok(())
}
