#include "unit.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "data/yaml.h"

#include <unistd.h>
#include <yaml.h>

/* How a tree is written here: a letter for the type (n, b, i, r, t), the spelling in < >, [items], {key:
 * value}. */
static void write_tree(struct sw_buffer *out, const struct sw_node *node, bool places)
{
    static const char letters[] = {[SW_NODE_NULL] = 'n',
                                   [SW_NODE_BOOL] = 'b',
                                   [SW_NODE_INT] = 'i',
                                   [SW_NODE_REAL] = 'r',
                                   [SW_NODE_TEXT] = 't'};
    if (places)
        sw_buffer_addf(out, "%u:%u ", sw_node_line(node), sw_node_column(node));
    if (sw_node_type(node) < SW_NODE_LIST) {
        sw_buffer_addf(out, "%c<", letters[sw_node_type(node)]);
        sw_buffer_add_str(out, sw_node_str(node));
        sw_buffer_add_char(out, '>');
        return;
    }
    bool list = sw_node_type(node) == SW_NODE_LIST;
    sw_buffer_add_char(out, list ? '[' : '{');
    for (size_t i = 0; i < sw_node_count(node) + sw_node_member_count(node); i++) {
        const struct sw_member *member = list ? NULL : sw_node_member_at(node, i);
        sw_buffer_add_text(out, i == 0 ? "" : ", ");
        if (member != NULL && places)
            sw_buffer_addf(out, "%u:%u ", member->line, member->column);
        if (member != NULL)
            sw_buffer_addf(out, "%.*s: ", SW_STR_FORMAT(member->key));
        write_tree(out, list ? sw_node_item(node, i) : member->value, places);
    }
    sw_buffer_add_char(out, list ? ']' : '}');
}

struct reading {
    const char *yaml, *tree;
};

static void check_reading(const struct reading *reading, bool places)
{
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO tree;
    const struct sw_node *root = NULL;
    struct sw_error error = {0};
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&tree, SW_MIB);
    if (sw_yaml_read(&root, &arena, sw_str_from(reading->yaml), "x.yaml", &error) != 0)
        fail_msg("'%s' is refused: %s", reading->yaml, error.text);
    write_tree(&tree, root, places);
    assert_string_equal(tree.p, reading->tree);
    assert_string_equal(sw_node_file(root), "x.yaml");
}

