//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use daemonset_validation::Severity;

use crate::limited_read::MaxFileSize;
use crate::report::explain::only::Only;

const EXAMPLES: &str = "\
Examples:
  # Check one manifest as kube-apiserver would
  daemonset-lint agent.yaml
  # Check every YAML and JSON file below a folder
  daemonset-lint manifests/
  # Check what a chart renders
  helm template agent ./chart | daemonset-lint -
  # Print a line for each finding, for grep and editors
  daemonset-lint --format concise manifests/
  # See where the pods would run on the current cluster
  daemonset-lint --explain agent.yaml
  # The same as a page for a browser
  daemonset-lint --explain --format html agent.yaml > map.html
  # The same from a file, without a cluster
  kubectl get nodes,pods -A -o yaml > cluster.yaml
  daemonset-lint --explain --nodes cluster.yaml agent.yaml
  # A DaemonSet of the cluster: its status and its pods
  daemonset-lint --explain ds/agent -n monitoring
  # List every rule, with its level
  daemonset-lint rules

Exit codes: 0 no findings, 1 findings (see --fail-on), 2 the command could not run.";

/// Checks DaemonSets before you apply them, and previews on which nodes their pods would run.
///
/// Each DaemonSet in the files is checked exactly as kube-apiserver checks a create with strict field validation. With --explain,
/// each node is checked as the DaemonSet controller and kube-scheduler check it. Objects of other kinds are skipped and counted.
#[derive(Debug, Parser)]
#[command(name = "daemonset-lint", version, after_help = EXAMPLES)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true
)]
pub(crate) struct Args {
    /// A command other than checking files
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// Files, folders or globs; `-` reads standard input; with --explain, ds/NAME is a DaemonSet of the cluster
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath, required_unless_present = "completions")]
    pub(crate) paths: Vec<PathBuf>,

    /// Preview on which nodes the pods of each DaemonSet would run, and why not on the others
    #[arg(long)]
    pub(crate) explain: bool,

    /// Nodes (and pods) for --explain: a Node, NodeList or List, as `kubectl get nodes,pods -A -o yaml` prints it; `-` reads standard input; repeatable
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "explain")]
    pub(crate) nodes: Vec<PathBuf>,

    /// The kubeconfig context to read nodes and pods from, for --explain without --nodes
    #[arg(long, value_name = "NAME", requires = "explain", conflicts_with = "nodes")]
    pub(crate) context: Option<String>,

    /// The kubeconfig file [default: $KUBECONFIG, then ~/.kube/config]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "explain", conflicts_with = "nodes")]
    pub(crate) kubeconfig: Option<PathBuf>,

    /// The namespace of ds/NAME and of documents that have none, as for kubectl [default: default]
    #[arg(short, long, value_name = "NAMESPACE")]
    pub(crate) namespace: Option<String>,

    /// Save what is read from the cluster, for a later --nodes FILE; the file holds no environment variables, no secrets, and only annotations that decide placement
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "explain")]
    pub(crate) snapshot: Option<PathBuf>,

    /// The file of the API server's `--admission-control-config-file`: its defaults and exemptions of pod security, which no cluster shows
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) admission_config: Option<PathBuf>,

    /// The DaemonSets as they are stored now (a file, a folder, or `-`); a manifest of the same namespace and name is checked as an update
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) against: Option<PathBuf>,

    /// With --explain, print every DaemonSet with every node; by default, only where something keeps a pod away
    #[arg(long, alias = "all-nodes", requires = "explain")]
    pub(crate) all: bool,

    /// With --explain, print only these verdicts, separated by commas; the exit code stays the same
    #[arg(long, value_enum, value_name = "VERDICT", value_delimiter = ',', requires = "explain")]
    pub(crate) only: Vec<Verdict>,

    /// How to print the findings
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,

    /// The Kubernetes minor version to check against
    #[arg(long, value_name = "MINOR", default_value = daemonset_validation::Server::newest().minor())]
    pub(crate) kubernetes_version: String,

    /// The lowest severity that makes the exit code 1
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Error)]
    pub(crate) fail_on: FailOn,

    /// Colour in the text format
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub(crate) color: Color,

    /// Also read hidden files and files that .gitignore excludes
    #[arg(long)]
    pub(crate) no_ignore: bool,

    /// Treat the files that are named as files found in a folder, as for the files of a commit: patches, templates and values are not
    /// taken for objects
    #[arg(long)]
    pub(crate) as_folder: bool,

    /// Make each file of a folder that is neither YAML nor JSON an error; by default, one that holds no DaemonSet is only counted
    #[arg(long)]
    pub(crate) strict_files: bool,

    /// Accept a folder without YAML and JSON files, and a glob that matches no file
    #[arg(long)]
    pub(crate) allow_empty: bool,

    /// The largest file that is read, in bytes or with a unit (64Mi, 1Gi); of JSON for --nodes, which is read as a stream, the largest object
    #[arg(long, value_name = "SIZE", default_value_t = MaxFileSize(512 << 20))]
    pub(crate) max_file_size: MaxFileSize,

    /// Print a completion script for a shell
    #[arg(long, value_enum, value_name = "SHELL", exclusive = true)]
    pub(crate) completions: Option<Shell>,
}

impl Args {
    /// The verdicts that the preview shows; `None` for all.
    pub(crate) fn only(&self) -> Option<Only> {
        let has = |verdict| self.only.contains(&verdict);
        (!self.only.is_empty()).then(|| Only {
            runs: has(Verdict::Runs),
            refused: has(Verdict::Refused),
            pending: has(Verdict::Pending),
            not_wanted: has(Verdict::NotWanted),
            unknown: has(Verdict::Unknown),
            rejected: has(Verdict::Rejected),
        })
    }
}

/// What the preview can say of a DaemonSet or of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Verdict {
    /// The pod runs there.
    Runs,
    /// A pod is created, and the API server does not store it.
    Refused,
    /// A pod is created, and the scheduler cannot place it.
    Pending,
    /// No pod is created.
    #[value(alias = "notWanted")]
    NotWanted,
    /// It is not known.
    Unknown,
    /// The API server rejects the DaemonSet.
    Rejected,
}

/// A command other than checking files.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the rules, or print the page of one (write ./rules for a folder of this name)
    Rules {
        /// The id of a rule, such as overlapping-selectors
        id: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Frames for people
    Text,
    /// A line for each finding: `path:line:column: severity: message [rule]`
    Concise,
    /// One JSON object for programs
    Json,
    /// The preview as a page for a browser: a map of nodes and DaemonSets; needs --explain
    Html,
}

/// What makes the exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Only what the server rejects
    Error,
    /// Warnings as well
    Warning,
    /// Any finding
    Info,
}

impl FailOn {
    /// The lowest severity that counts.
    pub(crate) const fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Info => Severity::Info,
        }
    }
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal; NO_COLOR, FORCE_COLOR, CLICOLOR and CLICOLOR_FORCE are respected
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
