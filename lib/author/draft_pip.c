/* `pip install`, and uv's, as requirements, constraints and indexes. */
#include "author/draft_internal.h"
#include "base/file.h"
#include "base/limits.h"

/* The parts of one command. */
struct install {
    struct draft_reader *r;
    struct draft_place place;
    const char *index;
    const char **names; /* requirements */
    size_t name_count;
    const char **files, **constraints;
    size_t file_count, constraint_count;
};

enum option_meaning { OPTION_NEEDLESS, OPTION_INDEX, OPTION_EXTRA_INDEX, OPTION_FILE, OPTION_CONSTRAINTS };

/* Options that a profile has a key for. Any other option changes the installed set or the way of installing:
 * then the whole command is kept as a step. */
static const struct {
    const char *name;
    bool takes_value;
    enum option_meaning meaning;
} options[] = {
    {"--index-url", true, OPTION_INDEX},
    {"-i", true, OPTION_INDEX},
    {"--default-index", true, OPTION_INDEX},
    {"--extra-index-url", true, OPTION_EXTRA_INDEX},
    {"--requirement", true, OPTION_FILE},
    {"--requirements", true, OPTION_FILE},
    {"-r", true, OPTION_FILE},
    {"--constraint", true, OPTION_CONSTRAINTS},
    {"--constraints", true, OPTION_CONSTRAINTS},
    {"-c", true, OPTION_CONSTRAINTS},
    {"--default-timeout", true, OPTION_NEEDLESS},
    {"--timeout", true, OPTION_NEEDLESS},
    {"--retries", true, OPTION_NEEDLESS},
    {"--progress-bar", true, OPTION_NEEDLESS},
    {"--root-user-action", true, OPTION_NEEDLESS},
    {"--index-strategy", true, OPTION_NEEDLESS},
    {"--break-system-packages", false, OPTION_NEEDLESS},
    {"--disable-pip-version-check", false, OPTION_NEEDLESS},
    {"--force-reinstall", false, OPTION_NEEDLESS},
    {"--ignore-installed", false, OPTION_NEEDLESS},
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
    {"-I", false, OPTION_NEEDLESS},
    {"-U", false, OPTION_NEEDLESS},
    {"-q", false, OPTION_NEEDLESS},
    {"-qq", false, OPTION_NEEDLESS},
    {"-v", false, OPTION_NEEDLESS},
};

static void append(struct install *install, const char ***list, size_t *count, const char *text)
{
    const char **grown = sw_arena_grow(&install->r->draft->arena, (void *)*list, *count, sizeof(*grown));
    if (grown == NULL) {
        install->r->draft->failed = true;
        return;
    }
    *list = grown;
    grown[(*count)++] = text;
}

static void read_value(struct install *install, enum option_meaning meaning, const char *value)
{
    struct sw_draft *draft = install->r->draft;
    switch (meaning) {
    case OPTION_NEEDLESS:
        return;
    case OPTION_INDEX:
        install->index = value;
        return;
    case OPTION_EXTRA_INDEX: {
        const char *variant = draft_variant(draft, value);
        if (variant == NULL)
            draft_leave(draft, install->place, sw_str_from(value), "name in 'indexes' what comes from it");
        else
            draft->variant = variant;
        return;
    }
    case OPTION_FILE:
        append(install, &install->files, &install->file_count, value);
        return;
    case OPTION_CONSTRAINTS:
        append(install, &install->constraints, &install->constraint_count, value);
        return;
    }
}

/* Count the words that an option takes from `words[at]` on; 0 if a profile has no key for it. */
static size_t read_option(struct install *install, const char *const *words, size_t left)
{
    struct sw_str value = sw_str_from(words[0]);
    bool is_long = sw_str_starts(value, "--");
    struct sw_str name = is_long ? sw_str_cut(&value, '=') : value;
    for (size_t i = 0; i < SW_COUNT(options); i++) {
        bool glued = is_long ? value.p != NULL : false;
        if (!sw_str_is(name, options[i].name) || (glued && !options[i].takes_value))
            continue;
        if (!options[i].takes_value)
            return 1;
        if (!glued && left < 2)
            return 0;
        read_value(install, options[i].meaning, glued ? value.p : words[1]);
        return glued ? 1 : 2;
    }
    return 0;
}

/* A path of this image and not a project: "." or "./x", but no URL. */
static bool is_local(const char *word)
{
    return word[0] == '.' || word[0] == '/' || (strchr(word, '/') != NULL && strstr(word, "://") == NULL);
}

