//! Reading and linting, with every rule on: growth from 100 to 10,000 tools, in memory.
//!
//! `cargo bench --bench lint`. Surfaces are synthetic (the same ones `scripts/bench` writes to files
//! for whole processes), so that the figures can be made anywhere.

#[path = "synthetic.rs"]
mod synthetic;

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use mcp_kit::engine::{
    protocol::json::Limits,
    rule::{self, Profile, Selection},
    surface::{self, token},
};
use synthetic::Edits;

fn growth(criterion: &mut Criterion) {
    let selection = Selection::of(Profile::Strict);
    let mut group = criterion.benchmark_group("read and lint");
    group.sample_size(10);
    for tools in [100, 1_000, 10_000] {
        let text = synthetic::surface(tools, Edits::default());
        group.throughput(Throughput::Elements(tools as u64));
        group.bench_with_input(BenchmarkId::from_parameter(tools), &text, |bencher, text| {
            bencher.iter(|| {
                let surface = surface::read(text.as_bytes(), &Limits::default());
                rule::run(&surface.expect("the surface is readable"), &selection)
            });
        });
    }
    group.finish();
}

fn parts(criterion: &mut Criterion) {
    let text = synthetic::surface(1_000, Edits::default());
    let read = || surface::read(text.as_bytes(), &Limits::default()).expect("readable");
    let mut group = criterion.benchmark_group("1,000 tools");
    group.bench_function("read", |bencher| bencher.iter(read));
    group.bench_function("count tokens", |bencher| {
        bencher.iter_batched(read, |surface| black_box(surface.tokens()), BatchSize::LargeInput);
    });
    group.bench_function("count tokens of the text", |bencher| {
        bencher.iter(|| token::count(&text));
    });
    group.finish();
}

criterion_group!(benches, growth, parts);
criterion_main!(benches);
