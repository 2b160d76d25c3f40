#include "wheel/wheel.h"

#include "base/limits.h"
#include "base/text.h"

enum { MOST_ANNOUNCED = 16, LONGEST_VERSION_MODULE = 64 * 1024 };

static const char dist_info[] = ".dist-info/";

/* The base name of a path. */
static struct sw_str base(struct sw_str path)
{
    const char *slash = path.n == 0 ? NULL : memrchr(path.p, '/', path.n);
    return slash == NULL ? path : sw_str_drop(path, (size_t)(slash - path.p) + 1);
}

bool sw_wheel_is_version(const struct sw_zip_member *member)
{
    struct sw_str rest = member->name;
    (void)sw_str_cut(&rest, '/');
    return rest.p != NULL && sw_str_is(rest, "version.py") && member->size <= LONGEST_VERSION_MODULE;
}

static bool is_summary(const struct sw_wheel *wheel, const struct sw_zip_member *member)
{
    if (sw_wheel_is_version(member))
        return true;
    if (!sw_str_starts(member->name, wheel->dist_info.p))
        return false;
    struct sw_str name = sw_str_drop(member->name, wheel->dist_info.n);
    return sw_str_is(name, "METADATA") || sw_str_is(name, "WHEEL");
}

static int by_offset(const void *a, const void *b)
{
    const struct sw_range *one = a, *other = b;
    return (one->offset > other->offset) - (one->offset < other->offset);
}

static int announce_summary(const struct sw_wheel *wheel, struct sw_error *error)
{
    struct sw_range ranges[MOST_ANNOUNCED];
    size_t count = 0;
    for (size_t i = 0; i < wheel->zip.count && count < MOST_ANNOUNCED; i++) {
        if (is_summary(wheel, &wheel->zip.members[i]))
            ranges[count++] = sw_zip_range(&wheel->zip.members[i]);
    }
    if (count > 0)
        qsort(ranges, count, sizeof *ranges, by_offset);
    return sw_reader_expect(wheel->zip.reader, ranges, count, error);
}

int sw_wheel_open(struct sw_wheel *out, struct sw_arena *arena, const struct sw_reader *reader,
                  struct sw_error *error)
{
    struct sw_wheel wheel = {.dist_info = {NULL, 0}};
    int code = sw_zip_open(&wheel.zip, arena, reader, error);
    for (size_t i = 0; i < wheel.zip.count && code == 0; i++) {
        struct sw_str name = wheel.zip.members[i].name;
        size_t n = sw_str_find(name, SW_STR("/")) + 1;
        if (n > name.n || !sw_str_ends((struct sw_str){name.p, n}, dist_info) ||
            !sw_str_is(sw_str_drop(name, n), "METADATA"))
            continue;
        if (wheel.dist_info.p != NULL)
            return sw_fail(error, SW_EINPUT, "'%s' is no wheel: it describes two distributions",
                           reader->name);
        wheel.dist_info = (struct sw_str){sw_arena_copy(arena, (struct sw_str){name.p, n}), n};
        if (wheel.dist_info.p == NULL)
            return sw_fail_memory(error);
    }
    if (code == 0 && wheel.dist_info.p == NULL)
        return sw_fail(error, SW_EINPUT, "'%s' is no wheel: it has no METADATA", reader->name);
    if (code == 0)
        code = announce_summary(&wheel, error);
    if (code == 0)
        *out = wheel;
    return code;
}

int sw_wheel_describe(struct sw_buffer *out, const struct sw_wheel *wheel, const char *name,
                      struct sw_error *error)
{
    SW_BUFFER_AUTO path;
    sw_buffer_init(&path, wheel->dist_info.n + strlen(name));
    sw_buffer_add_str(&path, wheel->dist_info);
    sw_buffer_add_text(&path, name);
    int code = sw_buffer_check(&path, "a name", error);
    const struct sw_zip_member *member = code == 0 ? sw_zip_find(&wheel->zip, sw_buffer_str(&path)) : NULL;
    if (code == 0 && member == NULL)
        return sw_fail(error, SW_ENOTFOUND, "'%s' has no %s", wheel->zip.reader->name, name);
    return code != 0 ? code : sw_zip_read(&wheel->zip, member, out, error);
}

/* The first member whose name begins with `start`, or NULL. */
static const struct sw_zip_member *first_below(const struct sw_zip *zip, struct sw_str start)
{
    size_t low = 0, high = zip->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sw_str_compare(zip->members[middle].name, start) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool below = low < zip->count && zip->members[low].name.n >= start.n &&
                 memcmp(zip->members[low].name.p, start.p, start.n) == 0;
    return below ? &zip->members[low] : NULL;
}

/* "NAME.cpython-311-x86_64-linux-gnu.so", "NAME.abi3.so", "NAME.so". */
static const struct sw_zip_member *compiled(const struct sw_zip *zip, struct sw_str stem)
{
    const struct sw_zip_member *end = zip->members + zip->count;
    for (const struct sw_zip_member *m = first_below(zip, stem); m != NULL && m < end; m++) {
        if (m->name.n < stem.n || memcmp(m->name.p, stem.p, stem.n) != 0)
            break;
        struct sw_str rest = sw_str_drop(m->name, stem.n);
        if (sw_str_ends(rest, ".so") && rest.p[0] == '.' && memchr(rest.p, '/', rest.n) == NULL)
            return m;
    }
    return NULL;
}

