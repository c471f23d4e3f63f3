//! The page and what programs ask, as they are sent byte by byte, with a clock that stands.

mod bench;

use std::time::Duration;

use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};

use super::{
    super::super::{
        super::{approval::New, identity::demo, store::Statement, tool::review_trial::new},
        Limits,
    },
    BODY_BYTES,
};
use bench::{PATIENCE, Running, page};

fn plain(title: &str) -> New {
    new(title, json!({"things": [0]}))
}

const API: &str = "/approvals/api/v1/changes";

#[tokio::test]
async fn somebody_signs_in_decides_and_signs_out() {
    let server = Running::new().await;
    let first = server.propose(plain("First")).await;
    let second = server.propose(plain("Second")).await;
    let mut carol = server.browser();
    let empty = carol.get("/approvals").await;
    assert_eq!(empty.status, 200);
    assert!(empty.body.contains("Access token") && !empty.body.contains("First"), "{empty:?}");
    let reply = carol.sign_in(&server.token("carol")).await;
    assert_eq!((reply.status, reply.header("location")), (303, Some("/approvals")));
    let list = carol.get("/approvals").await;
    assert!(list.body.contains("First") && list.body.contains("Second"), "{list:?}");
    assert!(list.body.contains("<title>2 to decide"), "{list:?}");

    let reply = carol.decide(&first.id, "approve", "").await;
    let location = format!("{}#status", page(&first.id));
    assert_eq!((reply.status, reply.header("location")), (303, Some(location.as_str())));
    let shown = carol.get(&page(&first.id)).await;
    assert!(shown.body.contains("You have approved this"), "{shown:?}");
    assert!(!shown.body.contains("<textarea"), "there is nothing more to decide");
    assert_eq!(server.decision(&first).await, Some(true));

    let reply = carol.decide(&second.id, "reject", "  ").await;
    assert_eq!(reply.status, 400);
    assert!(reply.body.contains("a rejection needs a reason"), "{reply:?}");
    assert!(reply.body.contains("role=\"alert\"") && reply.body.contains("<textarea"), "{reply:?}");
    let reply = carol.decide(&second.id, "reject", "a\0b").await;
    assert_eq!(reply.status, 400);
    assert!(reply.body.contains("Not decided: the reason has the control character U+0000"));
    assert_eq!(carol.decide(&second.id, "perhaps", "x").await.status, 400);
    assert_eq!(server.decision(&second).await, None);
    assert_eq!(carol.decide(&second.id, "reject", "Not yet").await.status, 303);
    assert_eq!(server.decision(&second).await, Some(false));
    let shown = carol.get(&page(&second.id)).await;
    assert!(shown.body.contains("You have rejected this"), "{shown:?}");
    assert!(shown.body.contains("Remark: Not yet"), "{shown:?}");

    let form = carol.get("/approvals").await.field("form").to_owned();
    let before = carol.cookie.clone();
    let reply = carol.post("/approvals/sign-out", &[("form", &form)]).await;
    carol.keep(&reply);
    assert!(reply.header("set-cookie").unwrap().contains("Max-Age=0"), "{reply:?}");
    // The browser has forgotten it, and so has the server.
    carol.cookie = before;
    assert!(carol.get("/approvals").await.body.contains("Access token"));
}

