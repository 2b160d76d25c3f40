/* The archive of an image in the middle of being read. */
#ifndef SLIPWAY_CONTENTS_CONTENTS_INTERNAL_H
#define SLIPWAY_CONTENTS_CONTENTS_INTERNAL_H

#include "base/buffer.h"
#include "contents/contents.h"

#include <archive.h>

/* A file of a layer, or a whiteout: the mark that removes files of lower layers. */
struct sw_contents_file {
    /* Without "/" at its beginning; of a whiteout, the path that it removes. */
    struct sw_str path;
    uint64_t size, gpu_code, gpu_kept;
    uint32_t blob;
    /* The index of the layer; set when the manifest is known. */
    uint32_t layer;
    enum { SW_CONTENTS_FILE, SW_CONTENTS_ELF, SW_CONTENTS_WHITEOUT, SW_CONTENTS_OPAQUE } kind;
    bool hidden;
};

/* A member of the archive: a layer (a tar), or a document (JSON), or a link to another member. */
struct sw_contents_blob {
    const char *name, *link; /* `link` NULL: no link */
    struct sw_str document;  /* empty: not JSON */
    bool is_layer;
};

/* An installed project, and the paths that its RECORD names. */
struct sw_contents_record {
    struct sw_contents_project project;
    uint32_t file; /* the index of RECORD among the files */
};

struct sw_contents_owned {
    struct sw_str path;
    uint32_t record;
};

/* The kinds of GPU code in one library. */
struct sw_contents_library {
    uint32_t file;
    struct sw_device_codes codes;
};

struct sw_contents_reading {
    const struct sw_contents_input *input;
    struct sw_arena *arena;
    struct sw_error *error;
    /* The code of a callback that failed within libarchive. */
    int code;
    struct archive *outer;
    struct sw_contents_file *files;
    struct sw_contents_blob *blobs;
    struct sw_contents_record *records;
    struct sw_contents_owned *owned;
    struct sw_contents_library *libraries;
    struct sw_contents_unread *unread;
    size_t file_count, blob_count, record_count, owned_count, library_count, unread_count;
    uint64_t unpacked;
    char bytes[64 * SW_KIB];
};

/* Read one layer: the member of `outer` that begins with the `n` bytes `first`. Set `*is_layer` to false if the member is no tar. */
int sw_contents_layer_read(bool *is_layer, struct sw_contents_reading *r, const void *first,
                           size_t n) SW_NODISCARD;
/* Read the GPU code of the library in the temporary file, which is `file`. */
int sw_contents_code_read(struct sw_contents_reading *r, uint32_t file) SW_NODISCARD;
/* Note the project whose RECORD is `file` and has the content `text`. */
int sw_contents_record_read(struct sw_contents_reading *r, uint32_t file, struct sw_str text) SW_NODISCARD;

/* Put the layers in the manifest's order, find the files that are visible, and add up. */
int sw_contents_compose(struct sw_contents *out, struct sw_contents_reading *r) SW_NODISCARD;

#endif
