/* The variables of a Dockerfile: ARG and ENV. */
#include "author/draft_internal.h"
#include "base/limits.h"
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
            draft_leave_unjudged(r->draft, draft_instruction_place(r, instruction), instruction->text,
                                 "it has no default: it is empty unless --build-arg gives a value");
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
        {"PATH", "the profile's PATH begins with its virtual environment"},
        {"VIRTUAL_ENV", "the virtual environment is /opt/venv"},
        {"PIP_INDEX_URL", "a build takes the index from the host's own settings, or name it in 'indexes'"},
        {"PIP_EXTRA_INDEX_URL", "name in 'indexes' what comes from it"},
        {"PIP_CONSTRAINT", ""},
        {"UV_CONSTRAINT", ""},
    };
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].why;
    }
    return NULL;
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
        else if (strcmp(extras[i], name) == 0 && !sw_own_index_is(value))
            draft_leave_unjudged(r->draft, place, sw_str_from(value),
                                 "%s: another index beside the default one", name);
    }
    for (size_t i = 0; i < SW_COUNT(others); i++) {
        if (strstr(name, "_FIND_LINKS") != NULL)
            r->draft->has_links = true;
        if (strcmp(others[i], name) == 0 && r->draft->judged)
            draft_leave_unjudged(r->draft, place, sw_str_from(value), "%s changes what is installed", name);
    }
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
    if (needless != NULL || wrong != NULL) {
        if (wrong != NULL || needless[0] != '\0')
            draft_leave(r->draft, place, instruction->text, "%s: %s", name, wrong == NULL ? needless : wrong);
        return;
    }
    struct draft_pairs *environment = &r->draft->environment;
    for (size_t i = 0; i < environment->count; i++) {
        if (strcmp(environment->items[i].first, name) == 0) {
            environment->items[i].second = value;
            environment->items[i].place = place;
            return;
        }
    }
    draft_set(r->draft, environment, name, value, place);
}

/* ENV NAME=VALUE …, or the older ENV NAME VALUE. */
void draft_read_env(struct draft_reader *r, const struct sw_instruction *instruction)
{
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
