//! What only the embedded engine can run into.

use std::{fs, path::Path};

use super::super::{Location, Statement, StoreError, open, trial::Trial};

async fn refused(folder: &Path) -> StoreError {
    match open(&Location::Folder(folder.to_owned())).await {
        Err(error) => error,
        Ok(_) => panic!("{} is open", folder.display()),
    }
}

#[cfg(unix)]
#[tokio::test]
async fn folder_and_files_are_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt;

    let trial = Trial::sqlite();
    let Location::Folder(folder) = &trial.location else { panic!("not a folder") };
    let store = trial.ready().await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder), 0o700);
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 3, "the database and the two files of its log: {files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    store.close().await;
}

#[tokio::test]
async fn commits_survive_the_loss_of_power() {
    let store = Trial::sqlite().ready().await;
    let mut transaction = store.begin().await.unwrap();
    for (pragma, column, value) in [
        ("PRAGMA journal_mode", "journal_mode", "wal"),
        ("SELECT CAST(synchronous AS TEXT) AS s FROM pragma_synchronous", "s", "2"),
        ("SELECT CAST(foreign_keys AS TEXT) AS f FROM pragma_foreign_keys", "f", "1"),
    ] {
        let rows = transaction.query(Statement::new(pragma)).await.unwrap();
        assert_eq!(rows[0].text(column), Ok(value), "{pragma}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store.sqlite");
    fs::write(&file, "name,email\n".repeat(1000)).unwrap();
    let error = refused(folder.path()).await;
    assert!(matches!(error, StoreError::Setup(_)), "{error:?}");
    assert!(error.to_string().contains("is not an SQLite database; move it away"), "{error}");
    assert_eq!(fs::read_to_string(file).unwrap(), "name,email\n".repeat(1000));
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let error = refused(&folder.path().join("file/store")).await;
    assert!(matches!(error, StoreError::Setup(_)), "{error:?}");
    assert!(error.to_string().contains("file/store for the store cannot be written"), "{error}");
}

/// Where even root cannot write.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named() {
    let error = refused(Path::new("/proc/self/fd")).await;
    assert!(matches!(error, StoreError::Setup(_)), "{error:?}");
    assert!(error.to_string().contains("/proc/self/fd for the store cannot be written"), "{error}");
}

#[tokio::test]
async fn a_file_that_was_deleted_is_noticed() {
    let trial = Trial::sqlite();
    let Location::Folder(folder) = &trial.location else { panic!("not a folder") };
    let store = trial.ready().await;
    fs::remove_file(folder.join("store.sqlite")).unwrap();
    assert!(store.ping().await.unwrap_err().is_transient());
}

#[tokio::test]
async fn who_waits_for_the_writer_too_long_is_told_so() {
    let store = Trial::sqlite().ready().await;
    let held = store.begin().await.unwrap();
    let Err(error) = store.begin().await else { panic!("two write at once") };
    assert_eq!(
        error.to_string(),
        "the store is not available: no connection became free within 2s"
    );
    // Reading goes on meanwhile.
    store.query(Statement::new("SELECT count(*) AS n FROM session")).await.unwrap();
    held.rollback().await.unwrap();
    store.begin().await.unwrap().rollback().await.unwrap();
}

#[tokio::test]
async fn another_process_that_writes_too_long_makes_it_unavailable() {
    let trial = Trial::sqlite();
    let (store, other) = (trial.ready().await, trial.open().await);
    let held = other.begin().await.unwrap();
    let Err(error) = store.begin().await else { panic!("two write at once") };
    assert!(error.is_transient(), "{error:?}");
    held.rollback().await.unwrap();
    store.begin().await.unwrap().rollback().await.unwrap();
}
