//! Sessions that any process can go on with.

use super::super::{
    session::{self, Session},
    trial::{Trial, on_both},
};

on_both!(
    a_session_is_found_by_its_user_in_any_process,
    a_session_of_another_user_is_unknown,
    a_visit_is_noted_once_a_minute,
    idle_sessions_expire,
);

fn session(id: &str) -> Session {
    Session {
        id: id.to_owned(),
        tenant: "acme".to_owned(),
        subject: "alice".to_owned(),
        state: "{}".to_owned(),
        created_at: 1_000,
        seen_at: 1_000,
    }
}

async fn a_session_is_found_by_its_user_in_any_process(trial: &Trial) {
    let (store, other) = (trial.ready().await, trial.ready().await);
    assert_eq!(session::save(&*store, &session("s")).await, Ok(true));
    assert_eq!(session::load(&*other, "s", "acme", "alice").await, Ok(Some(session("s"))));
    let changed = Session { state: "{\"a\":1}".to_owned(), seen_at: 2_000, ..session("s") };
    assert_eq!(session::save(&*other, &changed).await, Ok(true));
    assert_eq!(session::load(&*store, "s", "acme", "alice").await, Ok(Some(changed)));
    assert_eq!(session::delete(&*store, "s", "acme", "alice").await, Ok(true));
    assert_eq!(session::load(&*other, "s", "acme", "alice").await, Ok(None));
    assert_eq!(session::delete(&*other, "s", "acme", "alice").await, Ok(false));
}

async fn a_session_of_another_user_is_unknown(trial: &Trial) {
    let store = trial.ready().await;
    session::save(&*store, &session("s")).await.unwrap();
    for (tenant, subject) in [("acme", "bob"), ("globex", "alice"), ("", ""), ("ACME", "alice")] {
        assert_eq!(session::load(&*store, "s", tenant, subject).await, Ok(None));
        assert_eq!(session::delete(&*store, "s", tenant, subject).await, Ok(false));
        let taken = Session {
            tenant: tenant.to_owned(),
            subject: subject.to_owned(),
            state: "theirs".to_owned(),
            ..session("s")
        };
        assert_eq!(session::save(&*store, &taken).await, Ok(false));
    }
    assert_eq!(session::load(&*store, "s", "acme", "alice").await, Ok(Some(session("s"))));
}

async fn a_visit_is_noted_once_a_minute(trial: &Trial) {
    let store = trial.ready().await;
    let mut session = session("s");
    session::save(&*store, &session).await.unwrap();
    for (now, noted) in [(60_999, 1_000), (61_000, 61_000), (62_000, 61_000), (500, 61_000)] {
        session::touch(&*store, &mut session, now).await.unwrap();
        let stored = session::load(&*store, "s", "acme", "alice").await.unwrap().unwrap();
        assert_eq!((stored.seen_at, session.seen_at), (noted, noted));
    }
}

async fn idle_sessions_expire(trial: &Trial) {
    let store = trial.ready().await;
    for (id, seen_at) in [("old", 1_000), ("older", 10), ("new", 5_000)] {
        session::save(&*store, &Session { seen_at, ..session(id) }).await.unwrap();
    }
    assert_eq!(session::expire(&*store, 5_000).await, Ok(2));
    assert_eq!(session::expire(&*store, 5_000).await, Ok(0));
    assert!(session::load(&*store, "new", "acme", "alice").await.unwrap().is_some());
}
