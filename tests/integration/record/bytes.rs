//! What goes through comes out as it was, and how things end is passed on.

use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::process::ExitStatusExt,
    process::{Command, Stdio},
    thread,
    time::Instant,
};

use super::session::{Ended, LIMIT, Session, Studio};
use crate::program::example;

/// What a command does with and without a recorder around it.
fn both(command: &[&str], input: &[u8]) -> (Ended, Ended, Studio) {
    let run = |mut session: Session| {
        let mut stdin = session.take_stdin();
        let input = input.to_vec();
        // A server that has ended does not read.
        let writer = thread::spawn(move || stdin.write_all(&input));
        let ended = session.end();
        let _ = writer.join().unwrap();
        ended
    };
    let mut direct = Command::new(command[0]);
    direct.args(&command[1..]);
    let studio = Studio::new();
    (run(Session::start(&mut direct)), run(studio.start(&[], command)), studio)
}

#[test]
fn odd_bytes_are_passed_on_as_they_are() {
    let mut odd =
        b"{\"a\":1}\r\n\n  \n\xff\xfe\x00 no \xc3\x28 text\n[1,\n2]\n\xef\xbb\xbf{}\n".to_vec();
    odd.extend((0..=255_u8).cycle().take(200_000));
    odd.extend(b"\nthe last line has no end");
    let (direct, recorded, studio) = both(&["cat"], &odd);
    assert!(direct.stdout == odd && recorded.stdout == odd);
    assert_eq!((recorded.stderr.as_str(), recorded.status.code()), ("", Some(0)));
    let tape = studio.tape();
    assert!(tape.has_end && tape.client == tape.server);
    assert_eq!(tape.client[0], "{\"a\":1}");
    assert!(tape.client[1].starts_with("\u{fffd}\u{fffd}\0 no "), "{}", tape.client[1]);
    assert_eq!(tape.client.last().unwrap(), "the last line has no end");
}

#[test]
fn servers_that_misbehave_do_so_through_the_recorder() {
    let misbehave = example("misbehave").display().to_string();
    let input = [
        r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#,
        "",
    ]
    .join("\n");
    for way in [
        "good",
        "exits-at-once",
        "dies-at-start",
        "usage-text",
        "dies-after-initialize",
        "dies-in-list",
        "echo",
        "stderr-flood",
        "chatter",
        "blank-lines",
        "no-final-newline",
        "crlf",
        "bom",
        "pretty-printed",
        "content-length-framing",
        "nan",
        "duplicate-envelope-keys",
        "thousand-tools",
    ] {
        let (direct, recorded, _studio) = both(&[&misbehave, "stdio", way], input.as_bytes());
        assert_eq!(
            String::from_utf8_lossy(&recorded.stdout),
            String::from_utf8_lossy(&direct.stdout),
            "{way}"
        );
        assert!(recorded.stdout == direct.stdout, "{way}");
        assert_eq!(recorded.stderr, direct.stderr, "{way}");
        assert_eq!(recorded.status.code(), direct.status.code(), "{way}");
        assert!(!direct.stderr.starts_with("misbehave: "), "{}", direct.stderr);
    }
}

#[test]
fn nothing_waits_for_the_end_of_a_line() {
    let studio = Studio::new();
    let mut session = studio.start(&[], &["cat"]);
    for part in ["{\"id\"", ":1", "}"] {
        session.send(part.as_bytes());
        assert_eq!(session.receive(part.len()), part.as_bytes());
    }
    session.send(b"\n");
    assert_eq!(session.end().stdout, b"\n");
    assert_eq!(studio.tape().server, ["{\"id\":1}"]);
}

#[test]
fn a_message_of_ten_megabytes_goes_through() {
    let long = format!("{{\"text\":\"{}\"}}\n", "0123456789".repeat(1_000_000));
    let (_, recorded, studio) = both(&["cat"], long.as_bytes());
    assert!(recorded.stdout == long.as_bytes());
    let tape = studio.tape();
    assert!(tape.client == [long.trim_end()] && tape.server == tape.client);
}

