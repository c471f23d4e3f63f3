//! Decisions by hand, and texts that must not load.

use std::fs;

use super::{
    super::identity::{Identity, demo},
    Attribute, Decision, Policy, PolicyError, Resource, Sources,
};

const SCHEMA: &str = r#"
entity Customer {
  tenant: Tenant,
  sensitivity: Long,
  owner: String,
  shared?: Set<Group>,
};
action "read";
action "get_customer", "search_customers" in ["read"]
  appliesTo { principal: User, resource: [Customer, Tenant], context: Call };
action "commit_change"
  appliesTo {
    principal: User,
    resource: [Customer, Tenant],
    context: { scopes: Set<String>, amount?: Long, approval?: { by: String, expired: Bool } },
  };
"#;

const POLICIES: &str = r#"
@id("crm-read")
permit (principal in Group::"readers", action in Action::"read", resource)
when { context.scopes.contains("crm.read") };

@id("crm-write-own")
permit (principal in Group::"writers", action == Action::"commit_change", resource)
when {
  context.scopes.contains("crm.write") &&
  (resource is Tenant || resource.owner == principal.subject)
};

@id("crm-approve")
permit (principal in Group::"approvers", action == Action::"commit_change", resource)
when { context has approval && context.approval.by != principal.subject && !context.approval.expired };

@id("crm-shared")
permit (principal, action == Action::"get_customer", resource is Customer)
when { resource has shared && principal in resource.shared };

@id("crm-limit")
forbid (principal, action == Action::"commit_change", resource)
when { context has amount && context.amount * 100 > 100000 };
"#;

fn sources() -> Sources {
    Sources::new().with_schema("crm.cedarschema", SCHEMA).with_policies("crm.cedar", POLICIES)
}

fn policy() -> Policy {
    Policy::load(&sources()).unwrap()
}

fn decide(
    policy: &Policy,
    identity: &Identity,
    action: &str,
    resource: &Resource,
    context: &[(&str, Attribute)],
) -> Decision {
    let encounter = policy.encounter(&policy.principal(identity), resource.clone());
    policy.decide(&encounter, action, context)
}

/// A sample user; of these, bob reads what is not sensitive, which no sample user is for.
fn user(name: &str) -> Identity {
    let mut user = demo::identity(name, &["crm.read", "crm.write"]).unwrap();
    if name == "bob" {
        user.groups = ["readers".to_owned()].into();
        user.clearance = 0;
    }
    user
}

fn customer(tenant: &str, sensitivity: i64, owner: &str) -> Resource {
    Resource {
        kind: "Customer",
        id: "c-1".to_owned(),
        tenant: tenant.to_owned(),
        attributes: vec![("sensitivity", sensitivity.into()), ("owner", owner.into())],
    }
}

/// `allow` or `deny`, and the policies.
fn show(decision: &Decision) -> String {
    assert_eq!(decision.errors, Vec::<String>::new());
    let effect = if decision.is_allowed { "allow" } else { "deny" };
    format!("{effect} {}", decision.policies.join(" ")).trim_end().to_owned()
}

