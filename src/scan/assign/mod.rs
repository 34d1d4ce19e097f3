//! Assignments of secrets, read by hand: a name that says what its value is,
//! what stands between them, and the value, in whatever language or format.
//!
//! In: a text and where in it a word such as `token` stands. Out: an
//! [`Assignment`]. Never here: whether the value looks like a secret.

mod block;
mod call;
mod columns;
mod cursor;
mod forms;
mod line;
mod name;
mod syntax;
mod tuple;
mod value;

pub(super) use name::Named;
pub use name::Sort;
pub(super) use syntax::Syntax;

use cursor::Cursor;

/// Spaces between a name, its sign and its value, at most.
const SPACES: usize = 40;

/// How a value is tied to its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A literal in quotes.
    Quoted,
    /// Bare, in a format where values need no quotes.
    Bare,
    /// Bare, inside a longer literal: `"user=a;password=b"`.
    Inline,
    /// Compared with: `password == "x"`.
    Compared,
    /// An argument: `setPassword("x")`, `put("password", "x")`.
    Argument,
    /// In a comment: `# password: x`.
    Said,
    /// Used where the environment has none: `${PASSWORD:-x}`, `a || "x"`.
    Fallback,
    /// Several literals: `"x" + "y"`.
    Joined,
    /// The numbers of an array.
    Bytes,
}

/// A name and the value it is given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Assignment {
    /// What the name says.
    pub(super) named: Named,
    /// How the value stands there.
    pub(super) form: Form,
    /// First byte of the name.
    pub(super) start: usize,
    /// Byte after the name.
    pub(super) named_to: usize,
    /// First byte of the value.
    pub(super) value: usize,
    /// Byte after the value.
    pub(super) end: usize,
}

/// What was read at a name.
pub(super) struct Reading {
    /// Byte after the name.
    pub(super) end: usize,
    /// Bytes behind the name's line that may belong to it.
    pub(super) reach: usize,
    /// The name with its value.
    pub(super) assignment: Option<Assignment>,
    /// The name with the values of its column, where it is that of one.
    pub(super) column: Vec<Assignment>,
}

/// Reads the name that stands at `position`, and its value.
pub(super) fn at(text: &[u8], position: usize, syntax: Syntax) -> Reading {
    let (start, end) = name::around(text, position);
    let named_to = end;
    let classify = || name::classify(text.get(start..end)?);
    let given = |named, (form, value, end)| Assignment { named, form, start, named_to, value, end };
    let (rows, reach) = columns::below(text, start, end, syntax);
    if !rows.is_empty()
        && let Some(named) = classify()
    {
        let column = rows.into_iter().map(|value| given(named, value)).collect();
        return Reading { end, reach, assignment: None, column };
    }
    let mut cursor = Cursor::new(text, end, syntax);
    let sign = sign(&mut cursor, start);
    let mut assignment = || {
        let sign = sign?;
        let named = match sign {
            Sign::Fill => name::classify(name::without_widget(text.get(start..end)?)),
            _ => classify(),
        }?;
        Some(given(named, cursor.value(sign, start)?))
    };
    let assignment = assignment();
    Reading { end, reach: reach.max(cursor.reach()), assignment, column: Vec::new() }
}

/// What stands between a name and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// `=`, `:`, `=>`, `:=`, `<-`
    Assign,
    /// `==`, `!=`
    Compare,
    /// `name(`
    Call,
    /// `nameField.typeText(`
    Fill,
    /// `"name",`
    Pair,
    /// `<name>`, or `name="…" value=`
    Markup,
    /// `--name x`, `PASSWORD 'x'`
    Space,
}

