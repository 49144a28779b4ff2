//! Properties: what holds for every input, tried with many.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestError, TestRunner};
use tokio::runtime::Runtime;

/// Tries so many inputs. A failing one is in the failure's text, not in a file.
pub fn cases(cases: u32) -> Config {
    Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    }
}

/// Checks a property that waits for a server.
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

/// Threads enough for calls that run at once.
pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts")
}
