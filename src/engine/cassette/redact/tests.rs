use std::borrow::Cow;

use serde_json::{Value, json};

use super::{Redactor, body, is_placeholder};
use crate::engine::cassette::{Body, Http, Message, Party};

/// Secrets, in two pieces so that nobody's scanner takes this file for a leak.
fn secret(kind: &str) -> String {
    match kind {
        "github" => ["ghp_", "q7Zr2LmX9vTb4KfWc3Hd8Ys1PnG6uJe5RoAi"].concat(),
        "pat" => ["github_pat_", "11ABCDEFG0q7Zr2LmX9vTb_4KfWc3Hd8Ys1PnG6uJe5RoAi"].concat(),
        "live" => ["sk-", "live-8Ys1PnG6uJe5RoAi"].concat(),
        "openai" => ["sk-", "q7Zr2LmX9vTb4KfWc3Hd8Ys1"].concat(),
        "anthropic" => ["sk-ant-", "api03-q7Zr2LmX9vTb4KfWc3Hd"].concat(),
        "slack" => ["xoxb-", "2345678901-q7Zr2LmX9vTb4KfW"].concat(),
        "aws" => ["AKIA", "Q7ZR2LMX9VTB4KFW"].concat(),
        "google" => ["AIza", "SyQ7Zr2LmX9vTb4KfWc3Hd8Ys1PnG6uJe5R"].concat(),
        "gitlab" => ["glpat-", "q7Zr2LmX9vTb4KfWc3Hd"].concat(),
        "stripe" => ["sk_live_", "q7Zr2LmX9vTb4KfWc3Hd8Ys1"].concat(),
        "jwt" => {
            ["eyJ", "hbGciOiJIUzI1NiJ9.eyJzdWIiOiI5MDIyIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQs"]
                .concat()
        }
        "pem" => format!(
            "-----BEGIN {0} KEY-----\n{1}\n{1}\n-----END {0} KEY-----\n",
            "PRIVATE", "MIIEvQIBADANBgkqhkiG9w0BAQEFq7Zr2LmX9vTb4KfWc3Hd8Ys1PnG6uJe5RoAi"
        ),
        other => panic!("no secret {other}"),
    }
}

const KINDS: [&str; 12] = [
    "github", "pat", "live", "openai", "anthropic", "slack", "aws", "google", "gitlab", "stripe",
    "jwt", "pem",
];

/// The part of a secret that must not be seen.
fn core(secret: &str) -> &str {
    let body = secret.strip_prefix("-----BEGIN PRIVATE KEY-----\n").unwrap_or(secret);
    body.lines().next().unwrap()
}

fn redactor() -> Redactor {
    Redactor::new([7; 32])
}

fn redacted(message: &Value) -> String {
    redactor().json(&message.to_string()).into_owned()
}

fn call(arguments: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "run", "arguments": arguments}})
}

fn result(result: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "result": result})
}

fn text_result(text: &str) -> Value {
    result(&json!({"content": [{"type": "text", "text": text}]}))
}

/// The text is not changed by a single byte.
fn kept(text: &str) {
    let mut redactor = redactor();
    assert_eq!(redactor.json(text), text);
    assert!(matches!(redactor.json(text), Cow::Borrowed(_)), "{text}");
}

#[test]
fn known_shapes_are_found_wherever_they_stand() {
    for kind in KINDS {
        let secret = secret(kind);
        let nested = json!({"a": [json!({"note": format!("see {secret}")}).to_string()]});
        let messages = [
            call(&json!({"sku": secret})),
            call(&json!({"deep": [{"er": [format!("use {secret}, please")]}]})),
            call(&json!({"json": json!({"in": {"text": secret}}).to_string()})),
            call(&json!({"json": nested.to_string()})),
            call(&json!({"keys": {&secret: 1}})),
            text_result(&format!("done with {secret}.")),
            result(&json!({"structuredContent": {"rows": [{"v": secret}]}, "content": []})),
            result(&json!({"contents": [{"uri": "file:///a", "text": format!("X={secret}\n")}]})),
            json!({"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": format!("bad {secret}"),
                "data": {"sent": secret}}}),
            json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info",
                "data": format!("connecting with {secret}")}}),
            json!({"jsonrpc": "2.0", "id": 3, "result": {"action": "accept",
                "content": {"answer": secret}}}),
            json!({"jsonrpc": "2.0", "id": 4, "method": "sampling/createMessage", "params": {"messages":
                [{"role": "user", "content": {"type": "text", "text": format!("it is {secret}")}}]}}),
            json!({"jsonrpc": "2.0", "method": "m", "params": {"_meta": {"my.org/note": secret}}}),
            json!({"access": secret}),
        ];
        for message in messages {
            let text = redacted(&message);
            assert!(!text.contains(core(&secret)), "{kind}: {text}");
            assert!(text.contains("«redacted:"), "{kind}: {text}");
            serde_json::from_str::<Value>(&text).unwrap();
        }
        let line = redactor().text(&format!("panic: key {secret} refused")).into_owned();
        assert!(!line.contains(core(&secret)), "{line}");
    }
}

