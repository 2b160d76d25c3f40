#include "found.h"

#include "chosen_gpus.h"
#include "drafting.h"
#include "inspect_image.h"

#include "author/compose.h"
#include "author/draft.h"
#include "base/file.h"
#include "base/limits.h"
#include "data/yaml.h"
#include "project/grants.h"
#include "project/settled_base.h"
#include "python/name.h"

#include <dirent.h>
#include <sys/stat.h>

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* The tree of a YAML file; NULL if it cannot be read. */
static const struct sw_node *read_tree(struct session *session, const char *path)
{
    SW_BUFFER_AUTO text;
    const struct sw_node *root = NULL;
    bool is_yaml = sw_str_ends(sw_str_from(path), ".yaml") || sw_str_ends(sw_str_from(path), ".yml");
    sw_buffer_init(&text, SW_MAX_YAML_SIZE);
    if (!is_yaml || sw_permissions_read(&text, &session->project.permissions, path, NULL) != 0 ||
        sw_yaml_read_merged(&root, &session->arena, sw_buffer_str(&text), path, NULL) != 0)
        return NULL;
    return root;
}

static bool is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* Return true if a line of the file begins with the key that every profile has. */
static bool is_profile(struct session *session, const char *path)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_YAML_SIZE);
    if (sw_permissions_read(&text, &session->project.permissions, path, NULL) != 0)
        return false;
    struct sw_str rest = sw_buffer_str(&text);
    while (rest.p != NULL) {
        if (sw_str_starts(sw_str_cut(&rest, '\n'), "slipway:"))
            return true;
    }
    return false;
}

/* The image of "image:REFERENCE"; NULL for all else. */
static const char *image_of(const char *argument)
{
    return strncmp(argument, "image:", strlen("image:")) == 0 ? argument + strlen("image:") : NULL;
}

bool found_is(struct session *session, const char *argument)
{
    if (image_of(argument) != NULL)
        return true;
    const char *path = sw_project_path(&session->project, argument);
    if (path == NULL)
        return false;
    if (is_folder(path))
        return strcmp(argument, ".") == 0 || strchr(argument, '/') != NULL;
    struct sw_error ignored;
    bool is_yaml = sw_str_ends(sw_str_from(path), ".yaml") || sw_str_ends(sw_str_from(path), ".yml");
    if (!is_file(path) || sw_grants_add_file(&session->project, path, &ignored) != 0)
        return false;
    if (sw_draft_knows_name(path))
        return true;
    if (!is_yaml) /* a word may be the name of a profile */
        return strpbrk(argument, "/.") != NULL;
    return !is_profile(session, path) &&
           (found_is_asked(session) || sw_draft_is_kind(read_tree(session, path)));
}

bool found_is_source(struct session *session, const char *path)
{
    bool is_yaml = sw_str_ends(sw_str_from(path), ".yaml") || sw_str_ends(sw_str_from(path), ".yml");
    return is_file(path) && (sw_draft_knows_name(path) || (is_yaml && is_profile(session, path)));
}

bool found_is_asked(const struct session *session)
{
    const struct options *options = &session->options;
    return options->gpu_names.count > 0 || options->driver != NULL || options->context != NULL ||
           options->stage != NULL || options->build_args.count > 0 || options->python != NULL;
}

/* ---- a file ---- */

/* The receiver of the prepared stacks. */
struct receiver {
    struct session *session;
    const struct sw_catalog *catalog;
    struct sw_findings *findings;
    found_take *take;
    void *self;
};

/* Give the draft the options, and have it judged. */
static int begin_draft(struct sw_draft *draft, const struct receiver *to, struct sw_error *error)
{
    struct sw_texts gpus = {0};
    const struct options *options = &to->session->options;
    int code = chosen_gpus(&gpus, to->session, to->catalog, &options->gpu_names, error);
    sw_draft_judge(draft);
    return code == 0 ? drafting_apply(draft, options, &gpus, error) : code;
}

