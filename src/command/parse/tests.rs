use super::*;

/// The commands of a line as words, wherever they stand in it.
fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    collect(&parse(text).nodes, &mut found);
    found
}

fn collect(nodes: &[Node], found: &mut Vec<String>) {
    for node in nodes {
        match node {
            Node::Simple(simple) => {
                let words: Vec<String> = simple.words.iter().map(word::plain_text).collect();
                found.push(words.join(" "));
                simple.words.iter().for_each(|word| inside(word, found));
                for assignment in &simple.assignments {
                    if let Assigned::One(word) = &assignment.value {
                        inside(word, found);
                    }
                }
            }
            Node::Pipeline(stages) => collect(stages, found),
            Node::Compound(compound) => collect(&compound.body, found),
            Node::Function { body, .. } => collect(std::slice::from_ref(body), found),
            Node::Words(words) => words.iter().for_each(|word| inside(word, found)),
        }
    }
}

fn inside(word: &Word, found: &mut Vec<String>) {
    for part in &word.parts {
        match part {
            Part::Command { command, .. } | Part::Process { command, .. } => {
                collect(&command.script.nodes, found);
            }
            Part::Parameter { parameter, .. } => inside(&parameter.argument, found),
            Part::Arithmetic(inner) => inside(inner, found),
            Part::Text { .. } => {}
        }
    }
}

#[test]
fn every_command_is_found_whatever_surrounds_it() {
    for line in [
        "rm x",
        "a; rm x",
        "a && rm x || b",
        "! rm x",
        "time -p rm x",
        "(rm x)",
        "{ rm x; }",
        "if a; then rm x; fi",
        "if rm x; then a; fi",
        "if a; then b; elif c; then d; else rm x; fi",
        "while a; do rm x; done",
        "until a\ndo\nrm x\ndone",
        "for i in a b; do rm x; done",
        "for i; do rm x; done",
        "for ((i=0; i<3; i++)); do rm x; done",
        "for i in a; { rm x; }",
        "select i in a; do rm x; done",
        "case a in a) rm x;; esac",
        "case a in (a|b) c;; *) rm x; esac",
        "f() { rm x; }",
        "f () rm x",
        "function f { rm x; }",
        "coproc rm x",
        "coproc n { rm x; }",
        "[[ -d y && ! -f z ]] && rm x",
        "(( 1 + (2) )); rm x",
        "echo $(rm x)",
        "echo \"a $(rm x) b\"",
        "echo `rm x`",
        "echo \"`rm x`\"",
        "echo ${a:-$(rm x)}",
        "echo \"${a:=\"$(rm x)\"}\"",
        "echo $(( $(rm x) + 1 ))",
        "echo $((rm x) | a)",
        "a <(rm x)",
        "a >(rm x)",
        "x=$(rm x)",
        "x=1 rm x",
        "a | rm x",
        "a |& rm x",
        "a & rm x",
        ">f rm x",
        "rm x 2>&1",
        "rm >f x",
        "rm \\\n x",
        "rm \\\r\n x\r\n",
        "\\rm x",
        "r\"\"m 'x'",
        "$'\\162m' $'x'",
        "a # b\nrm x",
        "cat <<E\nq\nE\nrm x",
        "cat <<'E' | rm x\nq\nE",
        "cat <<-E\n\tq\n\tE\nrm x",
        "a <<< b; rm x",
        "echo $(cat <<E\n)\nE\n); rm x",
        "${ rm x; }",
        "a) ; rm x",
        "fi; rm x",
        "rm x )",
        "rm x 'unclosed\n",
        "&& rm x",
        "a=(1 2 $(b)); rm x",
        "declare -a a=(1 2); rm x",
        "{ a\n} 2>f; rm x",
        "if a; then {\n rm x\n}\nfi",
    ] {
        let found = commands(line);
        assert!(found.iter().any(|command| command.starts_with("rm x")), "{line}: {found:?}");
    }
}

#[test]
fn what_is_text_is_no_command() {
    for line in [
        "echo 'rm x'",
        "echo \"; rm x\"",
        "echo a # ; rm x",
        "cat <<'E'\nrm x\n$(rm x)\nE",
        "cat <<E\nrm x\nE",
        "echo \\; rm x",
        "echo '$(rm x)'",
        "echo \"\\$(rm x)\"",
        "[[ a == b ]] # rm x",
        "a=(rm x)",
        "echo ${a#rm x}",
    ] {
        assert!(!commands(line).iter().any(|command| command.starts_with("rm x")), "{line}");
    }
}

#[test]
fn flaws_are_told_and_hostile_text_costs_little() {
    assert_eq!(parse("a; b | c && { d; }").flaw, None);
    for line in ["a 'b", "a \"b", "a )", "fi", "( a", "{ a", "if a; then b", "$(a", "`a", "${a"] {
        assert_eq!(parse(line).flaw, Some(Flaw::Syntax), "{line}");
    }
    let started = std::time::Instant::now();
    for piece in [
        "(",
        ")",
        "{",
        "}",
        "$(",
        "`",
        "${a:-",
        "\"$(",
        "<(",
        "if ",
        "{a,",
        "case a in ",
        "((",
        "$((",
        "$[",
        "a=(",
        "@(",
        "'",
        "\\",
        "<<a ",
        "[[ ",
        "f()",
        "for ",
        "!",
        "|",
        "&",
        "\"`",
        ";;",
        "function ",
    ] {
        for count in [10_000, 1_000_000 / piece.len()] {
            let _ = parse(&piece.repeat(count));
        }
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
    assert_eq!(parse(&"$(".repeat(10_000)).flaw, Some(Flaw::TooMuch));
}
