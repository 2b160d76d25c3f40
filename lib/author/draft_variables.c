/* The variables of a Dockerfile: ARG and ENV. */
#include "author/draft_internal.h"
#include "base/limits.h"
#include "catalog/base_stack.h"
#include "dockerfile/instructions.h"
#include "index/own_index.h"
#include "profile/values.h"

void draft_set_variable(struct draft_reader *r, const char *name, const char *value)
{
    struct sw_shell_variables *variables = &r->variables;
    struct sw_shell_variable *grown =
        sw_arena_grow(&r->draft->arena, variables->items, variables->count, sizeof(*grown));
    if (grown == NULL) {
        r->draft->failed = true;
        return;
    }
    variables->items = grown;
    grown[variables->count++] = (struct sw_shell_variable){name, value};
}

/* The values that the builder gives, if a stage declares them (Dockerfile reference, "Automatic platform ARGs"). */
static const char *platform_value(struct sw_str name)
{
    static const struct {
        const char *name, *value;
    } rows[] = {{"TARGETPLATFORM", "linux/amd64"},
                {"TARGETOS", "linux"},
                {"TARGETARCH", "amd64"},
                {"BUILDPLATFORM", "linux/amd64"},
                {"BUILDOS", "linux"},
                {"BUILDARCH", "amd64"},
                {"TARGETVARIANT", ""},
                {"BUILDVARIANT", ""}};
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        if (sw_str_is(name, rows[i].name))
            return rows[i].value;
    }
    return NULL;
}

static const char *given_value(const struct draft_pairs *pairs, struct sw_str name)
{
    for (size_t i = pairs->count; i-- > 0;) {
        if (sw_str_is(name, pairs->items[i].first))
            return pairs->items[i].second;
    }
    return NULL;
}

static void leave_empty(struct draft_reader *r, const struct sw_instruction *instruction)
{
    static const char why[] = "it has no default: it is empty unless --build-arg gives a value";
    if (r->draft->judged)
        draft_leave_unjudged(r->draft, draft_instruction_place(r, instruction), instruction->text, why);
    else
        draft_mention(r->draft, draft_instruction_place(r, instruction), instruction->text, why);
}

/* ARG NAME=VALUE: the caller's value, else its own, else that of an ARG before the first FROM (`globals`, or NULL). */
void draft_read_arg(struct draft_reader *r, const struct sw_instruction *instruction,
                    const struct sw_shell_variables *globals)
{
    size_t count;
    const char **words = sw_shell_words(&count, &r->draft->arena, instruction->text, &r->variables);
    for (size_t i = 0; words != NULL && i < count; i++) {
        struct sw_str own = sw_str_from(words[i]);
        struct sw_str name = sw_str_cut(&own, '=');
        const char *value = given_value(&r->draft->arguments, name);
        if (value == NULL && own.p != NULL)
            value = draft_copy(r->draft, own);
        if (value == NULL && globals != NULL)
            value = sw_shell_value(globals, name);
        value = value == NULL ? platform_value(name) : value;
        if (value == NULL && globals != NULL)
            leave_empty(r, instruction);
        if (value == NULL && globals == NULL)
            continue;
        const char *copy = draft_copy(r->draft, name);
        draft_set_variable(r, copy, value == NULL ? "" : value); /* as a shell has it */
        if (globals != NULL && value != NULL)
            draft_set(r->draft, &r->arguments, copy, value, draft_instruction_place(r, instruction));
    }
}

/* Variables that say how the image is built, which slipway says itself. */
static const char *needless_variable(const char *name)
{
    static const struct {
        const char *name, *why;
    } rows[] = {
        {"DEBIAN_FRONTEND", ""},
        {"PIP_NO_CACHE_DIR", ""},
        {"PIP_DISABLE_PIP_VERSION_CHECK", ""},
        {"UV_SYSTEM_PYTHON", ""},
        {"VIRTUAL_ENV", "the virtual environment is /opt/venv"},
        {"PIP_INDEX_URL", "a build takes the index from the host's own settings, or name it in 'indexes'"},
        {"PIP_EXTRA_INDEX_URL", "name in 'indexes' what comes from it"},
        {"PIP_CONSTRAINT", "a profile holds pip and uv to its own constraints"},
        {"UV_CONSTRAINT", "a profile holds pip and uv to its own constraints"},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].why;
    }
    return NULL;
}

