#include "wheel/imports.h"

#include "base/limits.h"
#include "wheel/walk_internal.h"

struct judging {
    struct sw_walk walk;
    struct sw_words *words;
    bool words_known;
    bool unreadable; /* the words */
};

/* ---- words ---- */

static bool is_source(const struct sw_zip_member *member)
{
    return sw_str_ends(member->name, ".py") || sw_str_ends(member->name, ".pyi");
}

static int read_words(struct judging *j)
{
    const struct sw_zip *zip = &j->walk.wheel->zip;
    struct sw_range *ranges = sw_arena_array(j->walk.arena, zip->count + 1, sizeof *ranges);
    size_t count = 0;
    if (ranges == NULL)
        return sw_fail_memory(j->walk.error);
    for (size_t i = 0; i < zip->count; i++) {
        if (is_source(&zip->members[i]))
            ranges[count++] = sw_zip_range(&zip->members[i]);
    }
    int code = sw_walk_expect(&j->walk, ranges, count);
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_WHEEL_MEMBER);
    for (size_t i = 0; i < zip->count && code == 0; i++) {
        sw_buffer_clear(&text);
        if (is_source(&zip->members[i]))
            code = sw_wheel_source(&text, j->walk.wheel, &zip->members[i], j->walk.error);
        if (code == 0)
            code = sw_words_read(j->words, sw_buffer_str(&text), j->walk.error);
    }
    if (code != 0)
        sw_words_release(j->words);
    return code;
}

/* The stub of a compiled module, given by its path without suffixes; NULL if there is none. */
static const struct sw_zip_member *stub_of(const struct judging *j, struct sw_str stem)
{
    static const char *const forms[] = {".pyi", "/__init__.pyi"};
    const struct sw_zip_member *stub = NULL;
    for (size_t i = 0; i < SW_COUNT(forms) && stub == NULL; i++) {
        SW_BUFFER_AUTO path;
        sw_buffer_init(&path, SW_MAX_PATH_SIZE);
        sw_buffer_addf(&path, "%.*s%s", SW_STR_FORMAT(stem), forms[i]);
        stub = sw_zip_find(&j->walk.wheel->zip, sw_buffer_str(&path));
    }
    return stub;
}

/* The path of a compiled module up to its suffixes. */
static struct sw_str stem_of(struct sw_str name)
{
    const char *slash = memrchr(name.p, '/', name.n);
    size_t folder = slash == NULL ? 0 : (size_t)(slash - name.p) + 1;
    struct sw_str base = sw_str_drop(name, folder);
    return (struct sw_str){name.p, folder + sw_str_cut(&base, '.').n};
}

/* Return true for the name of an extension module with a tag: "lib.cpython-311-x86_64-linux-gnu.so". */
static bool is_tagged(struct sw_str name)
{
    return sw_str_find(name, SW_STR(".cpython-")) < name.n || sw_str_ends(name, ".abi3.so");
}

/* Return true if a compiled module without a stub stands beside the module, or in a package that it is in: it
 * may give the module names that stand in no source. */
static bool is_hidden(const struct judging *j, const struct sw_zip_member *module)
{
    const struct sw_zip *zip = &j->walk.wheel->zip;
    for (size_t i = 0; i < zip->count; i++) {
        struct sw_str name = zip->members[i].name;
        if (!sw_str_ends(name, ".so"))
            continue;
        const struct sw_str stem = stem_of(name);
        const char *slash = memrchr(name.p, '/', name.n);
        size_t folder = slash == NULL ? 0 : (size_t)(slash - name.p) + 1;
        if (module->name.n > folder && memcmp(module->name.p, name.p, folder) == 0 &&
            (is_tagged(name) || !sw_str_starts(sw_str_drop(stem, folder), "lib")) && stub_of(j, stem) == NULL)
            return true;
    }
    return false;
}

/* Set `*gone` if the module cannot have made the name at run time. */
static int judge_word(bool *gone, struct judging *j, const struct sw_visit *module, struct sw_str name)
{
    int code = 0;
    if (j->unreadable || is_hidden(j, module->member))
        return 0;
    if (!j->words_known && j->words->count == 0)
        code = read_words(j);
    j->words_known = code == 0;
    *gone = code == 0 && !sw_words_have(j->words, name) && !sw_words_make(j->words, name);
    /* Nothing is said about a wheel whose words cannot be read. */
    j->unreadable = code == SW_EINPUT;
    return code == SW_EINPUT ? 0 : code;
}

/* ---- names ---- */

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

/* The answer about a name or a module. */
enum answer {
    GONE,
    /* Only if the name is a word of the wheel's sources. */
    BY_WORD,
    PRESENT
};

/* Return true if another function made the module's __getattr__, as `__getattr__ = factory(f)`: it may answer for any name. Lazy loaders
 * give __dir__ with it, and their names are words. */
static bool is_boundless(const struct sw_module *outline)
{
    const struct sw_module_name *made = sw_module_find(outline, SW_STR("__getattr__"));
    return made != NULL && made->kind == SW_MODULE_VARIABLE &&
           sw_module_find(outline, SW_STR("__dir__")) == NULL;
}

