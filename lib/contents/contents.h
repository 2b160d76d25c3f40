/* The bytes of an image: how many its layers, its Python packages and its GPU code take.
 *
 * They are read from the image's archive (`docker save`: manifest.json, the configuration and the layers) in one pass. Libraries are
 * copied to a temporary file one at a time, since the place of their GPU code stands at their ends. Nothing is unpacked.
 *
 * Source: Docker Image Specification 1.2, "Combined Image JSON + Filesystem Changeset Format"; OCI image specification, "Image Layer
 * Filesystem Changeset" (whiteouts); PyPA, "Recording installed projects" (RECORD). */
#ifndef SLIPWAY_CONTENTS_CONTENTS_H
#define SLIPWAY_CONTENTS_CONTENTS_H

#include "base/arena.h"
#include "base/cancel.h"
#include "base/source.h"
#include "trim/gpu_code.h"

struct sw_contents_input {
    const struct sw_source *archive;
    /* A file that is open for reading and writing; libraries are copied there one at a time. */
    int spool;
    /* The GPUs for which trimming is judged; a count of 0 means that trimming is not judged. */
    struct sw_device_targets targets;
    const struct sw_cancel *cancel; /* NULL: cannot be cancelled */
};

/* Bytes of files, by kind. The GPU code of a library counts as `gpu_code`, the rest of any ELF file as `host_code`. */
struct sw_contents_bytes {
    uint64_t gpu_code, host_code, other;
    size_t files;
};

struct sw_contents_layer {
    const char *name; /* in the archive */
    /* The instruction that made the layer; empty if the configuration does not tell. */
    const char *command;
    /* The bytes of all files, and of those that a higher layer replaces or removes. */
    uint64_t size, hidden;
    size_t files;
};

struct sw_contents_project {
    /* The name and the version as the folder of the metadata spells them. */
    const char *name, *version;
    const char *path; /* of that folder, without "/" in front */
    struct sw_contents_bytes bytes;
};

/* A library whose GPU code could not be told apart. */
struct sw_contents_unread {
    const char *path, *why;
};

/* Everything lies in the arena. Files that a higher layer hides count in `layers` and `hidden` alone. */
struct sw_contents {
    struct sw_contents_layer *layers; /* the lowest first */
    size_t layer_count;
    struct sw_contents_project *projects; /* the largest first */
    size_t project_count;
    /* The bytes of all files; those of the files that no project records. */
    struct sw_contents_bytes visible, rest;
    uint64_t hidden;
    /* The GPU code of the visible libraries, by kind. */
    struct sw_device_codes codes;
    /* Bytes of GPU code before and after trimming for the targets. */
    uint64_t trim_before, trim_after;
    struct sw_contents_unread *unread;
    size_t unread_count;
};

/* Read an image's archive. SW_EINPUT for an archive that is damaged, that is no image, or that exceeds SW_MAX_CONTENTS_FILES or
 * SW_MAX_CONTENTS_BYTES; SW_EENV if `spool` has no room for a library. */
int sw_contents_read(struct sw_contents *out, struct sw_arena *arena, const struct sw_contents_input *input,
                     struct sw_error *error) SW_NODISCARD;

#endif
