//! Files that appear whole or not at all.

use crate::error::StoreError;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Tells apart the temporary names of one process.
static COUNTER: AtomicU64 = AtomicU64::new(0);

/// A file on its way: written under [`Self::temporary`], it takes its place at
/// [`commit`](Self::commit). Dropped before that, the temporary file is removed and whatever stood
/// at the final path stays as it was.
#[derive(Debug)]
pub struct PendingFile {
    target: PathBuf,
    temporary: PathBuf,
    done: bool,
}

impl PendingFile {
    /// Plans a file at `target`; missing parent folders are created. The temporary name lies in
    /// the same folder, so that the rename stays within one file system.
    ///
    /// # Errors
    /// [`StoreError::NotAFile`] when `target` has no file name or is a folder,
    /// [`StoreError::Io`] when the folder cannot be created.
    pub fn new(target: &Path) -> Result<Self, StoreError> {
        let not_a_file = || StoreError::NotAFile { path: target.to_path_buf() };
        let name = target.file_name().ok_or_else(not_a_file)?;
        if target.is_dir() {
            return Err(not_a_file());
        }
        if let Some(folder) = target.parent().filter(|p| !p.as_os_str().is_empty()) {
            fs::create_dir_all(folder)
                .map_err(|source| StoreError::io("create the folder", folder, source))?;
        }
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let mut temporary = OsString::from(".");
        temporary.push(name);
        temporary.push(format!(".{}-{number}.partial", std::process::id()));
        Ok(Self {
            target: target.to_path_buf(),
            temporary: target.with_file_name(temporary),
            done: false,
        })
    }

    /// Where to write.
    #[must_use]
    pub fn temporary(&self) -> &Path {
        &self.temporary
    }

    /// Where it will be.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Puts the written file in its place, replacing what was there.
    ///
    /// # Errors
    /// [`StoreError::Io`]; the temporary file is then removed.
    pub fn commit(mut self) -> Result<(), StoreError> {
        fs::rename(&self.temporary, &self.target)
            .map_err(|source| StoreError::io("rename into place", &self.target, source))?;
        self.done = true;
        Ok(())
    }
}

impl Drop for PendingFile {
    fn drop(&mut self) {
        if !self.done {
            // Nothing can be done about a failure here, and the file may never have been created.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Writes a whole file by rename.
///
/// # Errors
/// [`StoreError::NotAFile`] and [`StoreError::Io`]; the previous file then stays as it was.
pub fn write_file(target: &Path, contents: &[u8]) -> Result<(), StoreError> {
    let pending = PendingFile::new(target)?;
    fs::write(pending.temporary(), contents)
        .map_err(|source| StoreError::io("write", target, source))?;
    pending.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_and_replaces_its_predecessor() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/run.json");
        write_file(&path, b"one").unwrap();
        write_file(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn an_abandoned_file_leaves_nothing_and_keeps_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        write_file(&path, b"old").unwrap();
        let pending = PendingFile::new(&path).unwrap();
        fs::write(pending.temporary(), b"half").unwrap();
        drop(pending);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_is_not_a_file() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path(), Path::new("/"), Path::new("..")] {
            let error = PendingFile::new(path).unwrap_err();
            assert_eq!(error.code(), "ERR_STORE_NOT_A_FILE", "{}", path.display());
        }
    }
}
