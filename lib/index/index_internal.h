/* The parts that the files of an index share. */
#ifndef SLIPWAY_INDEX_INDEX_INTERNAL_H
#define SLIPWAY_INDEX_INDEX_INTERNAL_H

#include "base/sha256.h"
#include "index/index.h"

/* An answer that was read once. */
struct sw_index_memory {
    const char *key; /* "URL of the page", or the file's */
    const struct sw_index_project *project;
    const struct sw_metadata *metadata;
};

/* A git repository, by its URL as a requirement writes it. */
struct sw_index_repository {
    const char *url;
    /* The commit that sw_index_name_commit() names, or NULL. */
    const char *commit;
    const struct sw_metadata *metadata; /* NULL: not known */
    /* Why the requirements are not known, or empty; NULL: nobody asked yet. */
    const char *reason;
};

struct sw_index {
    struct sw_arena arena;
    struct sw_index_options options;
    const struct sw_index_pin *pins;
    size_t pin_count;
    struct sw_index_memory *memory;
    size_t memory_count;
    struct sw_read_wheel *wheels; /* newest first */
    struct sw_index_repository *repositories;
    size_t repository_count;
    unsigned repositories_read;
};

/* NULL if it was not read yet. */
const struct sw_index_memory *sw_index_recall(const struct sw_index *index, const char *key);
int sw_index_remember(struct sw_index *index, const char *key, const struct sw_index_project *project,
                      const struct sw_metadata *metadata, struct sw_error *error) SW_NODISCARD;

/* The key of a file in the store: its digest, else that of its URL; as for pip's own cache, the file behind a
 * URL stays. */
int sw_index_file_key(char key[SW_SHA256_HEX_SIZE], const struct sw_index_file *file,
                      struct sw_error *error) SW_NODISCARD;
enum { SW_INDEX_KEY_SIZE = 128 };
/* The key of an answer that was read from a file, "FORM KEY"; the form, such as "numpy2", changes with the text that is kept. */
int sw_index_answer_key(char key[SW_INDEX_KEY_SIZE], const char *form, const struct sw_index_file *file,
                        struct sw_error *error) SW_NODISCARD;

/* The releases on a page in the kept form, all in `arena`. */
int sw_index_read_page(struct sw_index_project *project, struct sw_arena *arena, struct sw_str page,
                       struct sw_error *error) SW_NODISCARD;

#endif
