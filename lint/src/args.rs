//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use daemonset_validation::Severity;

const EXAMPLES: &str = "\
Examples:
  daemonset-lint agent.yaml                      judge one manifest as kube-apiserver would
  daemonset-lint manifests/                      every YAML and JSON file below a folder
  daemonset-lint 'charts/*/rendered/*.yaml'      a glob (quote it, or let the shell expand it)
  helm template agent ./chart | daemonset-lint - what a chart renders
  daemonset-lint --explain agent.yaml            where the pods would land on the current cluster
  daemonset-lint --explain --format html agent.yaml > map.html
                                                 the same as one page to look at and to pass on
  kubectl get nodes,pods -A -o yaml > cluster.yaml
  daemonset-lint --explain --nodes cluster.yaml agent.yaml
                                                 the preview from a file, with no cluster at hand
  daemonset-lint --explain ds/agent -n monitoring
                                                 one that runs already: its status, and where its pods are
  daemonset-lint rules                           every rule, with its level

Exit codes: 0 clean, 1 findings (see --fail-on), 2 could not run.";

/// Says what a DaemonSet would do on your cluster, before you apply it.
///
/// Each DaemonSet in the files is judged exactly as kube-apiserver would judge a create with strict field validation; with
/// --explain, each node is judged as the DaemonSet controller would. Other kinds are skipped and counted.
#[derive(Debug, Parser)]
#[command(name = "daemonset-lint", version, after_help = EXAMPLES, max_term_width = 100)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true
)]
pub(crate) struct Args {
    /// What to do other than check files
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// Files, folders or globs; `-` reads standard input; with --explain, ds/NAME is a DaemonSet that is in the cluster already
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath, required_unless_present = "completions")]
    pub(crate) paths: Vec<PathBuf>,

    /// Preview for each DaemonSet on which nodes its pods would run, and why not on the others
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

    /// The namespace of a DaemonSet that is given as ds/NAME
    #[arg(short, long, value_name = "NAMESPACE", default_value = "default", hide_default_value = true)]
    pub(crate) namespace: String,

    /// Save what is read of the cluster, for a later --nodes FILE; no environment variables, secrets or annotations are in it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "explain")]
    pub(crate) snapshot: Option<PathBuf>,

    /// The DaemonSets as they are stored now (a file, a folder, or `-`): a document with a match is judged as an update of it
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) against: Option<PathBuf>,

    /// With --explain, give every node a row of its own; else nodes of which the same is said share one
    #[arg(long, requires = "explain")]
    pub(crate) all_nodes: bool,

    /// How to print the findings; html, with --explain, is a page that needs nothing but a browser
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,

    /// The Kubernetes minor whose server is asked
    #[arg(long, value_name = "MINOR", default_value = daemonset_validation::Server::newest().minor())]
    pub(crate) kubernetes_version: String,

    /// The least severity that makes the exit code 1
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Error)]
    pub(crate) fail_on: FailOn,

    /// Colour in the text format
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub(crate) color: Color,

    /// Also read what .gitignore and hidden folders leave out
    #[arg(long)]
    pub(crate) no_ignore: bool,

    /// Print a completion script for a shell
    #[arg(long, value_enum, value_name = "SHELL", exclusive = true)]
    pub(crate) completions: Option<Shell>,
}

/// What the command does other than check files.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the rules, or print the page of one (a folder of this name is given as ./rules)
    Rules {
        /// The rule, such as overlapping-selectors
        id: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Frames for people.
    Text,
    /// One JSON object for programs.
    Json,
    /// The preview as a map of nodes and DaemonSets, in one page.
    Html,
}

/// What makes the exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Only what the server rejects.
    Error,
    /// Warnings as well.
    Warning,
    /// Any finding.
    Info,
}

impl FailOn {
    /// The least severity that counts.
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
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}
