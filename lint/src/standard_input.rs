//! Standard input can be read once, so only one argument may read it.

use std::path::Path;

use crate::args::Args;
use crate::shown::shown_path;

/// Files that are the process's standard input as well.
const FILES: [&str; 3] = ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/// Whether reading this path reads standard input.
pub(crate) fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-" || is_standard_input_file(path)
}

fn is_standard_input_file(path: &Path) -> bool {
    FILES.iter().any(|file| path == Path::new(file))
}

/// Refuses a command line in which several arguments read standard input: all but the first would read nothing. The same path given
/// twice to one option is read once.
///
/// # Errors
///
/// A message that names them.
pub(crate) fn check(args: &Args) -> Result<(), String> {
    let first = |paths: &[std::path::PathBuf]| paths.iter().find(|path| is_standard_input(path)).cloned();
    let against = args.against.clone().filter(|path| is_standard_input(path));
    // `--kubeconfig -` is a file with the name `-`.
    let kubeconfig = args.kubeconfig.clone().filter(|path| is_standard_input_file(path));
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
        "standard input can be read only once, but {} read it; save it to a file, and give the file instead",
        readers.join(" and ")
    ))
}
