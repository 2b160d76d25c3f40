#include "http/uri.h"

#include "base/limits.h"
#include "base/text.h"

#include <strings.h>

static struct sw_str between(const char *start, const char *end)
{
    return (struct sw_str){start, (size_t)(end - start)};
}

/* The scheme before a colon: a letter, then letters, digits, '+', '-' and '.'. */
static size_t scheme_length(struct sw_str text)
{
    size_t n = 0;
    while (n < text.n && (sw_is_alnum((unsigned char)text.p[n]) ||
                          (n > 0 && (text.p[n] == '+' || text.p[n] == '-' || text.p[n] == '.'))))
        n++;
    return n > 0 && n < text.n && text.p[n] == ':' && sw_is_alpha((unsigned char)text.p[0]) ? n : 0;
}

static void split_authority(struct sw_uri *uri, struct sw_str authority)
{
    const char *end = authority.p + authority.n;
    const char *at = memrchr(authority.p, '@', authority.n);
    if (at != NULL) {
        uri->user = between(authority.p, at);
        authority = between(at + 1, end);
    }
    /* A host has colons within brackets only (section 3.2.2): the first colon behind them begins the port. */
    const char *bracket = memrchr(authority.p, ']', authority.n);
    const char *from = bracket == NULL ? authority.p : bracket;
    const char *colon = memchr(from, ':', (size_t)(end - from));
    if (colon != NULL) {
        uri->port = between(colon + 1, end);
        authority = between(authority.p, colon);
    }
    uri->host = authority;
}

struct sw_uri sw_uri_split(struct sw_str text)
{
    struct sw_uri uri = {0};
    if (text.p == NULL)
        text.p = "";
    const char *end = text.p + text.n;
    const char *hash = memchr(text.p, '#', text.n);
    if (hash != NULL) {
        uri.fragment = between(hash + 1, end);
        end = hash;
    }
    const char *question = memchr(text.p, '?', (size_t)(end - text.p));
    if (question != NULL) {
        uri.query = between(question + 1, end);
        end = question;
    }
    struct sw_str rest = between(text.p, end);
    size_t scheme = scheme_length(rest);
    if (scheme > 0) {
        uri.scheme = (struct sw_str){rest.p, scheme};
        rest = sw_str_drop(rest, scheme + 1);
    }
    if (sw_str_starts(rest, "//")) {
        rest = sw_str_drop(rest, 2);
        const char *slash = memchr(rest.p, '/', rest.n);
        struct sw_str authority = slash == NULL ? rest : between(rest.p, slash);
        split_authority(&uri, authority);
        rest = sw_str_drop(rest, authority.n);
    }
    uri.path = rest;
    return uri;
}

static bool same_text(struct sw_str a, struct sw_str b)
{
    return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

/* A name or an address; colons stand in brackets only. */
static bool is_host(struct sw_str host)
{
    bool brackets = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
    if (brackets)
        host = (struct sw_str){host.p + 1, host.n - 2};
    for (size_t i = 0; i < host.n; i++) {
        if (strchr("[]@", host.p[i]) != NULL || (host.p[i] == ':' && !brackets))
            return false;
    }
    return host.n > 0;
}

static bool is_port(struct sw_str port)
{
    uint64_t number = 0;
    return port.n == 0 || (sw_str_to_u64(port, &number) && number <= UINT16_MAX);
}

bool sw_uri_is_web(const struct sw_uri *uri)
{
    return (same_text(uri->scheme, SW_STR("http")) || same_text(uri->scheme, SW_STR("https"))) &&
           is_host(uri->host) && is_port(uri->port);
}

static struct sw_str port_of(const struct sw_uri *uri)
{
    if (uri->port.n > 0)
        return uri->port;
    return same_text(uri->scheme, SW_STR("https")) ? SW_STR("443") : SW_STR("80");
}

bool sw_uri_same_origin(const struct sw_uri *a, const struct sw_uri *b)
{
    return same_text(a->scheme, b->scheme) && same_text(a->host, b->host) &&
           sw_str_equal(port_of(a), port_of(b));
}

static void add_part(struct sw_buffer *out, const char *before, struct sw_str part)
{
    if (part.p == NULL)
        return;
    sw_buffer_add_text(out, before);
    sw_buffer_add_str(out, part);
}

/* Remove dot segments (section 5.2.4). The segments kept so far stand in `out` from `start` on. */
static void add_without_dots(struct sw_buffer *out, struct sw_str path)
{
    size_t start = out->n;
    while (path.n > 0 && out->state == SW_BUFFER_OK) {
        size_t n = 1;
        while (n < path.n && path.p[n] != '/')
            n++;
        struct sw_str segment = {path.p, n};
        path = sw_str_drop(path, n);
        bool up = sw_str_is(segment, "/.."), here = sw_str_is(segment, "/.");
        if (!up && !here) {
            sw_buffer_add_str(out, segment);
            continue;
        }
        size_t kept = out->n;
        while (up && kept > start && out->p[--kept] != '/')
            ;
        sw_buffer_truncate(out, kept);
        if (path.n == 0)
            sw_buffer_add_char(out, '/');
    }
}

/* The path of a reference that has one of its own without a slash (section 5.2.3). */
static void merge_paths(struct sw_buffer *out, const struct sw_uri *base, struct sw_str path)
{
    size_t kept = base->path.n;
    while (kept > 0 && base->path.p[kept - 1] != '/')
        kept--;
    if (kept == 0)
        sw_buffer_add_char(out, '/');
    sw_buffer_add(out, base->path.p, kept);
    sw_buffer_add_str(out, path);
}

/* Bytes that may not stand in a URL, as %XX. */
static void add_clean(struct sw_buffer *out, struct sw_str text)
{
    size_t plain = 0; /* behind the bytes that were added */
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool letter = sw_is_digit(c) || (sw_lower(c) >= 'a' && sw_lower(c) <= 'z') || c == '/' || c == '-';
        if (letter || (c > 0x20 && c < 0x7F && strchr("\"<>\\^`{|}", c) == NULL))
            continue;
        sw_buffer_add(out, text.p + plain, i - plain);
        sw_buffer_addf(out, "%%%02X", (unsigned)c);
        plain = i + 1;
    }
    sw_buffer_add(out, text.p + plain, text.n - plain);
}

