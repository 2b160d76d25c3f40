/* Caches in folders here, whose blobs the engine reads and writes (containerd.services.content.v1.Content of
 * containerd's api/services/content/v1/content.proto). A blob gets its name only if the name is its digest. */
#include "base/file.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "session/cache_folder.h"
#include "session/session_internal.h"
#include "wire/protobuf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 256 * 1024 };
enum { INFO_DIGEST = 1, INFO_SIZE = 2, RESPONSE_INFO = 1 };
enum { READ_DIGEST = 1, READ_OFFSET = 2, READ_SIZE = 3, READ_RESPONSE_OFFSET = 1, READ_RESPONSE_DATA = 2 };
enum {
    WRITE_ACTION = 1,
    WRITE_REF = 2,
    WRITE_TOTAL = 3,
    WRITE_EXPECTED = 4,
    WRITE_OFFSET = 5,
    WRITE_DATA = 6
};
enum { WRITTEN_ACTION = 1, WRITTEN_OFFSET = 4, WRITTEN_TOTAL = 5, WRITTEN_DIGEST = 6 };
enum { ACTION_STAT = 0, ACTION_WRITE = 1, ACTION_COMMIT = 2 };

/* The folder that a call names, "local:PATH", if it is among the session's cache folders; else NULL. */
static const char *find_folder(const struct sw_grpc_call *call, const struct sw_session *session)
{
    struct sw_str id = sw_grpc_header(call, "buildkit-attachable-store-id", 0);
    if (!sw_str_starts(id, "local:"))
        return NULL;
    id = sw_str_drop(id, strlen("local:"));
    for (const char *const *folder = session->options->cache_folders; folder != NULL && *folder != NULL;
         folder++) {
        if (sw_str_is(id, *folder))
            return *folder;
    }
    return NULL;
}

/* Open a blob to read it; if the folder has no such blob, end the call with that error and return -1. */
static int open_blob(struct sw_grpc_call *call, struct sw_session *session, struct sw_str digest, off_t *size)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 4 * SW_MAX_PATH_SIZE);
    const char *folder = find_folder(call, session);
    const char *path = folder == NULL ? NULL : sw_cache_folder_blob(&arena, folder, digest);
    int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat status;
    if (fd >= 0 && (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)))
        sw_fd_close(&fd);
    if (fd >= 0)
        *size = status.st_size;
    else
        sw_grpc_finish(call, SW_GRPC_NOT_FOUND, "there is no such content");
    return fd;
}

/* ---- Info ---- */

void sw_session_content_info(struct sw_grpc_call *call, void *self, struct sw_str message)
{
    off_t size = 0;
    struct sw_str digest = sw_session_field(message, INFO_DIGEST);
    SW_FD_AUTO fd = open_blob(call, self, digest, &size);
    SW_BUFFER_AUTO info, reply;
    sw_buffer_init(&info, SW_MAX_MESSAGE);
    sw_buffer_init(&reply, 2 * SW_MAX_MESSAGE);
    if (fd < 0)
        return;
    sw_proto_add_bytes(&info, INFO_DIGEST, digest);
    sw_proto_add_int(&info, INFO_SIZE, (uint64_t)size);
    sw_proto_add_bytes(&reply, RESPONSE_INFO, sw_buffer_str(&info));
    sw_grpc_put(call, sw_buffer_str(&reply));
    sw_grpc_finish(call, SW_GRPC_OK, NULL);
}

/* ---- Read ---- */

struct reading {
    int fd;
    int64_t offset, end;
};

static struct reading *start_reading(int fd, int64_t offset, int64_t size, off_t whole)
{
    struct reading *reading = malloc(sizeof *reading);
    if (reading == NULL)
        return NULL;
    bool part = size > 0 && size < whole - offset;
    *reading = (struct reading){fd, offset, part ? offset + size : whole};
    return reading;
}

