#include "index/index.h"

#include "base/limits.h"
#include "http/uri.h"
#include "index/index_internal.h"
#include "index/page_internal.h"
#include "python/name.h"

int sw_index_new(struct sw_index **out, const struct sw_index_options *options, struct sw_error *error)
{
    struct sw_index *index = calloc(1, sizeof *index);
    if (index == NULL)
        return sw_fail_memory(error);
    sw_arena_init(&index->arena, SW_MAX_INDEX_MEMORY);
    index->options = *options;
    int code = sw_fetcher_login(options->cache.fetcher, sw_str_from(options->default_url), error);
    if (code != 0) {
        sw_index_free(index);
        return code;
    }
    *out = index;
    return 0;
}

int sw_index_pin(struct sw_index *index, const struct sw_index_pin *pins, size_t count,
                 struct sw_error *error)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < count; i++)
        code = sw_fetcher_login(index->options.cache.fetcher, sw_str_from(pins[i].url), error);
    if (code != 0)
        return code;
    index->pins = pins;
    index->pin_count = count;
    return 0;
}

const struct sw_cache *sw_index_cache(const struct sw_index *index)
{
    return &index->options.cache;
}

void sw_index_write_origin(struct sw_buffer *out, const struct sw_index *index)
{
    const char *url = index->options.default_url;
    sw_buffer_addf(out, "%s\n", url == NULL ? "" : url);
    for (size_t i = 0; i < index->pin_count; i++)
        sw_buffer_addf(out, "%s %s\n", index->pins[i].project, index->pins[i].url);
    for (size_t i = 0; i < index->repository_count; i++) {
        if (index->repositories[i].commit != NULL)
            sw_buffer_addf(out, "%s %s\n", index->repositories[i].url, index->repositories[i].commit);
    }
}

void sw_index_free(struct sw_index *index)
{
    if (index == NULL)
        return;
    sw_arena_release(&index->arena);
    free(index);
}

const struct sw_index_memory *sw_index_recall(const struct sw_index *index, const char *key)
{
    for (size_t i = 0; i < index->memory_count; i++) {
        if (strcmp(index->memory[i].key, key) == 0)
            return &index->memory[i];
    }
    return NULL;
}

int sw_index_remember(struct sw_index *index, const char *key, const struct sw_index_project *project,
                      const struct sw_metadata *metadata, struct sw_error *error)
{
    struct sw_index_memory *memory =
        sw_arena_grow(&index->arena, index->memory, index->memory_count, sizeof *memory);
    const char *own = sw_arena_text(&index->arena, key);
    if (memory == NULL || own == NULL)
        return sw_fail_memory(error);
    memory[index->memory_count++] = (struct sw_index_memory){own, project, metadata};
    index->memory = memory;
    return 0;
}

static const char *index_of(const struct sw_index *index, struct sw_str project)
{
    for (size_t i = 0; i < index->pin_count; i++) {
        if (sw_name_equal(sw_str_from(index->pins[i].project), project))
            return index->pins[i].url;
    }
    return index->options.default_url;
}

/* A project that is looked up. */
struct wanted {
    /* Normalized; NULL if the answer is there already. */
    const char *name;
    const char *index, *page;
};

/* The page's URL: the index's, the name, and a slash (PEP 503). */
static int locate(struct wanted *wanted, struct sw_index *index, const char *name, struct sw_error *error)
{
    struct sw_str text = sw_str_from(name);
    if (!sw_name_valid(text)) {
        (void)sw_fail(error, SW_EINPUT, "'%.100s' is no name of a project", name);
        return sw_error_hint(error, "letters, digits, '-', '_' and '.', a letter or digit at both ends");
    }
    SW_BUFFER_AUTO normal, url;
    sw_buffer_init(&normal, SW_MAX_URL_SIZE);
    sw_buffer_init(&url, SW_MAX_URL_SIZE);
    sw_name_normalize(&normal, text);
    struct sw_str base = sw_str_from(index_of(index, text));
    if (base.n == 0) {
        (void)sw_fail(error, SW_EENV, "no package index is known for '%s'", normal.p);
        return sw_error_hint(
            error, "name one by PIP_INDEX_URL or UV_DEFAULT_INDEX, or install pip, which knows one");
    }
    sw_buffer_add_str(&url, base);
    while (url.n > 0 && url.p[url.n - 1] == '/')
        sw_buffer_truncate(&url, url.n - 1);
    sw_buffer_addf(&url, "/%s/", normal.p);
    int code = sw_buffer_check(&url, "the index's URL", error);
    if (code != 0)
        return code;
    wanted->name = sw_arena_text(&index->arena, normal.p);
    wanted->page = sw_arena_text(&index->arena, url.p);
    sw_buffer_clear(&url);
    sw_uri_add_shown(&url, base);
    wanted->index = sw_arena_text(&index->arena, url.p);
    return wanted->name == NULL || wanted->page == NULL || wanted->index == NULL ? sw_fail_memory(error) : 0;
}

