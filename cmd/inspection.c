#include "inspection.h"

#include "base/limits.h"
#include "data/json.h"
#include "index/metadata.h"

#include <fnmatch.h>

/* An answer in the making. */
struct making {
    struct session *session;
    const struct inspected *inspected;
    const struct question *question;
    struct sw_builder b;
    struct sw_node *root;
    bool yes;
};

static void set_text(struct making *m, struct sw_node *map, const char *key, struct sw_str text)
{
    if (text.n > 0)
        sw_build_set(&m->b, map, key, sw_build_str(&m->b, text));
}

/* ---- the beginning of every answer ---- */

static int add_metadata(struct making *m, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_WHEEL_MEMBER);
    struct sw_metadata metadata;
    int code = sw_wheel_describe(&text, &m->inspected->wheel, "METADATA", error);
    if (code == 0)
        code = sw_metadata_read(&metadata, m->b.arena, sw_buffer_str(&text), error);
    if (code != 0)
        return code;
    set_text(m, m->root, "name", metadata.name);
    set_text(m, m->root, "version", metadata.version);
    sw_build_set(&m->b, m->root, "file", sw_build_text(&m->b, m->inspected->file));
    if (m->inspected->url != NULL)
        sw_build_set(&m->b, m->root, "url", sw_build_text(&m->b, m->inspected->url));
    if (m->inspected->sha256 != NULL)
        sw_build_set(&m->b, m->root, "sha256", sw_build_text(&m->b, m->inspected->sha256));
    sw_build_set(&m->b, m->root, "size", sw_build_int(&m->b, (int64_t)m->inspected->wheel.zip.reader->size));
    set_text(m, m->root, "requires_python", metadata.requires_python);
    struct sw_node *requires = sw_build_list(&m->b);
    for (size_t i = 0; i < metadata.requirement_count; i++)
        sw_build_append(&m->b, requires, sw_build_str(&m->b, metadata.requirements[i].text));
    sw_build_set(&m->b, m->root, "requires", requires);
    return 0;
}

/* The Tag lines of the file WHEEL. */
static int add_tags(struct making *m, struct sw_error *error)
{
    SW_BUFFER_AUTO text;
    sw_buffer_init(&text, SW_MAX_WHEEL_MEMBER);
    int code = sw_wheel_describe(&text, &m->inspected->wheel, "WHEEL", error);
    struct sw_node *tags = sw_build_list(&m->b);
    struct sw_str rest = sw_buffer_str(&text);
    while (code == 0 && rest.p != NULL) {
        struct sw_str value = sw_str_cut(&rest, '\n');
        struct sw_str key = sw_str_cut(&value, ':');
        if (sw_str_is(key, "Tag") && value.p != NULL)
            sw_build_append(&m->b, tags, sw_build_str(&m->b, sw_str_trim(value)));
    }
    sw_build_set(&m->b, m->root, "tags", tags);
    return code;
}

/* "torch.version.cuda": "12.4", for all that PACKAGE/version.py says in plain values. */
static int add_versions(struct making *m, struct sw_error *error)
{
    const struct sw_zip *zip = &m->inspected->wheel.zip;
    struct sw_node *versions = sw_build_map(&m->b);
    for (size_t i = 0; i < zip->count; i++) {
        const struct sw_zip_member *member = &zip->members[i];
        struct sw_module module;
        if (!sw_wheel_is_version(member))
            continue;
        int code = sw_wheel_outline(&module, m->b.arena, &m->inspected->wheel, member, error);
        if (code != 0)
            return code;
        struct sw_str package = {member->name.p, sw_str_find(member->name, SW_STR("/"))};
        for (size_t k = 0; k < module.name_count; k++) {
            const struct sw_module_name *name = &module.names[k];
            char *key = sw_arena_format(m->b.arena, "%.*s.version.%.*s", SW_STR_FORMAT(package),
                                        SW_STR_FORMAT(name->name));
            if (key != NULL && name->value.n > 0)
                sw_build_set(&m->b, versions, key, sw_build_str(&m->b, name->value));
        }
    }
    sw_build_set(&m->b, m->root, "versions", versions);
    return 0;
}

/* ---- libraries and files ---- */

static bool is_wanted(const struct making *m, const struct sw_zip_member *member)
{
    return m->question->files == NULL || fnmatch(m->question->files, member->name.p, 0) == 0;
}

/* The key under which the store keeps a library's codes; the wheel's digest is part of it. */
static void add_codes_key(struct sw_buffer *key, const struct making *m, const struct sw_zip_member *member)
{
    const char *digest = m->inspected->sha256 == NULL ? "" : m->inspected->sha256;
    sw_buffer_init(key, SW_MAX_PATH_SIZE + SW_KIB);
    sw_buffer_addf(key, "wheel %s codes %08x ", digest, member->crc);
    sw_json_quote(key, member->name); /* a name may hold a line's end */
}

