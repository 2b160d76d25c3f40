#include "python/tag.h"

#include "base/limits.h"

/* The first glibc 2 minor with a manylinux tag: PEP 513 for x86_64, PEP 599 for machines that came later. */
static const struct {
    const char *machine;
    unsigned first_glibc_minor;
} machines[] = {{"aarch64", 17}, {"x86_64", 5}};

static const struct {
    unsigned glibc_minor;
    const char *name;
} legacy[] = {{5, "manylinux1"}, {12, "manylinux2010"}, {17, "manylinux2014"}};

/* A list in the making. Once memory runs out it stays failed and further additions do nothing. */
struct maker {
    struct sw_arena *arena;
    const struct sw_tag_target *target;
    const char **platforms;
    size_t platform_count;
    struct sw_tag *tags;
    size_t count;
    bool failed;
};

static void add_tag(struct maker *m, const char *interpreter, const char *abi, const char *platform)
{
    struct sw_tag *tags = m->failed ? NULL : sw_arena_grow(m->arena, m->tags, m->count, sizeof *tags);
    if (tags == NULL || interpreter == NULL || abi == NULL) {
        m->failed = true;
        return;
    }
    m->tags = tags;
    m->tags[m->count++] = (struct sw_tag){interpreter, abi, platform, 1};
}

static void add_on_platforms(struct maker *m, const char *interpreter, const char *abi)
{
    for (size_t i = 0; i < m->platform_count; i++)
        add_tag(m, interpreter, abi, m->platforms[i]);
    for (size_t i = 0; !m->failed && i < m->platform_count; i++)
        m->tags[m->count - 1 - i].run = i + 1;
}

static void add_platform(struct maker *m, const char *platform)
{
    const char **platforms =
        m->failed ? NULL : sw_arena_grow(m->arena, m->platforms, m->platform_count, sizeof(const char *));
    if (platforms == NULL || platform == NULL) {
        m->failed = true;
        return;
    }
    m->platforms = platforms;
    m->platforms[m->platform_count++] = platform;
}

static void make_platforms(struct maker *m, unsigned first_glibc_minor)
{
    const char *machine = m->target->machine;
    for (unsigned minor = m->target->libc_minor + 1; m->target->musl && minor-- > 0;)
        add_platform(m, sw_arena_format(m->arena, "musllinux_1_%u_%s", minor, machine));
    for (unsigned minor = m->target->libc_minor; !m->target->musl && minor >= first_glibc_minor; minor--) {
        add_platform(m, sw_arena_format(m->arena, "manylinux_2_%u_%s", minor, machine));
        for (size_t i = 0; i < SW_COUNT(legacy); i++) {
            if (legacy[i].glibc_minor == minor)
                add_platform(m, sw_arena_format(m->arena, "%s_%s", legacy[i].name, machine));
        }
    }
    add_platform(m, sw_arena_format(m->arena, "linux_%s", machine));
}

/* Tags of extension modules. Before 3.8 the ABI's name has an 'm' (pymalloc) and before 3.3 a 'u' (wide
 * Unicode), as Linux distributions built it; abi3 came with 3.2. */
static void make_cpython(struct maker *m)
{
    unsigned major = m->target->python_major, minor = m->target->python_minor;
    bool before_3_8 = major < 3 || (major == 3 && minor < 8),
         before_3_3 = major < 3 || (major == 3 && minor < 3);
    bool has_abi3 = major > 3 || (major == 3 && minor >= 2);
    const char *own = sw_arena_format(m->arena, "cp%u%u", major, minor);
    const char *abi =
        sw_arena_format(m->arena, "cp%u%u%s%s", major, minor, before_3_8 ? "m" : "", before_3_3 ? "u" : "");
    add_on_platforms(m, own, abi);
    if (has_abi3)
        add_on_platforms(m, own, "abi3");
    add_on_platforms(m, own, "none");
    for (unsigned older = minor; has_abi3 && older-- > 2;)
        add_on_platforms(m, sw_arena_format(m->arena, "cp%u%u", major, older), "abi3");
}

/* py311, py3, py310 … py30, on every platform and then on any. */
static void make_pure(struct maker *m)
{
    unsigned major = m->target->python_major, minor = m->target->python_minor;
    const char *versions[SW_MAX_PYTHON_MINOR + 2];
    size_t count = 0;
    versions[count++] = sw_arena_format(m->arena, "py%u%u", major, minor);
    versions[count++] = sw_arena_format(m->arena, "py%u", major);
    for (unsigned older = minor; older-- > 0;)
        versions[count++] = sw_arena_format(m->arena, "py%u%u", major, older);
    for (size_t i = 0; i < count; i++)
        add_on_platforms(m, versions[i], "none");
    add_tag(m, sw_arena_format(m->arena, "cp%u%u", major, minor), "none", "any");
    for (size_t i = 0; i < count; i++)
        add_tag(m, versions[i], "none", "any");
}

static int check_target(unsigned *first_glibc_minor, const struct sw_tag_target *target,
                        struct sw_error *error)
{
    if (target->python_minor > SW_MAX_PYTHON_MINOR || target->libc_minor > SW_MAX_LIBC_MINOR) {
        sw_fail(error, SW_EINPUT, "no tags for Python %u.%u with %s.%u", target->python_major,
                target->python_minor, target->musl ? "musl 1" : "glibc 2", target->libc_minor);
        return sw_error_hint(error, "the minor numbers are at most %u and %u", SW_MAX_PYTHON_MINOR,
                             SW_MAX_LIBC_MINOR);
    }
    for (size_t i = 0; i < SW_COUNT(machines); i++) {
        if (strcmp(machines[i].machine, target->machine) == 0) {
            *first_glibc_minor = machines[i].first_glibc_minor;
            return 0;
        }
    }
    sw_fail(error, SW_EINPUT, "no tags for the machine '%s'", target->machine);
    return sw_error_hint(error, "x86_64 and aarch64 are known");
}

int sw_tag_list_make(struct sw_tag_list *out, struct sw_arena *arena, const struct sw_tag_target *target,
                     struct sw_error *error)
{
    unsigned first_glibc_minor = 0;
    int code = check_target(&first_glibc_minor, target, error);
    if (code != 0)
        return code;
    struct maker m = {.arena = arena, .target = target};
    make_platforms(&m, first_glibc_minor);
    make_cpython(&m);
    make_pure(&m);
    if (m.failed)
        return sw_fail_memory(error);
    *out = (struct sw_tag_list){m.tags, m.count};
    return 0;
}
