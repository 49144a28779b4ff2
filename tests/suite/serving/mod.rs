//! `rubrica serve` as a process: signals, ports, logs, certificates.

mod logs;
mod metrics;
mod operations;
mod stopping;
mod tls;
