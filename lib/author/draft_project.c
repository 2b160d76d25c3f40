/* pyproject.toml with the tables of Poetry and uv; Pipfile; and the commands that install a project. */
#include "author/draft_internal.h"
#include "base/file.h"
#include "base/limits.h"
#include "data/path.h"
#include "dockerfile/instructions.h"
#include "profile/values.h"
#include "python/name.h"

/* ---- Poetry and Pipenv ---- */

/* "^1.2.3" as ">=1.2.3,<2", "~1.2" as ">=1.2,<1.3", "*" as nothing; all else as it is (python-poetry.org, "Dependency
 * specification"). */
static const char *specifier_of(struct sw_draft *draft, struct sw_str text)
{
    text = sw_str_trim(text);
    if (sw_str_is(text, "*") || text.n == 0)
        return "";
    bool caret = text.p[0] == '^', tilde = text.p[0] == '~' && !sw_str_starts(text, "~=");
    struct sw_str number = sw_str_trim(sw_str_drop(text, caret || tilde));
    if (!caret && !tilde)
        return draft_format(draft, "%s%.*s", sw_is_digit((unsigned char)text.p[0]) ? "==" : "",
                            SW_STR_FORMAT(text));
    unsigned long parts[3] = {0};
    size_t count = 0, fixed = 0;
    for (struct sw_str rest = number; rest.p != NULL && count < 3;) {
        uint64_t value = 0;
        if (!sw_str_to_u64(sw_str_cut(&rest, '.'), &value) || value > 1000000)
            break;
        parts[count++] = (unsigned long)value;
    }
    while (caret && fixed + 1 < count && parts[fixed] == 0)
        fixed++;
    fixed = tilde ? (count > 1 ? 1 : 0) : fixed;
    parts[fixed]++;
    return fixed == 0   ? draft_format(draft, ">=%.*s,<%lu", SW_STR_FORMAT(number), parts[0])
           : fixed == 1 ? draft_format(draft, ">=%.*s,<%lu.%lu", SW_STR_FORMAT(number), parts[0], parts[1])
                        : draft_format(draft, ">=%.*s,<%lu.%lu.%lu", SW_STR_FORMAT(number), parts[0],
                                       parts[1], parts[2]);
}

/* The URL of a named source: `sources` is a list of tables with name and url. */
static const char *source_url(const struct sw_node *sources, const char *name)
{
    for (size_t i = 0; name != NULL && i < sw_node_count(sources); i++) {
        const struct sw_node *row = sw_node_item(sources, i);
        if (sw_str_is(sw_node_str(sw_node_get(row, "name")), name))
            return sw_node_text(sw_node_get(row, "url"), NULL);
    }
    return NULL;
}

static const char *extras_of(struct sw_draft *draft, const struct sw_node *list)
{
    const char *text = "";
    for (size_t i = 0; i < sw_node_count(list); i++)
        text =
            draft_format(draft, "%s%s%s", text, i == 0 ? "[" : ",", sw_node_text(sw_node_item(list, i), ""));
    return sw_node_count(list) == 0 ? "" : draft_format(draft, "%s]", text);
}

/* NAME = "^1.0" or NAME = {version = "^1.0", extras = [...], markers = "...", source = "..."}. */
static void require_pair(struct sw_draft *draft, const struct sw_member *member,
                         const struct sw_node *sources)
{
    const struct sw_node *value = member->value;
    bool is_map = sw_node_type(value) == SW_NODE_MAP;
    struct draft_place place = {sw_node_file(value), member->line, 1};
    const struct sw_node *version = is_map ? sw_node_get(value, "version") : value;
    if (sw_str_is(member->key, "python")) {
        if (draft->python == NULL)
            draft_take_python(draft, sw_node_str(version), place);
        return;
    }
    if (sw_node_boolean(sw_node_get(value, "optional"), false))
        return;
    if (is_map && version == NULL && sw_node_get(value, "extras") == NULL) {
        draft_leave_unjudged(draft, place, member->key, "it comes from elsewhere than a package index");
        return;
    }
    const char *markers = sw_node_text(sw_node_get(value, "markers"), NULL);
    const char *index = sw_node_text(sw_node_get(value, "index"), NULL);
    index = source_url(sources, index == NULL ? sw_node_text(sw_node_get(value, "source"), NULL) : index);
    const char *text = draft_format(draft, "%.*s%s%s%s%s", SW_STR_FORMAT(member->key),
                                    extras_of(draft, sw_node_get(value, "extras")),
                                    specifier_of(draft, sw_node_str(version)), markers == NULL ? "" : " ; ",
                                    markers == NULL ? "" : markers);
    draft_require(draft, sw_str_from(text), index, place);
}

