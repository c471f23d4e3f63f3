//! Tokens, good and bad.

use std::{sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    super::{
        super::clock::Clock,
        ClaimNames, Expectations, Identity, KeySet, Location, Refreshing, Refusal, demo,
        signer::{Signer, set},
    },
    Verifier,
};

const NOW: i64 = 1_700_000_000;
const ISSUER: &str = "https://id.example";
const RESOURCE: &str = "https://mcp.example.com/mcp";

struct World {
    signer: Signer,
    verifier: Verifier,
    clock: Clock,
}

impl World {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Expectations)) -> Self {
        let signer = Signer::es256("one");
        let clock = Clock::standing_at(NOW * 1_000);
        let mut expected = Expectations::new(ISSUER, RESOURCE);
        change(&mut expected);
        let verifier = Verifier::new(expected, keys(&set(&[&signer]), &clock), clock.clone());
        Self { signer, verifier, clock }
    }

    async fn verify(&self, claims: &Value) -> Result<Arc<Identity>, Refusal> {
        self.verifier.verify(&self.signer.token(claims)).await
    }

    /// Of a token whose claims are the usual ones with a change.
    async fn changed(&self, name: &str, value: Value) -> Result<Arc<Identity>, Refusal> {
        let mut claims = claims();
        claims[name] = value;
        self.verify(&claims).await
    }
}

fn keys(text: &str, clock: &Clock) -> KeySet {
    KeySet::new(Location::Text(text.to_owned()), Refreshing::default(), clock.clone()).unwrap()
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": RESOURCE, "sub": "alice", "tenant": "acme",
        "groups": ["readers", "writers"], "clearance": 2, "scope": "crm.read crm.write",
        "client_id": "inspector", "iat": NOW, "exp": NOW + 3_600,
    })
}

#[tokio::test]
async fn every_algorithm_that_is_taken_gives_the_identity() {
    let clock = Clock::standing_at(NOW * 1_000);
    for signer in [Signer::es256("e"), Signer::eddsa("d"), Signer::rs256("r")] {
        let keys = keys(&set(&[&signer]), &clock);
        let verifier = Verifier::new(Expectations::new(ISSUER, RESOURCE), keys, clock.clone());
        let identity = verifier.verify(&signer.token(&claims())).await.unwrap();
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let expected = Identity {
            tenant: "acme".to_owned(),
            subject: "alice".to_owned(),
            issuer: ISSUER.to_owned(),
            client: Some("inspector".to_owned()),
            groups: names(&["readers", "writers"]),
            clearance: 2,
            scopes: names(&["crm.read", "crm.write"]),
        };
        assert_eq!(*identity, expected, "{}", signer.algorithm());
        let mut forged = claims();
        forged["tenant"] = json!("globex");
        let parts: Vec<String> = signer.token(&claims()).split('.').map(str::to_owned).collect();
        let body = BASE64_URL_SAFE_NO_PAD.encode(forged.to_string());
        let swapped = format!("{}.{body}.{}", parts[0], parts[2]);
        assert_eq!(verifier.verify(&swapped).await, Err(Refusal::Signature));
        let empty = format!("{}.{}.", parts[0], parts[1]);
        assert_eq!(verifier.verify(&empty).await, Err(Refusal::Signature));
    }
}

