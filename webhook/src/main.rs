//! Plugs the process into the webhook.

use std::process::ExitCode;

fn main() -> ExitCode {
    daemonset_webhook::run::main(std::env::args_os())
}
