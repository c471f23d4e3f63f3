//! What only the embedded engine can run into.

use std::{fs, path::Path, time::Duration};

use super::super::{Location, Statement, StoreError, open, open_to_read, trial::Trial};

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
    let trial = Trial::sqlite();
    let store = trial.ready().await;
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
    let file = folder.join("store.sqlite");
    store.ping().await.unwrap();
    let under_way = store.begin().await.unwrap();
    fs::remove_file(&file).unwrap();
    assert!(under_way.commit().await.unwrap_err().is_transient(), "it was written nowhere");
    assert!(store.ping().await.unwrap_err().is_transient());
    let Err(error) = store.begin().await else { panic!("what is written now is lost") };
    assert!(error.is_transient(), "{error:?}");
    // Another file at the same place has what others write there, and nothing of ours.
    let other = trial.ready().await;
    other.begin().await.unwrap().rollback().await.unwrap();
    let Err(error) = store.begin().await else { panic!("there are two stores in one place") };
    assert!(error.to_string().contains("is another file than"), "{error}");
    assert!(store.ping().await.unwrap_err().is_transient());
}

/// Every file of a folder with its bytes.
fn content(folder: &Path) -> std::collections::BTreeMap<std::path::PathBuf, Vec<u8>> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[tokio::test]
async fn who_only_reads_leaves_nothing_and_makes_nothing() {
    let trial = Trial::sqlite();
    let Location::Folder(folder) = &trial.location else { panic!("not a folder") };
    let Err(error) = open_to_read(&trial.location).await else { panic!("there is none") };
    assert!(error.to_string().contains("there is no store in"), "{error}");
    assert!(!folder.exists());
    fs::create_dir(folder).unwrap();
    let Err(error) = open_to_read(&trial.location).await else { panic!("there is none") };
    assert!(error.to_string().contains("it has no file store.sqlite"), "{error}");
    assert!(content(folder).is_empty());

    let writer = trial.ready().await;
    let reader = open_to_read(&trial.location).await.unwrap();
    let count = Statement::new("SELECT count(*) AS n FROM session");
    reader.query(count.clone()).await.unwrap();
    reader.close().await;
    writer.close().await;
    let before = content(folder);
    assert_eq!(before.len(), 1, "the log goes with the last writer");
    let reader = open_to_read(&trial.location).await.unwrap();
    reader.query(count).await.unwrap();
    if let Ok(mut transaction) = reader.begin().await {
        let delete = Statement::new("DELETE FROM schema_migration");
        assert!(transaction.execute(delete).await.is_err(), "it writes");
    }
    reader.close().await;
    assert_eq!(content(folder), before);
}

#[tokio::test]
async fn who_waits_for_the_writer_too_long_is_told_so() {
    let trial = Trial::sqlite();
    let store = trial.ready().await;
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

/// It took 82 seconds, and nothing was said.
#[tokio::test]
async fn a_file_that_another_program_keeps_locked_is_given_up_soon_with_its_name() {
    let trial = Trial::sqlite();
    let other = trial.ready().await;
    let held = other.begin().await.unwrap();
    let opened = tokio::time::timeout(Duration::from_secs(20), open(&trial.location)).await;
    let Err(error) = opened.expect("it is given up") else { panic!("it is locked") };
    assert!(error.is_transient(), "{error:?}");
    let Location::Folder(folder) = &trial.location else { panic!("a folder") };
    let file = folder.join("store.sqlite").display().to_string();
    assert!(error.to_string().contains(&format!("{file} is locked")), "{error}");
    held.rollback().await.unwrap();
    open(&trial.location).await.unwrap();
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
