#include "base/limits.h"
#include "index/index_internal.h"
#include "index/inside_internal.h"
#include "index/missing_imports_internal.h"
#include "wheel/sdist.h"

/* A wheel that is read. */
struct reading {
    struct sw_index *index;
    struct sw_index_wheel *wheel;
    /* The memory of `read`. */
    struct sw_arena *arena;
    struct sw_read_wheel *read;
    /* The kept forms of its imports and its files, a line for each. */
    struct sw_buffer imports, files;
};

/* ---- lines ---- */

/* Return true if no character would break the line of a kept form. */
static bool is_plain(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] < ' ')
            return false;
    }
    return true;
}

void sw_index_write_import(struct sw_buffer *out, const struct sw_wheel_import *import)
{
    sw_buffer_addf(out, "%.*s\t%u\t%.*s\t%.*s\t%u\t%s\t%s\t%s\t%.*s\t%u\t%u\t%s",
                   SW_STR_FORMAT(import->member), import->line, SW_STR_FORMAT(import->module),
                   SW_STR_FORMAT(import->name), import->share, import->lazy ? "lazy" : "",
                   import->certain ? "certain" : "", import->refuses ? "refuses" : "",
                   SW_STR_FORMAT(import->condition), import->attempt, import->instead,
                   import->described ? "described" : "");
}

static unsigned number(const char *field)
{
    uint64_t value = 0;
    (void)sw_str_to_u64(sw_str_from(field), &value);
    return (unsigned)value;
}

bool sw_index_take_import(struct sw_index_import *import, char **line)
{
    enum {
        MEMBER,
        LINE,
        MODULE,
        NAME,
        SHARE,
        LAZY,
        CERTAIN,
        REFUSES,
        CONDITION,
        ATTEMPT,
        INSTEAD,
        DESCRIBED,
        FIELDS
    };
    const char *fields[FIELDS];
    for (size_t i = 0; i < FIELDS; i++) {
        fields[i] = strsep(line, "\t");
        if (fields[i] == NULL)
            return false;
    }
    *import = (struct sw_index_import){.member = fields[MEMBER],
                                       .module = fields[MODULE],
                                       .name = fields[NAME],
                                       .line = number(fields[LINE]),
                                       .share = number(fields[SHARE]),
                                       .lazy = fields[LAZY][0] != '\0',
                                       .described = fields[DESCRIBED][0] != '\0',
                                       .certain = fields[CERTAIN][0] != '\0',
                                       .refuses = fields[REFUSES][0] != '\0',
                                       .terms = {.condition = fields[CONDITION],
                                                 .attempt = number(fields[ATTEMPT]),
                                                 .instead = number(fields[INSTEAD])}};
    return true;
}

/* ---- from the wheel ---- */

/* The files that the wheel installs, those that describe it excepted. Names of members are foreign: a name that would break the lines is
 * left out. */
static void write_files(struct sw_buffer *out, const struct sw_zip *zip)
{
    for (size_t i = 0; i < zip->count; i++) {
        const struct sw_zip_member *member = &zip->members[i];
        struct sw_str rest = member->name, top = sw_str_cut(&rest, '/');
        if (!is_plain(member->name) || sw_str_ends(member->name, "/") || sw_str_ends(top, ".dist-info"))
            continue;
        sw_buffer_addf(out, "%x\t%llx\t%.*s\n", member->crc, (unsigned long long)member->size,
                       SW_STR_FORMAT(member->name));
    }
}

static int write_imports(struct reading *reading, struct sw_arena *arena, const struct sw_wheel *wheel,
                         struct sw_error *error)
{
    struct sw_wheel_imports imports = {NULL, 0};
    int code = sw_wheel_imports(&imports, arena, wheel, sw_str_from(reading->wheel->project), error);
    for (size_t i = 0; i < imports.count; i++) {
        if (!is_plain(imports.items[i].member))
            continue;
        sw_index_write_import(&reading->imports, &imports.items[i]);
        sw_buffer_add_char(&reading->imports, '\n');
    }
    return code != 0 ? code : sw_buffer_check(&reading->imports, "what it imports", error);
}

