//! The kubeconfig, as kubectl reads it: several files are merged, and those of `KUBECONFIG` that do not exist are passed over.
//!
//! Upstream: `client-go/tools/clientcmd` (`ClientConfigLoadingRules.Load`, `ConfirmUsable`, `DefaultServerURL`).

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use daemonset_validation::did_you_mean;
use kube::Config;
use kube::config::{
    AuthInfo, Cluster, Context, KubeConfigOptions, Kubeconfig, KubeconfigError, LoadDataError,
};

use crate::files::reason;
use crate::shown::{shown, shown_path};
use crate::source::{self, Content, LineIndex};

/// Which cluster the command line and the environment name.
#[derive(Clone, Copy)]
pub(crate) struct Target<'t> {
    /// `--context`.
    pub(crate) context: Option<&'t str>,
    /// `--kubeconfig`.
    pub(crate) kubeconfig: Option<&'t Path>,
    /// The variables of the environment.
    pub(crate) environment: &'t dyn Fn(&str) -> Option<OsString>,
}

/// The cluster that a kubeconfig names, with the names for messages.
pub(super) struct Chosen {
    /// How to reach the cluster.
    pub(super) config: Config,
    /// The kubeconfig's files.
    pub(super) file: String,
    /// The name of the cluster in the kubeconfig.
    pub(super) cluster: String,
    /// The name of the user in the kubeconfig; `None` if the context names none.
    pub(super) user: Option<String>,
}

/// Ends the messages about a cluster that cannot be asked.
pub(super) const BOTH_WAYS: &str = "--explain needs a cluster's nodes. Either give them in a file:\n  \
    kubectl get nodes,pods -A -o yaml > cluster.yaml\n  daemonset-lint --explain --nodes cluster.yaml PATH…\n\
or have them read from the cluster of your kubeconfig ($KUBECONFIG, ~/.kube/config, --kubeconfig, --context).";

/// How many names a message lists.
const LISTED: usize = 10;

/// Reads the kubeconfig and chooses the context.
///
/// # Errors
///
/// A message that says what is wrong, and where.
pub(super) async fn choose(target: &Target<'_>) -> Result<Chosen, String> {
    let files = files(target)?;
    let file = files.iter().map(|file| shown_path(file)).collect::<Vec<_>>().join(" and ");
    let mut config = read(&files)?;
    let name = context_name(&config, target, &file)?;
    let context = context(&config, &name, target, &file)?;
    let cluster = context.cluster.clone();
    let found = config.clusters.iter_mut().find(|one| one.name == cluster);
    match found.and_then(|one| one.cluster.as_mut()) {
        Some(details) => {
            let user = config.auth_infos.iter().find(|one| Some(&one.name) == context.user.as_ref());
            let server = server(details, user.and_then(|user| user.auth_info.as_ref()), &cluster, &file)?;
            details.server = Some(server);
        }
        None => {
            let names = config.clusters.iter().map(|one| one.name.as_str());
            return Err(missing("cluster", &cluster, &name, &file, names));
        }
    }
    let user = context.user.filter(|user| !user.is_empty());
    if let Some(user) = &user
        && !config.auth_infos.iter().any(|one| one.name == *user)
    {
        let names = config.auth_infos.iter().map(|one| one.name.as_str());
        return Err(missing("user", user, &name, &file, names));
    }
    let options = KubeConfigOptions { context: Some(name), ..KubeConfigOptions::default() };
    let config = Config::from_custom_kubeconfig(config, &options).await;
    let config = config.map_err(|error| fault(&error, &cluster, user.as_deref(), &file))?;
    if config.root_cert.as_ref().is_some_and(Vec::is_empty) {
        return Err(no_certificate(&cluster, &file));
    }
    Ok(Chosen { config, file, cluster, user })
}

