/* The tools of `slipway mcp`: which command each is, and how its arguments become those of the command. */
#include "mcp.h"

#include "base/limits.h"

/* An agent may do as a file of the project tells it: the files that a call names are those that the profiles may have. */
enum value { VALUE_TEXT, VALUE_LIST, VALUE_FLAG, VALUE_FILE, VALUE_FILES };
enum place { PLACE_OPTION, PLACE_ARGUMENT, PLACE_INPUT };

struct parameter {
    const char *name;
    enum value value;
    enum place place;
    /* The option of the command, "--gpu"; NULL for an argument or the input. */
    const char *option;
    bool is_needed;
    const char *description;
};

struct mcp_tool {
    const char *name, *description;
    bool writes; /* it may change a file */
    const struct parameter *parameters;
    size_t count;
};

#define GPUS                                                                                    \
    {                                                                                           \
        "gpus", VALUE_LIST, PLACE_OPTION, "--gpu", false, "GPUs by name: rtx-4090, h100, sm_89" \
    }
#define PROFILE(needed)                                                                   \
    {                                                                                     \
        "profile", VALUE_FILE, PLACE_ARGUMENT, NULL, needed, "the profile's name or path" \
    }

static const struct parameter check_parameters[] = {
    {"targets", VALUE_FILES, PLACE_ARGUMENT, NULL, false,
     "files, folders or profiles: Dockerfile, requirements.txt, pyproject.toml, a lock, cog.yaml, '.'; "
     "without any, all profiles"},
    GPUS,
    {"driver", VALUE_TEXT, PLACE_OPTION, "--driver", false, "the oldest NVIDIA driver of the hosts: 550"},
    {"python", VALUE_TEXT, PLACE_OPTION, "--python", false, "the Python, if no file says it: 3.11"},
    {"build_args", VALUE_LIST, PLACE_OPTION, "--build-arg", false, "NAME=VALUE for a Dockerfile's ARG"},
    {"stage", VALUE_TEXT, PLACE_OPTION, "--target", false, "the stage of a Dockerfile"},
};
static const struct parameter explain_parameters[] = {
    {"log", VALUE_TEXT, PLACE_INPUT, NULL, true, "the text of the log"},
    {"profile", VALUE_FILE, PLACE_OPTION, "--profile", false,
     "the profile that was built, for places and fixes"},
};
static const struct parameter suggest_parameters[] = {
    GPUS,
    {"with", VALUE_LIST, PLACE_OPTION, "--with", false, "requirements (PEP 508) that the stack must have"},
};
static const struct parameter inspect_parameters[] = {
    {"subject", VALUE_FILE, PLACE_ARGUMENT, NULL, true,
     "a requirement, such as bitsandbytes==0.48.2, or the URL of a wheel"},
    {"python", VALUE_TEXT, PLACE_OPTION, "--python", false, "the target's Python: 3.11"},
    {"module", VALUE_TEXT, PLACE_OPTION, "--module", false,
     "a module of the wheel: what it defines and imports"},
    {"name", VALUE_TEXT, PLACE_OPTION, "--name", false, "a name: whether the module has it"},
};
static const struct parameter fix_parameters[] = {
    PROFILE(false),
    {"dry_run", VALUE_FLAG, PLACE_OPTION, "--dry-run", false,
     "show the edits and write nothing; true unless it is said to be false"},
};
static const struct parameter plan_parameters[] = {
    PROFILE(true),
    {"why", VALUE_TEXT, PLACE_OPTION, "--why", false, "a project of the lock: who requires it"},
};

static const struct mcp_tool tools[] = {
    {"check",
     "Find every fault of a GPU Python stack that can be known before a build: GPU code, driver, CUDA, "
     "wheels, links, imports, conflicts. Says what was judged and what was not.",
     false, check_parameters, SW_COUNT(check_parameters)},
    {"explain", "Name the error that a failed build or start hangs on, from its log.", false,
     explain_parameters, SW_COUNT(explain_parameters)},
    {"fix", "Apply the safe fixes of a profile's findings.", true, fix_parameters, SW_COUNT(fix_parameters)},
    {"inspect", "Tell what a wheel really contains: GPU code, libraries, requirements.", false,
     inspect_parameters, SW_COUNT(inspect_parameters)},
    {"plan", "Show the resolved plan of a profile.", false, plan_parameters, SW_COUNT(plan_parameters)},
    {"suggest", "Find the newest stack that fits the GPUs and requirements, as a profile.", false,
     suggest_parameters, SW_COUNT(suggest_parameters)},
};

