use crate::engine::{
    finding::{Confidence, Severity},
    rule::{Check, Hit, Profile, Rule, wording::names},
    semantics::split::domains,
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "surface/mixed-domains",
    severity: Severity::Warning,
    confidence: Confidence::Low,
    profile: Profile::Recommended,
    help: "make a server of each domain, so that each can be switched on where it is needed, \
           granted to whom it concerns and changed without the other",
    documentation: r#"
A short list of tools serves two domains that have nothing to do with each other.

## Why
Clients switch servers on and off as a whole, users consent to a server as a whole, and a version is
that of the whole server. A server of two domains puts the tools of one before the model while it
works in the other, which is what hurts in long lists (7 to 85 % less accuracy between small and
large catalogues, arXiv 2505.10570), and asks for rights that half of its users do not need.

That a short list is hurt by it has not been measured; the rule rests on experience, and it only
speaks where it is plain: six or seven tools, at least three in each of two groups, alike within a
group and with no words, arguments or fields in common across. Longer lists are
`surface/too-many-tools`, which proposes servers.

## Bad
```json
{"tools": [
  {"name": "search_orders"}, {"name": "get_order"}, {"name": "cancel_order"},
  {"name": "list_shifts"}, {"name": "assign_shift"}, {"name": "swap_shift"}
]}
```

## Good
```json
{"tools": [
  {"name": "search_orders"}, {"name": "get_order"}, {"name": "cancel_order"},
  {"name": "get_customer", "description": "Reads the customer of an order."},
  {"name": "search_customers", "description": "Finds customers by name or by their orders."},
  {"name": "update_customer", "description": "Changes address and phone of a customer."}
]}
```
```json
{"tools": [
  {"name": "search_orders"}, {"name": "get_order"}, {"name": "cancel_order"}, {"name": "get_shift"}
]}
```

## References
- arXiv 2505.10570 (LongFuncEval)
- Specification, "Security and Trust & Safety": user consent and control
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let domains = domains(surface);
    if domains.is_empty() {
        return Vec::new();
    }
    let said = domains.iter().map(|domain| format!("`{}` ({})", domain.name, names(&domain.tools)));
    let message = format!(
        "two domains that have nothing to do with each other: {}",
        said.collect::<Vec<_>>().join(" and ")
    );
    vec![Hit::new(surface.pointer.clone(), message)]
}
