/* `pip install`, and uv's, as requirements, constraints and indexes. */
#include "author/draft_internal.h"
#include "base/file.h"
#include "base/limits.h"
#include "index/own_index.h"
#include "python/name.h"

#include <fnmatch.h>

/* The parts of one command. */
struct install {
    struct draft_reader *r;
    const struct sw_shell_command *command;
    /* The place of each word of the command. */
    const struct draft_place *places;
    const char *index;
    size_t *names; /* the words that are requirements */
    size_t name_count;
    /* The words of -r, of -c, and of local projects. */
    size_t *files, *constraints, *projects;
    size_t file_count, constraint_count, project_count;
    /* The command has --ignore-installed, or --no-deps. */
    bool overlays, has_no_dependencies;
    bool is_kept; /* an option that a profile has no key for */
};

enum option_meaning {
    OPTION_NEEDLESS,
    OPTION_INDEX,
    OPTION_EXTRA_INDEX,
    OPTION_FILE,
    OPTION_CONSTRAINTS,
    OPTION_EDITABLE,
    OPTION_OVERLAY,
    OPTION_NO_DEPENDENCIES,
    OPTION_PYTHON,
    OPTION_BACKEND,
    OPTION_NOT_JUDGED,
    OPTION_EXTRA,
    OPTION_ALL_EXTRAS,
    OPTION_UNISOLATED,
    OPTION_UNISOLATED_PROJECT,
    /* A profile has no key for the option: the whole command is kept as a step. */
    OPTION_KEEP,
};

