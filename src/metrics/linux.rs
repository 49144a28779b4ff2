//! What Linux says of the process, under the names that Prometheus' own libraries have for it.

use std::fmt::Error;

use procfs::ProcError;
use procfs::process::{LimitValue, Process};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

/// Reads `/proc` whenever metrics are asked for.
#[derive(Debug)]
pub(super) struct ProcessCollector;

struct Snapshot {
    cpu_seconds: f64,
    started_at: f64,
    resident_bytes: u64,
    virtual_bytes: u64,
    open_descriptors: u64,
    most_descriptors: u64,
    threads: u64,
}

impl Snapshot {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    fn take() -> Result<Self, ProcError> {
        let process = Process::myself()?;
        let stat = process.stat()?;
        let seconds = |ticks: u64| ticks as f64 / procfs::ticks_per_second() as f64;
        let most_descriptors = match process.limits()?.max_open_files.soft_limit {
            LimitValue::Value(most) => most,
            LimitValue::Unlimited => u64::MAX,
        };
        Ok(Self {
            cpu_seconds: seconds(stat.utime + stat.stime),
            started_at: procfs::boot_time_secs()? as f64 + seconds(stat.starttime),
            resident_bytes: stat.rss * procfs::page_size(),
            virtual_bytes: stat.vsize,
            open_descriptors: u64::try_from(process.fd_count()?).unwrap_or(u64::MAX),
            most_descriptors,
            threads: u64::try_from(stat.num_threads).unwrap_or_default(),
        })
    }
}

impl Collector for ProcessCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        // Where /proc cannot be read these are absent, and all others are not.
        let Ok(now) = Snapshot::take() else {
            return Ok(());
        };
        let cpu_seconds = ConstCounter::new(now.cpu_seconds);
        let started_at = ConstGauge::new(now.started_at);
        let [resident, virtually, open, most, threads] = [
            now.resident_bytes,
            now.virtual_bytes,
            now.open_descriptors,
            now.most_descriptors,
            now.threads,
        ]
        .map(ConstGauge::new);
        let metrics: [(&str, &str, Option<Unit>, &dyn EncodeMetric); 7] = [
            (
                "process_cpu",
                "CPU time of the process, user and system",
                Some(Unit::Seconds),
                &cpu_seconds,
            ),
            (
                "process_start_time",
                "When the process started, since 1970",
                Some(Unit::Seconds),
                &started_at,
            ),
            (
                "process_resident_memory",
                "Memory of the process that is in RAM",
                Some(Unit::Bytes),
                &resident,
            ),
            (
                "process_virtual_memory",
                "Memory that the process has asked for",
                Some(Unit::Bytes),
                &virtually,
            ),
            (
                "process_open_fds",
                "File descriptors that are open",
                None,
                &open,
            ),
            (
                "process_max_fds",
                "The most file descriptors that may be open",
                None,
                &most,
            ),
            ("process_threads", "Threads of the process", None, &threads),
        ];
        for (name, help, unit, metric) in metrics {
            let kind = metric.metric_type();
            metric.encode(encoder.encode_descriptor(name, help, unit.as_ref(), kind)?)?;
        }
        Ok(())
    }
}
