#include "index/missing_imports.h"

#include "base/limits.h"
#include "index/index_internal.h"
#include "index/inside_internal.h"
#include "python/name.h"
#include "wheel/imports.h"
#include "wheel/sdist.h"

/* The kept form has a line for each, its fields with tabs between. The digit in a key changes with the facts
 * that are read from a wheel. */
enum { KEY_SIZE = 192, IMPORT_FIELDS = 12, LOSS_FIELDS = 14, LISTING_FIELDS = 3 };

/* The imports of a wheel, as kept text. */
struct source {
    struct sw_index_wheel *wheel;
    struct sw_buffer text, listing;
    struct sw_wheel_imports imports; /* read from it */
    /* The first parts of the modules that the wheel installs. */
    struct sw_str *tops;
    size_t top_count;
};

/* The imports that a wheel has of another wheel. */
struct pair {
    struct source *importer;
    struct sw_index_wheel *from;
    struct sw_wheel_import *imports;
    size_t count;
    struct sw_buffer text; /* the missing names */
    bool known;
};

/* The question to a wheel from all wheels that import of it. */
struct question {
    struct sw_index_wheel *from;
    struct pair *pairs;
    size_t pair_count;
    struct sw_words words;
    bool words_known; /* from the store */
};

/* The first part of modules that a wheel installs, and the wheel's source. */
struct holder {
    struct sw_str top;
    size_t source;
};

struct scan {
    struct sw_index *index;
    /* A source for each wheel; the sources that are not read have no text. */
    struct source *sources;
    /* The tops of all sources in order, each top's in the order of the sources. */
    struct holder *holders;
    size_t holder_count;
    struct pair *pairs;
    size_t pair_count;
    struct sw_arena arena;
    struct sw_arena *answers;
    struct sw_index_loss *losses;
    size_t loss_count;
};

/* ---- lines ---- */

/* Names of members are foreign: a name that would break the lines is left out. */
static bool is_plain(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] < ' ')
            return false;
    }
    return true;
}

static void write_import(struct sw_buffer *out, const struct sw_wheel_import *import)
{
    sw_buffer_addf(out, "%.*s\t%u\t%.*s\t%.*s\t%u\t%s\t%s\t%s\t%.*s\t%u\t%u\t%s",
                   SW_STR_FORMAT(import->member), import->line, SW_STR_FORMAT(import->module),
                   SW_STR_FORMAT(import->name), import->share, import->lazy ? "lazy" : "",
                   import->certain ? "certain" : "", import->refuses ? "refuses" : "",
                   SW_STR_FORMAT(import->condition), import->attempt, import->instead,
                   import->described ? "described" : "");
}

/* Take the next line's fields; false at the end, and if it has another number of them. */
static bool next_line(struct sw_str *fields, size_t count, struct sw_str *rest)
{
    if (rest->n == 0)
        return false;
    struct sw_str line = sw_str_cut(rest, '\n');
    for (size_t i = 0; i < count; i++) {
        if (line.p == NULL)
            return false;
        fields[i] = sw_str_cut(&line, '\t');
    }
    return line.p == NULL;
}

static struct sw_wheel_import read_import(const struct sw_str *fields)
{
    uint64_t line = 0, share = 0, attempt = 0, instead = 0;
    (void)sw_str_to_u64(fields[1], &line);
    (void)sw_str_to_u64(fields[4], &share);
    (void)sw_str_to_u64(fields[9], &attempt);
    (void)sw_str_to_u64(fields[10], &instead);
    return (struct sw_wheel_import){.member = fields[0],
                                    .line = (unsigned)line,
                                    .module = fields[2],
                                    .name = fields[3],
                                    .share = (unsigned)share,
                                    .lazy = fields[5].n > 0,
                                    .certain = fields[6].n > 0,
                                    .refuses = fields[7].n > 0,
                                    .condition = fields[8],
                                    .attempt = (unsigned)attempt,
                                    .instead = (unsigned)instead,
                                    .described = fields[11].n > 0};
}

/* ---- the imports of wheels ---- */

/* A wheel's directory, with nothing of it announced. */
static int open_wheel(struct sw_wheel *wheel, struct sw_arena *arena, const struct sw_reader *reader,
                      struct sw_error *error)
{
    *wheel = (struct sw_wheel){.dist_info = {NULL, 0}};
    return sw_zip_open(&wheel->zip, arena, reader, error);
}

