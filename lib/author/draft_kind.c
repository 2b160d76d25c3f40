/* The kinds of files that a draft is made from, told by their names and, for YAML and TOML, by their keys. */
#include "author/draft_internal.h"
#include "base/file.h"
#include "base/limits.h"
#include "data/toml.h"
#include "data/yaml.h"
#include "dockerfile/instructions.h"

#include <sys/stat.h>

struct draft_place draft_place_of(const struct sw_node *node)
{
    return (struct draft_place){sw_node_file(node), sw_node_line(node), sw_node_column(node)};
}

/* A kind is told by the first row whose key the file's tree has. */
static const struct kind {
    const char *key;   /* a key of the top; NULL: any tree */
    const char *inner; /* a key below it, or NULL */
    draft_tree_reader *read;
} yaml_kinds[] =
    {
        {"predict", NULL, draft_read_cog},
        {"train", NULL, draft_read_cog},
        {"build", "python_packages", draft_read_cog},
        {"build", "python_requirements", draft_read_cog},
        {"build", "python_version", draft_read_cog},
        {"build", "gpu", draft_read_cog},
        {"build", "run", draft_read_cog},
        {"dependencies", NULL, draft_read_conda},
        {"requirements", NULL, draft_read_truss},
        {"requirements_file", NULL, draft_read_truss},
        {"model_name", NULL, draft_read_truss},
        {"model_metadata", NULL, draft_read_truss},
        {"python_version", NULL, draft_read_truss},
        {"resources", NULL, draft_read_truss},
        {"base_image", NULL, draft_read_truss},
        {"docker_server", NULL, draft_read_truss},
        {"trt_llm", NULL, draft_read_truss},
},
  toml_kinds[] = {
      {"lock-version", "packages", draft_read_pylock},
      {"packages", NULL, draft_read_pylock},
      {"metadata", "content-hash", draft_read_poetry_lock},
      {"metadata", "lock-version", draft_read_poetry_lock},
      {"package", NULL, draft_read_uv_lock},
      {"packages", NULL, draft_read_pipfile},
      {"project", NULL, draft_read_project},
      {"tool", NULL, draft_read_project},
      {"dependency-groups", NULL, draft_read_project},
      {"build-system", NULL, draft_read_project},
};

static draft_tree_reader *find_kind(const struct kind *kinds, size_t count, const struct sw_node *root)
{
    for (size_t i = 0; i < count; i++) {
        const struct sw_node *found = sw_node_get(root, kinds[i].key);
        if (found != NULL && (kinds[i].inner == NULL || sw_node_get(found, kinds[i].inner) != NULL))
            return kinds[i].read;
    }
    return NULL;
}

static int read_text(struct sw_str *out, struct sw_draft *draft, const char *path, size_t most,
                     struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, most);
    int code = sw_permissions_read(&text, draft->permissions, path, error);
    if (code != 0)
        return code;
    const char *copy = draft_copy(draft, sw_buffer_str(&text));
    *out = (struct sw_str){copy, text.n};
    return draft->failed ? sw_fail_memory(error) : 0;
}

int draft_refuse_unknown(const char *path, struct sw_error *error)
{
    (void)sw_fail_at(error, SW_EINPUT, path, 1, 1, "no kind of file that slipway reads");
    return sw_error_hint(
        error, "it reads a Dockerfile, requirements (.txt, .in), pyproject.toml, uv.lock, poetry.lock, "
               "pylock.toml, Pipfile, Pipfile.lock, cog.yaml, a Truss config.yaml, a conda "
               "environment.yml and a compose file");
}

static int read_yaml(struct sw_draft *draft, const char *path, struct sw_error *error)
{
    struct sw_str text = {0};
    const struct sw_node *root = NULL;
    int code = read_text(&text, draft, path, SW_MAX_YAML_SIZE, error);
    if (code == 0)
        code = sw_yaml_read_merged(&root, &draft->arena, text, path, error);
    if (code != 0)
        return code;
    if (sw_node_get(root, "slipway") != NULL) {
        (void)sw_fail_at(error, SW_EINPUT, path, 1, 1, "this is a profile already");
        return sw_error_hint(error, "build on it with 'extends'");
    }
    if (sw_node_get(root, "services") != NULL)
        return draft_read_compose(draft, root, path, error);
    draft_tree_reader *read = find_kind(yaml_kinds, SW_COUNT(yaml_kinds), root);
    if (read == NULL)
        return draft_refuse_unknown(path, error);
    read(draft, root, path);
    return 0;
}

static int read_toml(struct sw_draft *draft, const char *path, struct sw_error *error)
{
    struct sw_str text = {0};
    const struct sw_node *root = NULL;
    int code = read_text(&text, draft, path, SW_MAX_TOML_SIZE, error);
    if (code == 0)
        code = sw_toml_read(&root, &draft->arena, text, path, error);
    if (code != 0)
        return code;
    bool is_pipfile = strcmp(sw_path_base(path), "Pipfile") == 0;
    draft_tree_reader *read =
        is_pipfile ? draft_read_pipfile : find_kind(toml_kinds, SW_COUNT(toml_kinds), root);
    if (read == NULL)
        return draft_refuse_unknown(path, error);
    read(draft, root, path);
    return 0;
}

