//! How keywords are laid out for the prefilter. Shared by what makes the tables.

use std::cmp::Ordering;

/// Hashes of three bytes.
pub const SLOTS: usize = 1 << 14;
/// Bytes that are hashed and compared at first.
const GRAM: usize = 4;
/// Hashes of five bytes.
pub const FIVES: usize = 1 << 17;
/// Bytes that are hashed next.
const LONGER: usize = 5;
/// Bytes that are compared at once afterwards.
const WORD: usize = 8;
/// Setting this bit folds ASCII letters' case (and some symbols into others,
/// which the exact comparison sorts out).
const FOLD: u64 = 0x2020_2020_2020_2020;
/// What source code is full of, in order.
const COMMON: &str = "\
    aaaa able acti addr admi ails aine alid aliz alse alue ance ange ango asse atch atic atio \
    ator atus ault auth auto back base bloc buff byte cach call case cate cati cces cens cess \
    chan char chec chem clie code comm comp cond conf conn cons cont copy cord core coun crea \
    crip ctio ctiv ctor curr cust data date defa desc devi ding dmin dule eate econ ecor ecte \
    ecti edit efau efin egis elec emen empl enab ende ense enti ents eque equi erat erve ervi \
    esou espo essa even face faul fiel file fine flag fore form func gist grou hang head heck \
    here host http icat icen ield ient ifie ight imag impl inde iner info ings inst inte ions \
    istr itio itor kube lass late lect lice lida lien line link list ller llow load loca lock \
    mage mail mask matc mber ment mess meta mode modu move mpla mple mpor nabl name ncti nder \
    ndex nfig ning node nsta nten nter ntro odel oint olle onfi onne onse onst onta onte ontr \
    oper opti orde orma ound ount ourc over pace pack page pare pars pass pdat pend plat plic \
    poin pons port post pres prin proc prop prot prov ptio publ qual ques quir rail rame rans \
    rate rati read reat reco rect regi remo rent requ rese resp ress ring ript rite roll rren \
    rsio ruct rvic sage scri sele serv sign sing sion site sour spac spon ssag ssio stan star \
    stat ster stom stor stri stru supp tabl tain tati tatu temp tent ters test text ther this \
    time ting tion tive tran trin trol truc true ture turn type uest uire umen urce urre user \
    usto vali valu vent vers vice view with word work writ";
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

/// A keyword as it is looked for: by a part of it that is rare.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Up to eight bytes from the rare part on, folded.
    pub word: u64,
    /// How many bits of a word these are not.
    pub rest: u8,
    /// How many bytes stand before them.
    pub before: u8,
    /// The keyword's number.
    pub keyword: u32,
}

impl Entry {
    /// Of a keyword of at least three bytes, and its slot.
    pub fn of(keyword: &[u8], number: u32) -> (usize, Self) {
        let length = if keyword.len() < LONGER { GRAM } else { LONGER };
        let last = keyword.len().saturating_sub(length).min(usize::from(u8::MAX));
        let rarity = |at: &usize| rarity(keyword.get(*at..at + GRAM).unwrap_or_default());
        let before = (0..=last).rev().max_by_key(rarity).unwrap_or(0);
        let rare = keyword.get(before..).unwrap_or_default();
        let length = rare.len().min(WORD);
        let word = folded(word(rare)) & u64::MAX >> rest(length);
        let (rest, before) = (rest(length), before as u8);
        (slot(word as u32), Self { word, rest, before, keyword: number })
    }

    /// The bits to set in its slot: one for its fourth byte, all where it has none.
    pub fn bits(&self) -> u32 {
        if self.rest > rest(GRAM) { u32::MAX } else { 1 << bit(self.word as u32) }
    }

    /// The hash of its first five bytes, where it has as many.
    pub fn five(&self) -> Option<usize> {
        (self.rest <= rest(LONGER)).then(|| five(self.word))
    }

    /// Whether the folded `word` begins as the keyword goes on.
    #[inline]
    pub fn fits(&self, word: u64) -> bool {
        (word ^ self.word) << self.rest == 0
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

/// The slot of the first three bytes.
#[inline]
pub fn slot(word: u32) -> usize {
    ((word | FOLD as u32) << 8).wrapping_mul(0x9E37_79B1) as usize >> (32 - SLOTS.ilog2())
}

/// Which bit of its slot the fourth byte stands for.
#[inline]
pub fn bit(word: u32) -> u32 {
    word >> 24 & 31
}

/// The hash of the first five bytes of a folded word.
#[inline]
pub fn five(word: u64) -> usize {
    let bytes = word << rest(LONGER);
    (bytes.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - FIVES.ilog2())) as usize
}

/// Whether the bit is set.
#[inline]
pub fn holds(bits: &[u64], bit: usize) -> bool {
    bits.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 != 0)
}

/// Sets the bit.
pub fn set(bits: &mut [u64], bit: usize) {
    bits.get_mut(bit / 64).into_iter().for_each(|word| *word |= 1 << (bit % 64));
}

/// How many bits of a word so many bytes leave.
fn rest(length: usize) -> u8 {
    8 * (WORD - length.clamp(1, WORD)) as u8
}