/* The files that the wheel installs, those that describe it excepted. */
static void write_listing(struct sw_buffer *out, const struct sw_zip *zip)
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

static int write_imports(struct source *source, struct sw_arena *arena, const struct sw_wheel *wheel,
                         struct sw_error *error)
{
    struct sw_wheel_imports imports = {NULL, 0};
    int code = sw_wheel_imports(&imports, arena, wheel, sw_str_from(source->wheel->project), error);
    for (size_t i = 0; i < imports.count; i++) {
        if (!is_plain(imports.items[i].member))
            continue;
        write_import(&source->text, &imports.items[i]);
        sw_buffer_add_char(&source->text, '\n');
    }
    return code != 0 ? code : sw_buffer_check(&source->text, "what it imports", error);
}

static int look_into(void *self, const struct sw_reader *reader, struct sw_error *error)
{
    struct source *source = self;
    struct sw_wheel wheel;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_SCAN_MEMORY);
    sw_buffer_clear(&source->text);
    sw_buffer_clear(&source->listing);
    if (source->wheel->file->kind == SW_INDEX_SDIST) {
        int code = sw_sdist_open(&wheel, &arena, reader, error);
        return code == 0 ? write_imports(source, &arena, &wheel, error) : code;
    }
    int code = open_wheel(&wheel, &arena, reader, error);
    if (code == 0)
        write_listing(&source->listing, &wheel.zip);
    if (code == 0 && source->wheel->imports)
        code = write_imports(source, &arena, &wheel, error);
    return code != 0 ? code : sw_buffer_check(&source->listing, "its files", error);
}

static void key_of(char key[KEY_SIZE], const char *form, const struct sw_index_wheel *wheel)
{
    (void)snprintf(key, KEY_SIZE, "%s %s", form, wheel->key);
}

static const char imports_form[] = "imports15", listing_form[] = "files1", words_form[] = "words2";

static void keep(const struct scan *scan, const char *key, const struct sw_buffer *text)
{
    sw_store_put(scan->index->options.cache.store, sw_str_from(key), sw_buffer_str(text));
}

static bool recall(struct sw_buffer *text, const struct scan *scan, const char *key)
{
    return sw_store_get(text, scan->index->options.cache.store, sw_str_from(key));
}

static int refuse_offline(struct sw_index_wheel *wheel)
{
    wheel->code =
        sw_fail(&wheel->error, SW_EENV, "what '%s' imports is not in the cache, and nothing may be fetched",
                wheel->file->name);
    return sw_error_hint(&wheel->error, "run it once without --offline");
}

/* Return true if all that is wanted of the wheel was kept. */
static bool recall_source(struct source *source, const struct scan *scan)
{
    char key[KEY_SIZE];
    key_of(key, imports_form, source->wheel);
    bool imports = !source->wheel->imports || recall(&source->text, scan, key);
    key_of(key, listing_form, source->wheel);
    return imports && (source->wheel->file->kind == SW_INDEX_SDIST || recall(&source->listing, scan, key));
}

static void keep_source(const struct source *source, const struct scan *scan)
{
    char key[KEY_SIZE];
    key_of(key, imports_form, source->wheel);
    if (source->wheel->imports)
        keep(scan, key, &source->text);
    key_of(key, listing_form, source->wheel);
    if (source->wheel->file->kind == SW_INDEX_WHEEL)
        keep(scan, key, &source->listing);
}

static int read_sources(struct scan *scan, struct sw_index_wheel *wheels, size_t count,
                        struct sw_error *error)
{
    size_t wanted = 0;
    struct sw_inside *insides = sw_arena_array(&scan->arena, count + 1, sizeof *insides);
    if (insides == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        struct source *source = &scan->sources[i];
        *source = (struct source){.wheel = &wheels[i]};
        sw_buffer_init(&source->text, SW_MAX_STORE_ENTRY);
        sw_buffer_init(&source->listing, SW_MAX_STORE_ENTRY);
        wheels[i].code = 0;
        if (recall_source(source, scan))
            continue;
        if (scan->index->options.cache.offline)
            (void)refuse_offline(&wheels[i]);
        else
            insides[wanted++] = (struct sw_inside){.url = wheels[i].file->url,
                                                   .name = wheels[i].file->name,
                                                   .size = wheels[i].file->size,
                                                   .look = look_into,
                                                   .self = source};
    }
    int code = sw_inside_read(insides, scan->index->options.cache.fetcher, wanted, error);
    for (size_t i = 0; i < wanted && code == 0; i++) {
        const struct source *source = insides[i].self;
        source->wheel->code = insides[i].code;
        source->wheel->error = insides[i].error;
        if (insides[i].code == 0)
            keep_source(source, scan);
    }
    return code;
}

