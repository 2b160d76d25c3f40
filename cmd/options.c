#include "options.h"

#include "base/file.h"
#include "base/str.h"

#include <getopt.h>

#define AT(member) offsetof(struct options, member)

/* Keep by command, then alphabetical. */
const struct option_row option_rows[] = {
    {"directory", 'C', OPTION_TEXT, "DIR", NULL, "work as if started in DIR", AT(directory)},
    {"format", 0, OPTION_TEXT, "tty|plain|json|github|sarif", NULL, "how results are written",
     AT(format_name)},
    {"help", 'h', OPTION_FLAG, NULL, NULL, "show help", AT(help)},
    {"host", 'H', OPTION_LIST, "URL", NULL, "the engine, such as unix:///var/run/docker.sock", AT(hosts)},
    {"no-color", 0, OPTION_FLAG, NULL, NULL, "no colours (also NO_COLOR)", AT(no_color)},
    {"offline", 0, OPTION_FLAG, NULL, NULL, "use no network", AT(offline)},
    {"quiet", 'q', OPTION_FLAG, NULL, NULL, "only results and errors", AT(quiet)},
    {"verbose", 'v', OPTION_FLAG, NULL, NULL, "show every line of a build, also on a terminal", AT(verbose)},
    {"version", 'V', OPTION_FLAG, NULL, NULL, "show the version", AT(version)},
    {"number", 'n', OPTION_TEXT, "N", " history ", "show at most N builds (20); 0: all", AT(number)},
    {"force", 0, OPTION_FLAG, NULL, " init ", "replace a profile that is there", AT(force)},
    {"rewrite", 0, OPTION_FLAG, NULL, " init ",
     "say a Dockerfile in slipway's own words, also if the image would be another", AT(rewrite)},
    {"from", 0, OPTION_PATH, "FILE", " init ", "a Dockerfile or another file of a stack to start from",
     AT(from)},
    {"context", 0, OPTION_PATH, "DIR", " check init ",
     "the folder that a Dockerfile's COPY takes its files from", AT(context)},
    {"driver", 0, OPTION_TEXT, "VERSION", " check init suggest ", "the oldest NVIDIA driver of its hosts",
     AT(driver)},
    {"extra", 0, OPTION_LIST, "NAME", " check init ", "an extra of the project that is installed too",
     AT(extras)},
    {"gpu", 0, OPTION_LIST, "NAME", " check init inspect suggest ",
     "a GPU that it must run on, in any spelling, or 'local'; 'slipway gpus' lists them", AT(gpu_names)},
    {"group", 0, OPTION_LIST, "NAME", " check init ",
     "a dependency group of the project that is installed too", AT(groups)},
    {"python", 0, OPTION_TEXT, "VERSION", " check init suggest ", "its Python (3.11)", AT(python)},
    {"with", 0, OPTION_LIST, "REQUIREMENT", " init suggest ",
     "what it installs, such as 'transformers>=4.50'; one of torch says which may come", AT(with)},
    {"architectures", 0, OPTION_FLAG, NULL, " inspect ",
     "read the GPU code in the CUDA libraries, or in those of --file", AT(architectures)},
    {"file", 0, OPTION_TEXT, "GLOB", " inspect ", "the files whose path matches", AT(file)},
    {"module", 0, OPTION_TEXT, "MODULE", " inspect ", "what the module defines and imports", AT(module)},
    {"name", 0, OPTION_TEXT, "NAME", " inspect ", "whether the module has this name", AT(name)},
    {"profile", 0, OPTION_TEXT, "PROFILE", " explain ",
     "the profile that the log is of, for places and fixes", AT(profile)},
    {"platform", 0, OPTION_TEXT, "OS/ARCH", " inspect ", "the target's platform (linux/amd64)", AT(platform)},
    {"print", 0, OPTION_TEXT, "PATH", " inspect ", "write this one file of the wheel to standard output",
     AT(print)},
    {"python", 0, OPTION_TEXT, "VERSION", " inspect ", "the target's Python (3.11)", AT(python)},
    {"allow", 0, OPTION_LIST, "fs=PATH|fs.read=PATH|fs.write=PATH|secret=VARIABLE|ssh",
     " build check diff doctor explain fix history init list lock matrix mcp plan push render rollback "
     "upgrade verify ",
     "let profiles have this of the host, beyond their project: the git repository here, or else this folder",
     AT(allowed)},
    {"upgrade", 0, OPTION_FLAG, NULL, " lock ", "take the newest releases, not those of the former lock",
     AT(upgrade)},
    {"upgrade-package", 0, OPTION_LIST, "PROJECT", " lock ", "take the newest release of this project",
     AT(upgraded)},
    {"locked", 0, OPTION_FLAG, NULL, " build check plan render ",
     "refuse a profile whose lock is missing or stale", AT(locked)},
    {"man", 0, OPTION_FLAG, NULL, " help ", "as a manual page, for man -l", AT(man)},
    {"force", 0, OPTION_FLAG, NULL, " rollback ",
     "replace files that hold what is neither committed nor built", AT(force)},
    {"to", 0, OPTION_TEXT, "N", " rollback ", "the number of the build to go back to", AT(to)},
    {"why", 0, OPTION_TEXT, "PROJECT", " plan ", "how the set comes to have the project", AT(why)},
    {"output", 'o', OPTION_PATH, "DIR", " render ",
     "the folder to write; with --all one in it for each profile", AT(output)},
    {"target", 0, OPTION_TEXT, "STAGE", " check init ",
     "the stage of the Dockerfile that is meant (the last)", AT(stage)},
    {"target", 0, OPTION_TEXT, "docker|truss|compose", " render ", "what to render for (docker)", AT(target)},
    {"name", 0, OPTION_TEXT, "NAME", " upgrade ", "what the new profile is called", AT(name)},
    {"to", 0, OPTION_LIST, "REQUIREMENT", " upgrade ", "what to go to, such as torch==2.8.0+cu128",
     AT(releases)},
    {"all", 0, OPTION_FLAG, NULL, " build push render ", "every profile", AT(all)},
    {"attest", 0, OPTION_LIST, "type=TYPE,...", " build ",
     "attach an attestation to the image: provenance or sbom", AT(attestations)},
    {"autofix", 0, OPTION_TEXT, "N", " build ",
     "fix what a build or its check finds and try again, N times at most", AT(autofix)},
    {"build-arg", 0, OPTION_LIST, "NAME=VALUE", " build check init rollback ",
     "an argument of the Dockerfile", AT(build_args)},
    {"builder", 0, OPTION_TEXT, "NAME", " build doctor ",
     "the engine or BuildKit daemon that docker buildx knows by this name", AT(builder)},
    {"cache-from", 0, OPTION_LIST, "REF|type=TYPE,...", " build ",
     "take steps from a cache elsewhere: registry, local, gha", AT(cache_from)},
    {"cache-to", 0, OPTION_LIST, "REF|type=TYPE,...", " build ",
     "leave a cache elsewhere: registry, inline (in the image), local, gha", AT(cache_to)},
    {"dry-run", 0, OPTION_FLAG, NULL, " build fix push rollback upgrade ", "only show what would be done",
     AT(dry_run)},
    {"fail-fast", 0, OPTION_FLAG, NULL, " build ", "when one profile fails stop the others", AT(fail_fast)},
    {"files", 0, OPTION_FLAG, NULL, " verify ", "also read every installed file and compare its SHA-256",
     AT(files)},
    {"gpus", 0, OPTION_TEXT, "all|N|device=IDS", " build verify ", "prove it on these GPUs too", AT(gpus)},
    {"iidfile", 0, OPTION_PATH, "FILE", " build ", "write the image's ID to FILE", AT(iidfile)},
    {"jobs", 'j', OPTION_TEXT, "N", " build ", "build up to N profiles at once (1)", AT(jobs)},
    {"junit", 0, OPTION_PATH, "FILE", " verify ", "write the results to FILE as JUnit XML too", AT(junit)},
    {"metadata-file", 0, OPTION_PATH, "FILE", " build ", "write the result as JSON to FILE",
     AT(metadata_file)},
    {"no-cache", 0, OPTION_FLAG, NULL, " build ", "run every step again", AT(no_cache)},
    {"no-record", 0, OPTION_FLAG, NULL, " build ",
     "keep no record of the build: rollback and push do not know it", AT(no_record)},
    {"no-verify", 0, OPTION_FLAG, NULL, " build ", "do not run the assertions in the built image",
     AT(no_verify)},
    {"output", 'o', OPTION_LIST, "DIR|type=TYPE,...", " build ",
     "where the image goes: docker, image, registry, oci, tar, local", AT(outputs)},
    {"platform", 0, OPTION_TEXT, "OS/ARCH", " build ", "the image's platform (the engine's own)",
     AT(platform)},
    {"progress", 0, OPTION_TEXT, "auto|tty|plain|quiet|rawjson", " build push rollback verify ",
     "how progress is shown", AT(progress)},
    {"provenance", 0, OPTION_TEXT, "true|mode=min|mode=max", " build ",
     "the same as --attest type=provenance", AT(provenance)},
    {"pull", 0, OPTION_FLAG, NULL, " build ", "pull the base image also where the engine has one", AT(pull)},
    {"push", 0, OPTION_FLAG, NULL, " build ", "push the image's tags once it is built and proven", AT(push)},
    {"report", 0, OPTION_PATH, "FILE.html", " build inspect ",
     "write a page about the build, or about the bytes of the image, to FILE.html", AT(report)},
    {"sbom", 0, OPTION_TEXT, "true|generator=IMAGE", " build ", "the same as --attest type=sbom", AT(sbom)},
    {"secret", 0, OPTION_LIST, "id=ID,src=FILE|env=NAME", " build check plan render rollback ",
     "the value of a secret that the profile asks for", AT(secrets)},
    {"ssh", 0, OPTION_LIST, "default|ID[=SOCKET]", " build check plan render rollback ",
     "let the steps sign with an SSH agent (SSH_AUTH_SOCK)", AT(agents)},
    {"tag", 't', OPTION_LIST, "NAME[:TAG]", " build push rollback ",
     "name the image so, instead of the profile's own", AT(tags)},
    {"verify-timeout", 0, OPTION_TEXT, "SECONDS", " build verify ", "stop the proof after SECONDS (900)",
     AT(verify_timeout)},
};
const size_t option_rows_count = SW_COUNT(option_rows);

