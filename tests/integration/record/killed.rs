//! Recorders that are killed, tapes that are killed, disks that are full.

use std::{fs, io::Write, process::Command, thread, time::Instant};

use super::session::{LIMIT, Session, Studio};

/// Numbers that look random and are the same in every run (Knuth's MMIX generator).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn message(number: usize, padding: usize) -> String {
    format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":{number},\"method\":\"m\",\"params\":{{\"p\":\"{}\"}}}}\n",
        "x".repeat(padding)
    )
}

#[test]
fn what_a_client_has_seen_is_in_the_file_when_the_recorder_is_killed() {
    let mut dice = Dice(7);
    for round in 0..100 {
        let studio = Studio::new();
        let mut session = studio.start(&[], &["cat"]);
        let paddings: Vec<usize> = (0..60).map(|_| dice.roll(4_000) as usize).collect();
        let messages: Vec<String> = paddings
            .iter()
            .enumerate()
            .map(|(number, padding)| message(number, *padding))
            .collect();
        let all = messages.concat();
        let mut stdin = session.take_stdin();
        let input = all.clone();
        let writer = thread::spawn(move || stdin.write_all(input.as_bytes()));
        // Up to a point anywhere in the traffic, in the middle of a message mostly.
        let point = dice.roll(all.len() as u64) as usize;
        let mut seen = session.receive(point);
        let is_group = dice.roll(2) == 0;
        if is_group {
            session.signal("KILL", true);
        } else {
            session.kill();
        }
        let ended = session.end();
        let _ = writer.join().unwrap();
        seen.extend(ended.stdout);
        assert!(all.as_bytes().starts_with(&seen), "round {round}");
        let whole = seen.iter().filter(|byte| **byte == b'\n').count();
        let tape = studio.tape();
        assert!(tape.server.len() >= whole, "round {round}: {} < {whole}", tape.server.len());
        for (number, expected) in messages[..whole].iter().enumerate() {
            assert_eq!(tape.server[number], expected.trim_end(), "round {round}");
            assert_eq!(tape.client[number], expected.trim_end(), "round {round}");
        }
    }
}

/// The tape of a recorder: its child that is called so.
#[cfg(target_os = "linux")]
fn tape_of(recorder: u32) -> u32 {
    let start = Instant::now();
    loop {
        for entry in fs::read_dir("/proc").unwrap().map(Result::unwrap) {
            let read = |name| fs::read_to_string(entry.path().join(name)).unwrap_or_default();
            let stat = read("stat");
            let parent = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1));
            if parent == Some(&recorder.to_string()) && read("cmdline").contains("record-tape") {
                return entry.file_name().to_str().unwrap().parse().unwrap();
            }
        }
        assert!(start.elapsed() < LIMIT, "no tape");
        thread::yield_now();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_client_goes_on_without_its_tape() {
    let studio = Studio::new();
    let mut session = studio.start(&[], &["sh", "-c", "cat; exit 5"]);
    session.send(b"{\"n\":1}\n");
    session.receive(8);
    let tape = tape_of(session.id()).to_string();
    assert!(Command::new("kill").args(["-9", &tape]).status().unwrap().success());
    // Until the pipe is known to be broken, and beyond.
    for number in 0..100 {
        let text = message(number, 10_000);
        session.send(text.as_bytes());
        assert_eq!(session.receive(text.len()), text.as_bytes());
    }
    let ended = session.end();
    assert_eq!(ended.status.code(), Some(5));
    assert_eq!(
        ended.stderr.matches("the recording has ended early").count(),
        1,
        "{}",
        ended.stderr
    );
}

#[test]
fn a_full_disk_ends_the_recording_and_nothing_else() {
    let studio = Studio::new();
    let record = studio.command(&[], &["cat"]);
    // Blocks of 512 bytes, or of 1024: some tens of kilobytes.
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -f 40; exec \"$0\" \"$@\""]).arg(record.get_program());
    limited.args(record.get_args());
    let mut session = Session::start(&mut limited);
    for number in 0..200 {
        let text = message(number, 1_000);
        session.send(text.as_bytes());
        assert_eq!(session.receive(text.len()), text.as_bytes());
    }
    let ended = session.end();
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("a.jsonl has ended early: "), "{}", ended.stderr);
    let tape = studio.tape();
    assert!(tape.server.len() > 5 && tape.server.len() < 200 && !tape.has_end);
    assert!(tape.text.ends_with("}\n"));
}
