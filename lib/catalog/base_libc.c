#include "catalog/base_libc.h"

/* Return true if a part of an image's name or tag begins with the word: "python:3.11-alpine3.20" with "alpine". A number in the word is
 * whole: "debian:1" begins no "debian:12". */
static bool has_word(const char *reference, const char *word)
{
    size_t n = strlen(word);
    bool number = n > 0 && sw_is_digit((unsigned char)word[n - 1]);
    for (const char *at = reference; *at != '\0'; at++) {
        bool begins = at == reference || strchr("/:-", at[-1]) != NULL;
        if (!begins || strncmp(at, word, n) != 0)
            continue;
        unsigned char next = (unsigned char)at[n];
        if (number ? !sw_is_digit(next) : !sw_is_alpha(next))
            return true;
    }
    return false;
}

/* Return true if the reference has a tag that leaves the distribution open: "python:3.11-slim", not "python:3.11.4-slim", which was built
 * when another distribution was the newest. */
static bool is_current(const char *reference, const char *image)
{
    size_t n = strlen(image);
    if (strncmp(reference, image, n) != 0 || reference[n] != ':')
        return false;
    const char *tag = reference + n + 1;
    size_t number = strspn(tag, "0123456789."), dots = 0;
    for (size_t i = 0; i < number; i++)
        dots += tag[i] == '.';
    return dots < 2 && (tag[number] == '\0' || tag[number] == '@' || strcmp(tag + number, "-slim") == 0 ||
                        strncmp(tag + number, "-slim@", 6) == 0);
}

/* The word of a row that the reference has, or NULL. */
static const char *find_word(const struct sw_node *row, const char *reference)
{
    const struct sw_node *words = sw_node_get(row, "words"), *images = sw_node_get(row, "images");
    for (size_t i = 0; i < sw_node_count(words); i++) {
        const char *word = sw_node_text(sw_node_item(words, i), "");
        if (has_word(reference, word))
            return word;
    }
    for (size_t i = 0; i < sw_node_count(images); i++) {
        const char *image = sw_node_text(sw_node_item(images, i), "");
        if (is_current(reference, image))
            return image;
    }
    return NULL;
}

/* The minor number of "2.36"; `otherwise` if the text has none. */
static unsigned minor_of(const char *version, unsigned otherwise)
{
    struct sw_str rest = sw_str_from(version);
    uint64_t minor = 0;
    (void)sw_str_cut(&rest, '.');
    return rest.p != NULL && sw_str_to_u64(rest, &minor) && minor <= UINT16_MAX ? (unsigned)minor : otherwise;
}

struct sw_base_libc sw_catalog_base_libc(const struct sw_catalog *catalog, const char *reference)
{
    /* The minor number of Ubuntu 22.04's glibc. */
    enum { UNKNOWN_MINOR = 35 };
    const struct sw_node *rows = sw_node_get(catalog->images, "libc");
    struct sw_base_libc found = {.minor = UNKNOWN_MINOR};
    if (strncmp(reference, "docker.io/", 10) == 0)
        reference += 10;
    if (strncmp(reference, "library/", 8) == 0)
        reference += 8;
    for (size_t i = 0; i < sw_node_count(rows) && found.row == NULL; i++) {
        const struct sw_node *row = sw_node_item(rows, i);
        const char *musl = sw_node_text(sw_node_get(row, "musl"), NULL);
        found.word = find_word(row, reference);
        if (found.word == NULL)
            continue;
        found.row = row;
        found.musl = musl != NULL;
        found.minor =
            minor_of(musl != NULL ? musl : sw_node_text(sw_node_get(row, "glibc"), ""), found.minor);
    }
    return found;
}
