#include "trim/entry_internal.h"

#include "base/little.h"

#define MAGIC 0xBA55ED50U
#define VERSION 1U
#define ENTRY_VERSION 0x0101U
enum { LONGEST_ENTRY_HEADER = 4096 };

/* The flags whose meaning is known: 64 bits, debug, Linux, compressed (LZ4; Zstandard), for the linker, 'a', 'f', and code with a
 * longer header. */
#define FLAG_A 0x100000U
#define FLAG_F 0x200000U
#define FLAG_LTO 0x10000U
#define FLAGS_KNOWN (0x1U | 0x2U | 0x10U | 0x2000U | 0x8000U | FLAG_LTO | FLAG_A | FLAG_F | 0x1000000U)

enum sw_fatbin_state sw_fatbin_header(uint64_t *size, const unsigned char header[SW_FATBIN_HEADER],
                                      uint64_t room)
{
    uint64_t rest = sw_le64(header + 8);
    if (sw_le32(header) != MAGIC || room < SW_FATBIN_HEADER || rest > room - SW_FATBIN_HEADER ||
        rest % 8 != 0)
        return SW_FATBIN_BROKEN;
    *size = rest;
    return sw_le16(header + 4) == VERSION && sw_le16(header + 6) == SW_FATBIN_HEADER ? SW_FATBIN_SOUND
                                                                                     : SW_FATBIN_UNKNOWN;
}

static bool is_known(unsigned kind, unsigned architecture, uint64_t flags)
{
    bool linker = kind == SW_DEVICE_LTO;
    return (kind == SW_DEVICE_PTX || kind == SW_DEVICE_MACHINE || linker) &&
           (flags & ~(uint64_t)FLAGS_KNOWN) == 0 && ((flags & FLAG_LTO) != 0) == linker &&
           (flags & (FLAG_A | FLAG_F)) != (FLAG_A | FLAG_F) && architecture >= 10 && architecture < 1000;
}

enum sw_fatbin_state sw_fatbin_entry(struct sw_fatbin_entry *entry, const unsigned char *header,
                                     uint64_t room)
{
    if (room < SW_FATBIN_ENTRY_HEADER)
        return SW_FATBIN_BROKEN;
    unsigned kind = sw_le16(header);
    uint64_t own = sw_le32(header + 4), payload = sw_le64(header + 8), flags = sw_le64(header + 40);
    if (sw_le16(header + 2) != ENTRY_VERSION)
        return SW_FATBIN_UNKNOWN;
    if (own < SW_FATBIN_ENTRY_HEADER || own > LONGEST_ENTRY_HEADER || own > room || payload > room - own ||
        own % 8 != 0 || payload % 8 != 0)
        return SW_FATBIN_BROKEN;
    if (!is_known(kind, sw_le32(header + 28), flags))
        return SW_FATBIN_UNKNOWN;
    entry->code = (struct sw_device_code){
        .kind = (enum sw_device_code_kind)kind,
        .architecture = sw_le32(header + 28),
        .variant = (flags & FLAG_A) != 0   ? 'a'
                   : (flags & FLAG_F) != 0 ? 'f'
                                           : '\0',
    };
    entry->size = own + payload;
    return SW_FATBIN_SOUND;
}
