//! Imports go one way, as drawn in `ARCHITECTURE.md`, and the core stays pure.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use crate::program::repository;

/// Which module may import which. A new edge is a design decision: change the table here and in
/// `ARCHITECTURE.md` in the same commit, and say why there.
const TABLE: &[(&str, &str, &[&str])] = &[
    ("protocol", "src/engine/protocol", &[]),
    ("schema", "src/engine/schema", &["protocol"]),
    ("finding", "src/engine/finding", &["protocol"]),
    ("surface", "src/engine/surface", &["protocol", "schema", "finding"]),
    ("contract", "src/engine/contract", &["protocol", "schema", "surface"]),
    ("semantics", "src/engine/semantics", &["protocol", "schema", "surface"]),
    ("cassette", "src/engine/cassette", &["protocol", "finding"]),
    ("usage", "src/engine/usage", &["protocol", "schema", "surface", "semantics", "cassette"]),
    (
        "diff",
        "src/engine/diff",
        &["protocol", "schema", "finding", "surface", "contract", "semantics"],
    ),
    (
        "rule",
        "src/engine/rule",
        &["protocol", "schema", "finding", "surface", "contract", "semantics", "usage", "diff"],
    ),
    ("config", "src/engine/config", &["protocol", "finding", "rule"]),
    (
        "report",
        "src/engine/report",
        &["protocol", "schema", "finding", "surface", "semantics", "usage", "diff", "rule"],
    ),
    ("transport", "src/live/transport", &["protocol"]),
    ("session", "src/live/session", &["protocol", "finding", "surface", "contract", "transport"]),
    (
        "probe",
        "src/live/probe",
        &["protocol", "schema", "finding", "surface", "semantics", "session"],
    ),
    ("record", "src/live/record", &["protocol", "cassette", "transport", "session"]),
    (
        "replay",
        "src/live/replay",
        &[
            "protocol", "schema", "finding", "surface", "semantics", "cassette", "transport",
            "session",
        ],
    ),
    (
        "cli",
        "src/cli",
        &[
            "protocol", "schema", "finding", "surface", "contract", "semantics", "cassette",
            "usage", "diff", "rule", "config", "report", "transport", "session", "probe", "record",
            "replay", "runtime", "connector", "sandbox",
        ],
    ),
    ("runtime", "src/serve/runtime", &[]),
    ("connector", "src/serve/connector", &["runtime"]),
    ("sandbox", "src/serve/sandbox", &["runtime"]),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The modules of the table that a source names: by `crate::engine::NAME`, `crate::live::NAME`,
/// `crate::cli`, in a group of a `use`, or over `super` out of its own module.
fn imports(path: &Path, module_folder: &Path, text: &str) -> BTreeSet<String> {
    let names: Vec<&str> = TABLE.iter().map(|(name, _, _)| *name).collect();
    let mut found = BTreeSet::new();
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join(" ");
    let flat: String = code.split_whitespace().collect::<Vec<_>>().join("");
    for wing in ["engine", "live", "serve"] {
        for start in
            flat.match_indices(&format!("{wing}::")).map(|(index, found)| index + found.len())
        {
            found.extend(
                heads(&flat[start..]).into_iter().filter(|head| names.contains(&head.as_str())),
            );
        }
    }
    if flat.contains("crate::cli") {
        found.insert("cli".to_owned());
    }
    // `super::super::x` from a file two levels inside a module leads out of it.
    let depth = path.strip_prefix(module_folder).unwrap().components().count();
    let is_mod = path.file_name().is_some_and(|name| name == "mod.rs");
    let out = "super::".repeat(if is_mod { depth } else { depth + 1 });
    for start in flat.match_indices(&out).map(|(index, found)| index + found.len()) {
        let is_exact = !flat[..start - out.len()].ends_with("super::");
        if is_exact {
            found.extend(
                heads(&flat[start..]).into_iter().filter(|head| names.contains(&head.as_str())),
            );
        }
    }
    found
}

/// The first names of a path or of a braced group: `a::b` gives a, `{a::{b,c},d}` gives a and d.
fn heads(text: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.chars()
            .take_while(|character| character.is_alphanumeric() || *character == '_')
            .collect()
    };
    let Some(group) = text.strip_prefix('{') else { return vec![word(text)] };
    let (mut heads, mut depth, mut is_start) = (Vec::new(), 0, true);
    for (index, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => is_start = true,
            _ if depth == 0 && is_start => {
                heads.push(word(&group[index..]));
                is_start = false;
            }
            _ => {}
        }
    }
    heads
}

