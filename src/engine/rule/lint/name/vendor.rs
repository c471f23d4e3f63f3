use crate::engine::{
    finding::{Confidence, Fix, Severity},
    rule::{
        Check, Hit, Profile, Rule, Settings,
        repair::{Occurrence, Repair},
    },
    semantics::word::words,
    surface::{Surface, Tool},
};

pub(super) const RULE: Rule = Rule {
    id: "name/vendor",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Recommended,
    help: "name the task as the user would and leave the product out, for example `create_lead`; if \
           the product itself is what the user asks for, allow this finding with that reason",
    documentation: r#"
A tool is named after the product behind it.

## Why
The caller wants a lead created, not a product operated. A vendor's name in a tool makes the vendor
part of the contract: the day the back end changes, every prompt, log query and permission that
mentions the tool breaks, and two back ends of the same kind become two sets of tools for the model
to choose between. One server for each business domain, with the vendor inside it, has neither
problem.

This is experience from running such servers, not a rule of the protocol. A server whose domain is
the product (an administration tool for that very product) is right to use its name: `domain` under
`[lint]` in `mcp-kit.toml` says so.

The rule knows a list of products, and those of `vendors` under `[lint]`, and compares whole words. Products that are plain words as well
(`slack`, `notion`, `stripe`) need a second sign: most of the server's tools start with the word, or
the server's name holds it, or the description writes it with a capital inside a sentence.

## Bad
```json
{"tools": [{"name": "salesforce_create_lead", "inputSchema": {"type": "object"}}]}
```
```json
{"tools": [{
  "name": "send_slack_message",
  "description": "Sends a message to a channel in Slack.",
  "inputSchema": {"type": "object"}
}]}
```

## Good
```json
{"tools": [{"name": "create_lead", "inputSchema": {"type": "object"}}]}
```
```json
{"tools": [
  {
    "name": "compute_slack",
    "description": "Computes the slack of each activity of a plan.",
    "inputSchema": {"type": "object"}
  },
  {
    "name": "next_workday",
    "description": "Workday that follows a date. Workday means Monday to Friday.",
    "inputSchema": {"type": "object"}
  }
]}
```

## References
- Specification 2026-07-28, server/tools, "Tool Names"
"#,
    check: Check::Configured(check),
};

pub(super) const REPAIR: Repair = Repair {
    rule: RULE.id,
    safe: None,
    not_safe: Some(
        "a product at the beginning of the name goes, unless another tool has the name that is left",
    ),
    propose,
};

fn check(surface: &Surface, settings: &Settings) -> Vec<Hit> {
    let meant = meant_by_all(surface);
    let domain = settings.domain.as_deref().map(words).unwrap_or_default();
    let own: Vec<Vec<String>> = settings.vendors.iter().map(|vendor| words(vendor)).collect();
    let of_tool = |tool| judge(tool, &meant, &domain).or_else(|| judge_own(tool, &own, &domain));
    surface.tools.iter().filter_map(of_tool).collect()
}

fn judge(tool: &Tool, meant: &[&str], domain: &[String]) -> Option<Hit> {
    let words = words(&tool.name);
    let is_meant = |word: &str| {
        let is_described = |text: &str| is_proper_name(word, text);
        meant.contains(&word) || tool.description.as_deref().is_some_and(is_described)
    };
    // The sellers of a company are a sales force, which some write in one word.
    let is_crew = |at: usize| {
        words[at] == "salesforce"
            && words
                .get(at + 1)
                .is_some_and(|next| ["headcount", "size", "strength"].contains(&next.as_str()))
    };
    let named =
        words.iter().enumerate().filter(|(at, word)| !domain.contains(word) && !is_crew(*at));
    let vendor = named.map(|(_, word)| word).find(|word| {
        VENDORS.binary_search(&word.as_str()).is_ok()
            || (PLAIN_WORDS.contains(&word.as_str()) && is_meant(word))
    })?;
    Some(hit(tool, vendor))
}

/// The products of the project. They need no second sign: somebody has named them.
fn judge_own(tool: &Tool, own: &[Vec<String>], domain: &[String]) -> Option<Hit> {
    let words = words(&tool.name);
    let is_named = |vendor: &&Vec<String>| {
        !vendor.is_empty()
            && vendor.as_slice() != domain
            && words.windows(vendor.len()).any(|window| window == vendor.as_slice())
    };
    own.iter().find(is_named).map(|vendor| hit(tool, &vendor.join(" ")))
}

fn hit(tool: &Tool, vendor: &str) -> Hit {
    let message = format!("the name says which product is behind it, `{vendor}`");
    Hit::new(tool.pointer.join("name"), message)
}

