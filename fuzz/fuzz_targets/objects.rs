//! Packs: objects and deltas of any content, in a pack and index of the right
//! form. Delta instructions, trees, commits and tags are what varies.
//!
//! Input: entries of a kind byte, a base byte, a length byte and that many bytes.
#![no_main]

use std::cell::OnceCell;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::{Compression, write::ZlibEncoder};
use libfuzzer_sys::fuzz_target;
use saferun::git::{Oid, Repo};
use saferun::scan::{Scanner, source};
use tempfile::TempDir;

const MOST: usize = 24;
const OFS_DELTA: u8 = 6;
const REF_DELTA: u8 = 7;

struct Pack {
    bytes: Vec<u8>,
    offsets: Vec<u32>,
}

/// Ids ascend with the number, so that the index is sorted.
fn id(number: usize) -> [u8; 20] {
    [u8::try_from(number + 1).expect("few objects"); 20]
}

fn pack(mut data: &[u8]) -> Pack {
    let mut pack = Pack { bytes: b"PACK\0\0\0\x02\0\0\0\0".to_vec(), offsets: Vec::new() };
    while let [kind, base, length, rest @ ..] = data {
        if pack.offsets.len() == MOST {
            break;
        }
        let (content, after) = rest.split_at(usize::from(*length).min(rest.len()));
        data = after;
        let number = pack.offsets.len();
        let kind = match kind % 6 {
            kind @ 0..=3 => kind + 1,
            4 if number > 0 => OFS_DELTA,
            _ => REF_DELTA,
        };
        let offset = pack.bytes.len();
        pack.offsets.push(u32::try_from(offset).expect("a small pack"));
        head(&mut pack.bytes, kind, content.len());
        if kind == OFS_DELTA {
            let to = pack.offsets[usize::from(*base) % number];
            distance(&mut pack.bytes, offset - to as usize);
        } else if kind == REF_DELTA {
            pack.bytes.extend(id(usize::from(*base) % MOST));
        }
        let mut deflate = ZlibEncoder::new(&mut pack.bytes, Compression::fast());
        deflate.write_all(content).and_then(|()| deflate.try_finish()).expect("memory");
    }
    let count = u32::try_from(pack.offsets.len()).expect("few objects");
    pack.bytes[8..12].copy_from_slice(&count.to_be_bytes());
    pack.bytes.extend([0; 20]);
    pack
}

fn head(bytes: &mut Vec<u8>, kind: u8, size: usize) {
    let mut byte = kind << 4 | (size & 15) as u8;
    let mut left = size >> 4;
    while left > 0 {
        bytes.push(byte | 0x80);
        byte = (left & 0x7f) as u8;
        left >>= 7;
    }
    bytes.push(byte);
}

fn distance(bytes: &mut Vec<u8>, mut back: usize) {
    let mut digits = vec![(back & 0x7f) as u8];
    back >>= 7;
    while back > 0 {
        back -= 1;
        digits.push((back & 0x7f) as u8 | 0x80);
        back >>= 7;
    }
    bytes.extend(digits.iter().rev());
}

fn index(pack: &Pack) -> Vec<u8> {
    let mut bytes = b"\xfftOc\0\0\0\x02".to_vec();
    let count = pack.offsets.len();
    for first in 0..256 {
        bytes.extend((count.min(first) as u32).to_be_bytes());
    }
    (0..count).for_each(|number| bytes.extend(id(number)));
    (0..count).for_each(|_| bytes.extend([0; 4]));
    pack.offsets.iter().for_each(|offset| bytes.extend(offset.to_be_bytes()));
    bytes.extend([0; 40]);
    bytes
}

fn repository() -> TempDir {
    let dir = TempDir::new().expect("a directory");
    let git = dir.path().join(".git");
    for name in ["objects/pack", "refs/heads"] {
        fs::create_dir_all(git.join(name)).expect("a directory");
    }
    fs::write(git.join("HEAD"), "ref: refs/heads/main\n").expect("a file");
    fs::write(git.join("config"), "[core]\nrepositoryformatversion = 0\n").expect("a file");
    dir
}

fn look(dir: &Path, count: usize, scanner: &Scanner) {
    let tip = Oid::from_bytes(&id(count.saturating_sub(1))).expect("20 bytes");
    fs::write(dir.join(".git/refs/heads/main"), format!("{tip}\n")).expect("a file");
    let repo = Repo::discover(dir).expect("a repository");
    for number in 0..count {
        let oid = Oid::from_bytes(&id(number)).expect("20 bytes");
        let (size, object) = (repo.size(oid), repo.read(oid));
        if let (Ok((kind, size)), Ok(object)) = (size, &object) {
            assert_eq!((kind, size), (object.kind, object.data.len() as u64));
        }
        let _ = (repo.commit(oid), repo.tree_of(oid), repo.tree_changes(None, Some(oid)));
    }
    let _ = source::history(&repo, scanner, true);
    let _ = source::commits(&repo, scanner, &[tip], &[]);
}

fuzz_target!(|data: &[u8]| {
    thread_local!(static PLACE: OnceCell<(TempDir, Scanner)> = const { OnceCell::new() });
    PLACE.with(|place| {
        let (dir, scanner) = place.get_or_init(|| (repository(), Scanner::builtin()));
        let pack = pack(data);
        let packs = dir.path().join(".git/objects/pack");
        fs::write(packs.join("pack-a.pack"), &pack.bytes).expect("a file");
        fs::write(packs.join("pack-a.idx"), index(&pack)).expect("a file");
        look(dir.path(), pack.offsets.len(), scanner);
    });
});
