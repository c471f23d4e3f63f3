//! The report as JSON lines, held to the JSON report.

use super::*;

#[test]
fn lines_of_json_are_the_findings_of_the_json_report_behind_a_head() {
    let sample = Sample::new();
    for (report, format) in
        [(sample.lint(), "mcp-kit.lint.jsonl/1"), (sample.diff(), "mcp-kit.diff.jsonl/1")]
    {
        let whole: Value = serde_json::from_str(&render(Format::Json, &report, layout())).unwrap();
        let text = render(Format::Jsonl, &report, layout());
        let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut head = lines.next().unwrap();
        let findings: Vec<Value> = lines.collect();
        assert_eq!(Value::from(findings.clone()), whole["findings"]);
        assert_eq!((&head["format"], &head["findings"]), (&json!(format), &json!(5)));
        // All else in the head is what the JSON report says.
        (head["format"], head["findings"]) = (whole["format"].clone(), whole["findings"].clone());
        assert_eq!(head, whole);
    }
}