static struct sw_node *codes_node(struct making *m, const struct sw_gpu_codes *codes, bool ptx)
{
    struct sw_node *list = sw_build_list(&m->b);
    for (size_t i = 0; i < codes->count; i++) {
        SW_BUFFER_AUTO text;
        sw_buffer_init(&text, SW_KIB);
        sw_gpu_code_write(&text, &codes->items[i]);
        if (codes->items[i].ptx == ptx)
            sw_build_append(&m->b, list, sw_build_str(&m->b, sw_buffer_str(&text)));
    }
    return list;
}

/* Read {"architectures", "ptx", "fatbins"} of a library, from the store if it is there. */
static int read_codes(const struct sw_node **out, struct making *m, const struct sw_zip_member *member,
                      struct sw_error *error)
{
    bool kept = m->inspected->store != NULL && m->inspected->sha256 != NULL;
    SW_BUFFER_AUTO key, text;
    add_codes_key(&key, m, member);
    sw_buffer_init(&text, SW_MAX_JSON_SIZE);
    if (kept && sw_store_get(&text, m->inspected->store, sw_buffer_str(&key)))
        return sw_json_read(out, m->b.arena, sw_buffer_str(&text), NULL, error);
    struct sw_gpu_codes codes;
    int code = sw_wheel_codes(&codes, &m->inspected->wheel, member, error);
    if (code != 0)
        return code;
    struct sw_node *node = sw_build_map(&m->b);
    sw_build_set(&m->b, node, "architectures", codes_node(m, &codes, false));
    sw_build_set(&m->b, node, "ptx", codes_node(m, &codes, true));
    sw_build_set(&m->b, node, "fatbins", sw_build_int(&m->b, (int64_t)codes.fatbins));
    if (m->b.failed)
        return sw_fail_memory(error);
    sw_json_write(&text, node, SW_JSON_COMPACT);
    if (kept)
        sw_store_put(m->inspected->store, sw_buffer_str(&key), sw_buffer_str(&text));
    *out = node;
    return 0;
}

/* A library whose code is worth listing: CUDA is in its name, or it was asked for by name. */
static bool is_cuda(const struct making *m, const struct sw_zip_member *member)
{
    return sw_wheel_is_library(member) && is_wanted(m, member) &&
           (m->question->files != NULL || strstr(member->name.p, "cuda") != NULL);
}

static int add_libraries(struct making *m, struct sw_error *error)
{
    const struct sw_zip *zip = &m->inspected->wheel.zip;
    struct sw_node *list = sw_build_list(&m->b);
    for (size_t i = 0; i < zip->count; i++) {
        const struct sw_zip_member *member = &zip->members[i];
        if (!is_cuda(m, member))
            continue;
        struct sw_node *library = sw_build_map(&m->b);
        sw_build_set(&m->b, library, "path", sw_build_str(&m->b, member->name));
        sw_build_set(&m->b, library, "size", sw_build_int(&m->b, (int64_t)member->size));
        set_text(m, library, "cuda", sw_wheel_library_cuda(member));
        const struct sw_node *codes = NULL;
        int code = m->question->architectures ? read_codes(&codes, m, member, error) : 0;
        if (code != 0)
            return code;
        for (size_t k = 0; k < sw_node_member_count(codes); k++)
            sw_build_set(&m->b, library, sw_node_member_at(codes, k)->key.p,
                         sw_node_member_at(codes, k)->value);
        sw_build_append(&m->b, list, library);
    }
    sw_build_set(&m->b, m->root, "libraries", list);
    return 0;
}

static void add_files(struct making *m)
{
    const struct sw_zip *zip = &m->inspected->wheel.zip;
    struct sw_node *list = sw_build_list(&m->b);
    for (size_t i = 0; i < zip->count; i++) {
        if (!is_wanted(m, &zip->members[i]))
            continue;
        struct sw_node *file = sw_build_map(&m->b);
        sw_build_set(&m->b, file, "path", sw_build_str(&m->b, zip->members[i].name));
        sw_build_set(&m->b, file, "size", sw_build_int(&m->b, (int64_t)zip->members[i].size));
        sw_build_append(&m->b, list, file);
    }
    m->yes = sw_node_count(list) > 0;
    sw_build_set(&m->b, m->root, "files", list);
}

/* ---- modules ---- */

static struct sw_node *when_node(struct making *m, unsigned when)
{
    static const char *const texts[] = {"guarded", "fallback", "typing", "condition", "called"};
    struct sw_node *list = sw_build_list(&m->b);
    for (size_t i = 0; i < SW_COUNT(texts); i++) {
        if ((when & 1U << i) != 0)
            sw_build_append(&m->b, list, sw_build_text(&m->b, texts[i]));
    }
    return list;
}

static struct sw_node *name_node(struct making *m, const struct sw_module_name *name)
{
    struct sw_node *node = sw_build_map(&m->b);
    sw_build_set(&m->b, node, "name", sw_build_str(&m->b, name->name));
    sw_build_set(&m->b, node, "kind", sw_build_text(&m->b, sw_module_kind_text(name->kind)));
    sw_build_set(&m->b, node, "line", sw_build_int(&m->b, (int64_t)name->line));
    sw_build_set(&m->b, node, "when", when_node(m, name->when));
    return node;
}

