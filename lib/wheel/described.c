#include "wheel/described_internal.h"

#include "base/limits.h"

/* The member NAME-VERSION.dist-info/METADATA, or NULL. */
static const struct sw_zip_member *metadata_of(const struct sw_wheel *wheel)
{
    for (size_t i = 0; wheel->texts == NULL && i < wheel->zip.count; i++) {
        const struct sw_zip_member *member = &wheel->zip.members[i];
        struct sw_str rest = member->name, folder = sw_str_cut(&rest, '/');
        if (sw_str_ends(folder, ".dist-info") && sw_str_is(rest, "METADATA"))
            return member;
    }
    return NULL;
}

/* The module of a line `from a.b import c` or `import a.b`, with or without a prompt; empty for another line. */
static struct sw_str imported(struct sw_str line)
{
    line = sw_str_trim(line);
    if (sw_str_starts(line, ">>> "))
        line = sw_str_drop(line, 4);
    bool from = sw_str_starts(line, "from ");
    if (!from && !sw_str_starts(line, "import "))
        return SW_STR("");
    line = sw_str_drop(line, strlen(from ? "from " : "import "));
    size_t n = 0;
    while (n < line.n && (sw_is_alnum((unsigned char)line.p[n]) || line.p[n] == '_' || line.p[n] == '.'))
        n++;
    struct sw_str rest = sw_str_drop(line, n);
    bool whole = !from || (rest.n > 0 && rest.p[0] == ' ' && sw_str_starts(sw_str_trim(rest), "import "));
    return whole ? (struct sw_str){line.p, n} : SW_STR("");
}

static bool is_below(struct sw_str module, struct sw_str root)
{
    return module.n > root.n + 1 && memcmp(module.p, root.p, root.n) == 0 && module.p[root.n] == '.';
}

static int add(struct sw_str **out, size_t *count, struct sw_arena *arena, struct sw_str module,
               struct sw_error *error)
{
    for (size_t i = 0; *out != NULL && i < *count; i++) {
        if (sw_str_equal((*out)[i], module))
            return 0;
    }
    *out = sw_arena_grow(arena, *out, *count, sizeof **out);
    const char *copy = *out == NULL ? NULL : sw_arena_copy(arena, module);
    if (copy == NULL)
        return sw_fail_memory(error);
    (*out)[(*count)++] = (struct sw_str){copy, module.n};
    return 0;
}

int sw_described_modules(struct sw_str **out, size_t *count, struct sw_arena *arena,
                         const struct sw_wheel *wheel, struct sw_str root, struct sw_error *error)
{
    const struct sw_zip_member *member = metadata_of(wheel);
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_WHEEL_MEMBER);
    *out = NULL;
    *count = 0;
    int code = member == NULL ? 0 : sw_zip_read(&wheel->zip, member, &text, error);
    struct sw_str rest = sw_buffer_str(&text);
    while (rest.n > 0 && *count < SW_MAX_DESCRIBED_MODULES && code == 0) {
        struct sw_str module = imported(sw_str_cut(&rest, '\n'));
        if (is_below(module, root) && sw_wheel_module(NULL, wheel, module) == SW_MODULE_SOURCE)
            code = add(out, count, arena, module, error);
    }
    return code == SW_EINPUT ? 0 : code;
}