enum { MOST_OPTIONS = 96, FIRST_VALUE = 1000 };

bool option_is_for(const struct option_row *row, const char *command)
{
    if (row->commands == NULL)
        return true;
    char word[64];
    (void)snprintf(word, sizeof word, " %s ", command);
    return strstr(row->commands, word) != NULL;
}

/* Say of which commands an option is that the command does not have; false if no command has it. */
static bool hint_elsewhere(struct sw_str name, struct sw_error *error)
{
    for (size_t i = 0; i < option_rows_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (row->commands == NULL || !sw_str_is(name, row->name))
            continue;
        struct sw_str commands = sw_str_trim(sw_str_from(row->commands));
        bool is_one = memchr(commands.p, ' ', commands.n) == NULL;
        (void)sw_error_hint(error, "it is an option of %s'%.*s'",
                            is_one ? "" : "other commands: ", SW_STR_FORMAT(commands));
        return true;
    }
    return false;
}

const struct option_row *option_next(const struct option_row *row, const char *command)
{
    for (row = row == NULL ? option_rows : row + 1; row < option_rows + option_rows_count; row++) {
        if (option_is_for(row, command))
            return row;
    }
    return NULL;
}

static int unknown(const char *word, const char *command, struct sw_error *error)
{
    const char *nearest = NULL;
    struct sw_str name = {word, strcspn(word, "=")};
    unsigned best = name.n < 4 ? (unsigned)name.n : 4; /* more changes than that make another word */
    for (const struct option_row *row = NULL; (row = option_next(row, command)) != NULL;) {
        bool begins = name.n > 2 && strncmp(row->name, word, name.n) == 0;
        unsigned distance = begins ? 1 : sw_str_distance(name, sw_str_from(row->name));
        if (distance < best) {
            best = distance;
            nearest = row->name;
        }
    }
    const char *dashes = strlen(word) == 1 ? "-" : "--";
    (void)sw_fail(error, SW_EINPUT, "unknown option '%s%.*s'", dashes, SW_STR_FORMAT(name));
    if ((nearest == NULL || best > 1) && hint_elsewhere(name, error))
        return SW_EINPUT;
    return sw_error_hint(error, nearest == NULL ? "see 'slipway help %s'" : "did you mean '--%s'?",
                         nearest == NULL ? command : nearest);
}

