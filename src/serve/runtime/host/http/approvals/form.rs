//! What a form has sent (`application/x-www-form-urlencoded`).

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header};

/// The fields of a form.
pub(super) struct Form(BTreeMap<String, String>);

impl Form {
    /// The fields of a body; none where it is no form, or a field stands twice in it.
    pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return None;
        }
        let mut fields = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            if fields.insert(name.into_owned(), value.into_owned()).is_some() {
                return None;
            }
        }
        Some(Self(fields))
    }

    /// The value of a field, empty where there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::Form;

    fn read(kind: &'static str, body: &str) -> Option<Form> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        Form::read(&headers, body.as_bytes())
    }

    #[test]
    fn a_form_is_read_as_browsers_write_it() {
        let kind = "application/x-www-form-urlencoded";
        let form = read(kind, "a=x+y&b=%C3%A9%26%3D%2B%23%0D%0A&c").unwrap();
        assert_eq!((form.get("a"), form.get("b"), form.get("c")), ("x y", "é&=+#\r\n", ""));
        assert_eq!(form.get("d"), "");
        assert!(read("application/x-www-form-urlencoded; charset=UTF-8", "a=1#b").is_some());
        assert!(read(kind, "a=1&a=2").is_none(), "one field stands twice");
        assert!(read("text/plain", "a=1").is_none());
    }
}
