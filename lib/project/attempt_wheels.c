/* Compiled wheels for other builders, in a folder or in a registry.
 *
 * The carrier is an image with nothing but wheels, the stage slipway-wheels of the Dockerfile, so that any engine can take it and
 * give it, with the logins that it has anyway. In a registry the image lies in the profile's repository, in a folder its one layer
 * as NAME.tar. The name is a digest of all that decides a wheel and is known before the build; the stage that compiles holds each
 * wheel against the rest, such as the content of its source. */
#include "project/attempt.h"

#include "base/beneath.h"
#include "base/descriptor.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/limits.h"
#include "base/temporary.h"
#include "context/context.h"
#include "data/json.h"
#include "data/path.h"
#include "engine/image.h"
#include "engine/reference.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define ARGUMENT "SLIPWAY_WHEELS"
#define STAGE "slipway-wheels"
#define LOCAL_REPOSITORY "localhost/slipway-wheels"

/* The place that keeps the wheels of an attempt. */
struct place {
    struct sw_attempt *attempt;
    struct sw_arena *arena;
    const char *name; /* of the image */
    /* The real path of the profile's folder; NULL: the place is a registry. */
    const char *folder;
    const char *file; /* the archive in the folder */
    bool found;
};

SW_PRINTF(3, 4)
static void tell(const struct place *place, enum sw_event_kind kind, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    sw_emit(&place->attempt->sink, (struct sw_event){.kind = kind, .text = sw_str_from(text)});
}

/* The digest of all that the plan knows to decide a wheel. */
static int name_place(struct place *place, struct sw_error *error)
{
    const struct sw_attempt *attempt = place->attempt;
    const struct sw_plan_parts *plan = &attempt->prepared.plan.parts;
    SW_BUFFER_AUTO facts;
    char digest[SW_SHA256_HEX_SIZE];
    sw_buffer_init(&facts, SW_MAX_RENDERED_SIZE);
    sw_buffer_add_str(&facts, sw_rendering_text(&attempt->rendering, "compile.json"));
    sw_buffer_addf(&facts, "\n%s\n%s\n", sw_node_text(plan->python, ""),
                   attempt->choices->platform == NULL ? sw_engine_info(attempt->engine.engine)->architecture
                                                      : attempt->choices->platform);
    sw_json_write(&facts, plan->base.node, SW_JSON_COMPACT);
    int code = sw_buffer_check(&facts, "the facts about the wheels", error);
    if (code != 0)
        return code;
    const char *registry = sw_node_text(plan->wheels.registry, LOCAL_REPOSITORY);
    if (!sw_sha256_hex(sw_buffer_str(&facts), digest))
        return sw_fail_memory(error);
    place->name = sw_arena_format(place->arena, "%s:%.32s", registry, digest);
    place->file =
        place->folder == NULL ? NULL : sw_arena_format(place->arena, "%s/%.32s.tar", place->folder, digest);
    return place->name == NULL || (place->folder != NULL && place->file == NULL) ? sw_fail_memory(error) : 0;
}

/* Find the folder that the profile names, if it names a folder, and refuse a folder that the profile may not write to. */
static int find_folder(struct place *place, struct sw_error *error)
{
    const struct sw_attempt *attempt = place->attempt;
    const struct sw_node *folder = attempt->prepared.plan.parts.wheels.folder;
    const struct sw_node *said = sw_node_at(attempt->prepared.profile.root, "wheels.cache");
    if (sw_node_type(folder) != SW_NODE_TEXT)
        return 0;
    const char *beside = sw_path_dir(place->arena, sw_node_file(said));
    const char *path = beside == NULL ? NULL : sw_path_join(place->arena, beside, sw_node_text(folder, ""));
    if (path == NULL)
        return sw_fail_memory(error);
    int code = sw_permissions_find(&place->folder, place->arena, &attempt->project->permissions, path,
                                   SW_ACCESS_WRITE, error);
    if (code != 0)
        sw_error_place(error, said);
    return code;
}

/* ---- before the build ---- */

