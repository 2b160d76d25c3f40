#include "context/walk.h"

#include "base/beneath.h"
#include "base/file.h"
#include "base/limits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* A folder on the way down. */
struct frame {
    char *names; /* all of them, each with its NUL */
    /* The start of each name in `names`, sorted by name. */
    uint32_t *order;
    size_t count, next;
    /* The length of the folder's path in `path`; 0 for the root. */
    size_t path_n;
};

struct sw_walk {
    int root;
    /* The folder of the innermost frame, or -1: to be opened again when needed. */
    int folder;
    struct frame *frames;
    size_t depth, capacity;
    char path[SW_MAX_CONTEXT_PATH];
};

static int compare_names(const void *a, const void *b, void *names)
{
    const char *base = names;
    return strcmp(base + *(const uint32_t *)a, base + *(const uint32_t *)b);
}

/* Read the names of a folder; the stream takes the descriptor over. */
static int read_names(struct sw_buffer *names, size_t *count, DIR *stream)
{
    *count = 0;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (entry == NULL)
            return errno == 0 && names->state == SW_BUFFER_OK ? 0 : -1;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        sw_buffer_add(names, entry->d_name, strlen(entry->d_name) + 1);
        (*count)++;
    }
}

static int load(struct frame *frame, int folder)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    if (stream == NULL) {
        sw_fd_close(&fd);
        return -1;
    }
    SW_BUFFER_AUTO names;
    sw_buffer_init(&names, SW_MAX_CONTEXT_MEMORY);
    int code = read_names(&names, &frame->count, stream);
    int number = errno;
    (void)closedir(stream);
    errno = number;
    if (code != 0)
        return -1;
    frame->order = calloc(frame->count + 1, sizeof *frame->order);
    frame->names = sw_buffer_steal(&names);
    if (frame->order == NULL || frame->names == NULL)
        return -1;
    const char *name = frame->names;
    for (size_t i = 0; i < frame->count; i++, name += strlen(name) + 1)
        frame->order[i] = (uint32_t)(name - frame->names);
    qsort_r(frame->order, frame->count, sizeof *frame->order, compare_names, frame->names);
    return 0;
}

static int push(struct sw_walk *walk, int folder, size_t path_n, struct sw_error *error)
{
    if (walk->depth == walk->capacity) {
        size_t capacity = walk->capacity == 0 ? 16 : 2 * walk->capacity;
        struct frame *frames = reallocarray(walk->frames, capacity, sizeof *frames);
        if (frames == NULL)
            return sw_fail_memory(error);
        walk->frames = frames;
        walk->capacity = capacity;
    }
    struct frame frame = {.path_n = path_n};
    if (load(&frame, folder) != 0) {
        free(frame.names);
        free(frame.order);
        return sw_fail_errno(error, SW_EINPUT, "cannot read folder '%s'", path_n == 0 ? "." : walk->path);
    }
    walk->frames[walk->depth++] = frame;
    return 0;
}

static void pop(struct sw_walk *walk)
{
    struct frame *frame = &walk->frames[--walk->depth];
    free(frame->names);
    free(frame->order);
    sw_fd_close(&walk->folder);
}

int sw_walk_new(struct sw_walk **walk, int root, struct sw_error *error)
{
    struct sw_walk *made = calloc(1, sizeof *made);
    if (made == NULL)
        return sw_fail_memory(error);
    made->root = root;
    made->folder = -1;
    int code = push(made, root, 0, error);
    if (code == 0)
        *walk = made;
    else
        sw_walk_free(made);
    return code;
}

void sw_walk_free(struct sw_walk *walk)
{
    if (walk == NULL)
        return;
    while (walk->depth > 0)
        pop(walk);
    free(walk->frames);
    sw_fd_close(&walk->folder);
    free(walk);
}

/* Make walk->folder the innermost frame's. */
static int open_folder(struct sw_walk *walk, const struct frame *frame, struct sw_error *error)
{
    if (walk->folder >= 0)
        return 0;
    char kept = walk->path[frame->path_n];
    walk->path[frame->path_n] = '\0';
    walk->folder =
        sw_open_beneath(walk->root, frame->path_n == 0 ? "." : walk->path, O_PATH | O_DIRECTORY, 0);
    int code = walk->folder >= 0
                   ? 0
                   : sw_fail_errno(error, SW_EINPUT, "folder '%s' went away while it was read", walk->path);
    walk->path[frame->path_n] = kept;
    return code;
}

/* Put the path of the frame's next name into walk->path; NULL if it is too long. */
static const char *next_name(struct sw_walk *walk, struct frame *frame, size_t *path_n)
{
    const char *name = frame->names + frame->order[frame->next++];
    size_t start = frame->path_n + (frame->path_n > 0), n = strlen(name);
    if (start + n >= sizeof walk->path)
        return NULL;
    if (start > 0)
        walk->path[start - 1] = '/';
    memcpy(walk->path + start, name, n + 1);
    *path_n = start + n;
    return walk->path + start;
}

int sw_walk_next(struct sw_walk *walk, struct sw_walk_entry *entry, struct sw_error *error)
{
    while (walk->depth > 0) {
        struct frame *frame = &walk->frames[walk->depth - 1];
        if (frame->next == frame->count) {
            pop(walk);
            continue;
        }
        int code = open_folder(walk, frame, error);
        if (code != 0)
            return code;
        size_t path_n;
        const char *name = next_name(walk, frame, &path_n);
        if (name == NULL)
            return sw_fail(error, SW_EINPUT, "a path below '%.200s…' is longer than %llu bytes", walk->path,
                           SW_MAX_CONTEXT_PATH);
        struct stat status;
        if (fstatat(walk->folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT)
                continue;
            return sw_fail_errno(error, SW_EINPUT, "cannot look at '%s'", walk->path);
        }
        *entry = (struct sw_walk_entry){{walk->path, path_n}, name, walk->depth - 1, walk->folder, status};
        return 0;
    }
    *entry = (struct sw_walk_entry){.folder = -1};
    return 0;
}

int sw_walk_enter(struct sw_walk *walk, struct sw_error *error)
{
    size_t path_n = strlen(walk->path);
    const char *slash = memrchr(walk->path, '/', path_n);
    SW_FD_AUTO folder = openat(walk->folder, slash == NULL ? walk->path : slash + 1,
                               O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0)
        return sw_fail_errno(error, SW_EINPUT, "cannot read folder '%s'", walk->path);
    int code = push(walk, folder, path_n, error);
    if (code != 0)
        return code;
    sw_fd_close(&walk->folder);
    walk->folder = folder;
    folder = -1;
    return 0;
}
