//! Plugs the process into the webhook.

use std::process::ExitCode;

/// Of what a review needed, glibc's allocator gives little back to the system once it was megabytes, and it is slower
/// (`docs/webhook-proof.md` has the figures).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    daemonset_webhook::run::main(std::env::args_os())
}
