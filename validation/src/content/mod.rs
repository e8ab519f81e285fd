//! Format checks for strings and numbers. Each function takes a value and returns the server's messages in the server's order; it
//! knows nothing about objects. A valid value costs no allocation.

mod dns;
mod identifier;
mod ip;
mod label;
mod message;
mod name;
mod number;
mod path;
mod quote;
mod time;

pub(crate) use dns::{
    DNS1123_LABEL_MAX_LENGTH, DNS1123_SUBDOMAIN_MAX_LENGTH, is_dns1123_label, is_dns1123_subdomain,
    is_dns1123_subdomain_with_underscore,
};
pub(crate) use identifier::{
    SYSCTL_MAX_LENGTH, SYSCTL_REGEX, is_config_map_key, is_env_var_name, is_http_header_name,
    is_relaxed_env_var_name, is_valid_sysctl_name,
};
pub(crate) use ip::{get_warnings_for_ip, is_valid_ip_for_legacy_field};
pub(crate) use label::{is_qualified_name, is_valid_label_value, lowercase};
pub(crate) use message::{Format, Messages, inclusive_range_error, join_messages};
pub(crate) use name::{name_is_dns_label, name_is_dns_subdomain, validate_service_account_name};
pub(crate) use number::{
    IS_NEGATIVE_ERROR, is_decimal_integer, is_valid_group_id, is_valid_percent, is_valid_port_name,
    is_valid_port_num, is_valid_user_id,
};
pub(crate) use path::{
    local_descending_path, local_non_reserved_path, path_no_backsteps, split_maybe_subscripted_path,
};
pub(crate) use quote::{quote, quote_json};
pub(crate) use time::is_rfc3339;