/* Join a word and the parts that the shell took for a redirection: "numpy" and ">" "=1.24,". */
static const char *with_redirects(struct install *install, const struct sw_shell_command *command, size_t at)
{
    struct sw_draft *draft = install->r->draft;
    const char *word = command->words[at];
    bool found = false;
    for (size_t i = 0; i < command->redirect_count; i++) {
        const struct sw_shell_redirect *redirect = &command->redirects[i];
        if (redirect->words != at + 1 || !redirect->glued)
            continue;
        word = draft_format(draft, "%s%c%s", word, redirect->in ? '<' : '>', redirect->target);
        found = true;
    }
    if (found)
        draft_leave(draft, install->place, sw_str_from(word),
                    "carried over as meant; unquoted, the shell took '%s' alone and a redirection",
                    command->words[at]);
    return word;
}

/* The lines of a file that an echo wrote. */
static bool read_written(struct install *install, const char *path, bool constraints)
{
    const struct draft_pairs *written = &install->r->written;
    for (size_t i = written->count; i-- > 0;) {
        if (strcmp(written->items[i].first, path) != 0)
            continue;
        struct sw_str rest = sw_str_from(written->items[i].second);
        while (rest.p != NULL) {
            struct sw_str line = sw_str_trim(sw_str_cut(&rest, '\n'));
            if (line.n > 0 && constraints)
                draft_constrain(install->r->draft, line, install->place);
            else if (line.n > 0)
                draft_require(install->r->draft, line, install->index, install->place);
        }
        return true;
    }
    return false;
}

/* A COPY of the file, which only brought it here, is taken out again. */
static void forget_copy(struct sw_draft *draft, const char *from)
{
    struct draft_pairs *copies = &draft->copies;
    for (size_t i = 0; i < copies->count; i++) {
        if (strcmp(copies->items[i].first, from) != 0)
            continue;
        memmove(&copies->items[i], &copies->items[i + 1], (copies->count - i - 1) * sizeof(*copies->items));
        copies->count--;
        return;
    }
}

/* The file in the folder that stands at `path` of the image, by the COPY that brought it. */
static const char *source_of(struct install *install, const char *path)
{
    struct sw_draft *draft = install->r->draft;
    const char *base = sw_path_base(path);
    for (size_t i = draft->copies.count; i-- > 0;) {
        const struct draft_pair *copy = &draft->copies.items[i];
        bool whole = strcmp(copy->first, ".") == 0;
        size_t n = strlen(copy->second);
        if (whole && strncmp(path, copy->second, n) == 0)
            return path + n + (path[n] == '/');
        if (strcmp(sw_path_base(copy->first), base) == 0 && strncmp(path, copy->second, n) == 0)
            return copy->first;
    }
    return base;
}

static void read_file(struct install *install, const char *name, bool constraints)
{
    struct sw_draft *draft = install->r->draft;
    struct sw_error error;
    const char *path = draft_absolute(install->r, name);
    if (read_written(install, path, constraints))
        return;
    const char *source = source_of(install, path);
    const char *here = sw_path_join(&draft->arena, install->r->folder, source);
    if (here == NULL || draft_read_requirements(draft, here, install->index, constraints, &error) != 0) {
        draft_leave(draft, install->place, sw_str_from(name), "%s", here == NULL ? "no memory" : error.text);
        return;
    }
    forget_copy(draft, source);
}

bool draft_pip(struct draft_reader *reader, const struct sw_shell_command *command, size_t from,
               struct draft_place place)
{
    struct install install = {.r = reader, .place = place};
    for (size_t at = from; at < command->count;) {
        if (command->words[at][0] != '-') {
            if (is_local(command->words[at]))
                return false;
            append(&install, &install.names, &install.name_count, with_redirects(&install, command, at));
            at++;
            continue;
        }
        size_t taken = read_option(&install, command->words + at, command->count - at);
        if (taken == 0)
            return false;
        at += taken;
    }
    for (size_t i = 0; i < install.constraint_count; i++)
        read_file(&install, install.constraints[i], true);
    for (size_t i = 0; i < install.file_count; i++)
        read_file(&install, install.files[i], false);
    for (size_t i = 0; i < install.name_count; i++) {
        if (strcmp(install.names[i], "pip") != 0)
            draft_require(reader->draft, sw_str_from(install.names[i]), install.index, place);
    }
    return true;
}