/// Reads up to the value.
fn sign(cursor: &mut Cursor<'_>, start: usize) -> Option<Sign> {
    let quoted = cursor.closers();
    if !quoted && cursor.eat(b"(") {
        return Some(Sign::Call).filter(|_| !name::is_macro(cursor.name(start)));
    }
    if cursor.byte() == Some(b'[') {
        cursor.subscript()?;
    }
    let spaces = cursor.spaces(SPACES);
    let sign = match cursor.byte()? {
        b'=' | b'!' if cursor.eat(b"===") || cursor.eat(b"!==") => Sign::Compare,
        b'=' | b'!' if cursor.eat(b"==") || cursor.eat(b"!=") => Sign::Compare,
        b'=' if cursor.eat(b"=~") => return None,
        b':' if cursor.eat(b"::") || cursor.reports(start) => return None,
        b'<' if cursor.eat(b"<-") => Sign::Assign,
        b'.' if cursor.property() => {
            cursor.spaces(SPACES);
            return sign(cursor, start);
        }
        b'.' if cursor.eat(b".equals(") || cursor.eat(b".equalsIgnoreCase(") => Sign::Compare,
        b':' if cursor.before(start, b":") && !cursor.before(start, b"::")
            || cursor.before(start, b"checksum/") =>
        {
            return None;
        }
        b'\n' | b'\r' | b',' | b'<' if cursor.next_value(start) => Sign::Assign,
        b'=' | b':' | b'|' | b'?' | b'+'
            if [&b"=>"[..], b":=", b"||=", b"??=", b"?=", b"+=", b"?:", b"=", b":"]
                .iter()
                .any(|sign| cursor.eat(sign)) =>
        {
            Sign::Assign
        }
        b',' if !quoted && cursor.before(start, b" :") && cursor.eat(b",") => Sign::Pair,
        b',' if !quoted && cursor.heads_tuple(start) => Sign::Assign,
        b',' if !quoted && (cursor.eat(b", _ := ") || cursor.eat(b", err := ")) => Sign::Assign,
        b',' if quoted && cursor.eat(b", with: ") => Sign::Pair,
        b'w' if quoted && cursor.eat(b"with ") => Sign::Space,
        b')' if !quoted && cursor.closes_tuple(start) => Sign::Assign,
        b')' if cursor.fills_in() => Sign::Call,
        b'.' if !quoted && cursor.types_in() => Sign::Fill,
        b')' | b'/' if cursor.is_typed_into(start) => Sign::Fill,
        b'$' if cursor.eat(b"$ = ") => Sign::Assign,
        b')' => cursor.closes(start, quoted)?,
        b',' if !quoted && cursor.is_asserted(start) && cursor.eat(b",") => Sign::Compare,
        b',' if !quoted && cursor.opens_term(start) && cursor.opens_literal() => Sign::Pair,
        b',' if !quoted && cursor.is_constant_argument(start) && cursor.eat(b",") => Sign::Pair,
        b',' if quoted && cursor.is_dashed(start) && cursor.eat(b",") => Sign::Pair,
        b',' if quoted && cursor.opens_pair(start) && cursor.eat(b",") => Sign::Pair,
        b'.' if cursor.eat(b".=") => Sign::Assign,
        b'-' if quoted && cursor.eat(b"->") => Sign::Assign,
        b'{' if quoted && cursor.opens_block(start) => Sign::Assign,
        b'{' if !quoted && cursor.syntax == Syntax::Code && cursor.braced() => Sign::Assign,
        b'}' if cursor.keyword_variable() => Sign::Space,
        b'>' if cursor.opens_tag(start) && cursor.eat(b">") => Sign::Markup,
        b'>' if quoted && cursor.inside_tag(start) && cursor.eat(b">") => Sign::Markup,
        _ if !cursor.is_verb(start) && cursor.prose() => Sign::Assign,
        _ if quoted && spaces > 0 && cursor.value_attribute() => Sign::Markup,
        _ if quoted && spaces > 0 && cursor.inside_tag(start) && cursor.attributes() => {
            Sign::Markup
        }
        _ if spaces > 0 && cursor.opens_tag(start) && cursor.value_attribute() => Sign::Markup,
        _ if spaces > 0 && cursor.opens_tag(start) && cursor.attributes() => Sign::Markup,
        b'`' if spaces > 0 && cursor.syntax == Syntax::Prose && !cursor.is_verb(start) => {
            Sign::Space
        }
        b'"' | b'\'' | b'@' if spaces > 0 && !quoted && cursor.takes_spaces(start) => {
            Some(Sign::Space).filter(|_| !cursor.is_verb(start) || cursor.is_option(start))?
        }
        _ if spaces > 0 && !quoted && cursor.is_option(start) => Sign::Space,
        _ if spaces > 0 && !quoted && cursor.typed() => Sign::Assign,
        _ => return None,
    };
    let colon = cursor.before_cursor() == Some(b':');
    cursor.spaces(SPACES);
    cursor.marks();
    if sign == Sign::Assign && !quoted && colon {
        cursor.annotation();
    }
    Some(sign)
}

#[cfg(test)]
mod tests;