/* Any option that is not here keeps the command as a step, and is named if the files are judged. */
static const struct {
    const char *name;
    bool takes_value;
    enum option_meaning meaning;
} options[] = {
    {"--index-url", true, OPTION_INDEX},
    {"-i", true, OPTION_INDEX},
    {"--default-index", true, OPTION_INDEX},
    {"--extra-index-url", true, OPTION_EXTRA_INDEX},
    {"--index", true, OPTION_EXTRA_INDEX},
    {"--find-links", true, OPTION_NOT_JUDGED},
    {"-f", true, OPTION_NOT_JUDGED},
    {"--torch-backend", true, OPTION_BACKEND},
    {"--requirement", true, OPTION_FILE},
    {"--requirements", true, OPTION_FILE},
    {"-r", true, OPTION_FILE},
    {"--constraint", true, OPTION_CONSTRAINTS},
    {"--constraints", true, OPTION_CONSTRAINTS},
    {"-c", true, OPTION_CONSTRAINTS},
    {"--editable", true, OPTION_EDITABLE},
    {"-e", true, OPTION_EDITABLE},
    {"--python", true, OPTION_PYTHON},
    {"-p", true, OPTION_PYTHON},
    {"--target", true, OPTION_KEEP},
    {"-t", true, OPTION_KEEP},
    {"--prefix", true, OPTION_KEEP},
    {"--root", true, OPTION_KEEP},
    {"--wheel-dir", true, OPTION_KEEP},
    {"-w", true, OPTION_KEEP},
    {"--no-build-isolation", false, OPTION_UNISOLATED},
    {"--no-build-isolation-package", true, OPTION_UNISOLATED_PROJECT},
    {"--no-deps", false, OPTION_NO_DEPENDENCIES},
    {"--no-binary", true, OPTION_KEEP},
    {"--only-binary", true, OPTION_KEEP},
    {"--config-settings", true, OPTION_KEEP},
    {"--config-setting", true, OPTION_KEEP},
    {"-C", true, OPTION_KEEP},
    {"--global-option", true, OPTION_KEEP},
    {"--cache-dir", true, OPTION_KEEP},
    {"--trusted-host", true, OPTION_KEEP},
    {"--proxy", true, OPTION_KEEP},
    {"--cert", true, OPTION_KEEP},
    {"--log", true, OPTION_KEEP},
    {"--src", true, OPTION_KEEP},
    {"--platform", true, OPTION_NOT_JUDGED},
    {"--python-version", true, OPTION_NOT_JUDGED},
    {"--no-index", false, OPTION_NOT_JUDGED},
    {"--pre", false, OPTION_NOT_JUDGED},
    {"--prerelease", true, OPTION_NOT_JUDGED},
    {"--override", true, OPTION_NOT_JUDGED},
    {"--overrides", true, OPTION_NOT_JUDGED},
    {"--group", true, OPTION_NOT_JUDGED},
    {"--no-clean", false, OPTION_KEEP},
    {"--require-hashes", false, OPTION_KEEP},
    {"--no-verify-hashes", false, OPTION_KEEP},
    {"--compile-bytecode", false, OPTION_KEEP},
    {"--no-compile", false, OPTION_KEEP},
    {"--use-pep517", false, OPTION_KEEP},
    {"--link-mode", true, OPTION_KEEP},
    {"--exclude-newer", true, OPTION_NOT_JUDGED},
    {"--resolution", true, OPTION_NOT_JUDGED},
    {"--upgrade-strategy", true, OPTION_KEEP},
    {"--upgrade-package", true, OPTION_KEEP},
    {"--default-timeout", true, OPTION_NEEDLESS},
    {"--timeout", true, OPTION_NEEDLESS},
    {"--retries", true, OPTION_NEEDLESS},
    {"--progress-bar", true, OPTION_NEEDLESS},
    {"--root-user-action", true, OPTION_NEEDLESS},
    {"--index-strategy", true, OPTION_NEEDLESS},
    {"--break-system-packages", false, OPTION_NEEDLESS},
    {"--disable-pip-version-check", false, OPTION_NEEDLESS},
    {"--resume-retries", true, OPTION_NEEDLESS},
    {"--use-feature", true, OPTION_NEEDLESS},
    {"--use-deprecated", true, OPTION_KEEP},
    {"--keyring-provider", true, OPTION_NEEDLESS},
    {"--client-cert", true, OPTION_NEEDLESS},
    {"--exists-action", true, OPTION_NEEDLESS},
    {"--build-constraint", true, OPTION_KEEP},
    {"--build-constraints", true, OPTION_KEEP},
    {"--refresh-package", true, OPTION_NEEDLESS},
    {"--reinstall-package", true, OPTION_NEEDLESS},
    {"--allow-insecure-host", true, OPTION_NEEDLESS},
    {"--config-file", true, OPTION_KEEP},
    {"--report", true, OPTION_NEEDLESS},
    {"--no-color", false, OPTION_NEEDLESS},
    {"--isolated", false, OPTION_KEEP},
    {"--require-virtualenv", false, OPTION_NEEDLESS},
    {"--ignore-requires-python", false, OPTION_KEEP},
    {"--check-build-dependencies", false, OPTION_NEEDLESS},
    {"--refresh", false, OPTION_NEEDLESS},
    {"--strict", false, OPTION_NEEDLESS},
    {"--native-tls", false, OPTION_NEEDLESS},
    {"--no-config", false, OPTION_KEEP},
    {"--no-progress", false, OPTION_NEEDLESS},
    {"--no-python-downloads", false, OPTION_NEEDLESS},
    {"--implementation", true, OPTION_NOT_JUDGED},
    {"--abi", true, OPTION_NOT_JUDGED},
    {"--python-platform", true, OPTION_NOT_JUDGED},
    {"--fork-strategy", true, OPTION_NOT_JUDGED},
    {"--no-build", false, OPTION_KEEP},
    {"--no-build-package", true, OPTION_KEEP},
    {"--no-binary-package", true, OPTION_KEEP},
    {"--no-sources", false, OPTION_NOT_JUDGED},
    {"--excludes", true, OPTION_NOT_JUDGED},
    {"--extra", true, OPTION_EXTRA},
    {"--all-extras", false, OPTION_ALL_EXTRAS},
    {"--force-reinstall", false, OPTION_NEEDLESS},
    {"--reinstall", false, OPTION_NEEDLESS},
    {"--ignore-installed", false, OPTION_OVERLAY},
    {"--no-cache", false, OPTION_NEEDLESS},
    {"--no-cache-dir", false, OPTION_NEEDLESS},
    {"--no-input", false, OPTION_NEEDLESS},
    {"--no-warn-script-location", false, OPTION_NEEDLESS},
    {"--prefer-binary", false, OPTION_NEEDLESS},
    {"--quiet", false, OPTION_NEEDLESS},
    {"--system", false, OPTION_NEEDLESS},
    {"--upgrade", false, OPTION_NEEDLESS},
    {"--user", false, OPTION_NEEDLESS},
    {"--verbose", false, OPTION_NEEDLESS},
    {"-I", false, OPTION_OVERLAY},
    {"-U", false, OPTION_NEEDLESS},
    {"-q", false, OPTION_NEEDLESS},
    {"-qq", false, OPTION_NEEDLESS},
    {"-v", false, OPTION_NEEDLESS},
    {"-y", false, OPTION_NEEDLESS},
};

