#include "unit.h"

#include "base/limits.h"
#include "data/json.h"
#include "history/facts.h"

#define DIGEST "0123456789012345678901234567890123456789012345678901234567890abc"

static const char good[] =
    "{\"kind\": \"push\", \"result\": \"verified\", \"time\": \"2026-11-21T01:22:33Z\", \"seconds\": 1.5, "
    "\"slipway\": \"1.0\", \"files\": [\"slipway/demo.yaml\", \"/srv/base.yaml\"], \"plan\": \"" DIGEST "\", "
    "\"archive\": \"sha256:" DIGEST "\", \"image\": {\"id\": \"sha256:" DIGEST
    "\", \"tags\": [\"demo:latest\"], \"digests\": [\"demo@sha256:" DIGEST
    "\"], \"size\": 1000, \"layers\": [\"sha256:" DIGEST
    "\"]}, \"arguments\": [\"A\"], \"platform\": \"linux/arm64\", "
    "\"engine\": {\"product\": \"docker\", \"version\": \"26.1\", \"api\": \"1.45\", \"os\": \"linux\", "
    "\"architecture\": \"amd64\"}, \"assertions\": {\"passed\": 2, \"failed\": 0}, "
    "\"push\": {\"of\": 3, \"tags\": [{\"tag\": \"demo:latest\", \"digest\": \"sha256:" DIGEST
    "\", \"reference\": \"demo@sha256:" DIGEST "\"}]}}";

static const struct sw_record record = {.profile = "demo", .number = 4};

static int parse(struct sw_record_facts *facts, struct sw_arena *arena, struct sw_str text,
                 struct sw_error *error)
{
    return sw_record_facts_parse(facts, arena, &record, text, error);
}

/* The good record with `from` replaced, all through. */
static struct sw_str changed(struct sw_arena *arena, const char *from, const char *to)
{
    SW_BUFFER_AUTO out;
    sw_buffer_init(&out, SW_MAX_RECORD_JSON);
    struct sw_str rest = sw_str_from(good), what = sw_str_from(from);
    size_t at = sw_str_find(rest, what);
    if (at == rest.n)
        fail_msg("'%s' is not in the record", from);
    sw_buffer_add(&out, rest.p, at);
    sw_buffer_add_text(&out, to);
    sw_buffer_add_str(&out, sw_str_drop(rest, at + what.n));
    return (struct sw_str){sw_arena_copy(arena, sw_buffer_str(&out)), out.n};
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    SW_ARENA_AUTO arena;
    SW_BUFFER_AUTO first;
    SW_BUFFER_AUTO second;
    struct sw_record_facts facts;
    struct sw_error error = {0};
    sw_arena_init(&arena, SW_MAX_ARENA);
    sw_buffer_init(&first, SW_MAX_RECORD_JSON);
    sw_buffer_init(&second, SW_MAX_RECORD_JSON);
    if (parse(&facts, &arena, sw_str_from(good), &error) != 0)
        fail_msg("%s", error.text);
    assert_int_equal(facts.kind, SW_RECORD_PUSH);
    assert_int_equal(facts.files.count, 2);
    assert_string_equal(facts.image.tags.items[0], "demo:latest");
    assert_int_equal(sw_record_build_number(&facts, &record), 3);
    struct sw_builder b = {.arena = &arena};
    sw_json_write(&first, sw_record_facts_json(&b, &facts), SW_JSON_PRETTY);
    if (parse(&facts, &arena, sw_buffer_str(&first), &error) != 0)
        fail_msg("%s", error.text);
    sw_json_write(&second, sw_record_facts_json(&b, &facts), SW_JSON_PRETTY);
    assert_false(b.failed);
    assert_string_equal(first.p, second.p);
}

