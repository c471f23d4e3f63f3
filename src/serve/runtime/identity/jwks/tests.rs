//! Keys that change, from a file and from a server on this machine.

use std::{
    fs,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use jsonwebtoken::Algorithm;
use serde_json::json;
use tokio::sync::Semaphore;

use super::{
    super::{
        super::clock::Clock,
        Expectations, Refusal, Verifier,
        signer::{Signer, set},
    },
    KeySet, KeySetError, Location, Refreshing,
};

const COOL_DOWN: Duration = Duration::from_secs(30);

fn refreshing() -> Refreshing {
    Refreshing { cool_down: COOL_DOWN, max_bytes: 8_192, ..Refreshing::default() }
}

async fn has(keys: &KeySet, id: &str) -> bool {
    keys.find(Some(id), Algorithm::ES256).await.is_ok()
}

/// An issuer whose answer a test changes and holds back.
#[derive(Clone)]
struct Server {
    answer: Arc<Mutex<(StatusCode, String)>>,
    requests: Arc<AtomicUsize>,
    open: Arc<Semaphore>,
    address: String,
}

impl Server {
    async fn start(text: String) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            answer: Arc::new(Mutex::new((StatusCode::OK, text))),
            requests: Arc::default(),
            open: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
            address: format!("http://{}", listener.local_addr().unwrap()),
        };
        let routes = Router::new()
            .route("/keys", get(Self::answer))
            .route("/elsewhere", get(|| async { axum::response::Redirect::to("/keys") }))
            .with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        server
    }

    async fn answer(State(server): State<Self>) -> impl IntoResponse {
        server.requests.fetch_add(1, Ordering::SeqCst);
        server.open.acquire().await.unwrap().forget();
        server.answer.lock().unwrap().clone()
    }

    fn say(&self, status: StatusCode, text: String) {
        *self.answer.lock().unwrap() = (status, text);
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// Waits until this many requests have come.
    async fn is_asked(&self, times: usize) {
        let asked = async {
            while self.requests() < times {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), asked).await.unwrap();
    }

    fn keys(&self, clock: &Clock) -> KeySet {
        let location = Location::new(&format!("{}/keys", self.address));
        KeySet::new(location, refreshing(), clock.clone()).unwrap()
    }
}