void sw_session_content_read(struct sw_grpc_call *call, void *self, struct sw_str message)
{
    struct sw_proto reader = sw_proto_from(message);
    struct sw_proto_field field;
    struct sw_str digest = {"", 0};
    int64_t offset = 0, size = 0;
    off_t whole = 0;
    while (sw_proto_next(&reader, &field)) {
        if (field.number == READ_DIGEST)
            digest = sw_proto_str(&field);
        else if (field.number == READ_OFFSET)
            offset = sw_proto_int(&field);
        else if (field.number == READ_SIZE)
            size = sw_proto_int(&field);
    }
    if (sw_grpc_state(call) != NULL)
        return;
    int fd = open_blob(call, self, digest, &whole);
    if (fd < 0)
        return;
    struct reading *reading = offset < 0 || offset > whole ? NULL : start_reading(fd, offset, size, whole);
    sw_grpc_set_state(call, reading);
    if (reading != NULL) {
        sw_session_content_more(call, self);
    } else {
        sw_fd_close(&fd);
        sw_grpc_finish(call, SW_GRPC_INVALID, "read past the end of the content");
    }
}

void sw_session_content_more(struct sw_grpc_call *call, void *self)
{
    struct reading *reading = sw_grpc_state(call);
    char piece[PIECE];
    while (reading != NULL && reading->offset < reading->end && sw_grpc_queued(call) < SW_MAX_GRPC_BATCH) {
        int64_t left = reading->end - reading->offset;
        ssize_t n = pread(reading->fd, piece, left < PIECE ? (size_t)left : PIECE, reading->offset);
        if (n <= 0) {
            struct sw_error error = {0};
            (void)sw_fail(&error, SW_EENV, "cannot read a cache");
            sw_session_fail_call(call, self, &error);
            return;
        }
        SW_BUFFER_AUTO reply;
        sw_buffer_init(&reply, 2 * PIECE);
        sw_proto_add_int(&reply, READ_RESPONSE_OFFSET, (uint64_t)reading->offset);
        sw_proto_add_bytes(&reply, READ_RESPONSE_DATA, (struct sw_str){piece, (size_t)n});
        sw_grpc_put(call, sw_buffer_str(&reply));
        reading->offset += n;
    }
    if (reading != NULL && reading->offset == reading->end)
        sw_grpc_finish(call, SW_GRPC_OK, NULL);
}

void sw_session_content_read_release(struct sw_grpc_call *call, void *self)
{
    struct reading *reading = sw_grpc_state(call);
    (void)self;
    if (reading != NULL)
        sw_fd_close(&reading->fd);
    free(reading);
}

/* ---- Write ---- */

struct writing {
    const char *folder;
    struct sw_temporary temporary; /* until it is a blob */
    int64_t offset;
    struct sw_sha256 *hash;
};

/* A WriteContentRequest. */
struct request {
    int64_t action, total, offset;
    struct sw_str ref, expected, data;
};

static struct request read_request(struct sw_str message)
{
    struct sw_proto reader = sw_proto_from(message);
    struct sw_proto_field field;
    struct request request = {.ref = {"", 0}, .expected = {"", 0}, .data = {"", 0}};
    while (sw_proto_next(&reader, &field)) {
        if (field.number == WRITE_ACTION)
            request.action = sw_proto_int(&field);
        else if (field.number == WRITE_REF)
            request.ref = sw_proto_str(&field);
        else if (field.number == WRITE_TOTAL)
            request.total = sw_proto_int(&field);
        else if (field.number == WRITE_EXPECTED)
            request.expected = sw_proto_str(&field);
        else if (field.number == WRITE_OFFSET)
            request.offset = sw_proto_int(&field);
        else if (field.number == WRITE_DATA)
            request.data = sw_proto_str(&field);
    }
    return request;
}

static int start_writing(struct sw_grpc_call *call, struct sw_session *session, struct sw_error *error)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 4 * SW_MAX_PATH_SIZE);
    struct writing *writing = calloc(1, sizeof *writing);
    if (writing == NULL)
        return sw_fail_memory(error);
    sw_grpc_set_state(call, writing);
    writing->temporary = SW_TEMPORARY_NONE;
    writing->folder = find_folder(call, session);
    writing->hash = sw_sha256_new();
    if (writing->folder == NULL || writing->hash == NULL)
        return sw_fail(error, SW_EENV, "the engine writes to a cache that it was not given");
    const char *blobs = sw_path_join(&arena, writing->folder, "blobs/sha256");
    int code = blobs == NULL ? sw_fail_memory(error) : sw_dir_make(blobs, 0777, error);
    if (code == 0 && sw_temporary_file(&writing->temporary, blobs, 0666) != 0)
        code = sw_fail_errno(error, SW_EENV, "cannot write to '%s'", blobs);
    return code;
}