/* The first parts of the modules among the files of a listing, which is in order of name. */
static int read_tops(struct source *source, struct sw_arena *arena, struct sw_error *error)
{
    struct sw_str fields[LISTING_FIELDS], rest = source->wheel->listing;
    while (next_line(fields, LISTING_FIELDS, &rest)) {
        struct sw_str inner = fields[2], top = sw_str_cut(&inner, '/');
        bool module = inner.p != NULL || sw_str_ends(top, ".py") || sw_str_ends(top, ".so");
        top = sw_str_cut(&top, '.');
        if (!module || (source->top_count > 0 && sw_str_equal(source->tops[source->top_count - 1], top)))
            continue;
        source->tops = sw_arena_grow(arena, source->tops, source->top_count, sizeof *source->tops);
        if (source->tops == NULL)
            return sw_fail_memory(error);
        source->tops[source->top_count++] = top;
    }
    return 0;
}

/* The listing in the caller's memory, and the tops in it. */
static int parse_listing(struct scan *scan, struct source *source, struct sw_error *error)
{
    const struct sw_str text = sw_buffer_str(&source->listing);
    source->wheel->listing = SW_STR("");
    if (source->wheel->code != 0 || text.n == 0)
        return 0;
    source->wheel->listing = (struct sw_str){sw_arena_copy(scan->answers, text), text.n};
    return source->wheel->listing.p == NULL ? sw_fail_memory(error) : read_tops(source, &scan->arena, error);
}

/* The imports in the text that lies in `arena`. */
static int parse_source(struct source *source, struct sw_arena *arena, struct sw_error *error)
{
    struct sw_str fields[IMPORT_FIELDS], rest = sw_buffer_str(&source->text);
    struct sw_wheel_imports *imports = &source->imports;
    while (source->wheel->code == 0 && next_line(fields, IMPORT_FIELDS, &rest)) {
        imports->items = sw_arena_grow(arena, imports->items, imports->count, sizeof *imports->items);
        if (imports->items == NULL)
            return sw_fail_memory(error);
        imports->items[imports->count++] = read_import(fields);
    }
    return 0;
}

/* ---- the names that other wheels lack ---- */

static struct sw_index_terms terms_of(struct sw_arena *arena, const struct sw_wheel_import *import)
{
    return (struct sw_index_terms){sw_arena_copy(arena, import->condition), import->attempt, import->instead};
}

/* Give the imports out, in the caller's memory. */
static int give_imports(struct scan *scan, struct source *source, struct sw_error *error)
{
    struct sw_arena *arena = scan->answers;
    struct sw_index_wheel *wheel = source->wheel;
    wheel->found = sw_arena_array(arena, source->imports.count + 1, sizeof *wheel->found);
    wheel->found_count = 0;
    for (size_t i = 0; wheel->found != NULL && i < source->imports.count; i++) {
        const struct sw_wheel_import *import = &source->imports.items[i];
        const struct sw_index_import found = {.member = sw_arena_copy(arena, import->member),
                                              .module = sw_arena_copy(arena, import->module),
                                              .name = sw_arena_copy(arena, import->name),
                                              .line = import->line,
                                              .share = import->share,
                                              .lazy = import->lazy,
                                              .described = import->described,
                                              .certain = import->certain,
                                              .refuses = import->refuses,
                                              .terms = terms_of(arena, import)};
        if (found.member == NULL || found.module == NULL || found.name == NULL ||
            found.terms.condition == NULL)
            return sw_fail_memory(error);
        wheel->found[wheel->found_count++] = found;
    }
    return wheel->found == NULL ? sw_fail_memory(error) : 0;
}

/* The holders of the first part of an import's module. */
struct holders {
    const struct holder *items;
    size_t count;
};