static void append(struct install *install, size_t **list, size_t *count, size_t word)
{
    size_t *grown = sw_arena_grow(&install->r->draft->arena, *list, *count, sizeof(*grown));
    if (grown == NULL) {
        install->r->draft->failed = true;
        return;
    }
    *list = grown;
    grown[(*count)++] = word;
}

static void read_extra_index(struct install *install, size_t at, const char *value)
{
    struct sw_draft *draft = install->r->draft;
    const char *variant = draft_variant(draft, value);
    if (variant != NULL)
        draft->variant = variant;
    else if (!sw_own_index_is(value)) {
        draft->has_unread_index = true;
        draft_leave_unjudged(
            draft, install->places[at], sw_str_from(value),
            "another index beside the default one: name in a profile's 'indexes' what comes from it");
    }
}

/* The value of an option: behind the equals sign of the word `at`, or the word `at` itself. */
static const char *value_at(const struct install *install, size_t at)
{
    const char *word = install->command->words[at];
    const char *equals = strncmp(word, "--", 2) == 0 ? strchr(word, '=') : NULL;
    return equals == NULL ? word : equals + 1;
}

static bool is_links(const char *word)
{
    return strcmp(word, "-f") == 0 || strncmp(word, "--find-links", strlen("--find-links")) == 0;
}

static void read_value(struct install *install, enum option_meaning meaning, size_t option, size_t at)
{
    struct sw_draft *draft = install->r->draft;
    const char *value = value_at(install, at);
    switch (meaning) {
    case OPTION_NEEDLESS:
        return;
    case OPTION_INDEX:
        install->index = value;
        return;
    case OPTION_EXTRA_INDEX:
        read_extra_index(install, at, value);
        return;
    case OPTION_FILE:
        append(install, &install->files, &install->file_count, at);
        return;
    case OPTION_CONSTRAINTS:
        append(install, &install->constraints, &install->constraint_count, at);
        return;
    case OPTION_EDITABLE:
        append(install, &install->projects, &install->project_count, at);
        return;
    case OPTION_OVERLAY:
        install->overlays = true;
        return;
    case OPTION_NO_DEPENDENCIES:
        install->has_no_dependencies = install->is_kept = true;
        return;
    case OPTION_PYTHON:
        draft_take_python(draft, sw_str_from(strncmp(value, "python", 6) == 0 ? value + 6 : value),
                          install->places[at]);
        return;
    case OPTION_BACKEND:
        if (strncmp(value, "cu", 2) == 0)
            draft->variant = value;
        return;
    case OPTION_NOT_JUDGED:
        draft_leave_unjudged(draft, install->places[option], sw_str_from(install->command->words[option]),
                             "an option that changes what is installed");
        install->is_kept = true;
        draft->has_links = draft->has_links || is_links(install->command->words[option]);
        return;
    case OPTION_EXTRA:
    case OPTION_ALL_EXTRAS:
        sw_draft_extra(draft, meaning == OPTION_EXTRA ? value : "*");
        install->is_kept = true;
        return;
    case OPTION_UNISOLATED:
    case OPTION_UNISOLATED_PROJECT:
        draft_unisolate(draft, meaning == OPTION_UNISOLATED ? NULL : value);
        install->is_kept = true;
        return;
    case OPTION_KEEP:
        install->is_kept = true;
        return;
    }
}

/* Return true if the words are letters of options that change nothing: -qU. */
static bool is_letters(const char *word)
{
    return word[0] == '-' && word[1] != '-' && word[1] != '\0' && word[1 + strspn(word + 1, "qvUyn")] == '\0';
}

/* Count the words that the option at word `at` takes. */
static size_t read_option(struct install *install, size_t at)
{
    const struct sw_shell_command *command = install->command;
    struct sw_str value = sw_str_from(command->words[at]);
    bool is_long = sw_str_starts(value, "--");
    struct sw_str name = is_long ? sw_str_cut(&value, '=') : value;
    bool is_glued = is_long && value.p != NULL;
    for (size_t i = 0; i < SW_COUNT(options); i++) {
        if (!sw_str_is(name, options[i].name) || (is_glued && !options[i].takes_value))
            continue;
        bool apart = options[i].takes_value && !is_glued;
        if (apart && at + 1 == command->count)
            break;
        read_value(install, options[i].meaning, at, apart ? at + 1 : at);
        return apart ? 2 : 1;
    }
    if (is_letters(command->words[at]))
        return 1;
    draft_leave_unjudged(install->r->draft, install->places[at], sw_str_from(command->words[at]),
                         "an option that slipway does not know");
    install->is_kept = true;
    return 1;
}

