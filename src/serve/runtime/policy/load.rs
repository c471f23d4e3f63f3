//! From texts to policies that fit their schema.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Mutex,
};

use cedar_policy::{
    Authorizer, Policy as CedarPolicy, PolicyId, PolicySet, Schema, SchemaFragment, ValidationMode,
    Validator, ffi::DetailedError,
};

use super::{
    Policy, PolicyError, Sources,
    dependence::told_apart,
    fault::{Fault, line_of},
    source::Text,
};

/// From how many policies on decisions become slow: the time for one grows with their number.
const MANY: usize = 50;

/// The most policies.
const MAX_POLICIES: usize = 500;

/// What to do when a schema does not fit the walls.
const WALLS: &str = "in the schema, give every kind of record `tenant: Tenant` and \
                     `sensitivity: Long`, and let actions apply to `User`";

/// The longest id.
const MAX_ID: usize = 100;

/// A policy and where it stands.
struct Found {
    policy: CedarPolicy,
    /// Which of the texts.
    text: usize,
    line: Option<usize>,
}

pub(super) fn load(sources: &Sources) -> Result<Policy, PolicyError> {
    let (schema, mut warnings) = schema(&sources.schemas())?;
    let texts = sources.policies();
    let (policies, origins) = named(&texts, parse(&texts)?)?;
    warnings.extend(validate(&schema, &policies, &texts, &origins)?);
    let count = policies.num_of_policies();
    if count > MANY {
        warnings.push(format!(
            "there are {count} policies, and every decision takes longer with each; above {MANY}, \
             put grants into groups and not into policies of their own"
        ));
    }
    let kinds: HashMap<String, _> =
        schema.entity_types().map(|kind| (kind.to_string(), kind.clone())).collect();
    let mut actions = HashMap::new();
    for action in schema.actions() {
        let name: &str = action.id().as_ref();
        if actions.insert(name.to_owned(), action.clone()).is_some() {
            return Err(fault(
                "the schema",
                format!("two namespaces have an action `{name}`"),
                "rename one; tools name their actions without a namespace",
            ));
        }
    }
    let entities = schema.action_entities().map_err(|error| {
        fault("the schema", error.to_string(), "correct the groups of the actions")
    })?;
    let told_apart = told_apart(&policies, kinds.keys());
    let (authorizer, digest) = (Authorizer::new(), sources.digest());
    let principals = Mutex::default();
    Ok(Policy {
        authorizer,
        schema,
        policies,
        kinds,
        actions,
        entities,
        told_apart,
        digest,
        warnings,
        principals,
    })
}

fn fault(file: &str, message: String, help: &str) -> PolicyError {
    let help = help.to_owned();
    PolicyError::Faults(vec![Fault { file: file.to_owned(), line: None, message, help }])
}

