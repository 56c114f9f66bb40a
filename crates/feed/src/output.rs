//! Files that appear when they are complete: written under a temporary name, then renamed; and
//! the header of those that are DBN.

use crate::error::FeedError;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

enum Sink {
    Plain(BufWriter<File>),
    Zstd(Box<zstd::stream::write::Encoder<'static, BufWriter<File>>>),
}

/// A file being written as `<name>.partial`; [`Self::finish`] gives it its name, dropping it
/// before that removes it. zstd when the name ends in `.zst`.
pub struct PartialFile {
    sink: Option<Sink>,
    temporary: PathBuf,
    path: PathBuf,
    name: String,
}

impl PartialFile {
    /// Begins a file.
    ///
    /// # Errors
    /// [`FeedError::Io`].
    pub fn create(path: &Path) -> Result<Self, FeedError> {
        let zstd = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("zst"));
        let mut file = Self::plain(path)?;
        if zstd && let Some(Sink::Plain(sink)) = file.sink.take() {
            let encoder = zstd::stream::write::Encoder::new(sink, 0)
                .map_err(|e| FeedError::io(&file.name, "compress", e))?;
            file.sink = Some(Sink::Zstd(Box::new(encoder)));
        }
        Ok(file)
    }

    /// Begins a file without compression, whatever its name.
    ///
    /// # Errors
    /// [`FeedError::Io`].
    pub fn plain(path: &Path) -> Result<Self, FeedError> {
        let name = path.display().to_string();
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(".partial");
        let temporary = PathBuf::from(temporary);
        let file = File::create(&temporary).map_err(|e| FeedError::io(&name, "create", e))?;
        let sink = Some(Sink::Plain(BufWriter::with_capacity(1 << 18, file)));
        Ok(Self { sink, temporary, path: path.to_owned(), name })
    }

    /// The file as it was named.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Writes what is buffered and renames the file, over one of the same name.
    ///
    /// # Errors
    /// [`FeedError::Io`].
    pub fn finish(mut self) -> Result<(), FeedError> {
        let failed = |e| FeedError::io(&self.name, "write", e);
        let mut buffered = match self.sink.take() {
            Some(Sink::Plain(sink)) => sink,
            Some(Sink::Zstd(encoder)) => encoder.finish().map_err(failed)?,
            None => return Ok(()),
        };
        buffered.flush().map_err(failed)?;
        let file = buffered.into_inner().map_err(|e| failed(e.into_error()))?;
        file.sync_all().map_err(failed)?;
        drop(file);
        std::fs::rename(&self.temporary, &self.path)
            .map_err(|e| FeedError::io(&self.name, "rename", e))
    }

    fn sink(&mut self) -> io::Result<&mut dyn Write> {
        match &mut self.sink {
            Some(Sink::Plain(sink)) => Ok(sink),
            Some(Sink::Zstd(sink)) => Ok(sink),
            None => Err(io::Error::other("the file is finished")),
        }
    }
}

impl Write for PartialFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sink()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink()?.flush()
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        self.sink = None;
        // After a successful rename nothing has this name; otherwise the half file goes.
        let _ = std::fs::remove_file(&self.temporary);
    }
}

/// The metadata of a DBN file of version 3 that is to be written.
pub(crate) struct DbnHeader<'a> {
    /// Dataset, at most 16 bytes.
    pub dataset: &'a str,
    pub schema: dbn::Schema,
    /// First time in ns, and the first after the data.
    pub start: u64,
    pub end: u64,
    pub symbols: &'a [String],
    /// Numeric id of the first symbol; the others follow.
    pub first_id: u32,
}

impl DbnHeader<'_> {
    /// The bytes before the first record.
    pub fn encode(&self, file: &str) -> Result<Vec<u8>, FeedError> {
        use dbn::{MappingInterval, MetadataBuilder, SType, SymbolMapping};
        let mut metadata = MetadataBuilder::new()
            .version(3)
            .dataset(self.dataset.to_owned())
            .schema(Some(self.schema))
            .start(self.start)
            .end(std::num::NonZeroU64::new(self.end))
            .stype_in(Some(SType::RawSymbol))
            .stype_out(SType::InstrumentId)
            .symbols(self.symbols.to_vec())
            .build();
        let start_date = metadata.start().date();
        let last = metadata.end().map_or(start_date, |end| end.date());
        let end_date = last.next_day().unwrap_or(last);
        let mapping = |(k, symbol): (usize, &String)| SymbolMapping {
            raw_symbol: symbol.clone(),
            intervals: vec![MappingInterval {
                start_date,
                end_date,
                symbol: (u64::from(self.first_id) + k as u64).to_string(),
            }],
        };
        metadata.mappings = self.symbols.iter().enumerate().map(mapping).collect();
        let mut bytes = Vec::new();
        dbn::encode::dbn::MetadataEncoder::new(&mut bytes)
            .encode(&metadata)
            .map_err(|e| FeedError::io(file, "write the DBN header of", io::Error::other(e)))?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_when_it_is_finished_and_not_before() {
        let folder = std::env::temp_dir().join(format!("tickforge-output-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("a.csv.zst");
        let mut file = PartialFile::create(&path).unwrap();
        file.write_all(b"hello").unwrap();
        assert!(!path.exists());
        file.finish().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(zstd::stream::decode_all(&bytes[..]).unwrap(), b"hello");
        drop(PartialFile::create(&folder.join("b.csv")).unwrap());
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(PartialFile::create(&folder.join("none").join("c")).is_err());
    }
}
