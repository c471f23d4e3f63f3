//! A test report with a suite for each server. One that could not be read is an error of the test
//! case `server`: it was not tested, which is no failure.

use std::fmt::Write;

use super::{Failed, Outcome, Set, SetServer};
use crate::engine::report::{
    escape::for_xml,
    junit::{Counts, Suite, document, line, suite},
};

pub(super) fn render(set: &Set<'_>) -> String {
    let suites: Vec<Suite> = set.servers.iter().map(of_server).collect();
    document("mcp-kit lint --all", &suites)
}

fn of_server(server: &SetServer<'_>) -> Suite {
    match &server.outcome {
        Outcome::Examined(report) => suite(report, server.name),
        Outcome::Failed(failed) => Suite {
            name: server.name.to_owned(),
            counts: Counts { tests: 1, errors: 1, ..Counts::default() },
            cases: case(server, failed),
        },
    }
}

fn case(server: &SetServer<'_>, failed: &Failed<'_>) -> String {
    let mut body = format!("at {}", line(failed.place.unwrap_or(server.place)));
    for help in failed.help.into_iter().flat_map(str::lines) {
        let _ = write!(body, "\nhelp: {}", line(help));
    }
    for said in failed.stderr {
        let _ = write!(body, "\n| {}", line(said));
    }
    format!(
        "    <testcase classname=\"mcp-kit lint\" name=\"server\">\n      \
         <error type=\"{}\" message=\"{}\">{body}</error>\n    </testcase>\n",
        for_xml(kind(failed.code)),
        line(failed.message)
    )
}

/// The exit code in a word.
fn kind(code: u8) -> &'static str {
    match code {
        2 => "configuration",
        3 => "authentication",
        4 => "unavailable",
        5 => "protocol",
        _ => "failure",
    }
}