/// The files that exist.
fn files(target: &Target<'_>) -> Result<Vec<PathBuf>, String> {
    if let Some(file) = target.kubeconfig {
        return Ok(vec![file.to_owned()]);
    }
    let value = |name: &str| (target.environment)(name).filter(|value| !value.is_empty());
    let is_there = |file: &Path| !matches!(std::fs::metadata(file), Err(error) if error.kind() == io::ErrorKind::NotFound);
    if let Some(list) = value("KUBECONFIG") {
        let named: Vec<PathBuf> =
            std::env::split_paths(&list).filter(|file| !file.as_os_str().is_empty()).collect();
        let mut files: Vec<PathBuf> = Vec::new();
        for file in named.iter().filter(|file| is_there(file)) {
            if !files.contains(file) {
                files.push(file.clone());
            }
        }
        if files.is_empty() {
            let names = named.iter().map(|file| shown_path(file)).collect::<Vec<_>>().join(" and ");
            let verb = if named.len() == 1 { "does not exist" } else { "do not exist" };
            return Err(format!("$KUBECONFIG names {names}, which {verb}\n\n{BOTH_WAYS}"));
        }
        return Ok(files);
    }
    let home = value(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
    let default = home.map(|home| Path::new(&home).join(".kube").join("config"));
    match default {
        Some(file) if is_there(&file) => Ok(vec![file]),
        Some(file) => Err(format!(
            "there is no kubeconfig: $KUBECONFIG is not set, and {} does not exist\n\n{BOTH_WAYS}",
            shown_path(&file)
        )),
        None => Err(format!("there is no kubeconfig: $KUBECONFIG and $HOME are not set\n\n{BOTH_WAYS}")),
    }
}

/// The merged files. What an earlier file says counts.
fn read(files: &[PathBuf]) -> Result<Kubeconfig, String> {
    files.iter().try_fold(Kubeconfig::default(), |merged, file| {
        let read = Kubeconfig::read_from(file).map_err(|error| unreadable(file, &error))?;
        merged.merge(read).map_err(|_| {
            format!(
                "{}: its `kind` or `apiVersion` differs from that of the kubeconfig before it",
                shown_path(file)
            )
        })
    })
}

/// Why a file is not a kubeconfig.
fn unreadable(file: &Path, error: &KubeconfigError) -> String {
    let name = shown_path(file);
    if let KubeconfigError::ReadConfig(error, _) = error {
        return format!("{name}: {}", reason(error));
    }
    // The reader of this program knows the line.
    if let Ok(text) =
        std::fs::read(file).map_err(|_| ()).and_then(|bytes| source::decode(bytes).map_err(|_| ()))
    {
        let broken = source::documents(&text).find_map(|document| match document.content {
            Content::Broken(error) => Some(error),
            _ => None,
        });
        if let Some(error) = broken {
            let line = LineIndex::new(&text).line(error.span.start as usize);
            return format!("{name}:{line}: the kubeconfig is not YAML: {}", shown(&error.message));
        }
    }
    let why = match error {
        KubeconfigError::Parse(error) => first_line(error.as_ref()),
        other => first_line(other),
    };
    format!("{name}: it is not a kubeconfig: {}", why.trim_start_matches("error: "))
}

fn context_name(config: &Kubeconfig, target: &Target<'_>, file: &str) -> Result<String, String> {
    let current = config.current_context.as_deref().filter(|name| !name.is_empty());
    if let Some(name) = target.context.or(current) {
        return Ok(name.to_owned());
    }
    let names: Vec<&str> = config.contexts.iter().map(|one| one.name.as_str()).collect();
    if names.is_empty() {
        return Err(format!("{file}: the kubeconfig has no context, so it names no cluster\n\n{BOTH_WAYS}"));
    }
    Err(format!(
        "{file}: the kubeconfig has no current-context; choose one with --context: {}",
        listed(&names)
    ))
}

fn context(config: &Kubeconfig, name: &str, target: &Target<'_>, file: &str) -> Result<Context, String> {
    let found = config.contexts.iter().find(|one| one.name == name).and_then(|one| one.context.clone());
    found.ok_or_else(|| {
        let names = config.contexts.iter().map(|one| one.name.as_str());
        let known = known("context", name, names);
        let name = shown(name);
        match target.context {
            Some(_) => format!("--context {name}: there is no context of this name in {file}; {known}"),
            None => format!("{file}: its current-context is {name}, but there is no such context; {known}"),
        }
    })
}

fn missing<'n>(
    what: &str,
    name: &str,
    context: &str,
    file: &str,
    names: impl Iterator<Item = &'n str>,
) -> String {
    let known = known(what, name, names);
    format!("context {} names the {what} {}, which is not in {file}; {known}", shown(context), shown(name))
}

