//! `mcp-kit trail`, as somebody uses it who looks after a server.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::json;

use super::{client::Client, place::Place, server::Server};
use crate::program::{Finished, Program};

fn trail(action: &str, place: &Place, options: &[&str]) -> Finished {
    let words = ["trail", action, "--store", &place.store];
    Program::new().run(&[&words, options].concat())
}

/// A place with a trail of one tenant.
fn used(place: &Place) {
    let server = Server::demo(place, &[]);
    Client::modern(server.address, None).call("search_customers", json!({"limit": 1})).data();
    let (status, log) = server.stop();
    assert!(status.success(), "{log}");
}

#[test]
fn a_tenant_that_has_no_record_is_unknown() {
    for place in Place::both() {
        drop(Server::demo(&place, &[]));
        for action in ["verify", "show"] {
            let finished = trail(action, &place, &["--tenant", "acme"]);
            assert_eq!(finished.status, 0, "nobody has called yet: {}", finished.stderr);
            assert_eq!(finished.stdout, "");
        }
        used(&place);
        for action in ["verify", "show"] {
            let finished = trail(action, &place, &["--tenant", "acmee"]);
            assert_eq!(finished.status, 2, "{}", finished.stdout);
            assert!(finished.stderr.contains("no tenant `acmee`"), "{}", finished.stderr);
            assert!(finished.stderr.contains("there are acme"), "{}", finished.stderr);
        }
        let finished = trail("verify", &place, &["--tenant", "acme"]);
        assert!(finished.stdout.starts_with("acme: 1 records, unbroken, "), "{}", finished.stdout);
        assert_eq!(trail("show", &place, &["--tenant", "acme"]).stdout.lines().count(), 1);
    }
}

#[test]
fn where_there_is_no_store_none_is_made() {
    let program = Program::new().file("empty/readme.txt", "");
    for action in ["verify", "show"] {
        for (store, words) in [("empty", "it has no file store.sqlite"), ("none", "no such folder")]
        {
            let finished = program.run(&["trail", action, "--store", store]);
            assert_eq!(finished.status, 2, "{}", finished.stdout);
            assert!(finished.stderr.contains(words), "{}", finished.stderr);
        }
        let place = Place::postgres();
        let finished = trail(action, &place, &[]);
        assert_eq!(finished.status, 2, "{}", finished.stdout);
        assert!(finished.stderr.contains("there is no trail in postgres"), "{}", finished.stderr);
    }
    assert_eq!(fs::read_dir(program.path("empty")).unwrap().count(), 1);
    assert!(!program.path("none").exists());
}

#[test]
fn the_sample_data_has_a_trail_of_its_own() {
    let program = Program::new();
    assert_eq!(program.run(&["serve", "crm", "--stdio"]).status, 0);
    let finished = program.run(&["trail", "verify", "--demo"]);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    let finished = program.run(&["trail", "verify"]);
    assert_eq!(finished.status, 2, "{}", finished.stdout);
    assert!(finished.stderr.contains("--demo"), "{}", finished.stderr);
}

/// An auditor need not be able to write what is audited, and leaves no trace.
#[test]
fn who_can_only_read_can_verify() {
    let place = Place::sqlite();
    used(&place);
    let before = content(Path::new(&place.store));
    assert_eq!(before.len(), 2, "the database and the key of the sample issuer");
    let finished = trail("verify", &place, &[]);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    assert_eq!(content(Path::new(&place.store)), before);
    #[cfg(unix)]
    {
        let finished = as_other_user(&place);
        assert!(finished.contains("acme: 1 records, unbroken"), "{finished}");
        assert_eq!(content(Path::new(&place.store)), before);
    }
}

/// Verifies as somebody who may read the store and not write it.
#[cfg(unix)]
fn as_other_user(place: &Place) -> String {
    use std::os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    };

    let permit = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let folder = Path::new(&place.store);
    permit(&folder.join("store.sqlite"), 0o444);
    permit(folder, 0o555);
    permit(place.home(), 0o755);
    // The program, where that user can reach it.
    let program = place.home().join("mcp-kit");
    fs::copy(env!("CARGO_BIN_EXE_mcp-kit"), &program).unwrap();
    let mut command = std::process::Command::new(&program);
    command.args(["trail", "verify", "--store", &place.store]).env_clear().env("HOME", "/");
    command.current_dir("/");
    // Root may write everything.
    if folder.metadata().unwrap().uid() == 0 {
        command.uid(65_534);
    }
    let output = command.output().unwrap();
    permit(folder, 0o755);
    permit(&folder.join("store.sqlite"), 0o600);
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// Every file of a folder with its bytes.
fn content(folder: &Path) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}
