//! The command as a function.

mod cache;
mod certificate;
mod cluster;
mod probe;
mod serve;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command, DevCerts, SelfTest};
use crate::{config, self_test};

/// All is well.
const DONE: u8 = 0;
/// What was asked for is not so: a config file with mistakes, a dry run that nobody reviewed.
const NO: u8 = 1;
/// It could not be tried.
const COULD_NOT: u8 = 2;

/// Runs the command: 0 for done, 1 for a no, 2 where it could not be tried.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => {
            let code = if error.use_stderr() { COULD_NOT } else { DONE };
            // Where nobody reads there is nobody left to tell.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let (code, text) = match args.command {
        Command::Serve(serve) => match serve::run(&serve) {
            Ok(()) => (DONE, String::new()),
            Err(sentence) => (COULD_NOT, sentence),
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
        DONE => writeln!(std::io::stdout(), "{text}"),
        _ => writeln!(std::io::stderr(), "daemonset-webhook: {text}"),
    };
    ExitCode::from(if written.is_err() { COULD_NOT } else { code })
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
            (DONE, text)
        }
        Err(error) => (COULD_NOT, error.to_string()),
    }
}

fn test_itself(wanted: &SelfTest) -> (u8, String) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return (COULD_NOT, format!("cannot start: {error}")),
    };
    runtime.block_on(async {
        let client = match cluster::client(wanted.kubeconfig.as_deref()).await {
            Ok(client) => client,
            Err(error) => return (COULD_NOT, error),
        };
        let outcome = self_test::until(&client, &wanted.namespace, wanted.timeout).await;
        let sentence = outcome.sentence(&wanted.namespace);
        match outcome {
            self_test::Outcome::Reviewed(_) => (DONE, sentence),
            self_test::Outcome::Unreachable(_) => (COULD_NOT, sentence),
            _ => (NO, sentence),
        }
    })
}
