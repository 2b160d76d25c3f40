#include "index/repository.h"

#include "base/limits.h"
#include "http/uri.h"
#include "index/index_internal.h"
#include "index/repository_internal.h"
#include "index/source_internal.h"
#include "python/name.h"

enum { COMMIT_DIGITS = 40 };

/* Kept in place of the metadata of a repository that does not state its requirements. */
#define UNSTATED "Unstated: it was read\n"

/* ---- URLs ---- */

struct sw_repository_url sw_repository_url_read(struct sw_str text)
{
    size_t end = sw_str_find(text, SW_STR("#"));
    struct sw_repository_url repository = {.url = {text.p, end}, .fragment = sw_str_drop(text, end)};
    if (sw_str_starts(repository.url, "git+"))
        repository.url = sw_str_drop(repository.url, strlen("git+"));
    /* An "@" before the path belongs to a login. */
    size_t scheme = sw_str_find(repository.url, SW_STR("://")), path = 0;
    if (scheme < repository.url.n)
        path = scheme + 3 + sw_str_find(sw_str_drop(repository.url, scheme + 3), SW_STR("/"));
    for (size_t i = repository.url.n; i > path; i--) {
        if (repository.url.p[i - 1] == '@') {
            repository.revision = sw_str_drop(repository.url, i);
            repository.url.n = i - 1;
            break;
        }
    }
    return repository;
}

static bool is_commit(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!sw_is_digit(text.p[i]) && !(text.p[i] >= 'a' && text.p[i] <= 'f'))
            return false;
    }
    return text.n == COMMIT_DIGITS;
}

/* Write the path of pyproject.toml, in the folder that the fragment names. False for a folder that cannot be one of a repository. */
static bool write_path(struct sw_buffer *out, struct sw_str fragment)
{
    struct sw_str rest = fragment.n > 0 ? sw_str_drop(fragment, 1) : (struct sw_str){NULL, 0};
    while (rest.p != NULL) {
        struct sw_str part = sw_str_cut(&rest, '&');
        if (!sw_str_starts(part, "subdirectory="))
            continue;
        sw_uri_decode(out, sw_str_drop(part, strlen("subdirectory=")));
        while (out->n > 0 && out->p[out->n - 1] == '/')
            out->n--;
        if (out->n > 0)
            sw_buffer_add_char(out, '/');
        break;
    }
    sw_buffer_add_text(out, "pyproject.toml");
    for (size_t i = 0; i < out->n; i++) {
        if ((unsigned char)out->p[i] < ' ' || out->p[i] == 0x7F)
            return false;
    }
    struct sw_str path = sw_buffer_str(out);
    return out->state == SW_BUFFER_OK && path.p[0] != '/' && sw_str_find(path, SW_STR("..")) == path.n;
}

/* ---- rows ---- */

/* The row of a URL as a requirement writes it; made if it is missing. NULL without memory. */
static struct sw_index_repository *row_of(struct sw_index *index, struct sw_str url)
{
    for (size_t i = 0; i < index->repository_count; i++) {
        if (sw_str_is(url, index->repositories[i].url))
            return &index->repositories[i];
    }
    struct sw_index_repository *rows =
        sw_arena_grow(&index->arena, index->repositories, index->repository_count, sizeof *rows);
    const char *own = sw_arena_copy(&index->arena, url);
    if (rows == NULL || own == NULL)
        return NULL;
    index->repositories = rows;
    rows[index->repository_count] = (struct sw_index_repository){.url = own};
    return &rows[index->repository_count++];
}

int sw_index_name_commit(struct sw_index *index, const char *url, const char *commit, struct sw_error *error)
{
    struct sw_index_repository *row = row_of(index, sw_str_from(url));
    const char *own = sw_arena_text(&index->arena, commit);
    if (row == NULL || own == NULL)
        return sw_fail_memory(error);
    *row = (struct sw_index_repository){.url = row->url, .commit = own};
    return 0;
}

const char *sw_index_named_commit(const struct sw_index *index, const char *url)
{
    for (size_t i = 0; i < index->repository_count; i++) {
        if (strcmp(index->repositories[i].url, url) == 0)
            return index->repositories[i].commit;
    }
    return NULL;
}

void sw_index_forget_commits(struct sw_index *index)
{
    for (size_t i = 0; i < index->repository_count; i++) {
        if (index->repositories[i].commit != NULL)
            index->repositories[i] = (struct sw_index_repository){.url = index->repositories[i].url};
    }
}

/* ---- reading ---- */

/* A file of a repository on its way. */
struct errand {
    struct sw_index *index;
    const char *project;
    struct sw_repository_url url;
    struct sw_str commit, path;
    char key[SW_INDEX_KEY_SIZE];
};

/* The key is that of the content: a commit's digest covers all its files. */
static int make_key(struct errand *errand, struct sw_error *error)
{
    char digest[SW_SHA256_HEX_SIZE];
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_URL_SIZE);
    sw_buffer_addf(&text, "%.*s %.*s", SW_STR_FORMAT(errand->commit), SW_STR_FORMAT(errand->path));
    if (text.state != SW_BUFFER_OK || !sw_sha256_hex(sw_buffer_str(&text), digest))
        return sw_fail_memory(error);
    (void)snprintf(errand->key, sizeof errand->key, "repository1 %s", digest);
    return 0;
}

