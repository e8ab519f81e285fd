//! Measures how fast documents are parsed: `cargo bench -p daemonset-lint --bench yaml [FOLDER]`. Nothing is asserted.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::arithmetic_side_effects, missing_docs)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use daemonset_lint::source::{Content, LineIndex, documents};

fn collect(folder: &Path, texts: &mut Vec<String>) {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, texts);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            texts.push(text);
        }
    }
}

/// The sum of the fastest times of each text, to exclude the influence of other processes.
fn fastest(texts: &[String], mut read: impl FnMut(&str)) -> Duration {
    let mut fastest = vec![Duration::MAX; texts.len()];
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(4) {
        for (text, fastest) in texts.iter().zip(&mut fastest) {
            let start = Instant::now();
            read(text);
            *fastest = start.elapsed().min(*fastest);
        }
    }
    fastest.into_iter().sum()
}

fn report(name: &str, texts: &[String], count: usize, time: Duration) {
    let bytes: usize = texts.iter().map(String::len).sum();
    let nanoseconds = time.as_nanos() as f64;
    println!(
        "{name:<28} {count:>6} documents {:>9.1} µs each {:>8.1} MB/s {:>8.1} µs for 4 KB",
        nanoseconds / count as f64 / 1e3,
        bytes as f64 * 1e3 / nanoseconds,
        nanoseconds * 4.096 / bytes as f64,
    );
}

fn main() {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/tutorial");
    let folder =
        std::env::args().skip(1).find(|argument| !argument.starts_with("--")).map_or(default, PathBuf::from);
    let mut texts = Vec::new();
    collect(&folder, &mut texts);

    let count = texts.iter().map(|text| documents(text).count()).sum();
    let time = fastest(&texts, |text| {
        for document in documents(text) {
            if let Content::Tree(tree) = document.content {
                black_box(tree.root());
            }
        }
    });
    report("documents", &texts, count, time);
    let lines = fastest(&texts, |text| drop(black_box(LineIndex::new(text))));
    report("their line indexes", &texts, count, lines);
}