static int look_into(void *self, const struct sw_reader *reader, struct sw_error *error)
{
    struct reading *reading = self;
    struct sw_wheel wheel = {.dist_info = {NULL, 0}};
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_SCAN_MEMORY);
    sw_buffer_clear(&reading->imports);
    sw_buffer_clear(&reading->files);
    if (reading->wheel->file->kind == SW_INDEX_SDIST) {
        int code = sw_sdist_open(&wheel, &arena, reader, error);
        return code == 0 ? write_imports(reading, &arena, &wheel, error) : code;
    }
    int code = sw_zip_open(&wheel.zip, &arena, reader, error);
    if (code == 0)
        write_files(&reading->files, &wheel.zip);
    if (code == 0 && reading->wheel->imports)
        code = write_imports(reading, &arena, &wheel, error);
    return code != 0 ? code : sw_buffer_check(&reading->files, "its files", error);
}

void sw_index_refuse_offline(struct sw_index_wheel *wheel)
{
    wheel->code =
        sw_fail(&wheel->error, SW_EENV, "what '%s' imports is not in the cache, and nothing may be fetched",
                wheel->file->name);
    (void)sw_error_hint(&wheel->error, "run it once without --offline");
}

/* ---- between runs ---- */

static bool wants_files(const struct reading *reading)
{
    return reading->wheel->file->kind == SW_INDEX_WHEEL && !reading->read->has_files;
}

static bool wants_imports(const struct reading *reading)
{
    return reading->wheel->imports && !reading->read->has_imports;
}

enum { KEY_SIZE = sizeof SW_KEPT_IMPORTS + SW_SHA256_HEX_SIZE };

static struct sw_str key_of(char key[KEY_SIZE], const char *form, const struct reading *reading)
{
    (void)snprintf(key, KEY_SIZE, "%s %s", form, reading->wheel->key);
    return sw_str_from(key);
}

/* Return true if all that is wanted of the wheel was kept. */
static bool recall(struct reading *reading)
{
    char key[KEY_SIZE];
    struct sw_store *store = reading->index->options.cache.store;
    return (!wants_imports(reading) ||
            sw_store_get(&reading->imports, store, key_of(key, SW_KEPT_IMPORTS, reading))) &&
           (!wants_files(reading) ||
            sw_store_get(&reading->files, store, key_of(key, SW_KEPT_FILES, reading)));
}

static void keep(const struct reading *reading)
{
    char key[KEY_SIZE];
    struct sw_store *store = reading->index->options.cache.store;
    if (wants_imports(reading))
        sw_store_put(store, key_of(key, SW_KEPT_IMPORTS, reading), sw_buffer_str(&reading->imports));
    if (wants_files(reading))
        sw_store_put(store, key_of(key, SW_KEPT_FILES, reading), sw_buffer_str(&reading->files));
}

/* ---- in memory ---- */

/* The memory for the files and imports: the memory of the index, or of a single answer if the index has much already. */
static struct sw_arena *memory_of(struct sw_index *index, struct sw_arena *answers)
{
    return index->arena.used < SW_MAX_INDEX_WHEELS ? &index->arena : answers;
}

static int find_read(struct reading *reading, struct sw_arena *answers, struct sw_error *error)
{
    struct sw_index *index = reading->index;
    for (struct sw_read_wheel *read = index->wheels; read != NULL; read = read->next) {
        if (strcmp(read->key, reading->wheel->key) == 0) {
            reading->arena = &index->arena;
            reading->read = read;
            return 0;
        }
    }
    reading->arena = memory_of(index, answers);
    reading->read = sw_arena_alloc(reading->arena, sizeof *reading->read);
    if (reading->read == NULL)
        return sw_fail_memory(error);
    *reading->read = (struct sw_read_wheel){.next = index->wheels,
                                            .key = sw_arena_text(reading->arena, reading->wheel->key)};
    if (reading->read->key == NULL)
        return sw_fail_memory(error);
    if (reading->arena == &index->arena)
        index->wheels = reading->read;
    return 0;
}

