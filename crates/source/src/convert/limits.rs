//! Resource quotas and limit ranges.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1 as api;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kuberlock_model::Object;
use kuberlock_model::limits::{Limit, LimitRange, ResourceQuota};

use super::typed::Source;

pub(super) fn resource_quota(source: &mut Source) -> Result<Object, String> {
    let from: api::ResourceQuota = source.read()?;
    let spec = from.spec.unwrap_or_default();
    let hard = spec.hard.unwrap_or_default().into_iter();
    Ok(Object::ResourceQuota(ResourceQuota {
        metadata: source.metadata(from.metadata)?,
        hard: hard.map(|(resource, amount)| (resource, amount.0)).collect(),
        scoped: spec.scope_selector.is_some() || spec.scopes.is_some_and(|s| !s.is_empty()),
    }))
}

pub(super) fn limit_range(source: &mut Source) -> Result<Object, String> {
    let from: api::LimitRange = source.read()?;
    let limits = from.spec.map(|spec| spec.limits).unwrap_or_default().into_iter().map(limit);
    Ok(Object::LimitRange(LimitRange {
        metadata: source.metadata(from.metadata)?,
        limits: limits.collect(),
    }))
}

fn limit(from: api::LimitRangeItem) -> Limit {
    let names = |amounts: Option<BTreeMap<String, Quantity>>| {
        amounts.unwrap_or_default().into_keys().collect()
    };
    Limit {
        of: from.type_,
        max: names(from.max),
        default: names(from.default),
        default_request: names(from.default_request),
    }
}
