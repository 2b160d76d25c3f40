/* The planned file, written and digested in one pass. */
#include "trim/trimming.h"

/* The functions that do nothing but SHA-256 are called obsolete since OpenSSL 3; the program stays small with them. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 1 << 20 };

struct writing {
    const struct sw_trimming *library;
    int fd, out;
    uint64_t at; /* in the new file */
    SHA256_CTX digest;
    unsigned char block[BLOCK];
};

static bool put(struct writing *w, const unsigned char *bytes, size_t size)
{
    (void)SHA256_Update(&w->digest, bytes, size);
    while (size > 0) {
        ssize_t n = pwrite(w->out, bytes, size, (off_t)w->at);
        if (n <= 0)
            return false;
        bytes += n;
        size -= (size_t)n;
        w->at += (uint64_t)n;
    }
    return true;
}

static bool copy(struct writing *w, uint64_t from, uint64_t size)
{
    while (size > 0) {
        ssize_t n = pread(w->fd, w->block, size < BLOCK ? (size_t)size : BLOCK, (off_t)from);
        if (n <= 0 || !put(w, w->block, (size_t)n))
            return false;
        from += (uint64_t)n;
        size -= (uint64_t)n;
    }
    return true;
}

/* Nothing is written: the file is made as long as it must be at the end. */
static void skip(struct writing *w, uint64_t size)
{
    memset(w->block, 0, size < BLOCK ? (size_t)size : BLOCK);
    w->at += size;
    while (size > 0) {
        size_t n = size < BLOCK ? (size_t)size : BLOCK;
        (void)SHA256_Update(&w->digest, w->block, n);
        size -= n;
    }
}

static bool put_number(struct writing *w, uint64_t number)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(number >> 8 * i);
    return put(w, bytes, sizeof bytes);
}

static bool put_piece(struct writing *w, const struct sw_trimming_piece *piece)
{
    if (piece->to > w->at && !copy(w, w->at, piece->to - w->at))
        return false;
    if (piece->kind == SW_PIECE_MOVED)
        return copy(w, piece->value, piece->size);
    if (piece->kind == SW_PIECE_NUMBER)
        return put_number(w, piece->value);
    skip(w, piece->size);
    return true;
}

static void spell(char out[SW_TRIMMING_DIGEST_SIZE], const unsigned char digest[SHA256_DIGEST_LENGTH])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (size_t i = 0; i < SW_TRIMMING_DIGEST_SIZE - 1; i++) {
        unsigned bits = 0;
        for (size_t bit = 6 * i; bit < 6 * i + 6; bit++) {
            unsigned byte = bit / 8 < SHA256_DIGEST_LENGTH ? digest[bit / 8] : 0;
            bits = bits << 1 | (byte >> (7 - bit % 8) & 1);
        }
        out[i] = letters[bits];
    }
    out[SW_TRIMMING_DIGEST_SIZE - 1] = '\0';
}

bool sw_trimming_write(char digest[SW_TRIMMING_DIGEST_SIZE], const struct sw_trimming *library, int fd,
                       uint64_t file_size, int out)
{
    static struct writing w;
    unsigned char found[SHA256_DIGEST_LENGTH];
    w.library = library;
    w.fd = fd;
    w.out = out;
    w.at = 0;
    (void)SHA256_Init(&w.digest);
    for (size_t i = 0; i < library->count; i++) {
        if (!put_piece(&w, &library->pieces[i]))
            return false;
    }
    if (!copy(&w, w.at, file_size - w.at) || ftruncate(out, (off_t)file_size) != 0)
        return false;
    (void)SHA256_Final(found, &w.digest);
    spell(digest, found);
    return true;
}
