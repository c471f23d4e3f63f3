//! What will be asked of a server, and what will not and why.

use std::collections::HashSet;

use serde_json::Value;

use crate::engine::{
    protocol::revision::Era,
    semantics,
    surface::{
        Surface, Tool,
        evidence::{Case, NotRun, Question},
    },
};

use super::{OF_ANSWER, OF_INPUT, OF_RESULT, OF_TIME};

/// Most tools that are called: a look at a server is not a load test.
const MAX_TOOLS: usize = 20;

/// Which tools may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Those that say that they only read.
    ReadOnly,
    /// All.
    Everything,
}

/// What will be asked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Questions about the protocol, in their order.
    pub questions: Vec<Question>,
    /// Calls of tools, in their order.
    pub calls: Vec<PlannedCall>,
    /// What is left out.
    pub not_run: Vec<NotRun>,
}

/// One call.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedCall {
    /// The tool.
    pub tool: String,
    /// What is right or wrong about the arguments.
    pub case: Case,
    /// The arguments.
    pub arguments: Value,
}

/// Makes the plan for a surface that a server has shown in an era, on stdio or over HTTP.
pub fn plan(surface: &Surface, era: Era, is_http: bool, permission: Permission) -> Plan {
    let mut plan = Plan { questions: questions(surface, era, is_http), ..Plan::default() };
    let mut seen = HashSet::new();
    let mut called = 0;
    for tool in surface.tools.iter().filter(|tool| seen.insert(&tool.name)) {
        let reason = match reason_against(tool, permission, is_http && era == Era::Modern) {
            Some(reason) => reason.to_owned(),
            None if called == MAX_TOOLS => format!("only {MAX_TOOLS} tools are called"),
            None => match semantics::arguments(tool) {
                Ok(arguments) => {
                    called += 1;
                    plan.add(tool, arguments);
                    continue;
                }
                Err(reason) => reason.to_owned(),
            },
        };
        plan.leave_out(tool, [OF_ANSWER, OF_RESULT, OF_TIME, OF_INPUT].concat(), reason);
    }
    plan
}

impl Plan {
    fn add(&mut self, tool: &Tool, arguments: semantics::Arguments) {
        let mut call = |case, arguments| {
            self.calls.push(PlannedCall { tool: tool.name.clone(), case, arguments });
        };
        call(Case::Valid, arguments.valid);
        let has_wrong = arguments.missing.is_some() || arguments.wrong_type.is_some();
        if let Some((name, arguments)) = arguments.missing {
            call(Case::Missing(name), arguments);
        }
        if let Some((name, arguments)) = arguments.wrong_type {
            call(Case::WrongType(name), arguments);
        }
        if !has_wrong {
            let reason = "its input schema accepts whatever is sent".to_owned();
            self.leave_out(tool, OF_INPUT.to_vec(), reason);
        }
    }

    fn leave_out(&mut self, tool: &Tool, checks: Vec<&'static str>, reason: String) {
        self.not_run.push(NotRun { checks, tool: Some(tool.name.clone()), reason });
    }
}

/// Why a tool is not called, if it is not.
fn reason_against(tool: &Tool, permission: Permission, in_headers: bool) -> Option<&'static str> {
    if permission == Permission::ReadOnly {
        if tool.annotations.read_only != Some(true) {
            return Some("it does not say `readOnlyHint: true`; --allow-writes calls it");
        }
        // The hint is the server's word. Where anything else about the tool denies it, nothing is
        // risked.
        if tool.annotations.destructive == Some(true) || semantics::may_write(tool) {
            return Some(
                "it says `readOnlyHint: true`, and other words of it sound like a write; \
                 --allow-writes calls it",
            );
        }
    }
    let support = tool.value().get("execution").and_then(|it| it.get("taskSupport"));
    if support.and_then(Value::as_str) == Some("required") {
        return Some("it can only be called as a task");
    }
    let schema = tool.input_schema().map(Value::to_string).unwrap_or_default();
    (in_headers && schema.contains("\"x-mcp-header\""))
        .then_some("it takes arguments in HTTP headers")
}

