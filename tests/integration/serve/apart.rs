//! Sample data, which everybody may read, and data of one's own never meet in one store.

use mcp_kit::serve::runtime::store::Statement;

use super::place::Place;
use crate::program::{Finished, Program};

const ME: &str = "tenant = \"acme\"\nsubject = \"me\"\ngroups = [\"readers\"]\nclearance = 3\n";

/// A server over stdio whose client leaves at once.
fn serve(program: &Program, options: &[&str]) -> Finished {
    program.run(&[&["serve", "crm", "--stdio"], options].concat())
}

#[test]
fn sample_data_does_not_come_to_customers_of_ones_own() {
    for place in Place::both() {
        let program = Program::new().file("me.toml", ME);
        let own = ["--identity", "me.toml", "--store", &place.store];
        let finished = serve(&program, &own);
        assert_eq!(finished.status, 0, "{}", finished.stderr);
        place.write(Statement::new(
            "INSERT INTO customer (tenant, id, display_name, sort_key, search_text, town, status, owner, email, phone, \
             credit_limit_cents, sensitivity, version, created_at, updated_at) \
             VALUES ('acme', 'c1', 'Real', 'real', 'real', 'Ghent', 'active', 'me', 'e', 'p', 0, 0, 1, 1, 1)",
        ));
        let finished = serve(&program, &["--demo", "--store", &place.store]);
        assert_eq!(finished.status, 2, "{}", finished.stderr);
        let words = "holds customers that are no sample data";
        assert!(finished.stderr.contains(words), "{}", finished.stderr);
        assert!(finished.stderr.contains("--throwaway"), "{}", finished.stderr);
        assert_eq!((place.count("customer"), place.count("demo_data")), (1, 0));
        let finished = serve(&program, &own);
        assert_eq!(finished.status, 0, "{}", finished.stderr);
    }
}

#[test]
fn sample_data_is_not_served_as_ones_own() {
    for place in Place::both() {
        let program = Program::new().file("me.toml", ME).file("keys.json", r#"{"keys": []}"#);
        for _ in 0..2 {
            let finished = serve(&program, &["--demo", "--store", &place.store]);
            assert_eq!(finished.status, 0, "{}", finished.stderr);
        }
        assert_eq!(place.count("customer"), 1_000);
        let issuer = ["--issuer", "https://id.example.com", "--jwks", "keys.json"];
        let resource = ["--resource", "http://127.0.0.1/mcp", "--http", "127.0.0.1:0"];
        let tokens = [&["serve", "crm", "--store", &place.store], &issuer[..], &resource].concat();
        for finished in [
            serve(&program, &["--identity", "me.toml", "--store", &place.store]),
            program.run(&tokens),
        ] {
            assert_eq!(finished.status, 2, "{}", finished.stderr);
            assert!(finished.stderr.contains("holds the sample data"), "{}", finished.stderr);
            assert!(finished.stderr.contains("name another store"), "{}", finished.stderr);
        }
    }
}

#[test]
fn both_have_a_usual_folder() {
    let program = Program::new().file("me.toml", ME);
    assert_eq!(serve(&program, &[]).status, 0);
    let finished = serve(&program, &["--identity", "me.toml"]);
    assert_eq!(finished.status, 0, "{}", finished.stderr);
    let usual = program.path(".local/share/mcp-kit");
    for (folder, customers) in [("crm", 0), ("crm-demo", 1_000)] {
        let folder = usual.join(folder);
        assert_eq!(Place::at(&folder).count("customer"), customers, "{}", folder.display());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = folder.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o700, "{}", folder.display());
        }
    }
}
