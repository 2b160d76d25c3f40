/* The builds of a compose file (compose-spec, "Compose Build Specification"). */
#include "author/compose.h"
#include "author/draft_internal.h"
#include "base/beneath.h"
#include "base/file.h"
#include "base/limits.h"
#include "data/yaml.h"

/* Another compose file that was asked for: its tree, NULL if it cannot be read, and its folder. */
struct other {
    const char *path, *folder;
    const struct sw_node *root;
};

/* A service on its way, with the services that it extends. */
struct reading {
    struct sw_arena *arena;
    const struct sw_permissions *permissions;
    struct sw_compose_service *service;
    struct other *others; /* each is read once */
    size_t other_count;
    bool failed; /* without memory */
};

static bool is_url(const char *text)
{
    return strstr(text, "://") != NULL || strncmp(text, "git@", 4) == 0;
}

/* A text with its variables, of which the defaults alone are known (compose-spec, "Interpolation"). */
static const char *value_of(struct reading *r, const struct sw_node *node, const char *missing)
{
    static const struct sw_shell_variables none = {0};
    const char *text = sw_node_text(node, missing);
    size_t count = 0;
    if (text == NULL || strchr(text, '$') == NULL)
        return text;
    const char **words = sw_shell_words(&count, r->arena, sw_str_from(text), &none);
    if (words == NULL) {
        r->failed = true;
        return text;
    }
    return count == 1 ? words[0] : count == 0 ? "" : text;
}

/* Set an argument: that of the service stands before that of a service which it extends. */
static void add_argument(struct reading *r, struct sw_str name, const char *value)
{
    struct sw_compose_service *service = r->service;
    for (size_t i = 0; i < service->argument_count; i++) {
        struct sw_str rest = sw_str_from(service->arguments[i]);
        if (sw_str_equal(sw_str_cut(&rest, '='), name))
            return;
    }
    const char **grown =
        sw_arena_grow(r->arena, (void *)service->arguments, service->argument_count, sizeof(*grown));
    const char *text = sw_arena_format(r->arena, "%.*s=%s", SW_STR_FORMAT(name), value);
    r->failed = r->failed || grown == NULL || text == NULL;
    if (r->failed)
        return;
    service->arguments = grown;
    grown[service->argument_count++] = text;
}

/* `args` is a map, or a list of NAME=VALUE; a name alone takes its value from the caller's environment. */
static void read_arguments(struct reading *r, const struct sw_node *args)
{
    for (size_t i = 0; i < sw_node_member_count(args); i++) {
        const struct sw_member *member = sw_node_member_at(args, i);
        const char *value = value_of(r, member->value, NULL);
        if (value != NULL)
            add_argument(r, member->key, value);
    }
    for (size_t i = 0; i < sw_node_count(args); i++) {
        const char *text = value_of(r, sw_node_item(args, i), "");
        struct sw_str value = sw_str_from(text), name = sw_str_cut(&value, '=');
        if (value.p != NULL)
            add_argument(r, name, value.p);
    }
}

/* The path without "FOLDER/..", if it leads to the same file. */
static const char *tidy(struct reading *r, const char *path)
{
    const char *clean = path == NULL ? NULL : sw_path_clean(r->arena, sw_str_from(path));
    const char *one = clean == NULL ? NULL : sw_path_real(r->arena, clean),
               *other = sw_path_real(r->arena, path);
    r->failed = r->failed || path == NULL || clean == NULL;
    return one != NULL && other != NULL && strcmp(one, other) == 0 ? clean : path;
}

/* Read the build of a service; its folder is known from the service that names a context first. */
static void read_build(struct reading *r, const struct sw_node *build, const char *folder)
{
    struct sw_compose_service *service = r->service;
    const struct sw_node *context =
        sw_node_type(build) == SW_NODE_MAP ? sw_node_get(build, "context") : build;
    const char *file = value_of(r, sw_node_get(build, "dockerfile"), NULL);
    const char *target = value_of(r, sw_node_get(build, "target"), NULL);
    const char *named = value_of(r, context, NULL);
    if (sw_node_get(build, "dockerfile_inline") != NULL)
        service->unread = "its Dockerfile stands in the compose file";
    else if (named != NULL && is_url(named))
        service->unread = "its context comes from elsewhere";
    if (service->context == NULL && named != NULL)
        service->context = tidy(r, sw_path_join(r->arena, folder, named));
    service->dockerfile = service->dockerfile == NULL ? file : service->dockerfile;
    service->target = service->target == NULL ? target : service->target;
    read_arguments(r, sw_node_get(build, "args"));
}