#[tokio::test]
async fn a_visit_ends_in_time_and_cannot_be_made_up() {
    let server = Running::new().await;
    let proposal = server.propose(plain("First")).await;
    let mut carol = server.signed_in("carol").await;
    let shown = carol.get(&page(&proposal.id)).await;
    let (form, digest) = (shown.field("form").to_owned(), shown.field("digest").to_owned());
    server.clock.turn(Duration::from_secs(15 * 60));
    assert!(carol.get("/approvals").await.body.contains("Access token"));
    let late = carol.send_decision(&proposal.id, (&form, &digest), "approve", "").await;
    assert_eq!(late.status, 403, "{late:?}");
    assert!(late.body.contains("Nothing was decided"), "{late:?}");
    assert_eq!(server.decision(&proposal).await, None);

    // A visit ends with its token, whose last minutes these are. A minute of skew is granted to all.
    let token = server.token("carol");
    server.clock.turn(demo::LIFETIME - Duration::from_secs(60));
    let reply = carol.sign_in(&token).await;
    assert!(reply.header("set-cookie").unwrap().contains("Max-Age=120"), "{reply:?}");
    server.clock.turn(Duration::from_secs(119));
    assert!(carol.get("/approvals").await.body.contains("Signed in as"));
    server.clock.turn(Duration::from_secs(1));
    assert!(carol.get("/approvals").await.body.contains("Access token"));

    let carol = server.signed_in("carol").await;
    let good = carol.cookie.clone().unwrap();
    let secret = good.split_once('=').unwrap().1;
    let last = if secret.ends_with('0') { "1" } else { "0" };
    let changed = format!("approvals={}{last}", &secret[..63]);
    for wrong in [
        changed.as_str(),
        "approvals=",
        &format!("approvals={}", server.token("carol")),
        &format!("{good}; {good}"),
        &format!("other={secret}"),
    ] {
        let reply = server.send("GET", "/approvals", &[("Cookie", wrong)], "").await;
        assert_eq!(reply.status, 200);
        assert!(
            reply.body.contains("Access token") && !reply.body.contains("Signed in"),
            "{wrong}"
        );
    }
    let with_others = format!("a=b; {good}; c=d");
    let reply = server.send("GET", "/approvals", &[("Cookie", &with_others)], "").await;
    assert!(reply.body.contains("Signed in as"));
    // It is good for the page alone.
    let reply = server.send("GET", API, &[("Cookie", &good)], "").await;
    assert_eq!(reply.status, 401);
}

#[tokio::test]
async fn a_form_is_taken_from_this_page_and_this_visit_alone() {
    let server = Running::new().await;
    let proposal = server.propose(plain("First")).await;
    let carol = server.signed_in("carol").await;
    let other = server.signed_in("carol").await;
    let shown = carol.get(&page(&proposal.id)).await;
    let (form, digest) = (shown.field("form").to_owned(), shown.field("digest").to_owned());
    let of_other = other.get(&page(&proposal.id)).await.field("form").to_owned();
    assert_ne!(form, of_other);
    for wrong in ["", "x", &of_other, &form[1..], carol.cookie.as_deref().unwrap()] {
        let reply = carol.send_decision(&proposal.id, (wrong, &digest), "approve", "").await;
        assert_eq!(reply.status, 403, "{wrong}: {reply:?}");
        let reply = carol.post("/approvals/sign-out", &[("form", wrong)]).await;
        assert_eq!(reply.status, 403, "{wrong}: {reply:?}");
    }
    let fields = [("form", form.as_str()), ("digest", &digest), ("decision", "approve")];
    let own = format!("http://{}", server.address);
    let path = page(&proposal.id);
    for headers in [
        &[][..],
        &[("Origin", "https://evil.example")],
        &[("Origin", "null")],
        &[("Origin", "http://127.0.0.1:1")],
        &[("Origin", &own.replace("http:", "https:"))],
        &[("Origin", &own), ("Origin", "https://evil.example")],
        &[("Origin", &own), ("Sec-Fetch-Site", "cross-site")],
        &[("Origin", "null"), ("Sec-Fetch-Site", "same-site")],
        &[("Sec-Fetch-Site", "none")],
    ] {
        let reply = carol.post_with(&path, &fields, headers).await;
        assert_eq!(reply.status, 403, "{headers:?}: {reply:?}");
        let token = server.token("carol");
        let reply = carol.post_with("/approvals/sign-in", &[("token", &token)], headers).await;
        assert_eq!(reply.status, 403, "{headers:?}: {reply:?}");
        assert_eq!(reply.header("set-cookie"), None);
    }
    assert_eq!(server.decision(&proposal).await, None);
    // What a browser sends of a page that does not name itself.
    let headers = [("Origin", "null"), ("Sec-Fetch-Site", "same-origin")];
    let reply = carol.post_with(&path, &fields, &headers).await;
    assert_eq!(reply.status, 303, "{reply:?}");
    assert_eq!(server.decision(&proposal).await, Some(true));
}