static void require_pairs(struct sw_draft *draft, const struct sw_node *map, const struct sw_node *sources)
{
    for (size_t i = 0; i < sw_node_member_count(map); i++)
        require_pair(draft, sw_node_member_at(map, i), sources);
}

/* The sources that uv builds among the packages that are installed, or with more requirements. */
static void read_isolation(struct sw_draft *draft, const struct sw_node *uv)
{
    const struct sw_node *names = sw_node_get(uv, "no-build-isolation-package");
    const struct sw_node *requirements = sw_node_get(uv, "extra-build-dependencies");
    if (sw_node_boolean(sw_node_get(uv, "no-build-isolation"), false))
        draft_unisolate(draft, NULL);
    for (size_t i = 0; i < sw_node_count(names); i++)
        draft_unisolate(draft, sw_node_text(sw_node_item(names, i), ""));
    for (size_t i = 0; i < sw_node_member_count(requirements); i++)
        draft_unisolate(draft, draft_copy(draft, sw_node_member_at(requirements, i)->key));
}

void draft_leave_own_code(struct sw_draft *draft, const struct sw_node *name)
{
    const struct draft_place place = draft_place_of(name);
    if (!draft->judged && name != NULL && strcmp(place.file, draft->source) == 0)
        draft_leave(draft, place, sw_node_str(name),
                    "the project's own code: copy it by 'context', and install it by a step such as "
                    "'pip install --no-deps FOLDER'");
}

/* Leave out the code of a project that is a package. */
static void leave_package(struct sw_draft *draft, const struct sw_node *root)
{
    const struct sw_node *name = sw_node_at(root, "project.name");
    if (sw_node_boolean(sw_node_at(root, "tool.uv.package"), true) &&
        sw_node_boolean(sw_node_at(root, "tool.poetry.package-mode"), true))
        draft_leave_own_code(draft, name == NULL ? sw_node_at(root, "tool.poetry.name") : name);
}

void draft_read_project(struct sw_draft *draft, const struct sw_node *root, const char *path)
{
    const struct sw_node *poetry = sw_node_at(root, "tool.poetry"), *uv = sw_node_at(root, "tool.uv");
    leave_package(draft, root);
    read_isolation(draft, uv);
    draft_read_standard(draft, root, path);
    require_pairs(draft, sw_node_get(poetry, "dependencies"), sw_node_get(poetry, "source"));
    const struct sw_node *groups = sw_node_get(poetry, "group");
    for (size_t i = 0; i < sw_node_member_count(groups); i++) {
        const struct sw_member *member = sw_node_member_at(groups, i);
        bool is_optional = sw_node_boolean(sw_node_get(member->value, "optional"), false);
        bool is_development = sw_str_is(member->key, "dev") || sw_str_is(member->key, "test");
        if ((!is_optional && !is_development) ||
            draft_is_asked(draft->groups, draft->group_count, member->key))
            require_pairs(draft, sw_node_get(member->value, "dependencies"), sw_node_get(poetry, "source"));
    }
    const struct sw_node *constraints = sw_node_get(uv, "constraint-dependencies");
    for (size_t i = 0; i < sw_node_count(constraints); i++)
        draft_constrain(draft, sw_node_str(sw_node_item(constraints, i)),
                        draft_place_of(sw_node_item(constraints, i)));
    const struct sw_node *overrides = sw_node_get(uv, "override-dependencies");
    for (size_t i = 0; i < sw_node_count(overrides); i++)
        draft_add(draft, DRAFT_OVERRIDES, sw_node_text(sw_node_item(overrides, i), ""),
                  draft_place_of(sw_node_item(overrides, i)));
}

