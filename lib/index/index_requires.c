/* The requirements of files: their metadata, from memory, from the store, from beside them on the index, from
 * inside of them. */
#include "base/limits.h"
#include "index/index_internal.h"
#include "index/inside_internal.h"
#include "index/source_internal.h"
#include "python/name.h"

enum { DIGEST_BRIEF = 12 };

/* Kept in place of the metadata of a source distribution that does not state its requirements. */
#define UNSTATED "Unstated: it was read\n"

/* A file under way. */
struct errand {
    const struct sw_index_file *file;
    struct sw_index_metadata_answer *answer;
    /* The URL of the metadata; NULL if it is not looked for beside the file. */
    char *url;
    bool done;
};

/* False without memory, and then nothing is kept. */
static bool store_key(char key[128], const struct sw_index_file *file)
{
    char digest[SW_SHA256_HEX_SIZE];
    if (sw_index_file_key(digest, file, NULL) != 0)
        return false;
    (void)snprintf(key, 128, "metadata1 %s", digest);
    return true;
}

/* Check that the metadata is that of the file: its project and its version. */
static int check_identity(const struct sw_metadata *metadata, const struct sw_index_file *file,
                          struct sw_str project, struct sw_error *error)
{
    struct sw_version version;
    if (sw_name_equal(metadata->name, project) && sw_version_parse(&version, metadata->version, NULL) == 0 &&
        sw_version_compare(&version, &file->version) == 0)
        return 0;
    return sw_fail(error, SW_EINPUT, "the metadata of '%s' is that of another file: '%.100s' %.100s",
                   file->name, metadata->name.p, metadata->version.p);
}

/* The project's part of the file's name: all that stands before "-VERSION". */
static struct sw_str project_of(const struct sw_index_file *file)
{
    if (file->kind == SW_INDEX_WHEEL)
        return file->wheel.distribution;
    return (struct sw_str){file->name, (size_t)(file->version.text.p - file->name - 1)};
}

static int read_text(struct errand *errand, struct sw_index *index, struct sw_str text,
                     struct sw_error *error)
{
    const struct sw_index_file *file = errand->file;
    struct sw_metadata *metadata = sw_arena_alloc(&index->arena, sizeof *metadata);
    if (metadata == NULL)
        return sw_fail_memory(error);
    int code = sw_metadata_read(metadata, &index->arena, text, error);
    if (code != 0)
        return sw_error_context(code, error, "'%s'", file->name);
    code = check_identity(metadata, file, project_of(file), error);
    if (code == 0)
        code = sw_index_remember(index, file->url, NULL, metadata, error);
    if (code == 0)
        errand->answer->metadata = metadata;
    return code;
}

/* An answer for a source distribution that does not state its requirements. */
static void give_up(struct errand *errand)
{
    struct sw_index_metadata_answer *answer = errand->answer;
    if (errand->done)
        return;
    errand->done = true;
    answer->code = sw_fail(&answer->error, SW_ENOTFOUND, "'%s' says what it requires only when it is built",
                           errand->file->name);
    (void)sw_error_hint(&answer->error, "it is a source distribution");
}

static void look(struct errand *errand, struct sw_index *index)
{
    struct sw_index_metadata_answer *answer = errand->answer;
    const struct sw_index_memory *known = sw_index_recall(index, errand->file->url);
    char key[128];
    SW_BUFFER_AUTO kept;
    sw_buffer_init(&kept, SW_MAX_METADATA_SIZE);
    if (known != NULL)
        answer->metadata = known->metadata;
    else if (store_key(key, errand->file) &&
             sw_store_get(&kept, index->options.cache.store, sw_str_from(key)) &&
             !sw_str_is(sw_buffer_str(&kept), UNSTATED))
        (void)read_text(errand, index, sw_buffer_str(&kept), NULL);
    if (sw_str_is(sw_buffer_str(&kept), UNSTATED))
        give_up(errand);
    errand->done = errand->done || answer->metadata != NULL;
    if (errand->done || !index->options.cache.offline)
        return;
    errand->done = true;
    answer->code =
        sw_fail(&answer->error, SW_EENV, "what '%s' requires is not in the cache, and nothing may be fetched",
                errand->file->name);
    (void)sw_error_hint(&answer->error, "run it once without --offline");
}

static int check_digest(const struct sw_index_file *file, struct sw_str body, struct sw_error *error)
{
    char hex[SW_SHA256_HEX_SIZE];
    if (file->metadata_sha256[0] == '\0')
        return 0;
    if (!sw_sha256_hex(body, hex))
        return sw_fail_memory(error);
    if (strcmp(hex, file->metadata_sha256) == 0)
        return 0;
    return sw_fail(error, SW_EENV,
                   "the metadata of '%s' has the digest %.*s..., not %.*s... as its index says", file->name,
                   DIGEST_BRIEF, hex, DIGEST_BRIEF, file->metadata_sha256);
}

static int keep(struct errand *errand, struct sw_index *index, struct sw_str text, struct sw_error *error)
{
    char key[128];
    SW_BUFFER_AUTO kept;
    sw_buffer_init(&kept, SW_MAX_METADATA_SIZE);
    sw_metadata_keep(&kept, text);
    int code = sw_buffer_check(&kept, "the metadata", error);
    if (code == 0)
        code = read_text(errand, index, sw_buffer_str(&kept), error);
    if (code == 0 && store_key(key, errand->file))
        sw_store_put(index->options.cache.store, sw_str_from(key), sw_buffer_str(&kept));
    return code;
}