#[test]
fn decisions_are_these() {
    let policy = policy();
    let acme = |sensitivity, owner| customer("acme", sensitivity, owner);
    let globex = || customer("globex", 0, "dave");
    for (name, action, resource, expected) in [
        ("alice", "get_customer", acme(0, "alice"), "allow crm-read"),
        ("alice", "get_customer", acme(2, "carol"), "allow crm-read"),
        ("alice", "get_customer", acme(3, "alice"), "deny sensitivity-wall"),
        ("alice", "get_customer", globex(), "deny tenant-wall"),
        ("alice", "search_customers", Resource::tenant("acme"), "allow crm-read"),
        ("alice", "search_customers", Resource::tenant("globex"), "deny tenant-wall"),
        ("alice", "commit_change", acme(1, "alice"), "allow crm-write-own"),
        ("alice", "commit_change", acme(1, "carol"), "deny"),
        ("alice", "commit_change", acme(3, "alice"), "deny sensitivity-wall"),
        ("alice", "commit_change", globex(), "deny tenant-wall"),
        ("bob", "get_customer", acme(0, "alice"), "allow crm-read"),
        ("bob", "get_customer", acme(1, "bob"), "deny sensitivity-wall"),
        ("bob", "commit_change", acme(0, "bob"), "deny"),
        ("carol", "get_customer", acme(3, "alice"), "allow crm-read"),
        ("carol", "get_customer", acme(4, "alice"), "deny sensitivity-wall"),
        ("dave", "get_customer", acme(0, "dave"), "deny tenant-wall"),
        ("dave", "get_customer", customer("acme", 9, "dave"), "deny sensitivity-wall tenant-wall"),
        ("dave", "get_customer", globex(), "allow crm-read"),
        ("dave", "commit_change", globex(), "allow crm-write-own"),
        ("erin", "get_customer", acme(0, "erin"), "deny"),
        ("erin", "search_customers", Resource::tenant("acme"), "deny"),
    ] {
        let decision = decide(&policy, &user(name), action, &resource, &[]);
        assert_eq!(show(&decision), expected, "{name} {action} {resource:?}");
    }
}

#[test]
fn scopes_count_beside_groups() {
    let policy = policy();
    for (scopes, reads, writes) in [
        (&[][..], false, false),
        (&["crm.read"], true, false),
        (&["crm.write"], false, true),
        (&["crm.read.all", "CRM.READ", "crm.rea", ""], false, false),
    ] {
        let alice = demo::identity("alice", scopes).unwrap();
        let of =
            |action| decide(&policy, &alice, action, &customer("acme", 0, "alice"), &[]).is_allowed;
        assert_eq!((of("get_customer"), of("commit_change")), (reads, writes), "{scopes:?}");
    }
}

#[test]
fn groups_are_populated_and_compared_whole() {
    let policy = policy();
    let reads = |groups: &[&str]| {
        let mut erin = user("erin");
        erin.groups = groups.iter().map(|group| (*group).to_owned()).collect();
        decide(&policy, &erin, "get_customer", &customer("acme", 0, "x"), &[]).is_allowed
    };
    assert!(reads(&["readers"]), "a group of the token is a parent of the user");
    assert!(reads(&["a", "readers", "z"]));
    for other in [
        "reader", "readers2", "Readers", "READERS", " readers", "readers ", "acme/readers",
        "readers/", "readers\0", "ｒeaders", "reаders", "Group::\"readers\"", "\"readers\"", "*",
        "",
    ] {
        assert!(!reads(&[other]), "{other:?}");
    }
}

#[test]
fn the_context_decides_too() {
    let policy = policy();
    let approval = |by: &str, expired: bool| {
        let members = vec![("by", by.into()), ("expired", expired.into())];
        ("approval", Attribute::Record(members))
    };
    let amount = |amount: i64| ("amount", Attribute::from(amount));
    for (name, context, expected) in [
        ("carol", vec![approval("alice", false)], "allow crm-approve"),
        ("carol", vec![approval("alice", true)], "deny"),
        ("carol", vec![approval("carol", false)], "deny"),
        ("alice", vec![approval("carol", false)], "allow crm-write-own"),
        ("alice", vec![amount(1_000)], "allow crm-write-own"),
        ("alice", vec![amount(1_001)], "deny crm-limit"),
        ("carol", vec![approval("alice", false), amount(1_001)], "deny crm-limit"),
    ] {
        let decision =
            decide(&policy, &user(name), "commit_change", &customer("acme", 0, "alice"), &context);
        assert_eq!(show(&decision), expected, "{name} {context:?}");
    }
}

#[test]
fn a_condition_that_fails_while_running_is_a_denial() {
    // The forbid overflows and is left out by Cedar; a permit alone would then allow.
    let context = [("amount", Attribute::from(i64::MAX))];
    let decision =
        decide(&policy(), &user("alice"), "commit_change", &customer("acme", 0, "alice"), &context);
    assert!(!decision.is_allowed);
    assert_eq!(decision.policies, ["crm-limit"]);
    assert_eq!(decision.errors.len(), 1);
    assert!(decision.errors[0].contains("overflow"), "{decision:?}");
}