enum sw_wheel_module_form sw_wheel_module(const struct sw_zip_member **member, const struct sw_wheel *wheel,
                                          struct sw_str module)
{
    SW_BUFFER_AUTO path;
    sw_buffer_init(&path, SW_MAX_PATH_SIZE);
    for (size_t i = 0; i < module.n; i++)
        sw_buffer_add_char(&path, module.p[i] == '.' ? '/' : module.p[i]);
    size_t stem = path.n;
    static const char *const forms[] = {"/__init__.py", ".py"};
    const struct sw_zip_member *found = NULL;
    for (size_t i = 0; i < SW_COUNT(forms) && found == NULL && stem > 0; i++) {
        sw_buffer_truncate(&path, stem);
        sw_buffer_add_text(&path, forms[i]);
        found = sw_zip_find(&wheel->zip, sw_buffer_str(&path));
    }
    enum sw_wheel_module_form form = found == NULL ? SW_MODULE_ABSENT : SW_MODULE_SOURCE;
    sw_buffer_truncate(&path, stem);
    if (found == NULL && stem > 0 && (found = compiled(&wheel->zip, sw_buffer_str(&path))) != NULL)
        form = SW_MODULE_COMPILED;
    sw_buffer_add_char(&path, '/');
    if (found == NULL && stem > 0 && (found = first_below(&wheel->zip, sw_buffer_str(&path))) != NULL)
        form = SW_MODULE_FOLDER;
    if (path.state != SW_BUFFER_OK)
        return SW_MODULE_ABSENT;
    if (member != NULL)
        *member = found;
    return form;
}

int sw_wheel_source(struct sw_buffer *out, const struct sw_wheel *wheel, const struct sw_zip_member *member,
                    struct sw_error *error)
{
    if (wheel->texts != NULL) {
        sw_buffer_add_str(out, wheel->texts[member - wheel->zip.members]);
        return sw_buffer_check(out, "a source file", error);
    }
    const struct sw_range range = sw_zip_range(member);
    int code = sw_reader_expect(wheel->zip.reader, &range, 1, error);
    return code != 0 ? code : sw_zip_read(&wheel->zip, member, out, error);
}

int sw_wheel_outline(struct sw_module *out, struct sw_arena *arena, const struct sw_wheel *wheel,
                     const struct sw_zip_member *member, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_WHEEL_MEMBER);
    int code = sw_wheel_source(&text, wheel, member, error);
    if (code != 0)
        return code;
    const char *copy = sw_arena_copy(arena, sw_buffer_str(&text));
    if (copy == NULL)
        return sw_fail_memory(error);
    return sw_module_read(out, arena, (struct sw_str){copy, text.n}, member->name.p, error);
}

bool sw_wheel_is_library(const struct sw_zip_member *member)
{
    struct sw_str name = base(member->name);
    size_t at = sw_str_find(name, SW_STR(".so."));
    if (at == name.n)
        return sw_str_ends(name, ".so");
    for (at += strlen(".so."); at < name.n; at++) {
        if (!sw_is_digit((unsigned char)name.p[at]) && name.p[at] != '.')
            return false;
    }
    return true;
}

struct sw_str sw_wheel_library_cuda(const struct sw_zip_member *member)
{
    struct sw_str name = base(member->name);
    size_t at = sw_str_find(name, SW_STR("_cuda"));
    struct sw_str rest = at == name.n ? SW_STR("") : sw_str_drop(name, at + strlen("_cuda"));
    return (struct sw_str){rest.p, sw_str_digits(rest)};
}

static int feed(void *self, struct sw_str bytes, struct sw_error *error)
{
    (void)error;
    sw_fatbin_add(self, bytes);
    return 0;
}

int sw_wheel_codes(struct sw_gpu_codes *out, const struct sw_wheel *wheel, const struct sw_zip_member *member,
                   struct sw_error *error)
{
    const struct sw_range range = sw_zip_range(member);
    int code = sw_reader_expect(wheel->zip.reader, &range, 1, error);
    struct sw_fatbin *fatbin = code == 0 ? sw_fatbin_new() : NULL;
    if (code == 0 && fatbin == NULL)
        return sw_fail_memory(error);
    bool again = true;
    while (code == 0 && again) {
        code = sw_zip_stream(&wheel->zip, member, feed, fatbin, error);
        if (code != 0)
            break;
        code = sw_fatbin_finish(out, fatbin, &again, error);
        if (code != 0) {
            char brief[SW_TEXT_BRIEF];
            sw_text_brief(brief, member->name);
            (void)sw_error_context(code, error, "'%s': member '%s'", wheel->zip.reader->name, brief);
        }
    }
    sw_fatbin_free(fatbin);
    return code;
}

/* Append the name if `out` does not have it, with a blank before it. */
static void add_new(struct sw_buffer *out, struct sw_str name)
{
    for (struct sw_str rest = sw_buffer_str(out); rest.p != NULL && rest.n > 0;) {
        if (sw_str_equal(sw_str_cut(&rest, ' '), name))
            return;
    }
    if (out->n > 0)
        sw_buffer_add_char(out, ' ');
    sw_buffer_add_str(out, name);
}

int sw_wheel_code_names(struct sw_buffer *out, const struct sw_wheel *wheel, struct sw_error *error)
{
    int code = 0;
    for (size_t i = 0; i < wheel->zip.count && code == 0; i++) {
        const struct sw_zip_member *member = &wheel->zip.members[i];
        struct sw_gpu_codes codes;
        if (!sw_wheel_is_library(member))
            continue;
        code = sw_wheel_codes(&codes, wheel, member, error);
        for (size_t k = 0; code == 0 && k < codes.count; k++) {
            SW_BUFFER_AUTO name;
            sw_buffer_init(&name, SW_KIB);
            sw_gpu_code_write(&name, &codes.items[k]);
            add_new(out, sw_buffer_str(&name));
        }
        code = code == SW_EINPUT ? 0 : code;
    }
    return code != 0 ? code : sw_buffer_check(out, "the GPU code of a wheel", error);
}
