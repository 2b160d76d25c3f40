#include "index/cuda_source.h"

#include "base/limits.h"
#include "data/path.h"
#include "data/toml.h"
#include "index/cuda_source_internal.h"
#include "index/index_internal.h"
#include "index/inside_internal.h"
#include "index/source_internal.h"
#include "python/name.h"
#include "python/requirement.h"
#include "wheel/sdist.h"

struct reading {
    struct sw_cuda_source *source;
    char member[SW_MAX_PATH_SIZE], code[SW_MAX_PATH_SIZE];
    struct sw_setup setup;
    struct sw_buffer requires;
    /* pyproject.toml lists torch among the requirements of a build, so that an isolated build has a torch of its own. */
    bool brings_torch;
    /* The bytes from the start on that were asked for so far. */
    uint64_t reach;
};

/* ---- pyproject.toml ---- */

/* Return true for the name of a build backend that compiles code whatever setup.py says. */
static bool is_compiling(struct sw_str backend)
{
    static const char *const names[] = {"mesonpy", "scikit_build_core", "maturin", "py_build_cmake"};
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        if (sw_str_starts(backend, names[i]))
            return true;
    }
    return false;
}

/* Read [build-system]: its requirements, and the backend. */
static void read_build_system(struct reading *reading, struct sw_str text)
{
    const struct sw_node *root = NULL;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_SCAN_MEMORY);
    if (sw_toml_read(&root, &arena, text, NULL, NULL) != 0)
        return;
    const struct sw_node *requires = sw_node_at(root, "build-system.requires");
    reading->setup.compiles =
        reading->setup.compiles || is_compiling(sw_node_str(sw_node_at(root, "build-system.build-backend")));
    sw_buffer_clear(&reading->requires);
    for (size_t i = 0; i < sw_node_count(requires); i++) {
        struct sw_requirement requirement;
        const struct sw_str item = sw_node_str(sw_node_item(requires, i));
        if (sw_requirement_parse(&requirement, &arena, item, NULL) != 0 ||
            memchr(item.p, '\n', item.n) != NULL)
            continue;
        reading->brings_torch = reading->brings_torch || sw_name_equal(requirement.name, SW_STR("torch"));
        sw_buffer_addf(&reading->requires, "%.*s\n", SW_STR_FORMAT(item));
    }
}

/* ---- the archive ---- */

static bool ends_like(struct sw_str name, const char *const *ends, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (sw_str_ends(name, ends[i]))
            return true;
    }
    return false;
}

/* Return true for a file that a compiler makes a module of: C, C++, Cython; or for the description of a program in Rust. */
static bool is_code(struct sw_str name)
{
    static const char *const ends[] = {".c", ".cc", ".cpp", ".cxx", ".pyx"}, *const folders[] = {
                                                                                 "test", "doc", "example",
                                                                                 "bench"};
    for (size_t i = 0; i < SW_COUNT(folders); i++) {
        if (sw_str_find(name, sw_str_from(folders[i])) < name.n)
            return false;
    }
    return ends_like(name, ends, SW_COUNT(ends)) || sw_str_ends(name, "Cargo.toml");
}

static void note(char out[SW_MAX_PATH_SIZE], struct sw_str name)
{
    if (out[0] == '\0' && name.n < SW_MAX_PATH_SIZE && memchr(name.p, '\n', name.n) == NULL)
        memcpy(out, name.p, name.n);
}

/* The name of a file with code is noted here, since nobody needs its text. */
static bool is_wanted(void *self, struct sw_str name)
{
    struct reading *reading = self;
    if (sw_str_ends(name, ".cu"))
        note(reading->member, name);
    if (is_code(name))
        note(reading->code, name);
    return sw_str_is(name, "setup.py") || sw_str_is(name, "pyproject.toml");
}

static int take(void *self, struct sw_str name, struct sw_str text, bool *enough, struct sw_error *error)
{
    struct reading *reading = self;
    (void)error;
    if (sw_str_is(name, "setup.py"))
        sw_setup_read(&reading->setup, text);
    else
        read_build_system(reading, text);
    *enough = reading->setup.wants_torch && reading->member[0] != '\0';
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
    memset(reading->code, 0, sizeof reading->code);
    reading->setup = (struct sw_setup){0};
    reading->brings_torch = false;
    return sw_sdist_visit(&first, &visitor, error);
}

