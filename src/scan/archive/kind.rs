//! What kind of archive some bytes begin, by their signature.

/// How many bytes tell the kind.
pub(in crate::scan) const SNIFFED: usize = 262;

/// A format that holds other files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scan) enum Kind {
    /// ZIP and what is built on it: jar, war, docx, xlsx, apk, whl, nupkg.
    Zip,
    /// POSIX or GNU tar.
    Tar,
    /// gzip (RFC 1952).
    Gzip,
    /// xz.
    Xz,
    /// Zstandard (RFC 8878).
    Zstd,
}

impl Kind {
    /// The kind of a file that begins with `head`.
    pub(in crate::scan) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [b'P', b'K', 3, 4, ..] => Some(Self::Zip),
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            _ => (head.get(257..262) == Some(b"ustar")).then_some(Self::Tar),
        }
    }

    /// Name of the one file in a compressed file called `path`.
    pub(super) fn inner_name(self, path: &[u8]) -> Vec<u8> {
        let file = path.rsplit(|byte| matches!(byte, b'/' | b'!')).next().unwrap_or(path);
        let endings: &[(&[u8], &[u8])] = match self {
            Self::Gzip => &[(b".tgz", b".tar"), (b".gz", b"")],
            Self::Xz => &[(b".txz", b".tar"), (b".xz", b"")],
            Self::Zstd => &[(b".tzst", b".tar"), (b".zst", b"")],
            Self::Zip | Self::Tar => &[],
        };
        let stripped = endings
            .iter()
            .find_map(|(end, instead)| Some([file.strip_suffix(*end)?, *instead].concat()));
        stripped.filter(|name| !name.is_empty()).unwrap_or_else(|| b"content".to_vec())
    }
}
