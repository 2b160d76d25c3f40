#include "base/limits.h"
#include "base/little.h"
#include "base/text.h"
#include "wheel/zip.h"

#include <zlib.h>

enum {
    LOCAL_SIZE = 30,
    LONGEST_EXTRA = 0xFFFF,
    EXTRA_ZIP64 = 1,
    FLAG_ENCRYPTED = 1,
    /* Sum and sizes stand behind the data; in the local header they may be 0. */
    FLAG_SIZES_BEHIND = 8,
    CHUNK = 65536
};
#define LOCAL_SIGNATURE 0x04034B50U
/* Members smaller than this may be packed as tightly as they like. */
#define SMALL (4 * SW_MIB)

/* A member that is being read. */
struct reading {
    const struct sw_zip *zip;
    const struct sw_zip_member *member;
    uint64_t offset, left; /* of its packed bytes in the file */
    uint64_t given;
    uint32_t crc;
    sw_zip_sink *sink;
    void *self;
    unsigned char packed[CHUNK], plain[CHUNK];
};

static int refuse(const struct sw_zip *zip, const struct sw_zip_member *member, struct sw_error *error,
                  const char *what)
{
    char brief[SW_TEXT_BRIEF];
    sw_text_brief(brief, member->name);
    return sw_fail(error, SW_EINPUT, "'%s' is not a sound zip file: member '%s' %s", zip->reader->name, brief,
                   what);
}

struct sw_range sw_zip_range(const struct sw_zip_member *member)
{
    uint64_t most = LOCAL_SIZE + member->name.n + LONGEST_EXTRA + member->compressed;
    uint64_t room = member->limit - member->offset;
    return (struct sw_range){member->offset, room < most ? room : most};
}

/* The sizes in a local header's zip64 field have to be the directory's. */
static bool extra_agrees(const struct sw_zip_member *member, const unsigned char *extra, size_t n)
{
    while (n >= 4) {
        size_t size = sw_le16(extra + 2);
        if (size > n - 4)
            return false;
        if (sw_le16(extra) == EXTRA_ZIP64)
            return size >= 16 && sw_le64(extra + 4) == member->size &&
                   sw_le64(extra + 12) == member->compressed;
        extra += 4 + size;
        n -= 4 + size;
    }
    return false;
}

static bool sizes_agree(const struct sw_zip_member *member, const unsigned char *p,
                        const unsigned char *extra, size_t n)
{
    uint32_t crc = sw_le32(p + 14), compressed = sw_le32(p + 18), size = sw_le32(p + 22);
    if ((member->flags & FLAG_SIZES_BEHIND) != 0 && crc == 0 && compressed == 0 && size == 0)
        return true;
    if (crc != member->crc)
        return false;
    if (compressed == member->compressed && size == member->size)
        return true;
    return (compressed == UINT32_MAX || size == UINT32_MAX) && extra_agrees(member, extra, n);
}

/* Read the local header and find the start of the data. */
static int read_local(struct reading *r, struct sw_error *error)
{
    const struct sw_zip_member *member = r->member;
    size_t name = member->name.n;
    /* The buffer is free until the first data; it is longer than a header and the longest name. */
    unsigned char *p = r->plain;
    _Static_assert(LOCAL_SIZE + LONGEST_EXTRA <= sizeof r->packed + LOCAL_SIZE, "an extra field fits");
    if (LOCAL_SIZE + name > sizeof r->plain)
        return refuse(r->zip, member, error, "has a name that is too long");
    int code = sw_reader_read(r->zip->reader, p, member->offset, LOCAL_SIZE + name, error);
    if (code != 0)
        return code;
    size_t extra = sw_le16(p + 28);
    uint64_t data = member->offset + LOCAL_SIZE + name + extra;
    if (sw_le32(p) != LOCAL_SIGNATURE || sw_le16(p + 26) != name ||
        memcmp(p + LOCAL_SIZE, member->name.p, name) != 0 || sw_le16(p + 8) != member->method ||
        sw_le16(p + 6) != member->flags)
        return refuse(r->zip, member, error, "is not where the directory says");
    if (data > member->limit || member->limit - data < member->compressed)
        return refuse(r->zip, member, error, "overlaps what stands behind it");
    code = sw_reader_read(r->zip->reader, r->packed, data - extra, extra, error);
    if (code != 0)
        return code;
    if (!sizes_agree(member, p, r->packed, extra))
        return refuse(r->zip, member, error, "has other sizes than the directory says");
    r->offset = data;
    r->left = member->compressed;
    return 0;
}

