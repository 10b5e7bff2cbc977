//! Files for the states of a search that does not fit in memory. The files have no names, so the system removes them
//! however the process ends.
//!
//! A bucket is then processed in chunks. The states that a chunk leads to are sorted, merged and written as runs, at
//! least one for each bucket that they belong to. When a bucket opens, its runs are merged while they are read (an
//! external sort). The states for the backward pass are also kept in a file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
#[cfg(all(feature = "spill", not(loom)))]
use std::path::PathBuf;

use num_bigint::BigUint;

use super::bucket::{Record, Segment};
use super::found::Depths;
use super::key::{Key, Layout};
use super::limbs::{Limb, of};
use super::numbers::{Numbers, Shape};
use crate::explore::limits::Limit;

/// The folder in which files are created.
#[derive(Debug, Clone)]
#[cfg(all(feature = "spill", not(loom)))]
pub struct Disk(PathBuf);

/// There is no such folder: this build has no files.
#[derive(Debug, Clone)]
#[cfg(not(all(feature = "spill", not(loom))))]
pub struct Disk(std::convert::Infallible);

#[cfg(all(feature = "spill", not(loom)))]
impl Disk {
    /// A folder in which files can be created.
    ///
    /// # Errors
    /// If no file can be created there.
    pub fn in_folder(folder: &Path) -> io::Result<Self> {
        tempfile::tempfile_in(folder).map(|_| Self(folder.to_path_buf()))
    }

    fn file(&self) -> io::Result<File> {
        tempfile::tempfile_in(&self.0)
    }
}

#[cfg(not(all(feature = "spill", not(loom))))]
impl Disk {
    /// This build has no files.
    ///
    /// # Errors
    /// Always.
    pub fn in_folder(_: &Path) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn file(&self) -> io::Result<File> {
        match self.0 {}
    }
}

impl From<io::Error> for Limit {
    /// The disk is full, or cannot be read or written.
    fn from(_: io::Error) -> Self {
        Self::Disk
    }
}

/// States that wait for their bucket in a file, in ascending order.
pub struct Stored {
    file: File,
    states: usize,
}

fn write_key<const N: usize>(key: &Key<N>, out: &mut impl Write) -> io::Result<()> {
    key.words().iter().try_for_each(|word| out.write_all(&word.to_le_bytes()))
}

fn read_u32(input: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    input.read_exact(&mut bytes).map(|()| u32::from_le_bytes(bytes))
}

fn read_key<const N: usize>(input: &mut impl Read) -> io::Result<Key<N>> {
    let (mut words, mut bytes) = ([0; N], [0; 8]);
    for word in &mut words {
        input.read_exact(&mut bytes)?;
        *word = u64::from_le_bytes(bytes);
    }
    Ok(Key::of_words(words))
}

fn read_limb<L: Limb>(input: &mut impl Read) -> io::Result<L> {
    let mut bytes = [0; 16];
    input.read_exact(&mut bytes[..L::BITS as usize / 8]).map(|()| L::low(u128::from_le_bytes(bytes)))
}

impl Stored {
    /// Writes states to a file.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn of<const N: usize, L: Limb>(disk: &Disk, states: &Segment<N, L>) -> io::Result<Self> {
        let mut file = BufWriter::new(disk.file()?);
        let row = states.rows.len() / states.keys.len().max(1);
        for (place, (key, depth)) in states.keys.iter().zip(&states.depths).enumerate() {
            write_key(key, &mut file)?;
            file.write_all(&depth.to_le_bytes())?;
            for limb in &states.rows[place * row..][..row] {
                file.write_all(&limb.wide().to_le_bytes()[..L::BITS as usize / 8])?;
            }
        }
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Self { file, states: states.keys.len() })
    }
}

/// A run that is being read.
struct Cursor<const N: usize, L> {
    input: BufReader<File>,
    left: usize,
    layout: Layout,
    shape: Shape,
    /// The factor that converts a probability to the unit of the open bucket.
    factor: Vec<L>,
    /// The next state.
    key: Key<N>,
    depth: u32,
    row: Vec<L>,
}

impl<const N: usize, L: Limb> Cursor<N, L> {
    /// Goes on to the next state. Returns whether there is one.
    fn step(&mut self, layout: &Layout) -> io::Result<bool> {
        if self.left == 0 {
            return Ok(false);
        }
        self.left -= 1;
        let mut key = [read_key(&mut self.input)?];
        self.layout.carry(&mut key, layout);
        (self.key, self.depth) = (key[0], read_u32(&mut self.input)?);
        for limb in &mut self.row {
            *limb = read_limb(&mut self.input)?;
        }
        Ok(true)
    }
}

