//! The `daemonset-webhook` binary.

use std::process::ExitCode;

/// mimalloc, because glibc's allocator is slower and returns little memory to the system after large reviews (figures in
/// `docs/webhook-proof.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    daemonset_webhook::run::main(std::env::args_os())
}
