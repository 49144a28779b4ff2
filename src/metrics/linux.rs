//! Metrics of the process from Linux, with the names that the Prometheus client libraries use.

use std::fmt::Error;

use procfs::ProcError;
use procfs::process::{LimitValue, Process};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

/// Reads `/proc` at each scrape.
#[derive(Debug)]
pub(super) struct ProcessCollector;

struct Snapshot {
    cpu_seconds: f64,
    started_at: f64,
    resident_bytes: u64,
    virtual_bytes: u64,
    open_descriptors: u64,
    max_descriptors: u64,
    threads: u64,
}

impl Snapshot {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    fn take() -> Result<Self, ProcError> {
        let process = Process::myself()?;
        let stat = process.stat()?;
        let seconds = |ticks: u64| ticks as f64 / procfs::ticks_per_second() as f64;
        let max_descriptors = match process.limits()?.max_open_files.soft_limit {
            LimitValue::Value(max) => max,
            LimitValue::Unlimited => u64::MAX,
        };
        Ok(Self {
            cpu_seconds: seconds(stat.utime + stat.stime),
            started_at: procfs::boot_time_secs()? as f64 + seconds(stat.starttime),
            resident_bytes: stat.rss * procfs::page_size(),
            virtual_bytes: stat.vsize,
            open_descriptors: u64::try_from(process.fd_count()?).unwrap_or(u64::MAX),
            max_descriptors,
            threads: u64::try_from(stat.num_threads).unwrap_or_default(),
        })
    }
}

impl Collector for ProcessCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        // If /proc cannot be read, only these metrics are missing.
        let Ok(now) = Snapshot::take() else {
            return Ok(());
        };
        let cpu_seconds = ConstCounter::new(now.cpu_seconds);
        let started_at = ConstGauge::new(now.started_at);
        let [resident, virtual_memory, open, max, threads] = [
            now.resident_bytes,
            now.virtual_bytes,
            now.open_descriptors,
            now.max_descriptors,
            now.threads,
        ]
        .map(ConstGauge::new);
        let metrics: [(&str, &str, Option<Unit>, &dyn EncodeMetric); 7] = [
            (
                "process_cpu",
                "User and system CPU time of the process",
                Some(Unit::Seconds),
                &cpu_seconds,
            ),
            (
                "process_start_time",
                "Unix timestamp of the start of the process",
                Some(Unit::Seconds),
                &started_at,
            ),
            (
                "process_resident_memory",
                "Resident memory of the process",
                Some(Unit::Bytes),
                &resident,
            ),
            (
                "process_virtual_memory",
                "Virtual memory of the process",
                Some(Unit::Bytes),
                &virtual_memory,
            ),
            (
                "process_open_fds",
                "Number of open file descriptors",
                None,
                &open,
            ),
            (
                "process_max_fds",
                "Maximum number of open file descriptors",
                None,
                &max,
            ),
            (
                "process_threads",
                "Number of threads of the process",
                None,
                &threads,
            ),
        ];
        for (name, help, unit, metric) in metrics {
            let kind = metric.metric_type();
            metric.encode(encoder.encode_descriptor(name, help, unit.as_ref(), kind)?)?;
        }
        Ok(())
    }
}