#[test]
fn names_tell_secrets_in_values_of_arguments_and_results() {
    let value = "correct horse battery";
    let in_text = json!({"password": value}).to_string();
    for message in [
        call(&json!({"password": value})),
        call(&json!({"login": {"newPassword": value}})),
        call(&json!({"credentials": {"user": "ann", "answer": [value]}})),
        call(&json!({"env": [{"name": "DB_PASSWORD", "value": value}]})),
        call(&json!({"headers": {"X-Api-Key": value}})),
        call(&json!({"args": ["--verbose", "--token", value]})),
        call(&json!({"body": in_text})),
        call(&json!({"body": json!({"body": in_text}).to_string()})),
        result(&json!({"structuredContent": {"access_token": value}, "content": []})),
        text_result(&in_text),
        json!({"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": "m", "data": {"secret": value}}}),
        json!({"jsonrpc": "2.0", "id": 1, "result": {"action": "accept", "content": {"api_key": value}}}),
        json!({"jsonrpc": "2.0", "method": "m", "params": {"_meta": {"my.org/apiKey": value}}}),
        json!({"access_token": value, "token_type": "Bearer"}),
    ] {
        let text = redacted(&message);
        assert!(!text.contains(value) && text.contains("«redacted:secret:"), "{text}");
        serde_json::from_str::<Value>(&text).unwrap();
    }
    // Of a sign-in the name stays, and the scheme.
    let text = redacted(&call(&json!({"credentials": {"username": "ann", "pin": 4711}})));
    assert!(text.contains("ann") && !text.contains("4711"), "{text}");
    serde_json::from_str::<Value>(&text).unwrap();
    let text = redacted(&call(&json!({"authorization": "Bearer abcdefgh"})));
    assert!(text.contains("\"Bearer «redacted:secret:"), "{text}");
}

#[test]
fn a_number_in_json_in_text_stays_json() {
    let inner = json!({"list": [{"pin": 4711, "amount": 12}]}).to_string();
    let text = redacted(&call(&json!({"body": json!({"inner": inner}).to_string()})));
    assert!(!text.contains("4711"));
    let outer: Value = serde_json::from_str(&text).unwrap();
    let body = outer["params"]["arguments"]["body"].as_str().unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    let inner: Value = serde_json::from_str(body["inner"].as_str().unwrap()).unwrap();
    assert!(is_placeholder(inner["list"][0]["pin"].as_str().unwrap()), "{inner}");
    assert_eq!(inner["list"][0]["amount"], 12);
}

#[test]
fn text_tells_secrets_by_what_they_are_assigned_to() {
    let value = "n0t4W0rd";
    for (text, shown) in [
        (format!("DB_PASSWORD={value}"), "DB_PASSWORD="),
        (format!("export API_KEY='{value}' && run"), "' && run"),
        (format!("password: {value}"), "password: "),
        (format!("**Password:** {value}"), "**Password:** "),
        (format!("{{'token': '{value}', 'n': 1}}"), "'n': 1"),
        (format!("{{\"token\": \"{value}\", \"n\": 1"), "\"n\": 1"),
        (format!("a: \"{{\\\"token\\\": \\\"{value}\\\"}}\""), "a: "),
        (format!("<password>{value}</password>"), "</password>"),
        (format!("mysql --password {value} -h db"), "-h db"),
        (format!("curl -H 'Authorization: Bearer {value}x1'"), "Bearer "),
        (format!("https://ann:{value}@host.test/path"), "@host.test/path"),
        (format!("https://host.test/cb?code={value}&state=1"), "&state=1"),
        (format!("https://host.test/f?expires=1&signature={value}&x=1"), "?expires=1&signature="),
        (format!("/f?X-Amz-Signature={value}"), "/f?X-Amz-Signature="),
        (format!("Server=db;User Id=ann;Password={value};Encrypt=true"), ";Encrypt=true"),
        (format!("first\npassword={value}\nlast"), "\nlast"),
    ] {
        let text = redactor().text(&text).into_owned();
        assert!(!text.contains(value) && text.contains(shown), "{text}");
        let quoted = redacted(&text_result(&text));
        assert!(!quoted.contains(value), "{quoted}");
    }
    // A random word near a telling one.
    let drawn = "8f3a91c2d47be650aa17";
    for text in
        [format!("Your API key is {drawn}. Keep it."), format!("the secret\n\n    {drawn}\n")]
    {
        let text = redactor().text(&text).into_owned();
        assert!(!text.contains(drawn), "{text}");
    }
}

