//! Values of the formats of the validation vocabulary (JSON Schema 2020-12, Validation §7.3).

/// A value of a format; none where the format is not one of the vocabulary.
pub fn sample(format: &str) -> Option<&'static str> {
    Some(match format {
        "date-time" => "2026-01-31T09:30:00Z",
        "date" => "2026-01-31",
        "time" => "09:30:00Z",
        "duration" => "P1D",
        "email" | "idn-email" => "person@example.com",
        "hostname" | "idn-hostname" => "www.example.com",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "uri" | "uri-reference" | "iri" | "iri-reference" => "https://example.com/",
        "uri-template" => "https://example.com/{id}",
        "uuid" => "123e4567-e89b-42d3-a456-426614174000",
        "json-pointer" => "/example",
        "relative-json-pointer" => "0/example",
        "regex" => "^example$",
        _ => return None,
    })
}
