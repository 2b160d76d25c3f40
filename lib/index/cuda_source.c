#include "index/cuda_source.h"

#include "base/limits.h"
#include "index/index_internal.h"
#include "index/inside_internal.h"
#include "index/source_internal.h"
#include "wheel/sdist.h"

struct reading {
    struct sw_cuda_source *source;
    char member[SW_MAX_PATH_SIZE];
    /* pyproject.toml lists torch among the requirements of a build, so that an isolated build has a torch of its own. */
    bool brings_torch;
    /* The bytes from the start on that were asked for so far. */
    uint64_t reach;
};

/* Return true if a line of Python imports torch or a part of it. */
static bool imports_torch(struct sw_str line)
{
    static const char *const words[] = {"import torch", "from torch"};
    line = sw_str_trim(line);
    for (size_t i = 0; i < SW_COUNT(words); i++) {
        size_t n = strlen(words[i]);
        if (sw_str_starts(line, words[i]) &&
            (line.n == n || !(sw_is_alnum((unsigned char)line.p[n]) || line.p[n] == '_')))
            return true;
    }
    return false;
}

/* ---- setup.py ---- */

/* The innermost `try` of a setup.py that is read line by line. An import in it is no need if a handler goes on without torch. */
struct attempt {
    enum { NO_ATTEMPT, IN_TRY, IN_HANDLER } part;
    size_t indent;
    /* torch is imported in the `try`, and a handler ends the build without it. */
    bool imports, gives_up;
};

static bool has_word(struct sw_str line, const char *word)
{
    return sw_str_find(line, sw_str_from(word)) < line.n;
}

/* Return true if the line is a handler of a failed import: "except:", "except ImportError as e:". */
static bool handles_import(struct sw_str line)
{
    static const char *const names[] = {"ImportError", "ModuleNotFoundError", "Exception"};
    bool handles = sw_str_is(sw_str_trim(sw_str_drop(line, strlen("except"))), ":");
    for (size_t i = 0; i < SW_COUNT(names); i++)
        handles = handles || has_word(line, names[i]);
    return handles;
}

/* Note an import without which the build does not go on. An indented line, in a function or behind a condition, may not be reached. */
static void need(struct sw_cuda_source *source, size_t indent)
{
    source->wants_torch = source->wants_torch || indent == 0;
    source->may_want_torch = source->may_want_torch || indent > 0;
}

static void end_attempt(struct attempt *attempt, struct sw_cuda_source *source)
{
    if (attempt->imports && (attempt->part == IN_TRY || attempt->gives_up))
        need(source, attempt->indent);
    *attempt = (struct attempt){0};
}

/* Follow the attempt to a line. */
static void follow(struct attempt *attempt, struct sw_cuda_source *source, struct sw_str line, size_t indent)
{
    bool out = attempt->part != NO_ATTEMPT && indent <= attempt->indent;
    if (out && sw_str_starts(line, "except") && handles_import(line))
        attempt->part = IN_HANDLER;
    else if (out && !(attempt->part == IN_HANDLER && sw_str_starts(line, "except")))
        end_attempt(attempt, source);
    if (attempt->part == IN_HANDLER)
        attempt->gives_up = attempt->gives_up || has_word(line, "raise") || has_word(line, "exit(");
    if (sw_str_starts(line, "try:")) {
        end_attempt(attempt, source);
        *attempt = (struct attempt){.part = IN_TRY, .indent = indent};
    }
}

/* Look for the imports of torch in a setup.py. */
static void read_setup(struct sw_cuda_source *source, struct sw_str text)
{
    struct attempt attempt = {0};
    while (text.p != NULL) {
        struct sw_str whole = sw_str_cut(&text, '\n'), line = sw_str_trim(whole);
        size_t indent = (size_t)(line.p - whole.p);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        follow(&attempt, source, line, indent);
        if (imports_torch(line) && attempt.part == IN_TRY)
            attempt.imports = true;
        else if (imports_torch(line) && attempt.part == NO_ATTEMPT)
            need(source, indent);
    }
    end_attempt(&attempt, source);
}

/* ---- pyproject.toml ---- */

/* Return true if `requires` of [build-system] names torch. */
static bool build_brings_torch(struct sw_str text)
{
    bool inside = false;
    while (text.p != NULL) {
        struct sw_str line = sw_str_trim(sw_str_cut(&text, '\n'));
        if (sw_str_starts(line, "["))
            inside = sw_str_starts(line, "[build-system]");
        if (inside && (has_word(line, "\"torch") || has_word(line, "'torch")))
            return true;
    }
    return false;
}

/* A name of CUDA code is noted here, since nobody needs its text. */
static bool is_wanted(void *self, struct sw_str name)
{
    struct reading *reading = self;
    if (reading->member[0] == '\0' && sw_str_ends(name, ".cu") && name.n < sizeof reading->member)
        memcpy(reading->member, name.p, name.n);
    return sw_str_is(name, "setup.py") || sw_str_is(name, "pyproject.toml");
}