/* Make the draft of a file, or of the named service of a compose file. */
static int read_draft(struct sw_draft *draft, const struct receiver *to, const char *path,
                      const char *service, struct sw_error *error)
{
    int code = begin_draft(draft, to, error);
    if (service != NULL)
        sw_draft_service(draft, service);
    if (code == 0)
        code = sw_grants_add_file(&to->session->project, path, error);
    return code == 0 ? sw_draft_read(draft, &to->session->project.permissions, path, error) : code;
}

/* Prepare the stack of a draft that was read with this code, and give it to the receiver. */
static void prepare_draft(const struct receiver *to, struct sw_draft *draft, int code, struct sw_error *error)
{
    SW_PREPARED_AUTO prepared = {0};
    if (code == 0)
        code = sw_draft_profile(&prepared.profile, draft, to->findings, error);
    if (code == 0)
        code = sw_plan_resolve(&prepared.plan, &prepared.profile, to->catalog, to->findings, error);
    if (code == 0)
        code = sw_prepared_settle_base(&prepared, &to->session->project, to->catalog, to->findings, error);
    to->take(to->self, &prepared, code, error);
    sw_draft_free(draft);
}

static void prepare_file(const struct receiver *to, const char *path, const char *service)
{
    struct sw_error error;
    struct sw_draft *draft = sw_draft_new(path, to->catalog, &to->session->cancel);
    int code = draft == NULL ? sw_fail_memory(&error) : read_draft(draft, to, path, service, &error);
    prepare_draft(to, draft, code, &error);
}

/* Take the packages of an image's archive into the draft. */
static int read_packages(struct sw_draft *draft, const struct receiver *to, const char *image,
                         struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_CONTENTS_MEMORY);
    struct sw_contents contents = {.layers = NULL};
    const struct sw_device_targets none = {.count = 0};
    int code = inspect_image_read(&contents, &arena, to->session, image, &none, error);
    struct sw_draft_package *packages =
        code == 0 ? sw_arena_array(&arena, contents.project_count + 1, sizeof *packages) : NULL;
    if (code == 0 && packages == NULL)
        code = sw_fail_memory(error);
    for (size_t i = 0; code == 0 && i < contents.project_count; i++) {
        const struct sw_contents_project *project = &contents.projects[i];
        const char *name = sw_name_normalized(&arena, sw_str_from(project->name));
        packages[i] = (struct sw_draft_package){name, project->version, project->path};
        code = name == NULL ? sw_fail_memory(error) : 0;
    }
    return code == 0 ? sw_draft_read_installed(draft, image, packages, contents.project_count, error) : code;
}

static void prepare_image(const struct receiver *to, const char *argument)
{
    struct sw_error error;
    struct sw_draft *draft = sw_draft_new(argument, to->catalog, &to->session->cancel);
    int code = draft == NULL ? sw_fail_memory(&error) : begin_draft(draft, to, &error);
    if (code == 0)
        code = read_packages(draft, to, image_of(argument), &error);
    prepare_draft(to, draft, code, &error);
}

/* Say of the services behind the last service that is judged that nothing of them is. */
static void leave_services(const struct receiver *to, const char *path,
                           const struct sw_compose_service *first)
{
    struct sw_finding *finding =
        sw_findings_add(to->findings, "SW403", SW_WARNING,
                        "not judged: service '%.*s' and all behind it: the file builds more than %u images",
                        SW_STR_FORMAT(first->name), SW_MAX_COMPOSE_IMAGES);
    sw_finding_place(to->findings, finding, path, first->line, 1);
    sw_finding_hint(to->findings, finding, "name the Dockerfiles of the others");
}

static void prepare_services(const struct receiver *to, const char *path, const struct sw_compose *compose)
{
    struct session *session = to->session;
    unsigned done = 0;
    for (size_t i = 0; i < compose->count && !sw_cancel_requested(&session->cancel); i++) {
        const struct sw_compose_service *service = &compose->services[i];
        if (service->dockerfile == NULL)
            continue;
        if (done++ == SW_MAX_COMPOSE_IMAGES) {
            leave_services(to, path, service);
            return;
        }
        const char *name = sw_arena_copy(&session->arena, service->name);
        if (name != NULL)
            prepare_file(to, path, name);
    }
}

