//! What is removed when its time is over.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// What is counted of the end of what is kept for a time.
pub struct RetentionMetrics {
    removed: Family<TaskLabel, Counter>,
    failures: Family<TaskLabel, Counter>,
}

/// What is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetentionTask {
    /// Soft-deleted contacts, after `privacy.deleted_retention`.
    Contacts,
    /// Audit events, after `audit.retention`.
    Audit,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TaskLabel {
    task: &'static str,
}

impl RetentionMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let removed = Family::default();
        registry.register(
            "retention_removed",
            "Soft-deleted contacts that were erased, and audit events that were deleted, when their time was over",
            removed.clone(),
        );
        let failures = Family::default();
        registry.register(
            "retention_failures",
            "Failed attempts to remove what is over its time, by task",
            failures.clone(),
        );
        // From the start, so that the first one of a kind counts in a rate.
        for task in [RetentionTask::Contacts, RetentionTask::Audit] {
            drop(removed.get_or_create(&task.label()));
            drop(failures.get_or_create(&task.label()));
        }
        Self { removed, failures }
    }

    /// Counts what was removed.
    pub fn removed(&self, task: RetentionTask, count: u64) {
        self.removed.get_or_create(&task.label()).inc_by(count);
    }

    /// Counts an attempt that failed.
    pub fn failed(&self, task: RetentionTask) {
        self.failures.get_or_create(&task.label()).inc();
    }
}

impl RetentionTask {
    const fn label(self) -> TaskLabel {
        let task = match self {
            Self::Contacts => "contacts",
            Self::Audit => "audit",
        };
        TaskLabel { task }
    }
}