#[test]
fn what_does_not_fit_the_schema_is_a_denial_with_a_reason() {
    let policy = policy();
    let alice = user("alice");
    let without = |name: &str| {
        let mut resource = customer("acme", 0, "alice");
        resource.attributes.retain(|(attribute, _)| *attribute != name);
        resource
    };
    let with = |name, value: Attribute| {
        let mut resource = customer("acme", 0, "alice");
        resource.attributes.push((name, value));
        resource
    };
    let other_kind = Resource { kind: "Invoice", ..customer("acme", 0, "alice") };
    for (action, resource, reason) in [
        ("get_customer", without("sensitivity"), "sensitivity"),
        ("get_customer", without("owner"), "owner"),
        ("get_customer", with("sensitvity", 1.into()), "sensitvity"),
        ("get_customer", with("tenant", "acme".into()), "tenant"),
        ("get_customer", with("owner", "alice".into()), "twice"),
        ("get_customer", with("shared", "readers".into()), "shared"),
        ("get_customer", other_kind, "Invoice"),
        ("get_custome", customer("acme", 0, "alice"), "get_custome"),
        ("Get_customer", customer("acme", 0, "alice"), "Get_customer"),
        ("", customer("acme", 0, "alice"), "no action"),
        ("read", customer("acme", 0, "alice"), "read"),
    ] {
        let decision = decide(&policy, &alice, action, &resource, &[]);
        assert!(!decision.is_allowed, "{action} {resource:?}");
        assert!(decision.errors.join(" ").contains(reason), "{action} {decision:?}");
    }
    let strange = [("scopes", Attribute::Set(vec!["crm.write".into()]))];
    let unknown = [("colour", Attribute::from("red"))];
    for context in [&strange[..], &unknown] {
        let decision =
            decide(&policy, &alice, "get_customer", &customer("acme", 0, "alice"), context);
        assert!(!decision.is_allowed && !decision.errors.is_empty(), "{context:?}");
    }
}

#[test]
fn ids_are_never_parsed() {
    let policy = policy();
    let hostile = [
        "",
        "\"",
        "\\\"",
        "a\"b",
        "Customer::\"x\"",
        "\0",
        "\n",
        "é",
        "e\u{301}",
        "🦀",
        "\u{202e}",
        "${jndi}",
        "'; DROP TABLE customer; --",
        "..",
        "*",
    ];
    for id in hostile {
        let mut alice = user("alice");
        alice.subject = id.to_owned();
        alice.tenant = id.to_owned();
        let mut resource = customer(id, 0, id);
        resource.id = id.to_owned();
        let decision = decide(&policy, &alice, "commit_change", &resource, &[]);
        assert_eq!(show(&decision), "allow crm-write-own", "{id:?}");
        for other in hostile.iter().filter(|other| **other != id) {
            resource.tenant = (*other).to_owned();
            let decision = decide(&policy, &alice, "commit_change", &resource, &[]);
            assert_eq!(show(&decision), "deny tenant-wall", "{id:?} {other:?}");
        }
    }
}

#[test]
fn many_groups_are_all_there() {
    let policy = policy();
    let mut erin = user("erin");
    erin.groups = (0..500).map(|index| format!("group-{index}")).collect();
    let mut resource = customer("acme", 0, "x");
    let shared = vec![Attribute::Entity("Group", "group-499".to_owned())];
    resource.attributes.push(("shared", Attribute::Set(shared)));
    let decision = decide(&policy, &erin, "get_customer", &resource, &[]);
    assert_eq!(show(&decision), "allow crm-shared");
    erin.groups.remove("group-499");
    assert_eq!(show(&decide(&policy, &erin, "get_customer", &resource, &[])), "deny");
    erin.groups.insert("readers".to_owned());
    let decision = decide(&policy, &erin, "get_customer", &resource, &[]);
    assert_eq!(show(&decision), "allow crm-read");
}