/* What no slipway writes. */
static void every_field_is_held_to_its_form(void **state)
{
    static const struct {
        const char *from, *to, *field;
    } cases[] = {
        {"\"push\", ", "\"explosion\", ", "'kind'"},
        {"\"push\", ", "{}, ", "'kind'"},
        {"\"verified\"", "[\"verified\"]", "'result'"},
        {"\"verified\"", "\"verified\\u0000\"", "'result'"},
        {"2026-11-21T01:22:33Z", "\\u001b[2J", "'time'"},
        {"2026-11-21T01:22:33Z", "2026-11-21T01:22:33Z ", "'time'"},
        {"1.5", "-1", "'seconds'"},
        {"1.5", "1e300", "'seconds'"},
        {"1.5", "\"1.5\"", "'seconds'"},
        {"\"1.0\"", "\"1.0\\u001b]0;title\\u0007\"", "'slipway'"},
        {"\"1.0\"", "\"\\u009b31m\"", "'slipway'"},
        {"\"1.0\"", "null", "'slipway'"},
        {"slipway/demo.yaml", "../../etc/cron.d/x", "'files[0]'"},
        {"slipway/demo.yaml", "slipway/../../x.yaml", "'files[0]'"},
        {"slipway/demo.yaml", "slipway//demo.yaml", "'files[0]'"},
        {"slipway/demo.yaml", "./demo.yaml", "'files[0]'"},
        {"slipway/demo.yaml", "..", "'files[0]'"},
        {"slipway/demo.yaml", ".", "'files[0]'"},
        {"slipway/demo.yaml", "", "'files[0]'"},
        {"slipway/demo.yaml", "slipway\\\\demo.yaml", "'files[0]'"},
        {"slipway/demo.yaml", "slipway/\\u001b[31m.yaml", "'files[0]'"},
        {"slipway/demo.yaml", "slipway/demo.yaml\\u0000x", "'files[0]'"},
        {"/srv/base.yaml", "/srv/../base.yaml", "'files[1]'"},
        {"/srv/base.yaml", "slipway/demo.yaml", "'files'"},
        {"[\"slipway/demo.yaml\", \"/srv/base.yaml\"]", "[]", "'files'"},
        {"[\"slipway/demo.yaml\", \"/srv/base.yaml\"]", "{\"a\": 1}", "'files'"},
        {"[\"slipway/demo.yaml\", \"/srv/base.yaml\"]", "\"slipway/demo.yaml\"", "'files'"},
        {"\"/srv/base.yaml\"", "7", "'files[1]'"},
        {"\"plan\": \"0", "\"plan\": \"g", "'plan'"},
        {"\"plan\": \"0", "\"plan\": \"", "'plan'"},
        {"\"id\": \"sha256:", "\"id\": \"sha512:", "'image.id'"},
        {"\"demo:latest\"], ", "\"demo:latest\", \"--help\"], ", "'image.tags[1]'"},
        {"\"demo:latest\"], ", "\"demo:\\u001b[2J\"], ", "'image.tags[0]'"},
        {"\"demo:latest\"], ", "{}], ", "'image.tags[0]'"},
        {"\"digests\": [\"demo@sha256:", "\"digests\": [\"demo:x\", \"demo@sha256:", "'image.digests[0]'"},
        {"\"size\": 1000", "\"size\": -5", "'image.size'"},
        {"\"size\": 1000", "\"size\": 1e40", "'image.size'"},
        {"\"size\": 1000", "\"size\": {}", "'image.size'"},
        {"\"layers\": [", "\"layers\": [[], ", "'image.layers[0]'"},
        {"\"layers\": [", "\"layers\": {}, \"x\": [", "'image.layers'"},
        {"{\"id\"", "[], \"x\": {\"id\"", "'image'"},
        {"{\"id\"", "null, \"x\": {\"id\"", "'image'"},
        {"[\"A\"]", "[\"A\\nB\"]", "'arguments[0]'"},
        {"\"archive\": \"sha256", "\"archive\": \"md5", "'archive'"},
        {"linux/arm64", "linux arm64", "'platform'"},
        {"\"docker\"", "[]", "'engine.product'"},
        {"\"passed\": 2", "\"passed\": 99999999999", "'assertions.passed'"},
        {"\"of\": 3", "\"of\": 4", "'push.of'"},
        {"\"of\": 3", "\"of\": 0", "'push.of'"},
        {"\"of\": 3", "\"of\": 18446744073709551615", "'record.json'"},
        {"\"of\": 3", "\"of\": null", "'push.of'"},
        {"[{\"tag\": \"demo:latest\"", "[7, {\"tag\": \"demo:latest\"", "'push.tags[0].tag'"},
        {"[{\"tag\": \"demo:latest\"", "[{\"tag\": \"-x\"", "'push.tags[0].tag'"},
        {"{\"kind\"", "[{\"kind\"", "'record.json'"},
        {"\"kind\"", "\"kind\": \"build\", \"kind\"", "'record.json'"},
        {"docker", "\xff", "'record.json'"},
    };
    (void)state;
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        SW_ARENA_AUTO arena;
        struct sw_record_facts facts;
        struct sw_error error = {0};
        sw_arena_init(&arena, SW_MAX_ARENA);
        int code = parse(&facts, &arena, changed(&arena, cases[i].from, cases[i].to), &error);
        if (code != SW_EINPUT || strstr(error.text, cases[i].field) == NULL ||
            strstr(error.text, "the record demo@4 is refused") == NULL)
            fail_msg("%s: %d %s", cases[i].to, code, error.text);
    }
}

/* Lists and documents without an end, and one in another a thousand times. */
static void sizes_are_bounded(void **state)
{
    (void)state;
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_RECORD_JSON * 8);
    for (int kind = 0; kind < 2; kind++) {
        SW_ARENA_AUTO arena;
        struct sw_record_facts facts;
        struct sw_error error = {0};
        sw_arena_init(&arena, SW_MAX_ARENA);
        sw_buffer_clear(&text);
        if (kind == 0) {
            sw_buffer_add_text(&text, "[\"x\"");
            for (int i = 0; i < 2000; i++)
                sw_buffer_add_text(&text, ", \"x\"");
            sw_buffer_add_text(&text, "]");
            assert_int_equal(parse(&facts, &arena, changed(&arena, "[\"A\"]", text.p), &error), SW_EINPUT);
            assert_non_null(strstr(error.text, "'arguments' is too long"));
        } else {
            for (int i = 0; i < 1000; i++)
                sw_buffer_add_text(&text, "[");
            assert_int_equal(parse(&facts, &arena, sw_buffer_str(&text), &error), SW_EINPUT);
        }
    }
}

int suite_facts(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(every_field_is_held_to_its_form),
        cmocka_unit_test(sizes_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
