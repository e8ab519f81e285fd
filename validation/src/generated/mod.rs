//! Tables made from the server's own types by `UPDATE=1 cargo test -p daemonset-tests --test fields`, and never edited by hand.

#[rustfmt::skip]
mod fields;
mod shape;

pub(crate) use fields::DAEMON_SET;
pub(crate) use shape::{Kind, Struct, Type};
