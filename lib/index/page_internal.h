/* A project's page on a package index: the "simple" API as JSON (PEP 691, with PEP 700) or HTML (PEP 503, 592, 629, 658), either
 * with PEP 714's names for metadata.
 *
 * Either is brought to one form that is kept on disk and read fast: a line for each file, its fields separated by tabs. */
#ifndef SLIPWAY_INDEX_PAGE_INTERNAL_H
#define SLIPWAY_INDEX_PAGE_INTERNAL_H

#include "http/fetch.h"

/* The name of that form, and the types to request from an index. */
#define SW_PAGE_FORM "page1"
extern const char sw_page_accept[];

/* Texts point into the kept form and are empty if the page says nothing. */
struct sw_page_file {
    struct sw_str name, url;
    struct sw_str sha256;   /* 64 lower-case digits */
    uint64_t size;          /* 0: unknown */
    struct sw_str uploaded; /* as the index writes it, about RFC 3339 */
    struct sw_str requires_python;
    bool yanked;
    struct sw_str yanked_reason;
    /* The file's metadata stands beside it, at the URL with ".metadata". */
    bool has_metadata;
    struct sw_str metadata_sha256;
};

/* Append an answer in the kept form, by its Content-Type. SW_EINPUT if it is no such page. */
int sw_page_convert(struct sw_buffer *out, const struct sw_fetch_response *response,
                    struct sw_error *error) SW_NODISCARD;
int sw_page_convert_json(struct sw_buffer *out, struct sw_str text, struct sw_str url,
                         struct sw_error *error) SW_NODISCARD;
int sw_page_convert_html(struct sw_buffer *out, struct sw_str text, struct sw_str url,
                         struct sw_error *error) SW_NODISCARD;

/* The two ways of sw_page_convert_json(). The tree takes every valid text, and names the fault of every other text. The plain way takes most
 * texts as the tree does, in a small part of the time; false, with nothing appended, for all others. */
int sw_page_convert_tree(struct sw_buffer *out, struct sw_str text, struct sw_str url,
                         struct sw_error *error) SW_NODISCARD;
bool sw_page_convert_plain(struct sw_buffer *out, struct sw_str text, struct sw_str url);

/* Append a file in the kept form; a file that cannot be fetched over the web is left out. */
void sw_page_add(struct sw_buffer *out, const struct sw_page_file *file, struct sw_str base);
/* Check the version of the index API; SW_EINPUT for another major version. */
int sw_page_check_version(struct sw_str version, struct sw_error *error) SW_NODISCARD;

/* The next file of the kept form; false at its end. Lines that are none are passed over. */
bool sw_page_next(struct sw_page_file *file, struct sw_str *rest);

#endif
