//! The README is short, and its figures are those that were measured.

use std::fs;
use std::path::Path;

use super::TOP;

/// What somebody reads who looks whether Rubrica is for them.
const MOST_BYTES: usize = 8 * 1024;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(TOP).join(path)).expect("a text")
}

#[test]
fn the_readme_is_short() {
    let bytes = read("README.md").len();
    assert!(bytes <= MOST_BYTES, "README.md has {bytes} bytes");
}

#[test]
fn the_figures_of_the_readme_are_those_of_the_last_benchmark() {
    let (readme, results) = (read("README.md"), read("benches/results/latest.md"));
    let figures = readme
        .split("## How fast")
        .nth(1)
        .and_then(|rest| rest.split("\n## ").next())
        .expect("a section with figures");

    let rates = figures.split(" per second").filter_map(|before| {
        let word = before.rsplit(' ').next()?;
        word.ends_with(|last: char| last.is_ascii_digit())
            .then_some(word)
    });
    let mut count = 0;
    for rate in rates {
        assert!(
            results.contains(&format!(" {rate} /s")),
            "{rate} per second"
        );
        count += 1;
    }
    assert!(count >= 2, "figures are found");
    let date = results
        .lines()
        .find_map(|line| line.strip_prefix("- Date: "))
        .expect("the date of the benchmark");
    assert!(figures.contains(date), "measured on {date}");
}