static int compare_tops(struct sw_str a, struct sw_str b)
{
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

static int compare_holders(const void *a, const void *b)
{
    const struct holder *one = a, *other = b;
    int order = compare_tops(one->top, other->top);
    return order != 0 ? order : (one->source > other->source) - (one->source < other->source);
}

static int sort_holders(struct scan *scan, size_t count, struct sw_error *error)
{
    size_t all = 0;
    for (size_t i = 0; i < count; i++)
        all += scan->sources[i].top_count;
    scan->holders = sw_arena_array(&scan->arena, all + 1, sizeof *scan->holders);
    if (scan->holders == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < scan->sources[i].top_count; k++)
            scan->holders[scan->holder_count++] = (struct holder){scan->sources[i].tops[k], i};
    }
    qsort(scan->holders, scan->holder_count, sizeof *scan->holders, compare_holders);
    return 0;
}

static struct holders holders_of(const struct scan *scan, struct sw_str top)
{
    size_t low = 0, high = scan->holder_count, end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_tops(scan->holders[middle].top, top) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (end = low; end < scan->holder_count && sw_str_equal(scan->holders[end].top, top);)
        end++;
    return (struct holders){&scan->holders[low], end - low};
}

static bool holds(const struct holders *holders, size_t source, bool *other)
{
    bool found = false;
    *other = false;
    for (size_t i = 0; i < holders->count; i++) {
        found = found || holders->items[i].source == source;
        *other = *other || holders->items[i].source != source;
    }
    return found;
}

/* Return true if the module is the wheel's. If several wheels install a part of it, it is the wheel's whose project has its
 * name. */
static bool is_provider(const struct scan *scan, const struct holders *holders, size_t from)
{
    bool other;
    const struct sw_index_wheel *wheel = scan->sources[from].wheel;
    return !wheel->only_files && holds(holders, from, &other) &&
           (!other || sw_name_equal(holders->items[0].top, sw_str_from(wheel->project)));
}

/* The holders of each import that is not of the importer's own; NULL without memory. */
static struct holders *holders_of_imports(struct scan *scan, size_t importer)
{
    const struct sw_wheel_imports *imports = &scan->sources[importer].imports;
    struct holders *all = sw_arena_array(&scan->arena, imports->count + 1, sizeof *all);
    for (size_t i = 0; all != NULL && i < imports->count; i++) {
        bool other;
        struct sw_str rest = imports->items[i].module, top = sw_str_cut(&rest, '.');
        all[i] = holders_of(scan, top);
        if (holds(&all[i], importer, &other))
            all[i].count = 0;
    }
    return all;
}

static int add_pair(struct scan *scan, struct source *importer, const struct holders *holders, size_t from,
                    struct sw_error *error)
{
    struct pair pair = {.importer = importer, .from = scan->sources[from].wheel};
    for (size_t i = 0; i < importer->imports.count; i++) {
        if (holders[i].count == 0 || !is_provider(scan, &holders[i], from))
            continue;
        pair.imports = sw_arena_grow(&scan->arena, pair.imports, pair.count, sizeof *pair.imports);
        if (pair.imports == NULL)
            return sw_fail_memory(error);
        pair.imports[pair.count++] = importer->imports.items[i];
    }
    if (pair.count == 0)
        return 0;
    scan->pairs = sw_arena_grow(&scan->arena, scan->pairs, scan->pair_count, sizeof *scan->pairs);
    if (scan->pairs == NULL)
        return sw_fail_memory(error);
    sw_buffer_init(&pair.text, SW_MAX_STORE_ENTRY);
    scan->pairs[scan->pair_count++] = pair;
    return 0;
}

/* The pairs of a wheel with each wheel that installs a module of its imports. */
static int add_pairs(struct scan *scan, size_t importer, size_t count, struct sw_error *error)
{
    size_t imports = scan->sources[importer].imports.count;
    struct holders *holders = holders_of_imports(scan, importer);
    bool *is_named = sw_arena_array(&scan->arena, count + 1, sizeof *is_named);
    if (holders == NULL || is_named == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < imports; i++) {
        for (size_t k = 0; k < holders[i].count; k++)
            is_named[holders[i].items[k].source] = true;
    }
    int code = 0;
    for (size_t k = 0; k < count && code == 0; k++)
        code = is_named[k] ? add_pair(scan, &scan->sources[importer], holders, k, error) : 0;
    return code;
}

