//! Reads workflow commands as the runner of GitHub Actions does: `::name key=value,key=value::message`.

/// A command.
#[derive(Debug)]
pub(crate) struct Command {
    /// Its name, such as `error`.
    pub(crate) name: String,
    properties: Vec<(String, String)>,
    /// What it says.
    pub(crate) message: String,
}

impl Command {
    /// The command of a line; `None` if the line is none.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let (head, message) = line.trim_start().strip_prefix("::")?.split_once("::")?;
        let (name, rest) = head.split_once(' ').unwrap_or((head, ""));
        let known = ["error", "warning", "notice", "debug", "group", "endgroup", "add-mask", "stop-commands"];
        let properties = rest.split(',').filter(|one| !one.is_empty()).map(|one| {
            let (key, value) = one.split_once('=')?;
            Some((key.to_owned(), decoded(&value.replace("%3A", ":").replace("%2C", ","))))
        });
        let properties = properties.collect::<Option<Vec<_>>>()?;
        known.contains(&name).then(|| Self { name: name.to_owned(), properties, message: decoded(message) })
    }

    /// The value of a property.
    pub(crate) fn property(&self, key: &str) -> Option<&str> {
        self.properties.iter().find(|(found, _)| found == key).map(|(_, value)| value.as_str())
    }
}

fn decoded(text: &str) -> String {
    text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
}
