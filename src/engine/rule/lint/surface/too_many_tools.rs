use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
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
better result with the full list (microsoft/vscode-copilot-chat#1139).

Over seven tools is therefore a warning and no more. Over 128 is an error: that is no opinion,
clients drop tools or refuse the request.

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
    check: Check::Surface(check),
};

/// More than this many tools is worth a warning.
const WARNING_ABOVE: usize = 7;
/// More than this many is refused by clients (VS Code, the OpenAI API).
const CLIENT_LIMIT: usize = 128;

fn check(surface: &Surface) -> Vec<Hit> {
    let count = surface.tools.len();
    if count <= WARNING_ABOVE {
        return Vec::new();
    }
    let (severity, refused) = if count > CLIENT_LIMIT {
        (Severity::Error, ", and clients refuse more than 128")
    } else {
        (Severity::Warning, "")
    };
    let message =
        format!("{count} tools, where a model chooses well among three to seven{refused}");
    vec![Hit::new(surface.pointer.clone(), message).severity(severity)]
}
