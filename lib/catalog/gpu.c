#include "catalog/gpu.h"

#include "base/buffer.h"
#include "catalog/gpu_words_internal.h"

#include <strings.h>

static const char *text_of(const struct sw_node *row, const char *key)
{
    return sw_node_text(sw_node_get(row, key), "");
}

static bool has_memory(const struct gpu_words *text, const struct gpu_words *name, const struct sw_node *row)
{
    int64_t memory = name->memory != 0 ? name->memory : sw_node_integer(sw_node_get(row, "memory"), 0);
    return text->memory == 0 || memory == 0 || memory == text->memory;
}

/* Say how a text fits the best of a row's names. */
static enum gpu_fit fit_row(const struct sw_catalog *catalog, const struct gpu_words *text,
                            const struct sw_node *row)
{
    const struct sw_node *aliases = sw_node_get(row, "aliases");
    enum gpu_fit best = GPU_FITS_NOT;
    for (size_t i = 0; i < sw_node_count(aliases) + 2; i++) {
        struct gpu_words name;
        const char *spelled = i == 0   ? text_of(row, "name")
                              : i == 1 ? text_of(row, "title")
                                       : sw_node_text(sw_node_item(aliases, i - 2), "");
        enum gpu_fit fit = gpu_words_read_name(&name, catalog, spelled) && has_memory(text, &name, row)
                               ? gpu_words_fit(text, &name, catalog)
                               : GPU_FITS_NOT;
        best = fit > best ? fit : best;
    }
    return best;
}

static bool same_architecture(const struct sw_node *a, const struct sw_node *b)
{
    return strcmp(text_of(a, "compute_capability"), text_of(b, "compute_capability")) == 0 &&
           strcmp(sw_catalog_machine(a), sw_catalog_machine(b)) == 0;
}

/* Rows that a text may mean, the best fits alone. */
struct found {
    const struct sw_node *rows[SW_MAX_GPU_MEANINGS];
    size_t count;
    enum gpu_fit fit;
    /* The first row that fits in all but the slice. */
    const struct sw_node *sliceless;
};

static void take(struct found *found, const struct sw_node *row, enum gpu_fit fit)
{
    if (fit == GPU_FITS_NOT || fit < found->fit)
        return;
    if (fit > found->fit)
        found->count = 0;
    found->fit = fit;
    for (size_t i = 0; i < found->count; i++) {
        if (same_architecture(found->rows[i], row))
            return;
    }
    if (found->count < SW_MAX_GPU_MEANINGS)
        found->rows[found->count++] = row;
}

static void look(struct found *found, const struct sw_catalog *catalog, const struct gpu_words *text)
{
    char key[SW_MAX_GPU_NAME + 1];
    struct sw_str wanted = text->pci.n > 0 ? text->pci : text->slice;
    memcpy(key, wanted.p == NULL ? "" : wanted.p, wanted.n);
    key[wanted.n] = '\0';
    for (size_t i = 0; i < sw_node_count(catalog->gpus); i++) {
        const struct sw_node *row = sw_node_item(catalog->gpus, i);
        if (text->pci.n > 0) {
            take(found, row, sw_catalog_lists(sw_node_get(row, "pci"), key) ? GPU_FITS : GPU_FITS_NOT);
            continue;
        }
        enum gpu_fit fit = text->count == 0 ? GPU_FITS : fit_row(catalog, text, row);
        if (wanted.n == 0 || sw_catalog_lists(sw_node_get(row, "slices"), key))
            take(found, row, fit);
        else if (fit == GPU_FITS && text->count > 0 && found->sliceless == NULL)
            found->sliceless = row;
    }
}

/* ---- texts that mean no card ---- */

static bool same_digits(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a != '\0' && !sw_is_digit((unsigned char)*a))
            a++;
        while (*b != '\0' && !sw_is_digit((unsigned char)*b))
            b++;
        if (*a != *b)
            return false;
        if (*a == '\0')
            return true;
    }
}

/* The name nearest in spelling; NULL if none is near, or if names of several architectures are as near. A name
 * with the same number is nearer than all others. */
static const struct sw_node *nearest(const struct sw_catalog *catalog, const char *text)
{
    const struct sw_node *best = NULL;
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < sw_node_count(catalog->gpus); i++) {
        const struct sw_node *row = sw_node_item(catalog->gpus, i);
        const char *name = text_of(row, "name");
        size_t distance = sw_str_distance(sw_str_from(name), sw_str_from(text));
        if (distance > strlen(text) / 2)
            continue;
        distance += same_digits(name, text) ? 0 : SW_MAX_GPU_NAME;
        if (distance < least)
            best = row;
        else if (distance == least && best != NULL && !same_architecture(best, row))
            best = NULL;
        least = distance < least ? distance : least;
    }
    return best;
}

