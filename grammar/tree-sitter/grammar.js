// The language of ../dfl.y and ../dfl.l for tree-sitter. Most keywords are names wherever no rule has them, and
// tree-sitter reads them so by itself: a word is the keyword only where the rules let that stand. Where both can, the
// rules say the name too.
//
// What dflc refuses in words of its own is read: reserved words as names, numbers out of range, unknown escapes,
// comparisons in a chain, a hop behind a guard or a block, two of a kind.

"use strict";

const PREC = { or: 1, and: 2, equal: 3, compare: 4, within: 5, add: 6, multiply: 7, unary: 8 };

const digits = /[0-9][0-9_]*/;
const exponent = /[eE][+-]?[0-9]+/;

function commas(rule) {
    return seq(rule, repeat(seq(",", rule)));
}

function block(rule) {
    return seq("{", repeat(rule), "}");
}

/** The name that an item of a graph begins with; other items begin with these words. */
function firstName($) {
    const words = ["node", "predicate", "router", "limit", "checkpoint"];
    return choice($.identifier, ...words.map(word => alias(word, $.identifier)));
}

function place($, name) {
    return choice(name, "start", "end", "join", $.section, seq(field("section", name), ":", $.section));
}

/** What ends with a place needs a `;` behind it, but as the last arm; what ends with a block needs none. */
function arms(arm, closed) {
    return seq("{", repeat(choice(seq(arm, ";"), closed, ";")), optional(arm), "}");
}

