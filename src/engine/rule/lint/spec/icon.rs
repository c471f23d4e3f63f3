use serde_json::Value;

use crate::engine::{
    finding::{Confidence, Severity},
    protocol::pointer::Pointer,
    rule::{Check, Hit, Profile, Rule},
    surface::Surface,
};

pub(super) const RULE: Rule = Rule {
    id: "spec/icon",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Spec,
    help: r#"give `src` an https: or data: address, and `sizes` as an array: ["48x48"] or ["any"]"#,
    documentation: r#"
An icon has an address clients must not load, or sizes they cannot read.

## Why
Icons are fetched and drawn by the client, in its own window. The specification tells clients to make
sure that the address is https: or data: and to refuse the rest, above all `javascript:`, which would
run there, and `file:`, which would read the user's disk. `http:` is a warning: the icon can be
exchanged on the way, and careful clients draw none. A size that is not written as width x
height, or a string where an array belongs, makes strict clients refuse the tool.

## Bad
```json
{"tools": [{"name": "draw_chart", "inputSchema": {"type": "object"},
  "icons": [{"src": "javascript:alert(1)"}]}]}
```
```json
{"tools": [{"name": "draw_chart", "inputSchema": {"type": "object"},
  "icons": [{"src": "https://example.com/chart.png", "sizes": ["48"]}]}]}
```
```json
{"tools": [{"name": "draw_chart", "inputSchema": {"type": "object"},
  "icons": [{"src": "http://example.com/chart.png"}]}]}
```

## Good
```json
{"tools": [{"name": "draw_chart", "inputSchema": {"type": "object"}, "icons": [
  {"src": "https://example.com/chart.png", "mimeType": "image/png", "sizes": ["48x48", "96x96"]},
  {"src": "data:image/svg+xml;base64,PHN2Zy8+", "sizes": ["any"], "theme": "dark"}
]}]}
```

## References
- Specification 2026-07-28, basic, "Icons"
- Specification 2026-07-28, schema, `Icon`
"#,
    check: Check::Surface(check),
};

fn check(surface: &Surface) -> Vec<Hit> {
    let mut hits = Vec::new();
    for tool in &surface.tools {
        judge_all(tool.value().get("icons"), &tool.pointer, &mut hits);
    }
    let items = surface.prompts.iter().chain(&surface.resources).chain(&surface.resource_templates);
    for item in items {
        judge_all(item.value.get("icons"), &item.pointer, &mut hits);
    }
    let info = surface.pointer.join("serverInfo");
    let icons = surface.view(&info.join("icons")).map(|view| view.to_value());
    judge_all(icons.as_ref(), &info, &mut hits);
    hits
}

fn judge_all(icons: Option<&Value>, holder: &Pointer, hits: &mut Vec<Hit>) {
    let icons = icons.and_then(Value::as_array).into_iter().flatten();
    for (index, icon) in icons.enumerate() {
        let pointer = holder.join("icons").join(index);
        hits.extend(judge_source(icon, &pointer));
        hits.extend(judge_sizes(icon, &pointer));
        hits.extend(judge_theme(icon, &pointer));
    }
}

fn judge_source(icon: &Value, pointer: &Pointer) -> Option<Hit> {
    let Some(source) = icon.get("src") else {
        return Some(Hit::new(pointer.clone(), "an icon without `src`"));
    };
    let Some(source) = source.as_str() else {
        let message = format!("`src` of an icon is {source}, not a string");
        return Some(Hit::new(pointer.join("src"), message));
    };
    let scheme = source.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    if matches!(scheme.as_deref(), Some("https" | "data")) {
        return None;
    }
    let shown: String = source.chars().take(40).collect();
    let message = format!("`src` of an icon is neither https: nor data: \"{shown}\"");
    let hit = Hit::new(pointer.join("src"), message);
    Some(if scheme.as_deref() == Some("http") { hit.severity(Severity::Warning) } else { hit })
}

fn judge_sizes(icon: &Value, pointer: &Pointer) -> Option<Hit> {
    let sizes = icon.get("sizes")?;
    let hit = |message| Some(Hit::new(pointer.join("sizes"), message).severity(Severity::Warning));
    let Some(sizes) = sizes.as_array() else {
        return hit(format!("`sizes` of an icon is {sizes}, not an array"));
    };
    let odd = sizes.iter().find(|size| !size.as_str().is_some_and(is_size))?;
    hit(format!("`sizes` of an icon holds {odd}, not \"any\" or a form like \"48x48\""))
}

fn judge_theme(icon: &Value, pointer: &Pointer) -> Option<Hit> {
    let theme = icon.get("theme")?;
    if matches!(theme.as_str(), Some("light" | "dark")) {
        return None;
    }
    let message = format!("`theme` of an icon is {theme}, not \"light\" or \"dark\"");
    Some(Hit::new(pointer.join("theme"), message).severity(Severity::Warning))
}

fn is_size(size: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    size == "any"
        || size.split_once('x').is_some_and(|(width, height)| is_number(width) && is_number(height))
}