/* JSON is YAML, whose reader keeps the places. */
static int read_pipfile_lock(struct sw_draft *draft, const char *path, struct sw_error *error)
{
    struct sw_str text = {0};
    const struct sw_node *root = NULL;
    int code = read_text(&text, draft, path, SW_MAX_YAML_SIZE, error);
    if (code == 0)
        code = sw_yaml_read(&root, &draft->arena, text, path, error);
    if (code == 0)
        draft_read_pipfile_lock(draft, root, path);
    return code;
}

static int read_requirements(struct sw_draft *draft, const char *path, struct sw_error *error)
{
    return draft_read_requirements(draft, path, NULL, false, error);
}

typedef int file_reader(struct sw_draft *draft, const char *path, struct sw_error *error);

static const struct {
    const char *name; /* or, with a dot, its ending */
    file_reader *read;
    bool is_certain; /* no other files are called so */
} names[] = {
    {"Pipfile.lock", read_pipfile_lock, true},
    {"Pipfile", read_toml, true},
    {"pyproject.toml", read_toml, true},
    {"uv.lock", read_toml, true},
    {"poetry.lock", read_toml, true},
    {"pylock.toml", read_toml, true},
    {"cog.yaml", read_yaml, true},
    {"requirements.txt", read_requirements, true},
    {"environment.yml", read_yaml, true},
    {"environment.yaml", read_yaml, true},
    {"docker-compose.yml", read_yaml, true},
    {"docker-compose.yaml", read_yaml, true},
    {"compose.yml", read_yaml, true},
    {"compose.yaml", read_yaml, true},
    {".yaml", read_yaml, false},
    {".yml", read_yaml, false},
    {".toml", read_toml, false},
    {".lock", read_toml, false},
    {".txt", read_requirements, false},
    {".in", read_requirements, false},
};

/* The reader of a file by its name; the second of NAME.Dockerfile and Dockerfile.NAME is the name. */
static file_reader *reader_of(const char *path, bool *is_certain)
{
    struct sw_str base = sw_str_from(sw_path_base(path));
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        bool is_ending = names[i].name[0] == '.';
        if (is_ending ? sw_str_ends(base, names[i].name) : sw_str_is(base, names[i].name)) {
            *is_certain = names[i].is_certain;
            return names[i].read;
        }
    }
    *is_certain = sw_dockerfile_is_name(base);
    return draft_read_dockerfile;
}

bool sw_draft_knows_name(const char *path)
{
    bool is_certain;
    (void)reader_of(path, &is_certain);
    struct sw_str base = sw_str_from(sw_path_base(path));
    bool is_requirements = sw_str_starts(base, "requirements") && sw_str_ends(base, ".txt");
    bool is_pylock = sw_str_starts(base, "pylock.") && sw_str_ends(base, ".toml");
    return is_certain || is_requirements || is_pylock;
}

bool sw_draft_is_kind(const struct sw_node *root)
{
    return sw_node_get(root, "slipway") == NULL &&
           (sw_node_get(root, "services") != NULL ||
            find_kind(yaml_kinds, SW_COUNT(yaml_kinds), root) != NULL);
}

static int read_file(struct sw_draft *draft, const char *path, struct sw_error *error)
{
    bool is_certain;
    int code = reader_of(path, &is_certain)(draft, draft_copy(draft, sw_str_from(path)), error);
    return code != 0 ? code : draft_check(draft, error);
}

int sw_draft_read(struct sw_draft *draft, const struct sw_permissions *permissions, const char *path,
                  struct sw_error *error)
{
    draft->permissions = permissions;
    if (draft->source == NULL)
        draft->source = draft_copy(draft, sw_str_from(path));
    return read_file(draft, path, error);
}

bool draft_exists(struct sw_draft *draft, const char *path)
{
    const char *real = NULL;
    struct stat status;
    return path != NULL &&
           sw_permissions_find(&real, &draft->arena, draft->permissions, path, SW_ACCESS_READ, NULL) == 0 &&
           stat(real, &status) == 0;
}

bool draft_read_named(struct sw_draft *draft, const char *path, struct draft_place place, struct sw_str text)
{
    struct sw_error error;
    if (draft->depth == SW_MAX_DRAFT_DEPTH || draft->files == SW_MAX_DRAFT_FILES) {
        draft_leave_unjudged(draft, place, text, "too many files name each other");
        return false;
    }
    draft->depth++;
    draft->files++;
    int code = path == NULL ? sw_fail_memory(&error) : read_file(draft, path, &error);
    draft->depth--;
    if (code != 0)
        draft_leave_unjudged(draft, place, text, "%s", error.text);
    return code == 0;
}
