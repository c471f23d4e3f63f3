//! A SARIF log with a run for each server. A run that did not take place says so (§3.20.14).

use serde_json::{Value, json};

use super::{Failed, Outcome, Set, SetServer, location};
use crate::engine::report::{
    escape::for_terminal,
    sarif::{log, physical, run, run_of, uri},
};

pub(super) fn render(set: &Set<'_>) -> String {
    let runs: Vec<Value> = set.servers.iter().map(run_on).collect();
    log(&runs)
}

fn run_on(server: &SetServer<'_>) -> Value {
    // Readers take what stands before the last slash for the category, which has to be another one
    // for each server, or the runs would replace each other.
    let category = format!("mcp-kit/lint/{}/", uri(server.name).replace('/', "%2F"));
    match &server.outcome {
        Outcome::Examined(report) => {
            let mut run = run(report, &category);
            if let Some(physical) = physical_at(server.place) {
                locate(&mut run, &physical);
            }
            run
        }
        Outcome::Failed(failed) => {
            let mut run = run_of(&category, Vec::new(), Vec::new());
            let mut notification = json!({
                "level": "error",
                "message": {"text": text(server, failed)},
            });
            if let Some(physical) = physical_at(failed.place.unwrap_or(server.place)) {
                notification["locations"] = json!([{"physicalLocation": physical}]);
            }
            run["invocations"] = json!([{
                "executionSuccessful": false,
                "exitCode": failed.code,
                "toolExecutionNotifications": [notification],
            }]);
            run
        }
    }
}

fn physical_at(place: &str) -> Option<Value> {
    physical(&location(place)?)
}

/// Puts results without a file at that spot: GitHub shows only what has one.
fn locate(run: &mut Value, at: &Value) {
    let results = run["results"].as_array_mut().into_iter().flatten();
    let locations =
        results.filter_map(|result| result.get_mut("locations")?.as_array_mut()).flatten();
    for location in locations.filter_map(Value::as_object_mut) {
        location.entry("physicalLocation").or_insert_with(|| at.clone());
    }
}

fn text(server: &SetServer<'_>, failed: &Failed<'_>) -> String {
    let place = failed.place.unwrap_or(server.place);
    let mut text = format!("{} ({place}): {}", server.name, failed.message);
    let said: Vec<String> = failed.last_lines().map(|line| format!("\n| {line}")).collect();
    if !said.is_empty() {
        text.push_str(&format!("\n\nthe server's standard error:{}", said.concat()));
    }
    if let Some(help) = failed.help {
        text.push_str(&format!("\n\nhelp: {help}"));
    }
    let lines: Vec<String> = text.lines().map(for_terminal).collect();
    lines.join("\n")
}
