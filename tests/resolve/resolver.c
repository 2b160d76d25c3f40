/* Resolves requirements against a package index and prints the set, a release a line, or why there is none, for the tests here.
 *
 * usage: resolver DEFAULT-URL CACHE PYTHON [OPTION]... REQUIREMENT...     CACHE: a folder, or - for none
 * options: offline, prereleases, uv (upper ends of Requires-Python do not count), no-build=NAME, no-binary=NAME, constraint=REQUIREMENT,
 * override=REQUIREMENT, prefer=NAME==VERSION, bar=REQUIREMENT or bar='REQUIREMENT OTHER', pin=PROJECT=URL, machine=NAME, why, quiet
 * On standard error: how long it took. Exit status: 0 a set, 1 a contradiction, 2 given up, 3 an error. */
#include "base/clock.h"
#include "base/limits.h"
#include "python/name.h"
#include "resolve/resolve.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST = 2000 };

struct options {
    struct sw_fetch_options fetch;
    struct sw_index_options index;
    struct sw_index_pin pins[MOST];
    size_t pin_count;
    struct sw_requirement roots[MOST], constraints[MOST], overrides[MOST];
    struct sw_resolve_bar bars[MOST];
    struct sw_resolve_preference preferences[MOST];
    const char *no_build[MOST], *no_binary[MOST];
    struct sw_resolve_input input;
    const char *machine;
    bool why, quiet;
};

static struct options options;
static struct sw_arena arena;

static void add(struct sw_requirement *list, size_t *count, const char *text)
{
    struct sw_error error = {0};
    if (*count == MOST || sw_requirement_parse(&list[*count], &arena, sw_str_from(text), &error) != 0) {
        (void)fprintf(stderr, "%s: %s\n", text, error.text);
        exit(3);
    }
    (*count)++;
}

/* "torch<2" bars these releases; "lib>=2 torch<2" only beside the others. */
static void add_bar(char *text)
{
    struct sw_requirement bar[2];
    size_t count = 0;
    char *space = strchr(text, ' ');
    if (space != NULL)
        *space = '\0';
    add(bar, &count, text);
    struct sw_resolve_bar made = {.project = sw_name_normalized(&arena, bar[0].name),
                                  .releases = bar[0].specifiers,
                                  .reason = "is barred",
                                  .reason_plural = "are barred",
                                  .source = "the test"};
    if (space != NULL) {
        add(bar, &count, space + 1);
        made.beside = sw_name_normalized(&arena, bar[1].name);
        made.beside_releases = bar[1].specifiers;
    }
    options.bars[options.input.bar_count++] = made;
}

static void add_preference(const char *text)
{
    struct sw_requirement wish[1];
    size_t count = 0;
    add(wish, &count, text);
    options.preferences[options.input.preference_count++] = (struct sw_resolve_preference){
        sw_name_normalized(&arena, wish[0].name), wish[0].specifiers.items[0].version};
}

static bool set_flag(const char *word)
{
    struct {
        const char *name;
        bool *flag;
    } flags[] = {{"offline", &options.index.cache.offline},
                 {"prereleases", &options.input.prereleases},
                 {"uv", &options.input.ignore_python_ends},
                 {"why", &options.why},
                 {"quiet", &options.quiet}};
    for (size_t i = 0; i < SW_COUNT(flags); i++) {
        if (strcmp(word, flags[i].name) == 0) {
            *flags[i].flag = true;
            return true;
        }
    }
    return false;
}

static bool set(char *word)
{
    struct sw_str rest = sw_str_from(word), name = sw_str_cut(&rest, '=');
    if (set_flag(word))
        return true;
    if (rest.p == NULL || rest.n == 0)
        return false;
    if (sw_str_is(name, "no-build")) {
        options.no_build[options.input.no_build_count++] = rest.p;
    } else if (sw_str_is(name, "no-binary")) {
        options.no_binary[options.input.no_binary_count++] = rest.p;
    } else if (sw_str_is(name, "constraint")) {
        add(options.constraints, &options.input.constraint_count, rest.p);
    } else if (sw_str_is(name, "override")) {
        add(options.overrides, &options.input.override_count, rest.p);
    } else if (sw_str_is(name, "bar")) {
        add_bar(word + strlen("bar="));
    } else if (sw_str_is(name, "prefer")) {
        add_preference(rest.p);
    } else if (sw_str_is(name, "machine")) {
        options.machine = rest.p;
    } else if (sw_str_is(name, "pin")) {
        char *sign = strchr(word + 4, '=');
        *sign = '\0';
        options.pins[options.pin_count++] = (struct sw_index_pin){word + 4, sign + 1};
    } else {
        return false;
    }
    return true;
}

