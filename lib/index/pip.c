#include "index/pip.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/process.h"
#include "base/sha256.h"
#include "data/json.h"

#include <sys/stat.h>

enum { PATIENCE_SECONDS = 60 };

/* The options of `pip install` as pip makes them from its files and variables, and which files these are. */
static const char script[] =
    "import os\n"
    "from pip._internal.commands import create_command\n"
    "from pip._internal.configuration import get_configuration_files\n"
    "from pip._internal.models.index import PyPI\n"
    "options = create_command('install').parser.get_default_values()\n"
    "print('' if options.no_index else options.index_url)\n"
    "print('built in' if options.index_url == PyPI.simple_url else 'configured')\n"
    "for path in sum(get_configuration_files().values(), []) + [os.environ.get('PIP_CONFIG_FILE', '')]:\n"
    "    print(path)\n";

/* Append a line for each file: whether it is there, how large, and since when. */
static void add_stamps(struct sw_buffer *out, struct sw_str files)
{
    while (files.p != NULL) {
        struct sw_str path = sw_str_cut(&files, '\n');
        char name[SW_MAX_PATH_SIZE];
        struct stat status;
        if (path.n == 0 || path.n >= sizeof name)
            continue;
        memcpy(name, path.p, path.n);
        name[path.n] = '\0';
        if (stat(name, &status) == 0)
            sw_buffer_addf(out, "%lld.%09ld %lld %s\n", (long long)status.st_mtim.tv_sec,
                           status.st_mtim.tv_nsec, (long long)status.st_size, name);
        else
            sw_buffer_addf(out, "- - %s\n", name);
    }
}

/* The paths of such lines. */
static void add_paths(struct sw_buffer *out, struct sw_str stamps)
{
    while (stamps.p != NULL) {
        struct sw_str path = sw_str_cut(&stamps, '\n');
        (void)sw_str_cut(&path, ' ');
        if (path.p != NULL)
            (void)sw_str_cut(&path, ' ');
        if (path.p == NULL)
            continue;
        sw_buffer_add_str(out, path);
        sw_buffer_add_char(out, '\n');
    }
}

/* URL, "built in" or "configured", then files or their stamps, each on a line. */
static bool read_answer(struct sw_pip_index *out, struct sw_arena *arena, struct sw_str text,
                        struct sw_str *files)
{
    struct sw_str url = sw_str_trim(sw_str_cut(&text, '\n'));
    bool built_in = text.p != NULL && sw_str_is(sw_str_trim(sw_str_cut(&text, '\n')), "built in");
    *files = text;
    if (text.p == NULL)
        return false;
    *out = (struct sw_pip_index){sw_arena_copy(arena, url), built_in};
    return out->url != NULL;
}

static bool recall(struct sw_pip_index *out, struct sw_arena *arena, struct sw_store *store,
                   struct sw_str key)
{
    struct sw_pip_index found;
    struct sw_str stamps;
    SW_BUFFER_AUTO kept, paths, now;
    sw_buffer_init(&kept, SW_MAX_PROCESS_OUTPUT);
    sw_buffer_init(&paths, SW_MAX_PROCESS_OUTPUT);
    sw_buffer_init(&now, SW_MAX_PROCESS_OUTPUT);
    if (!sw_store_get(&kept, store, key) || !read_answer(&found, arena, sw_buffer_str(&kept), &stamps))
        return false;
    add_paths(&paths, stamps);
    add_stamps(&now, sw_buffer_str(&paths));
    if (now.state != SW_BUFFER_OK || !sw_str_equal(sw_buffer_str(&now), stamps))
        return false;
    *out = found;
    return true;
}

static void keep(const struct sw_pip_index *index, struct sw_store *store, struct sw_str key,
                 struct sw_str files)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_PROCESS_OUTPUT);
    sw_buffer_addf(&text, "%s\n%s\n", index->url, index->built_in ? "built in" : "configured");
    add_stamps(&text, files);
    if (strchr(index->url, '@') == NULL && text.state == SW_BUFFER_OK)
        sw_store_put(store, key, sw_buffer_str(&text));
}