static enum answer answer_of(const struct sw_visit *module, struct sw_str name)
{
    const struct sw_module *outline = &module->outline;
    if (is_given(name) || !module->read || sw_module_find(outline, name) != NULL || is_boundless(outline))
        return PRESENT;
    return outline->dynamic || outline->changes_names || outline->changes_modules || outline->changes_path ||
                   outline->adds_finder
               ? BY_WORD
               : GONE;
}

/* Return true if `import *` may take the name from the module. */
static bool exports(const struct sw_visit *module, struct sw_str name)
{
    bool may = !module->read || !module->outline.exports_known;
    for (size_t i = 0; !may && i < module->outline.export_count; i++)
        may = sw_str_equal(module->outline.exports[i], name);
    return may;
}

/* Set `*answer` if a compiled module may have the name: by its stub, and else in any case. */
static int answer_of_compiled(enum answer *answer, struct judging *j, const struct sw_zip_member *compiled,
                              struct sw_str name)
{
    const struct sw_zip_member *stub = stub_of(j, stem_of(compiled->name));
    struct sw_module outline;
    int code = stub == NULL ? SW_EINPUT
                            : sw_wheel_outline(&outline, j->walk.arena, j->walk.wheel, stub, j->walk.error);
    if (code == SW_EINPUT || (code == 0 && (outline.star || sw_module_find(&outline, name) != NULL)))
        *answer = PRESENT;
    return code == SW_EINPUT ? 0 : code;
}

/* The modules whose names another has by `import *`, and theirs. */
struct stars {
    const struct sw_zip_member *seen[SW_MAX_STARS];
    size_t count;
};

/* Add the module of an `import *`, or answer for it at once. */
static int add_star(enum answer *answer, struct stars *stars, struct judging *j, const struct sw_visit *visit,
                    const struct sw_module_import *import, struct sw_str name)
{
    const struct sw_zip_member *member = NULL;
    struct sw_str source = sw_walk_absolute(&j->walk, visit, import->module);
    int code = source.p == NULL ? sw_fail_memory(j->walk.error) : sw_walk_add(&j->walk, source);
    if (code == 0)
        code = sw_walk_read(&j->walk);
    if (code != 0)
        return code;
    enum sw_wheel_module_form form = sw_wheel_module(&member, j->walk.wheel, source);
    if (form == SW_MODULE_COMPILED)
        return answer_of_compiled(answer, j, member, name);
    if (form != SW_MODULE_SOURCE || sw_walk_visit(&j->walk, member) == NULL || stars->count == SW_MAX_STARS) {
        *answer = PRESENT;
        return 0;
    }
    for (size_t i = 0; i < stars->count; i++) {
        if (stars->seen[i] == member)
            return 0;
    }
    stars->seen[stars->count++] = member;
    return 0;
}

/* The answer of a module and of those whose names it has by `import *`. */
static int answer_with_stars(enum answer *out, struct judging *j, const struct sw_visit *module,
                             struct sw_str name)
{
    struct stars stars = {.seen = {module->member}, .count = 1};
    int code = 0;
    *out = GONE;
    for (size_t i = 0; i < stars.count && *out != PRESENT && code == 0; i++) {
        const struct sw_visit visit = *sw_walk_visit(&j->walk, stars.seen[i]);
        if (i > 0 && !exports(&visit, name))
            continue;
        enum answer answer = answer_of(&visit, name);
        *out = answer > *out ? answer : *out;
        for (size_t k = 0; visit.read && visit.outline.star && k < visit.outline.import_count && code == 0;
             k++) {
            const struct sw_module_import *import = &visit.outline.imports[k];
            if (sw_str_is(import->name, "*") && (import->when & SW_WHEN_TYPING) == 0)
                code = add_star(out, &stars, j, &visit, import, name);
        }
    }
    return code;
}

/* ---- modules ---- */

/* The answer about a module for which the package has no file. */
static enum answer answer_of_module(const struct sw_visit *package, struct sw_str name)
{
    if (package == NULL || !package->read || package->outline.changes_path || package->outline.adds_finder ||
        sw_module_find(&package->outline, name) != NULL)
        return PRESENT;
    return package->outline.changes_modules ? BY_WORD : GONE;
}

/* Return true if a package that the module is in may give it names that stand in no source. */
static bool is_filled(const struct judging *j, struct sw_str module)
{
    for (size_t parts = 1, n = 0; n < module.n; parts++) {
        const struct sw_zip_member *member = NULL;
        n = sw_walk_prefix(module, parts);
        if (sw_wheel_module(&member, j->walk.wheel, (struct sw_str){module.p, n}) != SW_MODULE_SOURCE)
            continue;
        const struct sw_visit *visit = sw_walk_visit(&j->walk, member);
        if (visit != NULL && visit->read &&
            (visit->outline.changes_names || visit->outline.changes_modules) && is_hidden(j, member))
            return true;
    }
    return false;
}

/* Set `*changes` if the module of the wheel changes how modules are found: with an importer of its own it may give each module of
 * the wheel names of the wheel's other sources. */