#[test]
fn a_tool_is_listed_where_its_action_is_allowed_on_the_tenant() {
    let policy = policy();
    for (name, tools) in [
        ("alice", &["commit_change", "get_customer", "search_customers"][..]),
        ("bob", &["get_customer", "search_customers"]),
        ("carol", &["commit_change", "get_customer", "search_customers"]),
        ("erin", &[]),
    ] {
        let user = user(name);
        let listed: Vec<&str> = ["commit_change", "get_customer", "search_customers", "unknown"]
            .into_iter()
            .filter(|action| policy.listing(&policy.principal(&user), action).is_allowed)
            .collect();
        assert_eq!(listed, tools, "{name}");
    }
    let lists =
        |user: &Identity| policy.listing(&policy.principal(user), "get_customer").is_allowed;
    let bare = demo::identity("alice", &[]).unwrap();
    assert!(!lists(&bare));
    let stepped = bare.with_scopes(["crm.read"]);
    assert!(lists(&stepped), "what a step-up would give");
    assert!(policy.has_action("get_customer") && !policy.has_action("get_customers"));
}

/// The faults of sources in which one text is changed.
fn faults(schema: &str, policies: &str) -> String {
    let sources =
        Sources::new().with_schema("crm.cedarschema", schema).with_policies("crm.cedar", policies);
    match Policy::load(&sources) {
        Ok(_) => panic!("it loads"),
        Err(error @ PolicyError::Faults(_)) => error.to_string(),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_mistake_is_found_at_the_start_with_its_place() {
    for (from, to, place, mentions) in [
        ("resource.owner ==", "resource.owne ==", "crm.cedar:10: ", "owne"),
        ("Action::\"read\"", "Action::\"raed\"", "crm.cedar:3: ", "raed"),
        (
            "principal in Group::\"readers\"",
            "principal in Grop::\"readers\"",
            "crm.cedar:3: ",
            "Grop",
        ),
        ("principal.subject)", "principal.clearance)", "crm.cedar:10: ", "String"),
        ("context.amount * 100", "context.amount * \"1\"", "crm.cedar:", "String"),
        ("context has amount && ", "", "crm.cedar:", "amount"),
        ("permit (principal in Group", "permti (principal in Group", "crm.cedar:3: ", "permti"),
        ("@id(\"crm-read\")\n", "", "crm.cedar:2: ", "without an id"),
        ("@id(\"crm-read\")", "@id(\"\")", "crm.cedar:2: ", "without an id"),
        ("@id(\"crm-read\")", "@id(\"crm read\")", "crm.cedar:2: ", "not plain"),
        ("@id(\"crm-read\")", "@id(\"tenant-wall\")", "crm.cedar:2: ", "base.cedar:4"),
        ("@id(\"crm-limit\")", "@id(\"crm-read\")", "crm.cedar:21: ", "crm.cedar:2"),
        ("principal in Group::\"readers\"", "principal == ?principal", "crm.cedar:2: ", "template"),
    ] {
        let changed = POLICIES.replacen(from, to, 1);
        assert_ne!(changed, POLICIES, "{from}");
        let error = faults(SCHEMA, &changed);
        assert!(error.starts_with(place) && error.contains(mentions), "{from}\n{error}");
        assert!(error.contains("\n  help: "), "{error}");
    }
}

#[test]
fn a_schema_that_the_walls_do_not_fit_is_refused() {
    for (from, to, mentions) in [
        ("  sensitivity: Long,\n", "", "help: in the schema, give every kind of record"),
        ("  tenant: Tenant,\n", "", "help: in the schema, give every kind of record"),
        ("tenant: Tenant", "tenant: String", "base.cedar:7"),
        ("owner: String", "owner: Sting", "Sting"),
        ("entity Customer {", "entity User;\nentity Customer {", "User"),
        ("entity Customer {", "entity Customer (", "crm.cedarschema:2: "),
    ] {
        let changed = SCHEMA.replacen(from, to, 1);
        assert_ne!(changed, SCHEMA, "{from}");
        let error = faults(&changed, POLICIES);
        assert!(error.contains(mentions), "{from}\n{error}");
    }
}

#[test]
fn policies_are_counted() {
    let many = |count: usize| {
        let one = |index| format!("@id(\"p{index}\") permit (principal, action, resource);\n");
        let text: String = (0..count).map(one).collect();
        Sources::new().with_schema("s", SCHEMA).with_policies("many.cedar", &text)
    };
    assert_eq!(Policy::load(&many(48)).unwrap().warnings(), Vec::<String>::new());
    let loaded = Policy::load(&many(49)).unwrap();
    assert!(loaded.warnings()[0].contains("51 policies"), "{:?}", loaded.warnings());
    let error = Policy::load(&many(499)).unwrap_err().to_string();
    assert!(error.contains("501 policies"), "{error}");
}

#[test]
fn a_policy_that_never_applies_is_warned_of() {
    let never = "@id(\"never\") permit (principal, action, resource) when { 1 > 2 && false };";
    let warnings = Policy::load(&sources().with_policies("more.cedar", never)).unwrap();
    assert_eq!(warnings.warnings().len(), 1);
    assert!(warnings.warnings()[0].starts_with("more.cedar:1: "), "{:?}", warnings.warnings());
}

#[test]
fn the_digest_is_that_of_all_sources_in_a_fixed_order() {
    let digest = |sources: &Sources| Policy::load(sources).unwrap().digest().to_owned();
    let extra = "@id(\"x\") forbid (principal, action, resource) when { false };";
    let one = sources().with_policies("a.cedar", extra);
    let other = Sources::new()
        .with_policies("a.cedar", extra)
        .with_policies("crm.cedar", POLICIES)
        .with_schema("crm.cedarschema", SCHEMA);
    assert_eq!(digest(&one), digest(&other));
    assert_eq!(digest(&one).len(), 64);
    assert_ne!(digest(&one), digest(&sources()));
    assert_ne!(digest(&one), digest(&sources().with_policies("b.cedar", extra)));
    assert_ne!(digest(&one), digest(&sources().with_policies("a.cedar", &format!("{extra}\n"))));
}

#[test]
fn a_directory_adds_to_the_walls() {
    let folder = tempfile::tempdir().unwrap();
    let read = || Sources::read(folder.path());
    assert!(matches!(read(), Err(PolicyError::Empty { .. })));
    let text = "@id(\"everything\") permit (principal, action, resource);";
    fs::write(folder.path().join("all.cedar"), text).unwrap();
    fs::write(folder.path().join("notes.txt"), "not read").unwrap();
    let policy = Policy::load(&read().unwrap().or_schema_of(&sources())).unwrap();
    let erin = user("erin");
    let decide = |tenant, sensitivity| {
        show(&decide(&policy, &erin, "get_customer", &customer(tenant, sensitivity, "x"), &[]))
    };
    assert_eq!(decide("acme", 1), "allow everything");
    assert_eq!(decide("acme", 2), "deny sensitivity-wall");
    assert_eq!(decide("globex", 0), "deny tenant-wall");
    // A schema of its own replaces that of the connector.
    fs::write(folder.path().join("own.cedarschema"), "entity Thing;").unwrap();
    let policy = Policy::load(&read().unwrap().or_schema_of(&sources())).unwrap();
    assert!(!policy.has_action("get_customer"));
    fs::write(folder.path().join("bad.cedar"), b"\xff").unwrap();
    assert!(matches!(read(), Err(PolicyError::Unreadable { .. })));
    let missing = Sources::read(&folder.path().join("missing"));
    assert!(matches!(missing, Err(PolicyError::Unreadable { .. })));
}

/// Two records that are alike, and policies that speak of one of them or do not: what is remembered of
/// the one is said of the other only where that is the same.
#[test]
fn a_record_that_a_policy_speaks_of_is_told_from_others_like_it() {
    for (body, is_told_apart) in [
        (r#"permit (principal, action, resource);"#, false),
        (r#"permit (principal, action, resource is Customer);"#, false),
        (r#"permit (principal, action, resource == Tenant::"acme");"#, false),
        (r#"permit (principal, action, resource == Customer::"c-1");"#, true),
        (r#"permit (principal, action, resource in Customer::"c-1");"#, true),
        (r#"permit (principal, action, resource is Customer in Customer::"c-1");"#, true),
        (r#"permit (principal, action, resource) when { resource is Customer };"#, false),
        (
            r#"permit (principal, action, resource is Customer) when { resource has shared &&
               resource.owner == "alice" && principal in resource.shared };"#,
            false,
        ),
        (
            r#"permit (principal, action, resource is Customer)
               when { resource == Customer::"c-1" };"#,
            true,
        ),
        (
            r#"permit (principal, action, resource is Customer)
               unless { resource in [Customer::"c-2", Customer::"c-3"] };"#,
            true,
        ),
        (
            r#"permit (principal, action, resource is Customer)
               when { [Customer::"c-1"].contains(resource) };"#,
            true,
        ),
        (
            r#"permit (principal, action, resource is Customer)
               when { {Var: resource}.Var == Customer::"c-1" };"#,
            true,
        ),
        (
            r#"permit (principal, action, resource is Customer)
               when { (if principal.clearance > 1 then resource else Customer::"c-1").owner
                      == resource.owner };"#,
            true,
        ),
        (
            r#"permit (principal, action, resource)
               when { resource is Tenant && resource == principal.tenant };"#,
            false,
        ),
        (
            r#"permit (principal, action, resource)
               when { !(resource is Customer) || resource == Customer::"c-1" };"#,
            true,
        ),
        (
            r#"permit (principal, action, resource)
               when { if resource is Customer then resource.owner == "alice"
                      else resource == principal.tenant };"#,
            false,
        ),
    ] {
        let sources = Sources::new()
            .with_schema("crm.cedarschema", SCHEMA)
            .with_policies("one.cedar", &format!("@id(\"one\") {body}"));
        let policy = Policy::load(&sources).unwrap();
        assert_eq!(policy.told_apart.contains("Customer"), is_told_apart, "{body}");
        assert!(policy.told_apart.contains("Tenant"), "the wall compares tenants");
        for name in ["alice", "carol", "dave"] {
            for id in ["c-1", "c-2", "c-3", "c-1"] {
                let resource = Resource { id: id.to_owned(), ..customer("acme", 0, "alice") };
                let fresh = Policy::load(&sources).unwrap();
                let expected = decide(&fresh, &user(name), "get_customer", &resource, &[]);
                let decision = decide(&policy, &user(name), "get_customer", &resource, &[]);
                assert_eq!(decision, expected, "{name} {id}: {body}");
            }
        }
    }
}

#[test]
fn what_is_remembered_is_of_the_same_question_only() {
    let policy = policy();
    let shared = |groups: &[&str]| {
        let group = |name: &&str| Attribute::Entity("Group", (*name).to_owned());
        let mut resource = customer("acme", 0, "alice");
        let groups = groups.iter().map(group).collect();
        resource.attributes.push(("shared", Attribute::Set(groups)));
        resource
    };
    let mut questions = Vec::new();
    for resource in [
        customer("acme", 0, "alice"),
        customer("acme", 3, "alice"),
        customer("acme", 0, "carol"),
        customer("globex", 0, "alice"),
        shared(&["writers"]),
        shared(&["approvers"]),
        shared(&["nobody\", \"writers"]),
        Resource::tenant("acme"),
        Resource::tenant("globex"),
    ] {
        for (name, action, context) in [
            ("alice", "get_customer", vec![]),
            ("erin", "get_customer", vec![]),
            ("alice", "commit_change", vec![]),
            ("alice", "commit_change", vec![("amount", Attribute::from(1_001))]),
            ("alice", "commit_change", vec![("amount", Attribute::from(i64::MAX))]),
            ("carol", "commit_change", vec![("amount", Attribute::from(1))]),
        ] {
            questions.push((name, action, resource.clone(), context));
        }
    }
    for _ in 0..2 {
        for (name, action, resource, context) in &questions {
            let fresh = Policy::load(&sources()).unwrap();
            let expected = decide(&fresh, &user(name), action, resource, context);
            let decision = decide(&policy, &user(name), action, resource, context);
            assert_eq!(decision, expected, "{name} {action} {resource:?} {context:?}");
        }
    }
}
