#include "wheel/walk_internal.h"

#include "base/limits.h"

static bool is_package(const struct sw_zip_member *member)
{
    return sw_str_ends(member->name, "/__init__.py");
}

int sw_walk_begin(struct sw_walk *walk, struct sw_arena *arena, const struct sw_wheel *wheel,
                  struct sw_error *error)
{
    *walk = (struct sw_walk){.arena = arena, .wheel = wheel, .error = error};
    walk->visit_of = sw_arena_array(arena, wheel->zip.count + 1, sizeof *walk->visit_of);
    return walk->visit_of == NULL ? sw_fail_memory(error) : 0;
}

struct sw_visit *sw_walk_visit(const struct sw_walk *walk, const struct sw_zip_member *member)
{
    uint32_t place = walk->visit_of[member - walk->wheel->zip.members];
    return place == 0 ? NULL : &walk->visits[place - 1];
}

static int add_visit(struct sw_walk *walk, struct sw_str module, const struct sw_zip_member *member)
{
    if (sw_walk_visit(walk, member) != NULL || walk->visit_count == SW_MAX_SCANNED_MODULES)
        return 0;
    walk->visits = sw_arena_grow(walk->arena, walk->visits, walk->visit_count, sizeof *walk->visits);
    if (walk->visits == NULL)
        return sw_fail_memory(walk->error);
    walk->visits[walk->visit_count++] =
        (struct sw_visit){.module = module, .member = member, .package = is_package(member)};
    walk->visit_of[member - walk->wheel->zip.members] = (uint32_t)walk->visit_count;
    return 0;
}

size_t sw_walk_prefix(struct sw_str module, size_t parts)
{
    for (size_t i = 0; i < module.n; i++) {
        if (module.p[i] == '.' && --parts == 0)
            return i;
    }
    return module.n;
}

int sw_walk_add(struct sw_walk *walk, struct sw_str module)
{
    int code = 0;
    for (size_t parts = 1, n = 0; n < module.n && code == 0; parts++) {
        const struct sw_zip_member *member = NULL;
        n = sw_walk_prefix(module, parts);
        const struct sw_str part = {module.p, n};
        enum sw_wheel_module_form form = sw_wheel_module(&member, walk->wheel, part);
        if (form == SW_MODULE_SOURCE)
            code = add_visit(walk, part, member);
        else if (form != SW_MODULE_FOLDER)
            break;
    }
    return code;
}

static int by_offset(const void *a, const void *b)
{
    const struct sw_range *one = a, *other = b;
    return (one->offset > other->offset) - (one->offset < other->offset);
}

int sw_walk_expect(const struct sw_walk *walk, struct sw_range *ranges, size_t count)
{
    if (walk->wheel->texts != NULL)
        return 0; /* at hand */
    if (count > 1)
        qsort(ranges, count, sizeof *ranges, by_offset);
    return sw_reader_expect(walk->wheel->zip.reader, ranges, count, walk->error);
}

int sw_walk_read(struct sw_walk *walk)
{
    size_t from = walk->read_count, count = walk->visit_count - from;
    struct sw_range *ranges = sw_arena_array(walk->arena, count + 1, sizeof *ranges);
    if (ranges == NULL)
        return sw_fail_memory(walk->error);
    for (size_t i = 0; i < count; i++)
        ranges[i] = sw_zip_range(walk->visits[from + i].member);
    int code = sw_walk_expect(walk, ranges, count);
    for (size_t i = from; i < walk->visit_count && code == 0; i++) {
        struct sw_visit *visit = &walk->visits[i];
        code = sw_wheel_outline(&visit->outline, walk->arena, walk->wheel, visit->member, walk->error);
        visit->read = code == 0;
        code = code == SW_EINPUT ? 0 : code;
    }
    walk->read_count = code == 0 ? walk->visit_count : from;
    return code;
}

struct sw_str sw_walk_inner(struct sw_walk *walk, struct sw_str module, struct sw_str name)
{
    const char *text = sw_arena_format(walk->arena, "%.*s.%.*s", SW_STR_FORMAT(module), SW_STR_FORMAT(name));
    return text == NULL ? (struct sw_str){NULL, 0} : sw_str_from(text);
}

struct sw_str sw_walk_absolute(struct sw_walk *walk, const struct sw_visit *visit, struct sw_str module)
{
    size_t dots = 0;
    while (dots < module.n && module.p[dots] == '.')
        dots++;
    if (dots == 0)
        return module;
    struct sw_str base = visit->module, rest = sw_str_drop(module, dots);
    for (size_t up = visit->package ? 1 : 0; up < dots; up++) {
        while (base.n > 0 && base.p[base.n - 1] != '.')
            base.n--;
        base.n -= base.n > 0;
    }
    return base.n == 0 || rest.n == 0 ? base : sw_walk_inner(walk, base, rest);
}
