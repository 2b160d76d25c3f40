#include "wheel/sdist.h"

#include "base/limits.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

enum { READ_SIZE = 64 * 1024 };

struct unpacking {
    struct archive *archive;
    const struct sw_reader *reader;
    const struct sw_sdist_visitor *visitor;
    uint64_t offset, unpacked;
    size_t entries;
    bool enough;
    struct sw_error *error;
    /* The code of the reader's failure, which libarchive does not hand on. */
    int code;
    char bytes[READ_SIZE];
};

/* libarchive's callback. */
static la_ssize_t read_some(struct archive *archive, void *self, const void **bytes)
{
    struct unpacking *u = self;
    uint64_t left = u->reader->size - u->offset;
    size_t n = left < sizeof u->bytes ? (size_t)left : sizeof u->bytes;
    *bytes = u->bytes;
    u->code = n == 0 ? 0 : sw_reader_read(u->reader, u->bytes, u->offset, n, u->error);
    u->offset += n;
    if (u->code == 0)
        return (la_ssize_t)n;
    archive_set_error(archive, EIO, "the reader failed");
    return -1;
}

static int refuse(struct unpacking *u, const char *what)
{
    if (u->code != 0)
        return u->code; /* the reader has said why */
    return sw_fail(u->error, SW_EINPUT, "'%s' cannot be read: %s", u->reader->name, what);
}

/* The path of a regular file below the archive's folder; empty for any other entry. */
static struct sw_str file_name(struct archive_entry *entry)
{
    const char *path = archive_entry_pathname(entry);
    struct sw_str rest = sw_str_from(path == NULL ? "" : path);
    if (sw_str_starts(rest, "./"))
        rest = sw_str_drop(rest, 2);
    (void)sw_str_cut(&rest, '/');
    bool file = rest.p != NULL && archive_entry_filetype(entry) == AE_IFREG;
    return file && rest.n < SW_MAX_PATH_SIZE ? rest : SW_STR("");
}

static int take_entry(struct unpacking *u, struct sw_str name)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, u->visitor->file_max);
    const void *bytes = NULL;
    size_t n = 0;
    la_int64_t offset = 0;
    int status;
    while ((status = archive_read_data_block(u->archive, &bytes, &n, &offset)) == ARCHIVE_OK) {
        if ((uint64_t)offset != text.n)
            return refuse(u, "it has a file with holes");
        sw_buffer_add_str(&text, (struct sw_str){bytes, n});
    }
    if (status != ARCHIVE_EOF)
        return refuse(u, "it is damaged");
    int code = sw_buffer_check(&text, "a source file", u->error);
    return code != 0 ? code
                     : u->visitor->take(u->visitor->self, name, sw_buffer_str(&text), &u->enough, u->error);
}

/* Read an entry if it is wanted. The bytes of other entries count as well: they are unpacked to be passed over. */
static int read_entry(struct unpacking *u, struct archive_entry *entry)
{
    struct sw_str name = file_name(entry);
    int64_t size = archive_entry_size(entry);
    if (name.n > 0 && !archive_entry_size_is_set(entry))
        return refuse(u, "it does not say the sizes of its files before their bytes");
    if (size < 0 || (uint64_t)size > u->visitor->most - u->unpacked || ++u->entries > SW_MAX_ZIP_MEMBERS)
        return refuse(u, "it is too large when unpacked");
    u->unpacked += (uint64_t)size;
    if (name.n == 0 || (uint64_t)size > u->visitor->file_max || !u->visitor->wants(u->visitor->self, name))
        return 0;
    return take_entry(u, name);
}

static int read_all(struct unpacking *u)
{
    struct archive_entry *entry = NULL;
    if (archive_read_support_filter_gzip(u->archive) != ARCHIVE_OK ||
        archive_read_support_format_tar(u->archive) != ARCHIVE_OK ||
        archive_read_support_format_zip_streamable(u->archive) != ARCHIVE_OK ||
        archive_read_open(u->archive, u, NULL, read_some, NULL) != ARCHIVE_OK)
        return refuse(u, "it is no zip file, and no tar that gzip packed");
    int status, code = 0;
    while (code == 0 && !u->enough && (status = archive_read_next_header(u->archive, &entry)) != ARCHIVE_EOF)
        code = status < ARCHIVE_WARN ? refuse(u, "it is damaged") : read_entry(u, entry);
    return code;
}

