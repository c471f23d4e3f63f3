//! Addresses that carry a password: `postgres://user:password@host`.

/// Whether a text holds an address with what looks like a live password.
pub(super) fn holds_password(text: &str) -> bool {
    // Most have no address, which `contains` sees before a search is prepared.
    text.contains("://")
        && text.match_indices("://").any(|(start, mark)| {
            let rest = &text[start + mark.len()..];
            let is_end = |character: char| {
                character.is_whitespace() || matches!(character, '/' | '?' | '"' | '\'' | '`')
            };
            let authority = &rest[..rest.find(is_end).unwrap_or(rest.len())];
            let Some((sign_in, host)) = authority.rsplit_once('@') else { return false };
            let Some((user, password)) = sign_in.split_once(':') else { return false };
            let is_here =
                ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| host.starts_with(name));
            !host.is_empty() && !is_here && user != password && is_live(password)
        })
}

/// Letters and digits together, and no sign of a placeholder.
fn is_live(password: &str) -> bool {
    const SHORTEST: usize = 8;
    let lower = password.to_ascii_lowercase();
    let is_placeholder = lower.contains(['<', '>', '{', '}', '$', '*', '%', '[', ']', '…'])
        || ["password", "pwd", "your", "xxx", "1234", "example", "token", "redacted", "change"]
            .iter()
            .any(|sign| lower.contains(sign))
        // "secret" alone stands for one, "maple22secret" is one.
        || ["pass", "secret", "the", "my"].iter().any(|sign| lower.starts_with(sign))
        || lower.trim_end_matches(|it: char| it.is_ascii_digit()).ends_with("pass");
    password.len() >= SHORTEST
        && !is_placeholder
        && password.bytes().any(|byte| byte.is_ascii_digit())
        && password.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::holds_password;

    #[test]
    fn a_live_password_is_told_from_a_placeholder() {
        let live = ["postgres://skipper:", "vR7-qLm2Zt9x", "@db.harbour.test:5432/catch"].concat();
        assert!(holds_password(&live));
        let with_word = ["postgres://skipper:", "maple22secret", "@db.harbour.test:5432/catch"];
        assert!(holds_password(&with_word.concat()));
        for text in [
            "postgres://user:password@host/db",
            "postgres://user:secret42value@host/db",
            "postgres://user:dbpass12@host/db",
            "mysql://root:root@localhost:3306",
            "redis://:${REDIS_PASSWORD}@cache:6379",
            "https://user:<token1234>@git.test/a.git",
            "https://example.test/a:b1c2d3e4f5/@scope",
            "amqp://guest:vR7qLm2Zt9x@localhost",
            "scheme://host:8080, mail a1b2c3d4@mail.test",
        ] {
            assert!(!holds_password(text), "{text}");
        }
    }
}
