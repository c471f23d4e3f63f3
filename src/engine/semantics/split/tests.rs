//! Plans for the labelled surfaces of `fixtures/splits`, and what holds of every plan.
//!
//! A label file says which tools of a surface a person would put into one server. The surfaces of
//! other people are not part of this repository; where they are absent, their labels test nothing.

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{DropReason, MOST_TOOLS, Plan, Proposal, Verdict, plan};
use crate::engine::{
    protocol::json::Limits,
    surface::{self, Surface},
};

#[derive(Deserialize)]
struct Label {
    surface: String,
    from: String,
    splits: bool,
    groups: BTreeMap<String, Vec<String>>,
}

/// How well a plan agrees with labels.
#[derive(Debug)]
struct Score {
    /// The share of tools that are with those of their label.
    purity: f64,
    /// Of the pairs in one server, the share that has one label.
    pair_precision: f64,
    /// Of the pairs with one label, the share that is in one server. A label of more tools than a
    /// server has cannot be whole.
    pair_recall: f64,
    /// The share of tools that are in a server.
    placed: f64,
}

fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(text: &[u8]) -> Surface {
    surface::read(text, &Limits::default()).unwrap()
}

fn labelled() -> Vec<(Label, Surface)> {
    let files = fs::read_dir(repository("fixtures/splits")).unwrap();
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let labels = files.into_iter().map(|file| {
        let text = fs::read(file).unwrap();
        serde_json::from_slice::<Label>(&text).unwrap()
    });
    let with_surface = labels.filter_map(|label| {
        let folder = match label.from.as_str() {
            "fixtures" => "fixtures/surfaces",
            _ => "../shared/corpus/surfaces",
        };
        let text = fs::read(repository(folder).join(&label.surface)).ok();
        assert!(text.is_some() || label.from != "fixtures", "{} is not there", label.surface);
        Some((label, read(&text?)))
    });
    with_surface.collect()
}

fn score(label: &Label, plan: &Plan) -> Score {
    let group_of: BTreeMap<&str, &str> = label
        .groups
        .iter()
        .flat_map(|(group, tools)| tools.iter().map(move |tool| (tool.as_str(), group.as_str())))
        .collect();
    let alone = plan.unplaced.iter().map(|unplaced| &unplaced.tools);
    let (mut tools, mut pure, mut pairs, mut good_pairs) = (0, 0, 0, 0);
    for together in plan.servers.iter().map(|server| &server.tools).chain(alone) {
        let groups: Vec<&str> = together.iter().map(|tool| group_of[tool.as_str()]).collect();
        let count = |group: &&str| groups.iter().filter(|other| *other == group).count();
        tools += groups.len();
        pure += groups.iter().map(&count).max().unwrap_or(0);
        pairs += groups.len() * (groups.len() - 1);
        good_pairs += groups.iter().map(|group| count(group) - 1).sum::<usize>();
    }
    let labelled_pairs: usize =
        label.groups.values().map(|tools| tools.len() * (tools.len() - 1)).sum();
    let placed: usize = plan.servers.iter().map(|server| server.tools.len()).sum();
    Score {
        purity: pure as f64 / tools as f64,
        pair_precision: good_pairs as f64 / pairs as f64,
        pair_recall: good_pairs as f64 / labelled_pairs as f64,
        placed: placed as f64 / tools as f64,
    }
}

/// Every tool is in one server or fits nowhere, and no server is too large.
fn check_whole(surface: &Surface, plan: &Plan) {
    let alone = plan.unplaced.iter().flat_map(|unplaced| &unplaced.tools);
    let mut placed: Vec<&String> =
        plan.servers.iter().flat_map(|server| &server.tools).chain(alone).collect();
    placed.sort();
    let mut names: Vec<&String> = surface.tools.iter().map(|tool| &tool.name).collect();
    names.sort();
    assert_eq!(placed, names);
    let mut titles: Vec<&String> = plan.servers.iter().map(|server| &server.name).collect();
    titles.sort();
    titles.dedup();
    assert_eq!(titles.len(), plan.servers.len(), "{titles:?}");
    for server in plan.servers.iter().filter(|_| plan.verdict == Verdict::Splits) {
        assert!((3..=MOST_TOOLS).contains(&server.tools.len()), "{server:?}");
    }
}