static const struct reading readings[] = {
    /* YAML 1.2.2, section 10.3.2: the core schema's table of plain scalars */
    {"", "n<>"},
    {"# nothing\n", "n<>"},
    {"---\n", "n<>"},
    {"[~, null, Null, NULL, nULL]", "[n<~>, n<null>, n<Null>, n<NULL>, t<nULL>]"},
    {"[true, True, TRUE, tRUE, false, False, FALSE]",
     "[b<true>, b<True>, b<TRUE>, t<tRUE>, b<false>, b<False>, b<FALSE>]"},
    {"[yes, no, on, off, y, n]", "[t<yes>, t<no>, t<on>, t<off>, t<y>, t<n>]"},
    {"[0, -19, +7, 010, 0o7, 0x3A, 0xff]", "[i<0>, i<-19>, i<+7>, i<010>, i<0o7>, i<0x3A>, i<0xff>]"},
    {"[0o8, 0xg, 0x, 0o, -, +, -0x1, 0b1, 1_000]",
     "[t<0o8>, t<0xg>, t<0x>, t<0o>, t<->, t<+>, t<-0x1>, t<0b1>, t<1_000>]"},
    {"[0., -0.0, .5, +12e03, -2E+05, 3.10, 1e3]",
     "[r<0.>, r<-0.0>, r<.5>, r<+12e03>, r<-2E+05>, r<3.10>, r<1e3>]"},
    {"[., .e1, e1, 1e, 1e+, 1.2.3, 1.2e3.4, 12:30, 2.8.0+cu128]",
     "[t<.>, t<.e1>, t<e1>, t<1e>, t<1e+>, t<1.2.3>, t<1.2e3.4>, t<12:30>, t<2.8.0+cu128>]"},
    {"[.inf, -.Inf, +.INF, .nan, .NaN, .NAN, -.nan, inf, nan]",
     "[r<.inf>, r<-.Inf>, r<+.INF>, r<.nan>, r<.NaN>, r<.NAN>, t<-.nan>, t<inf>, t<nan>]"},
    {"[9223372036854775807, -9223372036854775808, 9223372036854775808, 0x8000000000000000]",
     "[i<9223372036854775807>, i<-9223372036854775808>, r<9223372036854775808>, r<0x8000000000000000>]"},
    {"[2026-11-21, 1e400]", "[t<2026-11-21>, r<1e400>]"},
    /* quotes make text */
    {"['12', \"true\", '', \"\", '~']", "[t<12>, t<true>, t<>, t<>, t<~>]"},
    {"[\"a\\tb\\u00e9\\x41\", 'it''s']", "[t<a\tb\xC3\xA9"
                                         "A>, t<it's>]"},
    {"|\n  a\n  b\n", "t<a\nb\n>"},
    {">-\n  a\n  b\n", "t<a b>"},
    /* collections */
    {"a: 1\nb:\n- x\n- {c: d, e}\n", "{a: i<1>, b: [t<x>, {c: t<d>, e: n<>}]}"},
    {"[]", "[]"},
    {"{}", "{}"},
    {"1: a\ntrue: b\n'x y': c\n", "{1: t<a>, true: t<b>, x y: t<c>}"},
    {"\"\": a\n", "{: t<a>}"},
    {"'<<': a\n", "{<<: t<a>}"},
    {"{a: b}\n...\n", "{a: t<b>}"},
    {"\xEF\xBB\xBF"
     "a: b\n",
     "{a: t<b>}"},
    {"a: b\r\nc: d\r\n", "{a: t<b>, c: t<d>}"},
    {"gr\xC3\xBC\xC3\x9F: \xF0\x9F\x9A\xA2\n", "{gr\xC3\xBC\xC3\x9F: t<\xF0\x9F\x9A\xA2>}"},
    {"{a: [1,\n\t2]}\n", "{a: [i<1>, i<2>]}"}, /* a tab that indents nothing */
    /* anchors and tags */
    {"a: &x [1, 2]\nb: *x\n", "{a: [i<1>, i<2>], b: [i<1>, i<2>]}"},
    {"- &x 1\n- *x\n- &x 2\n- *x\n", "[i<1>, i<1>, i<2>, i<2>]"},
    {"- &x k\n- {*x : v}\n", "[t<k>, {k: t<v>}]"},
    {"[!!str 12, !!int '12', !!float 3, !!bool 'true', !!null '', ! 12]",
     "[t<12>, i<12>, r<3>, b<true>, n<>, t<12>]"},
    {"!!map {a: !!seq [b]}", "{a: [t<b>]}"},
};

static void documents_are_read(void **state)
{
    (void)state;
    int major = 0, minor = 0, patch = 0;
    for (size_t i = 0; i < SW_COUNT(readings); i++)
        check_reading(&readings[i], false);
    yaml_get_version(&major, &minor, &patch);
    if (minor > 2 || patch >= 4) /* libyaml learnt of YAML 1.2 with 0.2.4 */
        check_reading(&(const struct reading){"%YAML 1.2\n---\na: b\n", "{a: t<b>}"}, false);
}

static const struct reading placed[] = {
    {"", "1:1 n<>"},
    {"a: 1\n", "1:1 {1:1 a: 1:4 i<1>}"},
    {"\xEF\xBB\xBF"
     "a: 1\n",
     "1:1 {1:1 a: 1:4 i<1>}"},
    {"# x\n\n a:\n  - b\n  -  'c'\n", "3:2 {3:2 a: 4:3 [4:5 t<b>, 5:6 t<c>]}"},
    {"\xC3\xBC: {\"k\": v}", "1:1 {1:1 \xC3\xBC: 1:4 {1:5 k: 1:10 t<v>}}"}, /* columns are characters */
    {"a: |\n  text\nb: 2\r\nc: 3\n", "1:1 {1:1 a: 1:4 t<text\n>, 3:1 b: 3:4 i<2>, 4:1 c: 4:4 i<3>}"},
};

static void nodes_know_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < SW_COUNT(placed); i++)
        check_reading(&placed[i], true);
}