static void store(struct options *options, const struct option_row *row, const char *value)
{
    char *field = (char *)options + row->offset;
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)field = true;
        break;
    case OPTION_TEXT:
    case OPTION_PATH:
        *(const char **)(void *)field = value;
        break;
    case OPTION_LIST: {
        struct sw_texts *list = (struct sw_texts *)(void *)field;
        list->items[list->count++] = value;
        break;
    }
    }
}

/* The next list of the options, of which several rows may be; NULL after the last. */
static struct sw_texts *next_list(struct options *options, size_t *row)
{
    while (*row < option_rows_count && option_rows[*row].kind != OPTION_LIST)
        ++*row;
    size_t i = (*row)++;
    if (i > option_rows_count)
        return NULL;
    return i == option_rows_count ? &options->arguments
                                  : (struct sw_texts *)(void *)((char *)options + option_rows[i].offset);
}

/* Each list can hold as many as there are words. */
static int make_lists(struct options *options, int argc, struct sw_error *error)
{
    size_t row = 0;
    for (struct sw_texts *list; (list = next_list(options, &row)) != NULL;) {
        if (list->items == NULL)
            list->items = calloc((size_t)argc + 1, sizeof(const char *));
        if (list->items == NULL)
            return sw_fail_memory(error);
    }
    return 0;
}

