//! Rate limits (GCRA): in Redis, shared by all replicas, or in the memory of each replica.

mod breaker;
mod gcra;
mod limiter;
mod local;
mod redis_limiter;

pub use gcra::{Cost, Decision, Meter};
pub use limiter::{LimiterUnavailable, RateLimiter};
pub use local::{Limited, LocalLimiter};
