/* A record.json of anybody's: facts whose every text has its syntax, which are written and read back the same, or an error that
 * names the record. */
#include "base/beneath.h"
#include "base/limits.h"
#include "data/json.h"
#include "engine/reference.h"
#include "history/facts.h"

#include "fuzz.h"
#include "support.h"

static void check(const struct sw_record_facts *facts, const struct sw_record *record)
{
    const struct sw_record_image *image = &facts->image;
    fuzz_claim(facts->files.count > 0 && sw_record_build_number(facts, record) <= record->number);
    for (size_t i = 0; i < facts->files.count; i++) {
        const char *path = facts->files.items[i];
        fuzz_claim(path[0] != '\0' && (path[0] == '/' || sw_path_is_inside(path)));
    }
    for (size_t i = 0; i < image->tags.count; i++)
        fuzz_claim(sw_reference_valid(sw_str_from(image->tags.items[i])));
    for (size_t i = 0; i < image->digests.count; i++)
        fuzz_claim(sw_record_is_digest(sw_str_from(image->digests.items[i])));
    for (size_t i = 0; i < image->layers.count; i++)
        fuzz_claim(sw_is_sha256_digest(sw_str_from(image->layers.items[i])));
    for (size_t i = 0; i < facts->arguments.count; i++)
        fuzz_claim(sw_record_is_line(sw_str_from(facts->arguments.items[i])));
    for (size_t i = 0; i < facts->pushed_count; i++)
        fuzz_claim(sw_reference_valid(sw_str_from(facts->pushed[i].tag)));
}

static struct sw_str write(struct sw_arena *arena, const struct sw_record_facts *facts)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    struct sw_builder b = {.arena = arena};
    struct sw_node *root = sw_record_facts_json(&b, facts);
    fuzz_claim(!b.failed);
    sw_json_write(&text, root, SW_JSON_PRETTY);
    fuzz_claim(text.state == SW_BUFFER_OK);
    return (struct sw_str){fuzz_text(arena, sw_buffer_str(&text)), text.n};
}

int fuzz_record(const uint8_t *data, size_t size)
{
    const struct sw_record record = {.profile = "fuzz", .number = 7};
    struct sw_record_facts facts, again;
    struct sw_error error = {0};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    if (sw_record_facts_parse(&facts, &arena, &record, (struct sw_str){(const char *)data, size}, &error) !=
        0) {
        fuzz_claim(error.code == SW_EINPUT && error.text[0] != '\0');
        return 0;
    }
    check(&facts, &record);
    const struct sw_str first = write(&arena, &facts);
    fuzz_claim(sw_record_facts_parse(&again, &arena, &record, first, NULL) == 0);
    fuzz_claim(sw_str_equal(first, write(&arena, &again)));
    return 0;
}
