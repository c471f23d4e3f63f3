//! Ledgers that are wrong, to show that the tests can tell.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError},
};

use serde_json::Value;

use super::{
    super::super::{
        points::{Point, Points},
        store::{Store, StoreError},
    },
    Known, NOW, Request,
    race::effect,
};

/// Looks whether the change was made, and then makes it, in two transactions.
pub(super) async fn look_then_act(
    store: &Arc<dyn Store>,
    request: &Request,
    points: &Points,
) -> Result<Value, StoreError> {
    if let Some(Known::Answered(answer)) = request.find(&**store, NOW).await? {
        return Ok(answer);
    }
    let answer = act(store, request, points).await?;
    let mut transaction = store.begin().await?;
    if let Ok(taken) = request.take(&mut *transaction, NOW).await? {
        taken.answer(&mut *transaction, &answer).await?;
        transaction.commit().await?;
    }
    Ok(answer)
}

/// Keeps its answers in memory.
#[derive(Default)]
pub(super) struct Memory(std::sync::Mutex<HashMap<String, Value>>);

impl Memory {
    pub(super) async fn change(
        &self,
        store: &Arc<dyn Store>,
        request: &Request,
        points: &Points,
    ) -> Result<Value, StoreError> {
        let known =
            self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&request.key).cloned();
        if let Some(answer) = known {
            return Ok(answer);
        }
        let answer = act(store, request, points).await?;
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.insert(request.key.clone(), answer.clone());
        Ok(answer)
    }
}

/// The change by itself, in a transaction of its own.
async fn act(
    store: &Arc<dyn Store>,
    request: &Request,
    points: &Points,
) -> Result<Value, StoreError> {
    let (statement, answer) = effect(request);
    // Whoever asks at the same moment looks before anybody acts. Without this it depends on how soon
    // the store answers, and a wrong ledger may win every race.
    tokio::task::yield_now().await;
    points.reach(Point::BeforeTransaction, "change");
    let mut transaction = store.begin().await?;
    transaction.execute(statement).await?;
    points.reach(Point::BeforeCommit, "change");
    transaction.commit().await?;
    points.reach(Point::AfterCommit, "change");
    Ok(answer)
}
