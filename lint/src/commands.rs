//! The commands that check nothing: `daemonset-lint rules` and `daemonset-lint config`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use daemonset_validation::did_you_mean;
use daemonset_validation::rules::{RULES, find};

use crate::args::ConfigFormat;
use crate::config::{Configs, LookFor};
use crate::report::config::Holding;
use crate::report::{self, Style};
use crate::shown::{SafeWriter, shown, shown_path};
use crate::stop::{CLEAN, COULD_NOT_RUN, Stop};

/// `daemonset-lint rules`.
pub(crate) fn rules(id: Option<&str>, json: bool, out: &mut dyn Write) -> Result<u8, Stop> {
    let Some(id) = id else {
        if json {
            report::rules::json(RULES, out)?;
        } else {
            report::rules::list(out)?;
        }
        return Ok(CLEAN);
    };
    let rule = find(id).ok_or_else(|| {
        let near = did_you_mean(id, RULES.iter().map(|rule| rule.id));
        let hint = match near {
            Some(near) => format!("did you mean {near}?"),
            None => "`daemonset-lint rules` lists the rules".to_owned(),
        };
        Stop::Message(format!("there is no rule {}; {hint}", shown(id)))
    })?;
    if json {
        report::rules::json(&[rule], out)?;
    } else {
        report::rules::page(rule, out)?;
    }
    Ok(CLEAN)
}

/// `daemonset-lint config`.
pub(crate) fn config(
    file: Option<&Path>,
    config: Option<&Path>,
    format: ConfigFormat,
    style: &Style,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> Result<u8, Stop> {
    // What holds for a folder holds for standard input in it.
    let place = match file {
        Some(file) if file.is_dir() => file.join("-"),
        Some(file) => file.to_path_buf(),
        None => PathBuf::from("-"),
    };
    let mut configs = Configs::new(config.map_or(LookFor::Above, LookFor::File));
    configs.find([place.as_path()]);
    if !configs.faults.is_empty() {
        return Ok(refuse(&configs, style, errors)?);
    }
    let config = configs.of(&place);
    let levels = config.map(|config| config.origins(&place)).unwrap_or_default();
    let holding = Holding {
        file: file.map(shown_path),
        config,
        excluded: configs.excludes(&place),
        levels: levels.into_iter().collect(),
    };
    match format {
        ConfigFormat::Text => report::config::text(&holding, out)?,
        ConfigFormat::Json => report::config::json(&holding, &mut SafeWriter::new(out, &[]))?,
    }
    Ok(CLEAN)
}

/// Shows what is wrong with configs. Nothing is checked without them.
pub(crate) fn refuse(configs: &Configs, style: &Style, out: &mut dyn Write) -> io::Result<u8> {
    for fault in &configs.faults {
        report::text::findings(fault, style, out)?;
    }
    writeln!(out, "daemonset-lint: nothing was checked; --no-config leaves every config out")?;
    Ok(COULD_NOT_RUN)
}
