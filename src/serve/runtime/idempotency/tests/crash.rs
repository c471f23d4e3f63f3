//! A process that dies at a point of a change, and another one that is asked again: with the ledger,
//! and with ledgers that are wrong, so that this test is one that can fail.
//!
//! The process is this very test program, started once more to be [`a_child_of_the_tests`]. It makes
//! one change, stops at a point, and is killed there; nothing of it is left but the store.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, mpsc},
    time::Duration,
};

use serde_json::Value;

use super::{
    super::super::{
        points::{Point, Points},
        store::{
            open,
            trial::{Trial, on_both},
        },
    },
    naive::Memory,
    race::{Ledger, effects, numbered, ready},
};

on_both!(
    wherever_a_process_dies_a_change_is_made_once,
    a_ledger_that_looks_before_it_acts_changes_twice_after_a_crash,
    a_ledger_in_memory_changes_twice_after_a_crash,
);

/// Tells the child what to do: the ledger, the point, and where the store is.
const ORDER: &str = "MCP_KIT_CRASH_TEST";
/// How a line of the child begins that is for us; the test program writes others.
const REACHED: &str = "crash test: reached";
const ANSWERED: &str = "crash test: answered ";
/// Longer than a child may take.
const LIMIT: Duration = Duration::from_secs(60);

/// The points at which a process that died has led to anything else than one effect and one answer.
async fn crash(trial: &Trial, ledger: Ledger) -> Vec<Point> {
    let store = ready(trial).await;
    let mut failed = Vec::new();
    for (index, point) in Point::ALL.into_iter().enumerate() {
        let key = format!("{index}");
        let first = Process::start(trial, ledger, &key, Some(point)).killed();
        let second = Process::start(trial, ledger, &key, None).answered();
        let third = Process::start(trial, ledger, &key, None).answered();
        let is_one_answer = second == third && first.is_none_or(|first| first == second);
        if !is_one_answer || effects(&*store, &numbered(index).key).await != 1 {
            failed.push(point);
        }
    }
    failed
}

async fn wherever_a_process_dies_a_change_is_made_once(trial: &Trial) {
    assert_eq!(crash(trial, Ledger::Ours).await, []);
}

/// Between its two transactions the change is made, and nobody knows of it.
async fn a_ledger_that_looks_before_it_acts_changes_twice_after_a_crash(trial: &Trial) {
    assert_eq!(crash(trial, Ledger::LookThenAct).await, [Point::AfterCommit]);
}

/// Whoever asks again asks a process that knows of nothing, at whatever point the other one has died.
async fn a_ledger_in_memory_changes_twice_after_a_crash(trial: &Trial) {
    assert_eq!(crash(trial, Ledger::Memory).await, Point::ALL);
}

/// One process with one change.
struct Process {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Process {
    fn start(trial: &Trial, ledger: Ledger, key: &str, point: Option<Point>) -> Self {
        // As the test is called from wherever its module is: without the name of the package.
        let (_, module) = module_path!().split_once("::").expect("a module of a package");
        let point = point.map_or("none", Point::name);
        let order = format!("{ledger:?} {point} {key} {}", trial.address());
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([&format!("{module}::a_child_of_the_tests"), "--exact", "--nocapture"])
            .arg("--include-ignored")
            .env(ORDER, order)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let (sender, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let _nobody_waits = sender.send(line);
            }
        });
        Self { child, lines }
    }

    /// Kills it when it is at its point. What it has answered before, if it has.
    fn killed(self) -> Option<Value> {
        let mut answer = None;
        loop {
            match self.lines.recv_timeout(LIMIT) {
                Ok(line) if line.contains(REACHED) => return answer,
                Ok(line) => answer = answer.or_else(|| answer_in(&line)),
                Err(fault) => panic!("the child does not come to its point: {fault}"),
            }
        }
    }

    fn answered(self) -> Value {
        loop {
            match self.lines.recv_timeout(LIMIT) {
                Ok(line) => {
                    if let Some(answer) = answer_in(&line) {
                        return answer;
                    }
                }
                Err(fault) => panic!("the child does not answer: {fault}"),
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

fn answer_in(line: &str) -> Option<Value> {
    let (_, answer) = line.split_once(ANSWERED)?;
    Some(serde_json::from_str(answer).expect("an answer"))
}

/// Not a test by itself: what a process of the tests above does.
#[tokio::test]
#[ignore = "the tests of crashes start it"]
async fn a_child_of_the_tests() {
    let Ok(order) = std::env::var(ORDER) else { return };
    let mut words = order.splitn(4, ' ');
    let [ledger, point, key, place] = [(); 4].map(|()| words.next().expect("four words"));
    let ledger = Ledger::ALL.into_iter().find(|known| format!("{known:?}") == ledger).unwrap();
    let point = Point::named(point);
    let points = Points::watched_by(Arc::new(move |reached, _| {
        if Some(reached) == point {
            say(REACHED);
            // Until it is killed.
            loop {
                std::thread::park();
            }
        }
    }));
    let store = open(&place.parse().unwrap()).await.unwrap();
    let request = numbered(key.parse().unwrap());
    let memory = Arc::new(Memory::default());
    let answer = loop {
        match ledger.change(&store, &memory, &request, &points).await {
            Err(fault) if fault.is_transient() => {}
            other => break other.unwrap(),
        }
    };
    say(&format!("{ANSWERED}{answer}"));
    points.reach(Point::AfterAnswer, "change");
}

/// Writes past the capture of the test program, a line at a time.
fn say(line: &str) {
    use std::io::Write;

    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush()).expect("somebody reads");
}
