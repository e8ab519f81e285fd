//! What a reader of files finds before there is an object. The readers are in the faces; a webhook reads no files.

use crate::levels::Level;
use crate::rules::{Check, Family, Rule};

const fn rule(id: &'static str, summary: &'static str, page: &'static str) -> Rule {
    Rule {
        id,
        level: Level::Error,
        admission: None,
        family: Family::File,
        since: "0.1.0",
        summary,
        page,
        check: Check::Reader,
    }
}

pub(super) static CONFLICT: Rule =
    rule("file/conflict", "the file contains conflict markers of a merge", include_str!("conflict.md"));

pub(super) static ENCODING: Rule =
    rule("file/encoding", "the file is not UTF-8 text", include_str!("encoding.md"));

pub(super) static INTERNAL_ERROR: Rule = rule(
    "file/internal-error",
    "daemonset-lint fails on the file because of an error of its own",
    include_str!("internal_error.md"),
);

pub(super) static SYNTAX: Rule =
    rule("file/syntax", "the text is not valid YAML or JSON", include_str!("syntax.md"));

pub(super) static TEMPLATE: Rule =
    rule("file/template", "the file is a template that has not been rendered", include_str!("template.md"));

pub(super) static UNREADABLE: Rule =
    rule("file/unreadable", "the file cannot be opened or read", include_str!("unreadable.md"));
