//! A server with a clock that stands, and a browser that is spoken for byte by byte.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::super::super::{
    super::{
        super::{
            approval::{self, New, Proposal},
            audit,
            clock::Clock,
            identity::{Expectations, KeySet, Location, Metadata, Refreshing, Verifier, demo},
            points::Points,
            store::{Store, trial::Trial},
            tool::{
                Services,
                review_trial::{POLICIES, SCHEMA, toolbox},
            },
        },
        About, Approvals, Limits, Metrics, Server,
    },
    Access, Config, Tokens, serve,
};

const NOW: i64 = 1_700_000_000_000;
const HOUR: i64 = 3_600_000;
/// Long enough for what must happen.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
const ABOUT: About =
    About { name: "trial", title: "Trial <b>", version: "1", instructions: "Try it." };

pub(super) struct Running {
    pub(super) address: SocketAddr,
    pub(super) resource: String,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Clock,
    pub(super) issuer: demo::Issuer,
    stop: CancellationToken,
    _serving: JoinHandle<()>,
    _place: Trial,
    _folder: tempfile::TempDir,
}

impl Running {
    pub(super) async fn new() -> Self {
        Self::with("http", true, Limits::default()).await
    }

    pub(super) async fn with(scheme: &str, has_reviews: bool, limits: Limits) -> Self {
        let place = Trial::sqlite();
        let store = place.ready().await;
        let clock = Clock::standing_at(NOW);
        let services = Services::on_trial(&store, &clock, SCHEMA, POLICIES);
        let metrics = Arc::new(Metrics::default());
        let server = Server::new(&ABOUT, toolbox(), services, Arc::clone(&metrics), limits);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let resource = format!("{scheme}://{address}/mcp");
        let folder = tempfile::tempdir().unwrap();
        let issuer = demo::Issuer::open(folder.path(), clock.clone()).unwrap();
        let keys = Location::Text(issuer.key_set());
        let keys = KeySet::new(keys, Refreshing::default(), clock.clone()).unwrap();
        keys.refresh().await.unwrap();
        let alice = Arc::new(demo::identity("alice", &["approve"]).unwrap());
        let expected = Expectations::new(demo::ISSUER, resource.clone());
        let config = Config {
            access: Access::Tokens(Box::new(Tokens {
                verifier: Verifier::new(expected, keys, clock.clone()),
                metadata: Metadata::new(&resource, &[], &[]).unwrap(),
                scopes: Vec::new(),
                without_token: Some(alice),
            })),
            lacking_scopes: Arc::new(|_, _| None),
            approvals: Approvals::of(&server).filter(|_| has_reviews),
            hosts: Vec::new(),
            origins: Vec::new(),
            store: Arc::clone(&store),
            clock: clock.clone(),
            limits,
            metrics,
            points: Points::default(),
        };
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, server, config, stop.clone()));
        Self {
            address,
            resource,
            store,
            clock,
            issuer,
            stop,
            _serving: serving,
            _place: place,
            _folder: folder,
        }
    }

    pub(super) fn token(&self, user: &str) -> String {
        self.token_for(user, "approve")
    }

    pub(super) fn token_for(&self, user: &str, scope: &str) -> String {
        self.issuer.token(&demo::identity(user, &[scope]).unwrap(), &self.resource)
    }

    pub(super) async fn propose(&self, new: New) -> Proposal {
        let mut transaction = self.store.begin().await.unwrap();
        let now = self.clock.now();
        let proposal = approval::propose(&mut *transaction, new, now, HOUR).await.unwrap().unwrap();
        transaction.commit().await.unwrap();
        proposal
    }

    /// What the trail says of a request.
    pub(super) async fn record(&self, correlation_id: &Value) -> Option<Value> {
        let page = audit::page(&*self.store, "acme", 0, 1_000).await.unwrap();
        let mut records = page.lines.iter().map(|it| serde_json::from_str::<Value>(it).unwrap());
        records.find(|record| record["correlation_id"] == *correlation_id)
    }

    pub(super) async fn decision(&self, proposal: &Proposal) -> Option<bool> {
        let id = &proposal.id;
        let found = approval::find(&*self.store, &["make"], "acme", id).await.unwrap().unwrap();
        found.decision.map(|decision| decision.is_approved)
    }

    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Reply {
        let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            request.push_str(&format!("Host: {}\r\n", self.address));
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // What is refused early is not read to its end.
        let _ = stream.write_all(request.as_bytes()).await;
        let mut bytes = Vec::new();
        let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("an answer");
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {text}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Reply { status, head: head.to_owned(), body: body.to_owned() }
    }

    pub(super) fn browser(&self) -> Browser<'_> {
        Browser { server: self, cookie: None }
    }

    pub(super) async fn signed_in(&self, user: &str) -> Browser<'_> {
        let mut browser = self.browser();
        let reply = browser.sign_in(&self.token(user)).await;
        assert_eq!(reply.status, 303, "{reply:?}");
        browser
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(at, _)| at.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The value of a hidden field.
    pub(super) fn field(&self, name: &str) -> &str {
        let begin = format!("name=\"{name}\" value=\"");
        let rest = self.body.split_once(&begin).unwrap_or_else(|| panic!("no {name}: {self:?}")).1;
        rest.split_once('"').unwrap().0
    }

    /// What does not differ from one request to the next.
    pub(super) fn bytes(&self) -> String {
        let lines = self.head.lines();
        let is_fixed = |line: &&str| !line.starts_with("x-request-id") && !line.starts_with("date");
        format!("{}\n{}", lines.filter(is_fixed).collect::<Vec<_>>().join("\n"), self.body)
    }
}

pub(super) struct Browser<'a> {
    server: &'a Running,
    pub(super) cookie: Option<String>,
}

impl Browser<'_> {
    pub(super) async fn get(&self, path: &str) -> Reply {
        let cookie = self.cookie.clone().unwrap_or_default();
        self.server.send("GET", path, &[("Cookie", &cookie)], "").await
    }

    /// Sends a form, as a page of this server does.
    pub(super) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let origin = format!("http://{}", self.server.address);
        self.post_with(path, fields, &[("Origin", &origin)]).await
    }

    pub(super) async fn post_with(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let cookie = self.cookie.clone().unwrap_or_default();
        let mut all = vec![
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Cookie", cookie.as_str()),
        ];
        all.extend(headers);
        self.server.send("POST", path, &all, &body).await
    }

    pub(super) async fn sign_in(&mut self, token: &str) -> Reply {
        let reply = self.post("/approvals/sign-in", &[("token", token), ("change", "")]).await;
        self.keep(&reply);
        reply
    }

    pub(super) fn keep(&mut self, reply: &Reply) {
        if let Some(cookie) = reply.header("set-cookie") {
            self.cookie = Some(cookie.split(';').next().unwrap().to_owned());
        }
    }

    /// Looks at a proposal and decides about what is shown.
    pub(super) async fn decide(&self, id: &str, decision: &str, reason: &str) -> Reply {
        let shown = self.get(&page(id)).await;
        assert_eq!(shown.status, 200, "{shown:?}");
        self.send_decision(id, (shown.field("form"), shown.field("digest")), decision, reason).await
    }

    pub(super) async fn send_decision(
        &self,
        id: &str,
        (form, digest): (&str, &str),
        decision: &str,
        reason: &str,
    ) -> Reply {
        let fields =
            [("form", form), ("digest", digest), ("decision", decision), ("reason", reason)];
        self.post(&page(id), &fields).await
    }
}

pub(super) fn page(id: &str) -> String {
    format!("/approvals/changes/{id}")
}
