//! From a review to its answer. Pure: the server, tests and benchmarks call the same function.

mod answer;
mod context;
mod decision;
mod fast_path;
mod faultless_specs;
mod find;
mod full_check;
mod heavy;
mod in_tree;
mod object;
mod on_cluster;
mod tree;
mod weight;
mod wire;

pub use answer::{Answer, Cause, Denial};
pub use context::{Context, PlacementJudge};
pub use decision::{Decision, Judged};
pub use faultless_specs::FaultlessSpecs;
pub use weight::{MOST, Weight};
pub(crate) use wire::SELF_TEST;
pub use wire::{Malformed, Request};

/// Judges the review in a body.
///
/// # Errors
///
/// [`Malformed`] if the body is not a review, or its object is not a DaemonSet although its kind says so. The answer is 400 then; no API
/// server sends such a body.
pub fn judge<'b>(body: &'b [u8], context: &Context<'_>) -> Result<Judged<'b>, Malformed> {
    let text = std::str::from_utf8(body).map_err(|error| Malformed::Text(error.valid_up_to()))?;
    let heavy = heavy_weight(body);
    let faultless = if heavy.is_none() { judge_light(text, context) } else { None };
    match faultless {
        Some(judged) => Ok(judged),
        None => full_check::judge(text, context, heavy),
    }
}

/// Judges the review in a body if validation finds no fault in its object. `None` if there may be one, if the review cannot be read, or if
/// a rule is on that reads the whole object: [`judge`] is asked then. This is less work, and never more than reading the object once.
pub fn judge_faultless<'b>(body: &'b [u8], context: &Context<'_>) -> Option<Judged<'b>> {
    if heavy_weight(body).is_some() {
        return None;
    }
    judge_light(std::str::from_utf8(body).ok()?, context)
}

fn judge_light<'b>(text: &'b str, context: &Context<'_>) -> Option<Judged<'b>> {
    let full = context.levels.ask_strict() || context.levels.ask_object();
    (!full).then(|| fast_path::judge(text, context)).flatten()
}

/// The weight of a body, if memory must be counted while it is judged.
fn heavy_weight(body: &[u8]) -> Option<Weight> {
    (body.len() > weight::LIGHT).then(|| Weight::of(body)).filter(|weight| weight.is_heavy())
}

#[cfg(test)]
mod tests;
