#include "index/numpy_abi.h"

#include "base/limits.h"
#include "index/index_internal.h"
#include "index/inside_internal.h"
#include "wheel/zip.h"

static const char form[] = "numpy2";

enum { OVERLAP = 63 };

/* The most packed bytes of extension modules that are read of one wheel. */
#define MOST_BYTES (24 * SW_MIB)

static const char old_sign[] = "numpy.core._multiarray_umath", new_sign[] = "numpy._core._multiarray_umath";

struct reading {
    struct sw_buffer member; /* the first that uses NumPy */
    enum sw_numpy_abi abi;
};

/* ---- one extension module ---- */

/* The signs in its bytes, which come in pieces. */
struct signs {
    /* The end of the last piece, and the start of this piece. */
    char joint[2 * OVERLAP];
    size_t end;
    bool old, new;
};

static void look_at(struct signs *signs, struct sw_str bytes)
{
    signs->old = signs->old || memmem(bytes.p, bytes.n, old_sign, strlen(old_sign)) != NULL;
    signs->new = signs->new || memmem(bytes.p, bytes.n, new_sign, strlen(new_sign)) != NULL;
}

static int take(void *self, struct sw_str bytes, struct sw_error *error)
{
    struct signs *signs = self;
    (void)error;
    size_t start = bytes.n < OVERLAP ? bytes.n : OVERLAP;
    memcpy(signs->joint + signs->end, bytes.p, start);
    look_at(signs, (struct sw_str){signs->joint, signs->end + start});
    look_at(signs, bytes);
    if (bytes.n >= OVERLAP) {
        memcpy(signs->joint, bytes.p + bytes.n - OVERLAP, OVERLAP);
        signs->end = OVERLAP;
    } else {
        size_t keep = signs->end + start < OVERLAP ? signs->end + start : OVERLAP;
        memmove(signs->joint, signs->joint + signs->end + start - keep, keep);
        signs->end = keep;
    }
    return signs->new ? SW_ZIP_ENOUGH : 0;
}

/* ---- a wheel ---- */

/* Return true for a library: pyarrow's extension modules use NumPy through one of its own. */
static bool is_library(const struct sw_zip_member *member)
{
    return sw_str_ends(member->name, ".so");
}

static int by_size(const void *a, const void *b)
{
    const struct sw_zip_member *one = *(const struct sw_zip_member *const *)a,
                               *other = *(const struct sw_zip_member *const *)b;
    return (one->compressed > other->compressed) - (one->compressed < other->compressed);
}

static int read_member(struct reading *reading, const struct sw_zip *zip, const struct sw_zip_member *member,
                       struct sw_error *error)
{
    struct signs signs = {.end = 0};
    const struct sw_range range = sw_zip_range(member);
    int code = sw_reader_expect(zip->reader, &range, 1, error);
    if (code == 0)
        code = sw_zip_stream(zip, member, take, &signs, error);
    if (code != 0 || (!signs.old && !signs.new))
        return code;
    reading->abi = signs.new ? SW_NUMPY_2 : SW_NUMPY_1;
    sw_buffer_add_str(&reading->member, member->name);
    return sw_buffer_check(&reading->member, "a name", error);
}

static int look(void *self, const struct sw_reader *reader, struct sw_error *error)
{
    struct reading *reading = self;
    struct sw_zip zip;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_ARENA);
    int code = sw_zip_open(&zip, &arena, reader, error);
    if (code != 0)
        return code;
    const struct sw_zip_member **members = sw_arena_array(&arena, zip.count + 1, sizeof *members);
    size_t count = 0;
    uint64_t bytes = 0;
    if (members == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < zip.count; i++) {
        if (is_library(&zip.members[i]))
            members[count++] = &zip.members[i];
    }
    if (count > 1)
        qsort(members, count, sizeof *members, by_size);
    reading->abi = SW_NUMPY_NONE;
    sw_buffer_clear(&reading->member);
    for (size_t i = 0; i < count && code == 0 && reading->abi == SW_NUMPY_NONE; i++) {
        bytes += members[i]->compressed;
        if (bytes > MOST_BYTES)
            break;
        code = read_member(reading, &zip, members[i], error);
    }
    return code;
}

