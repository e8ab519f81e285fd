//! Tables generated from the server's Go types by `UPDATE=1 cargo test -p daemonset-tests --test fields`. Do not edit them by hand.

#[rustfmt::skip]
mod fields;
mod shape;

pub(crate) use fields::DAEMON_SET;
pub(crate) use shape::{Kind, Struct, Type};