#[test]
fn plans_agree_with_what_a_person_would_do() {
    for (label, surface) in labelled() {
        let plan = plan(&surface);
        check_whole(&surface, &plan);
        let verdict = if label.splits { Verdict::Splits } else { Verdict::Whole };
        assert_eq!(plan.verdict, verdict, "{}: {plan:#?}", label.surface);
        if label.splits {
            let score = score(&label, &plan);
            println!("{}: {:.2} {score:.2?}", label.surface, plan.cohesion);
            assert!(score.purity >= 0.95, "{}: {score:?} {plan:#?}", label.surface);
            assert!(score.pair_precision >= 0.9, "{}: {score:?} {plan:#?}", label.surface);
            assert!(score.pair_recall >= 0.6, "{}: {score:?} {plan:#?}", label.surface);
            assert!(score.placed >= 0.8, "{}: {score:?} {plan:#?}", label.surface);
        }
    }
}

/// The surfaces that split, all in one: many domains, of people who name tools differently.
#[test]
fn a_long_list_of_many_hands_splits_too() {
    let mut tools = Vec::new();
    let mut all = Label {
        surface: "all".to_owned(),
        from: String::new(),
        splits: true,
        groups: BTreeMap::new(),
    };
    for (label, surface) in labelled().into_iter().filter(|(label, _)| label.splits) {
        tools.extend(surface.tools.iter().map(|tool| tool.value().clone()));
        let named = label.groups.into_iter();
        all.groups.extend(named.map(|(name, tools)| (format!("{} {name}", label.surface), tools)));
    }
    let surface = read(json!({ "tools": tools }).to_string().as_bytes());
    let plan = plan(&surface);
    check_whole(&surface, &plan);
    let score = score(&all, &plan);
    println!("{score:.2?}");
    assert!(score.purity >= 0.9 && score.pair_precision >= 0.8, "{score:?}");
}

#[test]
fn the_order_of_the_tools_changes_nothing() {
    for (label, surface) in labelled() {
        let mut tools: Vec<_> = surface.tools.iter().map(|tool| tool.value().clone()).collect();
        let plan_of = |tools: &[Value]| plan(&read(json!({"tools": tools}).to_string().as_bytes()));
        let before = plan_of(&tools);
        tools.reverse();
        assert_eq!(plan_of(&tools), before, "{}", label.surface);
        tools.sort_by_key(|tool| tool["description"].to_string());
        assert_eq!(plan_of(&tools), before, "{}", label.surface);
    }
}

#[test]
fn what_one_tool_answers_and_another_takes_keeps_them_together() {
    let tool = |name: &str, argument: &str, field: &str| {
        json!({"name": name,
               "inputSchema": {"type": "object", "properties": {argument: {"type": "string"}}},
               "outputSchema": {"type": "object", "properties": {field: {"type": "string"}}}})
    };
    let tools = |field: &str| {
        vec![
            tool("list_orders", "state", "total"),
            tool("get_order", "order", "total"),
            tool("cancel_order", "order", "total"),
            tool("list_shifts", "day", "hours"),
            tool("assign_shift", "shift", "hours"),
            tool("swap_shift", "shift", "hours"),
            tool("export_invoices", "year", field),
            tool("poll_progress", "job_id", "percent"),
        ]
    };
    let server_of = |tools: &[Value], name: &str| {
        let plan = plan(&read(json!({"tools": tools}).to_string().as_bytes()));
        let all = plan.servers.iter().map(|server| &server.tools);
        let all = all.chain(plan.unplaced.iter().map(|unplaced| &unplaced.tools));
        all.into_iter().find(|tools| tools.iter().any(|tool| tool == name)).cloned().unwrap()
    };
    assert_eq!(server_of(&tools("job_id"), "poll_progress"), ["export_invoices", "poll_progress"]);
    assert_eq!(server_of(&tools("file"), "poll_progress"), ["poll_progress"]);
}

