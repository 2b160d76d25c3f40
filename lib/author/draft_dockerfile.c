/* A Dockerfile as a draft: its last stage, and the stages that the last stage is built on. */
#include "author/draft_internal.h"
#include "base/file.h"
#include "base/limits.h"
#include "data/json.h"
#include "dockerfile/instructions.h"
#include "profile/values.h"

/* The stages by name, to find those that the last stage is built on. */
struct stage {
    const char *name, *base;
    size_t from; /* index of its FROM */
    /* Index + 1 of the stage that this stage is built on; 0 for an image. */
    size_t parent;
    /* True for the last stage and the stages that it is built on. */
    bool is_chosen;
};

struct stages {
    struct stage *items;
    size_t count;
};

static struct draft_place place_of(const struct draft_reader *r, const struct sw_instruction *instruction)
{
    return (struct draft_place){r->file, instruction->line};
}

static void set_variable(struct draft_reader *r, const char *name, const char *value)
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

/* The words of an instruction in either form, and the flags before them; NULL without memory or if the text
 * only looks like JSON. */
static const char **words_of(struct draft_reader *r, struct sw_str text, size_t *count)
{
    const struct sw_node *list;
    if (!sw_str_starts(text, "[") || sw_json_read(&list, &r->draft->arena, text, NULL, NULL) != 0 ||
        sw_node_type(list) != SW_NODE_LIST)
        return sw_shell_words(count, &r->draft->arena, text, &r->variables);
    const char **words = sw_arena_array(&r->draft->arena, sw_node_count(list) + 1, sizeof(*words));
    for (size_t i = 0; words != NULL && i < sw_node_count(list); i++)
        words[i] = sw_node_text(sw_node_item(list, i), "");
    *count = words == NULL ? 0 : sw_node_count(list);
    return words;
}

const char *draft_absolute(struct draft_reader *r, const char *path)
{
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    if (path[0] == '/')
        return path;
    const char *slash = sw_str_ends(sw_str_from(r->workdir), "/") ? "" : "/";
    return draft_format(r->draft, "%s%s%s", r->workdir, slash, strcmp(path, ".") == 0 ? "" : path);
}

