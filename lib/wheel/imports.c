#include "wheel/imports.h"

#include "base/limits.h"
#include "python/name.h"

/* Sources up to this size are announced as a whole; of larger packages only the modules that are reached. */
#define SMALL_PACKAGE SW_MIB

/* A module on the way. */
struct visit {
    struct sw_str module;
    const struct sw_zip_member *member;
    struct sw_module outline; /* once `read` */
    bool package, read;
};

struct walk {
    struct sw_arena *arena;
    const struct sw_wheel *wheel;
    /* The package's name; empty if only single modules are read. */
    struct sw_str root;
    struct visit *visits;
    size_t visit_count;
    /* The place of a member's visit among the visits, from 1; 0: none. */
    uint32_t *visit_of;
    struct sw_wheel_imports found;
    /* The place of a hash among the imports found, from 1; 0: none. */
    uint32_t *found_slots;
    struct sw_error *error;
};

enum { FOUND_SLOTS = 1 << 14 };
_Static_assert(FOUND_SLOTS > 2 * SW_MAX_SCANNED_IMPORTS, "a slot that is free is never far");

static bool is_package(const struct sw_zip_member *member)
{
    return sw_str_ends(member->name, "/__init__.py");
}

static int begin(struct walk *walk, struct sw_arena *arena, const struct sw_wheel *wheel,
                 struct sw_error *error)
{
    *walk = (struct walk){.arena = arena, .wheel = wheel, .error = error};
    walk->visit_of = sw_arena_array(arena, wheel->zip.count + 1, sizeof *walk->visit_of);
    return walk->visit_of == NULL ? sw_fail_memory(error) : 0;
}

/* ---- modules to read ---- */

static struct visit *visit_of(const struct walk *walk, const struct sw_zip_member *member)
{
    uint32_t place = walk->visit_of[member - walk->wheel->zip.members];
    return place == 0 ? NULL : &walk->visits[place - 1];
}

static int add_visit(struct walk *walk, struct sw_str module, const struct sw_zip_member *member)
{
    if (visit_of(walk, member) != NULL || walk->visit_count == SW_MAX_SCANNED_MODULES)
        return 0;
    walk->visits = sw_arena_grow(walk->arena, walk->visits, walk->visit_count, sizeof *walk->visits);
    if (walk->visits == NULL)
        return sw_fail_memory(walk->error);
    walk->visits[walk->visit_count++] =
        (struct visit){.module = module, .member = member, .package = is_package(member)};
    walk->visit_of[member - walk->wheel->zip.members] = (uint32_t)walk->visit_count;
    return 0;
}

/* The length of the first `parts` parts of a dotted name, or of all of it. */
static size_t prefix(struct sw_str module, size_t parts)
{
    for (size_t i = 0; i < module.n; i++) {
        if (module.p[i] == '.' && --parts == 0)
            return i;
    }
    return module.n;
}

/* A module and those that Python imports before it: the packages that it is in. */
static int add_chain(struct walk *walk, struct sw_str module)
{
    int code = 0;
    for (size_t parts = 1, n = 0; n < module.n && code == 0; parts++) {
        const struct sw_zip_member *member = NULL;
        n = prefix(module, parts);
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

static int expect(const struct walk *walk, struct sw_range *ranges, size_t count)
{
    if (count > 1)
        qsort(ranges, count, sizeof *ranges, by_offset);
    return sw_reader_expect(walk->wheel->zip.reader, ranges, count, walk->error);
}

/* Read the modules from `from` on that were not read. A module that cannot be understood stays without an
 * outline and makes no claim. */
static int read_visits(struct walk *walk, size_t from)
{
    size_t count = walk->visit_count - from;
    struct sw_range *ranges = sw_arena_array(walk->arena, count + 1, sizeof *ranges);
    if (ranges == NULL)
        return sw_fail_memory(walk->error);
    for (size_t i = 0; i < count; i++)
        ranges[i] = sw_zip_range(walk->visits[from + i].member);
    int code = expect(walk, ranges, count);
    for (size_t i = from; i < walk->visit_count && code == 0; i++) {
        struct visit *visit = &walk->visits[i];
        code = sw_wheel_outline(&visit->outline, walk->arena, walk->wheel, visit->member, walk->error);
        visit->read = code == 0;
        code = code == SW_EINPUT ? 0 : code;
    }
    return code;
}

/* ---- the imports of a package ---- */

/* The package's name: that of the project, or of the only package in the wheel. */
static struct sw_str find_root(const struct sw_wheel *wheel, struct sw_str project)
{
    struct sw_str only = {NULL, 0};
    size_t count = 0;
    for (size_t i = 0; i < wheel->zip.count; i++) {
        struct sw_str rest = wheel->zip.members[i].name, top = sw_str_cut(&rest, '/');
        bool package = rest.p != NULL && sw_str_is(rest, "__init__.py");
        bool module = rest.p == NULL && sw_str_ends(top, ".py");
        if (!package && !module)
            continue;
        if (module)
            top.n -= strlen(".py");
        if (sw_name_equal(top, project))
            return top;
        only = top;
        count++;
    }
    return count == 1 ? only : (struct sw_str){NULL, 0};
}

/* All sources of a package that is small, at once: fewer requests than one after the other. */
static int announce_package(struct walk *walk)
{
    const struct sw_zip *zip = &walk->wheel->zip;
    struct sw_range *ranges = sw_arena_array(walk->arena, zip->count + 1, sizeof *ranges);
    uint64_t bytes = 0;
    size_t count = 0;
    if (ranges == NULL)
        return sw_fail_memory(walk->error);
    for (size_t i = 0; i < zip->count; i++) {
        struct sw_str rest = zip->members[i].name;
        if (!sw_str_equal(sw_str_cut(&rest, '/'), walk->root) || rest.p == NULL || !sw_str_ends(rest, ".py"))
            continue;
        ranges[count++] = sw_zip_range(&zip->members[i]);
        bytes += zip->members[i].compressed;
    }
    return bytes > SMALL_PACKAGE ? 0 : expect(walk, ranges, count);
}

/* The absolute name of a module that an import names from within a module; empty if it leads out of the
 * package. */
static struct sw_str absolute(struct walk *walk, const struct visit *visit, struct sw_str module)
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
    if (base.n == 0 || rest.n == 0)
        return base;
    const char *text = sw_arena_format(walk->arena, "%.*s.%.*s", SW_STR_FORMAT(base), SW_STR_FORMAT(rest));
    return sw_str_from(text);
}

static struct sw_str top_of(struct sw_str module)
{
    return (struct sw_str){module.p, prefix(module, 1)};
}

/* FNV-1a. */
#define FIRST_HASH UINT32_C(2166136261)

static uint32_t hash(uint32_t value, struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++)
        value = (value ^ (unsigned char)text.p[i]) * UINT32_C(16777619);
    return value;
}

