//! Where a snapshot is written: a folder, or one file; whole, or not at all.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::spool::unique;

/// Zstandard's level: what is won above is little.
const LEVEL: i32 = 3;

/// A snapshot being written, under a name of its own beside its target.
pub(super) struct Output {
    target: PathBuf,
    temporary: PathBuf,
    form: Option<Form>,
}

enum Form {
    Folder,
    Archive(Archive<BufWriter<File>>),
}

/// An archive being written.
type Archive<W> = Box<tar::Builder<zstd::Encoder<'static, W>>>;

/// Begins an archive.
pub(super) fn archive<W: Write>(out: W) -> io::Result<Archive<W>> {
    let mut encoder = zstd::Encoder::new(out, LEVEL)?;
    encoder.include_checksum(true)?;
    Ok(Box::new(tar::Builder::new(encoder)))
}

/// Writes the entry at `path`, which has `size` bytes, into an archive.
pub(super) fn append<W: Write>(
    archive: &mut tar::Builder<W>,
    path: &str,
    size: u64,
    content: impl Read,
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(size);
    header.set_mode(0o600);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    archive.append_data(&mut header, path, content)
}

impl Output {
    pub(super) fn create(target: &Path) -> io::Result<Self> {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let temporary = beside(target).join(format!(".{name}.{}", unique()));
        let form = if name.ends_with(super::ARCHIVE) {
            Form::Archive(archive(BufWriter::new(create_private(&temporary)?))?)
        } else {
            private_folders().create(&temporary)?;
            Form::Folder
        };
        Ok(Self { target: target.to_owned(), temporary, form: Some(form) })
    }

    /// Writes the entry at `path`, which has `size` bytes.
    pub(super) fn put(&mut self, path: &str, size: u64, mut content: impl Read) -> io::Result<()> {
        match &mut self.form {
            Some(Form::Archive(archive)) => append(archive, path, size, content),
            Some(Form::Folder) => {
                let file = self.temporary.join(path);
                private_folders().create(beside(&file))?;
                let mut writer = BufWriter::new(create_private(&file)?);
                io::copy(&mut content, &mut writer)?;
                writer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
            }
            None => Ok(()),
        }
    }

    /// Makes the snapshot appear under its name, in place of what is there.
    pub(super) fn finish(mut self) -> io::Result<()> {
        match self.form.take() {
            Some(Form::Archive(archive)) => {
                let file = archive.into_inner()?.finish()?;
                file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
                fs::rename(&self.temporary, &self.target)?;
            }
            Some(Form::Folder) => {
                sync_folders(&self.temporary)?;
                self.replace_folder()?;
            }
            None => {}
        }
        File::open(beside(&self.target))?.sync_all()
    }

    fn replace_folder(&self) -> io::Result<()> {
        // An empty folder is replaced by renaming; one that is not has to step aside first.
        let filled = fs::read_dir(&self.target).is_ok_and(|mut entries| entries.next().is_some());
        if !filled {
            return fs::rename(&self.temporary, &self.target);
        }
        let aside = beside(&self.target).join(format!(".kuberlock-{}.old", unique()));
        fs::rename(&self.target, &aside)?;
        if let Err(error) = fs::rename(&self.temporary, &self.target) {
            fs::rename(&aside, &self.target)?;
            return Err(error);
        }
        fs::remove_dir_all(&aside)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // After a rename there is nothing under this name; after a fault nothing may stay.
        let _ = fs::remove_file(&self.temporary);
        let _ = fs::remove_dir_all(&self.temporary);
    }
}

/// The folder that holds `path`.
pub(super) fn beside(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a file that only its owner may read, and that was not there.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}

fn private_folders() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder
}

fn sync_folders(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    File::open(folder)?.sync_all()
}