/* getopt takes any beginning of a name, which breaks scripts as soon as another option begins so too. */
static bool is_whole(const char *word, const struct option_row *row)
{
    return strcspn(word, "=") == strlen(row->name);
}

/* getopt's own tables, made from the one table. */
struct tables {
    struct option longs[MOST_OPTIONS];
    char shorts[MOST_OPTIONS * 2];
};

static void make_tables(struct tables *tables, const char *command)
{
    _Static_assert(SW_COUNT(option_rows) < MOST_OPTIONS, "room for every option");
    *tables = (struct tables){.shorts = "-:"}; /* in order, and no messages */
    size_t count = 0, letters = 2;
    for (const struct option_row *row = NULL; (row = option_next(row, command)) != NULL;) {
        int argument = row->kind == OPTION_FLAG ? no_argument : required_argument;
        tables->longs[count++] =
            (struct option){row->name, argument, NULL, FIRST_VALUE + (int)(row - option_rows)};
        if (row->letter != 0)
            tables->shorts[letters++] = row->letter;
        if (row->letter != 0 && argument == required_argument)
            tables->shorts[letters++] = ':';
    }
}

/* A letter may be another option of another command's. */
static const struct option_row *row_of(int found, const char *command)
{
    for (size_t i = 0; i < option_rows_count; i++) {
        bool is_letter = found == option_rows[i].letter && option_is_for(&option_rows[i], command);
        if (found == FIRST_VALUE + (int)i || is_letter)
            return &option_rows[i];
    }
    return NULL;
}

