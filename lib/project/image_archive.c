#include "project/image_archive.h"

#include "base/descriptor.h"
#include "engine/image.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void *save(void *self)
{
    struct sw_image_archive *archive = self;
    archive->code = sw_image_save(archive->engine.engine, archive->name, archive->to, &archive->error);
    sw_fd_close(&archive->to);
    return NULL;
}

int sw_image_archive_read(void *self, void *out, size_t n, size_t *got, struct sw_error *error)
{
    struct sw_image_archive *archive = self;
    ssize_t count;
    do
        count = read(archive->from, out, n);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return sw_fail_errno(error, SW_EINPUT, "cannot read '%s'", archive->name);
    *got = (size_t)count;
    archive->ended = count == 0;
    return 0;
}

static int open_file(struct sw_image_archive *archive, struct sw_project *project, struct sw_error *error)
{
    const char *path = sw_project_path(project, archive->name);
    struct stat status;
    if (path == NULL)
        return sw_fail_memory(error);
    archive->from = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (archive->from < 0)
        return sw_fail_errno(error, SW_EINPUT, "cannot open '%s'", archive->name);
    if (fstat(archive->from, &status) != 0 || !S_ISREG(status.st_mode))
        return sw_fail(error, SW_EINPUT, "'%s' is no file", archive->name);
    return 0;
}

static int open_engine(struct sw_image_archive *archive, struct sw_project *project,
                       const struct sw_sink *sink, struct sw_error *error)
{
    int ends[2];
    bool exists = false;
    int code = sw_host_engine_find(&archive->engine, NULL, project, sink, error);
    if (code == 0)
        code = sw_image_exists(&exists, archive->engine.engine, archive->name, error);
    if (code == 0 && !exists) {
        (void)sw_fail(error, SW_ENO, "the engine has no image '%s'", archive->name);
        return sw_error_hint(
            error, "pull or build the image first; 'docker images' lists the images that are there");
    }
    if (code != 0)
        return code;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return sw_fail_errno(error, SW_EENV, "cannot make a pipe");
    archive->from = ends[0];
    archive->to = ends[1];
    if (pthread_create(&archive->thread, NULL, save, archive) != 0)
        return sw_fail(error, SW_EENV, "cannot start a thread");
    archive->started = true;
    return 0;
}

int sw_image_archive_open(struct sw_image_archive *archive, struct sw_project *project, const char *name,
                          const struct sw_sink *sink, struct sw_error *error)
{
    *archive = (struct sw_image_archive){.name = name, .from = -1, .to = -1};
    return sw_str_ends(sw_str_from(name), ".tar") ? open_file(archive, project, error)
                                                  : open_engine(archive, project, sink, error);
}

int sw_image_archive_close(struct sw_image_archive *archive, int code, struct sw_error *error)
{
    sw_fd_close(&archive->from);
    if (archive->started)
        (void)pthread_join(archive->thread, NULL);
    sw_fd_close(&archive->to);
    sw_host_engine_close(&archive->engine);
    if (archive->started && code == SW_EINPUT && archive->code == 0) {
        error->code = SW_EENV; /* the engine has sent all, and no image */
        return sw_error_context(SW_EENV, error, "the engine's answer");
    }
    /* A reader that stops early breaks the pipe: then the reader's failure is the cause. */
    if (archive->code == 0 || (code != 0 && !archive->ended))
        return code;
    *error = archive->error;
    return archive->code;
}
