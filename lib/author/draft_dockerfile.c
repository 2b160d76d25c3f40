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
    /* True for a stage that a chosen stage copies files from, and the stages that it is built on. */
    bool is_source;
    /* The state at the end of the stage, with which the stages that are built on it begin. */
    struct sw_shell_variables variables;
    const char *workdir, *index;
};

struct stages {
    struct stage *items;
    size_t count;
};

static struct draft_place place_of(const struct draft_reader *r, const struct sw_instruction *instruction)
{
    return (struct draft_place){r->file, instruction->line, 1};
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
static void read_arg(struct draft_reader *r, const struct sw_instruction *instruction,
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
            draft_leave_unjudged(r->draft, place_of(r, instruction), instruction->text,
                                 "it has no default: it is empty unless --build-arg gives a value");
        if (value == NULL)
            continue;
        const char *copy = draft_copy(r->draft, name);
        set_variable(r, copy, value);
        if (globals != NULL)
            draft_set(r->draft, &r->arguments, copy, value, place_of(r, instruction));
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
        else if (strcmp(extras[i], name) == 0)
            draft_leave_unjudged(r->draft, place, sw_str_from(value),
                                 "%s: another index beside the default one", name);
    }
    for (size_t i = 0; i < SW_COUNT(others); i++) {
        if (strcmp(others[i], name) == 0 && r->draft->judged)
            draft_leave_unjudged(r->draft, place, sw_str_from(value), "%s changes what is installed", name);
    }
    if (strcmp(name, "UV_TORCH_BACKEND") == 0 && strncmp(value, "cu", 2) == 0)
        r->draft->variant = value;
    if (strcmp(name, "UV_PYTHON") == 0)
        draft_take_python(r->draft, sw_str_from(value), place);
}

static void add_variable(struct draft_reader *r, const struct sw_instruction *instruction, const char *name,
                         const char *value)
{
    struct draft_place place = place_of(r, instruction);
    const char *needless = needless_variable(name);
    heed_variable(r, name, value, place);
    const char *wrong = sw_value_variable(sw_str_from(name));
    wrong = wrong == NULL ? sw_value_line(sw_str_from(value)) : wrong;
    set_variable(r, name, value);
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
    draft_set(r->draft, &r->copies, from, to, place_of(r, instruction));
    if (r->is_source)
        return;
    const char *wrong = sw_value_path(source);
    wrong = wrong == NULL ? sw_value_destination(sw_str_from(to)) : wrong;
    if (wrong != NULL)
        draft_leave(r->draft, place_of(r, instruction), sw_str_from(from), "%s", wrong);
    else
        draft_set(r->draft, &r->draft->copies, from, to, place_of(r, instruction));
}

/* Leave files of a stage or image; an environment among them would be an unknown part of the stack. */
static void leave_copy_from(struct draft_reader *r, struct draft_place place, struct sw_str flag,
                            struct sw_str text)
{
    static const char *const signs[] = {"site-packages", "dist-packages", "venv", "conda", "python3."};
    bool decides = false;
    for (size_t i = 0; i < SW_COUNT(signs); i++)
        decides = decides || sw_str_find(text, sw_str_from(signs[i])) < text.n;
    struct sw_str name = sw_str_drop(flag, strlen("--from="));
    if (decides && sw_str_find(name, SW_STR("/")) < name.n)
        draft_leave_unjudged(r->draft, place, text, "an environment out of another image");
    else
        draft_leave(r->draft, place, text,
                    "the files of another stage or image; what the stage installs is among the requirements");
}