static void resolve(struct sw_buffer *out, const struct sw_uri *base, struct sw_uri to)
{
    SW_BUFFER_AUTO merged;
    sw_buffer_init(&merged, SW_MAX_URL_SIZE);
    bool own_host = to.scheme.p != NULL || to.host.p != NULL;
    if (to.scheme.p == NULL)
        to.scheme = base->scheme;
    if (!own_host) {
        to.host = base->host;
        to.port = base->port;
    }
    if (!own_host && to.path.n == 0) {
        to.path = base->path;
        to.query = to.query.p == NULL ? base->query : to.query;
    } else if (!own_host && to.path.p[0] != '/') {
        merge_paths(&merged, base, to.path);
        to.path = sw_buffer_str(&merged);
    }
    add_part(out, "", to.scheme);
    sw_buffer_add_char(out, ':');
    add_part(out, "//", to.host);
    if (to.port.n > 0)
        add_part(out, ":", to.port);
    if (to.path.n > 0 && to.path.p[0] == '/')
        add_without_dots(out, to.path);
    else
        sw_buffer_add_str(out, to.path);
    add_part(out, "?", to.query);
    if (merged.state != SW_BUFFER_OK)
        out->state = merged.state;
}

void sw_uri_resolve(struct sw_buffer *out, struct sw_str base, struct sw_str reference)
{
    SW_BUFFER_AUTO clean;
    sw_buffer_init(&clean, SW_MAX_URL_SIZE);
    add_clean(&clean, sw_str_trim(reference));
    const struct sw_uri from = sw_uri_split(base);
    resolve(out, &from, sw_uri_split(sw_buffer_str(&clean)));
    if (clean.state != SW_BUFFER_OK)
        out->state = clean.state;
}

static int hex_digit(int c)
{
    int lower = sw_lower(c);
    if (sw_is_digit(c))
        return c - '0';
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

void sw_uri_decode(struct sw_buffer *out, struct sw_str part)
{
    for (size_t i = 0; i < part.n; i++) {
        int high = part.p[i] == '%' && part.n - i > 2 ? hex_digit((unsigned char)part.p[i + 1]) : -1;
        int low = high >= 0 ? hex_digit((unsigned char)part.p[i + 2]) : -1;
        if (low >= 0) {
            sw_buffer_add_char(out, (char)(high * 16 + low));
            i += 2;
        } else {
            sw_buffer_add_char(out, part.p[i]);
        }
    }
}

void sw_uri_file_name(struct sw_buffer *out, const struct sw_uri *uri)
{
    size_t start = uri->path.n;
    while (start > 0 && uri->path.p[start - 1] != '/')
        start--;
    sw_uri_decode(out, sw_str_drop(uri->path, start));
}

void sw_uri_add_shown(struct sw_buffer *out, struct sw_str text)
{
    const struct sw_uri uri = sw_uri_split(text);
    SW_BUFFER_AUTO bare;
    sw_buffer_init(&bare, SW_MAX_URL_SIZE);
    if (uri.scheme.p != NULL) {
        sw_buffer_add_str(&bare, uri.scheme);
        sw_buffer_add_char(&bare, ':');
    }
    add_part(&bare, "//", uri.host);
    if (uri.port.n > 0)
        add_part(&bare, ":", uri.port);
    sw_buffer_add_str(&bare, uri.path);
    sw_text_add_clean(out, sw_buffer_str(&bare));
}