static void test_merge_keys(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *tree; /* the tree, or the error */
    } merged[] = {
        {"a: &x {b: 1, c: 2}\nd:\n  c: 3\n  <<: *x\n", "{a: {b: i<1>, c: i<2>}, d: {c: i<3>, b: i<1>}}"},
        {"a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne: {<<: [*x, *y]}\n",
         "{a: {b: i<1>}, c: {b: i<2>, d: i<3>}, e: {b: i<1>, d: i<3>}}"},
        {"a: &x {<<: {b: 1}}\nc: {<<: *x, '<<': 4}\n", "{a: {b: i<1>}, c: {<<: i<4>, b: i<1>}}"},
        {"a: {<<: {}}\n", "{a: {}}"},
        {"a:\n  <<: 1\n", "2:3: a merge key (<<) takes a map or a list of maps"},
        {"a:\n  <<: [{b: 1}, 2]\n", "2:3: a merge key (<<) takes a map or a list of maps"},
        {"a: {b: 1, b: 2, <<: {c: 3}}\n", "1:11: key 'b' stands twice, first at line 1, column 5"},
        {"a: {<<: {c: 3}, <<: {d: 4}}\n", "1:17: a merge key (<<) stands twice"},
    };
    for (size_t i = 0; i < SW_COUNT(merged); i++) {
        SW_ARENA_AUTO arena;
        SW_BUFFER_AUTO text;
        const struct sw_node *root = NULL;
        struct sw_error error = {0};
        sw_arena_init(&arena, 1 << 16);
        sw_buffer_init(&text, 1000);
        if (sw_yaml_read_merged(&root, &arena, sw_str_from(merged[i].yaml), NULL, &error) == 0)
            write_tree(&text, root, false);
        else
            sw_buffer_addf(&text, "%u:%u: %s", error.line, error.column, error.text);
        assert_string_equal(text.p, merged[i].tree);
    }
}

