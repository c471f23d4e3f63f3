//! What each build has and what it must not have.

use std::{collections::BTreeSet, fs, process::Command};

use serde_json::Value;

use crate::program::{Program, repository};

fn metadata() -> Value {
    // Without a platform, packages would be asked for that no build here needs.
    let version = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .args(["--filter-platform", host])
        .current_dir(repository(""))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The names of the packages that a build with these features links, without build and test tools.
fn linked(features: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--edges", "normal", "--prefix", "none"])
        .args(["--no-default-features", "--features", &features.join(",")])
        .current_dir(repository(""))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

/// The features of serde_json that a build has.
fn features_of_serde_json(features: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--edges", "features,normal", "--prefix", "none"])
        .args(["--no-default-features", "--features", &features.join(",")])
        .args(["--invert", "serde_json"])
        .current_dir(repository(""))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .filter_map(|line| line.strip_prefix("serde_json feature \"")?.split('"').next())
        .map(str::to_owned)
        .collect()
}

/// Switched on anywhere, they change how numbers are handled and in which order keys come everywhere.
/// The order is Cedar's doing, and the engine puts its keys in order itself (`json::ordered`).
#[test]
fn serde_json_keeps_its_plain_maps_and_numbers() {
    let lean = features_of_serde_json(&["cli", "http"]);
    assert!(lean.contains("std"), "{lean:?}");
    assert!(!lean.contains("preserve_order"), "{lean:?}");
    for features in [lean, features_of_serde_json(&["default"])] {
        assert!(!features.contains("arbitrary_precision"), "{features:?}");
    }
}

#[test]
fn the_lean_build_has_no_server_side() {
    let packages = linked(&["cli", "http"]);
    assert!(packages.contains("reqwest"), "{packages:?}");
    for heavy in ["rmcp", "axum", "sqlx", "tantivy", "cedar-policy"] {
        assert!(!packages.contains(heavy), "{heavy} is linked");
    }
}

#[test]
fn the_library_has_neither_runtime_nor_terminal() {
    let packages = linked(&[]);
    for heavy in ["tokio", "clap", "reqwest", "rustls"] {
        assert!(!packages.contains(heavy), "{heavy} is linked");
    }
}

/// Every licence of what ships is on the list of `deny.toml`.
#[test]
fn licences_are_those_we_accept() {
    let deny = fs::read_to_string(repository("deny.toml")).unwrap();
    let list = deny.split("allow = [").nth(1).unwrap().split(']').next().unwrap();
    let accepted: BTreeSet<&str> = list.split('"').skip(1).step_by(2).collect();
    let metadata = metadata();
    let shipped = linked(&["default"]);
    let mut refused = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or("none");
        // Any side of an OR will do; all sides of an AND must.
        let is_accepted = licence.replace('/', " OR ").split(" AND ").all(|part| {
            let part = part.trim_matches(['(', ')', ' ']);
            part.split(" OR ").any(|side| accepted.contains(side.trim_matches(['(', ')', ' '])))
        });
        if shipped.contains(name) && !is_accepted {
            refused.push(format!("{name}: {licence}"));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
#[cfg(not(feature = "http"))]
fn a_build_without_http_names_the_feature() {
    let finished = Program::new().run(&["lint", "http://127.0.0.1:9/mcp"]);
    assert_eq!(finished.status, 2, "{}", finished.stderr);
    assert!(finished.stderr.contains("the feature `http`"), "{}", finished.stderr);
}

#[test]
#[cfg(feature = "http")]
fn a_build_with_http_tries_to_reach_the_address() {
    let finished = Program::new().run(&["lint", "http://127.0.0.1:9/mcp"]);
    assert_eq!(finished.status, 4, "{}", finished.stderr);
}

#[test]
#[cfg(not(feature = "serve"))]
fn a_build_without_connectors_names_the_feature() {
    for arguments in [
        &["serve", "crm", "--stdio"][..],
        &["trail", "verify"],
        &["approve", "list"],
        &["lint", "@crm"],
    ] {
        let finished = Program::new().run(arguments);
        assert_eq!(finished.status, 2, "{}", finished.stderr);
        assert!(finished.stderr.contains("the feature `serve`"), "{}", finished.stderr);
    }
}