fn questions(surface: &Surface, era: Era, is_http: bool) -> Vec<Question> {
    let mut questions = vec![Question::UnknownMethod];
    if !surface.tools.is_empty() {
        questions.push(Question::UnknownTool);
    }
    match era {
        Era::Modern => {
            questions.push(Question::UnknownRevision);
            // To a server of both eras, a request without a revision is one of the older era.
            if !speaks_legacy(surface) {
                questions.push(Question::NoRevision);
            }
            if is_http {
                questions.push(Question::OtherMethodHeader);
            }
        }
        Era::Legacy => {
            if is_http {
                questions.push(Question::UnknownRevision);
            }
            questions.push(Question::UndiscoveredList);
        }
    }
    questions
}

/// Whether a modern server says that it speaks an older revision too.
fn speaks_legacy(surface: &Surface) -> bool {
    let supported = surface.view(&surface.pointer.join("supportedVersions"));
    supported.is_some_and(|supported| {
        let mut versions = supported.items().filter_map(|item| item.as_str());
        versions.any(|version| {
            version.parse().is_ok_and(|it: crate::engine::protocol::revision::Revision| {
                it.era() == Era::Legacy
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Permission, Plan, plan};
    use crate::engine::{
        protocol::{json::Limits, revision::Era},
        surface,
        surface::evidence::{Case, Question},
    };

    fn made(tools: &serde_json::Value, era: Era, is_http: bool, permission: Permission) -> Plan {
        let document = json!({"supportedVersions": ["2026-07-28"], "tools": tools}).to_string();
        let surface = surface::read(document.as_bytes(), &Limits::default()).unwrap();
        plan(&surface, era, is_http, permission)
    }

    #[test]
    fn only_what_says_that_it_reads_is_called() {
        let schema = json!({"type": "object", "required": ["id"],
            "properties": {"id": {"type": "string"}}});
        let tools = json!([
            {"name": "get_order", "inputSchema": schema, "annotations": {"readOnlyHint": true}},
            {"name": "find_orders", "inputSchema": schema},
            {"name": "delete_order", "description": "Deletes an order.", "inputSchema": schema,
             "annotations": {"readOnlyHint": true}},
            {"name": "field_tool", "description": "Clears a field. Cannot be undone.",
             "inputSchema": schema, "annotations": {"readOnlyHint": true}},
            {"name": "get_field", "inputSchema": schema,
             "annotations": {"readOnlyHint": true, "destructiveHint": true}},
            {"name": "get_report", "inputSchema": schema, "annotations": {"readOnlyHint": true},
             "execution": {"taskSupport": "required"}}
        ]);
        let plan = made(&tools, Era::Legacy, false, Permission::ReadOnly);
        let called: Vec<_> = plan.calls.iter().map(|it| (it.tool.as_str(), &it.case)).collect();
        let (missing, wrong) = (Case::Missing("id".into()), Case::WrongType("id".into()));
        let expected =
            [("get_order", &Case::Valid), ("get_order", &missing), ("get_order", &wrong)];
        assert_eq!(called, expected);
        assert_eq!(plan.not_run.len(), 5, "{:#?}", plan.not_run);
        let all = made(&tools, Era::Legacy, false, Permission::Everything);
        assert_eq!(all.calls.len(), 15);
    }

    #[test]
    fn questions_fit_era_and_transport() {
        let tools = json!([{"name": "a", "inputSchema": {"type": "object"}}]);
        let of = |era, is_http| made(&tools, era, is_http, Permission::ReadOnly).questions;
        let legacy = [Question::UnknownMethod, Question::UnknownTool, Question::UndiscoveredList];
        assert_eq!(of(Era::Legacy, false), legacy);
        assert!(of(Era::Modern, false).contains(&Question::NoRevision));
        assert!(!of(Era::Modern, false).contains(&Question::OtherMethodHeader));
        assert!(of(Era::Modern, true).contains(&Question::OtherMethodHeader));
    }
}
