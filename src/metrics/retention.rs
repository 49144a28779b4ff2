//! Metrics of the deletion of expired data.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// Metrics of the deletion of expired data.
pub struct RetentionMetrics {
    removed: Family<TaskLabel, Counter>,
    failures: Family<TaskLabel, Counter>,
}

/// The kind of data that is deleted.
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
            "Expired soft-deleted contacts that were erased, and expired audit events that were deleted, by task",
            removed.clone(),
        );
        let failures = Family::default();
        registry.register(
            "retention_failures",
            "Failed attempts to delete expired data, by task",
            failures.clone(),
        );
        // All series exist from the start, so that rate() sees the first increment.
        for task in [RetentionTask::Contacts, RetentionTask::Audit] {
            drop(removed.get_or_create(&task.label()));
            drop(failures.get_or_create(&task.label()));
        }
        Self { removed, failures }
    }

    /// Counts deleted items.
    pub fn removed(&self, task: RetentionTask, count: u64) {
        self.removed.get_or_create(&task.label()).inc_by(count);
    }

    /// Counts a failed attempt.
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