int sw_sdist_visit(const struct sw_reader *reader, const struct sw_sdist_visitor *visitor,
                   struct sw_error *error)
{
    struct unpacking *u = malloc(sizeof *u);
    if (u == NULL)
        return sw_fail_memory(error);
    *u = (struct unpacking){
        .archive = archive_read_new(), .reader = reader, .visitor = visitor, .error = error};
    int code = u->archive == NULL ? sw_fail_memory(error) : read_all(u);
    if (u->archive != NULL)
        (void)archive_read_free(u->archive);
    free(u);
    return code;
}

/* ---- sources ---- */

struct file {
    struct sw_str name, text;
};

struct sources {
    const struct sw_reader *reader;
    struct sw_arena *arena;
    struct file *files;
    size_t count;
};

static bool is_source(void *self, struct sw_str name)
{
    (void)self;
    return sw_str_ends(name, ".py");
}

static int add_source(void *self, struct sw_str name, struct sw_str text, bool *enough,
                      struct sw_error *error)
{
    struct sources *u = self;
    u->files = sw_arena_grow(u->arena, u->files, u->count, sizeof *u->files);
    if (u->files == NULL)
        return sw_fail_memory(error);
    struct file file = {{sw_arena_copy(u->arena, name), name.n}, {sw_arena_copy(u->arena, text), text.n}};
    if (file.name.p == NULL || file.text.p == NULL)
        return sw_fail_memory(error);
    u->files[u->count++] = file;
    *enough = false;
    return 0;
}

/* ---- folders that hold the packages ---- */

/* The rest of a name below `folder`, which has no __init__.py of its own; else nothing. */
static struct sw_str below(struct sw_str name, const char *folder)
{
    struct sw_str rest = name;
    bool inside = sw_str_is(sw_str_cut(&rest, '/'), folder) && rest.p != NULL;
    return inside ? rest : (struct sw_str){NULL, 0};
}

/* Return true if the folder holds packages and is none. */
static bool holds_packages(const struct sources *u, const char *folder)
{
    bool holds = false;
    for (size_t i = 0; i < u->count; i++) {
        struct sw_str rest = below(u->files[i].name, folder);
        if (rest.p != NULL && sw_str_is(rest, "__init__.py"))
            return false;
        if (rest.p != NULL)
            (void)sw_str_cut(&rest, '/');
        holds = holds || (rest.p != NULL && sw_str_is(rest, "__init__.py"));
    }
    return holds;
}

static void leave_out(struct sources *u, const char *folder)
{
    if (!holds_packages(u, folder))
        return;
    for (size_t i = 0; i < u->count; i++) {
        struct sw_str rest = below(u->files[i].name, folder);
        u->files[i].name = rest.p != NULL ? rest : u->files[i].name;
    }
}

static int by_name(const void *a, const void *b)
{
    const struct file *one = a, *other = b;
    return sw_str_compare(one->name, other->name);
}

static int give(struct sw_wheel *out, struct sources *u, struct sw_error *error)
{
    static const char *const folders[] = {"src", "lib", "python"};
    for (size_t i = 0; i < SW_COUNT(folders); i++)
        leave_out(u, folders[i]);
    if (u->count > 0)
        qsort(u->files, u->count, sizeof *u->files, by_name);
    struct sw_zip_member *members = sw_arena_array(u->arena, u->count + 1, sizeof *members);
    struct sw_str *texts = sw_arena_array(u->arena, u->count + 1, sizeof *texts);
    if (members == NULL || texts == NULL)
        return sw_fail_memory(error);
    size_t count = 0;
    for (size_t i = 0; i < u->count; i++) {
        if (count > 0 && sw_str_equal(members[count - 1].name, u->files[i].name))
            continue;
        members[count] = (struct sw_zip_member){
            .name = u->files[i].name, .size = u->files[i].text.n, .compressed = u->files[i].text.n};
        texts[count++] = u->files[i].text;
    }
    *out = (struct sw_wheel){.zip = {u->reader, members, count}, .texts = texts};
    return 0;
}

int sw_sdist_open(struct sw_wheel *out, struct sw_arena *arena, const struct sw_reader *reader,
                  struct sw_error *error)
{
    const struct sw_range whole = {0, reader->size};
    int code = sw_reader_expect(reader, &whole, 1, error);
    if (code != 0)
        return code;
    struct sources sources = {.reader = reader, .arena = arena};
    const struct sw_sdist_visitor visitor = {.wants = is_source,
                                             .take = add_source,
                                             .self = &sources,
                                             .most = SW_MAX_SDIST_UNPACKED,
                                             .file_max = SW_MAX_WHEEL_MEMBER};
    code = sw_sdist_visit(reader, &visitor, error);
    return code == 0 ? give(out, &sources, error) : code;
}