/* Hand on the unpacked bytes. */
static int give(struct reading *r, const unsigned char *bytes, size_t n, struct sw_error *error)
{
    if (n > r->member->size - r->given)
        return refuse(r->zip, r->member, error, "is larger than the directory says");
    r->given += n;
    r->crc = (uint32_t)crc32(r->crc, bytes, (uInt)n);
    return n == 0 ? 0 : r->sink(r->self, (struct sw_str){(const char *)bytes, n}, error);
}

/* The next packed bytes; 0 of them at the end. */
static int next(struct reading *r, size_t *n, struct sw_error *error)
{
    *n = r->left < sizeof r->packed ? (size_t)r->left : sizeof r->packed;
    int code = sw_reader_read(r->zip->reader, r->packed, r->offset, *n, error);
    r->offset += *n;
    r->left -= *n;
    return code;
}

static int copy(struct reading *r, struct sw_error *error)
{
    for (;;) {
        size_t n = 0;
        int code = next(r, &n, error);
        if (code == 0)
            code = give(r, r->packed, n, error);
        if (code != 0 || n == 0)
            return code;
    }
}

/* Unpack the bytes in `packed`; `*done` is set at the stream's end. */
static int inflate_some(struct reading *r, z_stream *z, bool *done, struct sw_error *error)
{
    do {
        z->next_out = r->plain;
        z->avail_out = sizeof r->plain;
        int result = inflate(z, Z_NO_FLUSH);
        if (result == Z_MEM_ERROR)
            return sw_fail_memory(error);
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
            return refuse(r->zip, r->member, error, "is damaged: its packed data is not deflate");
        int code = give(r, r->plain, sizeof r->plain - z->avail_out, error);
        if (code != 0)
            return code;
        *done = result == Z_STREAM_END;
    } while (!*done && z->avail_out == 0);
    return 0;
}

static int unpack(struct reading *r, struct sw_error *error)
{
    z_stream z = {0};
    if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
        return sw_fail_memory(error);
    bool done = false;
    int code = 0;
    while (code == 0 && !done) {
        size_t n = 0;
        code = next(r, &n, error);
        if (code == 0 && n == 0)
            code = refuse(r->zip, r->member, error, "is cut off");
        z.next_in = r->packed;
        z.avail_in = (uInt)n;
        if (code == 0)
            code = inflate_some(r, &z, &done, error);
    }
    if (code == 0 && (z.avail_in > 0 || r->left > 0))
        code = refuse(r->zip, r->member, error, "has more data than its deflate stream");
    (void)inflateEnd(&z);
    return code;
}

/* Check the member as far as the directory tells, before a byte is read. */
static int check(const struct sw_zip *zip, const struct sw_zip_member *member, struct sw_error *error)
{
    if ((member->flags & FLAG_ENCRYPTED) != 0)
        return refuse(zip, member, error, "is encrypted");
    if (member->method != SW_ZIP_STORED && member->method != SW_ZIP_DEFLATED)
        return refuse(zip, member, error, "is packed by a method that wheels do not use");
    if (member->method == SW_ZIP_STORED && member->size != member->compressed)
        return refuse(zip, member, error, "has two sizes");
    if (member->size > SMALL && member->size / SW_MAX_ZIP_RATIO > member->compressed)
        return refuse(zip, member, error, "is packed too tightly to be meant well");
    return 0;
}

int sw_zip_stream(const struct sw_zip *zip, const struct sw_zip_member *member, sw_zip_sink *sink, void *self,
                  struct sw_error *error)
{
    int code = check(zip, member, error);
    if (code != 0)
        return code;
    struct reading *r = malloc(sizeof *r);
    if (r == NULL)
        return sw_fail_memory(error);
    r->zip = zip;
    r->member = member;
    r->given = 0;
    r->crc = (uint32_t)crc32(0, NULL, 0);
    r->sink = sink;
    r->self = self;
    code = read_local(r, error);
    if (code == 0)
        code = member->method == SW_ZIP_STORED ? copy(r, error) : unpack(r, error);
    if (code == 0 && r->given != member->size)
        code = refuse(zip, member, error, "is smaller than the directory says");
    else if (code == 0 && r->crc != member->crc)
        code = refuse(zip, member, error, "is damaged: its checksum is wrong");
    free(r);
    return code == SW_ZIP_ENOUGH ? 0 : code;
}

static int append(void *self, struct sw_str bytes, struct sw_error *error)
{
    (void)error;
    sw_buffer_add_str(self, bytes);
    return 0;
}

int sw_zip_read(const struct sw_zip *zip, const struct sw_zip_member *member, struct sw_buffer *out,
                struct sw_error *error)
{
    if (member->size > out->max - out->n)
        return refuse(zip, member, error, "is too large to be what its name says");
    int code = sw_zip_stream(zip, member, append, out, error);
    return code != 0 ? code : sw_buffer_check(out, "a member of a wheel", error);
}
