/* The facts of a build, as record.json tells them: how they are read and written.
 *
 * This is the only place that knows the form of record.json. The facts from sw_record_facts_read() are of the
 * right type, within their limits, and of the syntax that their comments name; a text has no byte that a
 * terminal would obey. Any other value refuses the whole record. Keys that are not known are passed over: a
 * later release may have written them.
 *
 *   kind         "build", "rollback" or "push"
 *   result       "verified", "unverified" (nobody looked), "rejected" (an assertion did not hold), "failed" (no image)
 *   time         when it ended, RFC 3339; seconds: how long it took
 *   slipway      the version that built
 *   files        the profile, then its parents: relative to the top of the repository if they are below it, else absolute
 *   plan         the plan's digest
 *   archive      the digest of the archive that the base image was made from, or null
 *   image        {id, tags, digests, size, layers} or null; tags: a rejected image was not given them; digests:
 *                "name@sha256:…" as registries know it, first those of the registries to which it was pushed from here
 *   overrides    [{file, sha256}] of the project's own templates, catalog and guard; of a build only, and nobody reads them back
 *   arguments    names of those given with --build-arg; values may be secrets
 *   platform     as given, or null
 *   engine       {product, version, api, os, architecture}
 *   assertions   {passed, failed}
 *   left_out     {count, paths, ignored}, if the record does not keep all files that the image copies, though they are few enough:
 *                how many files and folders, the first of them, and whether git ignores any (else they are .git and the like)
 *   findings     as in every result; of a build only, and nobody reads them back
 *   rollback     {to, how} of a rollback, whose other keys are those of the build it went back to; to: that build's number; how:
 *                its image was "present", "pulled" or "rebuilt"
 *   push         {of, tags: [{tag, digest, reference}]} of a push, whose other keys are those of the build that was pushed; of:
 *                that build's number */
#ifndef SLIPWAY_HISTORY_FACTS_H
#define SLIPWAY_HISTORY_FACTS_H

#include "data/node.h"
#include "history/history.h"

enum sw_record_kind { SW_RECORD_BUILD, SW_RECORD_ROLLBACK, SW_RECORD_PUSH };
enum sw_record_result { SW_RECORD_VERIFIED, SW_RECORD_UNVERIFIED, SW_RECORD_REJECTED, SW_RECORD_FAILED };
const char *sw_record_kind_name(enum sw_record_kind kind);
const char *sw_record_result_name(enum sw_record_result result);

struct sw_record_image {
    /* "sha256:" and 64 digits, or the digits alone; NULL: there is no image. */
    const char *id;
    struct sw_texts tags;    /* image references */
    struct sw_texts digests; /* "NAME@sha256:…" */
    struct sw_texts layers;  /* "sha256:…" */
    int64_t size;            /* bytes; -1 if it is not known */
};

struct sw_record_engine {
    const char *product, *version, *api, *os, *architecture; /* NULL if it is not known */
};

/* A tag that was pushed. */
struct sw_record_push {
    const char *tag, *digest, *reference;
};

/* Files and folders that the image copies and the record does not keep. */
struct sw_record_left_out {
    int64_t count;
    struct sw_texts paths; /* the first of them */
    bool ignored;          /* git ignores some */
};

struct sw_record_facts {
    enum sw_record_kind kind;
    enum sw_record_result result;
    const char *time; /* "2026-11-21T01:22:33Z" */
    double seconds;
    const char *slipway;
    /* At least the profile; clean paths without "..". */
    struct sw_texts files;
    const char *plan; /* 64 hexadecimal digits */
    /* "sha256:…", of a base system that was made here; else NULL. */
    const char *archive;
    struct sw_record_image image;
    struct sw_texts arguments;
    const char *platform; /* "linux/arm64", or NULL */
    struct sw_record_engine engine;
    int64_t passed, failed;
    struct sw_record_left_out left_out;
    const struct sw_node *findings;  /* to be written, or NULL; never read */
    const struct sw_node *overrides; /* to be written, or NULL; never read */
    uint64_t rollback_to;            /* of a rollback: a number before its own */
    const char *rollback_how;
    uint64_t push_of; /* of a push: likewise */
    const struct sw_record_push *pushed;
    size_t pushed_count;
};

/* Read record.json; the facts lie in `arena`. SW_EINPUT if the record is refused: the error names it and the field. */
int sw_record_facts_read(struct sw_record_facts *out, struct sw_arena *arena, struct sw_history *history,
                         const struct sw_record *record, struct sw_error *error) SW_NODISCARD;
/* Read record.json from a text. */
int sw_record_facts_parse(struct sw_record_facts *out, struct sw_arena *arena, const struct sw_record *record,
                          struct sw_str text, struct sw_error *error) SW_NODISCARD;

/* The facts as record.json has them. */
struct sw_node *sw_record_facts_json(struct sw_builder *b, const struct sw_record_facts *facts);
/* Tags that were pushed: [{tag, digest, reference}]. */
struct sw_node *sw_record_pushed_json(struct sw_builder *b, const struct sw_record_push *pushed,
                                      size_t count);

struct sw_node *sw_texts_json(struct sw_builder *b, struct sw_texts texts);

/* The number of the build that a record is of: that of a rollback or a push is of another build. */
uint64_t sw_record_build_number(const struct sw_record_facts *facts, const struct sw_record *record);

/* Hold an engine's words to the form that a record demands; a record leaves out all others. */
bool sw_record_is_digest(struct sw_str text); /* NAME@sha256:… */
bool sw_record_is_line(struct sw_str text);   /* a short line */

#endif
