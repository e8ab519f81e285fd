//! Standard input can be read once, so one thing at most may be read from it.

use std::path::Path;

use crate::args::Args;
use crate::shown::shown_path;

/// The files that are the process's standard input too.
const FILES: [&str; 3] = ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/// Whether reading this path reads standard input.
pub(crate) fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-" || is_file_of_it(path)
}

fn is_file_of_it(path: &Path) -> bool {
    FILES.iter().any(|file| path == Path::new(file))
}

/// Refuses a command line on which several things are read from standard input: all but the first would get nothing. The same path
/// given twice to one option is read once.
///
/// # Errors
///
/// A sentence that names them.
pub(crate) fn check(args: &Args) -> Result<(), String> {
    let first = |paths: &[std::path::PathBuf]| paths.iter().find(|path| is_standard_input(path)).cloned();
    let against = args.against.clone().filter(|path| is_standard_input(path));
    // A kubeconfig named `-` is a file of that name.
    let kubeconfig = args.kubeconfig.clone().filter(|path| is_file_of_it(path));
    let readers: Vec<String> = [
        ("PATH", first(&args.paths)),
        ("--nodes", first(&args.nodes)),
        ("--against", against),
        ("--kubeconfig", kubeconfig),
    ]
    .into_iter()
    .filter_map(|(what, path)| path.map(|path| format!("{what} {}", shown_path(&path))))
    .collect();
    if readers.len() < 2 {
        return Ok(());
    }
    Err(format!(
        "standard input can be read only once, and {} would read it; save it as a file and name the file instead",
        readers.join(" and ")
    ))
}