/// What there is instead of a name: the one that was meant, and all.
fn known<'n>(what: &str, name: &str, names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.collect();
    let list = match names.len() {
        0 => return format!("it has no {what}"),
        1 => format!("its only {what} is {}", listed(&names)),
        _ => format!("its {what}s are {}", listed(&names)),
    };
    match did_you_mean(name, names.iter().copied()) {
        Some(meant) if names.len() > 1 => format!("did you mean {}? ({list})", shown(meant)),
        _ => list,
    }
}

fn listed(names: &[&str]) -> String {
    let more = names.len().saturating_sub(LISTED);
    let mut list =
        names.iter().take(LISTED).map(|name| shown(name).into_owned()).collect::<Vec<_>>().join(", ");
    if more > 0 {
        list.push_str(&format!(" and {more} more"));
    }
    list
}

/// The server's address. As for kubectl, one without a scheme is `https` if the kubeconfig has a certificate, and `http` otherwise.
fn server(cluster: &Cluster, user: Option<&AuthInfo>, name: &str, file: &str) -> Result<String, String> {
    let name = shown(name);
    let Some(written) = cluster.server.as_deref().filter(|server| !server.is_empty()) else {
        return Err(format!("{file}: cluster {name} has no `server`; write `server: https://HOST:PORT`"));
    };
    let is_set = |value: &Option<String>| value.as_ref().is_some_and(|value| !value.is_empty());
    let has_tls = is_set(&cluster.certificate_authority)
        || is_set(&cluster.certificate_authority_data)
        || cluster.insecure_skip_tls_verify == Some(true)
        || user.is_some_and(|user| is_set(&user.client_certificate) || is_set(&user.client_certificate_data));
    let server = match written.contains("://") {
        true => written.to_owned(),
        false => format!("{}://{written}", if has_tls { "https" } else { "http" }),
    };
    let uri = server.parse::<http::Uri>().ok();
    let is_address = uri.as_ref().is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.authority().is_some_and(is_host_and_port)
    });
    if !is_address {
        let written = shown(written);
        return Err(format!(
            "{file}: the `server` of cluster {name} is `{written}`, which is not an address; write `https://HOST:PORT`"
        ));
    }
    Ok(server)
}

/// Whether a host is named, with a number for a port. The parser takes a port that is no number for one that is absent.
fn is_host_and_port(authority: &http::uri::Authority) -> bool {
    let host = authority.host();
    let behind = authority.as_str().rsplit('@').next().and_then(|rest| rest.strip_prefix(host));
    !host.is_empty() && (authority.port_u16().is_some() || behind == Some(""))
}

/// Why what the kubeconfig names cannot be used.
pub(super) fn fault(error: &KubeconfigError, cluster: &str, user: Option<&str>, file: &str) -> String {
    let name = cluster;
    let cluster = format!("cluster {}", shown(name));
    let user = format!("user {}", shown(user.unwrap_or_default()));
    match error {
        KubeconfigError::LoadCertificateAuthority(error) => {
            data("certificate-authority", &cluster, error, file)
        }
        KubeconfigError::LoadClientCertificate(error) => data("client-certificate", &user, error, file),
        KubeconfigError::LoadClientKey(error) => data("client-key", &user, error, file),
        KubeconfigError::ParseCertificates(_) => no_certificate(name, file),
        KubeconfigError::ParseProxyUrl(_) => {
            format!("{file}: the proxy of {cluster} is not a URL (`proxy-url` or $HTTPS_PROXY)")
        }
        other => format!("{file}: the kubeconfig cannot be used: {}", first_line(other)),
    }
}

fn no_certificate(cluster: &str, file: &str) -> String {
    format!("{file}: the certificate-authority of cluster {} is not a certificate in PEM", shown(cluster))
}

fn data(field: &str, of: &str, error: &LoadDataError, file: &str) -> String {
    match error {
        LoadDataError::ReadFile(error, path) => {
            format!("{file}: the {field} of {of} cannot be read: {}: {}", shown_path(path), reason(error))
        }
        LoadDataError::DecodeBase64(_) => format!("{file}: the {field}-data of {of} is not base64"),
        LoadDataError::NoBase64DataOrFile => format!("{file}: {of} has no {field}"),
    }
}

/// The first line of an error.
pub(super) fn first_line(error: &dyn std::error::Error) -> String {
    let text = error.to_string();
    shown(text.lines().next().unwrap_or_default()).into_owned()
}