static const struct {
    const char *yaml, *error, *hint; /* LINE:COLUMN: text; a part of the hint, or empty for none */
} faults[] = {
    {"a: 1\na: 2\n", "2:1: key 'a' stands twice, first at line 1, column 1", "keep one"},
    {"x:\n  1: a\n  b: c\n  '1': a\n", "4:3: key '1' stands twice, first at line 2, column 3", "keep one"},
    {"{a, b, c, d, e, f, g, b: 1, a: 1}", "1:23: key 'b' stands twice, first at line 1, column 5",
     "keep one"},
    {"a:\n\tb: 1\n", "2:1: a tab in the indentation", "blanks"},
    {"a:\n  b: 1\n\tc: 2\n", "3:1: a tab in the indentation", "blanks"},
    {"a:\n  - 1\n \t- 2\n", "3:2: a tab in the indentation", "blanks"},
    {"a: |\n\ttext\n", "2:1: a tab in the indentation", "blanks"},
    {"\ta: 1\n", "1:1: a tab in the indentation", "blanks"},
    {"a:\t\tb:\t1\n", "1:6: a ':' that begins a value is not expected here", "quotes"},
    {"-\t- a\n", "1:2: a tab where only blanks may stand", "blanks"},
    {"<<: {a: 1}\n", "1:1: merge keys (<<) are not read", "write the keys out"},
    {"a: &x {b: 1}\nc:\n  <<: *x\n", "3:3: merge keys (<<) are not read", "write"},
    {"a: !Ref x\n", "1:4: unknown tag '!Ref'", "!!str"},
    {"a: !!binary aGk=\n", "1:4: unknown tag 'tag:yaml.org,2002:binary'", "!!str"},
    {"a: !!set {b}\n", "1:4: unknown tag 'tag:yaml.org,2002:set'", "!!str"},
    {"a: !e!x y\n", "1:4: an unknown tag", "!!str"},
    {"a: !!int x\n", "1:4: 'x' is tagged as integer and is none", ""},
    {"a: !!map [x]\n", "1:4: a list is tagged as map", ""},
    {"a: 1\n---\nb: 2\n", "2:1: a second document begins here", "one document"},
    {"--- a\n--- b\n", "2:1: a second document begins here", "one document"},
    {"? [a]\n: b\n", "1:3: a list or a map cannot be a key", "quotes"},
    {"a: {{ name }}\n", "1:5: a list or a map cannot be a key", "quotes"},
    {"- &x [1]\n- *x : 2\n", "2:3: a list or a map cannot be a key", "quotes"},
    {": a\n", "1:1: a key or an item is missing here", ""},
    {"x:\n  : a\n", "2:3: a key or an item is missing here", ""},
    {"{: a}\n", "1:2: a value is missing here", ""},
    {"?\n: a\n", "1:2: a key is missing here", ""},
    {"a: *x\n", "1:4: no anchor '&x' stands before this alias", "'*'"},
    {"a: *.py\n", "1:5: a name is missing after '&' or '*'", "quotes"},
    {"a: &x [*x]\n", "1:8: alias '*x' stands inside the value that it names", ""},
    {"a: @x\n", "1:4: unquoted text cannot begin with '@'", "quotes"},
    {"a: `x`\n", "1:4: unquoted text cannot begin with '`'", "quotes"},
    {"a: %x\n", "1:4: unquoted text cannot begin with '%'", "quotes"},
    {"%x\na: b\n", "1:1: a line that begins with '%' and is no directive", "quotes"},
    {"a: b: c\n", "1:5: a ':' that begins a value is not expected here", "quotes"},
    {"a: 1\n b: 2\n", "2:3: a ':' that begins a value is not expected here", "indentation"},
    {"a:\n    b: 1\n  c: 2\n", "3:3: this does not fit the map around it (which begins at line 1, column 1)",
     "same column"},
    {"- a\nb: c\n", "2:1: this does not fit the list around it (which begins at line 1, column 1)",
     "same column"},
    {"a: 1\nb\nc: 2\n", "2:1: a key without ':'", "colon"},
    {"a: [1, 2\nb: 3\n",
     "2:2: a ',' or the closing ']' is missing in a list (which begins at line 1, column 4)", ""},
    {"a: {b: 1\n", "2:1: a ',' or the closing '}' is missing in a map (which begins at line 1, column 4)",
     ""},
    {"a: 'b\nc: d\n", "1:4: a quoted text that is never closed", ""},
    {"a: \"b\n---\n", "1:4: a quoted text that is never closed", ""},
    {"a: \"\\q\"\n", "1:5: an unknown escape in a double-quoted text", "single quotes"},
    {"a: \"\\x4\"\n", "1:7: an escape without its hexadecimal digits", "two digits"},
    {"a: \"\\ud800\"\n", "1:7: an escape for a character that Unicode does not have", ""},
    {"a: | b\n", "1:6: text on the line of '|' or '>'", "next line"},
    {"a: |0\n", "1:5: an indentation of 0 after '|' or '>'", "1 to 9"},
    {"'a' b\n", "1:5: text after the end of the document", "quotes"},
    {"a: - b\n", "1:4: a '-' that begins a list item is not expected here", "line of its own"},
    {"%YAML 3.0\n---\na\n", "1:1: a YAML version that is not read", "%YAML"},
    {"a: b\xFF\n", "1:5: byte 0xFF is not UTF-8", "UTF-8"},
    {"a: 1\n\xC3\xBC: \xE9t\xE9\n", "2:4: byte 0xE9 is not UTF-8", "UTF-8"},
    {"\xFF\xFE"
     "a",
     "1:1: this is UTF-16", "UTF-8"},
    {"a: \x1B[31m\n", "1:4: a character that YAML does not allow: bytes 1B", "escape"},
    {"a: \xC2\x9B\n", "1:4: a character that YAML does not allow: bytes C2 9B", "escape"},
    {"a: \xEF\xBB\xBF\n", "1:4: a character that YAML does not allow: bytes EF BB BF", "escape"},
    {"\"\\e[31m\": 1\n\"\\e[31m\": 2\n", "2:1: key '' stands twice, first at line 1, column 1", ""},
};

static void check_fault(struct sw_str yaml, const char *expected, const char *hint)
{
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO said;
    const struct sw_node *root = NULL;
    struct sw_error error = {0};
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&said, 4096);
    if (sw_yaml_read(&root, &arena, yaml, "x.yaml", &error) != SW_EINPUT)
        fail_msg("'%.*s' is not refused", SW_STR_FORMAT(yaml));
    assert_null(root);
    assert_string_equal(error.file, "x.yaml");
    sw_buffer_addf(&said, "%u:%u: %s", error.line, error.column, error.text);
    assert_string_equal(said.p, expected);
    if (strstr(error.hint, hint) == NULL)
        fail_msg("'%s' is no part of the hint '%s'", hint, error.hint);
}

static void faults_are_told_with_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < SW_COUNT(faults); i++)
        check_fault(sw_str_from(faults[i].yaml), faults[i].error, faults[i].hint);
    check_fault(SW_STR("a: b\n\0"), "2:1: a NUL byte: this is no text file", "");
    check_fault(SW_STR("\x7F"
                       "ELF\2\1\1\0"),
                "1:1: a character that YAML does not allow: bytes 7F", "");
}