static int add_data(struct writing *writing, struct sw_str data, struct sw_error *error)
{
    sw_sha256_add(writing->hash, data.p, data.n);
    if (sw_fd_write(writing->temporary.fd, data) != 0)
        return sw_fail_errno(error, SW_EENV, "cannot write the cache in '%s'", writing->folder);
    writing->offset += (int64_t)data.n;
    return 0;
}

/* The content is whole: it gets its digest as its name. */
static int commit(char digest[8 + SW_SHA256_HEX_SIZE], struct writing *writing, const struct request *request,
                  struct sw_error *error)
{
    char hex[SW_SHA256_HEX_SIZE];
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 4 * SW_MAX_PATH_SIZE);
    sw_sha256_finish(writing->hash, hex);
    writing->hash = NULL;
    (void)snprintf(digest, 8 + SW_SHA256_HEX_SIZE, "sha256:%s", hex);
    if ((request->expected.n > 0 && !sw_str_is(request->expected, digest)) ||
        (request->total > 0 && request->total != writing->offset))
        return sw_fail(error, SW_EENV, "what the engine writes to a cache is not what it says");
    const char *path = sw_cache_folder_blob(&arena, writing->folder, sw_str_from(digest));
    if (path == NULL)
        return sw_fail_memory(error);
    return sw_temporary_move(&writing->temporary, AT_FDCWD, path) == 0
               ? 0
               : sw_fail_errno(error, SW_EENV, "cannot write '%s'", path);
}

static void answer(struct sw_grpc_call *call, const struct writing *writing, const struct request *request,
                   const char *digest)
{
    SW_BUFFER_AUTO reply;
    sw_buffer_init(&reply, SW_MAX_MESSAGE);
    sw_proto_add_int(&reply, WRITTEN_ACTION, (uint64_t)request->action);
    sw_proto_add_int(&reply, WRITTEN_OFFSET, (uint64_t)writing->offset);
    sw_proto_add_int(&reply, WRITTEN_TOTAL, (uint64_t)request->total);
    sw_proto_add_bytes(&reply, WRITTEN_DIGEST, sw_str_from(digest));
    sw_grpc_put(call, sw_buffer_str(&reply));
}

static bool has_blob(const struct writing *writing, struct sw_str digest)
{
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, 4 * SW_MAX_PATH_SIZE);
    const char *path = sw_cache_folder_blob(&arena, writing->folder, digest);
    return path != NULL && access(path, F_OK) == 0;
}

void sw_session_content_write(struct sw_grpc_call *call, void *self, struct sw_str message)
{
    struct request request = read_request(message);
    struct sw_error error = {0};
    char digest[8 + SW_SHA256_HEX_SIZE] = "";
    int code = sw_grpc_state(call) == NULL ? start_writing(call, self, &error) : 0;
    struct writing *writing = sw_grpc_state(call);
    if (code == 0 && has_blob(writing, request.expected)) {
        sw_grpc_finish(call, SW_GRPC_EXISTS, "there is such content already");
        return;
    }
    if (code == 0 && request.action != ACTION_STAT && request.offset != writing->offset)
        code = sw_fail(&error, SW_EENV, "the engine writes to a cache out of order");
    if (code == 0 && request.action != ACTION_STAT)
        code = add_data(writing, request.data, &error);
    if (code == 0 && request.action == ACTION_COMMIT)
        code = commit(digest, writing, &request, &error);
    if (code != 0) {
        sw_session_fail_call(call, self, &error);
        return;
    }
    answer(call, writing, &request, digest);
    if (request.action == ACTION_COMMIT)
        sw_grpc_finish(call, SW_GRPC_OK, NULL);
}

void sw_session_content_write_end(struct sw_grpc_call *call, void *self)
{
    (void)self;
    sw_grpc_finish(call, SW_GRPC_OK, NULL); /* given up, which is allowed */
}

void sw_session_content_write_release(struct sw_grpc_call *call, void *self)
{
    struct writing *writing = sw_grpc_state(call);
    (void)self;
    if (writing == NULL)
        return;
    sw_sha256_free(writing->hash);
    sw_temporary_drop(&writing->temporary);
    free(writing);
}

/* ---- a call that needs only an empty answer ---- */

void sw_session_content_abort(struct sw_grpc_call *call, void *self, struct sw_str message)
{
    (void)self, (void)message;
    /* Content that was not committed ends with its call. */
    sw_grpc_put(call, (struct sw_str){"", 0});
    sw_grpc_finish(call, SW_GRPC_OK, NULL);
}
