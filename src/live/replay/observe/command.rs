//! Effects as a command of the project counts them: it prints a whole number.

use std::{path::Path, process::Stdio, time::Duration};

use tokio::{process::Command, time::timeout};

use super::Blind;

/// How long one count may take.
const LIMIT: Duration = Duration::from_secs(30);

/// What a command prints. It is run without a shell, with nothing on its standard input.
pub(super) async fn count(words: &[String], folder: Option<&Path>) -> Result<i64, Blind> {
    let shown = words.join(" ");
    let blind = |why: String| Blind(format!("`{shown}` {why}"));
    let [program, arguments @ ..] = words else { return Err(blind("is empty".to_owned())) };
    let mut command = Command::new(program);
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    command.args(arguments).stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let output = timeout(LIMIT, command.output())
        .await
        .map_err(|_| blind(format!("has not ended within {} s", LIMIT.as_secs())))?
        .map_err(|error| blind(format!("did not start: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().next_back().unwrap_or_default();
        return Err(blind(format!("ended with {}: {last}", output.status)));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().map_err(|_| blind("has not printed a whole number alone".to_owned()))
}

#[cfg(all(test, unix))]
mod tests {
    use super::count;

    #[tokio::test]
    async fn a_command_that_prints_a_number_counts() {
        let words = |text: &str| -> Vec<String> { ["sh", "-c", text].map(str::to_owned).to_vec() };
        assert_eq!(count(&words("echo ' 7'"), None).await, Ok(7));
        for (text, why) in [
            ("echo seven", "has not printed a whole number alone"),
            ("echo no such table >&2; exit 3", "ended with exit status: 3: no such table"),
        ] {
            let blind = count(&words(text), None).await.unwrap_err();
            assert!(blind.0.contains(why), "{blind}");
        }
    }
}
