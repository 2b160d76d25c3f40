/* A Dockerfile as a draft: its last stage, and the stages that the last stage is built on. */
#include "author/draft_internal.h"
#include "base/file.h"
#include "base/limits.h"
#include "dockerfile/instructions.h"

/* The stages by name, to find those that the last stage is built on. */
struct stage {
    const char *name, *base;
    size_t from; /* index of its FROM */
    /* Index + 1 of the stage that this stage is built on; 0 for an image. */
    size_t parent;
    /* True for the stage that the image is, and for it and the stages that it is built on. */
    bool is_last, is_chosen;
    /* True for a stage that a chosen stage copies files from, and the stages that it is built on. */
    bool is_source;
    /* The state at the end of the stage, with which the stages that are built on it begin. */
    struct sw_shell_variables variables;
    const char *workdir, *index;
    bool unisolated;
};

struct stages {
    struct stage *items;
    size_t count;
};

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
    if (stages->items == NULL || last == 0)
        return;
    stages->items[last - 1].is_last = true;
    for (size_t i = last; i > 0; i = stages->items[i - 1].parent)
        stages->items[i - 1].is_chosen = true;
    for (size_t i = stages->count; i > 0; i--) {
        if (stages->items[i - 1].is_chosen || stages->items[i - 1].is_source)
            mark_sources(r, stages, file, i);
    }
    for (size_t i = 0; i < stages->count; i++) {
        const struct sw_instruction *from = &file->items[stages->items[i].from];
        if (stages->items[i].is_source && !stages->items[i].is_chosen)
            draft_leave(
                r->draft, draft_instruction_place(r, from), from->text,
                "only what this stage installs is carried over; copy other files from its image by a step");
        else if (!stages->items[i].is_chosen)
            draft_mention(r->draft, draft_instruction_place(r, from), from->text,
                          "the stage is not what the last one is built on");
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
        const char **words = draft_words(r, text, &count);
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

static int check_text(struct sw_str text, const char *path, struct sw_error *error)
{
    if (sw_utf8_valid(text) && memchr(text.p, '\0', text.n) == NULL)
        return 0;
    if (!sw_draft_knows_name(path))
        return draft_refuse_unknown(path, error);
    return sw_fail_at(error, SW_EINPUT, path, 1, 1, "no text in UTF-8: this is no Dockerfile");
}

static int check_stages(const struct stages *stages, const struct sw_draft *draft, const char *path,
                        struct sw_error *error)
{
    if (stages->count == 0) {
        if (!sw_draft_knows_name(path))
            return draft_refuse_unknown(path, error);
        return sw_fail_at(error, SW_EINPUT, path, 1, 1, "no FROM: this is no Dockerfile");
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
    if (stage->parent == 0 && !r->draft->judged)
        draft_set_variable(r, "PATH", SW_DRAFT_PATH);
    for (size_t i = 0; i < parent->variables.count; i++)
        draft_set_variable(r, parent->variables.items[i].name, parent->variables.items[i].value);
    r->workdir = parent->workdir == NULL ? "/" : parent->workdir;
    r->index = parent->index;
    r->unisolated = parent->unisolated;
    r->arguments.count = 0;
    r->is_source = !stage->is_chosen;
    r->is_last = stage->is_last;
    if (stage->parent == 0 && stage->is_chosen)
        draft_base(r->draft, stage->base, place);
}

static void end_stage(const struct draft_reader *r, struct stage *stage)
{
    stage->variables = r->variables;
    stage->workdir = r->workdir;
    stage->index = r->index;
    stage->unisolated = r->unisolated;
}

/* The instruction that an ONBUILD holds back; NULL without memory. */
static const struct sw_instruction *held_back(struct sw_arena *arena, const struct sw_instruction *onbuild)
{
    struct sw_instruction *inner = sw_arena_alloc(arena, sizeof(*inner));
    struct sw_line_start *start = sw_arena_alloc(arena, sizeof(*start));
    if (inner == NULL || start == NULL)
        return NULL;
    *start = (struct sw_line_start){0, onbuild->line};
    *inner = *onbuild;
    inner->keyword = sw_str_cut(&inner->text, ' ');
    inner->text = inner->text.p == NULL ? (struct sw_str){"", 0} : sw_str_trim(inner->text);
    inner->starts = start;
    inner->start_count = 1;
    return inner;
}

/* Run the ONBUILD of the stage that a stage is built on, as an engine does first of all. */
static void read_triggers(struct draft_reader *r, const struct stages *stages, const struct stage *stage,
                          const struct sw_instructions *file, const struct sw_shell_variables *globals)
{
    size_t at = stage->parent == 0 ? file->count : stages->items[stage->parent - 1].from + 1;
    size_t end = stage->parent < stages->count ? stages->items[stage->parent].from : file->count;
    for (; at < end; at++) {
        if (!sw_instruction_is(&file->items[at], "onbuild"))
            continue;
        const struct sw_instruction *inner = held_back(&r->draft->arena, &file->items[at]);
        r->draft->failed = r->draft->failed || inner == NULL;
        if (inner != NULL && !sw_instruction_is(inner, "onbuild") && !sw_instruction_is(inner, "from"))
            draft_read_instruction(r, inner, globals);
    }
}

static void read_stages(struct draft_reader *r, struct stages *stages, const struct sw_instructions *file,
                        const struct sw_shell_variables *globals)
{
    for (size_t s = 0; s < stages->count; s++) {
        struct stage *stage = &stages->items[s];
        size_t end = s + 1 < stages->count ? stages->items[s + 1].from : file->count;
        if (!stage->is_chosen && !stage->is_source)
            continue;
        begin_stage(r, stages, stage, draft_instruction_place(r, &file->items[stage->from]));
        read_triggers(r, stages, stage, file, globals);
        for (size_t i = stage->from + 1; i < end; i++)
            draft_read_instruction(r, &file->items[i], globals);
        end_stage(r, stage);
    }
}

static int read_text(struct sw_draft *draft, const char *path, struct sw_str text, struct sw_error *error)
{
    int code = check_text(text, path, error);
    if (code != 0)
        return code;
    SW_INSTRUCTIONS_AUTO file;
    sw_instructions_init(&file, text);
    struct draft_reader r = {.draft = draft, .file = path, .workdir = "/"};
    struct stages stages = {0};
    for (size_t i = 0; i < file.count; i++) {
        if (sw_instruction_is(&file.items[i], "from"))
            add_stage(&r, &stages, &file.items[i], i);
        else if (sw_instruction_is(&file.items[i], "arg") && stages.count == 0)
            draft_read_arg(&r, &file.items[i], NULL);
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
    draft->dockerfile = draft_copy(draft, sw_str_from(path));
    if (!draft->judged)
        draft_compare_image(&r);
    return draft_check(draft, error);
}

int draft_read_dockerfile(struct sw_draft *draft, const char *path, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_DOCKERFILE_SIZE);
    int code = sw_permissions_read(&text, draft->permissions, path, error);
    return code == 0 ? read_text(draft, path, sw_buffer_str(&text), error) : code;
}

int sw_draft_read_dockerfile(struct sw_draft *draft, const struct sw_permissions *permissions,
                             const char *path, struct sw_str text, struct sw_error *error)
{
    draft->permissions = permissions;
    draft->source = draft_copy(draft, sw_str_from(path));
    return read_text(draft, draft->source, text, error);
}
