#include "wheel_source.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "http/uri.h"
#include "project/web.h"
#include "python/requirement.h"

enum { NEWEST_GLIBC = 40, DIGEST = 64 };

void wheel_source_close(struct wheel_source *source)
{
    sw_remote_free(source->remote);
    sw_web_free(source->web);
    sw_reader_file_close(&source->local);
    *source = (struct wheel_source){.local = {.fd = -1}};
}

/* ---- the target ---- */

struct target {
    /* For "3.11", the newest of its micro versions is meant. */
    struct sw_version python;
    const char *python_text;
    struct sw_tag_target tags;
};

static int read_number(unsigned *out, struct sw_str text, struct sw_error *error, const char *python)
{
    uint64_t value = 0;
    if (!sw_str_to_u64(text, &value) || value > SW_MAX_PYTHON_MINOR) {
        (void)sw_fail(error, SW_EINPUT, "'%s' is no Python version", python);
        return sw_error_hint(error, "write it like 3.11");
    }
    *out = (unsigned)value;
    return 0;
}

static int read_target(struct target *target, struct session *session, struct sw_error *error)
{
    const char *python = session->options.python == NULL ? "3.11" : session->options.python;
    const char *platform = session->options.platform == NULL ? "linux/amd64" : session->options.platform;
    *target = (struct target){.python_text = python, .tags = {.libc_minor = NEWEST_GLIBC}};
    if (strcmp(platform, "linux/amd64") == 0)
        target->tags.machine = "x86_64";
    else if (strcmp(platform, "linux/arm64") == 0)
        target->tags.machine = "aarch64";
    if (target->tags.machine == NULL) {
        (void)sw_fail(error, SW_EINPUT, "unknown platform '%s'", platform);
        return sw_error_hint(error, "linux/amd64 or linux/arm64");
    }
    struct sw_str rest = sw_str_from(python);
    int code = read_number(&target->tags.python_major, sw_str_cut(&rest, '.'), error, python);
    if (code == 0)
        code = read_number(&target->tags.python_minor, sw_str_cut(&rest, '.'), error, python);
    /* A Python without a micro version is taken for its newest micro version. */
    const char *full = rest.p != NULL ? python : sw_arena_format(&session->arena, "%s.99", python);
    if (code == 0)
        code = full == NULL ? sw_fail_memory(error)
                            : sw_version_parse(&target->python, sw_str_from(full), error);
    return code;
}

/* ---- a requirement ---- */

/* Choose the newest release that the requirement allows; a yanked release only if it allows no other. */
static const struct sw_index_release *choose(const struct sw_index_project *project,
                                             const struct sw_requirement *requirement)
{
    const struct sw_index_release *yanked = NULL;
    for (size_t i = 0; i < project->release_count; i++) {
        const struct sw_index_release *release = &project->releases[i];
        if (!sw_specifier_set_contains(&requirement->specifiers, &release->version, SW_PRERELEASES_AUTO))
            continue;
        if (!release->yanked)
            return release;
        yanked = yanked == NULL ? release : yanked;
    }
    return yanked;
}

static int no_release(const struct sw_index_project *project, const char *what, struct sw_error *error)
{
    SW_BUFFER_AUTO newest;
    sw_buffer_init(&newest, SW_KIB);
    for (size_t i = 0; i < project->release_count && i < 5; i++)
        sw_buffer_addf(&newest, "%s%.*s", i == 0 ? "" : ", ",
                       SW_STR_FORMAT(project->releases[i].version.text));
    (void)sw_fail(error, SW_ENO, "'%s' is not on the index %s", what, project->index);
    return sw_error_hint(error, "the newest there are %s", newest.p);
}

static int no_wheel(const struct sw_index_release *release, const char *what, const struct target *target,
                    struct sw_error *error)
{
    SW_BUFFER_AUTO files;
    sw_buffer_init(&files, SW_KIB);
    for (size_t i = 0; i < release->file_count && i < 3; i++)
        sw_buffer_addf(&files, "%s%s", i == 0 ? "" : ", ", release->files[i].name);
    (void)sw_fail(error, SW_ENO, "'%s' has no wheel for Python %s on %s", what, target->python_text,
                  target->tags.machine);
    return sw_error_hint(error, "it has %zu files: %s%s; choose with --python and --platform",
                         release->file_count, files.p, release->file_count > 3 ? ", ..." : "");
}

/* ---- opening ---- */