static void losses_key(char key[KEY_SIZE], const struct pair *pair)
{
    (void)snprintf(key, KEY_SIZE, "losses17 %s %s", pair->importer->wheel->key, pair->from->key);
}

static int look_for_pair(struct pair *pair, struct sw_words *words, const struct sw_wheel *wheel,
                         struct sw_arena *arena, struct sw_error *error)
{
    struct sw_wheel_loss *losses = sw_arena_array(arena, pair->count, sizeof *losses);
    if (losses == NULL)
        return sw_fail_memory(error);
    int code = sw_wheel_losses(losses, words, arena, wheel, pair->imports, pair->count, error);
    sw_buffer_clear(&pair->text);
    for (size_t i = 0; code == 0 && i < pair->count; i++) {
        if (losses[i].module.n == 0)
            continue;
        write_import(&pair->text, &pair->imports[i]);
        sw_buffer_addf(&pair->text, "\t%.*s\t%s\n", SW_STR_FORMAT(losses[i].module),
                       losses[i].name ? "name" : "module");
    }
    return code != 0 ? code : sw_buffer_check(&pair->text, "what is lacking", error);
}

static int look_for_losses(void *self, const struct sw_reader *reader, struct sw_error *error)
{
    struct question *question = self;
    struct sw_wheel wheel;
    SW_ARENA_AUTO arena;
    sw_arena_init(&arena, SW_MAX_SCAN_MEMORY);
    int code = open_wheel(&wheel, &arena, reader, error);
    for (size_t i = 0; i < question->pair_count && code == 0; i++) {
        struct pair *pair = &question->pairs[i];
        if (pair->from == question->from && !pair->known)
            code = look_for_pair(pair, &question->words, &wheel, &arena, error);
    }
    return code;
}

/* The words of a wheel that were kept. */
static int recall_words(struct question *question, const struct scan *scan, struct sw_error *error)
{
    SW_BUFFER_AUTO bytes;
    char key[KEY_SIZE];
    sw_buffer_init(&bytes, SW_MAX_STORE_ENTRY);
    key_of(key, words_form, question->from);
    if (!recall(&bytes, scan, key))
        return 0;
    int code = sw_words_parse(&question->words, sw_buffer_str(&bytes), error);
    question->words_known = code == 0;
    return code == SW_EINPUT ? 0 : code;
}

static void keep_answers(struct question *question, const struct scan *scan)
{
    char key[KEY_SIZE];
    for (size_t i = 0; i < scan->pair_count; i++) {
        losses_key(key, &scan->pairs[i]);
        if (scan->pairs[i].from == question->from && !scan->pairs[i].known)
            keep(scan, key, &scan->pairs[i].text);
    }
    if (question->words_known || question->words.count == 0)
        return;
    SW_BUFFER_AUTO bytes;
    sw_buffer_init(&bytes, SW_MAX_STORE_ENTRY);
    sw_words_write(&question->words, &bytes);
    key_of(key, words_form, question->from);
    keep(scan, key, &bytes);
}

/* Ask each wheel once, for all that import of it. */
static int read_losses(struct scan *scan, struct sw_index_wheel *wheels, size_t count, struct sw_error *error)
{
    size_t wanted = 0;
    struct sw_inside *insides = sw_arena_array(&scan->arena, count + 1, sizeof *insides);
    struct question *questions = sw_arena_array(&scan->arena, count + 1, sizeof *questions);
    if (insides == NULL || questions == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < count; i++) {
        bool open = false;
        for (size_t k = 0; k < scan->pair_count; k++)
            open = open || (scan->pairs[k].from == &wheels[i] && !scan->pairs[k].known);
        if (!open)
            continue;
        if (scan->index->options.cache.offline) {
            (void)refuse_offline(&wheels[i]);
            continue;
        }
        questions[wanted] =
            (struct question){.from = &wheels[i], .pairs = scan->pairs, .pair_count = scan->pair_count};
        if (recall_words(&questions[wanted], scan, error) != 0)
            return SW_EENV;
        insides[wanted] = (struct sw_inside){.url = wheels[i].file->url,
                                             .name = wheels[i].file->name,
                                             .size = wheels[i].file->size,
                                             .look = look_for_losses,
                                             .self = &questions[wanted]};
        wanted++;
    }
    int code = sw_inside_read(insides, scan->index->options.cache.fetcher, wanted, error);
    for (size_t i = 0; i < wanted; i++) {
        questions[i].from->code = insides[i].code;
        questions[i].from->error = insides[i].error;
        if (code == 0 && insides[i].code == 0)
            keep_answers(&questions[i], scan);
        sw_words_release(&questions[i].words);
    }
    return code;
}

