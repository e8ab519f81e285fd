//! Files of a volume whose paths overlap.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::ops::Bound;

use k8s_openapi::api::core::v1::{DownwardAPIVolumeFile, KeyToPath, PodSpec, ProjectedVolumeSource, Volume};

use super::list::Warnings;
use crate::apiserver::content::quote;
use crate::path::Path;

/// The source of a file.
#[derive(Clone, Copy)]
enum Source<'s> {
    /// The only source of the volume, which messages leave out.
    Whole,
    /// A kind of source.
    Kind(&'static str),
    /// A kind of source and the name of its object.
    Object(&'static str, &'s str),
}

impl fmt::Display for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => Ok(()),
            Self::Kind(kind) => f.write_str(kind),
            Self::Object(kind, name) => write!(f, "{kind} {}", quote(name)),
        }
    }
}

/// A file of a volume.
#[derive(Clone, Copy)]
struct File<'s> {
    path: &'s str,
    source: Source<'s>,
}

impl<'s> File<'s> {
    fn new(path: &'s str, source: Source<'s>) -> Self {
        Self { path: path.trim_end_matches('/'), source }
    }
}

/// Upstream: `api/pod.pathAndSource.String`.
impl fmt::Display for File<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quote(self.path))?;
        match self.source {
            Source::Whole => Ok(()),
            source => write!(f, " ({source})"),
        }
    }
}

/// The files of a volume so far.
struct Files<'s> {
    volume: &'s str,
    /// The source of the volume.
    content: Source<'s>,
    list: Vec<File<'s>>,
    /// The positions of the files by their paths.
    by_path: BTreeMap<&'s str, Vec<usize>>,
    /// The paths by their hashes, to find those that a long path is below.
    by_hash: HashMap<u64, &'s str>,
    hasher: RandomState,
}

/// The parts of a path that end before a `/` or at its end, each by its length and its hash.
fn parts(path: &str, hasher: &RandomState) -> impl Iterator<Item = (usize, u64)> {
    let mut hasher = hasher.build_hasher();
    let mut start = 0_usize;
    path.split('/').map(move |name| {
        name.hash(&mut hasher);
        let end = start.saturating_add(name.len());
        start = end.saturating_add(1);
        (end, hasher.finish())
    })
}

impl<'s> Files<'s> {
    fn of(volume: &'s Volume, content: Source<'s>) -> Self {
        Self {
            volume: volume.name.as_str(),
            content,
            list: Vec::new(),
            by_path: BTreeMap::new(),
            by_hash: HashMap::new(),
            hasher: RandomState::new(),
        }
    }

    /// The positions of the files that have the same path as another one, or are below or above it.
    ///
    /// Upstream: `api/pod.checkForOverlap`.
    fn overlapping(&self, file: &File<'s>) -> Vec<usize> {
        if file.path.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (length, hash) in parts(file.path, &self.hasher) {
            if let Some(above) = self.by_hash.get(&hash)
                && file.path.get(..length) == Some(above)
            {
                found.extend(self.by_path.get(above).into_iter().flatten());
            }
        }
        let inside = format!("{}/", file.path);
        let from = self.by_path.range::<str, _>((Bound::Included(inside.as_str()), Bound::Unbounded));
        let below = from.take_while(|(other, _)| other.starts_with(&inside));
        found.extend(below.flat_map(|(_, positions)| positions));
        found.sort_unstable();
        found
    }

    /// Adds a file and warns about overlaps with earlier ones.
    fn add(&mut self, file: File<'s>, path: &Path<'_>, warnings: &mut Warnings) {
        if warnings.is_full() {
            return;
        }
        for other in self.overlapping(&file) {
            let Some(other) = self.list.get(other).filter(|_| !warnings.is_full()) else { return };
            let (volume, content) = (quote(self.volume), self.content);
            let text = format!("volume {volume} ({content}): overlapping paths: {file} with {other}");
            warnings.push_unplaced(path, text);
        }
        if let Some((_, hash)) = parts(file.path, &self.hasher).last().filter(|(length, _)| *length > 0) {
            self.by_hash.insert(hash, file.path);
            self.by_path.entry(file.path).or_default().push(self.list.len());
        }
        self.list.push(file);
    }

    /// Upstream: `api/pod.extractPaths`.
    fn add_keys(
        &mut self,
        keys: &'s [KeyToPath],
        source: Source<'s>,
        path: &Path<'_>,
        warnings: &mut Warnings,
    ) {
        for (index, key) in keys.iter().enumerate() {
            self.add(File::new(&key.path, source), &path.index(index).field("path"), warnings);
        }
    }