#[tokio::test]
async fn a_rotation_shows_when_a_token_names_a_new_key() {
    let (one, two) = (Signer::es256("one"), Signer::es256("two"));
    let server = Server::start(set(&[&one])).await;
    let clock = Clock::standing_at(0);
    let keys = server.keys(&clock);
    assert!(!keys.is_ready());
    keys.refresh().await.unwrap();
    assert!(keys.is_ready() && has(&keys, "one").await);
    assert_eq!(server.requests(), 1);

    server.say(StatusCode::OK, set(&[&one, &two]));
    assert!(!has(&keys, "two").await, "nothing is asked within the cool-down");
    assert_eq!(server.requests(), 1);
    clock.turn(COOL_DOWN);
    assert!(has(&keys, "two").await);
    assert!(has(&keys, "one").await, "both are good while the issuer has both");
    assert_eq!((server.requests(), keys.generation()), (2, 2));

    server.say(StatusCode::OK, set(&[&two]));
    clock.turn(COOL_DOWN);
    assert!(!has(&keys, "three").await);
    assert!(!has(&keys, "one").await, "a withdrawn key is gone with the next reading");
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn unknown_keys_make_one_request_in_a_cool_down() {
    let one = Signer::es256("one");
    let server = Server::start(set(&[&one])).await;
    let clock = Clock::standing_at(0);
    let keys = server.keys(&clock);
    for round in 1..=3 {
        for index in 0..20 {
            let id = format!("forged-{index}");
            let refusal = keys.find(Some(&id), Algorithm::ES256).await.unwrap_err();
            assert_eq!(refusal, Refusal::UnknownKey { key: id, algorithm: "ES256" });
        }
        assert_eq!(server.requests(), round);
        assert_eq!(keys.generation(), 1, "the same text is no new set");
        clock.turn(COOL_DOWN);
    }
}

#[tokio::test]
async fn all_who_miss_a_key_wait_for_one_request() {
    let (one, two) = (Signer::es256("one"), Signer::es256("two"));
    let server = Server::start(set(&[&one])).await;
    let clock = Clock::standing_at(0);
    let keys = server.keys(&clock);
    keys.refresh().await.unwrap();
    clock.turn(COOL_DOWN);
    server.say(StatusCode::OK, set(&[&one, &two]));
    server.open.forget_permits(usize::MAX);
    let waiting: Vec<_> = (0..16)
        .map(|_| {
            let keys = keys.clone();
            tokio::spawn(async move { has(&keys, "two").await })
        })
        .collect();
    server.is_asked(2).await;
    assert!(has(&keys, "one").await, "a known key waits for nobody");
    server.open.add_permits(100);
    for one in waiting {
        assert!(one.await.unwrap());
    }
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_take_the_request_along() {
    let (one, two) = (Signer::es256("one"), Signer::es256("two"));
    let server = Server::start(set(&[&one])).await;
    let clock = Clock::standing_at(0);
    let keys = server.keys(&clock);
    keys.refresh().await.unwrap();
    clock.turn(COOL_DOWN);
    server.say(StatusCode::OK, set(&[&two]));
    server.open.forget_permits(usize::MAX);
    let caller = {
        let keys = keys.clone();
        tokio::spawn(async move { has(&keys, "two").await })
    };
    server.is_asked(2).await;
    caller.abort();
    server.open.add_permits(100);
    // Waits for the attempt that is under way.
    drop(keys.shared.flight.lock().await);
    assert!(has(&keys, "two").await);
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn keys_are_read_again_periodically_beside_the_request() {
    let (one, two) = (Signer::es256("one"), Signer::es256("two"));
    let server = Server::start(set(&[&one])).await;
    let clock = Clock::standing_at(0);
    let keys = server.keys(&clock);
    keys.refresh().await.unwrap();
    let expected = Expectations::new("https://id.example", "https://mcp.example.com/mcp");
    let verifier = Verifier::new(expected, keys.clone(), clock.clone());
    let token = one.token(&json!({
        "iss": "https://id.example", "aud": "https://mcp.example.com/mcp", "exp": 3_600,
        "sub": "alice", "tenant": "acme",
    }));
    for _ in 0..3 {
        verifier.verify(&token).await.unwrap();
    }
    assert_eq!(server.requests(), 1);
    server.say(StatusCode::OK, set(&[&two]));
    clock.turn(refreshing().every);
    verifier.verify(&token).await.expect("this request goes on with what is known");
    // Waits for the attempt that is under way.
    drop(keys.shared.flight.lock().await);
    let refusal = verifier.verify(&token).await.unwrap_err();
    assert!(matches!(refusal, Refusal::UnknownKey { .. }), "withdrawn, although it was remembered");
    assert!(has(&keys, "two").await);
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_failed_reading_keeps_the_keys() {
    let one = Signer::es256("one");
    let server = Server::start(set(&[&one])).await;
    let clock = Clock::standing_at(0);
    let keys = server.keys(&clock);
    keys.refresh().await.unwrap();
    for (status, text) in [
        (StatusCode::INTERNAL_SERVER_ERROR, set(&[])),
        (StatusCode::NOT_FOUND, String::new()),
        (StatusCode::OK, "<html>".to_owned()),
        (StatusCode::OK, json!({"keys": []}).to_string()),
        (StatusCode::OK, json!({"keys": {}}).to_string()),
        (StatusCode::OK, set(&[&one, &one])),
        (StatusCode::OK, " ".repeat(8_193)),
    ] {
        server.say(status, text.clone());
        clock.turn(COOL_DOWN);
        keys.refresh().await.unwrap_err();
        assert!(has(&keys, "one").await, "{status} {text:.40}");
        assert!(keys.is_ready());
    }
    assert_eq!(keys.generation(), 1);
    server.say(StatusCode::OK, set(&[&one]));
    keys.refresh().await.unwrap();
}

#[tokio::test]
async fn an_issuer_that_is_out_of_reach_is_said_to_be() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let location = format!("http://{}/keys", listener.local_addr().unwrap());
    drop(listener);
    let clock = Clock::standing_at(0);
    let keys = KeySet::new(Location::new(&location), refreshing(), clock).unwrap();
    let error = keys.refresh().await.unwrap_err();
    assert!(matches!(error, KeySetError::Address { .. }), "{error}");
    let refusal = keys.find(Some("one"), Algorithm::ES256).await.unwrap_err();
    assert_eq!(refusal, Refusal::NoKeys(error));
}

#[tokio::test]
async fn an_issuer_that_never_answers_is_given_up() {
    let server = Server::start(String::new()).await;
    server.open.forget_permits(usize::MAX);
    let timeout = Duration::from_millis(50);
    let location = Location::new(&format!("{}/keys", server.address));
    let refreshing = Refreshing { timeout, ..refreshing() };
    let keys = KeySet::new(location, refreshing, Clock::standing_at(0)).unwrap();
    assert!(matches!(keys.refresh().await, Err(KeySetError::Address { .. })));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server = Server::start(set(&[&Signer::es256("one")])).await;
    let location = Location::new(&format!("{}/elsewhere", server.address));
    let keys = KeySet::new(location, refreshing(), Clock::standing_at(0)).unwrap();
    let error = keys.refresh().await.unwrap_err();
    assert!(error.to_string().ends_with("answers 303"), "{error}");
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_file_is_read_again_as_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    let (one, two) = (Signer::es256("one"), Signer::es256("two"));
    let clock = Clock::standing_at(0);
    let location = Location::new(path.to_str().unwrap());
    let keys = KeySet::new(location, refreshing(), clock.clone()).unwrap();
    assert!(matches!(keys.refresh().await, Err(KeySetError::File { .. })));
    fs::write(&path, set(&[&one])).unwrap();
    keys.refresh().await.unwrap();
    assert!(has(&keys, "one").await);
    fs::write(&path, set(&[&two])).unwrap();
    clock.turn(COOL_DOWN);
    assert!(has(&keys, "two").await);
    assert!(!has(&keys, "one").await);
    fs::remove_file(&path).unwrap();
    clock.turn(COOL_DOWN);
    assert!(!has(&keys, "three").await);
    assert!(has(&keys, "two").await);
    fs::write(&path, " ".repeat(9_000)).unwrap();
    assert!(matches!(keys.refresh().await, Err(KeySetError::TooLong { .. })));
}

#[test]
fn keys_come_from_a_safe_place() {
    let new =
        |text: &str| KeySet::new(Location::new(text), Refreshing::default(), Clock::standing_at(0));
    for text in [
        "https://id.example/keys",
        "http://127.0.0.1:1/keys",
        "http://[::1]/keys",
        "http://localhost/keys",
        "keys.json",
    ] {
        new(text).unwrap();
    }
    for text in [
        "http://id.example/keys",
        "http://127.0.0.1.id.example/keys",
        "ftp://id.example/keys",
        "file:///etc/passwd",
        "https://",
    ] {
        assert!(matches!(new(text), Err(KeySetError::Location { .. })), "{text}");
    }
    let error = new("https://user:secret@id.example/keys").unwrap_err().to_string();
    assert!(!error.contains("secret") && error.contains("credentials"), "{error}");
}

#[test]
fn only_keys_that_verify_what_we_take_are_read() {
    let (ec, ed, rsa) = (Signer::es256("ec"), Signer::eddsa("ed"), Signer::rs256("rsa"));
    let change = |signer: &Signer, name: &str, value: serde_json::Value| {
        let mut jwk = signer.jwk();
        jwk[name] = value;
        jwk
    };
    let read = |jwks: &[serde_json::Value]| {
        super::key::read(json!({"keys": jwks}).to_string().as_bytes()).map(|keys| keys.len())
    };
    assert_eq!(read(&[ec.jwk(), ed.jwk(), rsa.jwk()]), Ok(3));
    for foreign in [
        json!({"kty": "oct", "k": "c2VjcmV0", "kid": "x", "alg": "HS256"}),
        change(&ec, "use", json!("enc")),
        change(&ec, "key_ops", json!(["encrypt"])),
        change(&ec, "crv", json!("P-384")),
        change(&ec, "x", json!("AAAA")),
        change(&ec, "kty", json!("RSA")),
        change(&ed, "crv", json!("Ed448")),
        change(&ed, "alg", json!("ES256")),
        change(&rsa, "alg", json!("RS512")),
        change(&rsa, "alg", json!("HS256")),
        change(&rsa, "n", json!("AQAB")),
        change(&rsa, "kty", json!("rsa")),
        json!("a key"),
        json!({}),
    ] {
        assert!(read(std::slice::from_ref(&foreign)).is_err(), "{foreign}");
        assert_eq!(read(&[foreign, ec.jwk()]), Ok(1), "others stay usable");
    }
    assert_eq!(read(&[change(&ed, "alg", json!("Ed25519"))]), Ok(1));
    assert_eq!(read(&[change(&ec, "kid", json!("other")), ec.jwk()]), Ok(2));
    let error = read(&[ec.jwk(), ec.jwk()]).unwrap_err();
    assert_eq!(error, "has two ES256 keys with the id `ec`");
    assert!(read(&vec![json!({}); 201]).unwrap_err().contains("200"));
}
