#include "index/cuda_code.h"

#include "base/limits.h"
#include "index/index_internal.h"
#include "index/inside_internal.h"
#include "wheel/wheel.h"

static const char form[] = "cuda-code1";

/* The kept form of a wheel that has too much to be read. */
static const char too_large[] = "large";

struct reading {
    struct sw_cuda_code *wheel;
    struct sw_buffer text; /* the kept form: the names, or `too_large` */
};

/* Announce the libraries of a wheel. Set `*large` in place of that if they are too many to be read. */
static int announce(bool *large, const struct sw_wheel *wheel, struct sw_arena *arena, struct sw_error *error)
{
    struct sw_range *ranges = sw_arena_array(arena, wheel->zip.count + 1, sizeof *ranges);
    size_t count = 0;
    uint64_t bytes = 0;
    if (ranges == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < wheel->zip.count; i++) {
        if (!sw_wheel_is_library(&wheel->zip.members[i]))
            continue;
        ranges[count++] = sw_zip_range(&wheel->zip.members[i]);
        bytes += wheel->zip.members[i].compressed;
    }
    *large = bytes > SW_MAX_CODE_BYTES;
    return *large ? 0 : sw_reader_expect(wheel->zip.reader, ranges, count, error);
}

static int look(void *self, const struct sw_reader *reader, struct sw_error *error)
{
    struct reading *reading = self;
    struct sw_wheel wheel = {.dist_info = {NULL, 0}};
    bool large = false;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_SCAN_MEMORY);
    sw_buffer_clear(&reading->text);
    int code = sw_zip_open(&wheel.zip, &arena, reader, error);
    if (code == 0)
        code = announce(&large, &wheel, &arena, error);
    if (code != 0)
        return code;
    if (!large)
        return sw_wheel_code_names(&reading->text, &wheel, error);
    sw_buffer_add_text(&reading->text, too_large);
    return 0;
}

/* ---- many wheels ---- */

static int give(struct sw_cuda_code *wheel, struct sw_index *index, struct sw_str text)
{
    wheel->code = 0;
    if (sw_str_is(text, too_large))
        wheel->code = sw_fail(&wheel->error, SW_EINPUT, "the libraries of '%s' are too large to be read here",
                              wheel->file->name);
    wheel->names = sw_arena_copy(&index->arena, wheel->code == 0 ? text : SW_STR(""));
    return wheel->names == NULL ? SW_EENV : 0;
}

/* Set `*known` if the wheel's answer was kept, or can only be refused. */
static int recall(bool *known, struct sw_cuda_code *wheel, struct sw_index *index, struct sw_error *error)
{
    char key[SW_INDEX_KEY_SIZE];
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_MESSAGE);
    int code = sw_index_answer_key(key, form, wheel->file, error);
    wheel->names = "";
    if (code != 0)
        return code;
    *known = sw_store_get(&text, index->options.cache.store, sw_str_from(key));
    if (*known)
        return give(wheel, index, sw_buffer_str(&text)) == 0 ? 0 : sw_fail_memory(error);
    if (index->options.cache.offline) {
        *known = true;
        wheel->code = sw_fail(&wheel->error, SW_EENV, "'%s' is not in the cache, and nothing may be fetched",
                              wheel->file->name);
    }
    return 0;
}

static int take(const struct reading *reading, struct sw_index *index, const struct sw_inside *inside,
                struct sw_error *error)
{
    struct sw_cuda_code *wheel = reading->wheel;
    char key[SW_INDEX_KEY_SIZE];
    wheel->code = inside->code;
    wheel->error = inside->error;
    int code = inside->code != 0 ? 0 : sw_index_answer_key(key, form, wheel->file, error);
    if (inside->code != 0 || code != 0)
        return code;
    sw_store_put(index->options.cache.store, sw_str_from(key), sw_buffer_str(&reading->text));
    return give(wheel, index, sw_buffer_str(&reading->text)) == 0 ? 0 : sw_fail_memory(error);
}

int sw_index_cuda_code(struct sw_cuda_code *wheels, struct sw_index *index, size_t count,
                       struct sw_error *error)
{
    size_t wanted = 0;
    struct sw_inside *insides = sw_arena_array(&index->arena, count + 1, sizeof *insides);
    struct reading *readings = sw_arena_array(&index->arena, count + 1, sizeof *readings);
    if (insides == NULL || readings == NULL)
        return sw_fail_memory(error);
    int code = 0;
    for (size_t i = 0; i < count && code == 0; i++) {
        bool known = false;
        code = recall(&known, &wheels[i], index, error);
        if (known || code != 0)
            continue;
        readings[wanted].wheel = &wheels[i];
        sw_buffer_init(&readings[wanted].text, SW_MAX_MESSAGE);
        insides[wanted] = (struct sw_inside){.url = wheels[i].file->url,
                                             .name = wheels[i].file->name,
                                             .size = wheels[i].file->size,
                                             .most = SW_MAX_CODE_BYTES + SW_MAX_INSIDE_BYTES,
                                             .look = look,
                                             .self = &readings[wanted]};
        wanted++;
    }
    if (code == 0)
        code = sw_inside_read(insides, index->options.cache.fetcher, wanted, error);
    for (size_t i = 0; i < wanted; i++) {
        if (code == 0)
            code = take(&readings[i], index, &insides[i], error);
        sw_buffer_release(&readings[i].text);
    }
    return code;
}