static int take_file(struct place *place, struct sw_error *error)
{
    char id[SW_IMAGE_ID_SIZE];
    SW_FD_AUTO fd = sw_open_real(place->file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    const struct sw_source source = {sw_fd_read_source, &fd};
    if (fd < 0)
        return errno == ENOENT ? SW_ENOTFOUND
                               : sw_fail_errno(error, SW_EENV, "cannot read '%s'", place->file);
    return sw_image_import(id, place->attempt->engine.engine, place->name, NULL, &source,
                           &place->attempt->sink, error);
}

static int take_image(struct place *place, struct sw_error *error)
{
    struct sw_attempt *attempt = place->attempt;
    bool exists = false;
    if (!attempt->project->offline)
        return sw_image_pull(attempt->engine.engine, place->name, attempt->choices->platform,
                             attempt->credentials, &attempt->sink, error);
    int code = sw_image_exists(&exists, attempt->engine.engine, place->name, error);
    return code == 0 && !exists ? SW_ENOTFOUND : code;
}

/* Bring the wheels of earlier builds to the engine. Without them the build compiles: a failure is a warning. */
static int take(struct place *place, struct sw_error *error)
{
    struct sw_error fault = {0};
    int code = place->folder == NULL ? take_image(place, &fault) : take_file(place, &fault);
    place->found = code == 0;
    if (code == SW_ECANCELED) {
        *error = fault;
        return code;
    }
    if (code == 0)
        tell(place, SW_EVENT_NOTE, "wheels of an earlier build: %s",
             place->folder == NULL ? place->name : place->file);
    else if (code != SW_ENOTFOUND)
        tell(place, SW_EVENT_WARNING, "no wheels of earlier builds: %s", fault.text);
    return 0;
}

/* The request's arguments, and the name of the image with the wheels. */
static int add_argument(struct place *place, struct sw_build_request *request, struct sw_error *error)
{
    size_t count = 0;
    while (request->arguments != NULL && request->arguments[count].name != NULL)
        count++;
    struct sw_pair *all = sw_arena_array(place->arena, count + 2, sizeof *all);
    if (all == NULL)
        return sw_fail_memory(error);
    if (count > 0)
        memcpy(all, request->arguments, count * sizeof *all);
    all[count] = (struct sw_pair){ARGUMENT, place->name};
    request->arguments = all;
    return 0;
}

/* ---- behind the stage that compiles ---- */

/* Return true if the image has the layers of the image that the wheels were taken from. */
static bool is_known(const struct place *place, const char *image)
{
    const struct sw_node *made = NULL, *taken = NULL;
    struct sw_engine *engine = place->attempt->engine.engine;
    return place->found && sw_image_inspect(&made, place->arena, engine, image, NULL) == 0 &&
           sw_image_inspect(&taken, place->arena, engine, place->name, NULL) == 0 &&
           sw_node_equal(sw_node_at(made, "RootFS.Layers"), sw_node_at(taken, "RootFS.Layers"));
}

/* Find the one layer in the unpacked archive of an image. */
static int find_layer(const char **path, struct place *place, const char *folder, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    const char *manifest = sw_path_join(place->arena, folder, "manifest.json");
    const struct sw_node *root = NULL;
    int code = manifest == NULL ? sw_fail_memory(error) : sw_file_read(&text, manifest, error);
    if (code == 0)
        code = sw_json_read(&root, place->arena, sw_buffer_str(&text), manifest, error);
    const char *name = sw_node_text(sw_node_at(root, "[0].Layers[0]"), NULL);
    if (code == 0 && (name == NULL || name[0] == '/' || strstr(name, "..") != NULL))
        code = sw_fail(error, SW_EENV, "the engine's archive of an image has no layer");
    *path = code == 0 ? sw_path_join(place->arena, folder, name) : NULL;
    return code == 0 && *path == NULL ? sw_fail_memory(error) : code;
}

/* Write the layer of the image to the folder, as a whole or not at all. */
static int keep_file(struct place *place, const char *image, struct sw_error *error)
{
    struct sw_temporary temporary = SW_TEMPORARY_NONE;
    const char *layer = NULL;
    int code = sw_dir_make(place->folder, 0777, error);
    if (code == 0 && sw_temporary_folder(&temporary, place->folder, 0777) != 0)
        code = sw_fail_errno(error, SW_EENV, "cannot write to '%s'", place->folder);
    const char *folder = sw_arena_format(place->arena, "%s/%s", place->folder, temporary.name);
    const char *archive = sw_arena_format(place->arena, "%s/image.tar", folder);
    SW_FD_AUTO fd = code == 0 ? open(archive, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666) : -1;
    if (code == 0 && fd < 0)
        code = sw_fail_errno(error, SW_EENV, "cannot write to '%s'", place->folder);
    if (code == 0)
        code = sw_image_save(place->attempt->engine.engine, image, fd, error);
    if (code == 0)
        code = sw_tar_unpack(archive, folder, error);
    if (code == 0)
        code = find_layer(&layer, place, folder, error);
    if (code == 0 && rename(layer, place->file) != 0)
        code = sw_fail_errno(error, SW_EENV, "cannot write '%s'", place->file);
    sw_temporary_drop(&temporary);
    return code;
}

static int keep_image(struct place *place, const char *image, struct sw_error *error)
{
    struct sw_attempt *attempt = place->attempt;
    char digest[SW_IMAGE_DIGEST_SIZE];
    int code = sw_image_tag(attempt->engine.engine, image, place->name, error);
    return code == 0 ? sw_image_push(digest, attempt->engine.engine, place->name, attempt->credentials,
                                     &attempt->sink, error)
                     : code;
}

/* Keep the wheels for other builders; a failure is a warning, since the build has its wheels. */
static int keep(struct place *place, const char *image, struct sw_error *error)
{
    struct sw_error fault = {0};
    bool is_registry = place->folder == NULL;
    if (is_known(place, image))
        return 0;
    if (is_registry && !place->attempt->choices->push) {
        tell(place, SW_EVENT_NOTE, "the wheels go to '%s' with --push", place->name);
        return 0;
    }
    int code = is_registry ? keep_image(place, image, &fault) : keep_file(place, image, &fault);
    if (code == SW_ECANCELED) {
        *error = fault;
        return code;
    }
    if (code == 0)
        tell(place, SW_EVENT_NOTE, "the wheels are kept: %s", is_registry ? place->name : place->file);
    else
        tell(place, SW_EVENT_WARNING, "the wheels are not kept for other builders: %s", fault.text);
    return 0;
}

/* Build the stage with the wheels, and keep them. */
static int make(struct place *place, const struct sw_build_request *request, struct sw_error *error)
{
    struct sw_attempt *attempt = place->attempt;
    struct sw_build_request wheels = *request;
    wheels.target = STAGE;
    wheels.tags = NULL;
    wheels.cache_to = wheels.outputs = wheels.attestations = NULL;
    int code = sw_engine_build(&attempt->outcome, attempt->engine.engine, &wheels, &attempt->sink, error);
    if (code != 0 || attempt->outcome.failed)
        return code;
    code = attempt->outcome.image_id == NULL ? 0 : keep(place, attempt->outcome.image_id, error);
    sw_build_outcome_release(&attempt->outcome);
    sw_context_rewind(attempt->context, NULL);
    return code;
}

int sw_attempt_wheels(struct sw_attempt *attempt, struct sw_build_request *request, struct sw_error *error)
{
    struct place place = {.attempt = attempt, .arena = attempt->project->arena};
    if (sw_node_type(attempt->prepared.plan.parts.wheels.node) != SW_NODE_MAP)
        return 0;
    if (sw_engine_info(attempt->engine.engine)->builder) {
        tell(&place, SW_EVENT_WARNING,
             "a BuildKit daemon has no images: compiled wheels are kept in its own cache alone");
        return 0;
    }
    int code = find_folder(&place, error);
    if (code == 0)
        code = name_place(&place, error);
    if (code == 0)
        code = take(&place, error);
    if (code == 0 && place.found)
        code = add_argument(&place, request, error);
    return code == 0 ? make(&place, request, error) : code;
}
