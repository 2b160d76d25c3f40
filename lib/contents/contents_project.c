/* The GPU code of a library and the files of a project, as an image's layers show them. */
#include "base/limits.h"
#include "contents/contents_internal.h"
#include "trim/trimming.h"

#include <sys/stat.h>

/* ---- GPU code ---- */

static int add_unread(struct sw_contents_reading *r, uint32_t file, const char *why)
{
    r->unread = sw_arena_grow(r->arena, r->unread, r->unread_count, sizeof *r->unread);
    if (r->unread == NULL)
        return sw_fail_memory(r->error);
    r->unread[r->unread_count++] =
        (struct sw_contents_unread){r->files[file].path.p, sw_arena_text(r->arena, why)};
    return 0;
}

/* All kinds of code in the library: those that trimming keeps, and those that it drops. */
static bool unite(struct sw_device_codes *all, const struct sw_trimming *trimming)
{
    *all = trimming->kept;
    for (size_t i = 0; i < trimming->dropped.count; i++) {
        if (!sw_device_codes_add(all, &trimming->dropped.items[i], trimming->dropped.bytes[i]))
            return false;
    }
    return true;
}

static int add_library(struct sw_contents_reading *r, uint32_t file, const struct sw_trimming *trimming)
{
    struct sw_contents_library library = {.file = file};
    if (!unite(&library.codes, trimming))
        return add_unread(r, file, "it has code for absurdly many architectures");
    if (trimming->note[0] != '\0' && add_unread(r, file, trimming->note) != 0)
        return SW_EENV;
    r->libraries = sw_arena_grow(r->arena, r->libraries, r->library_count, sizeof *r->libraries);
    if (r->libraries == NULL)
        return sw_fail_memory(r->error);
    r->libraries[r->library_count++] = library;
    r->files[file].gpu_code = trimming->code_before;
    r->files[file].gpu_kept = trimming->sound ? trimming->code_after : trimming->code_before;
    return 0;
}

int sw_contents_code_read(struct sw_contents_reading *r, uint32_t file)
{
    struct sw_trimming trimming;
    struct stat status;
    r->files[file].kind = SW_CONTENTS_ELF;
    if (fstat(r->input->spool, &status) != 0)
        return sw_fail_errno(r->error, SW_EENV, "cannot read a temporary file");
    if (!sw_trimming_plan(&trimming, r->input->spool, (uint64_t)status.st_size, &r->input->targets))
        return sw_fail(r->error, SW_EENV, "cannot read the GPU code of '%.200s'", r->files[file].path.p);
    int code = trimming.has_code ? add_library(r, file, &trimming) : 0;
    sw_trimming_release(&trimming);
    return code;
}

/* ---- projects ---- */

/* Take the path, which stands first in a line of RECORD: quoted if it has a comma. */
static struct sw_str record_path(struct sw_str line)
{
    if (!sw_str_starts(line, "\""))
        return sw_str_cut(&line, ',');
    line = sw_str_drop(line, 1);
    return sw_str_cut(&line, '"');
}

/* Join a folder and a path of RECORD, which may lead up ("../../../bin/x"). An empty path if it leads out of the image. */
static struct sw_str join(struct sw_contents_reading *r, struct sw_str folder, struct sw_str path)
{
    while (sw_str_starts(path, "../")) {
        if (folder.n == 0)
            return SW_STR("");
        while (folder.n > 0 && folder.p[folder.n - 1] != '/')
            folder.n--;
        folder.n -= folder.n > 0;
        path = sw_str_drop(path, 3);
    }
    const char *text = sw_arena_format(r->arena, "%.*s%s%.*s", SW_STR_FORMAT(folder),
                                       folder.n == 0 ? "" : "/", SW_STR_FORMAT(path));
    return sw_str_from(text);
}

static int add_owned(struct sw_contents_reading *r, struct sw_str folder, struct sw_str path)
{
    if (path.n == 0 || path.p[0] == '/' || path.n > SW_MAX_PATH_SIZE)
        return 0;
    if (r->owned_count == SW_MAX_CONTENTS_FILES)
        return sw_fail(r->error, SW_EINPUT, "the image's projects record absurdly many files");
    r->owned = sw_arena_grow(r->arena, r->owned, r->owned_count, sizeof *r->owned);
    if (r->owned == NULL)
        return sw_fail_memory(r->error);
    r->owned[r->owned_count++] =
        (struct sw_contents_owned){join(r, folder, path), (uint32_t)(r->record_count - 1)};
    return 0;
}

int sw_contents_record_read(struct sw_contents_reading *r, uint32_t file, struct sw_str text)
{
    /* "FOLDER/NAME-VERSION.dist-info/RECORD" */
    struct sw_str path = r->files[file].path, folder = {path.p, path.n - strlen(".dist-info/RECORD")};
    struct sw_str metadata = {path.p, path.n - strlen("/RECORD")};
    size_t start = folder.n;
    while (start > 0 && folder.p[start - 1] != '/')
        start--;
    struct sw_str version = sw_str_drop(folder, start), name = sw_str_cut(&version, '-');
    folder.n = start == 0 ? 0 : start - 1;
    r->records = sw_arena_grow(r->arena, r->records, r->record_count, sizeof *r->records);
    if (r->records == NULL)
        return sw_fail_memory(r->error);
    struct sw_contents_project project = {.name = sw_arena_copy(r->arena, name),
                                          .version = sw_arena_copy(r->arena, version),
                                          .path = sw_arena_copy(r->arena, metadata)};
    if (project.name == NULL || project.version == NULL || project.path == NULL)
        return sw_fail_memory(r->error);
    r->records[r->record_count++] = (struct sw_contents_record){.project = project, .file = file};
    int code = 0;
    while (code == 0 && text.p != NULL && text.n > 0)
        code = add_owned(r, folder, record_path(sw_str_trim(sw_str_cut(&text, '\n'))));
    return code;
}
