//! Runs the command line.

mod cache;
mod certificate;
mod cluster;
mod files;
mod probe;
mod serve;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command, DevCerts, SelfTest};
use crate::{config, self_test};
use serve::Failed;

/// Exit code: success.
const SUCCESS: u8 = 0;
/// Exit code: a check failed. The config file has errors, or the dry run did not reach the webhook.
const CHECK_FAILED: u8 = 1;
/// Exit code: the command could not run.
const COULD_NOT_RUN: u8 = 2;

/// Runs the command. Exit codes: 0 success, 1 a check failed, 2 the command could not run.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => {
            let code = if error.use_stderr() { COULD_NOT_RUN } else { SUCCESS };
            // If standard error is closed, the exit code is all that is left.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let (code, text) = match args.command {
        Command::Serve(serve) => match serve::run(&serve) {
            Ok(()) => (SUCCESS, String::new()),
            Err(Failed::Logged) => (COULD_NOT_RUN, String::new()),
            Err(Failed::Unsaid(sentence)) => (COULD_NOT_RUN, sentence),
        },
        Command::DevCerts(wanted) => dev_certs(&wanted),
        Command::CheckConfig { file } => {
            let checked = config::check_config(&file);
            (checked.exit_code, checked.text)
        }
        Command::SelfTest(wanted) => test_itself(&wanted),
    };
    let text = text.trim_end();
    let written = match code {
        _ if text.is_empty() => Ok(()),
        SUCCESS => writeln!(std::io::stdout(), "{text}"),
        _ => writeln!(std::io::stderr(), "daemonset-webhook: {text}"),
    };
    ExitCode::from(if written.is_err() { COULD_NOT_RUN } else { code })
}

fn dev_certs(wanted: &DevCerts) -> (u8, String) {
    let write = if wanted.replace { daemonset_certs::dev::replace } else { daemonset_certs::dev::write };
    match write(&wanted.out, &wanted.hosts) {
        Ok(written) => {
            let text = format!(
                "{}\n{}\n{}\nfor {}, for development only",
                written.authority.display(),
                written.certificate.display(),
                written.key.display(),
                wanted.hosts.join(", ")
            );
            (SUCCESS, text)
        }
        Err(error) => (COULD_NOT_RUN, error.to_string()),
    }
}

fn test_itself(wanted: &SelfTest) -> (u8, String) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return (COULD_NOT_RUN, format!("cannot start: {error}")),
    };
    runtime.block_on(async {
        let client = match cluster::client(wanted.kubeconfig.as_deref()).await {
            Ok(client) => client,
            Err(error) => return (COULD_NOT_RUN, error),
        };
        let outcome = self_test::until(&client, &wanted.namespace, wanted.timeout).await;
        let sentence = outcome.sentence(&wanted.namespace);
        match outcome {
            self_test::Outcome::Reviewed(_) => (SUCCESS, sentence),
            self_test::Outcome::Unreachable(_) => (COULD_NOT_RUN, sentence),
            _ => (CHECK_FAILED, sentence),
        }
    })
}