static bool is_list(const struct parameter *parameter)
{
    return parameter->value == VALUE_LIST || parameter->value == VALUE_FILES;
}

static struct sw_node *schema_of(struct sw_builder *b, const struct parameter *parameter)
{
    static const char *const types[] = {[VALUE_TEXT] = "string",
                                        [VALUE_LIST] = "array",
                                        [VALUE_FLAG] = "boolean",
                                        [VALUE_FILE] = "string",
                                        [VALUE_FILES] = "array"};
    struct sw_node *schema = sw_build_map(b);
    sw_build_set(b, schema, "type", sw_build_text(b, types[parameter->value]));
    if (is_list(parameter)) {
        struct sw_node *items = sw_build_map(b);
        sw_build_set(b, items, "type", sw_build_text(b, "string"));
        sw_build_set(b, schema, "items", items);
    }
    sw_build_set(b, schema, "description", sw_build_text(b, parameter->description));
    return schema;
}

static struct sw_node *tool_json(struct sw_builder *b, const struct mcp_tool *tool)
{
    struct sw_node *json = sw_build_map(b), *schema = sw_build_map(b), *properties = sw_build_map(b),
                   *needed = sw_build_list(b), *hints = sw_build_map(b);
    for (size_t i = 0; i < tool->count; i++) {
        sw_build_set(b, properties, tool->parameters[i].name, schema_of(b, &tool->parameters[i]));
        if (tool->parameters[i].is_needed)
            sw_build_append(b, needed, sw_build_text(b, tool->parameters[i].name));
    }
    sw_build_set(b, schema, "type", sw_build_text(b, "object"));
    sw_build_set(b, schema, "properties", properties);
    sw_build_set(b, schema, "required", needed);
    sw_build_set(b, schema, "additionalProperties", sw_build_bool(b, false));
    sw_build_set(b, hints, "readOnlyHint", sw_build_bool(b, !tool->writes));
    sw_build_set(b, json, "name", sw_build_text(b, tool->name));
    sw_build_set(b, json, "description", sw_build_text(b, tool->description));
    sw_build_set(b, json, "inputSchema", schema);
    sw_build_set(b, json, "annotations", hints);
    return json;
}

struct sw_node *mcp_tools_json(struct sw_builder *b)
{
    struct sw_node *list = sw_build_list(b);
    for (size_t i = 0; i < SW_COUNT(tools); i++)
        sw_build_append(b, list, tool_json(b, &tools[i]));
    return list;
}

const struct mcp_tool *mcp_tool_find(struct sw_str name)
{
    for (size_t i = 0; i < SW_COUNT(tools); i++) {
        if (sw_str_is(name, tools[i].name))
            return &tools[i];
    }
    return NULL;
}

/* ---- a command line ---- */

enum { MOST_WORDS = 256 };

struct line {
    struct session *session;
    struct sw_arena *arena;
    const char *words[MOST_WORDS];
    size_t count;
    bool failed;
};

static void add(struct line *line, const char *word)
{
    if (word == NULL || line->count + 1 >= MOST_WORDS)
        line->failed = true;
    else
        line->words[line->count++] = word;
}

static int check_file(const struct line *line, const char *text, struct sw_error *error)
{
    const struct sw_project *project = &line->session->project;
    const char *path = sw_project_path(project, text), *real = NULL;
    return path == NULL
               ? sw_fail_memory(error)
               : sw_permissions_find(&real, line->arena, &project->permissions, path, SW_ACCESS_READ, error);
}

