//! Measures how long the pure parts of an upsert take: `cargo bench --bench pure_parts`.

mod parts;

use criterion::{Criterion, criterion_group, criterion_main};

fn pure_parts(criterion: &mut Criterion) {
    for mut part in parts::parts() {
        criterion.bench_function(part.name, |bencher| bencher.iter(&mut part.run));
    }
}

criterion_group!(benches, pure_parts);
criterion_main!(benches);
