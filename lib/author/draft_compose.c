/* The builds of a compose file (compose-spec, "Compose Build Specification"). */
#include "author/compose.h"
#include "author/draft_internal.h"
#include "base/file.h"
#include "base/limits.h"

static void add_argument(struct sw_compose_service *service, struct sw_arena *arena, bool *failed,
                         const char *text)
{
    const char **grown =
        sw_arena_grow(arena, (void *)service->arguments, service->argument_count, sizeof(*grown));
    *failed = *failed || grown == NULL || text == NULL;
    if (*failed)
        return;
    service->arguments = grown;
    grown[service->argument_count++] = text;
}

/* `args` is a map, or a list of NAME=VALUE; a name alone takes its value from the caller's environment. */
static void read_arguments(struct sw_compose_service *service, struct sw_arena *arena, bool *failed,
                           const struct sw_node *args)
{
    for (size_t i = 0; i < sw_node_member_count(args); i++) {
        const struct sw_member *member = sw_node_member_at(args, i);
        const char *value = sw_node_text(member->value, NULL);
        if (value != NULL)
            add_argument(service, arena, failed,
                         sw_arena_format(arena, "%.*s=%s", SW_STR_FORMAT(member->key), value));
    }
    for (size_t i = 0; i < sw_node_count(args); i++) {
        const char *text = sw_node_text(sw_node_item(args, i), "");
        if (strchr(text, '=') != NULL)
            add_argument(service, arena, failed, text);
    }
}

static bool read_build(struct sw_compose_service *service, struct sw_arena *arena,
                       const struct sw_node *build, const char *folder)
{
    bool failed = false;
    const char *context = sw_node_type(build) == SW_NODE_MAP
                              ? sw_node_text(sw_node_get(build, "context"), ".")
                              : sw_node_text(build, ".");
    const char *file = sw_node_text(sw_node_get(build, "dockerfile"), "Dockerfile");
    while (strncmp(context, "./", 2) == 0)
        context += 2;
    service->context =
        context[0] == '\0' || strcmp(context, ".") == 0 ? folder : sw_path_join(arena, folder, context);
    service->dockerfile = service->context == NULL ? NULL : sw_path_join(arena, service->context, file);
    service->target = sw_node_text(sw_node_get(build, "target"), NULL);
    read_arguments(service, arena, &failed, sw_node_get(build, "args"));
    return !failed && service->dockerfile != NULL;
}

int sw_compose_read(struct sw_compose *out, struct sw_arena *arena, const struct sw_node *root,
                    const char *path, struct sw_error *error)
{
    const struct sw_node *services = sw_node_get(root, "services");
    size_t count = sw_node_member_count(services);
    struct sw_compose compose = {sw_arena_array(arena, count + 1, sizeof *compose.services), 0};
    const char *folder = sw_path_dir(arena, path);
    if (compose.services == NULL || folder == NULL)
        return sw_fail_memory(error);
    if (count == 0)
        return sw_fail_at(error, SW_EINPUT, path, 1, 1, "no services: this is no compose file");
    for (size_t i = 0; i < count; i++) {
        const struct sw_member *member = sw_node_member_at(services, i);
        const struct sw_node *build = sw_node_get(member->value, "build");
        struct sw_compose_service service = {
            .name = member->key, .line = member->line, .image = sw_node_get(member->value, "image")};
        if (build != NULL && !read_build(&service, arena, build, folder))
            return sw_fail_memory(error);
        compose.services[compose.count++] = service;
    }
    *out = compose;
    return 0;
}

/* Read the Dockerfile of a service with its arguments. */
static int read_service(struct sw_draft *draft, const struct sw_compose_service *service,
                        struct sw_error *error)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < service->argument_count; i++)
        code = sw_draft_argument(draft, service->arguments[i], error);
    if (service->target != NULL)
        sw_draft_target(draft, service->target);
    sw_draft_context(draft, service->context);
    return code == 0 ? draft_read_dockerfile(draft, service->dockerfile, error) : code;
}

int draft_read_compose(struct sw_draft *draft, const struct sw_node *root, const char *path,
                       struct sw_error *error)
{
    struct sw_compose compose;
    const struct sw_compose_service *only = NULL;
    size_t builds = 0;
    int code = sw_compose_read(&compose, &draft->arena, root, path, error);
    if (code != 0)
        return code;
    for (size_t i = 0; i < compose.count; i++) {
        const struct sw_compose_service *service = &compose.services[i];
        builds += service->dockerfile != NULL;
        if (service->dockerfile != NULL &&
            (draft->service == NULL || sw_str_is(service->name, draft->service)))
            only = service;
        else if (service->image != NULL && draft->service == NULL)
            draft_leave_unjudged(draft, draft_place_of(service->image), sw_node_str(service->image),
                                 "service '%.*s' takes this image", SW_STR_FORMAT(service->name));
    }
    if (only != NULL && (builds == 1 || draft->service != NULL))
        return read_service(draft, only, error);
    if (builds == 0)
        return sw_fail_at(error, SW_EINPUT, path, 1, 1, "no service of this compose file is built here");
    (void)sw_fail_at(error, SW_EINPUT, path, 1, 1, "%zu services of this compose file are built", builds);
    return sw_error_hint(error, "a profile is one image: name the Dockerfile of one of them");
}