static void read_copy(struct draft_reader *r, const struct sw_instruction *instruction)
{
    struct draft_place place = place_of(r, instruction);
    struct sw_str text = instruction->text;
    while (sw_str_starts(text, "--")) {
        struct sw_str flag = sw_str_cut(&text, ' ');
        text = text.p == NULL ? (struct sw_str){"", 0} : sw_str_trim(text);
        if (sw_str_starts(flag, "--from=")) {
            leave_copy_from(r, place, flag, instruction->text);
            return;
        }
        if (!sw_str_starts(flag, "--link") && !r->is_source)
            draft_leave(r->draft, place, flag, "a profile's files belong to root and keep their mode");
    }
    size_t count;
    const char **words = words_of(r, text, &count);
    if (words == NULL || count < 2 || instruction->body_line != 0) {
        if (!r->is_source)
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

/* An ENTRYPOINT in the shell's form takes no CMD, as docker has it too. */
static void leave_unheard(struct draft_reader *r)
{
    if (r->entrypoint != NULL && r->command != NULL)
        draft_leave(r->draft, place_of(r, r->command), r->command->text,
                    "an ENTRYPOINT in the shell's form takes no CMD");
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
    if (!is_list) {
        leave_unheard(r);
        return;
    }
    add_words(r, r->entrypoint);
    if (r->command == NULL)
        return;
    if (r->entrypoint != NULL &&
        !sw_str_starts(r->command->text, "[")) { /* docker hands a shell's words over too */
        draft_add(r->draft, DRAFT_COMMAND, "/bin/sh", place_of(r, r->command));
        draft_add(r->draft, DRAFT_COMMAND, "-c", place_of(r, r->command));
        draft_add(r->draft, DRAFT_COMMAND, draft_copy(r->draft, r->command->text), place_of(r, r->command));
        return;
    }
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
    if (r->is_source || r->draft->judged)
        return;
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

static void read_instruction(struct draft_reader *r, const struct sw_instruction *instruction,
                             const struct sw_shell_variables *globals)
{
    if (sw_instruction_is(instruction, "run"))
        draft_run(r, instruction);
    else if (sw_instruction_is(instruction, "env"))
        read_env(r, instruction);
    else if (sw_instruction_is(instruction, "arg"))
        read_arg(r, instruction, globals);
    else if (sw_instruction_is(instruction, "copy") || sw_instruction_is(instruction, "add"))
        read_copy(r, instruction);
    else if (sw_instruction_is(instruction, "workdir"))
        read_workdir(r, instruction);
    else if (sw_instruction_is(instruction, "cmd"))
        r->command = r->is_source ? r->command : instruction;
    else if (sw_instruction_is(instruction, "entrypoint"))
        r->entrypoint = r->is_source ? r->entrypoint : instruction;
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

/* The stage that --from names, by its name or number; 0 for an image. */
static size_t stage_of(const struct stages *stages, struct sw_draft *draft, struct sw_str name)
{
    uint64_t number = 0;
    if (sw_str_to_u64(name, &number))
        return number < stages->count ? (size_t)number + 1 : 0;
    return find_stage(stages, draft_copy(draft, name));
}

static void mark_source(struct stages *stages, size_t i)
{
    for (; i > 0; i = stages->items[i - 1].parent) {
        if (!stages->items[i - 1].is_chosen)
            stages->items[i - 1].is_source = true;
    }
}

/* Mark the stages whose files the instructions of a stage take. */
static void mark_sources(struct draft_reader *r, struct stages *stages, const struct sw_instructions *file,
                         size_t stage)
{
    size_t end = stage < stages->count ? stages->items[stage].from : file->count;
    for (size_t i = stages->items[stage - 1].from + 1; i < end; i++) {
        const struct sw_instruction *instruction = &file->items[i];
        struct sw_str text = instruction->text;
        bool takes = sw_instruction_is(instruction, "copy") || sw_instruction_is(instruction, "run");
        while (takes && sw_str_starts(text, "--")) {
            struct sw_str flag = sw_str_cut(&text, ' ');
            text = text.p == NULL ? (struct sw_str){"", 0} : sw_str_trim(text);
            size_t at = sw_str_find(flag, SW_STR("from="));
            struct sw_str name = sw_str_drop(flag, at == flag.n ? flag.n : at + strlen("from="));
            name = sw_str_cut(&name, ',');
            if (name.n > 0)
                mark_source(stages, stage_of(stages, r->draft, name));
        }
    }
}

static void choose_stages(struct draft_reader *r, struct stages *stages, const struct sw_instructions *file)
{
    size_t last = r->draft->target == NULL ? stages->count : find_stage(stages, r->draft->target);
    for (size_t i = last; i > 0; i = stages->items[i - 1].parent)
        stages->items[i - 1].is_chosen = true;
    for (size_t i = stages->count; i > 0; i--) {
        if (stages->items[i - 1].is_chosen || stages->items[i - 1].is_source)
            mark_sources(r, stages, file, i);
    }
    for (size_t i = 0; i < stages->count; i++) {
        const struct sw_instruction *from = &file->items[stages->items[i].from];
        if (!stages->items[i].is_chosen)
            draft_leave(r->draft, place_of(r, from), from->text, "%s",
                        stages->items[i].is_source ? "only what this stage installs is carried over; copy "
                                                     "other files from its image by a step"
                                                   : "the stage is not what the last one is built on");
    }
}

/* ---- the context ---- */

/* Count the sources of COPY that a folder has. */
static size_t count_sources(struct draft_reader *r, const struct sw_instructions *file, const char *folder)
{
    size_t found = 0;
    for (size_t i = 0; i < file->count; i++) {
        struct sw_str text = file->items[i].text;
        size_t count = 0;
        bool is_copy =
            sw_instruction_is(&file->items[i], "copy") || sw_instruction_is(&file->items[i], "add");
        if (!is_copy || sw_str_find(text, SW_STR("--from=")) < text.n)
            continue;
        while (sw_str_starts(text, "--")) {
            (void)sw_str_cut(&text, ' ');
            text = text.p == NULL ? (struct sw_str){"", 0} : sw_str_trim(text);
        }
        const char **words = words_of(r, text, &count);
        for (size_t k = 0; words != NULL && k + 1 < count; k++) {
            bool tells = strcmp(words[k], ".") != 0 && strcmp(words[k], "./") != 0 && words[k][0] != '<';
            const char *path = tells ? sw_path_join(&r->draft->arena, folder, words[k]) : NULL;
            found += path != NULL && draft_exists(r->draft, path);
        }
    }
    return found;
}

/* The folder that the COPY sources lie in: the file's own, or the one above it, within the project, that has more of
 * them. */
static void find_context(struct draft_reader *r, const struct sw_instructions *file)
{
    struct sw_draft *draft = r->draft;
    const char *best = sw_path_dir(&draft->arena, r->file);
    if (draft->context != NULL || best == NULL) {
        r->folder = draft->context;
        return;
    }
    size_t most = count_sources(r, file, best);
    const char *at = best;
    for (size_t i = 0; i < SW_MAX_DRAFT_DEPTH; i++) {
        at = strcmp(at, ".") == 0 || sw_str_ends(sw_str_from(at), "..")
                 ? sw_path_join(&draft->arena, "..", at)
                 : sw_path_dir(&draft->arena, at);
        if (at == NULL || strcmp(at, "/") == 0 || !draft_exists(draft, at))
            break;
        size_t found = count_sources(r, file, at);
        best = found > most ? at : best;
        most = found > most ? found : most;
    }
    draft->context = r->folder = best;
}

/* ---- the file ---- */

static int read_file_text(struct sw_buffer *text, struct sw_draft *draft, const char *path,
                          struct sw_error *error)
{
    int code = sw_permissions_read(text, draft->permissions, path, error);
    if (code != 0)
        return code;
    if (!sw_utf8_valid(sw_buffer_str(text)) || memchr(text->p, '\0', text->n) != NULL)
        return sw_fail_at(error, SW_EINPUT, path, 1, 1, "no text in UTF-8: this is no Dockerfile");
    return 0;
}

static int check_stages(const struct stages *stages, const struct sw_draft *draft, const char *path,
                        struct sw_error *error)
{
    if (stages->count == 0) {
        (void)sw_fail_at(error, SW_EINPUT, path, 1, 1, "no FROM: this is no Dockerfile");
        return sw_error_hint(error, "a requirements file ends in .txt or .in, a Truss config in .yaml");
    }
    if (draft->target != NULL && find_stage(stages, draft->target) == 0)
        return sw_fail_at(error, SW_EINPUT, path, 1, 1, "no stage '%s'", draft->target);
    return 0;
}

/* Begin a stage with the state of the stage that it is built on, or with its image. */
static void begin_stage(struct draft_reader *r, const struct stages *stages, const struct stage *stage,
                        struct draft_place place)
{
    static const struct stage fresh = {.workdir = "/"};
    const struct stage *parent = stage->parent == 0 ? &fresh : &stages->items[stage->parent - 1];
    /* The variables are copied, since several stages may be built on the parent. */
    r->variables = (struct sw_shell_variables){0};
    for (size_t i = 0; i < parent->variables.count; i++)
        set_variable(r, parent->variables.items[i].name, parent->variables.items[i].value);
    r->workdir = parent->workdir == NULL ? "/" : parent->workdir;
    r->index = parent->index;
    r->arguments.count = 0;
    r->is_source = !stage->is_chosen;
    if (stage->parent == 0 && stage->is_chosen)
        draft_base(r->draft, stage->base, place);
}

static void end_stage(const struct draft_reader *r, struct stage *stage)
{
    stage->variables = r->variables;
    stage->workdir = r->workdir;
    stage->index = r->index;
}

static void read_stages(struct draft_reader *r, struct stages *stages, const struct sw_instructions *file,
                        const struct sw_shell_variables *globals)
{
    for (size_t s = 0; s < stages->count; s++) {
        struct stage *stage = &stages->items[s];
        size_t end = s + 1 < stages->count ? stages->items[s + 1].from : file->count;
        if (!stage->is_chosen && !stage->is_source)
            continue;
        begin_stage(r, stages, stage, place_of(r, &file->items[stage->from]));
        for (size_t i = stage->from + 1; i < end; i++)
            read_instruction(r, &file->items[i], globals);
        end_stage(r, stage);
    }
}

int draft_read_dockerfile(struct sw_draft *draft, const char *path, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_DOCKERFILE_SIZE);
    int code = read_file_text(&text, draft, path, error);
    if (code != 0)
        return code;
    SW_INSTRUCTIONS_AUTO file;
    sw_instructions_init(&file, sw_buffer_str(&text));
    struct draft_reader r = {.draft = draft, .file = path, .workdir = "/"};
    struct stages stages = {0};
    for (size_t i = 0; i < file.count; i++) {
        if (sw_instruction_is(&file.items[i], "from"))
            add_stage(&r, &stages, &file.items[i], i);
        else if (sw_instruction_is(&file.items[i], "arg") && stages.count == 0)
            read_arg(&r, &file.items[i], NULL);
    }
    find_context(&r, &file);
    draft->failed = draft->failed || r.folder == NULL;
    code = draft_check(draft, error);
    if (code == 0)
        code = check_stages(&stages, draft, path, error);
    if (code != 0)
        return code;
    const struct sw_shell_variables globals = r.variables;
    choose_stages(&r, &stages, &file);
    read_stages(&r, &stages, &file, &globals);
    if (!draft->judged)
        read_command(&r);
    return draft_check(draft, error);
}