static int set_target(const char *python, struct sw_error *error)
{
    struct sw_resolve_input *input = &options.input;
    unsigned minor = 0;
    if (sscanf(python, "3.%u", &minor) != 1 ||
        sw_version_parse(&input->python, sw_str_from(python), error) != 0)
        return sw_fail(error, SW_EINPUT, "'%s' is no Python version", python);
    const char *brief = sw_arena_format(&arena, "3.%u", minor);
    const struct sw_tag_target target = {3, minor, options.machine, 35, false};
    input->environment = sw_marker_environment_linux(brief, python, options.machine);
    input->roots = options.roots;
    input->constraints = options.constraints;
    input->overrides = options.overrides;
    input->bars = options.bars;
    input->preferences = options.preferences;
    input->no_build = options.no_build;
    input->no_binary = options.no_binary;
    return sw_tag_list_make(&input->tags, &arena, &target, error);
}

static void print(const struct sw_resolve_answer *answer)
{
    for (size_t i = 0; i < answer->resolution.package_count; i++) {
        const struct sw_resolved_package *package = &answer->resolution.packages[i];
        (void)printf("%s==%s%s", package->name, package->version, package->known ? "" : " unknown");
        for (size_t j = 0; j < package->extra_count; j++)
            (void)printf(" [%s]", package->extras[j]);
        for (size_t j = 0; options.why && j < package->dependency_count; j++)
            (void)printf("\n  %s -> %s", package->dependencies[j].text,
                         answer->resolution.packages[package->dependencies[j].package].name);
        (void)puts("");
    }
    for (size_t i = 0; i < answer->fact_count; i++)
        (void)printf("%s\n", answer->facts[i].text);
    if (answer->more_facts > 0)
        (void)printf("and %zu more\n", answer->more_facts);
}

static int resolve(struct sw_index *index, int *status, struct sw_error *error)
{
    struct sw_resolve_answer answer;
    options.input.index = index;
    int64_t start = sw_clock_now();
    int code = sw_resolve(&answer, &arena, &options.input, error);
    (void)fprintf(stderr, "%lld ms\n", (long long)((sw_clock_now() - start) / SW_MILLISECOND_NS));
    if (code != 0)
        return code;
    if (!options.quiet)
        print(&answer);
    *status = answer.found ? 0 : answer.gave_up ? 2 : 1;
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 3;
    struct sw_index *index = NULL;
    struct sw_error error = {0};
    int first = 4, status = 3;
    sw_arena_init(&arena, 512U << 20);
    options.machine = "x86_64";
    while (first < argc && set(argv[first]))
        first++;
    for (int i = first; i < argc; i++)
        add(options.roots, &options.input.root_count, argv[i]);
    options.fetch.pause_ns = 10 * SW_MILLISECOND_NS;
    options.index.default_url = argv[1];
    int code = set_target(argv[3], &error);
    if (code == 0)
        code = sw_fetcher_new(&options.index.cache.fetcher, &options.fetch, &error);
    if (code == 0)
        code = sw_store_new(&options.index.cache.store, strcmp(argv[2], "-") == 0 ? NULL : argv[2], &error);
    if (code == 0)
        code = sw_index_new(&index, &options.index, &error);
    if (code == 0)
        code = sw_index_pin(index, options.pins, options.pin_count, &error);
    if (code == 0)
        code = resolve(index, &status, &error);
    if (code != 0)
        (void)printf("error %d: %s\n", code, error.text);
    sw_index_free(index);
    sw_store_free(options.index.cache.store);
    sw_fetcher_free(options.index.cache.fetcher);
    sw_arena_release(&arena);
    return status;
}