/* A text of the call is the value of an option or an argument, whatever it begins with. */
static int add_text(struct line *line, struct sw_str *input, const struct parameter *parameter,
                    const struct sw_node *value, struct sw_error *error)
{
    struct sw_str text = sw_node_str(value);
    if (sw_node_type(value) != SW_NODE_TEXT || (parameter->place != PLACE_INPUT && strlen(text.p) != text.n))
        return sw_fail(error, SW_EINPUT, "'%s' is no text", parameter->name);
    int code = parameter->value == VALUE_FILE || parameter->value == VALUE_FILES
                   ? check_file(line, text.p, error)
                   : 0;
    if (code != 0)
        return code;
    if (parameter->place == PLACE_INPUT)
        *input = text;
    else if (parameter->place == PLACE_OPTION)
        add(line, sw_arena_format(line->arena, "%s=%s", parameter->option, text.p));
    else
        add(line, text.p);
    return 0;
}

static int add_value(struct line *line, struct sw_str *input, const struct parameter *parameter,
                     const struct sw_node *value, struct sw_error *error)
{
    int code = 0;
    if (value == NULL && parameter->is_needed)
        return sw_fail(error, SW_EINPUT, "'%s' is missing", parameter->name);
    if (parameter->value == VALUE_FLAG) {
        if (value != NULL && sw_node_type(value) != SW_NODE_BOOL)
            return sw_fail(error, SW_EINPUT, "'%s' is neither true nor false", parameter->name);
        if (sw_node_boolean(value, true))
            add(line, parameter->option);
        return 0;
    }
    if (!is_list(parameter))
        return value == NULL ? 0 : add_text(line, input, parameter, value, error);
    if (value != NULL && sw_node_type(value) != SW_NODE_LIST)
        return sw_fail(error, SW_EINPUT, "'%s' is no list", parameter->name);
    for (size_t i = 0; code == 0 && i < sw_node_count(value); i++)
        code = add_text(line, input, parameter, sw_node_item(value, i), error);
    return code;
}

static int check_names(const struct mcp_tool *tool, const struct sw_node *arguments, struct sw_error *error)
{
    for (size_t i = 0; i < sw_node_member_count(arguments); i++) {
        struct sw_str name = sw_node_member_at(arguments, i)->key;
        bool is_known = false;
        for (size_t k = 0; k < tool->count; k++)
            is_known = is_known || sw_str_is(name, tool->parameters[k].name);
        if (!is_known)
            return sw_fail(error, SW_EINPUT, "'%s' has no argument '%.100s'", tool->name, name.p);
    }
    return 0;
}

static bool takes_allow(const struct mcp_tool *tool)
{
    for (size_t i = 0; i < option_rows_count; i++) {
        if (strcmp(option_rows[i].name, "allow") == 0)
            return option_is_for(&option_rows[i], tool->name);
    }
    return false;
}

static void begin(struct line *line, const struct session *session, const struct mcp_tool *tool)
{
    add(line, "/proc/self/exe");
    if (session->options.directory != NULL)
        add(line, sw_arena_format(line->arena, "--directory=%s", session->options.directory));
    if (session->options.offline)
        add(line, "--offline");
    for (size_t i = 0; takes_allow(tool) && i < session->options.allowed.count; i++)
        add(line, sw_arena_format(line->arena, "--allow=%s", session->options.allowed.items[i]));
    add(line, "--format=json");
    add(line, tool->name);
}

int mcp_tool_command(const char *const **argv, struct sw_str *input, struct session *session,
                     struct sw_arena *arena, const struct mcp_tool *tool, const struct sw_node *arguments,
                     struct sw_error *error)
{
    struct line line = {.session = session, .arena = arena};
    int code = check_names(tool, arguments, error);
    begin(&line, session, tool);
    for (int place = PLACE_OPTION; place <= PLACE_INPUT; place++) {
        if (place == PLACE_ARGUMENT)
            add(&line, "--");
        for (size_t i = 0; code == 0 && i < tool->count; i++) {
            const struct parameter *parameter = &tool->parameters[i];
            if ((int)parameter->place == place)
                code = add_value(&line, input, parameter, sw_node_get(arguments, parameter->name), error);
            if (code == 0 && place == PLACE_INPUT && parameter->place == PLACE_INPUT)
                add(&line, "-");
        }
    }
    if (code != 0)
        return code;
    const char **words = sw_arena_array(arena, line.count + 1, sizeof *words);
    if (words == NULL || line.failed)
        return sw_fail(error, SW_EINPUT, "too many arguments, or no memory");
    memcpy((void *)words, (void *)line.words, line.count * sizeof *words);
    *argv = words;
    return 0;
}
