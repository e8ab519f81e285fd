//! Writes a cluster of any size as `kubectl get nodes,pods -A -o json` prints it: `--nodes N --pods N > FILE`. With `--decide`, measures
//! how long the decision for one DaemonSet takes on such a cluster.

mod decide;
mod objects;

use std::io::{BufWriter, Write};

use objects::{node, pod};
use serde_json::Value;

fn main() -> std::io::Result<()> {
    let (mut nodes, mut pods) = (5_000, 150_000);
    let mut arguments = std::env::args().skip(1);
    let (mut decide, mut compact) = (false, false);
    while let Some(name) = arguments.next() {
        if matches!(name.as_str(), "--decide" | "--compact") {
            decide |= name == "--decide";
            compact |= name == "--compact";
            continue;
        }
        let number = arguments.next().and_then(|value| value.parse().ok());
        match (name.as_str(), number) {
            ("--nodes", Some(number)) => nodes = number,
            ("--pods", Some(number)) => pods = number,
            _ => {
                eprintln!(
                    "usage: cluster-file [--decide] [--compact] [--nodes NUMBER] [--pods NUMBER] > FILE"
                );
                std::process::exit(2);
            }
        }
    }
    if decide {
        decide::measure(nodes, pods);
        return Ok(());
    }
    let mut out = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    out.write_all(b"{\n    \"apiVersion\": \"v1\",\n    \"items\": [")?;
    for number in 0..nodes + pods {
        out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
        let object = if number < nodes { node(number) } else { pod(number - nodes, nodes) };
        if compact {
            serde_json::to_writer(&mut out, &object)?;
        } else {
            write(&object, 2, &mut out)?;
        }
    }
    out.write_all(
        b"\n    ],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n",
    )?;
    out.flush()
}

/// Four spaces a level and keys in order, as kubectl prints.
fn write(value: &Value, depth: usize, out: &mut dyn Write) -> std::io::Result<()> {
    let mut text = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, formatter);
    serde::Serialize::serialize(value, &mut serializer)?;
    let text = String::from_utf8_lossy(&text);
    let indent = "    ".repeat(depth);
    for (number, line) in text.lines().enumerate() {
        if number > 0 {
            out.write_all(b"\n")?;
        }
        out.write_all(indent.as_bytes())?;
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}