void draft_read_pipfile(struct sw_draft *draft, const struct sw_node *root, const char *path)
{
    const struct sw_node *python = sw_node_at(root, "requires.python_version");
    (void)path;
    if (python != NULL)
        draft_take_python(draft, sw_node_str(python), draft_place_of(python));
    require_pairs(draft, sw_node_get(root, "packages"), sw_node_get(root, "source"));
}

/* ---- commands ---- */

/* The files of a project in the order that a command of its tool looks for them. */
static const struct tool {
    const char *program, *first; /* `poetry install` */
    const char *files[3];
} tools[] = {
    {"uv", "sync", {"uv.lock", "pyproject.toml", NULL}},
    {"poetry", "install", {"poetry.lock", "pyproject.toml", NULL}},
    {"poetry", "sync", {"poetry.lock", "pyproject.toml", NULL}},
    {"pdm", "install", {"pyproject.toml", NULL, NULL}},
    {"pdm", "sync", {"pyproject.toml", NULL, NULL}},
    {"pipenv", "install", {"Pipfile.lock", "Pipfile", NULL}},
    {"pipenv", "sync", {"Pipfile.lock", NULL, NULL}},
};

static const struct tool *find_tool(const struct sw_shell_command *command)
{
    const char *program = sw_path_base(command->words[0]);
    for (size_t i = 0; i < SW_COUNT(tools); i++) {
        if (command->count > 1 && strcmp(tools[i].program, program) == 0 &&
            strcmp(tools[i].first, command->words[1]) == 0)
            return &tools[i];
    }
    return NULL;
}

/* The value of an option, in either form, at word `at`; NULL for another word. */
static const char *option_value(const struct sw_shell_command *command, size_t at, const char *name)
{
    size_t n = strlen(name);
    const char *word = command->words[at];
    if (word == NULL || strncmp(word, name, n) != 0)
        return NULL;
    if (word[n] == '=')
        return word + n + 1;
    return word[n] == '\0' && at + 1 < command->count ? command->words[at + 1] : NULL;
}

static void add_names(struct sw_draft *draft, const char *list, void (*add)(struct sw_draft *, const char *))
{
    struct sw_str rest = sw_str_from(list);
    while (rest.p != NULL) {
        struct sw_str name = sw_str_trim(sw_str_cut(&rest, ','));
        if (name.n > 0)
            add(draft, draft_copy(draft, name));
    }
}

/* The extras and groups that the command's options name, and the folder of the project. */
static const char *read_options(struct draft_reader *r, const struct sw_shell_command *command)
{
    static const char *const extras[] = {"--extra", "--extras", "-E"},
                             *const groups[] = {"--group", "--with"},
                             *const folders[] = {"--project", "--directory", "-C"};
    const char *folder = r->workdir;
    if (r->unisolated)
        draft_unisolate(r->draft, NULL);
    for (size_t at = 2; at < command->count; at++) {
        for (size_t i = 0; i < SW_COUNT(extras); i++) {
            const char *value = option_value(command, at, extras[i]);
            if (value != NULL)
                add_names(r->draft, value, sw_draft_extra);
        }
        for (size_t i = 0; i < SW_COUNT(groups); i++) {
            const char *value = option_value(command, at, groups[i]);
            if (value != NULL)
                add_names(r->draft, value, sw_draft_group);
        }
        for (size_t i = 0; i < SW_COUNT(folders); i++) {
            const char *value = option_value(command, at, folders[i]);
            folder = value == NULL ? folder : draft_absolute(r, value);
        }
        const char *project = option_value(command, at, "--no-build-isolation-package");
        if (project != NULL)
            draft_unisolate(r->draft, project);
        if (strcmp(command->words[at], "--no-build-isolation") == 0)
            draft_unisolate(r->draft, NULL);
        if (strcmp(command->words[at], "--all-extras") == 0)
            sw_draft_extra(r->draft, "*");
        if (strcmp(command->words[at], "--all-groups") == 0)
            sw_draft_group(r->draft, "*");
    }
    return folder;
}

