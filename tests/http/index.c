/* Looks projects up and prints what their index says, a JSON document for each on its line, for index_test.py.
 *
 * usage: index DEFAULT-URL CACHE [OPTION]... PROJECT...     CACHE: a folder, or - for none
 * options: offline, requires (also what the first file of the newest release requires),
 * quiet (prints nothing), ca=FILE, pin=PROJECT=URL
 * On standard error: how long it took. */
#include "index/index.h"
#include "base/clock.h"
#include "data/json.h"

enum { MOST = 200 };

struct options {
    struct sw_fetch_options fetch;
    struct sw_index_options index;
    struct sw_index_pin pins[MOST];
    size_t pin_count;
    bool requires, quiet;
};

static bool set(struct options *options, char *word)
{
    struct sw_str rest = sw_str_from(word), name = sw_str_cut(&rest, '=');
    if (sw_str_is(name, "offline")) {
        options->index.cache.offline = true;
    } else if (sw_str_is(name, "requires")) {
        options->requires = true;
    } else if (sw_str_is(name, "quiet")) {
        options->quiet = true;
    } else if (sw_str_is(name, "ca")) {
        options->fetch.ca_file = rest.p;
    } else if (sw_str_is(name, "pin")) {
        char *sign = strchr(word + 4, '=');
        *sign = '\0';
        options->pins[options->pin_count++] = (struct sw_index_pin){word + 4, sign + 1};
    } else {
        return false;
    }
    return true;
}

static struct sw_node *describe_file(struct sw_builder *b, const struct sw_index_file *file)
{
    struct sw_node *node = sw_build_map(b);
    sw_build_set(b, node, "name", sw_build_text(b, file->name));
    sw_build_set(b, node, "url", sw_build_text(b, file->url));
    sw_build_set(b, node, "sha256", sw_build_text(b, file->sha256));
    sw_build_set(b, node, "size", sw_build_int(b, (int64_t)file->size));
    sw_build_set(b, node, "uploaded", sw_build_text(b, file->uploaded));
    sw_build_set(b, node, "requires_python", sw_build_text(b, file->requires_python));
    sw_build_set(b, node, "yanked", sw_build_bool(b, file->yanked));
    sw_build_set(b, node, "reason", sw_build_text(b, file->yanked_reason));
    sw_build_set(b, node, "metadata", sw_build_int(b, (int64_t)file->metadata));
    return node;
}

static struct sw_node *describe(struct sw_builder *b, const struct sw_index_answer *answer)
{
    struct sw_node *node = sw_build_map(b), *releases = sw_build_list(b);
    sw_build_set(b, node, "code", sw_build_int(b, answer->code));
    if (answer->code != 0) {
        sw_build_set(b, node, "text", sw_build_text(b, answer->error.text));
        sw_build_set(b, node, "hint", sw_build_text(b, answer->error.hint));
        return node;
    }
    sw_build_set(b, node, "name", sw_build_text(b, answer->project->name));
    sw_build_set(b, node, "index", sw_build_text(b, answer->project->index));
    sw_build_set(b, node, "unread", sw_build_int(b, (int64_t)answer->project->unread));
    sw_build_set(b, node, "releases", releases);
    for (size_t i = 0; i < answer->project->release_count; i++) {
        const struct sw_index_release *release = &answer->project->releases[i];
        struct sw_node *row = sw_build_map(b), *files = sw_build_list(b);
        sw_build_set(b, row, "version", sw_build_text(b, sw_version_normalized(b->arena, &release->version)));
        sw_build_set(b, row, "yanked", sw_build_bool(b, release->yanked));
        sw_build_set(b, row, "files", files);
        for (size_t j = 0; j < release->file_count; j++)
            sw_build_append(b, files, describe_file(b, &release->files[j]));
        sw_build_append(b, releases, row);
    }
    return node;
}

static struct sw_node *describe_metadata(struct sw_builder *b, const struct sw_index_metadata_answer *answer)
{
    struct sw_node *node = sw_build_map(b), *list = sw_build_list(b);
    sw_build_set(b, node, "code", sw_build_int(b, answer->code));
    if (answer->code != 0) {
        sw_build_set(b, node, "text", sw_build_text(b, answer->error.text));
        return node;
    }
    sw_build_set(b, node, "name", sw_build_str(b, answer->metadata->name));
    sw_build_set(b, node, "version", sw_build_str(b, answer->metadata->version));
    sw_build_set(b, node, "requires_python", sw_build_str(b, answer->metadata->requires_python));
    sw_build_set(b, node, "requires", list);
    for (size_t i = 0; i < answer->metadata->requirement_count; i++)
        sw_build_append(b, list, sw_build_str(b, answer->metadata->requirements[i].text));
    return node;
}

static int print(struct sw_index *index, struct sw_arena *arena, const struct options *options,
                 const struct sw_index_answer *answers, size_t count, struct sw_error *error)
{
    static const struct sw_index_file *files[MOST];
    static struct sw_index_metadata_answer metadata[MOST];
    struct sw_builder b = {.arena = arena};
    struct sw_node *nodes[MOST];
    size_t wanted[MOST], file_count = 0;
    for (size_t i = 0; i < count; i++) {
        nodes[i] = options->quiet ? sw_build_map(&b) : describe(&b, &answers[i]);
        if (!options->requires || answers[i].code != 0 || answers[i].project->release_count == 0)
            continue;
        wanted[file_count] = i;
        files[file_count++] = &answers[i].project->releases[0].files[0];
    }
    int code = sw_index_metadata(metadata, index, files, file_count, error);
    for (size_t i = 0; code == 0 && i < file_count; i++)
        sw_build_set(&b, nodes[wanted[i]], "metadata", describe_metadata(&b, &metadata[i]));
    for (size_t i = 0; code == 0 && !options->quiet && i < count; i++) {
        SW_BUFFER_AUTO out;
        sw_buffer_init(&out, 64U << 20);
        sw_json_write(&out, nodes[i], SW_JSON_COMPACT);
        (void)puts(out.p);
    }
    return code;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    static struct options options;
    static struct sw_index_answer answers[MOST];
    struct sw_index *index = NULL;
    struct sw_error error = {0};
    int64_t start = sw_clock_now();
    int first = 3;
    while (first < argc && set(&options, argv[first]))
        first++;
    size_t count = (size_t)(argc - first) < MOST ? (size_t)(argc - first) : MOST;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 512U << 20);
    options.fetch.pause_ns = 10 * SW_MILLISECOND_NS;
    options.index.default_url = argv[1];
    int code = sw_fetcher_new(&options.index.cache.fetcher, &options.fetch, &error);
    if (code == 0)
        code = sw_store_new(&options.index.cache.store, strcmp(argv[2], "-") == 0 ? NULL : argv[2], &error);
    if (code == 0)
        code = sw_index_new(&index, &options.index, &error);
    if (code == 0)
        code = sw_index_pin(index, options.pins, options.pin_count, &error);
    if (code == 0)
        code = sw_index_projects(answers, index, (const char *const *)argv + first, count, &error);
    if (code == 0)
        code = print(index, &arena, &options, answers, count, &error);
    if (code != 0)
        (void)printf("{\"code\": %d, \"text\": \"%s\"}\n", code, error.text);
    (void)fprintf(stderr, "%lld ms\n", (long long)((sw_clock_now() - start) / SW_MILLISECOND_NS));
    sw_index_free(index);
    sw_store_free(options.index.cache.store);
    sw_fetcher_free(options.index.cache.fetcher);
    return 0;
}