bool draft_isolation_variable(struct sw_str name, struct sw_str value, bool *unisolated)
{
    static const char *const yes[] = {"1", "true", "yes", "on", "t", "y"};
    bool is_pip = sw_str_is(name, "PIP_NO_BUILD_ISOLATION"), told = false;
    if (!is_pip && !sw_str_is(name, "UV_NO_BUILD_ISOLATION"))
        return false;
    for (size_t i = 0; i < SW_COUNT(yes); i++)
        told = told || (value.n == strlen(yes[i]) && strncasecmp(value.p, yes[i], value.n) == 0);
    /* pip takes the value for that of `build_isolation`: PIP_NO_BUILD_ISOLATION=0 turns isolation off. */
    *unisolated = is_pip ? !told : told;
    return true;
}

/* Heed the variables that change the choices of pip and uv. */
static void heed_variable(struct draft_reader *r, const char *name, const char *value,
                          struct draft_place place)
{
    static const char *const indexes[] = {"PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"};
    static const char *const extras[] = {"PIP_EXTRA_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_INDEX"};
    static const char *const others[] = {"PIP_FIND_LINKS", "UV_FIND_LINKS",  "PIP_NO_INDEX",  "PIP_PRE",
                                         "UV_PRERELEASE",  "PIP_CONSTRAINT", "UV_CONSTRAINT", "UV_OVERRIDE"};
    for (size_t i = 0; i < SW_COUNT(indexes); i++)
        r->index = strcmp(indexes[i], name) == 0 ? value : r->index;
    for (size_t i = 0; i < SW_COUNT(extras); i++) {
        const char *variant = strcmp(extras[i], name) == 0 ? draft_variant(r->draft, value) : NULL;
        if (variant != NULL)
            r->draft->variant = variant;
        else if (strcmp(extras[i], name) == 0 && !sw_own_index_is(value)) {
            r->draft->has_unread_index = true;
            draft_leave_unjudged(r->draft, place, sw_str_from(value),
                                 "%s: another index beside the default one", name);
        }
    }
    for (size_t i = 0; i < SW_COUNT(others); i++) {
        if (strstr(name, "_FIND_LINKS") != NULL)
            r->draft->has_links = true;
        if (strcmp(others[i], name) == 0 && r->draft->judged)
            draft_leave_unjudged(r->draft, place, sw_str_from(value), "%s changes what is installed", name);
    }
    (void)draft_isolation_variable(sw_str_from(name), sw_str_from(value), &r->unisolated);
    if (strcmp(name, "UV_TORCH_BACKEND") == 0 && strncmp(value, "cu", 2) == 0)
        r->draft->variant = value;
    if (strcmp(name, "UV_PYTHON") == 0)
        draft_take_python(r->draft, sw_str_from(value), place);
}

void draft_pip_setting(struct draft_reader *r, const char *key, const char *value, struct draft_place place)
{
    const char *dot = strrchr(key, '.');
    char *name = draft_format(r->draft, "PIP_%s", dot == NULL ? key : dot + 1);
    for (char *c = name; *c != '\0'; c++) {
        bool is_small = *c >= 'a' && *c <= 'z';
        *c = (char)(*c == '-' ? '_' : is_small ? *c - 'a' + 'A' : *c);
    }
    heed_variable(r, name, value, place);
}

/* The PATH without the folders of the Dockerfile's own virtual environments, in whose place is the profile's; NULL if nothing is
 * left of it but the PATH before. */
static const char *path_of_profile(struct draft_reader *r, const char *value,
                                   const struct sw_instruction *instruction)
{
    struct sw_draft *draft = r->draft;
    struct sw_str rest = sw_str_from(value);
    const char *path = "";
    bool has_own = false, has_before = strstr(value, SW_DRAFT_PATH) != NULL;
    while (rest.p != NULL) {
        struct sw_str folder = sw_str_cut(&rest, ':');
        bool is_own = sw_str_find(folder, SW_STR("venv")) < folder.n;
        has_own = has_own || is_own;
        if (!is_own)
            path = draft_format(draft, "%s%s%.*s", path, path[0] == '\0' ? "" : ":", SW_STR_FORMAT(folder));
    }
    struct draft_place place = draft_instruction_place(r, instruction);
    if (!has_before)
        draft_leave(draft, place, instruction->text,
                    "PATH: it has no place for the profile's virtual environment");
    else if (has_own)
        draft_mention(draft, place, instruction->text,
                      "PATH: the profile's PATH begins with its virtual environment");
    return !has_before || strcmp(path, SW_DRAFT_PATH) == 0 ? NULL : path;
}