    /// Upstream: `api/pod.extractPathsDownwardAPI`.
    fn add_fields(
        &mut self,
        fields: &'s [DownwardAPIVolumeFile],
        source: Source<'s>,
        path: &Path<'_>,
        warnings: &mut Warnings,
    ) {
        for (index, field) in fields.iter().enumerate() {
            self.add(File::new(&field.path, source), &path.index(index).field("path"), warnings);
        }
    }
}

/// Warns about overlapping files within each volume.
///
/// Upstream: `api/pod.warningsForOverlappingVirtualPaths`, `api/pod.checkVolumeMappingForOverlap`.
pub(super) fn warn_about_overlaps(spec: &PodSpec, path: &Path<'_>, warnings: &mut Warnings) {
    let volumes = path.field("volumes");
    for (index, volume) in spec.volumes.iter().flatten().enumerate() {
        let path = volumes.index(index);
        if let Some(config_map) = &volume.config_map {
            let mut files = Files::of(volume, Source::Object("ConfigMap", &config_map.name));
            let keys = config_map.items.as_deref().unwrap_or_default();
            files.add_keys(keys, Source::Whole, &path.field("configMap.items"), warnings);
        }
        if let Some(secret) = &volume.secret {
            let name = secret.secret_name.as_deref().unwrap_or_default();
            let mut files = Files::of(volume, Source::Object("Secret", name));
            let keys = secret.items.as_deref().unwrap_or_default();
            files.add_keys(keys, Source::Whole, &path.field("secret.items"), warnings);
        }
        if let Some(downward) = &volume.downward_api {
            let mut files = Files::of(volume, Source::Kind("DownwardAPI"));
            let fields = downward.items.as_deref().unwrap_or_default();
            files.add_fields(fields, Source::Whole, &path.field("downwardAPI.items"), warnings);
        }
        if let Some(projected) = &volume.projected {
            warn_about_overlaps_in_projection(volume, projected, &path.field("projected.sources"), warnings);
        }
    }
}

/// Compares the files of all sources of a projected volume. If a source has several kinds, only the first one counts.
fn warn_about_overlaps_in_projection(
    volume: &Volume,
    projected: &ProjectedVolumeSource,
    path: &Path<'_>,
    warnings: &mut Warnings,
) {
    let mut files = Files::of(volume, Source::Kind("Projected"));
    for (index, source) in projected.sources.iter().flatten().enumerate() {
        let path = path.index(index);
        let config_map = source.config_map.as_ref();
        let secret = source.secret.as_ref();
        let downward = source.downward_api.as_ref();
        if let Some((object, keys)) = config_map.and_then(|object| Some((object, object.items.as_deref()?))) {
            let source = Source::Object("ConfigMap", &object.name);
            files.add_keys(keys, source, &path.field("configMap.items"), warnings);
        } else if let Some((object, keys)) =
            secret.and_then(|object| Some((object, object.items.as_deref()?)))
        {
            let source = Source::Object("Secret", &object.name);
            files.add_keys(keys, source, &path.field("secret.items"), warnings);
        } else if let Some(fields) = downward.and_then(|downward| downward.items.as_deref()) {
            let source = Source::Kind("DownwardAPI");
            files.add_fields(fields, source, &path.field("downwardAPI.items"), warnings);
        } else if let Some(token) = &source.service_account_token {
            let file = File::new(&token.path, Source::Kind("ServiceAccountToken"));
            files.add(file, &path.field("serviceAccountToken.path"), warnings);
        } else if let Some(bundle) = &source.cluster_trust_bundle {
            let name = bundle.name.as_deref().or(bundle.signer_name.as_deref()).unwrap_or_default();
            let file = File::new(&bundle.path, Source::Object("ClusterTrustBundle", name));
            files.add(file, &path.field("clusterTrustBundle.path"), warnings);
        } else if let Some(certificate) = &source.pod_certificate {
            let path = path.field("podCertificate");
            for (field, file, kind) in [
                ("certificateChainPath", &certificate.certificate_chain_path, "PodCertificate chain"),
                ("keyPath", &certificate.key_path, "PodCertificate key"),
                (
                    "credentialBundlePath",
                    &certificate.credential_bundle_path,
                    "PodCertificate credential bundle",
                ),
            ] {
                let file = File::new(file.as_deref().unwrap_or_default(), Source::Kind(kind));
                files.add(file, &path.field(field), warnings);
            }
        } else if config_map.is_none() && secret.is_none() && downward.is_none() {
            let text = format!("volume {} (Projected) has no sources provided", quote(&volume.name));
            warnings.push_unplaced(&path, text);
        }
    }
}
