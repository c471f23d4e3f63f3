use crate::engine::{
    finding::{Confidence, Severity},
    rule::{
        Check, Hit, Profile, Rule, Settings,
        wording::{grouped, names},
    },
    semantics::split::{Draft, DropReason, Plan, Proposal, Verdict},
};

pub(super) const RULE: Rule = Rule {
    id: "surface/too-many-tools",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Recommended,
    help: "split the server by business domain, three to seven tools each; merge tools that differ \
           in one argument, and leave out those no task needs",
    documentation: "\
The server lists more tools than a model can choose well from.

## Why
Every tool is put before the model on every request, and it has to tell them apart by their
descriptions alone. Accuracy falls as catalogues grow: by 7 to 85 % between small and large
catalogues in LongFuncEval (arXiv 2505.10570). Showing only the tools that fit a request helps: with
retrieval in front, RAG-MCP chose right in 43 % of the cases, without it in 14 % (arXiv 2505.03275).
Cutting the default tools of GitHub Copilot from 40 to 13 raised its benchmark
scores by 2 to 5 points and made it 400 ms faster (GitHub, November 2025). A server with more than
seven tools is usually several servers, one for each domain, in one process.

The number seven is an opinion. Two or three such servers at once stay within what vendors advise
for tools that are always loaded, and there is evidence the other way: one suite measured a slightly
better result with the full list (microsoft/vscode-copilot-chat#1139). Over seven tools is therefore
a warning. Over 20 is an error, because OpenAI advises fewer than 20 for everything that is loaded at
once, and one server alone is past it. Over 128 is no opinion: clients drop tools or refuse the
request.

`max_tools` under `[lint]` in `mcp-kit.toml` puts another number in the place of seven, and of 20 where
it is higher. Over 128 is an error in any case. It says when the finding is made, and not how large
the proposed servers are: they have three to seven tools whatever it is.

## How to fix
The finding proposes servers, and `mcp-kit lint --plan split.json` writes the whole plan: the tools
of each server, what they cost, tools to list in several servers, and fields that would go from one
server to another. Tools are put together by the words of their names, descriptions and arguments,
and by the fields that one answers and another takes. Where hardly any tools belong together, a split
would draw lines anywhere, and where all do, it would tear them apart; the finding then says which
tools to merge into one with an argument, and which to leave out.

## Bad
```json
{\"tools\": [
  {\"name\": \"get_order\"}, {\"name\": \"list_orders\"}, {\"name\": \"cancel_order\"},
  {\"name\": \"get_invoice\"}, {\"name\": \"list_invoices\"}, {\"name\": \"send_invoice\"},
  {\"name\": \"get_parcel\"}, {\"name\": \"track_parcel\"}
]}
```

## Good
```json
{\"tools\": [{\"name\": \"get_order\"}, {\"name\": \"list_orders\"}, {\"name\": \"cancel_order\"}]}
```

## References
- arXiv 2505.10570 (LongFuncEval), arXiv 2505.03275 (RAG-MCP)
- OpenAI function calling guide: fewer than 20 functions at a time
",
    check: Check::Planned(check),
};

/// More than this many is more than vendors advise for all servers together.
const ERROR_ABOVE: usize = 20;

/// More than this many is refused by clients (VS Code, the OpenAI API).
const CLIENT_LIMIT: usize = 128;
/// Most servers that the help names.
const NAMED_SERVERS: usize = 8;
/// Most merges that the help names.
const NAMED_MERGES: usize = 3;

fn check(draft: &Draft<'_>, settings: &Settings) -> Vec<Hit> {
    let surface = draft.surface();
    let (count, most) = (surface.tools.len(), settings.max_tools);
    if count <= most.min(CLIENT_LIMIT) {
        return Vec::new();
    }
    let severity = if count > ERROR_ABOVE.max(most) || count > CLIENT_LIMIT {
        Severity::Error
    } else {
        Severity::Warning
    };
    let refused = if count > CLIENT_LIMIT { ", and clients refuse more than 128" } else { "" };
    let wanted = if most == Settings::default().max_tools {
        "where a model chooses well among three to seven".to_owned()
    } else {
        format!("where the project's budget is {most}")
    };
    let hit =
        Hit::new(surface.pointer.clone(), format!("{} tools, {wanted}{refused}", grouped(count)));
    vec![hit.severity(severity).figure(count).help(advice(draft.plan()))]
}

/// The plan in one sentence.
fn advice(plan: &Plan) -> String {
    match plan.verdict {
        Verdict::Small => RULE.help.to_owned(),
        Verdict::Splits => split_advice(plan),
        Verdict::Whole => merge_advice(plan),
    }
}

fn split_advice(plan: &Plan) -> String {
    let named = plan.servers.iter().take(NAMED_SERVERS);
    let mut parts: Vec<String> =
        named.map(|server| format!("`{}` ({})", server.name, server.tools.len())).collect();
    let others = plan.servers.iter().skip(NAMED_SERVERS);
    let tools: usize = others.clone().map(|server| server.tools.len()).sum();
    if tools > 0 {
        parts.push(format!("{} more ({tools})", others.count()));
    }
    let alone = match plan.leftovers().count() {
        0 => String::new(),
        1 => "; one tool fits into none of them: put it with the nearest".to_owned(),
        many => format!("; {many} fit into none of them: put them with the nearest"),
    };
    let (count, parts) = (plan.servers.len(), parts.join(", "));
    format!("split it into {count} servers: {parts}{alone}; --plan FILE writes the whole plan")
}

fn merge_advice(plan: &Plan) -> String {
    let mut parts: Vec<String> = Vec::new();
    for proposal in &plan.proposals {
        match proposal {
            Proposal::Merge { tools, into } => {
                parts.push(format!("{} into `{into}`", names(tools)))
            }
            Proposal::Act { tools, .. } => {
                parts.push(format!("{} into one with a typed `action`", names(tools)));
            }
            Proposal::Drop { .. } => {}
        }
    }
    let more = parts.len().saturating_sub(NAMED_MERGES);
    parts.truncate(NAMED_MERGES);
    let more = if more > 0 { format!("; {more} more with --plan FILE") } else { String::new() };
    let merge = match parts.as_slice() {
        [] => "keep those a task needs".to_owned(),
        parts => format!("merge {}{more}", parts.join("; ")),
    };
    let dropped = |wanted: DropReason| {
        let dropped = plan.proposals.iter().filter_map(|proposal| match proposal {
            Proposal::Drop { tool, reason } if *reason == wanted => Some(tool.clone()),
            _ => None,
        });
        dropped.collect::<Vec<_>>()
    };
    let gone = match dropped(DropReason::Deprecated).as_slice() {
        [] if parts.is_empty() => "leave out the others".to_owned(),
        [] => "leave out those no task needs".to_owned(),
        gone => format!("leave out {}", names(gone)),
    };
    let doubled = match dropped(DropReason::Duplicate).as_slice() {
        [] => String::new(),
        doubled => format!("; list {} only once", names(doubled)),
    };
    let why = match plan.is_one_domain() {
        true => "are one domain",
        false => "do not fall into domains",
    };
    format!("the tools {why}, so do not split them: {merge}; {gone}{doubled}")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::engine::{
        finding::Severity,
        protocol::json::Limits,
        rule::{Settings, apply_with},
        surface,
    };

    #[test]
    fn the_budget_of_the_project_counts_and_the_limit_of_clients_stays() {
        let found = |count: usize, max_tools: usize| {
            let tools = vec![r#"{"name":"get_order"}"#; count].join(",");
            let text = format!(r#"{{"tools":[{tools}]}}"#);
            let surface = surface::read(text.as_bytes(), &Limits::default()).unwrap();
            let settings = Settings { max_tools, ..Settings::default() };
            let finding = apply_with(&RULE, &surface, &settings).pop()?;
            Some((finding.severity, finding.message))
        };
        assert_eq!(found(9, 9), None);
        let (severity, message) = found(5, 4).unwrap();
        assert_eq!(severity, Severity::Warning);
        assert_eq!(message, "5 tools, where the project's budget is 4");
        assert_eq!(found(129, 500).unwrap().0, Severity::Error);
    }
}