/// The schema out of its parts, each parsed alone so that positions are those of its file.
fn schema(texts: &[Text]) -> Result<(Schema, Vec<String>), PolicyError> {
    let (mut fragments, mut warnings, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    for Text { name, text } in texts {
        match SchemaFragment::from_cedarschema_str(text) {
            Ok((fragment, found)) => {
                fragments.push(fragment);
                warnings.extend(found.map(|warning| format!("{name}: {warning}")));
            }
            Err(error) => {
                let help = "write it as Cedar schemas are written: entity, type and action";
                faults.extend(Fault::of(name, text, DetailedError::from(&error), help));
            }
        }
    }
    if !faults.is_empty() {
        return Err(PolicyError::Faults(faults));
    }
    let schema = Schema::from_schema_fragments(fragments).map_err(|error| {
        // An error between parts does not say in which of them it is.
        let names: Vec<_> = texts.iter().map(|text| text.name.as_str()).collect();
        let error = DetailedError::from(&error);
        let help = "declare each type once, and all that is used; User, Group, Tenant and Call are \
                    those of base.cedarschema";
        fault(&names.join(", "), error.message, error.help.as_deref().unwrap_or(help))
    })?;
    Ok((schema, warnings))
}

fn parse(texts: &[Text]) -> Result<Vec<Found>, PolicyError> {
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for (index, Text { name, text }) in texts.iter().enumerate() {
        let set = match text.parse::<PolicySet>() {
            Ok(set) => set,
            Err(error) => {
                let help =
                    "write it as Cedar policies are written: permit or forbid, scope, conditions";
                faults.extend(Fault::of(name, text, DetailedError::from(&error), help));
                continue;
            }
        };
        for template in set.templates() {
            faults.push(Fault {
                file: name.clone(),
                line: line(text, &template.to_string()),
                message: "a template, with a slot for its principal or resource".to_owned(),
                help: "write a policy; who it is for is a matter of groups".to_owned(),
            });
        }
        found.extend(set.policies().map(|policy| Found {
            policy: policy.clone(),
            text: index,
            line: line(text, &policy.to_string()),
        }));
    }
    if !faults.is_empty() {
        return Err(PolicyError::Faults(faults));
    }
    if found.len() > MAX_POLICIES {
        let message = format!("there are {} policies, and {MAX_POLICIES} are allowed", found.len());
        return Err(fault("the policies", message, "put grants into groups"));
    }
    found.sort_by_key(|found| (found.text, found.line));
    Ok(found)
}

/// The line of the keyword of a policy that is shown as it stands in its file.
fn line(text: &str, shown: &str) -> Option<usize> {
    text.find(shown).map(|position| line_of(text, position))
}

type Origins = BTreeMap<String, (usize, Option<usize>)>;

/// The policies under the ids that their authors gave them: an id goes into the audit trail, so a
/// number by position would mean something else after every edit.
fn named(texts: &[Text], found: Vec<Found>) -> Result<(PolicySet, Origins), PolicyError> {
    let (mut policies, mut origins, mut faults) = (PolicySet::new(), Origins::new(), Vec::new());
    for Found { policy, text, line } in found {
        let mut refuse = |message: String, help: &str| {
            let (file, help) = (texts[text].name.clone(), help.to_owned());
            faults.push(Fault { file, line, message, help });
        };
        let Some(id) = policy.annotation("id").filter(|id| !id.is_empty()) else {
            let help = "write @id(\"…\") before it, a short name for the audit trail";
            refuse("a policy without an id".to_owned(), help);
            continue;
        };
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
        if id.len() > MAX_ID || !id.bytes().all(is_plain) {
            let shown: String = id.chars().take(MAX_ID).flat_map(char::escape_debug).collect();
            let help = "use letters, digits and -_./, at most 100 of them";
            refuse(format!("the id `{shown}` is not plain"), help);
            continue;
        }
        if let Some((other, at)) = origins.get(id) {
            let at = at.map_or(String::new(), |line| format!(":{line}"));
            let place = format!("{}{at}", texts[*other].name);
            refuse(format!("the id `{id}` is that of {place} as well"), "choose another one");
            continue;
        }
        origins.insert(id.to_owned(), (text, line));
        policies.add(policy.new_id(PolicyId::new(id))).expect("the id is new");
    }
    if faults.is_empty() { Ok((policies, origins)) } else { Err(PolicyError::Faults(faults)) }
}

/// Strict validation: types, attributes and actions are those of the schema.
fn validate(
    schema: &Schema,
    policies: &PolicySet,
    texts: &[Text],
    origins: &Origins,
) -> Result<Vec<String>, PolicyError> {
    let outcome = Validator::new(schema.clone()).validate(policies, ValidationMode::Strict);
    let place = |id: &PolicyId| {
        let (text, line) = origins[AsRef::<str>::as_ref(id)];
        (text, &texts[text], line)
    };
    let mut faults: Vec<Fault> = outcome
        .validation_errors()
        .flat_map(|error| {
            let (index, Text { name, text }, line) = place(error.policy_id());
            let help = "kinds, attributes and actions are those of the .cedarschema files";
            let mut faults = Fault::of(name, text, DetailedError::from(error), help);
            for fault in &mut faults {
                fault.line = fault.line.or(line);
                if index == 0 {
                    // The base is right, so the schema of the connector is not.
                    fault.help = WALLS.to_owned();
                }
            }
            faults
        })
        .collect();
    if !faults.is_empty() {
        faults.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
        // One mistake is found again in every kind of request that the policy applies to.
        faults.dedup();
        return Err(PolicyError::Faults(faults));
    }
    let mut warnings: Vec<String> = outcome
        .validation_warnings()
        .map(|warning| {
            let (_, text, line) = place(warning.policy_id());
            format!("{}:{}: {warning}", text.name, line.unwrap_or(1))
        })
        .collect();
    warnings.sort();
    warnings.dedup();
    Ok(warnings)
}