static int add_found(struct walk *walk, const struct visit *visit, struct sw_str module,
                     const struct sw_module_import *import)
{
    struct sw_wheel_imports *found = &walk->found;
    struct sw_str name = sw_str_is(import->name, "*") ? SW_STR("") : import->name;
    size_t slot = hash(hash(FIRST_HASH, module) + 1, name) % FOUND_SLOTS;
    for (; walk->found_slots[slot] != 0; slot = (slot + 1) % FOUND_SLOTS) {
        const struct sw_wheel_import *other = &found->items[walk->found_slots[slot] - 1];
        if (sw_str_equal(other->module, module) && sw_str_equal(other->name, name))
            return 0;
    }
    if (found->count == SW_MAX_SCANNED_IMPORTS)
        return 0;
    found->items = sw_arena_grow(walk->arena, found->items, found->count, sizeof *found->items);
    if (found->items == NULL)
        return sw_fail_memory(walk->error);
    found->items[found->count++] = (struct sw_wheel_import){module, name, visit->member->name, import->line};
    walk->found_slots[slot] = (uint32_t)found->count;
    return 0;
}

/* The import happens whenever its module is imported. */
static int follow(struct walk *walk, const struct visit *from, const struct sw_module_import *import)
{
    const struct visit visit = *from; /* which may move */
    struct sw_str module = absolute(walk, &visit, import->module);
    if (module.n == 0)
        return 0;
    if (!sw_str_equal(top_of(module), walk->root))
        return add_found(walk, &visit, module, import);
    int code = add_chain(walk, module);
    if (code != 0 || import->name.n == 0 || sw_str_is(import->name, "*"))
        return code;
    const char *inner =
        sw_arena_format(walk->arena, "%.*s.%.*s", SW_STR_FORMAT(module), SW_STR_FORMAT(import->name));
    return inner == NULL ? sw_fail_memory(walk->error) : add_chain(walk, sw_str_from(inner));
}

/* The module whose presence a function of the package tells; empty if the function tells something else. */
static struct sw_str probed(struct walk *walk, const struct visit *visit, struct sw_str function)
{
    const struct sw_module_name *own = sw_module_find(&visit->outline, function);
    if (own != NULL && own->kind == SW_MODULE_FUNCTION)
        return own->when == 0 ? own->value : SW_STR("");
    for (size_t i = 0; i < visit->outline.import_count; i++) {
        const struct sw_module_import *import = &visit->outline.imports[i];
        const struct sw_zip_member *member = NULL;
        if (import->when != 0 || import->as.n > 0 || !sw_str_equal(import->name, function) ||
            sw_wheel_module(&member, walk->wheel, absolute(walk, visit, import->module)) != SW_MODULE_SOURCE)
            continue;
        const struct visit *source = visit_of(walk, member);
        own = source == NULL || !source->read ? NULL : sw_module_find(&source->outline, function);
        bool tells = own != NULL && own->kind == SW_MODULE_FUNCTION && own->when == 0;
        return tells ? own->value : SW_STR("");
    }
    return SW_STR("");
}

