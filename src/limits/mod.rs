//! Rate limits: GCRA, counted in Redis by all replicas together, or in process by each alone.

mod breaker;
mod gcra;
mod limiter;
mod local;
mod redis_limiter;

pub use gcra::{Cost, Decision, Meter};
pub use limiter::{LimiterUnavailable, RateLimiter};
pub use local::{Limited, LocalLimiter};