static int add_losses(struct scan *scan, const struct pair *pair, struct sw_error *error)
{
    struct sw_arena *arena = scan->answers;
    struct sw_str fields[LOSS_FIELDS], rest = sw_buffer_str(&pair->text);
    while (next_line(fields, LOSS_FIELDS, &rest)) {
        const struct sw_wheel_import import = read_import(fields);
        struct sw_index_loss loss = {.importer = pair->importer->wheel,
                                     .from = pair->from,
                                     .member = sw_arena_copy(arena, import.member),
                                     .line = import.line,
                                     .module = sw_arena_copy(arena, import.module),
                                     .name = sw_arena_copy(arena, import.name),
                                     .gone = sw_arena_copy(arena, fields[IMPORT_FIELDS]),
                                     .lazy = import.lazy,
                                     .share = import.share,
                                     .terms = terms_of(arena, &import),
                                     .is_name = sw_str_is(fields[IMPORT_FIELDS + 1], "name")};
        scan->losses = sw_arena_grow(arena, scan->losses, scan->loss_count, sizeof loss);
        if (scan->losses == NULL || loss.member == NULL || loss.module == NULL || loss.name == NULL ||
            loss.gone == NULL || loss.terms.condition == NULL)
            return sw_fail_memory(error);
        scan->losses[scan->loss_count++] = loss;
    }
    return 0;
}

static int scan_all(struct scan *scan, struct sw_index_wheel *wheels, size_t count, struct sw_error *error)
{
    int code = 0;
    for (size_t i = 0; i < count && code == 0; i++)
        code = sw_index_file_key(wheels[i].key, wheels[i].file, error);
    if (code == 0)
        code = read_sources(scan, wheels, count, error);
    for (size_t i = 0; i < count && code == 0; i++) {
        code = parse_source(&scan->sources[i], &scan->arena, error);
        if (code == 0)
            code = parse_listing(scan, &scan->sources[i], error);
        if (code == 0)
            code = give_imports(scan, &scan->sources[i], error);
    }
    if (code == 0)
        code = sort_holders(scan, count, error);
    for (size_t i = 0; i < count && code == 0; i++)
        code = add_pairs(scan, i, count, error);
    for (size_t i = 0; i < scan->pair_count && code == 0; i++) {
        char key[KEY_SIZE];
        losses_key(key, &scan->pairs[i]);
        scan->pairs[i].known = recall(&scan->pairs[i].text, scan, key);
    }
    if (code == 0)
        code = read_losses(scan, wheels, count, error);
    for (size_t i = 0; i < scan->pair_count && code == 0; i++)
        code = add_losses(scan, &scan->pairs[i], error);
    return code;
}

static void release_source(struct source *source)
{
    sw_buffer_release(&source->text);
    sw_buffer_release(&source->listing);
}

int sw_index_losses(struct sw_index_loss **losses, size_t *loss_count, struct sw_arena *arena,
                    struct sw_index *index, struct sw_index_wheel *wheels, size_t count,
                    struct sw_error *error)
{
    struct scan scan = {.index = index, .answers = arena};
    sw_arena_init(&scan.arena, SW_MAX_ARENA);
    scan.sources = sw_arena_array(&scan.arena, count + 1, sizeof *scan.sources);
    int code = scan.sources == NULL ? sw_fail_memory(error) : scan_all(&scan, wheels, count, error);
    for (size_t i = 0; scan.sources != NULL && i < count; i++)
        release_source(&scan.sources[i]);
    for (size_t i = 0; i < scan.pair_count; i++)
        sw_buffer_release(&scan.pairs[i].text);
    sw_arena_release(&scan.arena);
    if (code == 0) {
        *losses = scan.losses;
        *loss_count = scan.loss_count;
    }
    return code;
}
