//! `kustomize build`, or `kubectl kustomize`, which is the same.

use std::ffi::OsString;
use std::path::Path;

use super::program;
use super::target::{Failure, Options, TIME_LIMIT, Text, folder_of, name_of};
use crate::engine::rendered::Rendered;
use crate::source::letters::may_hold_daemon_set;

/// The text of the kustomization in this file. Kustomize does not tell which file an object comes from, so no line is known.
pub(super) fn render(file: &Path, options: &Options<'_>) -> Result<Vec<Text>, Failure> {
    let search = options.search.as_deref();
    let kustomize = program::find("kustomize", search).map(|program| (program, "kustomize build", "build"));
    let kubectl =
        || program::find("kubectl", search).map(|program| (program, "kubectl kustomize", "kustomize"));
    let absent = Failure::Absent("neither kustomize nor kubectl is on the PATH");
    let (program, title, command) = kustomize.or_else(kubectl).ok_or(absent)?;
    let folder = folder_of(file);
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    let arguments: [OsString; 2] = [command.into(), folder.into_os_string()];
    let bytes = program::run(&program, title, &arguments, options.max, TIME_LIMIT)?;
    let holds = may_hold_daemon_set(&bytes);
    let text = String::from_utf8(bytes).map_err(|_| Failure::Output("it is not UTF-8".to_owned()))?;
    let rendered =
        Rendered::new(if title.starts_with("kubectl") { "kubectl" } else { "kustomize" }, Vec::new());
    Ok(vec![Text { path: name_of(file), text, rendered, holds }])
}
