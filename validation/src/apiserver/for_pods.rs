//! What the server's answer about a pod shares with its answer about a DaemonSet: each law stands once, here or below.

pub(crate) use crate::apiserver::container::validate_container_only_for_pod;
pub(crate) use crate::apiserver::content::name_is_dns_subdomain;
pub(crate) use crate::apiserver::context::Context;
pub(crate) use crate::apiserver::defaults::set_template_spec;
pub(crate) use crate::apiserver::error::{Errors, FieldError};
pub(crate) use crate::apiserver::error_list::Followers;
pub(crate) use crate::apiserver::object_meta::validate_object_meta;
pub(crate) use crate::apiserver::options::Options;
pub(crate) use crate::apiserver::pod_annotations::{
    APP_ARMOR_CONTAINER_PREFIX, validate_app_armor_annotations_and_fields_match_on_create,
    validate_pod_specific_annotations, validate_seccomp_annotations_and_fields,
};
pub(crate) use crate::apiserver::pod_resources::{Amounts, add, aggregate_container_resources};
pub(crate) use crate::apiserver::pod_spec::validate_pod_spec;
pub(crate) use crate::apiserver::prepare::{drop_disabled_fields, drop_init_container_annotations};
pub(crate) use crate::apiserver::resource_name::{
    is_extended_resource_name, is_huge_page_resource_name, is_native_resource,
};
pub(crate) use crate::apiserver::seccomp::validate_app_armor_profile_field;
pub(crate) use crate::apiserver::strategy::{
    given_or_generated, validate_name_prefix, validate_pod_declaratively,
};
pub(crate) use crate::apiserver::warnings::annotations::app_armor_field_for_annotation;