#[test]
fn escapes_hide_nothing() {
    let token = secret("github");
    let escaped: String = token.chars().map(|it| format!("\\u{:04x}", u32::from(it))).collect();
    for message in [
        format!(r#"{{"jsonrpc":"2.0","method":"m","params":{{"x":"é\n{escaped}😀"}}}}"#),
        r#"{"jsonrpc":"2.0","method":"m","params":{"arguments":{"p\u0061ssword":"quite plain"}}}"#
            .to_owned(),
        r#"{"jsonrpc":"2.0","method":"m","params":{"u":"https:\/\/ann:quite plain@h\/"}}"#
            .replace(' ', "-"),
    ] {
        let text = redactor().json(&message).into_owned();
        assert!(text.contains("«redacted:"), "{text}");
        assert!(!text.contains("quite") && !text.contains(&escaped), "{text}");
        serde_json::from_str::<Value>(&text).unwrap();
    }
}

#[test]
fn everything_else_keeps_its_bytes() {
    let token = secret("github");
    let before = format!(
        "{{ \"jsonrpc\":\"2.0\",\"id\":1.0, \"params\":{{\"b\":1E+2,\"b\":10000000000000000000000,\
         \"a\":\"\\u00e9\\/\",\"token\":\"{token}\",\"token\":\"{token}\" ,\"z\":[ ]}}}}"
    );
    let mut redactor = redactor();
    let after = redactor.json(&before).into_owned();
    let placeholder = after.split("\"token\":\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(placeholder.starts_with("«redacted:github-token:"), "{after}");
    assert_eq!(after, before.replace(&token, placeholder));
    assert_eq!(redactor.replaced(), 2);
    // What is redacted already is left alone.
    assert_eq!(redactor.json(&after), after);
}

#[test]
fn equal_secrets_have_equal_placeholders() {
    let token = secret("github");
    let mut redactor = redactor();
    let mut placeholder = |message: Value| {
        let text = redactor.json(&message.to_string()).into_owned();
        let start = text.find('«').unwrap();
        text[start..=text.find('»').unwrap() + 1].to_owned()
    };
    let first = placeholder(call(&json!({"token": token})));
    assert_eq!(placeholder(text_result(&format!("used {token}"))), first);
    assert_eq!(placeholder(call(&json!({"authorization": format!("Bearer {token}")}))), first);
    assert_ne!(placeholder(call(&json!({"token": secret("gitlab")}))), first);
}

#[test]
fn a_secret_is_known_again_where_nothing_tells_what_it_is() {
    let mut redactor = redactor();
    let said = text_result("I have signed in with maple \"22\" lake/é for you").to_string();
    assert_eq!(redactor.json(&said), said);
    redactor.json(&call(&json!({"password": "maple \"22\" lake/é"})).to_string());
    let text = redactor.json(&said).into_owned();
    assert!(!text.contains("maple") && text.contains("signed in with «redacted:secret:"), "{text}");
    // A word is no such value, or it would be taken out of every sentence.
    redactor.json(&call(&json!({"password": "customers"})).to_string());
    let said = text_result("all customers").to_string();
    assert_eq!(redactor.json(&said), said);
}

#[test]
fn a_secret_over_several_blocks_is_found() {
    let token = secret("github");
    let (one, two) = token.split_at(12);
    let block = |text: &str| json!({"type": "text", "text": text});
    for (first, second) in [
        (format!("take {one}"), format!("{two} and go")),
        ("Your new API key:".to_owned(), "8f3a91c2d47be650aa17".to_owned()),
    ] {
        let text = redacted(&result(&json!({"content": [block(&first), block(&second)]})));
        assert!(text.contains("«redacted:"), "{text}");
        assert!(!text.contains(two) && !text.contains("8f3a91c2"), "{text}");
        assert!(!text.contains(&one[4..]), "{text}");
        serde_json::from_str::<Value>(&text).unwrap();
    }
}

#[test]
fn what_the_protocol_needs_is_never_touched() {
    let token = secret("jwt");
    let schema = json!({"type": "object", "required": ["api_key", "password"], "properties": {
        "api_key": {"type": "string", "default": "", "description": "the token=abc12345 to use"},
        "password": {"type": "string", "examples": [token]}, "token": true}});
    let tool = json!({"name": "get_token", "description": "Takes an API key and a password: both.",
        "inputSchema": schema, "outputSchema": schema});
    for message in [
        result(&json!({"tools": [tool], "nextCursor": token})),
        json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {"cursor": token}}),
        json!({"jsonrpc": "2.0", "id": token, "method": "tools/call", "params": {"name": "a",
            "requestState": token, "_meta": {"progressToken": token}}}),
        json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": token,
            "progress": 1}}),
        result(&json!({"resultType": "input_required", "requestState": token, "inputRequests": {
            "api_key": {"method": "elicitation/create", "params": {"message": "Which password?",
                "requestedSchema": schema}}}})),
        result(&json!({"resultType": "task", "taskId": token, "task": {"taskId": token}})),
        json!({"jsonrpc": "2.0", "id": 3, "method": "tasks/get", "params": {"taskId": token}}),
        json!({"jsonrpc": "2.0", "id": 3, "method": "sampling/createMessage", "params": {"maxTokens": 5,
            "messages": [], "tools": [tool]}}),
        // A tool that lists tools.
        result(&json!({"content": [], "structuredContent": {"inputSchema": {"properties": {
            "api_key": {"type": "string"}, "tokens": {"$ref": "#/a"}, "password": {"enum": ["a"]}}}}})),
    ] {
        kept(&message.to_string());
    }
}