static int read_project(struct sw_index_answer *answer, struct sw_index *index, const struct wanted *wanted,
                        const struct sw_cache_answer *page)
{
    struct sw_error *error = &answer->error;
    if (page->code == SW_ENOTFOUND) {
        (void)sw_fail(error, SW_ENOTFOUND, "the index at %s has no project '%s'", wanted->index,
                      wanted->name);
        return sw_error_hint(error, "is the name right? another index is named in the profile's 'indexes'");
    }
    if (page->code != 0) {
        *error = page->error;
        return page->code;
    }
    struct sw_index_project *project = sw_arena_alloc(&index->arena, sizeof *project);
    if (project == NULL)
        return sw_fail_memory(error);
    *project = (struct sw_index_project){.name = wanted->name, .index = wanted->index};
    int code = sw_index_read_page(project, &index->arena, sw_buffer_str(&page->content), error);
    if (code != 0)
        return sw_error_context(code, error, "the page of '%s' at %s", wanted->name, wanted->index);
    answer->project = project;
    return sw_index_remember(index, wanted->page, project, NULL, error);
}

static int read_wanted(struct sw_index_answer *answers, struct sw_index *index, const struct wanted *wanted,
                       size_t count, struct sw_error *error)
{
    size_t pages = 0;
    struct sw_cache_request *requests = calloc(count, sizeof *requests);
    struct sw_cache_answer *contents = calloc(count, sizeof *contents);
    int code = requests == NULL || contents == NULL ? sw_fail_memory(error) : 0;
    for (size_t i = 0; code == 0 && i < count; i++) {
        if (wanted[i].name == NULL)
            continue;
        requests[pages] = (struct sw_cache_request){.url = wanted[i].page,
                                                    .accept = sw_page_accept,
                                                    .convert = sw_page_convert,
                                                    .form = SW_PAGE_FORM};
        sw_cache_answer_init(&contents[pages++]);
    }
    if (code == 0)
        code = sw_cache_get_all(contents, &index->options.cache, requests, pages, error);
    for (size_t i = 0, page = 0; page < pages; i++) {
        if (wanted[i].name == NULL)
            continue;
        if (code == 0)
            answers[i].code = read_project(&answers[i], index, &wanted[i], &contents[page]);
        sw_cache_answer_release(&contents[page++]);
    }
    free(requests);
    free(contents);
    return code;
}

int sw_index_projects(struct sw_index_answer *answers, struct sw_index *index, const char *const *names,
                      size_t count, struct sw_error *error)
{
    if (count == 0)
        return 0;
    struct wanted *wanted = calloc(count, sizeof *wanted);
    if (wanted == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        answers[i] = (struct sw_index_answer){0};
        answers[i].code = locate(&wanted[i], index, names[i], &answers[i].error);
        const struct sw_index_memory *known =
            answers[i].code == 0 ? sw_index_recall(index, wanted[i].page) : NULL;
        if (known != NULL)
            answers[i].project = known->project;
        if (answers[i].code != 0 || known != NULL)
            wanted[i].name = NULL;
    }
    int code = read_wanted(answers, index, wanted, count, error);
    free(wanted);
    return code;
}

int sw_index_project(const struct sw_index_project **out, struct sw_index *index, const char *name,
                     struct sw_error *error)
{
    struct sw_index_answer answer;
    int code = sw_index_projects(&answer, index, &name, 1, error);
    if (code == 0 && answer.code != 0) {
        code = answer.code;
        if (error != NULL)
            *error = answer.error;
    }
    if (code == 0)
        *out = answer.project;
    return code;
}