static void read_arg(struct draft_reader *r, const struct sw_instruction *instruction)
{
    size_t count;
    const char **words = sw_shell_words(&count, &r->draft->arena, instruction->text, &r->variables);
    for (size_t i = 0; words != NULL && i < count; i++) {
        struct sw_str value = sw_str_from(words[i]);
        struct sw_str name = sw_str_cut(&value, '=');
        if (value.p != NULL)
            set_variable(r, draft_copy(r->draft, name), draft_copy(r->draft, value));
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

static void add_variable(struct draft_reader *r, const struct sw_instruction *instruction, const char *name,
                         const char *value)
{
    struct draft_place place = place_of(r, instruction);
    const char *needless = needless_variable(name);
    const char *wrong = sw_value_variable(sw_str_from(name));
    wrong = wrong == NULL ? sw_value_line(sw_str_from(value)) : wrong;
    set_variable(r, name, value);
    if (needless != NULL || wrong != NULL) {
        if (wrong != NULL || needless[0] != '\0')
            draft_leave(r->draft, place, instruction->text, "%s: %s", name, wrong == NULL ? needless : wrong);
        return;
    }
    struct draft_pairs *environment = &r->draft->environment;
    for (size_t i = 0; i < environment->count; i++) {
        if (strcmp(environment->items[i].first, name) == 0) {
            environment->items[i].second = value;
            return;
        }
    }
    draft_set(r->draft, environment, name, value);
}

/* ENV NAME=VALUE …, or the older ENV NAME VALUE. */
static void read_env(struct draft_reader *r, const struct sw_instruction *instruction)
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

/* Add a source of a COPY; it must lie in the folder. */
static void add_copy(struct draft_reader *r, const struct sw_instruction *instruction, const char *from,
                     const char *to)
{
    while (strncmp(from, "./", 2) == 0)
        from += 2;
    from = from[0] == '\0' ? "." : from;
    struct sw_str source = sw_str_from(from);
    while (source.n > 1 && source.p[source.n - 1] == '/')
        source.n--;
    from = draft_copy(r->draft, source);
    const char *wrong = sw_value_path(source);
    wrong = wrong == NULL ? sw_value_destination(sw_str_from(to)) : wrong;
    if (wrong != NULL)
        draft_leave(r->draft, place_of(r, instruction), sw_str_from(from), "%s", wrong);
    else
        draft_set(r->draft, &r->draft->copies, from, to);
}

static void read_copy(struct draft_reader *r, const struct sw_instruction *instruction)
{
    struct draft_place place = place_of(r, instruction);
    struct sw_str text = instruction->text;
    while (sw_str_starts(text, "--")) {
        struct sw_str flag = sw_str_cut(&text, ' ');
        text = text.p == NULL ? (struct sw_str){"", 0} : sw_str_trim(text);
        if (sw_str_starts(flag, "--from=")) {
            draft_leave(r->draft, place, instruction->text, "from another stage or image");
            return;
        }
        if (!sw_str_starts(flag, "--link"))
            draft_leave(r->draft, place, flag, "a profile's files belong to root and keep their mode");
    }
    size_t count;
    const char **words = words_of(r, text, &count);
    if (words == NULL || count < 2 || instruction->body_line != 0) {
        draft_leave(r->draft, place, instruction->text, "not a source in the folder and a destination");
        return;
    }
    const char *to = draft_absolute(r, words[count - 1]);
    if (count > 2 && !sw_str_ends(sw_str_from(to), "/"))
        to = draft_format(r->draft, "%s/", to);
    for (size_t i = 0; i + 1 < count; i++) {
        if (strstr(words[i], "://") != NULL)
            draft_leave(r->draft, place, sw_str_from(words[i]), "fetch it by a step");
        else
            add_copy(r, instruction, words[i], to);
    }
}

static void add_words(struct draft_reader *r, const struct sw_instruction *instruction)
{
    size_t count = 0;
    const char **words = instruction == NULL ? NULL : words_of(r, instruction->text, &count);
    for (size_t i = 0; i < count; i++)
        draft_add(r->draft, DRAFT_COMMAND, words[i], place_of(r, instruction));
}

/* ENTRYPOINT and CMD as one command, in the working directory: a shell changes to it first. The words of a list follow the
 * shell's own, so that none of them needs quotes; an ENTRYPOINT that is a shell's text takes no CMD. */
static void read_command(struct draft_reader *r)
{
    const struct sw_instruction *first = r->entrypoint == NULL ? r->command : r->entrypoint;
    if (first == NULL)
        return;
    bool is_list = sw_str_starts(first->text, "["), is_top = strcmp(r->workdir, "/") == 0;
    if (!is_list || !is_top) {
        const char *cd = is_top ? "" : draft_format(r->draft, "cd %s && ", r->workdir);
        draft_add(r->draft, DRAFT_COMMAND, "/bin/sh", place_of(r, first));
        draft_add(r->draft, DRAFT_COMMAND, "-c", place_of(r, first));
        draft_add(r->draft, DRAFT_COMMAND,
                  is_list ? draft_format(r->draft, "%sexec \"$0\" \"$@\"", cd)
                          : draft_format(r->draft, "%s%.*s", cd, SW_STR_FORMAT(first->text)),
                  place_of(r, first));
    }
    if (!is_list)
        return;
    add_words(r, r->entrypoint);
    if (r->command != NULL && (r->entrypoint == NULL || sw_str_starts(r->command->text, "[")))
        add_words(r, r->command);
}

static void read_other(struct draft_reader *r, const struct sw_instruction *instruction)
{
    static const struct {
        const char *keyword, *why;
    } rows[] = {
        {"user", "the image runs as root; start the container with --user"},
        {"expose", "publish the port where the container is started"},
        {"volume", "name the volume where the container is started"},
        {"label", "slipway sets the labels of image and plan; others have no key"},
        {"healthcheck", "give it where the container is started"},
        {"shell", "steps run in /bin/sh"},
    };
    const char *why = "a profile has no key for it";
    for (size_t i = 0; i < SW_COUNT(rows); i++) {
        if (sw_instruction_is(instruction, rows[i].keyword))
            why = rows[i].why;
    }
    const char *text = draft_format(r->draft, "%.*s %.*s", SW_STR_FORMAT(instruction->keyword),
                                    SW_STR_FORMAT(instruction->text));
    draft_leave(r->draft, place_of(r, instruction), sw_str_from(text), "%s", why);
}

static void read_workdir(struct draft_reader *r, const struct sw_instruction *instruction)
{
    size_t count;
    const char **words = sw_shell_words(&count, &r->draft->arena, instruction->text, &r->variables);
    if (words == NULL || count != 1)
        return;
    struct sw_str path = sw_str_from(draft_absolute(r, words[0]));
    while (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    r->workdir = draft_copy(r->draft, path);
}

static void read_instruction(struct draft_reader *r, const struct sw_instruction *instruction)
{
    if (sw_instruction_is(instruction, "run"))
        draft_run(r, instruction);
    else if (sw_instruction_is(instruction, "env"))
        read_env(r, instruction);
    else if (sw_instruction_is(instruction, "arg"))
        read_arg(r, instruction);
    else if (sw_instruction_is(instruction, "copy") || sw_instruction_is(instruction, "add"))
        read_copy(r, instruction);
    else if (sw_instruction_is(instruction, "workdir"))
        read_workdir(r, instruction);
    else if (sw_instruction_is(instruction, "cmd"))
        r->command = instruction;
    else if (sw_instruction_is(instruction, "entrypoint"))
        r->entrypoint = instruction;
    else
        read_other(r, instruction);
}

/* ---- stages ---- */

static size_t find_stage(const struct stages *stages, const char *name)
{
    for (size_t i = 0; i < stages->count; i++) {
        if (strcasecmp(stages->items[i].name, name) == 0)
            return i + 1;
    }
    return 0;
}

static void add_stage(struct draft_reader *r, struct stages *stages, const struct sw_instruction *instruction,
                      size_t at)
{
    size_t count;
    const char **words = sw_shell_words(&count, &r->draft->arena, instruction->text, &r->variables);
    struct stage *grown = sw_arena_grow(&r->draft->arena, stages->items, stages->count, sizeof(*grown));
    if (words == NULL || grown == NULL) {
        r->draft->failed = true;
        return;
    }
    size_t first = 0;
    while (first < count && strncmp(words[first], "--", 2) == 0)
        first++;
    const char *base = first < count ? words[first] : "";
    bool named = first + 2 < count && strcasecmp(words[first + 1], "as") == 0;
    struct stage stage = {.name = named ? words[first + 2] : "", .base = base, .from = at};
    stage.parent = base[0] == '\0' ? 0 : find_stage(stages, base);
    stages->items = grown;
    grown[stages->count++] = stage;
}

static void choose_stages(const struct draft_reader *r, const struct stages *stages,
                          const struct sw_instructions *file)
{
    for (size_t i = stages->count; i > 0; i = stages->items[i - 1].parent)
        stages->items[i - 1].is_chosen = true;
    for (size_t i = 0; i < stages->count; i++) {
        const struct sw_instruction *from = &file->items[stages->items[i].from];
        if (!stages->items[i].is_chosen)
            draft_leave(r->draft, place_of(r, from), from->text,
                        "the stage is not what the last one is built on; copy from its image by a step");
    }
}

int draft_read_dockerfile(struct sw_draft *draft, const char *path, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_DOCKERFILE_SIZE);
    int code = sw_permissions_read(&text, draft->permissions, path, error);
    if (code != 0)
        return code;
    if (!sw_utf8_valid(sw_buffer_str(&text)) || memchr(text.p, '\0', text.n) != NULL)
        return sw_fail_at(error, SW_EINPUT, path, 1, 1, "no text in UTF-8: this is no Dockerfile");
    SW_INSTRUCTIONS_AUTO file;
    sw_instructions_init(&file, sw_buffer_str(&text));
    struct draft_reader r = {.draft = draft, .file = path, .workdir = "/"};
    r.folder = sw_path_dir(&draft->arena, path);
    struct stages stages = {0};
    for (size_t i = 0; i < file.count; i++) {
        if (sw_instruction_is(&file.items[i], "from"))
            add_stage(&r, &stages, &file.items[i], i);
        else if (sw_instruction_is(&file.items[i], "arg") && stages.count == 0)
            read_arg(&r, &file.items[i]);
    }
    draft->failed = draft->failed || r.folder == NULL;
    code = draft_check(draft, error);
    if (code != 0)
        return code;
    if (stages.count == 0) {
        (void)sw_fail_at(error, SW_EINPUT, path, 1, 1, "no FROM: this is no Dockerfile");
        return sw_error_hint(error, "a requirements file ends in .txt or .in, a Truss config in .yaml");
    }
    choose_stages(&r, &stages, &file);
    size_t stage = 0;
    for (size_t i = 0; i < file.count; i++) {
        bool begins = sw_instruction_is(&file.items[i], "from");
        stage += begins;
        if (stage == 0 || !stages.items[stage - 1].is_chosen)
            continue;
        if (!begins)
            read_instruction(&r, &file.items[i]);
        else if (stages.items[stage - 1].parent == 0)
            draft_base(draft, stages.items[stage - 1].base, place_of(&r, &file.items[i]));
    }
    read_command(&r);
    return draft_check(draft, error);
}