/* A path of this image and not a project: "." or "./x", but no URL. */
static bool is_local(const char *word)
{
    return word[0] == '.' || word[0] == '/' ||
           (strchr(word, '/') != NULL && strstr(word, "://") == NULL && strchr(word, '@') == NULL);
}

/* Join a word and the parts that the shell took for a redirection: "numpy" and ">" "=1.24,". */
static const char *with_redirects(struct install *install, size_t at)
{
    struct sw_draft *draft = install->r->draft;
    const struct sw_shell_command *command = install->command;
    const char *word = command->words[at];
    bool found = false;
    for (size_t i = 0; i < command->redirect_count; i++) {
        const struct sw_shell_redirect *redirect = &command->redirects[i];
        if (redirect->words != at + 1 || !redirect->glued)
            continue;
        word = draft_format(draft, "%s%c%s", word, redirect->in ? '<' : '>', redirect->target);
        found = true;
    }
    if (!found)
        return word;
    draft_redirected(draft, install->places[at], word, command->words[at]);
    return draft->judged ? command->words[at] : word;
}

/* The lines of a file that an echo wrote. */
static bool read_written(struct install *install, const char *path, bool constraints,
                         struct draft_place place)
{
    const struct draft_pairs *written = &install->r->written;
    for (size_t i = written->count; i-- > 0;) {
        if (strcmp(written->items[i].first, path) != 0)
            continue;
        struct sw_str rest = sw_str_from(written->items[i].second);
        while (rest.p != NULL) {
            struct sw_str line = sw_str_trim(sw_str_cut(&rest, '\n'));
            if (line.n > 0 && constraints)
                draft_constrain(install->r->draft, line, place);
            else if (line.n > 0)
                draft_require(install->r->draft, line, install->index, place);
        }
        return true;
    }
    return false;
}

