//! What a workflow is triggered by, as far as it matters here: the end of another workflow.
//! <https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflow_run>

use serde_json::Value;

use super::yaml;

/// The names of the workflows whose end triggers this one (its text), as it has them; none: no `workflow_run` that tells of
/// an end.
#[must_use]
pub fn awaited(text: &str) -> Option<Vec<String>> {
    match yaml::read(text).ok()?.get("on")? {
        Value::String(one) => (one == "workflow_run").then(Vec::new),
        Value::Array(all) => all.iter().any(|one| one == "workflow_run").then(Vec::new),
        Value::Object(all) => {
            let trigger = all.get("workflow_run")?;
            let types = trigger.get("types");
            let tells_of_ends = types.is_none() || texts(types).iter().any(|one| one == "completed");
            tells_of_ends.then(|| texts(trigger.get("workflows")))
        }
        _ => None,
    }
}

/// The trigger that hears of the end of the workflow of this name, as YAML.
#[must_use]
pub fn on_end_of(name: &str) -> String {
    format!("on: workflow_run: {{ workflows: [\"{name}\"], types: [completed] }}")
}

/// One text, or a list of them.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
