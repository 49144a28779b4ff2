//! Property tests: statements about every input, tried with many.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestError, TestRunner};
use tokio::runtime::Runtime;

/// Tries this many inputs. A failing input is in the panic message, not in a file.
pub fn cases(cases: u32) -> Config {
    Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    }
}

/// Checks an asynchronous property.
pub fn holds<S: Strategy>(
    cases: Config,
    runtime: &Runtime,
    inputs: &S,
    property: impl AsyncFn(S::Value),
) {
    let result = TestRunner::new(cases).run(inputs, |input| {
        runtime.block_on(property(input));
        Ok(())
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, input)) => panic!("{reason}\nthe least such input: {input:#?}"),
        Err(error) => panic!("{error}"),
    }
}

/// A runtime with enough threads for concurrent calls.
pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts")
}