#[tokio::test]
async fn the_key_decides_the_algorithm() {
    let clock = Clock::standing_at(NOW * 1_000);
    let (ec, rsa) = (Signer::es256("ec"), Signer::rs256("rsa"));
    let keys = keys(&set(&[&ec, &rsa]), &clock);
    let verifier = Verifier::new(Expectations::new(ISSUER, RESOURCE), keys, clock);
    let body = BASE64_URL_SAFE_NO_PAD.encode(claims().to_string());
    for algorithm in ["none", "None", "HS256", "HS512", "RS512", "PS256", "ES384", "es256", ""] {
        let header = json!({"alg": algorithm, "kid": "rsa"}).to_string();
        let token = format!("{}.{body}.", BASE64_URL_SAFE_NO_PAD.encode(header));
        let refusal = verifier.verify(&token).await.unwrap_err();
        assert_eq!(refusal, Refusal::Algorithm(algorithm.to_owned()));
    }
    // The classic: the public key as the secret of an HMAC.
    let secret = jsonwebtoken::EncodingKey::from_secret(rsa.jwk().to_string().as_bytes());
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    header.kid = Some("rsa".to_owned());
    let token = jsonwebtoken::encode(&header, &claims(), &secret).unwrap();
    assert!(matches!(verifier.verify(&token).await, Err(Refusal::Algorithm(_))));
    // The right signature under the name of another key.
    let header = json!({"alg": "ES256", "kid": "rsa"}).to_string();
    let refusal = verifier.verify(&ec.raw(&header, &claims().to_string())).await.unwrap_err();
    assert!(matches!(refusal, Refusal::UnknownKey { algorithm: "ES256", .. }), "{refusal}");
    // A key that the token brings along.
    let mallory = Signer::es256("ec");
    let mut header = mallory.header();
    header["jwk"] = mallory.jwk();
    let token = mallory.raw(&header.to_string(), &claims().to_string());
    assert_eq!(verifier.verify(&token).await, Err(Refusal::Signature));
    // Without a name, and with exactly one key to choose.
    let header = json!({"alg": "ES256"}).to_string();
    verifier.verify(&ec.raw(&header, &claims().to_string())).await.unwrap();
}