static void add_outline(struct making *m, struct sw_node *node, const struct sw_module *module)
{
    struct sw_node *names = sw_build_list(&m->b), *imports = sw_build_list(&m->b);
    for (size_t i = 0; i < module->name_count; i++)
        sw_build_append(&m->b, names, name_node(m, &module->names[i]));
    for (size_t i = 0; i < module->import_count; i++) {
        const struct sw_module_import *import = &module->imports[i];
        struct sw_node *one = sw_build_map(&m->b);
        sw_build_set(&m->b, one, "module", sw_build_str(&m->b, import->module));
        set_text(m, one, "name", import->name);
        set_text(m, one, "as", import->as);
        sw_build_set(&m->b, one, "line", sw_build_int(&m->b, (int64_t)import->line));
        sw_build_set(&m->b, one, "when", when_node(m, import->when));
        sw_build_append(&m->b, imports, one);
    }
    sw_build_set(&m->b, node, "names", names);
    sw_build_set(&m->b, node, "imports", imports);
}

/* Answer whether the module has the name: as a name of its own, or as a module below it. */
static void add_verdict(struct making *m, struct sw_node *node, const struct sw_module *module)
{
    const struct sw_module_name *name = sw_module_find(module, sw_str_from(m->question->name));
    char *below = sw_arena_format(m->b.arena, "%s.%s", m->question->module, m->question->name);
    bool is_module = name == NULL && below != NULL &&
                     sw_wheel_module(NULL, &m->inspected->wheel, sw_str_from(below)) != SW_MODULE_ABSENT;
    m->yes = name != NULL || is_module;
    sw_build_set(&m->b, node, "name", sw_build_text(&m->b, m->question->name));
    sw_build_set(&m->b, node, "defined", sw_build_bool(&m->b, m->yes));
    if (is_module)
        sw_build_set(&m->b, node, "kind", sw_build_text(&m->b, "module"));
    const struct sw_node *found = name == NULL ? NULL : name_node(m, name);
    for (size_t i = 1; i < sw_node_member_count(found); i++)
        sw_build_set(&m->b, node, sw_node_member_at(found, i)->key.p, sw_node_member_at(found, i)->value);
}

static int add_module(struct making *m, struct sw_error *error)
{
    static const char *const forms[] = {"absent", "source", "compiled", "folder"};
    const struct sw_zip_member *member = NULL;
    enum sw_wheel_module_form form =
        sw_wheel_module(&member, &m->inspected->wheel, sw_str_from(m->question->module));
    struct sw_node *node = sw_build_map(&m->b);
    sw_build_set(&m->b, node, "module", sw_build_text(&m->b, m->question->module));
    sw_build_set(&m->b, node, "form", sw_build_text(&m->b, forms[form]));
    if (member != NULL && (form == SW_MODULE_SOURCE || form == SW_MODULE_COMPILED))
        sw_build_set(&m->b, node, "path", sw_build_str(&m->b, member->name));
    sw_build_set(&m->b, m->root, "module", node);
    if (member != NULL && form == SW_MODULE_COMPILED && m->question->name != NULL)
        return sw_fail(error, SW_EINPUT, "module '%s' is compiled: what it defines cannot be read from '%s'",
                       m->question->module, member->name.p);
    m->yes = form != SW_MODULE_ABSENT;
    struct sw_module module = {.names = NULL};
    int code = form == SW_MODULE_SOURCE
                   ? sw_wheel_outline(&module, m->b.arena, &m->inspected->wheel, member, error)
                   : 0;
    if (code != 0 || form == SW_MODULE_ABSENT)
        return code;
    if (m->question->name != NULL)
        add_verdict(m, node, &module);
    else
        add_outline(m, node, &module);
    sw_build_set(&m->b, node, "star", sw_build_bool(&m->b, module.star));
    sw_build_set(&m->b, node, "dynamic", sw_build_bool(&m->b, module.dynamic));
    return 0;
}

int inspection_make(struct sw_node **out, bool *yes, struct session *session,
                    const struct inspected *inspected, const struct question *question,
                    struct sw_error *error)
{
    struct making m = {.session = session,
                       .inspected = inspected,
                       .question = question,
                       .b = {.arena = &session->arena},
                       .yes = true};
    m.root = sw_build_map(&m.b);
    int code = add_metadata(&m, error);
    if (code == 0 && question->module != NULL) {
        code = add_module(&m, error);
    } else if (code == 0) {
        code = add_tags(&m, error);
        if (code == 0)
            code = add_versions(&m, error);
        if (code == 0 && (question->files == NULL || question->architectures))
            code = add_libraries(&m, error);
        else if (code == 0)
            add_files(&m);
    }
    if (code == 0 && m.b.failed)
        code = sw_fail_memory(error);
    if (code == 0) {
        *out = m.root;
        *yes = m.yes;
    }
    return code;
}
