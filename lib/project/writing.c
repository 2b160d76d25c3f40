#include "project/writing.h"

#include "base/descriptor.h"
#include "base/file.h"

#include <errno.h>
#include <sys/stat.h>

/* A folder by its place on the disk, whatever its path. */
struct folder {
    const char *path;
    dev_t device;
    ino_t number;
};

static int find_folder(struct folder *out, struct sw_project *project, const char *file,
                       struct sw_error *error)
{
    struct stat status;
    const char *path = sw_path_dir(project->arena, file);
    while (path != NULL && stat(path, &status) != 0) {
        if (errno != ENOENT || strcmp(path, ".") == 0 || strcmp(path, "/") == 0)
            return sw_fail_errno(error, SW_EENV, "cannot open '%s'", path);
        path = sw_path_dir(project->arena, path);
    }
    if (path == NULL)
        return sw_fail_memory(error);
    *out = (struct folder){path, status.st_dev, status.st_ino};
    return 0;
}

static int compare(const void *one, const void *other)
{
    const struct folder *a = one, *b = other;
    if (a->device != b->device)
        return a->device < b->device ? -1 : 1;
    return a->number == b->number ? 0 : a->number < b->number ? -1 : 1;
}

int sw_writing_begin(struct sw_writing *out, struct sw_project *project, const char *const *files,
                     size_t count, struct sw_error *error)
{
    struct folder *folders = sw_arena_array(project->arena, count + 1, sizeof *folders);
    struct sw_writing made = {.folders = sw_arena_array(project->arena, count + 1, sizeof *made.folders)};
    int code = folders == NULL || made.folders == NULL ? sw_fail_memory(error) : 0;
    for (size_t i = 0; code == 0 && i < count; i++)
        code = find_folder(&folders[i], project, files[i], error);
    if (code != 0)
        return code;
    qsort(folders, count, sizeof *folders, compare);
    for (size_t i = 0; code == 0 && i < count; i++) {
        if (i > 0 && compare(&folders[i - 1], &folders[i]) == 0)
            continue;
        made.folders[made.count] = -1;
        code = sw_project_lock_folder(&made.folders[made.count], project, folders[i].path, error);
        made.count += code == 0;
    }
    if (code == 0)
        *out = made;
    else
        sw_writing_end(&made);
    return code;
}

void sw_writing_end(struct sw_writing *writing)
{
    for (size_t i = 0; i < writing->count; i++)
        sw_fd_close(&writing->folders[i]);
    writing->count = 0;
}
