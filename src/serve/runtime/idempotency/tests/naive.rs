//! Ledgers that are wrong, to show that the tests can tell.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError},
};

use serde_json::Value;

use super::{
    super::super::store::{Store, StoreError},
    Known, NOW, Request,
    race::effect,
};

/// Looks whether the change was made, and then makes it, in two transactions.
pub(super) async fn look_then_act(
    store: Arc<dyn Store>,
    request: Request,
) -> Result<Value, StoreError> {
    if let Some(Known::Answered(answer)) = request.find(&*store, NOW).await? {
        return Ok(answer);
    }
    let (statement, answer) = effect(&request);
    let mut transaction = store.begin().await?;
    transaction.execute(statement).await?;
    transaction.commit().await?;
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
    pub(super) async fn change(&self, store: &dyn Store, request: &Request) {
        let is_known =
            self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&request.key);
        if is_known {
            return;
        }
        let (statement, answer) = effect(request);
        let mut transaction = store.begin().await.unwrap();
        transaction.execute(statement).await.unwrap();
        transaction.commit().await.unwrap();
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.insert(request.key.clone(), answer);
    }
}