void draft_set_environment(struct sw_draft *draft, const char *name, const char *value,
                           struct draft_place place)
{
    struct draft_pairs *environment = &draft->environment;
    for (size_t i = 0; i < environment->count; i++) {
        if (strcmp(environment->items[i].first, name) == 0) {
            environment->items[i].second = value;
            environment->items[i].place = place;
            return;
        }
    }
    draft_set(draft, environment, name, value, place);
}

static void add_variable(struct draft_reader *r, const struct sw_instruction *instruction, const char *name,
                         const char *value)
{
    struct draft_place place = draft_instruction_place(r, instruction);
    const char *needless = needless_variable(name);
    heed_variable(r, name, value, place);
    const char *wrong = sw_value_variable(sw_str_from(name));
    wrong = wrong == NULL ? sw_value_line(sw_str_from(value)) : wrong;
    draft_set_variable(r, name, value);
    if (r->is_source)
        return;
    if (strcmp(name, "PATH") == 0 && !r->draft->judged) {
        value = path_of_profile(r, value, instruction);
        if (value == NULL)
            return;
    }
    if (needless != NULL || wrong != NULL) {
        if (wrong == NULL && strcmp(name, "VIRTUAL_ENV") == 0)
            draft_mention(r->draft, place, instruction->text, "%s: %s", name, needless);
        else if (wrong != NULL || needless[0] != '\0')
            draft_leave(r->draft, place, instruction->text, "%s: %s", name, wrong == NULL ? needless : wrong);
        return;
    }
    draft_keep_variable(r, place, name);
    draft_set_environment(r->draft, name, value, place);
}

/* The first variable of a text that no ARG and no ENV of the file sets; empty if there is none. */
static struct sw_str unset_variable(const struct draft_reader *r, struct sw_str text)
{
    bool quoted = false;
    for (size_t i = 0; i + 1 < text.n; i++) {
        quoted = quoted != (text.p[i] == '\'');
        i += text.p[i] == '\\';
        if (quoted || i >= text.n || text.p[i] != '$')
            continue;
        struct sw_str name = sw_str_drop(text, i + 1);
        name = sw_str_drop(name, sw_str_starts(name, "{"));
        size_t n = 0;
        while (n < name.n && (sw_is_alnum((unsigned char)name.p[n]) || name.p[n] == '_'))
            n++;
        name.n = n;
        if (n > 0 && sw_shell_value(&r->variables, name) == NULL)
            return name;
    }
    return SW_STR("");
}

/* A base image may set variables, of which a plain distribution and Python's own images have none that are built upon. */
static void leave_unset(struct draft_reader *r, const struct sw_instruction *instruction)
{
    const char *base = r->draft->base == NULL ? "" : sw_catalog_base_name(r->draft->base);
    bool is_plain = base[0] == '\0' || strncmp(base, "python:", 7) == 0 || strncmp(base, "ubuntu:", 7) == 0 ||
                    strncmp(base, "debian:", 7) == 0;
    struct sw_str name = unset_variable(r, instruction->text);
    if (name.n > 0 && !is_plain && !r->is_source && !r->draft->judged)
        draft_leave(r->draft, draft_instruction_place(r, instruction), instruction->text,
                    "the base image may set '%.*s'", SW_STR_FORMAT(name));
}

/* ENV NAME=VALUE …, or the older ENV NAME VALUE. */
void draft_read_env(struct draft_reader *r, const struct sw_instruction *instruction)
{
    leave_unset(r, instruction);
    size_t count;
    const char **words = sw_shell_words(&count, &r->draft->arena, instruction->text, &r->variables);
    if (words == NULL || count == 0)
        return;
    if (strchr(words[0], '=') == NULL) {
        struct sw_str rest = instruction->text;
        (void)sw_str_cut(&rest, ' ');
        words = sw_shell_words(&count, &r->draft->arena, rest, &r->variables);
        SW_BUFFER_AUTO value;
        sw_buffer_init(&value, SW_MAX_PROCESS_ARGUMENT);
        for (size_t i = 0; words != NULL && i < count; i++)
            sw_buffer_addf(&value, "%s%s", i == 0 ? "" : " ", words[i]);
        struct sw_str all = instruction->text;
        add_variable(r, instruction, draft_copy(r->draft, sw_str_cut(&all, ' ')),
                     draft_copy(r->draft, sw_buffer_str(&value)));
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct sw_str value = sw_str_from(words[i]);
        struct sw_str name = sw_str_cut(&value, '=');
        add_variable(r, instruction, draft_copy(r->draft, name),
                     value.p == NULL ? "" : draft_copy(r->draft, value));
    }
}
