#include "catalog/gpu_words_internal.h"

static bool is_word(int c)
{
    return sw_is_alnum(c) || c == '.';
}

/* Cut the next word off `rest`; empty at the end. */
static struct sw_str next_word(struct sw_str *rest)
{
    while (rest->n > 0 && !is_word((unsigned char)rest->p[0]))
        *rest = sw_str_drop(*rest, 1);
    size_t n = 0;
    while (n < rest->n && is_word((unsigned char)rest->p[n]))
        n++;
    struct sw_str word = {rest->p, n};
    *rest = sw_str_drop(*rest, n);
    return word;
}

static bool same_letters(struct sw_str a, struct sw_str b)
{
    for (size_t i = 0; a.n == b.n && i < a.n; i++) {
        int c = (unsigned char)a.p[i], d = (unsigned char)b.p[i];
        if (c != d && (c | 0x20) != (d | 0x20))
            return false;
    }
    return a.n == b.n;
}

static bool has_word(const struct sw_node *text, struct sw_str word)
{
    struct sw_str rest = sw_node_str(text);
    for (struct sw_str found = next_word(&rest); found.n > 0; found = next_word(&rest)) {
        if (same_letters(found, word))
            return true;
    }
    return false;
}

static bool list_has(const struct sw_node *list, struct sw_str word)
{
    for (size_t i = 0; i < sw_node_count(list); i++) {
        if (has_word(sw_node_item(list, i), word))
            return true;
    }
    return false;
}

static bool of_class(const struct sw_catalog *catalog, const char *name, struct sw_str word)
{
    return list_has(sw_node_get(catalog->gpu_words, name), word);
}

/* Return true if some card's name has the word. */
static bool is_known(const struct sw_catalog *catalog, struct sw_str word)
{
    for (size_t i = 0; i < sw_node_count(catalog->gpus); i++) {
        const struct sw_node *row = sw_node_item(catalog->gpus, i);
        if (has_word(sw_node_get(row, "name"), word) || has_word(sw_node_get(row, "title"), word) ||
            list_has(sw_node_get(row, "aliases"), word))
            return true;
    }
    return false;
}

/* "80gb", "80g", "80gib". */
static bool is_memory(struct sw_str word)
{
    size_t n = sw_str_digits(word);
    struct sw_str unit = sw_str_drop(word, n);
    return n > 0 && n <= 4 && (sw_str_is(unit, "gb") || sw_str_is(unit, "g") || sw_str_is(unit, "gib"));
}

/* "1g.10gb": compute slices and memory, as NVIDIA's MIG names them. */
static bool is_slice(struct sw_str word)
{
    size_t n = sw_str_digits(word);
    struct sw_str rest = sw_str_drop(word, n);
    return n == 1 && sw_str_starts(rest, "g.") && is_memory(sw_str_drop(rest, 2));
}

static unsigned number(struct sw_str word)
{
    uint64_t value = 0;
    return sw_str_to_u64((struct sw_str){word.p, sw_str_digits(word)}, &value) ? (unsigned)value : 0;
}

static void add(struct gpu_words *out, const struct sw_catalog *catalog, struct sw_str word)
{
    const struct sw_node *same = sw_node_get(catalog->gpu_words, "same");
    for (size_t i = 0; i < sw_node_member_count(same); i++) {
        const struct sw_member *member = sw_node_member_at(same, i);
        if (sw_str_equal(member->key, word))
            word = sw_node_str(member->value);
    }
    if (is_slice(word))
        out->slice = word;
    else if (is_memory(word))
        out->memory = number(word);
    else if ((sw_str_is(word, "gb") || sw_str_is(word, "gib")) && out->count > 0 &&
             sw_str_digits(out->words[out->count - 1]) == out->words[out->count - 1].n)
        out->memory = number(out->words[--out->count]);
    else if (!of_class(catalog, "filler", word) && out->count < SW_MAX_GPU_WORDS)
        out->words[out->count++] = word;
}