#[tokio::test]
async fn without_a_key_id_nothing_is_guessed() {
    let clock = Clock::standing_at(NOW * 1_000);
    let (one, two) = (Signer::es256("one"), Signer::es256("two"));
    let keys = keys(&set(&[&one, &two]), &clock);
    let verifier = Verifier::new(Expectations::new(ISSUER, RESOURCE), keys, clock);
    let token = one.raw(r#"{"alg":"ES256"}"#, &claims().to_string());
    assert_eq!(verifier.verify(&token).await, Err(Refusal::NoKeyId("ES256")));
}

#[tokio::test]
async fn the_header_is_read_strictly() {
    let world = World::new();
    for (header, is_taken) in [
        (r#"{"alg":"ES256","kid":"one"}"#, true),
        (r#"{"alg":"ES256","kid":"one","typ":"JWT"}"#, true),
        (r#"{"alg":"ES256","kid":"one","typ":"application/at+jwt"}"#, true),
        (r#"{"alg":"ES256","kid":"one","typ":"dpop+jwt"}"#, false),
        (r#"{"alg":"ES256","kid":"one","typ":"logout+jwt"}"#, false),
        // What an identity provider gives for the exchange (enterprise-managed authorization): the
        // authorization server takes it, a resource server does not.
        (r#"{"alg":"ES256","kid":"one","typ":"oauth-id-jag+jwt"}"#, false),
        (r#"{"alg":"ES256","kid":"one","crit":["b64"],"b64":false}"#, false),
        (r#"{"alg":"ES256","alg":"ES256","kid":"one"}"#, false),
        (r#"{"alg":["ES256"],"kid":"one"}"#, false),
        (r#"{"alg":"ES256","kid":1}"#, false),
        (r#"{"kid":"one"}"#, false),
        (r#"["ES256"]"#, false),
        ("", false),
    ] {
        let token = world.signer.raw(header, &claims().to_string());
        assert_eq!(world.verifier.verify(&token).await.is_ok(), is_taken, "{header}");
    }
}

#[tokio::test]
async fn what_is_no_token_is_refused_without_a_panic() {
    let world = World::new();
    let good = world.signer.token(&claims());
    for token in ["", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d.e", "é.é.é", "\0"] {
        assert!(world.verifier.verify(token).await.is_err(), "{token:?}");
    }
    for token in [format!("{good}."), format!("{good}="), format!("{good} "), format!(".{good}")] {
        assert!(world.verifier.verify(&token).await.is_err(), "{token:?}");
    }
    let long = "a".repeat((16 << 10) + 1);
    let refusal = world.verifier.verify(&long).await.unwrap_err();
    assert_eq!(refusal, Refusal::TooLong { length: 16_385, max: 16_384 });
}

#[tokio::test]
async fn times_are_judged_by_the_clock_with_the_skew() {
    let world = World::new();
    for (name, value, is_taken) in [
        ("exp", json!(NOW - 59), true),
        ("exp", json!(NOW - 60), false),
        ("exp", json!(1_699_999_940.5), true),
        ("exp", json!((NOW + 60) * 1_000), false),
        ("exp", json!("1700003600"), false),
        ("exp", json!(-1), false),
        ("exp", json!(0), false),
        ("exp", json!(1e300), false),
        ("exp", Value::Null, false),
        ("nbf", json!(NOW + 60), true),
        ("nbf", json!(NOW + 61), false),
        ("nbf", json!("soon"), false),
        ("iat", json!(NOW + 60), true),
        ("iat", json!(NOW + 61), false),
    ] {
        let outcome = world.changed(name, value.clone()).await;
        assert_eq!(outcome.is_ok(), is_taken, "{name} {value}: {outcome:?}");
    }
    let mut without = claims();
    without.as_object_mut().unwrap().remove("exp");
    assert_eq!(world.verify(&without).await, Err(Refusal::Missing("exp".to_owned())));
    // 1e400 is no number for anybody.
    let text = claims().to_string().replace(&(NOW + 3_600).to_string(), "1e400");
    let token = world.signer.raw(&world.signer.header().to_string(), &text);
    assert!(matches!(world.verifier.verify(&token).await, Err(Refusal::Claims(_))));
}

#[tokio::test]
async fn a_token_that_was_good_is_not_good_for_ever() {
    let world = World::new();
    let token = world.signer.token(&claims());
    let first = world.verifier.verify(&token).await.unwrap();
    let second = world.verifier.verify(&token).await.unwrap();
    assert!(Arc::ptr_eq(&first, &second), "the second time it is remembered");
    world.clock.turn(Duration::from_secs(3_600 + 59));
    world.verifier.verify(&token).await.unwrap();
    world.clock.turn(Duration::from_secs(1));
    assert_eq!(world.verifier.verify(&token).await, Err(Refusal::Expired(60)));
}

#[tokio::test]
async fn tokens_are_remembered_within_bounds() {
    let world = World::new();
    for index in 0..super::MAX_REMEMBERED + 10 {
        world.changed("jti", json!(index)).await.unwrap();
    }
    assert!(world.verifier.good.lock().unwrap().len() <= super::MAX_REMEMBERED);
}

#[tokio::test]
async fn issuer_and_audience_are_compared_exactly() {
    let world = World::new();
    for (name, value, is_taken) in [
        ("aud", json!([RESOURCE]), true),
        ("aud", json!(["https://other.example", RESOURCE]), true),
        ("aud", json!("https://mcp.example.com/mcp/"), false),
        ("aud", json!("https://mcp.example.com"), false),
        ("aud", json!("https://MCP.example.com/mcp"), false),
        ("aud", json!("https://mcp.example.com/mcp2"), false),
        ("aud", json!(format!("{RESOURCE} https://x.example")), false),
        ("aud", json!([]), false),
        ("aud", json!([RESOURCE, 1]), false),
        ("aud", json!({"0": RESOURCE}), false),
        ("aud", Value::Null, false),
        ("iss", json!("https://id.example/"), false),
        ("iss", json!("https://id.example.evil.example"), false),
        ("iss", json!([ISSUER]), false),
        ("iss", Value::Null, false),
    ] {
        let outcome = world.changed(name, value.clone()).await;
        assert_eq!(outcome.is_ok(), is_taken, "{name} {value}: {outcome:?}");
    }
    for name in ["iss", "aud", "sub", "tenant"] {
        let mut without = claims();
        without.as_object_mut().unwrap().remove(name);
        assert_eq!(world.verify(&without).await, Err(Refusal::Missing(name.to_owned())));
    }
}

#[tokio::test]
async fn groups_that_are_missing_are_none_and_groups_of_a_wrong_type_are_an_error() {
    let world = World::new();
    let mut without = claims();
    without.as_object_mut().unwrap().remove("groups");
    assert!(world.verify(&without).await.unwrap().groups.is_empty());
    assert!(world.changed("groups", json!([])).await.unwrap().groups.is_empty());
    for value in [
        json!("readers"),
        json!("readers,writers"),
        json!({"readers": true}),
        json!(["readers", 1]),
        json!([["readers"]]),
        json!(true),
        Value::Null,
        json!(vec!["g"; 1_001]),
        json!(["a".repeat(257)]),
        json!(["line\nbreak"]),
    ] {
        let outcome = world.changed("groups", value.clone()).await;
        assert!(
            matches!(&outcome, Err(Refusal::Claim { claim, .. }) if claim == "groups"),
            "{value}"
        );
    }
}

#[tokio::test]
async fn groups_that_the_issuer_keeps_elsewhere_are_not_taken_for_none() {
    let world = World::new();
    for (name, value) in [
        ("_claim_names", json!({"groups": "src1"})),
        ("hasgroups", json!(true)),
        ("hasgroups", json!("true")),
    ] {
        let mut elsewhere = claims();
        elsewhere.as_object_mut().unwrap().remove("groups");
        elsewhere[name] = value;
        assert_eq!(world.verify(&elsewhere).await, Err(Refusal::GroupsElsewhere));
    }
}

#[tokio::test]
async fn keys_that_stand_twice_are_refused() {
    let world = World::new();
    for (from, to) in [
        ("\"tenant\":\"acme\"", "\"tenant\":\"acme\",\"tenant\":\"globex\""),
        ("\"tenant\":\"acme\"", "\"tenant\":\"acme\",\"t\\u0065nant\":\"globex\""),
        ("\"sub\":\"alice\"", "\"sub\":\"alice\",\"x\":{\"a\":1,\"a\":2}"),
        ("\"sub\":\"alice\"", "\"sub\":\"alice\",\"x\":[[{\"a\":1,\"a\":1}]]"),
    ] {
        let text = claims().to_string();
        assert!(text.contains(from));
        let token = world.signer.raw(&world.signer.header().to_string(), &text.replace(from, to));
        let refusal = world.verifier.verify(&token).await.unwrap_err();
        assert_eq!(refusal, Refusal::Claims("have a duplicate key".to_owned()), "{to}");
    }
    // Another spelling is another claim, and says nothing.
    let identity = world.changed("Tenant", json!("globex")).await.unwrap();
    assert_eq!(identity.tenant, "acme");
    for text in ["[]", "null", "{", "", "{} {}", "\u{feff}{}"] {
        let token = world.signer.raw(&world.signer.header().to_string(), text);
        assert!(matches!(world.verifier.verify(&token).await, Err(Refusal::Claims(_))), "{text}");
    }
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let token = world.signer.raw(&world.signer.header().to_string(), &deep);
    assert!(matches!(world.verifier.verify(&token).await, Err(Refusal::Claims(_))));
}

#[tokio::test]
async fn names_are_strings_within_bounds() {
    let world = World::new();
    for name in ["tenant", "sub", "client_id"] {
        for value in [
            json!(""),
            json!(1),
            json!(["acme"]),
            Value::Null,
            json!("a\0b"),
            json!("a".repeat(257)),
        ] {
            let outcome = world.changed(name, value.clone()).await;
            assert!(matches!(outcome, Err(Refusal::Claim { .. })), "{name} {value}: {outcome:?}");
        }
    }
    for value in [json!("2"), json!(1.5), json!(true), json!(1e30), json!(u64::MAX)] {
        let outcome = world.changed("clearance", value.clone()).await;
        assert!(matches!(outcome, Err(Refusal::Claim { .. })), "{value}: {outcome:?}");
    }
    assert!(world.changed("scope", json!(1)).await.is_err());
    assert_eq!(world.changed("cnf", json!({"jkt": "x"})).await, Err(Refusal::Bound));
}

#[tokio::test]
async fn claims_may_have_other_names() {
    let world = World::with(|expected| {
        expected.claims = ClaimNames {
            tenant: "https://example.com/org".to_owned(),
            groups: "/realm_access/roles".to_owned(),
            clearance: "level".to_owned(),
            ..ClaimNames::default()
        };
    });
    let identity = world
        .verify(&json!({
            "iss": ISSUER, "aud": RESOURCE, "sub": "s", "exp": NOW + 60, "tenant": "not this",
            "https://example.com/org": "acme", "realm_access": {"roles": ["readers"]}, "level": 1,
            "scp": ["crm.read"], "azp": "app",
        }))
        .await
        .unwrap();
    assert_eq!((identity.tenant.as_str(), identity.clearance), ("acme", 1));
    assert!(identity.groups.contains("readers") && identity.scopes.contains("crm.read"));
    assert_eq!(identity.client.as_deref(), Some("app"));
}

#[tokio::test]
async fn a_token_of_enterprise_managed_authorization_is_an_ordinary_one() {
    // What the authorization server gives for an ID-JAG (RFC 7523) is an access token like any
    // other; the claims that tell of the exchange say nothing about access.
    let mut token = claims();
    token["jti"] = json!("9e43f81b64a33f20116179");
    token["act"] = json!({"sub": "agent", "iss": "https://idp.example"});
    token["auth_time"] = json!(NOW - 600);
    token["amr"] = json!(["pwd", "otp"]);
    let identity = World::new().verify(&token).await.unwrap();
    assert_eq!(identity.principal(), "https://id.example|acme|alice");
}

#[tokio::test]
async fn neither_a_refusal_nor_debug_shows_a_token() {
    let world = World::new();
    let mut expired = claims();
    expired["exp"] = json!(NOW - 1_000);
    let mut other = claims();
    other["aud"] = json!("https://other.example/\n\u{1b}[31m");
    for claims in [expired, other, json!({}), json!({"tenant": 1})] {
        let token = world.signer.token(&claims);
        let refusal = world.verify(&claims).await.unwrap_err();
        let shown = format!("{refusal} {refusal:?} {:?} {}", world.verifier, Refusal::PUBLIC_TEXT);
        for part in token.split('.') {
            assert!(!shown.contains(part), "{shown}");
        }
        assert!(!shown.contains(['\n', '\u{1b}']), "{shown}");
    }
    let token = world.signer.token(&claims());
    let identity = world.verifier.verify(&token).await.unwrap();
    let shown = format!("{identity:?} {:?}", world.verifier);
    assert!(token.split('.').all(|part| !shown.contains(part)));
}

#[tokio::test]
async fn demonstration_tokens_are_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::standing_at(NOW * 1_000);
    let issuer = demo::Issuer::open(folder.path(), clock.clone()).unwrap();
    let resource = "http://127.0.0.1:8080/mcp";
    let expected = Expectations::new(demo::ISSUER, resource);
    let verifier = Verifier::new(expected, keys(&issuer.key_set(), &clock), clock.clone());
    for user in demo::USERS {
        let identity = demo::identity(user.name, &["crm.read"]).unwrap();
        let token = issuer.token(&identity, resource);
        assert_eq!(*verifier.verify(&token).await.unwrap(), identity);
        let elsewhere = issuer.token(&identity, "http://127.0.0.1:9090/mcp");
        assert!(matches!(verifier.verify(&elsewhere).await, Err(Refusal::Audience(_))));
    }
    let token = issuer.token(&demo::identity("alice", &[]).unwrap(), resource);
    clock.turn(demo::LIFETIME + Duration::from_secs(60));
    assert!(matches!(verifier.verify(&token).await, Err(Refusal::Expired(_))));
    let shown = format!("{issuer:?}");
    assert!(shown.contains("[redacted]"), "{shown}");
}