module.exports = grammar({
    name: "dfl",

    word: $ => $.identifier,

    externals: $ => [$._body_begin, $.c_code, $._body_end, $.header],

    extras: $ => [/[ \t\r\n\f\v]/, $.comment],

    supertypes: $ => [$._declaration, $._type, $._expression],

    rules: {
        file: $ => repeat($._declaration),

        // ---- a file ----

        _declaration: $ => choice(
            $.include,
            $.import,
            $.prefix,
            $.constant,
            $.enum,
            $.struct,
            $.graph,
            ";",
        ),

        include: $ => seq("include", field("path", choice($.string, $.header)), ";"),
        import: $ => seq("import", field("path", $.string), ";"),
        prefix: $ => seq("prefix", field("name", $.identifier), ";"),
        constant: $ => seq("const", field("name", $.identifier), "=", field("value", $._expression), ";"),

        enum: $ => seq("enum", field("name", $.identifier), "{", commas($.enumerator), optional(","), "}"),
        enumerator: $ => seq(field("name", $.identifier), optional($._default)),

        struct: $ => seq("struct", field("name", $.identifier), block(choice($.member, ";"))),
        member: $ => seq(field("name", $.identifier), ":", field("type", $._type), optional($._default), ";"),

        _default: $ => seq("=", field("default", $._expression)),

        // ---- a graph ----

        graph: $ => seq("graph", field("name", $.identifier), block($._graph_item)),

        _graph_item: $ => choice(
            $.state,
            $.node,
            $.predicate,
            $.router,
            $.limit,
            $.policy,
            $.edges,
            ";",
        ),

        state: $ => seq("state", block(choice($.field, ";"))),

        field: $ => seq(
            optional(field("direction", choice("in", "out"))),
            field("name", $.identifier), ":", field("type", $._type),
            repeat(choice(
                $._default,
                seq("merge", field("reducer", $.identifier)),
                seq("merge", "with", field("function", $.identifier)),
                "transient",
                "local",
                seq("was", field("was", $.identifier)),
            )),
            ";",
        ),

        node: $ => seq(
            "node", field("name", $.identifier), optional(seq("runs", field("graph", $.identifier))),
            $._signature, $._body_or_end,
        ),
        predicate: $ => seq("predicate", field("name", $.identifier), $._signature, $._body_or_end),
        router: $ => seq("router", field("name", $.identifier), $._signature, "->", $.targets, $._body_or_end),

        targets: $ => seq($._target, repeat(seq("|", $._target))),
        _target: $ => choice($.identifier, "start", "end", "join"),

        _signature: $ => seq($.parameters, repeat($.attribute)),
        _body_or_end: $ => choice($.body, ";"),

        parameters: $ => seq("(", optional(commas($.parameter)), ")"),
        parameter: $ => seq(
            optional(field("mode", choice("in", "out", "inout"))),
            choice(
                "state",
                seq(field("name", $.identifier), optional(choice(
                    seq(":", field("type", $._type)),
                    seq("=", field("value", $._expression)),
                ))),
            ),
        ),

        attribute: $ => choice(
            seq("cost", $._duration),
            seq("retry", $._count, optional(seq("every", $._duration, optional(seq("up", "to", $._duration))))),
            seq("timeout", $._duration),
            "checkpoint",
            "effect",
            seq("pause", choice("before", "after")),
            seq("was", field("was", $.identifier)),
            seq("calls", field("function", $.identifier)),
        ),

        body: $ => seq(alias($._body_begin, "{%"), optional($.c_code), alias($._body_end, "%}")),

        limit: $ => seq("limit", choice("none", seq("steps", $._count)), ";"),

        policy: $ => seq(
            "checkpoint",
            choice(
                "marked",
                "auto",
                "never",
                seq("every", "node"),
                seq("every", choice($._count, alias("node", $.reference)), "nodes"),
            ),
            ";",
        ),

        // ---- edges ----

        edges: $ => seq(
            alias($._first_place, $.place), repeat(seq(",", $.place)),
            choice(seq($._chain, ";"), $._closed_chain),
        ),

        _first_place: $ => place($, firstName($)),
        place: $ => place($, $.identifier),

        // It ends with a place, or closes with a block.
        _chain: $ => repeat1(choice($.hop, seq($._block_hop, $.hop))),
        _closed_chain: $ => seq(optional($._chain), $._block_hop),

        hop: $ => seq("->", $.place, repeat(choice(
            seq("when", field("guard", $._expression)),
            seq("max", $._count),
            seq("on", choice("error", "timeout")),
        ))),

        _block_hop: $ => seq("->", choice($.when, $.match)),

        when: $ => seq("when", arms($.arm, alias($._closed_arm, $.arm))),
        arm: $ => seq($._guard_or_else, $._chain),
        _closed_arm: $ => seq($._guard_or_else, $._closed_chain),
        _guard_or_else: $ => choice(field("guard", $._expression), "else"),

        match: $ => seq("match", field("subject", $._expression), arms($.case, alias($._closed_case, $.case))),
        case: $ => seq($._values_or_else, $._chain),
        _closed_case: $ => seq($._values_or_else, $._closed_chain),
        _values_or_else: $ => choice(commas($._value), "else"),

        _value: $ => choice($._reference, $.integer, $.negative, $.string, "true", "false"),
        negative: $ => seq("-", $.integer),

        section: $ => seq(
            optional(seq(
                "each", field("variable", $.identifier), optional(seq(",", field("index", $.identifier))),
                "in", field("over", $._path),
            )),
            $.branches,
            repeat($.section_attribute),
        ),
        branches: $ => seq("[", commas($.branch), "]"),
        branch: $ => seq($.place, optional(choice($._chain, $._closed_chain))),
        section_attribute: $ => choice(
            "inline",
            "threads",
            "ranks",
            seq("settle", field("faults", $.identifier), optional(seq("need", $._count))),
        ),

        // ---- types ----

        _type: $ => choice(
            alias($.identifier, $.type_name),
            $.builtin_type,
            $.list_type,
            $.array_type,
            $.optional_type,
            $.map_type,
            $.handle_type,
        ),

        builtin_type: () => choice(
            "bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64", "string", "bytes", "fault",
        ),
        list_type: $ => seq($._type, "[", "]"),
        array_type: $ => seq($._type, "[", $._count, "]"),
        optional_type: $ => seq($._type, "?"),
        map_type: $ => seq(alias("map", $.builtin_type), "<", $._type, ",", $._type, ">"),
        handle_type: $ => seq(alias("handle", $.builtin_type), $.string),

        // ---- expressions ----

        _expression: $ => choice(
            $._path,
            $._literal,
            $.len,
            $.parenthesized,
            $.unary,
            $.binary,
            $.presence,
        ),

        // What a name stands for is not known here: a field, a constant, a value of an enum, a predicate.
        _path: $ => choice($._reference, alias("len", $.reference), $.member_access),
        _reference: $ => alias($.identifier, $.reference),
        member_access: $ => seq($._path, ".", field("member", $.identifier)),

        _literal: $ => choice($.integer, $.float, $.duration, $.string, "true", "false", "none"),

        len: $ => seq("len", "(", $._expression, ")"),
        parenthesized: $ => seq("(", $._expression, ")"),
        unary: $ => prec(PREC.unary, seq(choice("-", "!"), $._expression)),
        presence: $ => prec.left(PREC.within, seq($._expression, "is", choice("none", "some"))),
        binary: $ => choice(...[
            [PREC.multiply, choice("*", "/", "%")],
            [PREC.add, choice("+", "-")],
            [PREC.within, "in"],
            [PREC.compare, choice("<", "<=", ">", ">=")],
            [PREC.equal, choice("==", "!=")],
            [PREC.and, "&&"],
            [PREC.or, "||"],
        ].map(([level, operator]) => prec.left(level, seq($._expression, operator, $._expression)))),

        _count: $ => choice($.integer, $._reference),
        _duration: $ => choice($.duration, $._reference),

        // ---- tokens ----

        identifier: () => /[A-Za-z_][A-Za-z0-9_]*/,
        integer: () => token(choice(digits, /0[xX][0-9a-fA-F_]+/, /0[bB][01_]+/)),
        float: () => token(choice(seq(digits, ".", digits, optional(exponent)), seq(digits, exponent))),
        duration: () => token(seq(digits, optional(/\.[0-9]+/), choice("ns", "us", "ms", "s", "m", "h"))),

        string: $ => seq(
            '"',
            repeat(choice(token.immediate(prec(1, /[^"\\\n]+/)), $.escape)),
            token.immediate('"'),
        ),
        escape: () => token.immediate(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[^\n])/),

        comment: () => token(choice(/\/\/[^\n]*/, /\/\*[^*]*\*+([^/*][^*]*\*+)*\//)),
    },
});