static int parse_imports(struct reading *reading, struct sw_error *error)
{
    struct sw_arena *arena = reading->arena;
    char *rest = sw_arena_copy(arena, sw_buffer_str(&reading->imports)), *line = NULL;
    struct sw_index_import *found = NULL;
    size_t count = 0;
    if (rest == NULL)
        return sw_fail_memory(error);
    while ((line = strsep(&rest, "\n")) != NULL && line[0] != '\0') {
        found = sw_arena_grow(arena, found, count, sizeof *found);
        if (found == NULL)
            return sw_fail_memory(error);
        if (!sw_index_take_import(&found[count], &line) || line != NULL)
            break;
        count++;
    }
    reading->read->found = found;
    reading->read->found_count = count;
    reading->read->has_imports = true;
    return 0;
}

static int parse_files(struct reading *reading, struct sw_error *error)
{
    const struct sw_str text = {sw_arena_copy(reading->arena, sw_buffer_str(&reading->files)),
                                reading->files.n};
    int code = text.p == NULL ? sw_fail_memory(error)
                              : sw_wheel_files_read(&reading->read->files, reading->arena, text, error);
    reading->read->has_files = code == 0;
    return code;
}

static int parse(struct reading *reading, struct sw_error *error)
{
    struct sw_index_wheel *wheel = reading->wheel;
    int code = 0;
    if (wheel->code != 0)
        return 0;
    if (wants_imports(reading))
        code = parse_imports(reading, error);
    if (code == 0 && wants_files(reading))
        code = parse_files(reading, error);
    if (code != 0)
        return code;
    wheel->files = &reading->read->files;
    wheel->found = wheel->imports ? reading->read->found : NULL;
    wheel->found_count = wheel->imports ? reading->read->found_count : 0;
    return 0;
}

/* ---- all wheels ---- */

static int begin(struct reading *reading, struct sw_index *index, struct sw_index_wheel *wheel,
                 struct sw_arena *answers, struct sw_error *error)
{
    static const struct sw_wheel_files none;
    *reading = (struct reading){.index = index, .wheel = wheel};
    sw_buffer_init(&reading->imports, SW_MAX_STORE_ENTRY);
    sw_buffer_init(&reading->files, SW_MAX_STORE_ENTRY);
    wheel->code = 0;
    wheel->files = &none;
    wheel->found = NULL;
    wheel->found_count = 0;
    int code = sw_index_file_key(wheel->key, wheel->file, error);
    return code == 0 ? find_read(reading, answers, error) : code;
}

/* Fetch all that was not kept, many wheels at once. */
static int fetch(struct reading *readings, size_t count, struct sw_arena *scratch, struct sw_error *error)
{
    size_t wanted = 0;
    struct sw_inside *insides = sw_arena_array(scratch, count + 1, sizeof *insides);
    if (insides == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        struct sw_index_wheel *wheel = readings[i].wheel;
        if (recall(&readings[i]))
            continue;
        if (readings[i].index->options.cache.offline)
            sw_index_refuse_offline(wheel);
        else
            insides[wanted++] = (struct sw_inside){.url = wheel->file->url,
                                                   .name = wheel->file->name,
                                                   .size = wheel->file->size,
                                                   .look = look_into,
                                                   .self = &readings[i]};
    }
    int code =
        wanted == 0 ? 0 : sw_inside_read(insides, readings[0].index->options.cache.fetcher, wanted, error);
    for (size_t i = 0; i < wanted && code == 0; i++) {
        const struct reading *reading = insides[i].self;
        reading->wheel->code = insides[i].code;
        reading->wheel->error = insides[i].error;
        if (insides[i].code == 0)
            keep(reading);
    }
    return code;
}

int sw_index_read_wheels(struct sw_index *index, struct sw_arena *arena, struct sw_index_wheel *wheels,
                         size_t count, struct sw_error *error)
{
    SW_ARENA_AUTO scratch;
    sw_arena_init(&scratch, SW_MAX_ARENA);
    struct reading *readings = sw_arena_array(&scratch, count + 1, sizeof *readings);
    size_t begun = 0;
    int code = readings == NULL ? sw_fail_memory(error) : 0;
    while (code == 0 && begun < count) {
        code = begin(&readings[begun], index, &wheels[begun], arena, error);
        begun++;
    }
    if (code == 0)
        code = fetch(readings, count, &scratch, error);
    for (size_t i = 0; i < count && code == 0; i++)
        code = parse(&readings[i], error);
    for (size_t i = 0; i < begun; i++) {
        sw_buffer_release(&readings[i].imports);
        sw_buffer_release(&readings[i].files);
    }
    return code;
}