static int take(void *self, struct sw_str name, struct sw_str text, bool *enough, struct sw_error *error)
{
    struct reading *reading = self;
    (void)error;
    if (sw_str_is(name, "setup.py"))
        read_setup(reading->source, text);
    else
        reading->brings_torch = build_brings_torch(text);
    *enough = reading->source->wants_torch && reading->member[0] != '\0';
    return 0;
}

static int look(void *self, const struct sw_reader *reader, struct sw_error *error)
{
    struct reading *reading = self;
    struct sw_source_start start = {reader, &reading->reach};
    const struct sw_reader first = sw_source_start(&start);
    const struct sw_sdist_visitor visitor = {.wants = is_wanted,
                                             .take = take,
                                             .self = reading,
                                             .most = SW_MAX_SDIST_UNPACKED,
                                             .file_max = SW_MAX_WHEEL_MEMBER};
    memset(reading->member, 0, sizeof reading->member);
    reading->brings_torch = false;
    return sw_sdist_visit(&first, &visitor, error);
}

/* ---- answers kept between runs: "1 csrc/a.cu", the first a sum of 1 and 2 for `wants_torch` and `may_want_torch` ---- */

/* False without memory, and then nothing is kept. */
static bool store_key(char key[128], const struct sw_index_file *file)
{
    char digest[SW_SHA256_HEX_SIZE];
    if (sw_index_file_key(digest, file, NULL) != 0)
        return false;
    (void)snprintf(key, 128, "cuda-source3 %s", digest);
    return true;
}

static bool recall(struct sw_cuda_source *source, struct sw_index *index)
{
    char key[128];
    SW_BUFFER_AUTO kept;
    sw_buffer_init(&kept, SW_MAX_PATH_SIZE + 2);
    if (!store_key(key, source->file) || !sw_store_get(&kept, index->options.cache.store, sw_str_from(key)) ||
        kept.n < 2)
        return false;
    const char *member = sw_arena_copy(&index->arena, sw_str_drop(sw_buffer_str(&kept), 2));
    if (member == NULL)
        return false;
    int needs = kept.p[0] - '0';
    source->wants_torch = (needs & 1) != 0;
    source->may_want_torch = (needs & 2) != 0;
    source->member = member;
    return true;
}

static int conclude(struct reading *reading, struct sw_index *index, const struct sw_inside *inside)
{
    struct sw_cuda_source *source = reading->source;
    char key[128], text[SW_MAX_PATH_SIZE + 3];
    /* An archive whose end was not reached has told enough if its setup.py wants torch. */
    source->code = source->wants_torch ? 0 : inside->code;
    source->error = inside->error;
    source->wants_torch = source->wants_torch && !reading->brings_torch;
    source->may_want_torch = source->may_want_torch && !reading->brings_torch;
    source->member = sw_arena_text(&index->arena, reading->member);
    if (source->member == NULL)
        return SW_EENV;
    (void)snprintf(text, sizeof text, "%d %s", source->wants_torch + 2 * source->may_want_torch,
                   reading->member);
    if (source->code == 0 && store_key(key, source->file))
        sw_store_put(index->options.cache.store, sw_str_from(key), sw_str_from(text));
    return 0;
}

static int read_all(struct sw_index *index, struct reading *readings, size_t count, struct sw_error *error)
{
    struct sw_inside *files = calloc(count + 1, sizeof *files);
    if (files == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        const struct sw_index_file *file = readings[i].source->file;
        files[i] = (struct sw_inside){.url = file->url,
                                      .name = file->name,
                                      .size = file->size,
                                      .most = SW_MAX_SDIST_SOURCES,
                                      .from_start = true,
                                      .look = look,
                                      .self = &readings[i]};
    }
    int code = sw_inside_read(files, index->options.cache.fetcher, count, error);
    for (size_t i = 0; code == 0 && i < count; i++) {
        if (conclude(&readings[i], index, &files[i]) != 0)
            code = sw_fail_memory(error);
    }
    free(files);
    return code;
}

int sw_index_cuda_sources(struct sw_cuda_source *sources, struct sw_index *index, size_t count,
                          struct sw_error *error)
{
    struct reading *readings = calloc(count + 1, sizeof *readings);
    size_t wanted = 0;
    if (readings == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        sources[i].member = "";
        if (recall(&sources[i], index))
            continue;
        if (index->options.cache.offline)
            sources[i].code =
                sw_fail(&sources[i].error, SW_EENV, "'%s' is not in the cache", sources[i].file->name);
        else
            readings[wanted++].source = &sources[i];
    }
    int code = wanted == 0 ? 0 : read_all(index, readings, wanted, error);
    free(readings);
    return code;
}