static const struct sw_node *read_tree(struct reading *r, const char *path)
{
    SW_BUFFER_AUTO text;
    const struct sw_node *root = NULL;
    sw_buffer_init(&text, SW_MAX_YAML_SIZE);
    if (sw_permissions_read(&text, r->permissions, path, NULL) != 0 ||
        sw_yaml_read_merged(&root, r->arena, sw_buffer_str(&text), path, NULL) != 0)
        return NULL;
    return root;
}

/* Another compose file, of at most SW_MAX_COMPOSE_FILES; NULL if it cannot be read. */
static const struct other *read_other(struct reading *r, const char *folder, const char *name)
{
    const char *path = tidy(r, sw_path_join(r->arena, folder, name));
    for (size_t i = 0; path != NULL && i < r->other_count; i++) {
        if (strcmp(r->others[i].path, path) == 0)
            return r->others[i].root == NULL ? NULL : &r->others[i];
    }
    if (path == NULL || r->other_count == SW_MAX_COMPOSE_FILES)
        return NULL;
    struct other *grown = sw_arena_grow(r->arena, r->others, r->other_count, sizeof *grown);
    const struct other other = {path, sw_path_dir(r->arena, path), read_tree(r, path)};
    r->failed = r->failed || grown == NULL || other.folder == NULL;
    if (r->failed)
        return NULL;
    r->others = grown;
    grown[r->other_count++] = other;
    return other.root == NULL ? NULL : &grown[r->other_count - 1];
}

/* Go to the file that `extends` names, if it names a file: from then on, services and paths are those of that file. */
static void follow_file(struct reading *r, const struct sw_node **root, const char **folder,
                        const struct sw_node *extends)
{
    const char *name = value_of(r, sw_node_get(extends, "file"), NULL);
    if (name == NULL)
        return;
    const struct other *other = read_other(r, *folder, name);
    *root = other == NULL ? NULL : other->root;
    *folder = other == NULL ? *folder : other->folder;
}

/* Read a service and the services that it extends: `extends: NAME`, or `extends: {service, file}`. */
static void read_service(struct reading *r, const struct sw_node *root, const struct sw_node *node,
                         const char *folder)
{
    struct sw_compose_service *service = r->service;
    bool builds = false;
    for (unsigned depth = 0; node != NULL && service->unread == NULL && !r->failed; depth++) {
        const struct sw_node *build = sw_node_get(node, "build"), *extends = sw_node_get(node, "extends");
        builds = builds || build != NULL;
        sw_compose_gpus(service, r->arena, node);
        if (build != NULL)
            read_build(r, build, folder);
        service->image = service->image == NULL ? sw_node_get(node, "image") : service->image;
        const char *name = sw_node_text(sw_node_get(extends, "service"), sw_node_text(extends, NULL));
        if (name == NULL)
            break;
        follow_file(r, &root, &folder, extends);
        node = sw_node_get(sw_node_get(root, "services"), name);
        if (node == NULL || depth == SW_MAX_DRAFT_DEPTH)
            service->unread = "the service that it extends cannot be read";
    }
    if (!builds || service->unread != NULL) {
        service->dockerfile = NULL;
        return;
    }
    service->context = service->context == NULL ? folder : service->context;
    service->dockerfile =
        tidy(r, sw_path_join(r->arena, service->context,
                             service->dockerfile == NULL ? "Dockerfile" : service->dockerfile));
}

int sw_compose_read(struct sw_compose *out, struct sw_arena *arena, const struct sw_permissions *permissions,
                    const struct sw_node *root, const char *path, struct sw_error *error)
{
    const struct sw_node *services = sw_node_get(root, "services");
    size_t count = sw_node_member_count(services);
    struct sw_compose compose = {sw_arena_array(arena, count + 1, sizeof *compose.services), 0};
    const char *folder = sw_path_dir(arena, path);
    struct reading reading = {.arena = arena, .permissions = permissions};
    if (compose.services == NULL || folder == NULL)
        return sw_fail_memory(error);
    if (count == 0)
        return sw_fail_at(error, SW_EINPUT, path, 1, 1, "no services: this is no compose file");
    for (size_t i = 0; i < count; i++) {
        const struct sw_member *member = sw_node_member_at(services, i);
        struct sw_compose_service *service = &compose.services[compose.count++];
        reading.service = service;
        *service = (struct sw_compose_service){.name = member->key, .line = member->line};
        read_service(&reading, root, member->value, folder);
        if (reading.failed)
            return sw_fail_memory(error);
    }
    *out = compose;
    return 0;
}

