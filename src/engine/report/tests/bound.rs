//! A name that nobody could read does not fill the report: it would stand in every finding.

use super::*;
use crate::engine::{
    protocol::json::Limits,
    rule::{self, Profile, Selection},
    surface,
};

#[test]
fn a_long_name_is_cut_in_every_format() {
    let name = "n".repeat(200_000);
    let tool = json!({"name": name, "description": "Reads.", "inputSchema":
        {"type": "object", "properties": {"a": {"type": "strin"}, "b": {}, "c": {}}}});
    let text = json!({"tools": [tool]}).to_string();
    let surface = surface::read(text.as_bytes(), &Limits::default()).unwrap();
    let open = rule::run(&surface, &Selection::of(Profile::Strict));
    assert!(open.len() > 5, "{open:?}");
    let origin = Origin { name: "tools.json".to_owned(), transport: Transport::File };
    let source = Source { surface: &surface, origin: &origin };
    let sample = Sample::new();
    let examined = Examined::Surface { source, profile: "strict", plan: None };
    let report = Report { examined, open: &open, allowed: &[], allow_list: None, ..sample.lint() };
    for format in Format::ALL {
        let length = render(format, &report, layout()).len();
        assert!(length < 150_000, "{format:?}: {length} bytes");
    }
}