/* The part of `path` below the folder `to`, or NULL: "x.txt" of "/app/x.txt" and "/app/". */
static const char *below(const char *path, const char *to)
{
    size_t n = strlen(to);
    while (n > 0 && to[n - 1] == '/')
        n--;
    return strncmp(path, to, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}

static const char *source_by(struct draft_reader *r, const struct draft_pair *copy, const char *path)
{
    struct sw_arena *arena = &r->draft->arena;
    if (strcmp(path, copy->second) == 0)
        return copy->first;
    const char *rest = below(path, copy->second);
    if (rest == NULL)
        return NULL;
    const char *base = sw_path_base(copy->first), *slash = strrchr(copy->first, '/');
    if (strcmp(base, rest) == 0)
        return copy->first;
    if (strpbrk(base, "*?[") != NULL && strchr(rest, '/') == NULL && fnmatch(base, rest, 0) == 0)
        return slash == NULL
                   ? rest
                   : sw_arena_format(arena, "%.*s/%s", (int)(slash - copy->first), copy->first, rest);
    return sw_path_join(arena, copy->first, rest); /* a folder's content */
}

const char *draft_context_file(struct draft_reader *r, const char *path)
{
    const struct draft_pairs *all[] = {&r->mounts, &r->copies};
    struct sw_arena *arena = &r->draft->arena;
    for (size_t k = 0; k < SW_COUNT(all); k++) {
        for (size_t i = all[k]->count; i-- > 0;) {
            const char *source = source_by(r, &all[k]->items[i], path);
            const char *here = source == NULL ? NULL : sw_path_join(arena, r->folder, source);
            if (here != NULL && draft_exists(r->draft, here))
                return here;
        }
    }
    return NULL;
}

static void read_file(struct install *install, size_t at, bool constraints)
{
    struct sw_draft *draft = install->r->draft;
    struct sw_error error;
    const char *name = value_at(install, at);
    const char *path = draft_absolute(install->r, name);
    if (read_written(install, path, constraints, install->places[at]))
        return;
    bool is_remote = strstr(name, "://") != NULL;
    const char *here = is_remote ? NULL : draft_context_file(install->r, path);
    if (here == NULL) {
        draft_leave_unjudged(draft, install->places[at], sw_str_from(name), "%s",
                             is_remote ? "a file that is fetched"
                                       : "no COPY brings a file of this name from the context");
        return;
    }
    bool is_project = strcmp(sw_path_base(here), "pyproject.toml") == 0;
    if (is_project ? !draft_read_named(draft, here, install->places[at], sw_str_from(name))
                   : draft_read_requirements(draft, here, install->index, constraints, &error) != 0) {
        if (!is_project)
            draft_leave_unjudged(draft, install->places[at], sw_str_from(name), "%s", error.text);
    }
}

/* `.`, `./part[gpu]` or `/app`: a project of the context, whose requirements come along. */
static void read_project(struct install *install, size_t at)
{
    struct sw_draft *draft = install->r->draft;
    struct sw_str extras = sw_str_from(value_at(install, at));
    struct draft_place place = install->places[at];
    if (sw_str_find(extras, SW_STR("://")) < extras.n) {
        draft_require(draft, extras, install->index, place);
        return;
    }
    const char *folder = draft_absolute(install->r, draft_copy(draft, sw_str_cut(&extras, '[')));
    if (sw_str_ends(sw_str_from(folder), ".whl")) {
        draft_leave_unjudged(draft, place, sw_str_from(folder), "a wheel in the image");
        return;
    }
    while (extras.p != NULL && extras.n > 1) {
        struct sw_str name = sw_str_trim(sw_str_cut(&extras, ','));
        if (name.n > 0 && name.p[name.n - 1] == ']')
            name.n--;
        sw_draft_extra(draft, draft_copy(draft, name));
    }
    const char *inner = sw_path_join(&draft->arena, folder, "pyproject.toml");
    const char *file = inner == NULL ? NULL : draft_context_file(install->r, inner);
    if (file == NULL)
        draft_leave_unjudged(draft, place, sw_str_from(install->command->words[at]),
                             "a local project without a pyproject.toml in the context");
    else if (!install->has_no_dependencies)
        (void)draft_read_named(draft, file, place, sw_str_from(install->command->words[at]));
}

/* A later install over an earlier torch is for the check of steps to see. */
static void keep_overlay(struct install *install)
{
    struct sw_draft *draft = install->r->draft;
    bool has_torch = draft->base_torch != NULL;
    for (size_t i = 0; i < draft->lists[DRAFT_REQUIREMENTS].count; i++)
        has_torch = has_torch || strcmp(draft->lists[DRAFT_REQUIREMENTS].items[i].project, "torch") == 0;
    if (draft->judged && install->overlays && has_torch)
        draft_add(draft, DRAFT_STEPS, draft_copy(draft, install->command->text), install->places[0]);
}

/* Programs that install, which pip puts beside the stack: their own requirements bind no other command. */
static bool is_tool(const char *word)
{
    static const char *const tools[] = {"pip", "uv", "poetry", "pipenv", "pdm", "hatch", "virtualenv"};
    struct sw_str text = sw_str_from(word), name = {text.p, sw_name_length(text)};
    for (size_t i = 0; i < SW_COUNT(tools); i++) {
        if (sw_name_equal(name, sw_str_from(tools[i])))
            return true;
    }
    return false;
}

static void take(struct install *install)
{
    struct sw_draft *draft = install->r->draft;
    for (size_t i = 0; i < install->constraint_count; i++)
        read_file(install, install->constraints[i], true);
    for (size_t i = 0; i < install->file_count; i++)
        read_file(install, install->files[i], false);
    for (size_t i = 0; i < install->name_count; i++) {
        size_t at = install->names[i];
        const char *word = with_redirects(install, at);
        if (strcmp(word, "pip") != 0 && !(draft->judged && is_tool(word)))
            draft_require(draft, sw_str_from(word), install->index, install->places[at]);
    }
    for (size_t i = 0; i < install->project_count; i++)
        read_project(install, install->projects[i]);
}

bool draft_pip(struct draft_reader *reader, const struct sw_shell_command *command, size_t from,
               const struct draft_place *places)
{
    struct install install = {.r = reader, .command = command, .places = places, .index = reader->index};
    struct sw_draft *draft = reader->draft;
    size_t before = draft->left_count;
    draft->install++;
    if (reader->unisolated)
        draft_unisolate(draft, NULL);
    for (size_t at = from; at < command->count;) {
        if (command->words[at][0] == '-') {
            at += read_option(&install, at);
            continue;
        }
        if (is_local(command->words[at]))
            append(&install, &install.projects, &install.project_count, at);
        else
            append(&install, &install.names, &install.name_count, at);
        at++;
    }
    bool is_step = install.is_kept || install.project_count > 0;
    if (!draft->judged && is_step && !reader->is_source) {
        draft->left_count = before; /* the step says it */
        install.name_count = install.file_count = install.constraint_count = 0;
        take(&install);
        return false;
    }
    if (install.name_count + install.file_count > 0)
        draft_keep_order(reader, DRAFT_PHASE_INSTALL, places[0], command->text);
    keep_overlay(&install);
    take(&install);
    return true;
}
