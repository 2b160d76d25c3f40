#include "wheel/package_internal.h"

#include "base/limits.h"
#include "python/name.h"

/* Folders and files beside a package that are not its subject. */
static bool is_beside(struct sw_str top)
{
    static const char *const names[] = {"benchmark", "benchmarks", "build",    "conftest", "doc",
                                        "docs",      "example",    "examples", "scripts",  "setup",
                                        "test",      "tests",      "tools"};
    for (size_t i = 0; i < SW_COUNT(names); i++) {
        if (sw_str_is(top, names[i]))
            return true;
    }
    return top.n == 0 || top.p[0] == '_';
}

/* "a.b" of "a/b/__init__.py" in `room`, if the project has that name; else empty. */
static struct sw_str named_as(char room[SW_MAX_PROJECT_PATH], struct sw_str member, struct sw_str project)
{
    struct sw_str path = {member.p, member.n - strlen("/__init__.py")};
    if (path.n != project.n || path.n >= SW_MAX_PROJECT_PATH)
        return SW_STR("");
    for (size_t i = 0; i < path.n; i++)
        room[i] = (char)(path.p[i] == '/' ? '.' : path.p[i]);
    const struct sw_str dotted = {room, path.n};
    return sw_name_equal(dotted, project) ? dotted : SW_STR("");
}

int sw_package_find(struct sw_str *out, struct sw_arena *arena, const struct sw_wheel *wheel,
                    struct sw_str project, struct sw_error *error)
{
    const struct sw_zip *zip = &wheel->zip;
    char room[SW_MAX_PROJECT_PATH];
    struct sw_str only = {NULL, 0};
    size_t count = 0;
    for (size_t i = 0; i < zip->count; i++) {
        struct sw_str rest = zip->members[i].name, top = sw_str_cut(&rest, '/');
        bool package = rest.p != NULL && sw_str_is(rest, "__init__.py");
        bool module = rest.p == NULL && sw_str_ends(top, ".py");
        if (module)
            top.n -= strlen(".py");
        struct sw_str dotted = rest.p != NULL && sw_str_ends(rest, "__init__.py")
                                   ? named_as(room, zip->members[i].name, project)
                                   : SW_STR("");
        if (dotted.n == 0 && module && sw_name_equal(top, project))
            dotted = top;
        if (dotted.n > 0) {
            *out = (struct sw_str){sw_arena_copy(arena, dotted), dotted.n};
            return out->p == NULL ? sw_fail_memory(error) : 0;
        }
        if ((package || module) && !is_beside(top)) {
            only = top;
            count++;
        }
    }
    *out = count == 1 ? only : SW_STR("");
    return 0;
}
