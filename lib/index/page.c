#include "index/page_internal.h"

#include "base/limits.h"
#include "http/header.h"
#include "http/uri.h"
#include "index/html_internal.h"

#include <strings.h>

const char sw_page_accept[] =
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, "
    "text/html;q=0.1";

enum { DIGEST_DIGITS = 64 };

/* Append the text without the bytes that would end a field or a line. */
static void add_field(struct sw_buffer *out, struct sw_str text)
{
    size_t from = out->n;
    sw_buffer_add_str(out, text);
    for (size_t i = from; i < out->n; i++)
        out->p[i] = (unsigned char)out->p[i] < 0x20 ? ' ' : out->p[i];
    sw_buffer_add_char(out, '\t');
}

/* Append a digest in lower case, or nothing for a text that is none. */
static void add_digest(struct sw_buffer *out, struct sw_str text)
{
    char digits[DIGEST_DIGITS];
    bool valid = text.n == DIGEST_DIGITS;
    for (size_t i = 0; valid && i < text.n; i++) {
        int c = sw_lower((unsigned char)text.p[i]);
        valid = sw_is_digit(c) || (c >= 'a' && c <= 'f');
        digits[i] = (char)c;
    }
    if (valid)
        sw_buffer_add(out, digits, sizeof digits);
    sw_buffer_add_char(out, '\t');
}

void sw_page_add(struct sw_buffer *out, const struct sw_page_file *file, struct sw_str base)
{
    SW_BUFFER_AUTO url;
    sw_buffer_init(&url, SW_MAX_URL_SIZE);
    sw_uri_resolve(&url, base, file->url);
    const struct sw_uri uri = sw_uri_split(sw_buffer_str(&url));
    if (url.state != SW_BUFFER_OK || !sw_uri_is_web(&uri))
        return;
    SW_BUFFER_AUTO name;
    sw_buffer_init(&name, SW_MAX_URL_SIZE);
    if (file->name.n == 0)
        sw_uri_file_name(&name, &uri);
    else
        sw_buffer_add_str(&name, file->name);
    if (name.n == 0)
        return;
    add_field(out, sw_buffer_str(&name));
    add_field(out, sw_buffer_str(&url));
    add_digest(out, file->sha256);
    sw_buffer_addf(out, "%llu\t", (unsigned long long)file->size);
    add_field(out, file->uploaded);
    add_field(out, file->requires_python);
    sw_buffer_add_text(out, file->yanked ? "yanked " : "");
    add_field(out, file->yanked_reason);
    sw_buffer_add_text(out, file->has_metadata ? "metadata " : "");
    add_digest(out, file->metadata_sha256);
    sw_buffer_add_char(out, '\n');
}

/* PEP 629 and 691: another major version means something else. */
int sw_page_check_version(struct sw_str version, struct sw_error *error)
{
    if (version.n == 0 || sw_str_is(version, "1") || sw_str_starts(version, "1."))
        return 0;
    (void)sw_fail(error, SW_EINPUT, "it speaks version %.*s of the index API, and only 1 is known",
                  (int)(version.n < 16 ? version.n : 16), version.p);
    return sw_error_hint(error, "a newer slipway may know it");
}

/* The attributes of one link, undone; each member of the file points into its buffer. */
struct link {
    struct sw_buffer href, requires_python, yanked, metadata, uploaded;
};

static void init_link(struct link *link)
{
    struct sw_buffer *const all[] = {&link->href, &link->requires_python, &link->yanked, &link->metadata,
                                     &link->uploaded};
    for (size_t i = 0; i < SW_COUNT(all); i++)
        sw_buffer_init(all[i], SW_MAX_URL_SIZE);
}

static void release_link(struct link *link)
{
    struct sw_buffer *const all[] = {&link->href, &link->requires_python, &link->yanked, &link->metadata,
                                     &link->uploaded};
    for (size_t i = 0; i < SW_COUNT(all); i++)
        sw_buffer_release(all[i]);
}

/* "sha256=0123…", also in a fragment with other things. */
static struct sw_str digest_in(struct sw_str text)
{
    while (text.p != NULL) {
        struct sw_str value = sw_str_cut(&text, '&');
        if (sw_str_is(sw_str_cut(&value, '='), "sha256") && value.p != NULL)
            return value;
    }
    return SW_STR("");
}

