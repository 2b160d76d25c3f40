#include "index/missing_imports.h"

#include "base/limits.h"
#include "index/index_internal.h"
#include "index/inside_internal.h"
#include "index/missing_imports_internal.h"
#include "python/name.h"

enum { KEY_SIZE = 192 };

/* The imports that a wheel has of another wheel. */
struct pair {
    const struct sw_index_wheel *importer;
    struct sw_index_wheel *from;
    const struct sw_index_import **imports;
    size_t count;
    /* The missing names: a line for each has the import, the module, and "name" or "module". */
    struct sw_buffer text;
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

/* The first part of modules that a wheel installs, and the wheel's place. */
struct holder {
    struct sw_str top;
    size_t wheel;
};

struct scan {
    struct sw_index *index;
    struct sw_index_wheel *wheels;
    size_t count;
    /* The tops of all wheels in order, each top's in the order of the wheels. */
    struct holder *holders;
    size_t holder_count;
    struct pair *pairs;
    size_t pair_count;
    struct sw_arena arena;
    struct sw_arena *answers;
    struct sw_index_loss *losses;
    size_t loss_count;
};

/* ---- the names that other wheels lack ---- */

/* A wheel's directory, with nothing of it announced. */
static int open_wheel(struct sw_wheel *wheel, struct sw_arena *arena, const struct sw_reader *reader,
                      struct sw_error *error)
{
    *wheel = (struct sw_wheel){.dist_info = {NULL, 0}};
    return sw_zip_open(&wheel->zip, arena, reader, error);
}

static void words_key(char key[KEY_SIZE], const struct sw_index_wheel *wheel)
{
    (void)snprintf(key, KEY_SIZE, "words2 %s", wheel->key);
}

static void keep(const struct scan *scan, const char *key, const struct sw_buffer *text)
{
    sw_store_put(scan->index->options.cache.store, sw_str_from(key), sw_buffer_str(text));
}

static bool recall(struct sw_buffer *text, const struct scan *scan, const char *key)
{
    return sw_store_get(text, scan->index->options.cache.store, sw_str_from(key));
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
    return order != 0 ? order : (one->wheel > other->wheel) - (one->wheel < other->wheel);
}

static int sort_holders(struct scan *scan, struct sw_error *error)
{
    size_t all = 0;
    for (size_t i = 0; i < scan->count; i++)
        all += scan->wheels[i].files->top_count;
    scan->holders = sw_arena_array(&scan->arena, all + 1, sizeof *scan->holders);
    if (scan->holders == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < scan->count; i++) {
        const struct sw_wheel_files *files = scan->wheels[i].files;
        for (size_t k = 0; k < files->top_count; k++) {
            if (files->tops[k].module.n > 0)
                scan->holders[scan->holder_count++] = (struct holder){files->tops[k].module, i};
        }
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

static bool holds(const struct holders *holders, size_t wheel, bool *other)
{
    bool found = false;
    *other = false;
    for (size_t i = 0; i < holders->count; i++) {
        found = found || holders->items[i].wheel == wheel;
        *other = *other || holders->items[i].wheel != wheel;
    }
    return found;
}

/* Return true if the module is the wheel's. If several wheels install a part of it, it is the wheel's whose project has its
 * name. */
static bool is_provider(const struct scan *scan, const struct holders *holders, size_t from)
{
    bool other;
    const struct sw_index_wheel *wheel = &scan->wheels[from];
    return !wheel->only_files && holds(holders, from, &other) &&
           (!other || sw_name_equal(holders->items[0].top, sw_str_from(wheel->project)));
}

/* The holders of each import that is not of the importer's own; NULL without memory. */
static struct holders *holders_of_imports(struct scan *scan, size_t importer)
{
    const struct sw_index_wheel *wheel = &scan->wheels[importer];
    struct holders *all = sw_arena_array(&scan->arena, wheel->found_count + 1, sizeof *all);
    for (size_t i = 0; all != NULL && i < wheel->found_count; i++) {
        bool other;
        const char *module = wheel->found[i].module;
        all[i] = holders_of(scan, (struct sw_str){module, strcspn(module, ".")});
        if (holds(&all[i], importer, &other))
            all[i].count = 0;
    }
    return all;
}

static int add_pair(struct scan *scan, const struct sw_index_wheel *importer, const struct holders *holders,
                    size_t from, struct sw_error *error)
{
    struct pair pair = {.importer = importer, .from = &scan->wheels[from]};
    for (size_t i = 0; i < importer->found_count; i++) {
        if (holders[i].count == 0 || !is_provider(scan, &holders[i], from))
            continue;
        pair.imports = sw_arena_grow(&scan->arena, pair.imports, pair.count, sizeof(const void *));
        if (pair.imports == NULL)
            return sw_fail_memory(error);
        pair.imports[pair.count++] = &importer->found[i];
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
static int add_pairs(struct scan *scan, size_t importer, struct sw_error *error)
{
    const struct sw_index_wheel *wheel = &scan->wheels[importer];
    struct holders *holders = holders_of_imports(scan, importer);
    bool *is_named = sw_arena_array(&scan->arena, scan->count + 1, sizeof *is_named);
    if (holders == NULL || is_named == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < wheel->found_count; i++) {
        for (size_t k = 0; k < holders[i].count; k++)
            is_named[holders[i].items[k].wheel] = true;
    }
    int code = 0;
    for (size_t k = 0; k < scan->count && code == 0; k++)
        code = is_named[k] ? add_pair(scan, wheel, holders, k, error) : 0;
    return code;
}

static void losses_key(char key[KEY_SIZE], const struct pair *pair)
{
    (void)snprintf(key, KEY_SIZE, SW_KEPT_LOSSES " %s %s", pair->importer->key, pair->from->key);
}

/* An import in the form in which a wheel is asked for it. */
static struct sw_wheel_import asked(const struct sw_index_import *import)
{
    return (struct sw_wheel_import){.member = sw_str_from(import->member),
                                    .line = import->line,
                                    .module = sw_str_from(import->module),
                                    .name = sw_str_from(import->name),
                                    .share = import->share,
                                    .lazy = import->lazy,
                                    .certain = import->certain,
                                    .refuses = import->refuses,
                                    .condition = sw_str_from(import->terms.condition),
                                    .attempt = import->terms.attempt,
                                    .instead = import->terms.instead,
                                    .described = import->described};
}

static int look_for_pair(struct pair *pair, struct sw_words *words, const struct sw_wheel *wheel,
                         struct sw_arena *arena, struct sw_error *error)
{
    struct sw_wheel_loss *losses = sw_arena_array(arena, pair->count, sizeof *losses);
    struct sw_wheel_import *imports = sw_arena_array(arena, pair->count, sizeof *imports);
    if (losses == NULL || imports == NULL)
        return sw_fail_memory(error);
    for (size_t i = 0; i < pair->count; i++)
        imports[i] = asked(pair->imports[i]);
    int code = sw_wheel_losses(losses, words, arena, wheel, imports, pair->count, error);
    sw_buffer_clear(&pair->text);
    for (size_t i = 0; code == 0 && i < pair->count; i++) {
        if (losses[i].module.n == 0)
            continue;
        sw_index_write_import(&pair->text, &imports[i]);
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
    words_key(key, question->from);
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
    words_key(key, question->from);
    keep(scan, key, &bytes);
}

/* Ask each wheel once, for all that import of it. */
static int read_losses(struct scan *scan, struct sw_error *error)
{
    struct sw_index_wheel *wheels = scan->wheels;
    size_t wanted = 0, count = scan->count;
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
            sw_index_refuse_offline(&wheels[i]);
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
    char *rest = sw_arena_copy(scan->answers, sw_buffer_str(&pair->text)), *line = NULL;
    if (rest == NULL)
        return sw_fail_memory(error);
    while ((line = strsep(&rest, "\n")) != NULL) {
        struct sw_index_import import;
        const char *gone = sw_index_take_import(&import, &line) ? strsep(&line, "\t") : NULL;
        const char *kind = gone == NULL ? NULL : strsep(&line, "\t");
        if (kind == NULL)
            return 0;
        scan->losses = sw_arena_grow(scan->answers, scan->losses, scan->loss_count, sizeof *scan->losses);
        if (scan->losses == NULL)
            return sw_fail_memory(error);
        scan->losses[scan->loss_count++] = (struct sw_index_loss){.importer = pair->importer,
                                                                  .from = pair->from,
                                                                  .member = import.member,
                                                                  .line = import.line,
                                                                  .module = import.module,
                                                                  .name = import.name,
                                                                  .gone = gone,
                                                                  .lazy = import.lazy,
                                                                  .share = import.share,
                                                                  .terms = import.terms,
                                                                  .is_name = strcmp(kind, "name") == 0};
    }
    return 0;
}

static int scan_all(struct scan *scan, struct sw_error *error)
{
    int code = sw_index_read_wheels(scan->index, scan->answers, scan->wheels, scan->count, error);
    if (code == 0)
        code = sort_holders(scan, error);
    for (size_t i = 0; i < scan->count && code == 0; i++)
        code = add_pairs(scan, i, error);
    for (size_t i = 0; i < scan->pair_count && code == 0; i++) {
        char key[KEY_SIZE];
        losses_key(key, &scan->pairs[i]);
        scan->pairs[i].known = recall(&scan->pairs[i].text, scan, key);
    }
    if (code == 0)
        code = read_losses(scan, error);
    for (size_t i = 0; i < scan->pair_count && code == 0; i++)
        code = add_losses(scan, &scan->pairs[i], error);
    return code;
}

int sw_index_losses(struct sw_index_loss **losses, size_t *loss_count, struct sw_arena *arena,
                    struct sw_index *index, struct sw_index_wheel *wheels, size_t count,
                    struct sw_error *error)
{
    struct scan scan = {.index = index, .answers = arena, .wheels = wheels, .count = count};
    sw_arena_init(&scan.arena, SW_MAX_ARENA);
    int code = scan_all(&scan, error);
    for (size_t i = 0; i < scan.pair_count; i++)
        sw_buffer_release(&scan.pairs[i].text);
    sw_arena_release(&scan.arena);
    if (code == 0) {
        *losses = scan.losses;
        *loss_count = scan.loss_count;
    }
    return code;
}
