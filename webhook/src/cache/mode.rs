//! `--cache` and `--admission`: which kinds of objects are watched.

use std::str::FromStr;

use daemonset_validation::placement::{ADMISSION_KINDS, Kind};

/// Which kinds of objects are watched: `--cache`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// None. Placement is not checked.
    Off,
    /// Nodes, DaemonSets, volumes, classes and namespaces. What other pods use on a node is not counted.
    #[default]
    Nodes,
    /// Also pods and PodDisruptionBudgets.
    Pods,
}

/// [`Mode::Nodes`] watches the first ten. PodDisruptionBudgets matter only together with pods.
const KINDS: [Kind; 12] = [
    Kind::Node,
    Kind::DaemonSet,
    Kind::Namespace,
    Kind::PriorityClass,
    Kind::RuntimeClass,
    Kind::StorageClass,
    Kind::CsiDriver,
    Kind::CsiNode,
    Kind::PersistentVolume,
    Kind::PersistentVolumeClaim,
    Kind::Pod,
    Kind::PodDisruptionBudget,
];

impl Mode {
    /// The kinds that are watched. Each needs the verbs `list` and `watch` in all namespaces.
    pub fn kinds(self) -> &'static [Kind] {
        let count = match self {
            Self::Off => 0,
            Self::Nodes => 10,
            Self::Pods => KINDS.len(),
        };
        KINDS.get(..count).unwrap_or_default()
    }
}

/// The kinds that are watched besides, because they decide whether the API server stores the pods: `--admission`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission(Vec<Kind>);

impl Admission {
    /// Without any of them: what they decide is unknown.
    pub const NONE: Self = Self(Vec::new());
}

impl Default for Admission {
    fn default() -> Self {
        Self(ADMISSION_KINDS.to_vec())
    }
}

impl FromStr for Admission {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self::NONE);
        }
        let kind = |word: &str| {
            ADMISSION_KINDS.into_iter().find(|kind| kind.plural() == word).ok_or_else(|| {
                let known = ADMISSION_KINDS.map(Kind::plural).join(", ");
                format!("\"{word}\" is none of {known}; or give none")
            })
        };
        let mut kinds = text.split(',').map(kind).collect::<Result<Vec<_>, _>>()?;
        kinds.sort_unstable();
        kinds.dedup();
        Ok(Self(kinds))
    }
}

/// All kinds that are watched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    mode: Mode,
    admission: Admission,
}

impl Watched {
    /// The kinds of the mode, with those of admission unless nothing is watched.
    pub const fn new(mode: Mode, admission: Admission) -> Self {
        Self { mode, admission }
    }

    /// Whether nothing is watched.
    pub fn is_off(&self) -> bool {
        self.mode == Mode::Off
    }

    /// The kinds. Each needs the verbs `list` and `watch` in all namespaces.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> {
        let more = if self.is_off() { &[][..] } else { &self.admission.0 };
        self.mode.kinds().iter().chain(more).copied()
    }
}

impl From<Mode> for Watched {
    /// The kinds of the mode alone.
    fn from(mode: Mode) -> Self {
        Self::new(mode, Admission::NONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_watched_for_admission_is_named() {
        assert_eq!(
            "resourcequotas,limitranges,limitranges".parse(),
            Ok(Admission(vec![Kind::LimitRange, Kind::ResourceQuota]))
        );
        assert_eq!("limitranges,resourcequotas,serviceaccounts".parse(), Ok(Admission::default()));
        assert_eq!("none".parse(), Ok(Admission::NONE));
        for wrong in ["", "pods", "limitranges,", "none,limitranges"] {
            let error = Admission::from_str(wrong).unwrap_err();
            assert!(
                error.ends_with("is none of limitranges, resourcequotas, serviceaccounts; or give none"),
                "{error}"
            );
        }
        assert_eq!(Watched::new(Mode::Off, Admission::default()).kinds().count(), 0);
        assert_eq!(Watched::default().kinds().count(), 13);
        assert_eq!(Watched::from(Mode::Pods).kinds().count(), 12);
    }
}