/* Append the newest cards of an architecture that go by a short name; false if the text names no architecture. */
static bool add_names_of(struct sw_buffer *out, const struct sw_catalog *catalog, const char *architecture)
{
    enum { MOST = 6, SHORT = 8 };
    for (size_t i = sw_node_count(catalog->gpus), count = 0; i-- > 0 && count < MOST;) {
        const struct sw_node *row = sw_node_item(catalog->gpus, i);
        const char *name = text_of(row, "name");
        bool is_short = strlen(name) <= SHORT && strncmp(name, "sm-", 3) != 0;
        if (!is_short || strcasecmp(text_of(row, "architecture"), architecture) != 0)
            continue;
        sw_buffer_addf(out, "%s'%s'", count == 0 ? "" : ", ", name);
        count++;
    }
    return out->n > 0;
}

static int unknown(const struct sw_catalog *catalog, const char *text, struct sw_error *error)
{
    SW_BUFFER_AUTO names;
    sw_buffer_init(&names, SW_KIB);
    if (add_names_of(&names, catalog, text)) {
        (void)sw_fail(error, SW_EINPUT, "'%s' is an architecture of many GPUs", text);
        return sw_error_hint(error, "name the GPU: %s; 'slipway gpus' lists all", names.p);
    }
    const struct sw_node *near = nearest(catalog, text);
    (void)sw_fail(error, SW_EINPUT, "unknown GPU '%s'", text);
    return sw_error_hint(error, "%s%s%s'slipway gpus' lists those known",
                         near == NULL ? "" : "did you mean '", near == NULL ? "" : text_of(near, "name"),
                         near == NULL ? "" : "'? ");
}

static int several(const struct found *found, const char *text, struct sw_error *error)
{
    SW_BUFFER_AUTO names;
    sw_buffer_init(&names, SW_KIB);
    for (size_t i = 0; i < found->count; i++)
        sw_buffer_addf(&names, "%s'%s' (%s)",
                       i == 0                  ? ""
                       : i + 1 == found->count ? " or "
                                               : ", ",
                       text_of(found->rows[i], "name"), text_of(found->rows[i], "compute_capability"));
    (void)sw_fail(error, SW_EINPUT, "'%s' may be GPUs of several architectures", text);
    return sw_error_hint(error, "say %s", sw_buffer_str(&names).p);
}

static int no_slice(const struct sw_node *row, const struct gpu_words *text, struct sw_error *error)
{
    SW_BUFFER_AUTO names;
    sw_buffer_init(&names, SW_KIB);
    const struct sw_node *slices = sw_node_get(row, "slices");
    for (size_t i = 0; i < sw_node_count(slices); i++)
        sw_buffer_addf(&names, "%s%s", i == 0 ? "" : ", ", sw_node_text(sw_node_item(slices, i), ""));
    (void)sw_fail(error, SW_EINPUT, "the %s has no slice %.*s", text_of(row, "title"), (int)text->slice.n,
                  text->slice.p);
    return sw_node_count(slices) == 0 ? sw_error_hint(error, "the catalog knows no slices of it")
                                      : sw_error_hint(error, "it has %s", sw_buffer_str(&names).p);
}

int sw_gpu_find(const struct sw_node **row, const struct sw_catalog *catalog, const char *text,
                struct sw_error *error)
{
    const struct sw_node *exact = sw_catalog_row(catalog->gpus, "name", text);
    if (exact != NULL) {
        *row = exact;
        return 0;
    }
    struct gpu_words words;
    struct found found = {.fit = GPU_FITS_NOT};
    if (gpu_words_read(&words, catalog, text))
        look(&found, catalog, &words);
    if (found.count == 0 && found.sliceless != NULL)
        return no_slice(found.sliceless, &words, error);
    if (found.count == 0)
        return unknown(catalog, text, error);
    if (found.count > 1 && (found.fit == GPU_FITS_SHORTENED || words.count == 0))
        return several(&found, text, error);
    *row = found.rows[0];
    return 0;
}

const struct sw_node *sw_gpu_row(const struct sw_catalog *catalog, const char *text)
{
    const struct sw_node *row = NULL;
    return sw_gpu_find(&row, catalog, text, NULL) == 0 ? row : NULL;
}