#[test]
fn imports_follow_the_table() {
    let mut new_edges = Vec::new();
    for (module, folder, allowed) in TABLE {
        let folder = repository(folder);
        for path in sources(&folder) {
            let text = fs::read_to_string(&path).unwrap();
            for import in imports(&path, &folder, &text) {
                if import != *module && !allowed.contains(&import.as_str()) {
                    new_edges.push(format!("{module} → {import} in {}", path.display()));
                }
            }
        }
    }
    assert!(
        new_edges.is_empty(),
        "new edges; a new edge is a design decision, see TABLE in this test:\n{}",
        new_edges.join("\n")
    );
}

#[test]
fn every_module_is_in_the_table() {
    let listed: BTreeSet<String> =
        TABLE.iter().map(|(_, folder, _)| (*folder).to_owned()).collect();
    let mut found = BTreeSet::from(["src/cli".to_owned()]);
    for wing in ["src/engine", "src/live", "src/serve"] {
        for entry in fs::read_dir(repository(wing)).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                found.insert(format!("{wing}/{}", entry.file_name().to_str().unwrap()));
            }
        }
    }
    assert_eq!(listed, found);
}

#[test]
fn the_architecture_page_shows_the_same_table() {
    let page = fs::read_to_string(repository("ARCHITECTURE.md")).unwrap();
    let mut rows = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let mut cells = line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', ""));
        let (Some(module), Some(imports)) = (cells.next(), cells.next()) else { continue };
        rows.insert(module, imports);
    }
    for (module, _, allowed) in TABLE {
        let expected = match (*module, allowed.is_empty()) {
            ("cli", _) => "everything; nobody imports cli".to_owned(),
            (_, true) => "—".to_owned(),
            _ => allowed.join(", "),
        };
        assert_eq!(rows.get(*module), Some(&expected), "the row of {module} in ARCHITECTURE.md");
    }
}

#[test]
fn the_engine_is_pure() {
    let banned = [
        "std::fs", "std::env", "std::net", "std::process", "std::thread", "std::io", "tokio",
        "SystemTime", "Instant::now", "println!", "eprintln!", "print!(",
    ];
    let mut found = Vec::new();
    // Tests may look at the files of the repository.
    let is_test = |path: &PathBuf| {
        path.ends_with("tests.rs")
            || path.ends_with("planted.rs")
            || path.components().any(|part| part.as_os_str() == "tests")
    };
    for path in sources(&repository("src/engine")).into_iter().filter(|path| !is_test(path)) {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let lines = code.lines().enumerate();
        for (index, line) in lines.filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for word in banned.iter().filter(|word| line.contains(**word)) {
                found.push(format!("{word} in {}:{}", path.display(), index + 1));
            }
        }
    }
    assert!(found.is_empty(), "the engine takes values and returns values:\n{}", found.join("\n"));
}

/// The runtime is the root of a crate of its own in generated projects: in there nothing can say
/// where it lies in this package, or what the package is called. Names that go over the wire are public
/// and the same everywhere.
#[test]
fn the_runtime_does_not_know_the_package_around_it() {
    let banned = ["crate::", "mcp_kit", "mcp-kit", "env!(", "migrate!("];
    let mut found = Vec::new();
    for path in sources(&repository("src/serve/runtime")) {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().enumerate();
        for (index, line) in lines.filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let line = line.replace("\"dev.mcp-kit/", "").replace("\"mcp-kit.approvals/", "");
            for word in banned.iter().filter(|word| line.contains(**word)) {
                found.push(format!("{word} in {}:{}", path.display(), index + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_source_file_hides_a_second_module() {
    let long: Vec<String> = sources(&repository("src"))
        .into_iter()
        .filter(|path| path.file_name().is_none_or(|name| name != "class_table.rs"))
        .filter_map(|path| {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            (lines > 600).then(|| format!("{}: {lines} lines", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}