/* Add the words of "rtx4090ti", which are three; "a100" is a single word, since a card's name has it. */
static void add_parts(struct gpu_words *out, const struct sw_catalog *catalog, struct sw_str word)
{
    if (is_slice(word) || is_memory(word) || of_class(catalog, "filler", word) || is_known(catalog, word)) {
        add(out, catalog, word);
        return;
    }
    while (word.n > 0) {
        size_t n = sw_str_digits(word);
        while (n == 0 || (n < word.n && !sw_is_digit((unsigned char)word.p[n]) &&
                          !sw_is_digit((unsigned char)word.p[n - 1])))
            n++;
        add(out, catalog, (struct sw_str){word.p, n});
        word = sw_str_drop(word, n);
    }
}

static bool is_hexadecimal(struct sw_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        int c = (unsigned char)text.p[i];
        if (!sw_is_digit(c) && (c < 'a' || c > 'f'))
            return false;
    }
    return text.n == 4;
}

/* A device of the vendor 10de: "10de:2684", "0x2684", "0x268410de" (as nvidia-smi prints it). */
static bool read_pci(struct gpu_words *out, struct sw_str text)
{
    struct sw_str rest = text;
    bool vendor = false;
    for (struct sw_str word = next_word(&rest); word.n > 0; word = next_word(&rest)) {
        struct sw_str id = sw_str_starts(word, "0x") ? sw_str_drop(word, 2) : word;
        bool prefixed = id.n < word.n;
        if (prefixed && id.n == 8 && sw_str_starts(sw_str_drop(id, 4), "10de"))
            id.n = 4;
        if ((prefixed || vendor) && is_hexadecimal(id) && !sw_str_is(id, "10de")) {
            out->pci = id;
            return true;
        }
        vendor = sw_str_is(id, "10de");
    }
    return false;
}

/* The text in lower case; false if it is too long. */
static bool lower(struct gpu_words *out, const char *text)
{
    *out = (struct gpu_words){0};
    size_t n = strlen(text);
    for (size_t i = 0; n <= SW_MAX_GPU_NAME && i < n; i++)
        out->text[i] = (char)(sw_is_alpha((unsigned char)text[i]) ? text[i] | 0x20 : text[i]);
    return n <= SW_MAX_GPU_NAME;
}

bool gpu_words_read_name(struct gpu_words *out, const struct sw_catalog *catalog, const char *text)
{
    if (!lower(out, text))
        return false;
    struct sw_str rest = sw_str_from(out->text);
    for (struct sw_str word = next_word(&rest); word.n > 0; word = next_word(&rest))
        add(out, catalog, word);
    return out->count > 0;
}

bool gpu_words_read(struct gpu_words *out, const struct sw_catalog *catalog, const char *text)
{
    if (!lower(out, text))
        return false;
    struct sw_str rest = sw_str_from(out->text);
    if (read_pci(out, rest))
        return true;
    for (struct sw_str word = next_word(&rest); word.n > 0; word = next_word(&rest))
        add_parts(out, catalog, word);
    return out->count > 0 || out->slice.n > 0;
}

static bool holds(const struct gpu_words *words, struct sw_str word)
{
    for (size_t i = 0; i < words->count; i++) {
        if (sw_str_equal(words->words[i], word))
            return true;
    }
    return false;
}

enum gpu_fit gpu_words_fit(const struct gpu_words *text, const struct gpu_words *name,
                           const struct sw_catalog *catalog)
{
    for (size_t i = 0; i < text->count; i++) {
        if (!holds(name, text->words[i]))
            return GPU_FITS_NOT;
    }
    enum gpu_fit fit = GPU_FITS;
    for (size_t i = 0; i < name->count; i++) {
        struct sw_str word = name->words[i];
        if (holds(text, word))
            continue;
        if (!of_class(catalog, "line", word) && !of_class(catalog, "generation", word))
            return GPU_FITS_NOT;
        fit = GPU_FITS_SHORTENED;
    }
    return fit;
}