/// The plain words that are products throughout a server: it is called so, or most of its tools
/// start so.
fn meant_by_all(surface: &Surface) -> Vec<&'static str> {
    let firsts: Vec<Option<String>> =
        surface.tools.iter().map(|tool| words(&tool.name).into_iter().next()).collect();
    let names = surface.server.name.iter().chain(&surface.server.title);
    let of_server: Vec<String> = names.flat_map(|name| words(name)).collect();
    let is_meant = |word: &&&str| {
        let count = firsts.iter().filter(|first| first.as_deref() == Some(**word)).count();
        2 * count > firsts.len() || of_server.iter().any(|it| it == **word)
    };
    PLAIN_WORDS.iter().filter(is_meant).copied().collect()
}

/// Whether a text writes a word with a capital where no sentence begins.
fn is_proper_name(word: &str, text: &str) -> bool {
    let mut begins_sentence = true;
    text.split_whitespace().any(|token| {
        let bare = token.trim_matches(|character: char| !character.is_alphanumeric());
        let is_name = bare.starts_with(char::is_uppercase)
            && bare.trim_end_matches("'s").eq_ignore_ascii_case(word);
        let is_inside = !begins_sentence;
        begins_sentence = token.ends_with(['.', ':', '!', '?']);
        is_name && is_inside
    })
}

/// Products that stand for a domain, in alphabetical order. Left out are platforms that are a
/// domain themselves (clouds, databases, `git`).
const VENDORS: &[&str] = &[
    "airtable", "bamboohr", "bitbucket", "calendly", "clickup", "docusign", "dropbox",
    "eventbrite", "evernote", "figma", "freshdesk", "freshservice", "github", "gitlab", "gmail",
    "hubspot", "jira", "klaviyo", "mailchimp", "marketo", "miro", "netsuite", "okta", "onedrive",
    "pagerduty", "paypal", "pipedrive", "quickbooks", "salesforce", "sendgrid", "servicenow",
    "sharepoint", "shopify", "smartsheet", "surveymonkey", "todoist", "trello", "twilio",
    "typeform", "webex", "woocommerce", "wordpress", "wrike", "xero", "youtrack", "zendesk",
    "zoho",
];

/// Products whose names are also words of the language. The plainest (`linear`, `teams`, `box`) are
/// left out: a capital tells nothing there.
const PLAIN_WORDS: &[&str] =
    &["asana", "confluence", "intercom", "notion", "outlook", "slack", "stripe", "workday"];

fn propose(occurrence: &Occurrence<'_>) -> Option<Fix> {
    let name = &occurrence.tool()?.name;
    let vendor = occurrence.message.split('`').nth(1)?;
    let vendor_words = words(vendor);
    let rest = name.char_indices().map(|(index, _)| &name[index..]).find(|rest| {
        let before = &name[..name.len() - rest.len()];
        rest.starts_with(char::is_alphanumeric)
            && before.ends_with(['_', '-', '.', '/'])
            && words(before) == vendor_words
    })?;
    (words(rest).len() > 1).then_some(())?;
    super::invalid_chars::rename(occurrence, rest)
}

#[cfg(test)]
mod tests {
    use super::{RULE, VENDORS};
    use crate::engine::{
        protocol::json::Limits,
        rule::{Settings, apply_with},
        surface,
    };

    #[test]
    fn the_list_can_be_searched() {
        assert!(VENDORS.is_sorted());
    }

    #[test]
    fn a_project_knows_more_products_and_may_be_about_one() {
        let text = r#"{"tools": [{"name": "salesforce_create_lead"}, {"name": "acmeCloud_list_jobs"},
            {"name": "cloud_list_jobs"}]}"#;
        let surface = surface::read(text.as_bytes(), &Limits::default()).unwrap();
        let found = |vendors: &[&str], domain: Option<&str>| -> Vec<String> {
            let vendors = vendors.iter().map(|vendor| (*vendor).to_owned()).collect();
            let domain = domain.map(str::to_owned);
            let settings = Settings { vendors, domain, ..Settings::default() };
            let findings = apply_with(&RULE, &surface, &settings);
            findings.iter().flat_map(|it| it.tools()).map(str::to_owned).collect()
        };
        assert_eq!(found(&[], None), ["salesforce_create_lead"]);
        assert!(found(&[], Some("Salesforce")).is_empty());
        let both = ["salesforce_create_lead", "acmeCloud_list_jobs"];
        assert_eq!(found(&["Acme Cloud"], None), both);
        assert_eq!(found(&["Acme Cloud"], Some("acme-cloud")), ["salesforce_create_lead"]);
    }
}
