//! How keywords are laid out for the prefilter. Shared by what makes the tables.

use std::cmp::Ordering;

/// Hashes of three bytes.
pub const SLOTS: usize = 1 << 14;
/// Bytes that are hashed and compared at first.
const GRAM: usize = 4;
/// Bytes that are compared at once afterwards.
const WORD: usize = 8;
/// Setting this bit folds ASCII letters' case (and some symbols into others,
/// which the exact comparison sorts out).
const FOLD: u64 = 0x2020_2020_2020_2020;
/// What source code is full of, in order.
const COMMON: &str = "\
    aaaa able acti admi ails alid alse alue ance ange ango asse atch atic atio ator atus ault \
    auth auto back base bloc byte call case cate cati cens cess chan char chec clie code comm \
    comp cond conf conn cons cont cord core coun crea crip ctio ctiv ctor curr cust data date \
    defa desc devi ding dmin dule eate ecor ecte ecti edit efau egis elec emen ende ense enti \
    ents equi erat erve esou espo essa even faul fiel file fine flag fore form func gist hang \
    head heck here http icat icen ield ient ifie ight inde info ings inst inte ions istr itio \
    itor lass late lect lice lien line link ller load loca lock mail matc mber ment mess meta \
    mode mple name ncti nder ndex nfig node nsta nten nter ntro odel oint olle onfi onne onse \
    onst onta onte ontr oper opti orde orma ound ount ourc over pace page pare pass pdat plat \
    plic poin pons port post pres prot ptio qual ques rail rame rans rate rati read reat reco \
    rect regi remo rent rese resp ress ring ript rite roll rren ruct sage scri sele serv sign \
    sing sion site sour spac spon ssag ssio stan star stat ster stom stor stri stru tabl tati \
    tatu temp tent ters test text ther this time ting tion tive tran trin trol truc true ture \
    turn type uest umen urce user usto vali valu vent vers vice view with word work writ";
/// Bytes from the most to the least common; `_` as it is when folded.
const BYTES: &[u8] = b" etrasinolcdpum\x7fhfg.,b(0v-:y=xw/}{k1';2>`#34q568j$|<&!%z97";

/// Each byte's place in [`BYTES`], or after them.
const RANKS: [u8; 256] = {
    let (mut ranks, mut at) = ([BYTES.len() as u8; 256], 0);
    while at < BYTES.len() {
        ranks[BYTES[at] as usize] = at as u8;
        at += 1;
    }
    ranks
};

/// A keyword as it is looked for: by four bytes, some of which are a part of it
/// that is rare.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The keyword's number.
    pub keyword: u32,
    /// Up to eight bytes from there on, folded.
    pub word: u64,
    /// How many bits of a word these are not.
    pub rest: u8,
    /// All ones where the first of them may be any byte.
    pub any: u8,
    /// How many of its bytes stand before them.
    pub before: i8,
}

impl Entry {
    /// Of a keyword of at least three bytes, and their slots and bits there. As
    /// only every second place of a text is looked at, there is one for those
    /// in which it begins at an even one and one for the others.
    pub fn of(keyword: &[u8], number: u32) -> Vec<(usize, u32, Self)> {
        let entry = |before: i8, any: u8, bytes: &[u8]| {
            let length = bytes.len().min(WORD);
            let word = folded(word(bytes)) & u64::MAX >> rest(length);
            Self { keyword: number, word, rest: rest(length), any, before }
        };
        let at = |place: usize| {
            let entry = entry(place as i8, 0, keyword.get(place..).unwrap_or_default());
            (slot(entry.word as u32), 1 << bit(entry.word as u32), entry)
        };
        let after_any = || {
            let entry = entry(-1, u8::MAX, &[&[0], keyword].concat());
            (slot(entry.word as u32), u32::MAX, entry)
        };
        match keyword.len() {
            0..3 => Vec::new(),
            3 => {
                let (_, bits, entry) = at(0);
                let before_any =
                    (0..=u8::MAX).map(|byte| (entry.word as u32) | u32::from(byte) << 24);
                let mut slots: Vec<usize> = before_any.map(slot).collect();
                slots.sort_unstable();
                slots.dedup();
                let placed = slots.into_iter().map(|slot| (slot, bits, entry));
                placed.chain([after_any()]).collect()
            }
            GRAM => vec![at(0), after_any()],
            length => {
                let last = (length - GRAM - 1).min(i8::MAX as usize - 1);
                let gram = |at: usize| rarity(keyword.get(at..at + GRAM).unwrap_or_default());
                let rarer = |at: &usize| {
                    let (one, other) = (gram(*at), gram(at + 1));
                    (one.min(other), one.max(other))
                };
                let rare = (0..=last).rev().max_by_key(rarer).unwrap_or(0);
                vec![at(rare), at(rare + 1)]
            }
        }
    }

    /// Whether the folded `word` goes on as the keyword does.
    #[inline]
    pub fn fits(&self, word: u64) -> bool {
        ((word ^ self.word) & !u64::from(self.any)) << self.rest == 0
    }
}

/// How rare four bytes are; the higher the rarer.
fn rarity(gram: &[u8]) -> usize {
    let rank = |byte: &u8| usize::from(RANKS[usize::from(byte | FOLD as u8)]);
    if is_common(gram) { 0 } else { gram.iter().map(rank).sum() }
}

fn is_common(gram: &[u8]) -> bool {
    let common = |number: usize| COMMON.as_bytes().get(number * 5..number * 5 + GRAM);
    let (mut low, mut high) = (0, COMMON.len() / 5 + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        match common(middle).cmp(&Some(gram)) {
            Ordering::Less => low = middle + 1,
            Ordering::Equal => return true,
            Ordering::Greater => high = middle,
        }
    }
    false
}

/// The first eight bytes, zeros where there are fewer.
#[inline]
pub fn word(bytes: &[u8]) -> u64 {
    match bytes.first_chunk() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

/// Without regard to case.
#[inline]
pub fn folded(word: u64) -> u64 {
    word | FOLD
}

/// The slot of the second to fourth byte.
#[inline]
pub fn slot(word: u32) -> usize {
    ((word | FOLD as u32) & !0xff).wrapping_mul(0x9E37_79B1) as usize >> (32 - SLOTS.ilog2())
}

/// Which bit of its slot the first byte stands for.
#[inline]
pub fn bit(word: u32) -> u32 {
    word & 31
}

/// How many bits of a word so many bytes leave.
fn rest(length: usize) -> u8 {
    8 * (WORD - length.clamp(1, WORD)) as u8
}