/* `head`, then `unit` again and again, `count` times. */
static void repeat(struct sw_buffer *out, const char *head, const char *unit, size_t count)
{
    sw_buffer_add_text(out, head);
    for (size_t i = 0; i < count; i++)
        sw_buffer_add_text(out, unit);
}

static const struct {
    const char *head, *unit;
    size_t count;
    const char *error;
} floods[] = {
    {"", "[", 1000000, "1:65: lists and maps are nested deeper than 64"},
    {"", "{a: ", 500000, "1:257: lists and maps are nested deeper than 64"},
    {"", "- ", 1000000, "1:129: lists and maps are nested deeper than 64"},
    {"", "? ", 1000000, "1:3: a list or a map cannot be a key"},
    {"a: [", "x,", 1000000, "1:399999: more than 200000 values, aliases expanded"},
    {"", "- &a\n", 300000, "257:3: more than 256 anchors"},
};

static void floods_end_at_a_limit(void **state)
{
    (void)state;
    for (size_t i = 0; i < SW_COUNT(floods); i++) {
        SW_BUFFER_AUTO yaml;
        sw_buffer_init(&yaml, SW_MAX_YAML_SIZE);
        repeat(&yaml, floods[i].head, floods[i].unit, floods[i].count);
        check_fault(sw_buffer_str(&yaml), floods[i].error, "");
    }
}

/* Each line holds ten times the line before it, 10^9 values in all. Lines 1 to 6 hold 1 + 1 + 11 + 111 + 1111
 * + 11111 + 111111; 111111 more are too many. */
static void alias_bombs_end_at_a_limit(void **state)
{
    (void)state;
    SW_BUFFER_AUTO yaml;
    sw_buffer_init(&yaml, SW_MAX_YAML_SIZE);
    sw_buffer_add_text(&yaml, "- &a0 x\n");
    for (int i = 1; i < 10; i++) {
        sw_buffer_addf(&yaml, "- &a%d [", i);
        for (int k = 0; k < 10; k++)
            sw_buffer_addf(&yaml, "%s*a%d", k == 0 ? "" : ", ", i - 1);
        sw_buffer_add_text(&yaml, "]\n");
    }
    int64_t before = sw_clock_now();
    check_fault(sw_buffer_str(&yaml), "7:8: more than 200000 values, aliases expanded", "");
    assert_true(sw_clock_now() - before < SW_SECOND_NS);
}

static void aliases_share_their_node(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    const struct sw_node *root = NULL;
    struct sw_error error;
    sw_arena_init(&arena, SW_MAX_ARENA);
    assert_int_equal(sw_yaml_read(&root, &arena, SW_STR("a: &x {k: v}\nb: *x\n"), NULL, &error), 0);
    assert_ptr_equal(sw_node_get(root, "a"), sw_node_get(root, "b"));
    assert_null(sw_node_file(root));
}

static void files_are_read_up_to_their_maximum(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    const struct sw_node *root = NULL;
    struct sw_error error;
    char path[] = "/tmp/slipway-yaml-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "a: 1\n", 5), 5);
    sw_arena_init(&arena, SW_MAX_ARENA);
    assert_int_equal(sw_yaml_read_file(&root, &arena, path, &error), 0);
    assert_int_equal(sw_node_integer(sw_node_get(root, "a"), 0), 1);
    assert_string_equal(sw_node_file(root), path);
    assert_int_equal(ftruncate(fd, 100000000), 0); /* a hole of 100 MB */
    assert_int_equal(sw_yaml_read_file(&root, &arena, path, &error), SW_EINPUT);
    assert_non_null(strstr(error.text, "is larger than 1.0 MB"));
    assert_true(arena.used < 64 * SW_KIB);
    (void)close(fd);
    (void)unlink(path);
    assert_int_equal(sw_yaml_read_file(&root, &arena, path, &error), SW_ENOTFOUND);
    assert_int_equal(sw_yaml_read_file(&root, &arena, "/tmp", &error), SW_EINPUT);
}

int suite_yaml(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_are_read),
        cmocka_unit_test(nodes_know_their_place),
        cmocka_unit_test(faults_are_told_with_their_place),
        cmocka_unit_test(floods_end_at_a_limit),
        cmocka_unit_test(alias_bombs_end_at_a_limit),
        cmocka_unit_test(aliases_share_their_node),
        cmocka_unit_test(files_are_read_up_to_their_maximum),
        cmocka_unit_test(test_merge_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