#[tokio::test]
async fn nothing_is_kept_framed_or_run() {
    let server = Running::with("https", true, Limits::default()).await;
    let reply = {
        let origin = format!("https://{}", server.address);
        let token = server.token("carol");
        let browser = server.browser();
        browser.post_with("/approvals/sign-in", &[("token", &token)], &[("Origin", &origin)]).await
    };
    let cookie = reply.header("set-cookie").unwrap();
    for part in ["Path=/approvals", "HttpOnly", "SameSite=Strict", "Secure", "Max-Age=900"] {
        assert!(cookie.split("; ").any(|it| it == part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let value = cookie.split(';').next().unwrap().split_once('=').unwrap().1;
    assert_eq!(value.len(), 64, "{cookie}");
    let plain = Running::new().await;
    let reply = plain.browser().sign_in(&plain.token("carol")).await;
    assert!(!reply.header("set-cookie").unwrap().contains("Secure"), "loopback without TLS");

    for path in ["/approvals", "/approvals/changes/x", API] {
        let reply = server.send("GET", path, &[], "").await;
        let policy = reply.header("content-security-policy").unwrap();
        for part in ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("script") && !policy.contains("unsafe"), "{policy}");
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{path}");
        }
        assert!(reply.header("x-request-id").is_some());
        assert!(!reply.body.contains("<script"), "{reply:?}");
    }
}

#[tokio::test]
async fn what_others_wrote_is_shown_and_does_nothing() {
    let server = Running::new().await;
    let hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u{202e}gnp\u{200b}";
    let mut new = plain(hostile);
    new.reason = format!("{hostile}\nReason: approved by IT");
    new.proposed_by = hostile.to_owned();
    new.diff[0].field = hostile.to_owned();
    new.diff[0].before = Some(json!(hostile));
    new.diff[1].after = Some(json!({"a": hostile}));
    let proposal = server.propose(new).await;
    let carol = server.signed_in("carol").await;
    for path in ["/approvals", &page(&proposal.id)] {
        let reply = carol.get(path).await;
        assert!(reply.body.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;"));
        assert!(reply.body.contains("⟨U+202E⟩gnp⟨U+200B⟩"), "{reply:?}");
        for wrong in ["<script", "<img", "\u{202e}", "\u{200b}", "<b>"] {
            assert!(!reply.body.contains(wrong), "{wrong:?} in {}", reply.body);
        }
    }
    // What comes back from a form, too.
    let reply = carol.decide(&proposal.id, "reject", &hostile.repeat(10)).await;
    assert_eq!(reply.status, 400);
    assert!(!reply.body.contains("<script") && !reply.body.contains("<img"), "{reply:?}");
    assert_eq!(carol.decide(&proposal.id, "reject", hostile).await.status, 303);
    let reply = carol.get(&page(&proposal.id)).await;
    assert!(!reply.body.contains("<script") && !reply.body.contains("<img"), "{reply:?}");
    let path = "/approvals/changes/%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for browser in [&carol, &server.browser()] {
        let reply = browser.get(path).await;
        assert!(!reply.body.contains("<script"), "{reply:?}");
    }
}

#[tokio::test]
async fn what_is_not_for_somebody_is_like_what_never_was() {
    let server = Running::new().await;
    let plain = server.propose(plain("First")).await;
    let walled = server.propose(new("Walled", json!({"things": [4]}))).await;
    let (carol, dave) = (server.signed_in("carol").await, server.signed_in("dave").await);
    let never = "00000000-0000-4000-8000-000000000000";
    for (browser, id) in [(&dave, &plain.id), (&carol, &walled.id), (&dave, &walled.id)] {
        let (hidden, unknown) = (browser.get(&page(id)).await, browser.get(&page(never)).await);
        assert_eq!(hidden.status, 404);
        assert_eq!(hidden.bytes(), unknown.bytes());
        let form = browser.get("/approvals").await.field("form").to_owned();
        let about = (form.as_str(), plain.digest.as_str());
        let hidden = browser.send_decision(id, about, "approve", "").await;
        let unknown = browser.send_decision(never, about, "approve", "").await;
        assert_eq!(hidden.status, 404);
        assert_eq!(hidden.bytes(), unknown.bytes());
    }
    for (user, id) in [("dave", &plain.id), ("carol", &walled.id)] {
        let bearer = format!("Bearer {}", server.token(user));
        let ask = async |id: &str| {
            let mut reply =
                server.send("GET", &format!("{API}/{id}"), &[("Authorization", &bearer)], "").await;
            let request = reply.header("x-request-id").unwrap().to_owned();
            reply.body = reply.body.replace(&request, "");
            reply
        };
        let (hidden, unknown) = (ask(id).await, ask(never).await);
        assert_eq!(hidden.status, 404);
        assert_eq!(hidden.bytes(), unknown.bytes());
    }
    let bob = server.signed_in("bob").await;
    let reply = bob.get("/approvals").await;
    assert_eq!(reply.status, 403);
    assert!(reply.body.contains("may not decide about changes"), "{reply:?}");
    assert_eq!(server.decision(&plain).await, None);
    assert_eq!(server.decision(&walled).await, None);
}

#[tokio::test]
async fn a_token_that_is_not_good_for_it_lets_nobody_in() {
    let server = Running::new().await;
    let old = server.token("carol");
    let elsewhere = {
        let carol = demo::identity("carol", &["approve"]).unwrap();
        server.issuer.token(&carol, "https://other.example.com/mcp")
    };
    server.clock.turn(demo::LIFETIME + Duration::from_secs(60));
    let good = server.token("carol");
    let forged = format!("{}AAAA", &good[..good.len() - 4]);
    let narrow = server.token_for("carol", "crm.read");
    for (token, status) in [
        (old.as_str(), 401),
        (&elsewhere, 401),
        (&forged, 401),
        ("", 401),
        ("x y", 401),
        (&narrow, 403),
    ] {
        let mut browser = server.browser();
        let reply = browser.sign_in(token).await;
        assert_eq!((reply.status, reply.header("set-cookie")), (status, None), "{reply:?}");
        assert!(reply.body.contains("role=\"alert\""), "{reply:?}");
        assert!(token.len() < 9 || !reply.body.contains(token), "{reply:?}");
        let bearer = format!("Bearer {token}");
        let reply = server.send("GET", API, &[("Authorization", &bearer)], "").await;
        assert_eq!(reply.status, status, "{reply:?}");
        let challenge = reply.header("www-authenticate").unwrap();
        assert!(challenge.contains("scope=\"approve\""), "{challenge}");
    }
    // Who asks without a token in a demonstration is nobody here.
    assert_eq!(server.send("GET", API, &[], "").await.status, 401);
    let statement = Statement::new("SELECT count(*) AS n FROM visit");
    let visits = server.store.query(statement).await.unwrap()[0].integer("n").unwrap();
    assert_eq!(visits, 0);
}

#[tokio::test]
async fn a_program_decides_with_its_token() {
    let server = Running::new().await;
    let proposal = server.propose(plain("First")).await;
    let bearer = format!("Bearer {}", server.token("carol"));
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    let list = server.send("GET", API, &headers, "").await;
    let list: Value = serde_json::from_str(&list.body).unwrap();
    assert_eq!(list["format"], "mcp-kit.approvals/1");
    assert_eq!(list["open"][0]["id"], proposal.id);
    let path = format!("{API}/{}/decision", proposal.id);
    let no = json!({"digest": proposal.digest, "approve": false}).to_string();
    let yes = json!({"digest": proposal.digest, "approve": true}).to_string();
    let other = json!({"digest": "0".repeat(64), "approve": true}).to_string();
    let more = json!({"digest": proposal.digest, "approve": true, "by": "dora"}).to_string();
    let typed = json!({"digest": proposal.digest, "approve": "yes"}).to_string();
    let with =
        |reason: &str| json!({"digest": proposal.digest, "approve": false, "reason": reason});
    // The store does not take the first, and nobody can read the second.
    let (nul, bell) = (with("a\0b").to_string(), with("a\u{7}b").to_string());
    let long = with(&"x".repeat(501)).to_string();
    let over = "x".repeat(BODY_BYTES + 1);
    for (body, status, code, is_kept) in [
        ("", 400, "invalid_argument", true),
        ("{", 400, "invalid_argument", true),
        (&more, 400, "invalid_argument", true),
        (&typed, 400, "invalid_argument", true),
        (&no, 400, "invalid_argument", true),
        (&nul, 400, "invalid_argument", true),
        (&bell, 400, "invalid_argument", true),
        (&long, 400, "invalid_argument", true),
        (&other, 409, "version_conflict", true),
        (&over, 413, "quota_exceeded", false),
    ] {
        let reply = server.send("POST", &path, &headers, body).await;
        assert_eq!(reply.status, status, "{body}: {reply:?}");
        let error = &serde_json::from_str::<Value>(&reply.body).unwrap()["error"];
        assert_eq!(error["code"], code, "{error}");
        assert!(error["next"]["action"].is_string() && error["effect"] == "none", "{error}");
        assert_eq!(error["correlation_id"], reply.header("x-request-id").unwrap(), "{error}");
        let record = server.record(&error["correlation_id"]).await;
        assert_eq!(record.is_some(), is_kept, "{error}");
        if let Some(record) = record {
            let said = (&record["phase"], &record["decision"], &record["result"]["code"]);
            assert_eq!(said, (&json!("decide"), &json!("deny"), &json!(code)), "{record}");
        }
    }
    let evil = [headers[0], ("Origin", "https://evil.example")];
    let refused = server.send("POST", &path, &evil, &yes).await;
    assert_eq!(refused.status, 403);
    let refused: Value = serde_json::from_str(&refused.body).unwrap();
    assert_eq!(refused["error"]["code"], "not_permitted", "{refused}");
    assert_eq!(server.decision(&proposal).await, None);
    let reply = server.send("POST", &path, &headers, &yes).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let decided: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!((&decided["stage"], &decided["decided_by"]), (&json!("approved"), &json!("carol")));
    let again = server.send("POST", &path, &headers, &yes).await;
    assert_eq!(again.status, 409, "{again:?}");
    let again: Value = serde_json::from_str(&again.body).unwrap();
    assert_eq!(again["error"]["reason"], "already_decided");
}

#[tokio::test]
async fn the_page_has_the_limits_of_the_host() {
    let server = Running::with("http", true, Limits { requests: 1, ..Limits::default() }).await;
    let long = "x".repeat(BODY_BYTES + 1);
    let reply = server.send("POST", "/approvals/sign-in", &[], &long).await;
    assert_eq!(reply.status, 413);
    let reply = server.send("GET", "/approvals", &[("Host", "evil.example")], "").await;
    assert_eq!(reply.status, 403);
    let reply = server.send("DELETE", "/approvals", &[], "").await;
    assert_eq!(reply.status, 405);
    // A body that does not come holds the one place that there is.
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST /approvals/sign-in HTTP/1.1\r\nHost: {}\r\nContent-Length: 5\r\n\r\n",
        server.address
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    let busy = timeout(PATIENCE, async {
        loop {
            let reply = server.send("GET", "/approvals", &[], "").await;
            if reply.status == 503 {
                return reply;
            }
        }
    });
    let busy = busy.await.expect("there is no place");
    assert!(busy.body.contains("as many requests as it takes"), "{busy:?}");
}

#[tokio::test]
async fn where_nothing_is_proposed_there_is_no_page() {
    let server = Running::with("http", false, Limits::default()).await;
    let never = server.send("GET", "/never-was", &[], "").await;
    for path in ["/approvals", "/approvals/", API, "/approvals/sign-in"] {
        let reply = server.send("GET", path, &[], "").await;
        assert_eq!(reply.status, 404);
        assert_eq!(reply.bytes(), never.bytes(), "{path}");
    }
}