static int changes_path(bool *changes, struct judging *j, struct sw_str name)
{
    const struct sw_zip_member *member = NULL;
    if (name.n == 0 || sw_wheel_module(&member, j->walk.wheel, name) != SW_MODULE_SOURCE)
        return 0;
    int code = sw_walk_add(&j->walk, name);
    if (code == 0)
        code = sw_walk_read(&j->walk);
    const struct sw_visit *visit = code == 0 ? sw_walk_visit(&j->walk, member) : NULL;
    *changes = *changes ||
               (visit != NULL && visit->read && (visit->outline.changes_path || visit->outline.adds_finder));
    return code;
}

/* Return true if a package is the module or has it within. */
static bool is_around(struct sw_str package, struct sw_str module)
{
    return module.n >= package.n && memcmp(module.p, package.p, package.n) == 0 &&
           (module.n == package.n || module.p[package.n] == '.');
}

/* Set `*changes` if a module that the package imports of the wheel, at its own level, does so. */
static int imports_importer(bool *changes, struct judging *j, const struct sw_visit *package)
{
    const struct sw_visit visit = *package; /* visits move as others are added */
    int code = 0;
    for (size_t i = 0; visit.read && !*changes && i < visit.outline.import_count && code == 0; i++) {
        const struct sw_module_import *import = &visit.outline.imports[i];
        struct sw_str source = sw_walk_absolute(&j->walk, &visit, import->module);
        if (import->when != 0 || source.n == 0)
            continue;
        code = is_around(source, visit.module) ? 0 : changes_path(changes, j, source);
        if (code == 0 && import->name.n > 0)
            code = changes_path(changes, j, sw_walk_inner(&j->walk, source, import->name));
    }
    return code;
}

static int settle(bool *gone, struct judging *j, enum answer answer, const struct sw_visit *module,
                  struct sw_str name)
{
    bool changes = false;
    int code = 0;
    *gone = answer == GONE;
    if (answer == GONE && module != NULL)
        code = imports_importer(&changes, j, module);
    return code == 0 && (answer == BY_WORD || changes) ? judge_word(gone, j, module, name) : code;
}

/* Find the module of the import; `*module` is NULL if nothing more can be said about it. */
static int judge_module(struct sw_wheel_loss *loss, const struct sw_visit **module, struct judging *j,
                        const struct sw_wheel_import *import)
{
    const struct sw_visit *package = NULL;
    size_t before = 0;
    *module = NULL;
    for (size_t parts = 1, n = 0; n < import->module.n; parts++, before = n) {
        const struct sw_zip_member *member = NULL;
        n = sw_walk_prefix(import->module, parts);
        const struct sw_str part = {import->module.p, n};
        enum sw_wheel_module_form form = sw_wheel_module(&member, j->walk.wheel, part);
        struct sw_str last = parts == 1 ? part : sw_str_drop(part, before + 1);
        if (form == SW_MODULE_ABSENT && parts > 1) {
            bool gone = false;
            int code = settle(&gone, j, answer_of_module(package, last), package, last);
            loss->module = gone ? part : loss->module;
            return code;
        }
        if (form != SW_MODULE_SOURCE)
            return 0;
        package = sw_walk_visit(&j->walk, member);
        if (package == NULL || (n < import->module.n && package->outline.changes_path))
            return 0;
    }
    *module = package;
    return 0;
}

static int judge(struct sw_wheel_loss *loss, struct judging *j, const struct sw_wheel_import *import)
{
    const struct sw_visit *module = NULL;
    int code = judge_module(loss, &module, j, import);
    if (code != 0 || module == NULL || import->name.n == 0)
        return code;
    struct sw_str inner = sw_walk_inner(&j->walk, import->module, import->name);
    if (inner.p == NULL)
        return sw_fail_memory(j->walk.error);
    if (sw_wheel_module(NULL, j->walk.wheel, inner) != SW_MODULE_ABSENT)
        return 0;
    enum answer answer = PRESENT;
    bool gone = false;
    code = answer_with_stars(&answer, j, module, import->name);
    if (code == 0)
        code = settle(&gone, j, answer, module, import->name);
    if (code == 0 && gone && !is_filled(j, import->module))
        *loss = (struct sw_wheel_loss){.module = import->module, .name = true};
    return code;
}

int sw_wheel_losses(struct sw_wheel_loss *losses, struct sw_words *words, struct sw_arena *arena,
                    const struct sw_wheel *wheel, const struct sw_wheel_import *imports, size_t count,
                    struct sw_error *error)
{
    struct judging j = {.words = words};
    int code = sw_walk_begin(&j.walk, arena, wheel, error);
    for (size_t i = 0; i < count && code == 0; i++)
        code = sw_walk_add(&j.walk, imports[i].module);
    if (code == 0)
        code = sw_walk_read(&j.walk);
    for (size_t i = 0; i < count && code == 0; i++) {
        losses[i] = (struct sw_wheel_loss){.module = {NULL, 0}};
        code = judge(&losses[i], &j, &imports[i]);
    }
    return code;
}