/* What to name instead, where pip names nothing. */
static int no_index(struct sw_error *error)
{
    return sw_error_hint(error, "name an index by PIP_INDEX_URL or UV_DEFAULT_INDEX");
}

static int ask(struct sw_buffer *out, const char *const *environment, const struct sw_cancel *cancel,
               struct sw_error *error)
{
    static const char *const argv[] = {"python3", "-I", "-c", script, NULL};
    static const struct sw_variable needs[] = {
        {"PIP_CONFIG_FILE", SW_VARIABLE_FILE},
        {"PIP_*", SW_VARIABLE_TEXT},
        {"VIRTUAL_ENV", SW_VARIABLE_HOME},
        {NULL, SW_VARIABLE_TEXT},
    };
    const struct sw_process_options options = {.argv = argv,
                                               .environment = environment,
                                               .needs = needs,
                                               .timeout_ns = PATIENCE_SECONDS * SW_SECOND_NS,
                                               .cancel = cancel};
    struct sw_process_result result;
    SW_BUFFER_AUTO words;
    sw_buffer_init(&words, SW_MAX_PROCESS_OUTPUT);
    int code = sw_process_run(&result, &options, out, &words, error);
    if (code == SW_ECANCELED)
        return code;
    if (code == 0 && result.status == 0)
        return 0;
    struct sw_str last = sw_str_trim(sw_buffer_str(&words));
    const char *line = last.n == 0 ? NULL : memrchr(last.p, '\n', last.n);
    if (line != NULL)
        last = sw_str_drop(last, (size_t)(line - last.p) + 1);
    if (code == 0)
        (void)sw_fail(error, SW_EENV, "cannot ask pip which package index it uses: %.*s",
                      (int)(last.n < SW_MAX_LOG_TAIL_LINE ? last.n : SW_MAX_LOG_TAIL_LINE),
                      last.n == 0 ? "" : last.p);
    else
        (void)sw_error_context(error, "cannot ask pip which package index it uses");
    if (error != NULL)
        error->code = SW_EENV;
    (void)no_index(error);
    return SW_EENV;
}

/* A digest, since the store keeps keys too, and a variable may have a login in it. */
static int make_key(struct sw_buffer *key, const char *const *environment, struct sw_error *error)
{
    char digest[SW_SHA256_HEX_SIZE];
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_STORE_ENTRY);
    for (size_t i = 0; environment[i] != NULL; i++) {
        sw_json_quote(&text, sw_str_from(environment[i])); /* a value may have line ends */
        sw_buffer_add_char(&text, ' ');
    }
    int code = sw_buffer_check(&text, "the environment", error);
    if (code == 0 && !sw_sha256_hex(sw_buffer_str(&text), digest))
        code = sw_fail_memory(error);
    if (code == 0)
        sw_buffer_addf(key, "pip2 %s", digest);
    return code != 0 ? code : sw_buffer_check(key, "the environment", error);
}

int sw_pip_index(struct sw_pip_index *out, struct sw_arena *arena, struct sw_store *store,
                 const char *const *environment, const struct sw_cancel *cancel, struct sw_error *error)
{
    struct sw_str files;
    struct sw_pip_index found;
    SW_BUFFER_AUTO key, answer;
    sw_buffer_init(&key, SW_MAX_MESSAGE);
    sw_buffer_init(&answer, SW_MAX_PROCESS_OUTPUT);
    int code = make_key(&key, environment, error);
    if (code != 0)
        return code;
    if (recall(out, arena, store, sw_buffer_str(&key)))
        return 0;
    code = ask(&answer, environment, cancel, error);
    if (code != 0)
        return code;
    if (!read_answer(&found, arena, sw_buffer_str(&answer), &files) || found.url[0] == '\0') {
        (void)sw_fail(error, SW_EENV, "pip is told to use no package index");
        return no_index(error);
    }
    keep(&found, store, sw_buffer_str(&key), files);
    *out = found;
    return 0;
}