/* ---- many wheels ---- */

/* The kept form: a digit, and the member's name behind it. */
static bool parse(struct sw_index_abi *wheel, struct sw_arena *arena, struct sw_str text)
{
    if (text.n == 0 || text.p[0] < '0' || text.p[0] > '2')
        return false;
    wheel->abi = (enum sw_numpy_abi)(text.p[0] - '0');
    wheel->member = sw_arena_copy(arena, sw_str_drop(text, 1));
    return wheel->member != NULL;
}

/* Set `known` if the wheel's answer was kept, or can only be refused. */
static int recall(bool *known, struct sw_index_abi *wheel, struct sw_index *index, struct sw_error *error)
{
    char key[SW_INDEX_KEY_SIZE];
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_PATH_SIZE);
    wheel->abi = SW_NUMPY_NONE;
    wheel->member = "";
    wheel->code = sw_index_answer_key(key, form, wheel->file, error);
    if (wheel->code != 0)
        return wheel->code;
    *known = sw_store_get(&text, index->options.cache.store, sw_str_from(key)) &&
             parse(wheel, &index->arena, sw_buffer_str(&text));
    if (!*known && index->options.cache.offline) {
        *known = true;
        wheel->code = sw_fail(&wheel->error, SW_EENV, "'%s' is not in the cache, and nothing may be fetched",
                              wheel->file->name);
    }
    return 0;
}

static int finish(struct sw_index_abi *wheel, struct sw_index *index, const struct reading *reading,
                  struct sw_error *error)
{
    char key[SW_INDEX_KEY_SIZE];
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_PATH_SIZE);
    sw_buffer_addf(&text, "%d%.*s", (int)reading->abi, SW_STR_FORMAT(sw_buffer_str(&reading->member)));
    int code = sw_buffer_check(&text, "an answer", error);
    if (code == 0)
        code = sw_index_answer_key(key, form, wheel->file, error);
    if (code != 0)
        return code;
    sw_store_put(index->options.cache.store, sw_str_from(key), sw_buffer_str(&text));
    return parse(wheel, &index->arena, sw_buffer_str(&text)) ? 0 : sw_fail_memory(error);
}

int sw_index_numpy_abi(struct sw_index_abi *wheels, struct sw_index *index, size_t count,
                       struct sw_error *error)
{
    size_t wanted = 0;
    struct sw_inside *insides = sw_arena_array(&index->arena, count + 1, sizeof *insides);
    struct reading *readings = sw_arena_array(&index->arena, count + 1, sizeof *readings);
    size_t *places = sw_arena_array(&index->arena, count + 1, sizeof *places);
    int code = insides == NULL || readings == NULL || places == NULL ? sw_fail_memory(error) : 0;
    for (size_t i = 0; i < count && code == 0; i++) {
        bool known = false;
        code = recall(&known, &wheels[i], index, error);
        if (known || code != 0)
            continue;
        sw_buffer_init(&readings[wanted].member, SW_MAX_PATH_SIZE);
        places[wanted] = i;
        insides[wanted] = (struct sw_inside){.url = wheels[i].file->url,
                                             .name = wheels[i].file->name,
                                             .size = wheels[i].file->size,
                                             .look = look,
                                             .self = &readings[wanted]};
        wanted++;
    }
    if (code == 0)
        code = sw_inside_read(insides, index->options.cache.fetcher, wanted, error);
    for (size_t i = 0; i < wanted; i++) {
        struct sw_index_abi *wheel = &wheels[places[i]];
        wheel->code = insides[i].code;
        wheel->error = insides[i].error;
        if (code == 0 && wheel->code == 0)
            code = finish(wheel, index, &readings[i], error);
        sw_buffer_release(&readings[i].member);
    }
    return code;
}