static int refuse_without_value(const char *word, const struct option_row *row, struct sw_error *error)
{
    (void)sw_fail(error, SW_EINPUT, "option '%s' wants a value", word);
    return row == NULL ? SW_EINPUT : sw_error_hint(error, "--%s %s: %s", row->name, row->value, row->help);
}

/* Return true if an option of the command stands in the place of a value, which then is missing. */
static bool is_option(const char *value, const char *command)
{
    if (value == NULL || strncmp(value, "--", 2) != 0)
        return false;
    const struct option_row *row = NULL;
    do
        row = option_next(row, command);
    while (row != NULL && strcmp(value + 2, row->name) != 0);
    return row != NULL;
}

/* Refuse the word of the command line that getopt could not make sense of. */
static int refuse(int found, const char *word, const char *command, struct sw_error *error)
{
    if (found == ':')
        return refuse_without_value(word, row_of(optopt, command), error);
    if (optopt >= FIRST_VALUE)
        return sw_fail(error, SW_EINPUT, "option '--%s' takes no value",
                       option_rows[optopt - FIRST_VALUE].name);
    char letter[2] = {(char)optopt, '\0'};
    for (const struct option_row *row = NULL; optopt != 0 && (row = option_next(row, command)) != NULL;) {
        if (is_whole(word + 1, row)) {
            (void)sw_fail(error, SW_EINPUT, "unknown option '-%s'", row->name);
            return sw_error_hint(error, "did you mean '--%s'?", row->name);
        }
    }
    return unknown(optopt == 0 ? word + 2 : letter, command, error);
}

int options_parse(struct options *options, const char *command, int argc, char **argv, struct sw_error *error)
{
    struct tables tables;
    make_tables(&tables, command);
    int code = make_lists(options, argc, error);
    optind = 0;
    while (code == 0) {
        int at = optind == 0 ? 1 : optind;
        int found = getopt_long(argc, argv, tables.shorts, tables.longs, NULL);
        if (found == -1)
            break;
        const struct option_row *row = row_of(found, command);
        if (found == 1)
            options->arguments.items[options->arguments.count++] = optarg;
        else if (row == NULL)
            code = refuse(found, argv[found == ':' ? optind - 1 : at], command, error);
        else if (found >= FIRST_VALUE && !is_whole(argv[at] + 2, row))
            code = unknown(argv[at] + 2, command, error);
        else if (row->kind != OPTION_FLAG && optarg == argv[optind - 1] && is_option(optarg, command))
            code = refuse_without_value(argv[at], row, error);
        else
            store(options, row, optarg);
    }
    for (; code == 0 && optind < argc; optind++)
        options->arguments.items[options->arguments.count++] = argv[optind];
    return code;
}

bool option_wants_value(const char *word)
{
    for (size_t i = 0; i < option_rows_count; i++) {
        const struct option_row *row = &option_rows[i];
        bool is_long = strncmp(word, "--", 2) == 0 && strcmp(word + 2, row->name) == 0;
        bool is_short = word[0] == '-' && word[1] == row->letter && word[1] != '\0' && word[2] == '\0';
        if (is_long || is_short)
            return row->kind != OPTION_FLAG;
    }
    return false;
}

int options_below(struct options *options, struct sw_arena *arena, struct sw_error *error)
{
    for (size_t i = 0; options->directory != NULL && i < option_rows_count; i++) {
        const char **field = (const char **)(void *)((char *)options + option_rows[i].offset);
        if (option_rows[i].kind != OPTION_PATH || *field == NULL)
            continue;
        *field = sw_path_join(arena, options->directory, *field);
        if (*field == NULL)
            return sw_fail_memory(error);
    }
    return 0;
}

void options_release(struct options *options)
{
    size_t row = 0;
    for (struct sw_texts *list; (list = next_list(options, &row)) != NULL; list->items = NULL)
        free(list->items);
    *options = (struct options){0};
}
