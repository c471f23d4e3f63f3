//! The token of a request, out of its `Authorization` header (RFC 6750 section 2.1).
//!
//! The other two places of RFC 6750, a form field and a query parameter, are not read: they end up
//! in logs.

use super::Refusal;

/// The token in the values of a request's `Authorization` headers.
///
/// # Errors
/// [`Refusal::NoToken`] where there is no such header or it has another scheme than `Bearer`, and
/// [`Refusal::BadHeader`] where there are two of them, or something that is no token.
pub fn bearer<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<&'a str, Refusal> {
    let mut values = values.into_iter();
    let Some(value) = values.next() else { return Err(Refusal::NoToken) };
    if values.next().is_some() {
        return Err(Refusal::BadHeader("is there twice"));
    }
    let value = str::from_utf8(value).map_err(|_| Refusal::BadHeader("is no text"))?;
    let (scheme, token) = value.trim().split_once(' ').unwrap_or((value.trim(), ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Refusal::NoToken);
    }
    let token = token.trim_start_matches(' ');
    if token.is_empty() {
        return Err(Refusal::BadHeader("has no token after `Bearer`"));
    }
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if !token.bytes().all(is_token) {
        return Err(Refusal::BadHeader("has a character that no token has"));
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::{Refusal, bearer};

    fn of(values: &[&'static str]) -> Result<&'static str, Refusal> {
        bearer(values.iter().map(|value| value.as_bytes()))
    }

    #[test]
    fn the_scheme_is_told_in_any_case() {
        for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c", " Bearer a.b.c "] {
            assert_eq!(of(&[value]), Ok("a.b.c"), "{value:?}");
        }
    }

    #[test]
    fn another_scheme_is_no_token() {
        for values in [&[][..], &["Basic YTpi"], &["Bearerx a"], &[""]] {
            assert_eq!(of(values), Err(Refusal::NoToken), "{values:?}");
        }
    }

    #[test]
    fn what_is_no_single_token_is_refused() {
        for values in [
            &["Bearer a.b.c", "Bearer a.b.c"][..],
            &["Bearer a.b.c", "Basic YTpi"],
            &["Bearer"],
            &["Bearer "],
            &["Bearer a b"],
            &["Bearer a, Bearer b"],
            &["Bearer a\"b"],
            &["Bearer tökén"],
        ] {
            assert!(matches!(of(values), Err(Refusal::BadHeader(_))), "{values:?}");
        }
        assert!(matches!(bearer([&b"Bearer \xff"[..]]), Err(Refusal::BadHeader(_))));
    }
}