static int open_remote(struct wheel_source *source, struct session *session, const char *url,
                       const struct sw_sink *sink, struct sw_error *error)
{
    SW_BUFFER_AUTO shown;
    sw_buffer_init(&shown, SW_MAX_URL_SIZE);
    sw_uri_add_shown(&shown, sw_str_from(url));
    source->url = sw_arena_copy(&session->arena, sw_buffer_str(&shown));
    if (source->url == NULL)
        return sw_fail_memory(error);
    source->store = source->web->store;
    const struct sw_remote_options options = {
        .fetcher = source->web->fetcher,
        .store = source->sha256 == NULL ? NULL : source->store,
        .url = url,
        .name = source->file,
        .sha256 = source->sha256,
        .folder = source->web->folder,
        .sink = sink,
        .offline = session->options.offline,
    };
    return sw_remote_open(&source->remote, &source->reader, &options, error);
}

/* The digest that a URL's fragment names, "#sha256=…"; NULL if there is none. */
static const char *digest_of(struct sw_arena *arena, const char *url)
{
    const char *at = strstr(url, "#sha256=");
    at = at == NULL ? NULL : at + strlen("#sha256=");
    if (at == NULL || strspn(at, "0123456789abcdef") != DIGEST)
        return NULL;
    return sw_arena_copy(arena, (struct sw_str){at, DIGEST});
}

static int open_url(struct wheel_source *source, struct session *session, const char *url,
                    const struct sw_sink *sink, struct sw_error *error)
{
    const struct sw_uri uri = sw_uri_split(sw_str_from(url));
    SW_BUFFER_AUTO name;
    sw_buffer_init(&name, SW_MAX_PATH_SIZE);
    sw_uri_file_name(&name, &uri);
    source->file = sw_text_clean(&session->arena, sw_buffer_str(&name));
    if (source->file == NULL)
        return sw_fail_memory(error);
    source->sha256 = digest_of(&session->arena, url);
    return open_remote(source, session, url, sink, error);
}

static int find_file(const struct sw_index_file **file, struct wheel_source *source, struct session *session,
                     const char *what, const struct sw_sink *sink, struct sw_error *error)
{
    struct sw_requirement requirement;
    struct target target;
    struct sw_tag_list tags;
    struct sw_index *index = NULL;
    const struct sw_index_project *project = NULL;
    int code = sw_requirement_parse(&requirement, &session->arena, sw_str_from(what), error);
    const char *url = sw_arena_copy(&session->arena, code == 0 ? requirement.url : SW_STR(""));
    if (code == 0 && requirement.url.n > 0)
        return url == NULL ? sw_fail_memory(error) : open_url(source, session, url, sink, error);
    if (code == 0)
        code = read_target(&target, session, error);
    if (code == 0)
        code = sw_tag_list_make(&tags, &session->arena, &target.tags, error);
    char *name = sw_arena_copy(&session->arena, code == 0 ? requirement.name : SW_STR(""));
    if (code == 0 && name == NULL)
        code = sw_fail_memory(error);
    if (code == 0)
        code = sw_web_index(&index, source->web, &session->project, error);
    if (code == 0)
        code = sw_index_project(&project, index, name, error);
    if (code != 0)
        return code;
    const struct sw_index_release *release = choose(project, &requirement);
    if (release == NULL)
        return no_release(project, what, error);
    *file = sw_index_wheel(release, &tags, &target.python);
    return *file == NULL ? no_wheel(release, what, &target, error) : 0;
}

static int open_local(struct wheel_source *source, struct session *session, const char *what,
                      struct sw_error *error)
{
    const char *path = sw_project_path(&session->project, what);
    int code = path == NULL ? sw_fail_memory(error)
                            : sw_reader_file_open(&source->local, &source->reader, path, error);
    if (code == 0)
        source->file = sw_path_base(path);
    return code;
}

int wheel_source_open(struct wheel_source *source, struct session *session, const char *what,
                      const struct sw_sink *sink, struct sw_error *error)
{
    struct sw_str text = sw_str_from(what);
    const struct sw_uri uri = sw_uri_split(text);
    const struct sw_index_file *file = NULL;
    *source = (struct wheel_source){.local = {.fd = -1}};
    int code = 0;
    if (strstr(what, "://") == NULL && (strchr(what, '/') != NULL || sw_str_ends(text, ".whl")))
        code = open_local(source, session, what, error);
    else
        code = sw_web_new(&source->web, &session->project, error);
    if (code == 0 && source->web != NULL && sw_uri_is_web(&uri))
        code = open_url(source, session, what, sink, error);
    else if (code == 0 && source->web != NULL)
        code = find_file(&file, source, session, what, sink, error);
    if (code == 0 && file != NULL) {
        source->file = file->name;
        source->sha256 = file->sha256[0] == '\0' ? NULL : file->sha256;
        code = open_remote(source, session, file->url, sink, error);
    }
    if (code != 0)
        wheel_source_close(source);
    return code;
}