#[test]
fn ordinary_data_is_kept() {
    let image =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ";
    let image = format!("{image}/AKIAQ7ZR2LMX9VTB4KFW/eyJhbGci");
    for message in [
        call(
            &json!({"max_tokens": 100, "tokens": 12, "usage": {"input_tokens": 3, "token_count": 9}}),
        ),
        call(
            &json!({"idempotency_key": "q7Zr2LmX9vTb4KfWc3Hd", "key": "users/1", "sort_key": "name"}),
        ),
        call(
            &json!({"id": "550e8400-e29b-41d4-a716-446655440000", "session_id": "q7Zr2LmX9vTb4KfW"}),
        ),
        call(
            &json!({"cursor": "eyJvZmZzZXQiOjEwfQ==", "page_token": "CAUQAA", "next_token": "abc"}),
        ),
        call(
            &json!({"password": "${DB_PASSWORD}", "token": null, "secret": "", "api_key": "<your key>"}),
        ),
        call(
            &json!({"password": true, "has_secret": false, "token": 7, "password_policy": "long"}),
        ),
        text_result("sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        text_result("commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b by Ann, 2026-11-23T21:00:00Z"),
        text_result("The token limit is 128000 tokens; set the password policy in Settings."),
        text_result("Basic authentication needs a password: ask your administrator."),
        text_result("if token == other.token { password = get_password(user) }"),
        text_result("token = os.environ['TOKEN']\npassword=self.password\nlet secret: String = x;"),
        text_result("uses sk-learn-extra-models-for-text-classification, key=value, author=ann"),
        text_result(
            "see https://host.test/a@b?page=2&sort=name, git@host.test:a/b.git, mail a@b.test",
        ),
        text_result("git clone https://git@host.test/a.git"),
        text_result("PEM text from -----BEGIN PRIVATE KEY----- to -----END PRIVATE KEY-----"),
        result(&json!({"content": [{"type": "image", "data": image, "mimeType": "image/png"}]})),
        result(&json!({"contents": [{"uri": "a://b", "blob": image}]})),
    ] {
        kept(&message.to_string());
    }
}

#[test]
fn headers_are_on_a_list_or_left_out() {
    let token = secret("github");
    let headers = [
        ("authorization", "Bearer abc"),
        ("cookie", "a=b"),
        ("x-my-gateway", "abc"),
        ("mcp-session-id", "abc"),
        ("content-type", "application/json"),
        ("mcp-name", &token),
        ("mcp-param-region", "eu"),
        ("mcp-param-api-key", "plain"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let message = Message {
        n: 1,
        at_us: None,
        from: Party::Client,
        channel: 1,
        session: 0,
        http: Some(Http { method: Some("POST".to_owned()), status: None, headers: headers.into() }),
        sse: None,
        body: body("{}".to_owned()),
    };
    let headers = redactor().message(message).http.unwrap().headers;
    let names: Vec<&str> = headers.keys().map(String::as_str).collect();
    assert_eq!(names, ["content-type", "mcp-name", "mcp-param-api-key", "mcp-param-region"]);
    assert!(is_placeholder(&headers["mcp-name"]) && is_placeholder(&headers["mcp-param-api-key"]));
    assert_eq!(headers["mcp-param-region"], "eu");
}

#[test]
fn odd_json_is_redacted_too() {
    let token = secret("github");
    let deep = format!("{{\"a\":{}\"{token}\"{}}}", "[".repeat(200), "]".repeat(200));
    let text = redactor().json(&deep).into_owned();
    assert!(!text.contains(&token), "{text}");
    let torn = format!("{{\"a\": \"{token}");
    assert!(!redactor().json(&torn).contains(&token));
    let batch = format!("[{},{}]", call(&json!({"token": "abc"})), call(&json!({"a": 1})));
    assert!(redactor().json(&batch).contains("«redacted:"));
    let marked = format!("\u{feff}{}", call(&json!({"token": "abcdef"})));
    assert!(!redactor().json(&marked).contains("abcdef"));
}

#[test]
fn a_body_is_one_line() {
    assert!(
        matches!(body("{\"a\":\n1}\r\n".to_owned()), Body::Json(it) if it.get() == "{\"a\": 1}")
    );
    assert!(matches!(body("{\"a\":".to_owned()), Body::Text(_)));
}

#[test]
fn what_is_left_over_is_suspected() {
    let suspicion = |message: &Value| {
        let mut redactor = redactor();
        let text = redactor.json(&message.to_string()).into_owned();
        redactor.suspicion(&text).map(|it| it.pointer)
    };
    let in_schema = json!({"tools": [{"name": "a", "inputSchema": {"default": secret("github")}}]});
    let pointer = "/result/tools/0/inputSchema/default";
    assert_eq!(suspicion(&result(&in_schema)).as_deref(), Some(pointer));
    let drawn = json!({"note": "q7Zr2LmX9vTb4KfWc3Hd8Ys1PnG6uJe5RoAi"});
    assert_eq!(suspicion(&call(&drawn)).as_deref(), Some("/params/arguments/note"));
    for message in [
        call(&json!({"token": secret("github"), "id": "550e8400-e29b-41d4-a716-446655440000"})),
        call(&json!({"idempotency_key": "q7Zr2LmX9vTb4KfWc3Hd8Ys1PnG6uJe5RoAi"})),
        json!({"jsonrpc": "2.0", "id": secret("jwt"), "result": {"nextCursor": secret("jwt")}}),
        text_result("sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    ] {
        assert_eq!(suspicion(&message), None, "{message}");
    }
}

#[test]
fn what_was_redacted_before_stays_as_it_is() {
    for kind in KINDS {
        let secret = secret(kind);
        for message in [
            call(&json!({"password": secret, "note": format!("it is {secret}, use it")})),
            text_result(&format!("token: {secret}\nexport API_KEY={secret}")),
            text_result(&json!({"key": secret, "list": [secret]}).to_string()),
        ] {
            let once = redacted(&message);
            let mut redactor = Redactor::new([8; 32]);
            assert_eq!(redactor.json(&once), once, "{kind}");
            assert_eq!(redactor.replaced(), 0, "{kind}: {once}");
        }
    }
    // Something like a placeholder hides nothing.
    let token = secret("github");
    for around in [("«redacted:a:", "»"), ("«redacted:", ":00000000»")] {
        let text = format!("{}{token}{}", around.0, around.1);
        assert!(!redacted(&text_result(&text)).contains(&token), "{text}");
    }
}