/* Refuse a URL that is never asked: another way to the server than HTTP, a URL with a login, a repository without a commit. */
static int check_asked(const struct errand *errand, struct sw_error *error)
{
    const struct sw_uri uri = sw_uri_split(errand->url.url);
    if (!sw_uri_is_web(&uri))
        return sw_fail(error, SW_ENOTFOUND, "its repository is not read: only those that HTTP reaches are");
    if (uri.user.p != NULL)
        return sw_fail(error, SW_ENOTFOUND, "its repository is not read: the URL has a login");
    if (errand->commit.n == 0)
        return sw_fail(error, SW_ENOTFOUND, "its repository is not read: the URL names no commit");
    return 0;
}

/* Get the metadata as it is kept, or fetch it. */
static int get_text(struct sw_buffer *out, const struct errand *errand, struct sw_error *error)
{
    const struct sw_index_options *options = &errand->index->options;
    bool found = false;
    SW_BUFFER_AUTO file;
    SW_BUFFER_AUTO stated;
    sw_buffer_init(&file, SW_MAX_PYPROJECT);
    sw_buffer_init(&stated, SW_MAX_METADATA_SIZE);
    if (sw_store_get(out, options->cache.store, sw_str_from(errand->key)))
        return 0;
    if (options->cache.offline || options->git.environment == NULL)
        return sw_fail(error, SW_ENOTFOUND, "its repository is not in the cache, and nothing may be fetched");
    int code =
        sw_git_read_file(&file, &found, &options->git, errand->url.url, errand->commit, errand->path, error);
    if (code == SW_EENV) {
        struct sw_error failure = *error;
        return sw_fail(error, SW_ENOTFOUND, "its repository cannot be read: %s", failure.text);
    }
    if (code != 0)
        return code;
    if (found && sw_source_pyproject(&stated, sw_buffer_str(&file), SW_STR("0")))
        sw_metadata_keep(out, sw_buffer_str(&stated));
    if (out->n == 0)
        sw_buffer_add_text(out, UNSTATED);
    code = sw_buffer_check(out, "the metadata", error);
    if (code == 0)
        sw_store_put(options->cache.store, sw_str_from(errand->key), sw_buffer_str(out));
    return code;
}

static int read_repository(const struct sw_metadata **out, struct errand *errand, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_METADATA_SIZE);
    int code = check_asked(errand, error);
    if (code == 0)
        code = make_key(errand, error);
    if (code == 0)
        code = get_text(&text, errand, error);
    if (code != 0)
        return code;
    if (sw_str_is(sw_buffer_str(&text), UNSTATED))
        return sw_fail(
            error, SW_ENOTFOUND,
            "its repository has no pyproject.toml that states what it requires before it is built");
    struct sw_metadata *metadata = sw_arena_alloc(&errand->index->arena, sizeof *metadata);
    if (metadata == NULL)
        return sw_fail_memory(error);
    code = sw_metadata_read(metadata, &errand->index->arena, sw_buffer_str(&text), error);
    if (code == SW_EINPUT || (code == 0 && !sw_name_equal(metadata->name, sw_str_from(errand->project))))
        return sw_fail(error, SW_ENOTFOUND, "its repository is that of another project");
    if (code == 0)
        *out = metadata;
    return code;
}

/* Read the requirements for a new row, and remember also a failure. */
static int fill_row(struct sw_index_repository *row, struct sw_index *index, const char *project,
                    struct sw_error *error)
{
    struct sw_error reason = {0};
    SW_BUFFER_AUTO path;
    sw_buffer_init(&path, SW_MAX_PATH_SIZE);
    struct errand errand = {
        .index = index, .project = project, .url = sw_repository_url_read(sw_str_from(row->url))};
    if (row->commit != NULL)
        errand.commit = sw_str_from(row->commit);
    else if (is_commit(errand.url.revision))
        errand.commit = errand.url.revision;
    int code =
        write_path(&path, errand.url.fragment)
            ? 0
            : sw_fail(&reason, SW_ENOTFOUND, "its repository is not read: the URL names no folder of one");
    errand.path = sw_buffer_str(&path);
    if (code == 0 && index->repositories_read >= SW_MAX_REPOSITORIES)
        code = sw_fail(&reason, SW_ENOTFOUND, "its repository is not read: there are too many");
    index->repositories_read++;
    if (code == 0)
        code = read_repository(&row->metadata, &errand, &reason);
    row->reason = code == 0 ? "" : sw_arena_text(&index->arena, reason.text);
    if (row->reason == NULL)
        return sw_fail_memory(error);
    if (code != 0 && error != NULL)
        *error = reason;
    return code;
}

int sw_index_repository(const struct sw_metadata **out, struct sw_index *index, const char *project,
                        struct sw_str url, struct sw_error *error)
{
    struct sw_index_repository *row = row_of(index, url);
    if (row == NULL)
        return sw_fail_memory(error);
    int code = row->reason == NULL ? fill_row(row, index, project, error) : 0;
    if (code != 0)
        return code;
    if (row->metadata == NULL)
        return sw_fail(error, SW_ENOTFOUND, "%s", row->reason);
    *out = row->metadata;
    return 0;
}
