//! The process of a container: the image's program with the container's arguments and environment. Addresses and mounted paths are
//! replaced by the pod's address on loopback and its folders.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use super::volumes::field;

/// What a container needs to become a process.
pub struct Place<'p> {
    /// The program that the image holds.
    pub program: &'p Path,
    /// The pod's folder.
    pub folder: &'p Path,
    /// The address on loopback.
    pub ip: &'p str,
    /// The kubeconfig of the pod's account.
    pub kubeconfig: &'p Path,
}

/// The arguments as the process gets them.
pub fn arguments(pod: &Value, container: &Value, place: &Place) -> Vec<String> {
    let environment = environment(pod, container);
    let words = |key: &str| container[key].as_array().cloned().unwrap_or_default();
    // The first word of a command is the program itself.
    let command = words("command").into_iter().skip(1).chain(words("args"));
    let mut arguments: Vec<String> = command
        .filter_map(|word| word.as_str().map(str::to_owned))
        .map(|mut word| {
            for (name, value) in &environment {
                word = word.replace(&format!("$({name})"), value);
            }
            let word = word
                .replace("0.0.0.0:", &format!("{}:", place.ip))
                .replace("[::]:", &format!("{}:", place.ip));
            mounted(&word, container, place.folder)
        })
        .collect();
    let serves = arguments.first().is_some_and(|word| word == "serve");
    let names = |arguments: &[String], flag: &str| {
        arguments.iter().any(|word| word == flag || word.starts_with(&format!("{flag}=")))
    };
    for (flag, port) in [("--listen", 8443), ("--ops-listen", 8080)] {
        if serves && !names(&arguments, flag) {
            arguments.push(format!("{flag}={}:{port}", place.ip));
        }
    }
    if !names(&arguments, "--kubeconfig") {
        arguments.push(format!("--kubeconfig={}", place.kubeconfig.display()));
    }
    arguments
}

/// The container's own environment.
fn environment(pod: &Value, container: &Value) -> Vec<(String, String)> {
    let variables = container["env"].as_array().into_iter().flatten();
    let value = |variable: &Value| {
        if let Some(value) = variable["value"].as_str() {
            return value.to_owned();
        }
        let from = &variable["valueFrom"];
        if let Some(path) = from["fieldRef"]["fieldPath"].as_str() {
            return field(pod, path);
        }
        let resource = from["resourceFieldRef"]["resource"].as_str().unwrap_or_default();
        let (kind, name) = resource.split_once('.').unwrap_or_default();
        container["resources"][kind][name].as_str().unwrap_or_default().to_owned()
    };
    variables
        .map(|variable| (variable["name"].as_str().unwrap_or_default().to_owned(), value(variable)))
        .collect()
}

/// A word with the paths of mounts replaced by the pod's folders.
fn mounted(word: &str, container: &Value, folder: &Path) -> String {
    let mut mounts: Vec<(&str, PathBuf)> = container["volumeMounts"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|mount| {
            let volume = folder.join("volumes").join(mount["name"].as_str()?);
            let inside = mount["subPath"].as_str().map_or(volume.clone(), |path| volume.join(path));
            Some((mount["mountPath"].as_str()?, inside))
        })
        .collect();
    mounts.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
    for (path, inside) in mounts {
        if let Some(at) = word.find(path) {
            return format!("{}{}{}", &word[..at], inside.display(), &word[at + path.len()..]);
        }
    }
    word.to_owned()
}

/// The process, not started yet. It gets a kill when we die, where the machine has `setpriv`.
pub fn process(pod: &Value, container: &Value, place: &Place) -> std::io::Result<tokio::process::Command> {
    let guard = Path::new("/usr/bin/setpriv");
    let mut process = if guard.is_file() {
        let mut process = tokio::process::Command::new(guard);
        process.args(["--pdeathsig", "KILL", "--"]).arg(place.program);
        process
    } else {
        tokio::process::Command::new(place.program)
    };
    let log = std::fs::OpenOptions::new().create(true).append(true).open(place.folder.join("log"))?;
    process
        .args(arguments(pod, container, place))
        .env_clear()
        .envs(environment(pod, container).into_iter().map(|(name, value)| {
            let value = mounted(&value, container, place.folder);
            (name, value)
        }))
        .env("RUST_BACKTRACE", "1")
        .current_dir(place.folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .kill_on_drop(true);
    Ok(process)
}