/// The runs of a bucket, merged while they are read.
pub struct Merge<const N: usize, L> {
    cursors: Vec<Cursor<N, L>>,
    /// The layout of the states that it returns.
    pub layout: Layout,
}

/// A run, the layout of its states, and the shape and the unit of its numbers.
pub type Part = (Stored, Layout, Shape, BigUint);

impl<const N: usize, L: Limb> Merge<N, L> {
    /// Begins to read runs.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn of(runs: Vec<Part>, layout: &Layout, numbers: &Numbers) -> io::Result<Self> {
        let mut cursors = Vec::new();
        for (Stored { file, states }, from, shape, unit) in runs {
            let mut cursor = Cursor {
                input: BufReader::new(file),
                left: states,
                layout: from,
                shape,
                factor: of(&(&numbers.unit / unit)),
                key: Key::of_words([0; N]),
                depth: 0,
                row: vec![L::default(); shape.row()],
            };
            if cursor.step(layout)? {
                cursors.push(cursor);
            }
        }
        Ok(Self { cursors, layout: layout.clone() })
    }

    /// The next states, at most `most`. Empty if there are no more.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn next(&mut self, most: usize, numbers: &Numbers) -> io::Result<Segment<N, L>> {
        let (mut states, mut row) = (Segment::new(), vec![L::default(); numbers.shape.row()]);
        let least = |cursors: &[Cursor<N, L>]| {
            (0..cursors.len()).reduce(|a, b| if cursors[b].key < cursors[a].key { b } else { a })
        };
        while let Some(at) = least(&self.cursors) {
            let cursor = &mut self.cursors[at];
            if states.keys.len() == most && states.keys.last() != Some(&cursor.key) {
                break;
            }
            row.fill(L::default());
            numbers.bring_row(&cursor.row, cursor.shape, &cursor.factor, &mut row);
            states.add(Record { key: cursor.key, row: 0, times: 1 }, &row, cursor.depth);
            if !cursor.step(&self.layout)? {
                self.cursors.swap_remove(at);
            }
        }
        Ok(states)
    }
}

/// Bytes in a file, each piece under the potential of its bucket.
#[derive(Debug)]
pub struct Pieces {
    file: File,
    end: u64,
    places: BTreeMap<u32, Vec<(u64, usize)>>,
}

impl Pieces {
    /// A file without pieces.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn new(disk: &Disk) -> io::Result<Self> {
        Ok(Self { file: disk.file()?, end: 0, places: BTreeMap::new() })
    }

    /// Writes a piece.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn put(&mut self, potential: u32, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(bytes)?;
        self.places.entry(potential).or_default().push((self.end, bytes.len()));
        self.end += bytes.len() as u64;
        Ok(())
    }

    /// The potentials that have pieces.
    pub fn potentials(&self) -> impl Iterator<Item = u32> {
        self.places.keys().copied()
    }

    /// Reads the pieces of a bucket.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn get(&self, potential: u32) -> io::Result<Vec<Vec<u8>>> {
        let read = |&(from, length): &(u64, usize)| {
            let (mut file, mut bytes) = (&self.file, vec![0; length]);
            file.seek(SeekFrom::Start(from))?;
            file.read_exact(&mut bytes).map(|()| bytes)
        };
        self.places.get(&potential).into_iter().flatten().map(read).collect()
    }
}

/// Writes states and their depths as bytes.
pub fn bytes_of<const N: usize>(keys: &[Key<N>], depths: &Depths) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(keys.len() * (size_of::<Key<N>>() + 4));
    for (place, key) in keys.iter().enumerate() {
        key.words().iter().for_each(|word| bytes.extend(word.to_le_bytes()));
        bytes.extend(depths.at(place).to_le_bytes());
    }
    bytes
}

/// Reads states and their depths from such bytes.
pub fn states_of<const N: usize>(mut bytes: &[u8]) -> io::Result<(Vec<Key<N>>, Vec<u32>)> {
    let (mut keys, mut depths) = (Vec::new(), Vec::new());
    while !bytes.is_empty() {
        keys.push(read_key(&mut bytes)?);
        depths.push(read_u32(&mut bytes)?);
    }
    Ok((keys, depths))
}