/* Follow the imports that run if a function of the package finds its module. */
static int follow_probes(struct walk *walk)
{
    int code = 0;
    for (size_t i = 0; i < walk->visit_count; i++) {
        const struct visit *visit = &walk->visits[i];
        for (size_t k = 0; visit->read && k < visit->outline.import_count && code == 0; k++) {
            const struct sw_module_import *import = &visit->outline.imports[k];
            if (import->when == SW_WHEN_CONDITION && import->probe.n > 0 && import->module.p[0] != '.' &&
                sw_str_equal(probed(walk, visit, import->probe), top_of(import->module)))
                code = add_found(walk, visit, import->module, import);
        }
    }
    return code;
}

int sw_wheel_imports(struct sw_wheel_imports *out, struct sw_arena *arena, const struct sw_wheel *wheel,
                     struct sw_str project, struct sw_error *error)
{
    struct walk walk;
    int code = begin(&walk, arena, wheel, error);
    if (code != 0)
        return code;
    walk.found_slots = sw_arena_array(arena, FOUND_SLOTS, sizeof *walk.found_slots);
    if (walk.found_slots == NULL)
        return sw_fail_memory(error);
    walk.root = find_root(wheel, project);
    if (walk.root.n > 0)
        code = announce_package(&walk);
    if (code == 0 && walk.root.n > 0)
        code = add_chain(&walk, walk.root);
    for (size_t done = 0, read = 0; done < walk.visit_count && code == 0; done++) {
        if (done == read) {
            code = read_visits(&walk, read);
            read = walk.visit_count;
        }
        for (size_t i = 0; code == 0 && walk.visits[done].read && i < walk.visits[done].outline.import_count;
             i++) {
            const struct sw_module_import *import = &walk.visits[done].outline.imports[i];
            code = import->when == 0 ? follow(&walk, &walk.visits[done], import) : 0;
        }
    }
    if (code == 0)
        code = follow_probes(&walk);
    if (code == 0)
        *out = walk.found;
    return code;
}

/* ---- the names that a wheel lacks ---- */

/* Return true if a package may have a module without a file. */
static bool may_have_module(const struct visit *package, struct sw_str name)
{
    return package == NULL || !package->read || package->outline.changes_modules ||
           sw_module_find(&package->outline, name) != NULL;
}

/* Return true for a name that Python itself gives to every module, or to every package. */
static bool is_given(struct sw_str name)
{
    static const char *const given[] = {"__annotations__", "__builtins__", "__cached__", "__class__",
                                        "__dict__",        "__doc__",      "__file__",   "__loader__",
                                        "__name__",        "__package__",  "__path__",   "__spec__"};
    for (size_t i = 0; i < SW_COUNT(given); i++) {
        if (sw_str_is(name, given[i]))
            return true;
    }
    return false;
}

static bool may_have_name(const struct visit *module, struct sw_str name)
{
    const struct sw_module *outline = &module->outline;
    return is_given(name) || !module->read || outline->star || outline->dynamic || outline->changes_names ||
           outline->changes_modules || sw_module_find(outline, name) != NULL;
}

static struct sw_wheel_loss judge(const struct walk *walk, const struct sw_wheel_import *import)
{
    const struct sw_wheel_loss none = {.module = {NULL, 0}};
    const struct visit *package = NULL;
    size_t before = 0;
    for (size_t parts = 1, n = 0; n < import->module.n; parts++, before = n) {
        const struct sw_zip_member *member = NULL;
        n = prefix(import->module, parts);
        const struct sw_str part = {import->module.p, n};
        enum sw_wheel_module_form form = sw_wheel_module(&member, walk->wheel, part);
        struct sw_str last = parts == 1 ? part : sw_str_drop(part, before + 1);
        if (form == SW_MODULE_ABSENT && parts > 1 && !may_have_module(package, last))
            return (struct sw_wheel_loss){.module = part};
        if (form != SW_MODULE_SOURCE)
            return none;
        package = visit_of(walk, member);
        if (package == NULL || (n < import->module.n && package->outline.changes_modules))
            return none;
    }
    SW_BUFFER_AUTO inner;
    sw_buffer_init(&inner, SW_MAX_PATH_SIZE);
    sw_buffer_addf(&inner, "%.*s.%.*s", SW_STR_FORMAT(import->module), SW_STR_FORMAT(import->name));
    if (import->name.n == 0 || package == NULL || may_have_name(package, import->name) ||
        sw_wheel_module(NULL, walk->wheel, sw_buffer_str(&inner)) != SW_MODULE_ABSENT)
        return none;
    return (struct sw_wheel_loss){.module = import->module, .name = true};
}

int sw_wheel_losses(struct sw_wheel_loss *losses, struct sw_arena *arena, const struct sw_wheel *wheel,
                    const struct sw_wheel_import *imports, size_t count, struct sw_error *error)
{
    struct walk walk;
    int code = begin(&walk, arena, wheel, error);
    for (size_t i = 0; i < count && code == 0; i++)
        code = add_chain(&walk, imports[i].module);
    if (code == 0)
        code = read_visits(&walk, 0);
    for (size_t i = 0; i < count && code == 0; i++)
        losses[i] = judge(&walk, &imports[i]);
    return code;
}