/* A compose file builds several images, each of which is judged. */
static void prepare_path(const struct receiver *to, const char *path)
{
    struct session *session = to->session;
    struct sw_compose compose = {0};
    const struct sw_node *root = read_tree(session, path);
    size_t builds = 0;
    bool is_compose =
        sw_node_get(root, "services") != NULL &&
        sw_compose_read(&compose, &session->arena, &session->project.permissions, root, path, NULL) == 0;
    for (size_t i = 0; is_compose && i < compose.count; i++)
        builds += compose.services[i].dockerfile != NULL;
    if (builds < 2)
        prepare_file(to, path, NULL);
    else
        prepare_services(to, path, &compose);
}

/* ---- a folder ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A lock says more than the file that it was made from. */
static bool is_locked(struct session *session, const char *folder, const char *name)
{
    static const char *const locks[] = {"uv.lock", "poetry.lock", "Pipfile.lock"};
    bool has_lock = strcmp(name, "pyproject.toml") == 0 || strcmp(name, "Pipfile") == 0;
    for (size_t i = 0; has_lock && i < SW_COUNT(locks); i++) {
        const char *path = sw_path_join(&session->arena, folder, locks[i]);
        if (path != NULL && is_file(path))
            return true;
    }
    return false;
}

static int list_folder(struct sw_texts *paths, struct session *session, const char *folder,
                       struct sw_error *error)
{
    DIR *entries = opendir(folder);
    int code = 0;
    if (entries == NULL)
        return sw_fail_errno(error, SW_EINPUT, "cannot read '%s'", folder);
    for (struct dirent *entry = readdir(entries); code == 0 && entry != NULL; entry = readdir(entries)) {
        const char *path = sw_path_join(&session->arena, folder, entry->d_name);
        if (path == NULL) {
            code = sw_fail_memory(error);
            continue;
        }
        bool is_config = strcmp(entry->d_name, "config.yaml") == 0 && !is_profile(session, path) &&
                         sw_draft_is_kind(read_tree(session, path));
        if (!is_file(path) || (!sw_draft_knows_name(path) && !is_config) ||
            is_locked(session, folder, entry->d_name))
            continue;
        const char **items =
            sw_arena_grow(&session->arena, (void *)paths->items, paths->count, sizeof(*items));
        if (items == NULL) {
            code = sw_fail_memory(error);
            continue;
        }
        paths->items = items;
        items[paths->count++] = path;
    }
    (void)closedir(entries);
    if (paths->count > 1)
        qsort((void *)paths->items, paths->count, sizeof(*paths->items), by_name);
    return code;
}

static void prepare_folder(const struct receiver *to, const char *folder)
{
    struct session *session = to->session;
    struct sw_texts paths = {0};
    struct sw_error error;
    int code = sw_grants_add_file(&session->project, folder, &error);
    if (code == 0)
        code = list_folder(&paths, session, folder, &error);
    if (code == 0 && paths.count == 0) {
        code = sw_fail(&error, SW_EINPUT, "nothing in '%s' that slipway reads", folder);
        (void)sw_error_hint(&error,
                            "it reads a Dockerfile, requirements*.txt, pyproject.toml, locks, cog.yaml, a "
                            "Truss config.yaml, environment.yml and compose files");
    }
    if (code != 0)
        (void)sw_findings_add_error(to->findings, NULL, &error);
    for (size_t i = 0; code == 0 && i < paths.count && !sw_cancel_requested(&session->cancel); i++)
        prepare_path(to, paths.items[i]);
}

void found_prepare(struct session *session, const char *argument, const struct sw_catalog *catalog,
                   struct sw_findings *findings, found_take *take, void *self)
{
    const struct receiver to = {session, catalog, findings, take, self};
    if (image_of(argument) != NULL) {
        prepare_image(&to, argument);
        return;
    }
    const char *path = sw_project_path(&session->project, argument);
    struct sw_error error;
    if (path == NULL) {
        (void)sw_fail_memory(&error);
        (void)sw_findings_add_error(findings, NULL, &error);
    } else if (is_folder(path)) {
        prepare_folder(&to, path);
    } else {
        prepare_path(&to, path);
    }
}