#[test]
fn a_server_ends_as_it_does_without() {
    for (script, code) in
        [("exit 0", 0), ("echo out; echo err >&2; exit 7", 7), ("kill -9 $$", 137)]
    {
        let (direct, recorded, studio) = both(&["sh", "-c", script], b"");
        assert_eq!(recorded.status.code(), Some(code), "{script}");
        let without = direct.status;
        assert_eq!(without.code().or(without.signal().map(|it| 128 + it)), Some(code), "{script}");
        assert_eq!(recorded.stdout, direct.stdout, "{script}");
        assert_eq!(recorded.stderr, direct.stderr, "{script}");
        let tape = studio.tape();
        assert!(tape.has_end, "{script}");
        assert_eq!(tape.events("exited").len(), 1, "{script}");
        assert!(tape.events("stderr").is_empty(), "it is kept only when that is asked for");
    }
}

#[test]
fn each_end_is_closed_when_the_other_is() {
    // The client closes: the server goes on and says so.
    let (_, recorded, _studio) = both(&["sh", "-c", "cat; echo after"], b"before\n");
    assert_eq!(recorded.stdout, b"before\nafter\n");
    // The server does not read: the client notices.
    let studio = Studio::new();
    let mut session = studio.start(&[], &["sh", "-c", "exec 0<&-; echo ready; exec sleep 60"]);
    session.receive("ready\n".len());
    let start = Instant::now();
    while session.send(b"x\n") {
        assert!(start.elapsed() < LIMIT, "nobody says that the server does not read");
    }
    session.signal("TERM", false);
    assert_eq!(session.end().status.code(), Some(128 + 15));
    // The server says nothing any more: the client reads the end while it runs.
    let studio = Studio::new();
    let mut session = studio.start(&[], &["sh", "-c", "exec 1>&-; read line; echo $line >&2"]);
    assert!(session.output_has_ended());
    session.send(b"still here\n");
    assert_eq!(session.end().stderr, "still here\n");
}

#[test]
fn signals_reach_the_server() {
    let script = "sleep 60 & child=$!; trap 'kill $child; echo got it; exit 3' TERM; \
                  echo ready; wait $child";
    let studio = Studio::new();
    let mut session = studio.start(&[], &["sh", "-c", script]);
    session.receive("ready\n".len());
    session.signal("TERM", false);
    let ended = session.end();
    assert_eq!((ended.stdout.as_slice(), ended.status.code()), (&b"got it\n"[..], Some(3)));
    assert_eq!(studio.tape().events("signal")[0]["name"], "SIGTERM");
}

#[test]
fn environment_and_folder_are_those_of_the_client() {
    let studio = Studio::new();
    let mut command = studio.command(&[], &["sh", "-c", "echo $SOME_TOKEN; pwd -P"]);
    let ended = Session::start(command.env("SOME_TOKEN", "of the client")).end();
    let folder = studio.path("").canonicalize().unwrap();
    assert_eq!(
        String::from_utf8(ended.stdout).unwrap(),
        format!("of the client\n{}\n", folder.display().to_string().trim_end_matches('/'))
    );
}

#[test]
fn what_the_server_has_said_is_delivered_after_its_end() {
    let studio = Studio::new();
    let script = "echo $$ >&2; head -c 100000 /dev/zero | tr '\\0' x; echo";
    let mut command = studio.command(&[], &["sh", "-c", script]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut client = command.spawn().unwrap();
    let mut server = String::new();
    BufReader::new(client.stderr.take().unwrap()).read_line(&mut server).unwrap();
    let start = Instant::now();
    let is_there = || {
        let mut kill = Command::new("kill");
        kill.args(["-0", server.trim()]).stderr(Stdio::null()).status().unwrap().success()
    };
    while is_there() {
        assert!(start.elapsed() < LIMIT, "the server does not end");
    }
    // Nothing was read so far: a client that takes its time.
    let mut text = String::new();
    client.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text.len(), 100_001);
    assert!(client.wait().unwrap().success());
}

#[test]
fn a_server_that_does_not_start_leaves_no_file() {
    let studio = Studio::new();
    let ended = studio.start(&[], &["/no/such/server"]).end();
    assert_eq!(ended.status.code(), Some(4));
    assert!(ended.stderr.contains("cannot start `/no/such/server`"), "{}", ended.stderr);
    assert!(!studio.path("a.jsonl").exists());
}
