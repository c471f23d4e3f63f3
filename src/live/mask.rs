//! Addresses and command lines as they may be shown: without what looks like a secret.
//!
//! Reports are kept by CI, and error messages are pasted into issues. Better to hide a harmless
//! value than to show a token.

/// What stands for something hidden.
const HIDDEN: &str = "…";

/// Words in the name of a value that make it a secret.
const SECRET: [&str; 8] =
    ["token", "key", "secret", "password", "passwd", "auth", "credential", "bearer"];

/// An address without user, password and the values of its query.
pub fn address(url: &str) -> String {
    let (before, query) =
        url.split_once('?').map_or((url, None), |(url, query)| (url, Some(query)));
    let mut shown = match before.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
            format!("{scheme}://{}", &rest[host..])
        }
        None => before.to_owned(),
    };
    if let Some(query) = query {
        let parameters = query.split('&').map(|parameter| match parameter.split_once('=') {
            Some((name, _)) => format!("{name}={HIDDEN}"),
            None => HIDDEN.to_owned(),
        });
        shown.push('?');
        shown.push_str(&parameters.collect::<Vec<_>>().join("&"));
    }
    shown
}

/// A command line: addresses masked, and the value of `--token=…`, `--token …` or `API_KEY=…`
/// hidden.
pub fn command<T: AsRef<str>>(words: &[T]) -> String {
    let mut shown: Vec<String> = Vec::new();
    let mut is_value = false;
    for word in words.iter().map(AsRef::as_ref) {
        let is_flag = word.starts_with('-');
        shown.push(match word.split_once('=') {
            _ if is_value && !is_flag => HIDDEN.to_owned(),
            _ if word.contains("://") => address(word),
            Some((name, _)) if is_secret(name) => format!("{name}={HIDDEN}"),
            _ => word.to_owned(),
        });
        is_value = is_flag && !word.contains('=') && is_secret(word);
    }
    shown.join(" ")
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    SECRET.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::{address, command};

    #[test]
    fn secrets_are_hidden_in_addresses() {
        let cases = [
            ("https://user:pass@a.example/mcp", "https://a.example/mcp"),
            ("http://a.example/mcp?api_key=x&page=2", "http://a.example/mcp?api_key=…&page=…"),
            ("http://a.example:80/a@b", "http://a.example:80/a@b"),
            ("https://a.example/mcp", "https://a.example/mcp"),
        ];
        for (url, expected) in cases {
            assert_eq!(address(url), expected);
        }
    }

    #[test]
    fn secrets_are_hidden_in_command_lines() {
        let words = ["server", "--token=x", "--api-key", "y", "--port", "80", "DB_PASSWORD=z", "k"];
        let shown = "server --token=… --api-key … --port 80 DB_PASSWORD=… k";
        assert_eq!(command(&words), shown);
        assert_eq!(command(&["npx", "-y", "a", "http://u:p@b/"]), "npx -y a http://b/");
    }
}