static void add_html_file(struct sw_buffer *out, const struct sw_html_tag *tag, struct sw_str base)
{
    struct link link;
    init_link(&link);
    struct sw_page_file file = {0};
    bool found = sw_html_attribute(&link.href, tag, "href");
    (void)sw_html_attribute(&link.requires_python, tag, "data-requires-python");
    (void)sw_html_attribute(&link.uploaded, tag, "data-upload-time");
    file.yanked = sw_html_attribute(&link.yanked, tag, "data-yanked");
    file.has_metadata = (sw_html_attribute(&link.metadata, tag, "data-core-metadata") ||
                         sw_html_attribute(&link.metadata, tag, "data-dist-info-metadata")) &&
                        !sw_str_is(sw_buffer_str(&link.metadata), "false");
    file.url = sw_buffer_str(&link.href);
    file.sha256 = digest_in(sw_uri_split(file.url).fragment);
    file.requires_python = sw_buffer_str(&link.requires_python);
    file.uploaded = sw_buffer_str(&link.uploaded);
    file.yanked_reason = sw_buffer_str(&link.yanked);
    file.metadata_sha256 = digest_in(sw_buffer_str(&link.metadata));
    if (found && link.href.state == SW_BUFFER_OK)
        sw_page_add(out, &file, base);
    release_link(&link);
}

/* Read the facts about the whole page: its version, and the base of its links, of which the first counts. */
static int read_head(struct sw_buffer *base, struct sw_str text, struct sw_str url, struct sw_error *error)
{
    struct sw_html html = {text};
    struct sw_html_tag tag;
    bool has_base = false;
    while (sw_html_next(&html, &tag)) {
        SW_BUFFER_AUTO value;
        sw_buffer_init(&value, SW_MAX_URL_SIZE);
        if (!has_base && sw_html_is(&tag, "base") && sw_html_attribute(&value, &tag, "href")) {
            has_base = true;
            sw_uri_resolve(base, url, sw_buffer_str(&value));
        } else if (sw_html_is(&tag, "meta") && sw_html_attribute(&value, &tag, "name") &&
                   sw_str_is(sw_buffer_str(&value), "pypi:repository-version")) {
            sw_buffer_clear(&value);
            (void)sw_html_attribute(&value, &tag, "content");
            int code = sw_page_check_version(sw_str_trim(sw_buffer_str(&value)), error);
            if (code != 0)
                return code;
        }
    }
    if (!has_base)
        sw_buffer_add_str(base, url);
    return sw_buffer_check(base, "the base of its links", error);
}

int sw_page_convert_html(struct sw_buffer *out, struct sw_str text, struct sw_str url, struct sw_error *error)
{
    SW_BUFFER_AUTO base;
    sw_buffer_init(&base, SW_MAX_URL_SIZE);
    int code = read_head(&base, text, url, error);
    struct sw_html html = {text};
    struct sw_html_tag tag;
    while (code == 0 && sw_html_next(&html, &tag)) {
        if (sw_html_is(&tag, "a"))
            add_html_file(out, &tag, sw_buffer_str(&base));
    }
    return code != 0 ? code : sw_buffer_check(out, "the page", error);
}

static bool same(struct sw_str text, const char *name)
{
    return text.n == strlen(name) && strncasecmp(text.p, name, text.n) == 0;
}

int sw_page_convert(struct sw_buffer *out, const struct sw_fetch_response *response, struct sw_error *error)
{
    struct sw_str type = sw_header_find(sw_buffer_str(&response->headers), "Content-Type");
    struct sw_str text = sw_buffer_str(&response->body), url = sw_buffer_str(&response->url);
    struct sw_str kind = sw_str_trim(sw_str_cut(&type, ';'));
    if (same(kind, "application/vnd.pypi.simple.v1+json") || same(kind, "application/json"))
        return sw_page_convert_json(out, text, url, error);
    if (same(kind, "application/vnd.pypi.simple.v1+html") || same(kind, "text/html"))
        return sw_page_convert_html(out, text, url, error);
    return sw_fail(error, SW_EINPUT, "it is no page of a package index: its type is '%.*s'",
                   (int)(kind.n < 80 ? kind.n : 80), kind.p);
}

/* Cut "WORD value": true if the field begins with the word; the field is then the value. */
static bool cut_word(struct sw_str *field, const char *word)
{
    bool found = sw_str_starts(*field, word);
    if (found)
        *field = sw_str_drop(*field, strlen(word));
    return found;
}

bool sw_page_next(struct sw_page_file *file, struct sw_str *rest)
{
    while (rest->n > 0) {
        struct sw_str line = sw_str_cut(rest, '\n');
        struct sw_str fields[8] = {0};
        size_t count = 0;
        while (count < SW_COUNT(fields) && line.p != NULL)
            fields[count++] = sw_str_cut(&line, '\t');
        struct sw_page_file found = {.name = fields[0]};
        if (count < SW_COUNT(fields) || fields[0].n == 0 || !sw_str_to_u64(fields[3], &found.size))
            continue;
        found.url = fields[1];
        found.sha256 = fields[2];
        found.uploaded = fields[4];
        found.requires_python = fields[5];
        found.yanked = cut_word(&fields[6], "yanked ");
        found.yanked_reason = fields[6];
        found.has_metadata = cut_word(&fields[7], "metadata ");
        found.metadata_sha256 = fields[7];
        *file = found;
        return true;
    }
    return false;
}