#[test]
fn a_field_that_goes_from_server_to_server_is_a_cross_edge() {
    let text = fs::read(repository("fixtures/surfaces/clinic.json")).unwrap();
    let plan = plan(&read(&text));
    let edge = plan.cross_edges.iter().find(|edge| edge.field == "appointment_id").unwrap();
    let servers = (edge.from.0.as_deref(), edge.to.0.as_deref());
    assert_eq!(servers, (Some("appointment"), Some("claim")));
    assert_eq!(edge.to.1, ["clinic.createClaim"]);
    let shared: Vec<&str> = plan.shared.iter().map(|shared| shared.tool.as_str()).collect();
    assert!(shared.contains(&"clinic.searchPatients"), "{shared:?}");
}

#[test]
fn what_belongs_nowhere_is_shared_and_stays_in_one_place() {
    let text = fs::read(repository("fixtures/surfaces/hosting.json")).unwrap();
    let surface = read(&text);
    let plan = plan(&surface);
    check_whole(&surface, &plan);
    let everywhere: Vec<&str> = plan.shared.iter().map(|shared| shared.tool.as_str()).collect();
    assert_eq!(everywhere, ["search", "whoami"]);
}

#[test]
fn more_tools_than_can_be_compared_are_taken_in_portions() {
    let nouns = ["order", "invoice", "parcel", "customer", "refund", "supplier", "ticket"];
    let verbs = ["get", "list", "cancel", "create", "update"];
    let tools: Vec<Value> = (0..1_000)
        .map(|index| {
            let (verb, noun) = (verbs[index % verbs.len()], nouns[index / 5 % nouns.len()]);
            json!({"name": format!("{verb}_{noun}_section{}", index / 35)})
        })
        .collect();
    let surface = read(json!({"tools": tools}).to_string().as_bytes());
    let plan = plan(&surface);
    check_whole(&surface, &plan);
    assert!(plan.is_in_portions);
    assert_eq!(plan.verdict, Verdict::Splits);
}

#[test]
fn hostile_lists_get_a_plan_too() {
    let long = "order_".repeat(2_000);
    let same: Vec<Value> = (0..300).map(|_| json!({"name": "order"})).collect();
    let empty: Vec<Value> = (0..20).map(|_| json!({"name": ""})).collect();
    let wide = json!({"name": long, "description": "\u{e9}".repeat(10_000)});
    for tools in [same, empty, vec![wide; 9], Vec::new()] {
        let surface = read(json!({"tools": tools}).to_string().as_bytes());
        check_whole(&surface, &plan(&surface));
    }
}

#[test]
fn tools_that_do_not_split_are_merged_or_left_out() {
    let tool = |name: &str, description: &str, arguments: &[&str]| {
        let arguments =
            arguments.iter().map(|name| ((*name).to_owned(), json!({"type": "string"})));
        let properties: serde_json::Map<String, Value> = arguments.collect();
        json!({"name": name, "description": description, "inputSchema": {"properties": properties}})
    };
    let tools = [
        tool("read_page", "DEPRECATED: use read_text_page.", &["path"]),
        tool("read_text_page", "Reads the text.", &["path"]),
        tool("read_image_page", "Reads an image.", &["path"]),
        tool("blame", "Who wrote it?", &["at"]),
        tool("blame_ignored", "Who wrote it, without some?", &["at"]),
        tool("knead", "Kneads.", &["dough", "minutes"]),
        tool("fold", "Folds.", &["dough", "minutes"]),
        tool("stretch", "Stretches.", &["dough", "minutes"]),
        tool("bake", "Bakes.", &["oven"]),
    ];
    let plan = plan(&read(json!({"tools": tools}).to_string().as_bytes()));
    assert_eq!(plan.verdict, Verdict::Whole);
    assert_eq!(plan.servers.len(), 1);
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let merge =
        |tools: &[&str], into: &str| Proposal::Merge { tools: owned(tools), into: into.to_owned() };
    assert_eq!(
        plan.proposals,
        [
            Proposal::Drop { tool: "read_page".to_owned(), reason: DropReason::Deprecated },
            merge(&["blame", "blame_ignored"], "blame"),
            // Not `read_page`, which somebody may still call.
            merge(&["read_image_page", "read_text_page"], "read_text_page"),
            Proposal::Act {
                tools: owned(&["fold", "knead", "stretch"]),
                arguments: owned(&["dough", "minutes"]),
            },
        ]
    );
}