static bool read_tool(struct draft_reader *r, const struct sw_shell_command *command, const struct tool *tool,
                      struct draft_place place)
{
    struct sw_draft *draft = r->draft;
    const char *folder = read_options(r, command);
    if (!draft->judged && !r->is_source)
        draft_leave(draft, place, command->text, "it makes an environment of its own beside the profile's");
    for (size_t i = 0; i < SW_COUNT(tool->files) && tool->files[i] != NULL; i++) {
        const char *inner = sw_path_join(&draft->arena, folder, tool->files[i]);
        const char *file = inner == NULL ? NULL : draft_context_file(r, inner);
        if (file == NULL)
            continue;
        (void)draft_read_named(draft, file, place, command->text);
        return true;
    }
    draft_leave_unjudged(draft, place, command->text, "the context has no %s for it", tool->files[0]);
    return true;
}

/* `conda env create -f FILE`, and `conda install`, whose packages are not Python's. */
static bool read_conda(struct draft_reader *r, const struct sw_shell_command *command,
                       const struct draft_place *places)
{
    const char *program = sw_path_base(command->words[0]);
    bool is_conda =
        strcmp(program, "conda") == 0 || strcmp(program, "mamba") == 0 || strcmp(program, "micromamba") == 0;
    for (size_t at = 1; is_conda && at < command->count; at++) {
        const char *file = option_value(command, at, "-f");
        file = file == NULL ? option_value(command, at, "--file") : file;
        if (file != NULL) {
            const char *here = draft_context_file(r, draft_absolute(r, file));
            if (here == NULL)
                draft_leave_unjudged(r->draft, places[at], sw_str_from(file), "no COPY brings this file");
            else
                (void)draft_read_named(r->draft, here, places[at], sw_str_from(file));
            return r->draft->judged || r->is_source;
        }
    }
    for (size_t at = 1; is_conda && at < command->count; at++) {
        struct sw_str word = sw_str_from(command->words[at]);
        if (sw_str_starts(word, "python="))
            draft_take_python(r->draft, sw_str_drop(word, strlen("python=")), places[at]);
        if (sw_str_is(word, "install") || sw_str_is(word, "create") || sw_str_is(word, "update"))
            draft_leave_unjudged(r->draft, places[at], command->text, "packages of conda are not judged");
    }
    return is_conda && (r->draft->judged || r->is_source);
}

bool draft_project_command(struct draft_reader *r, const struct sw_shell_command *command,
                           const struct draft_place *places)
{
    const struct tool *tool = find_tool(command);
    if (tool != NULL) {
        bool taken = read_tool(r, command, tool, places[0]);
        return taken && (r->draft->judged || r->is_source);
    }
    bool is_uv = strcmp(sw_path_base(command->words[0]), "uv") == 0 && command->count > 2;
    if (is_uv && strcmp(command->words[1], "add") == 0)
        return draft_pip(r, command, 2, places);
    if (is_uv && strcmp(command->words[1], "venv") == 0) {
        for (size_t at = 2; at < command->count; at++) {
            const char *python = option_value(command, at, "--python");
            python = python == NULL ? option_value(command, at, "-p") : python;
            if (python != NULL)
                draft_take_python(r->draft, sw_str_from(python), places[at]);
        }
        return r->draft->judged || r->is_source;
    }
    if (is_uv && strcmp(command->words[1], "python") == 0 && command->count > 3)
        draft_take_python(r->draft, sw_str_from(command->words[3]), places[3]);
    return read_conda(r, command, places);
}