/* ---- answers kept between runs ---- */

/* The kept form is a line of digits, the flags; the file with CUDA code; the file with other code; then a line for each requirement of the
 * build. False without memory, and then nothing is kept. */
static bool store_key(char key[128], const struct sw_index_file *file)
{
    char digest[SW_SHA256_HEX_SIZE];
    if (sw_index_file_key(digest, file, NULL) != 0)
        return false;
    (void)snprintf(key, 128, "cuda-source4 %s", digest);
    return true;
}

/* Give out the facts of the kept form. */
static int give(struct sw_cuda_source *source, struct sw_index *index, struct sw_str text)
{
    const struct sw_str flags = sw_str_cut(&text, '\n');
    bool *const known[] = {&source->wants_torch, &source->may_want_torch, &source->compiles,
                           &source->may_do_without};
    for (size_t i = 0; i < SW_COUNT(known); i++)
        *known[i] = i < flags.n && flags.p[i] == '1';
    source->member = sw_arena_copy(&index->arena, sw_str_cut(&text, '\n'));
    source->code_member = sw_arena_copy(&index->arena, sw_str_cut(&text, '\n'));
    source->requires = sw_arena_copy(&index->arena, text.p == NULL ? SW_STR("") : text);
    return source->member == NULL || source->code_member == NULL || source->requires == NULL ? SW_EENV : 0;
}

/* 0 if nothing is kept; 1 if it is given out; else SW_EENV. */
static int recall(struct sw_cuda_source *source, struct sw_index *index)
{
    char key[128];
    SW_BUFFER_AUTO kept;
    sw_buffer_init(&kept, SW_MAX_STORE_ENTRY);
    if (!store_key(key, source->file) || !sw_store_get(&kept, index->options.cache.store, sw_str_from(key)))
        return 0;
    return give(source, index, sw_buffer_str(&kept)) == 0 ? 1 : SW_EENV;
}

static int conclude(struct reading *reading, struct sw_index *index, const struct sw_inside *inside)
{
    struct sw_cuda_source *source = reading->source;
    const struct sw_setup *setup = &reading->setup;
    bool torch = !reading->brings_torch;
    char key[128];
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_STORE_ENTRY);
    /* An archive whose end was not reached has told enough if its setup.py wants torch. */
    source->code = setup->wants_torch ? 0 : inside->code;
    source->error = inside->error;
    sw_buffer_addf(&text, "%d%d%d%d\n%s\n%s\n%.*s", torch && setup->wants_torch,
                   torch && setup->may_want_torch, setup->compiles, setup->may_do_without, reading->member,
                   reading->code, SW_STR_FORMAT(sw_buffer_str(&reading->requires)));
    if (sw_buffer_check(&text, "an answer", NULL) != 0)
        return SW_EENV;
    if (source->code == 0 && store_key(key, source->file))
        sw_store_put(index->options.cache.store, sw_str_from(key), sw_buffer_str(&text));
    return give(source, index, sw_buffer_str(&text));
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
    int code = 0;
    if (readings == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < count && code == 0; i++) {
        sources[i].member = sources[i].code_member = sources[i].requires = "";
        int kept = recall(&sources[i], index);
        if (kept < 0)
            code = sw_fail_memory(error);
        if (kept != 0)
            continue;
        if (index->options.cache.offline)
            sources[i].code =
                sw_fail(&sources[i].error, SW_EENV, "'%s' is not in the cache", sources[i].file->name);
        else {
            sw_buffer_init(&readings[wanted].requires, SW_MAX_MESSAGE);
            readings[wanted++].source = &sources[i];
        }
    }
    code = wanted == 0 || code != 0 ? code : read_all(index, readings, wanted, error);
    for (size_t i = 0; i < wanted; i++)
        sw_buffer_release(&readings[i].requires);
    free(readings);
    return code;
}
