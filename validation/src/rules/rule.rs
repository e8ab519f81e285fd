//! What a rule is.

use std::borrow::Cow;

use super::check::Check;
use crate::finding::{Finding, Severity};
use crate::levels::{AdmissionLevel, Level};
use crate::path::FieldPath;

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// The id in every report and in every configuration.
    pub id: &'static str,
    /// Its level in the command, unless a configuration says otherwise.
    pub level: Level,
    /// Its level in the webhook, unless the configuration says otherwise; `None` where the webhook cannot check it.
    pub admission: Option<AdmissionLevel>,
    /// What it is about.
    pub family: Family,
    /// The version of this product that has it first.
    pub since: &'static str,
    /// What it finds, in one line without a full stop.
    pub summary: &'static str,
    /// The page that explains it, in Markdown. Its examples are executed by a test.
    pub page: &'static str,
    /// How it is decided.
    pub check: Check,
}

impl Rule {
    /// The path of its page in the repository, such as `validation/src/rules/peers/host_port_clash.md`.
    pub fn page_path(&self) -> String {
        let family = self.family.as_str();
        let name = self.id.split_once('/').map_or(self.id, |(_, name)| name);
        let name =
            if self.family == Family::Rollout { name.strip_prefix("rollout-").unwrap_or(name) } else { name };
        format!("validation/src/rules/{family}/{}.md", name.replace('-', "_"))
    }

    /// Why the command always has this rule at its own level; `None` where a configuration may choose another one, and where a comment may
    /// allow a finding.
    pub fn fixed(&self) -> Option<Fixed> {
        match (self.family, self.level) {
            (Family::Api, Level::Error) => Some(Fixed::Verdict),
            // A template is a file that is meant to be rendered first. All other files of this family are at fault.
            (Family::File, _) if self.id != "file/template" => Some(Fixed::Unread),
            _ => None,
        }
    }

    /// Whether one file is enough to decide it: neither nodes nor other files change what it finds there.
    pub const fn is_of_one_file(&self) -> bool {
        match self.check {
            Check::Object(_) | Check::Server => true,
            Check::Reader => matches!(self.family, Family::Allow | Family::File),
            _ => false,
        }
    }

    /// A finding of this rule at its own level.
    pub fn finding(&self, path: FieldPath, message: impl Into<Cow<'static, str>>) -> Finding {
        Finding::new(self.id, self.level.severity().unwrap_or(Severity::Info), path, message)
    }
}

/// Why the level of a rule cannot be changed in the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixed {
    /// The API server rejects the object.
    Verdict,
    /// There is no object that could be judged.
    Unread,
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Comments and annotations that allow findings.
    Allow,
    /// The API server's own validation and warnings.
    Api,
    /// Texts that cannot be read.
    File,
    /// Several DaemonSets.
    Peers,
    /// The nodes that run the pods.
    Placement,
    /// What the server accepts and agents get wrong.
    Practice,
    /// The replacement of pods by an update.
    Rollout,
    /// What the pods ask of their nodes.
    Scheduling,
    /// The other objects of the files.
    Together,
}

impl Family {
    /// Every family.
    pub const ALL: [Self; 9] = [
        Self::Allow,
        Self::Api,
        Self::File,
        Self::Peers,
        Self::Placement,
        Self::Practice,
        Self::Rollout,
        Self::Scheduling,
        Self::Together,
    ];

    /// The word in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Api => "api",
            Self::File => "file",
            Self::Peers => "peers",
            Self::Placement => "placement",
            Self::Practice => "practice",
            Self::Rollout => "rollout",
            Self::Scheduling => "scheduling",
            Self::Together => "together",
        }
    }

    /// One line on what its rules are about.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Allow => "comments and annotations that allow findings",
            Self::Api => "what kube-apiserver rejects or warns about",
            Self::File => "files that cannot be read as YAML or JSON",
            Self::Peers => "several DaemonSets that get in each other's way",
            Self::Placement => "on which nodes the pods run (with a cluster)",
            Self::Practice => "what the server accepts, and agents get wrong",
            Self::Rollout => "how an update replaces pods (with a cluster)",
            Self::Scheduling => "what the pods ask of their nodes: selectors, affinity, tolerations",
            Self::Together => "what other objects of the files mean to a DaemonSet",
        }
    }
}