/* Return true if the caller gives the argument NAME=VALUE another value. */
static bool is_given(const struct draft_pairs *given, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        size_t n = strlen(given->items[i].first);
        if (strncmp(given->items[i].first, text, n) == 0 && text[n] == '=')
            return true;
    }
    return false;
}

/* Take the GPUs of a service: its words for the driver's parts count before those of the image. */
static void take_gpus(struct sw_draft *draft, const struct sw_compose_service *service, const char *path)
{
    const struct sw_compose_value *parts = &service->capabilities;
    for (size_t i = 0; i < service->fault_count; i++) {
        const struct sw_compose_fault *fault = &service->faults[i];
        draft_report(draft, SW_ERROR, draft_place_of(fault->at), fault->text, fault->hint);
    }
    if (draft->judged && parts->text != NULL)
        draft_set_environment(draft, "NVIDIA_DRIVER_CAPABILITIES", parts->text, draft_place_of(parts->at));
    if (service->gpus != SW_GPUS_NONE)
        return;
    draft->gpuless = draft_copy(draft, service->name);
    draft->gpuless_place = service->gpus_at == NULL ? (struct draft_place){path, service->line, 1}
                                                    : draft_place_of(service->gpus_at);
}

/* Read the Dockerfile of a service with its arguments, before which those of the caller count. */
static int read_image(struct sw_draft *draft, const struct sw_compose_service *service, const char *path,
                      struct sw_error *error)
{
    int code = 0;
    size_t given = draft->arguments.count;
    for (size_t i = 0; code == 0 && i < service->argument_count; i++) {
        if (!is_given(&draft->arguments, given, service->arguments[i]))
            code = sw_draft_argument(draft, service->arguments[i], error);
    }
    if (service->target != NULL && draft->target == NULL)
        sw_draft_target(draft, service->target);
    if (draft->context == NULL)
        sw_draft_context(draft, service->context);
    if (code == 0)
        code = draft_read_dockerfile(draft, service->dockerfile, error);
    if (code == 0)
        take_gpus(draft, service, path);
    if (code == SW_ENOTFOUND)
        (void)sw_fail_at(error, SW_EINPUT, path, service->line, 1,
                         "service '%.*s' builds '%s', which is not there", SW_STR_FORMAT(service->name),
                         service->dockerfile);
    return code;
}

int draft_read_compose(struct sw_draft *draft, const struct sw_node *root, const char *path,
                       struct sw_error *error)
{
    struct sw_compose compose;
    const struct sw_compose_service *only = NULL;
    size_t builds = 0;
    int code = sw_compose_read(&compose, &draft->arena, draft->permissions, root, path, error);
    if (code != 0)
        return code;
    for (size_t i = 0; i < compose.count; i++) {
        const struct sw_compose_service *service = &compose.services[i];
        builds += service->dockerfile != NULL;
        if (service->dockerfile != NULL &&
            (draft->service == NULL || sw_str_is(service->name, draft->service)))
            only = service;
        else if (service->unread != NULL)
            draft_leave_unjudged(draft, (struct draft_place){path, service->line, 1}, service->name, "%s",
                                 service->unread);
        else if (service->dockerfile == NULL && service->image != NULL && draft->service == NULL)
            draft_leave_unjudged(draft, draft_place_of(service->image), sw_node_str(service->image),
                                 "service '%.*s' takes this image", SW_STR_FORMAT(service->name));
    }
    if (only != NULL && (builds == 1 || draft->service != NULL))
        return read_image(draft, only, path, error);
    if (builds == 0 && draft->judged)
        return 0;
    if (builds == 0)
        return sw_fail_at(error, SW_EINPUT, path, 1, 1, "no service of this compose file is built here");
    (void)sw_fail_at(error, SW_EINPUT, path, 1, 1, "%zu services of this compose file are built", builds);
    return sw_error_hint(error, "a profile is one image: name the Dockerfile of one of them");
}