/// Tools of one thing with an argument each.
fn of_one_thing(names: &[String], argument: &str) -> Plan {
    let tools: Vec<Value> = names
        .iter()
        .map(|name| {
            json!({"name": name, "inputSchema":
                {"type": "object", "properties": {argument: {"type": "string"}}}})
        })
        .collect();
    plan(&read(json!({"tools": tools}).to_string().as_bytes()))
}

#[test]
fn what_does_the_same_to_properties_of_a_thing_is_one_tool() {
    let merge = |names: &[String], argument: &str| {
        let plan = of_one_thing(names, argument);
        assert_eq!(plan.verdict, Verdict::Whole);
        match plan.proposals.as_slice() {
            [Proposal::Merge { tools, into }] => (tools.len(), into.clone()),
            other => panic!("{other:?}"),
        }
    };
    let words = ["heat", "light", "timer", "mode", "fan", "name", "lock", "grill"];
    let names: Vec<String> = words.iter().map(|word| format!("set_{word}")).collect();
    assert_eq!(merge(&names, "oven"), (8, "set_oven".to_owned()));
    let names: Vec<String> = (0..40).map(|number| format!("read_meter_{number}")).collect();
    assert_eq!(merge(&names, "id"), (40, "read_meter".to_owned()));
    // What takes an `id` like everything else may be anything.
    let names: Vec<String> = words.iter().map(|word| format!("set_{word}")).collect();
    assert_eq!(of_one_thing(&names, "id").proposals, []);
}

#[test]
fn what_acts_on_the_thing_it_takes_is_one_tool() {
    let words = ["knead", "roll", "fold", "prove", "stretch", "cut"];
    let mut names: Vec<String> = words.iter().map(|word| format!("{word}_dough")).collect();
    names.extend(["heat", "undo", "weigh", "clock"].map(str::to_owned));
    let plan = of_one_thing(&names, "dough");
    let [Proposal::Act { tools, arguments }] = plan.proposals.as_slice() else {
        panic!("{:?}", plan.proposals)
    };
    assert_eq!((tools.len(), arguments.as_slice()), (6, &["dough".to_owned()][..]));
}

#[test]
fn what_is_listed_twice_is_listed_once_and_what_speaks_of_something_else_is_not_merged() {
    let path = json!({"properties": {"path": {"type": "string"}}});
    let mut tools = vec![
        json!({"name": "list_folder", "inputSchema": path}),
        json!({"name": "list_open_folder"}),
        json!({"name": "send"}),
        json!({"name": "send"}),
    ];
    tools.extend(["knead", "bake", "cool", "eat", "praise"].map(|name| json!({ "name": name })));
    let plan = plan(&read(json!({"tools": tools}).to_string().as_bytes()));
    let send = Proposal::Drop { tool: "send".to_owned(), reason: DropReason::Duplicate };
    assert_eq!((plan.verdict, plan.proposals), (Verdict::Whole, vec![send]));
}

#[test]
fn a_field_that_goes_to_a_tool_without_a_server_is_a_cross_edge_too() {
    let tool = |name: &str, argument: &str, field: &str| {
        json!({"name": name,
               "inputSchema": {"properties": {argument: {"type": "string"}}},
               "outputSchema": {"properties": {field: {"type": "string"}}}})
    };
    let actions = ["get", "send", "close", "open", "print", "delete", "list"];
    let mut tools: Vec<Value> =
        actions.iter().map(|verb| tool(&format!("{verb}_bill"), "day", "bill_id")).collect();
    tools.extend(actions.map(|verb| tool(&format!("{verb}_guest"), "day", "mood")));
    tools.push(tool("frame", "bill_id", "picture"));
    let plan = plan(&read(json!({"tools": tools}).to_string().as_bytes()));
    let unplaced: Vec<_> =
        plan.unplaced.iter().map(|it| (&it.tools[..], it.nearest.as_deref())).collect();
    assert_eq!(unplaced, [(&["frame".to_owned()][..], Some("bill"))]);
    let edge = &plan.cross_edges[0];
    assert_eq!((edge.from.0.as_deref(), edge.to.0.as_deref()), (Some("bill"), None));
    assert_eq!(edge.to.1, ["frame"]);
}