/* All files on their way. */
struct errands {
    struct sw_index *index;
    struct errand *list;
};

static int ask_beside(void *self, size_t i, struct sw_fetch_request *request, struct sw_error *error)
{
    struct errand *errand = &((struct errands *)self)->list[i];
    if (errand->done || errand->file->metadata == SW_BESIDE_NO ||
        (errand->file->kind == SW_INDEX_SDIST && errand->file->metadata != SW_BESIDE_YES))
        return 0;
    if (asprintf(&errand->url, "%s.metadata", errand->file->url) < 0) {
        errand->url = NULL;
        return sw_fail_memory(error);
    }
    *request = (struct sw_fetch_request){.url = errand->url, .max = SW_MAX_METADATA_SIZE};
    return 0;
}

/* Take the metadata beside the file. Metadata that is missing, or is not that of the file although the index
 * did not promise it, is looked for inside. */
static void take_beside(void *self, size_t i, struct sw_fetch_response *response)
{
    const struct errands *errands = self;
    struct errand *errand = &errands->list[i];
    struct sw_index_metadata_answer *answer = errand->answer;
    bool promised = errand->file->metadata == SW_BESIDE_YES;
    answer->code = response->code;
    if (response->code == 0)
        answer->code = check_digest(errand->file, sw_buffer_str(&response->body), &answer->error);
    else
        answer->error = response->error;
    if (answer->code == 0 && errand->file->kind == SW_INDEX_SDIST &&
        !sw_metadata_is_static(sw_buffer_str(&response->body)))
        return; /* a build may say otherwise */
    if (answer->code == 0)
        answer->code = keep(errand, errands->index, sw_buffer_str(&response->body), &answer->error);
    errand->done = answer->code == 0 || (promised && response->code != SW_ENOTFOUND);
}

static void take_inside(struct errand *errand, struct sw_index *index, const struct sw_inside *inside,
                        const struct sw_source *source)
{
    struct sw_index_metadata_answer *answer = errand->answer;
    char key[128];
    errand->done = true;
    answer->code = inside->code;
    if (inside->code != 0) {
        answer->error = inside->error;
    } else if (source->metadata.n > 0) {
        answer->code = keep(errand, index, sw_buffer_str(&source->metadata), &answer->error);
    } else {
        errand->done = false;
        if (store_key(key, errand->file))
            sw_store_put(index->options.cache.store, sw_str_from(key), SW_STR(UNSTATED));
        give_up(errand);
    }
}

/* A wheel, or a source distribution of the kind that can be read from its start. */
static bool is_readable(const struct sw_index_file *file)
{
    struct sw_str name = sw_str_from(file->name);
    return file->kind == SW_INDEX_WHEEL || sw_str_ends(name, ".tar.gz") || sw_str_ends(name, ".tgz") ||
           sw_str_ends(name, ".zip");
}

static struct sw_inside make_inside(struct sw_source *source, const struct sw_index_file *file)
{
    bool wheel = file->kind == SW_INDEX_WHEEL;
    *source = (struct sw_source){.version = file->version.text};
    sw_buffer_init(&source->metadata, SW_MAX_METADATA_SIZE);
    return (struct sw_inside){.url = file->url,
                              .name = file->name,
                              .size = file->size,
                              .most = wheel ? 0 : SW_MAX_SDIST_HEAD,
                              .from_start = !wheel,
                              .look = wheel ? sw_inside_metadata : sw_source_look,
                              .self = wheel ? (void *)&source->metadata : source};
}

static int read_inside(struct sw_index *index, struct errand *errands, size_t count, struct sw_error *error)
{
    size_t wanted = 0;
    struct sw_inside *files = calloc(count, sizeof *files);
    struct sw_source *sources = calloc(count, sizeof *sources);
    struct errand **waiting = calloc(count, sizeof *waiting);
    int code = files == NULL || sources == NULL || waiting == NULL ? sw_fail_memory(error) : 0;
    for (size_t i = 0; code == 0 && i < count; i++) {
        if (errands[i].done || !is_readable(errands[i].file))
            continue;
        files[wanted] = make_inside(&sources[wanted], errands[i].file);
        waiting[wanted++] = &errands[i];
    }
    if (code == 0)
        code = sw_inside_read(files, index->options.cache.fetcher, wanted, error);
    for (size_t i = 0; i < wanted; i++) {
        if (code == 0)
            take_inside(waiting[i], index, &files[i], &sources[i]);
        sw_buffer_release(&sources[i].metadata);
    }
    free(files);
    free(sources);
    free((void *)waiting);
    return code;
}

int sw_index_metadata(struct sw_index_metadata_answer *answers, struct sw_index *index,
                      const struct sw_index_file *const *files, size_t count, struct sw_error *error)
{
    if (count == 0)
        return 0;
    struct errand *errands = calloc(count, sizeof *errands);
    if (errands == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        answers[i] = (struct sw_index_metadata_answer){0};
        errands[i] = (struct errand){.file = files[i], .answer = &answers[i]};
        look(&errands[i], index);
    }
    struct errands all = {index, errands};
    const struct sw_fetch_batch beside = {ask_beside, take_beside, &all};
    int code = sw_fetch_batch(index->options.cache.fetcher, &beside, count, error);
    if (code == 0)
        code = read_inside(index, errands, count, error);
    for (size_t i = 0; i < count; i++) {
        if (code == 0)
            give_up(&errands[i]);
        free(errands[i].url);
    }
    free(errands);
    return code;
}
