#include "wire/protobuf.h"

#include "base/buffer.h"
#include "unit.h"

/* Bytes in hexadecimal; fields as "number:value" or "number=bytes", then "!" where it is malformed. The first
 * three are the examples of the encoding's own description. */
static const struct {
    const char *message, *fields;
} cases[] = {
    {"08 96 01", "1:150 "},
    {"12 07 74 65 73 74 69 6e 67", "2=testing "},
    {"1a 03 08 96 01", "3=\x08\x96\x01 "},
    {"", ""},
    {"09 01 00 00 00 00 00 00 80", "1:9223372036854775809 "},
    {"0d 78 56 34 12", "1:305419896 "},
    {"08 ff ff ff ff ff ff ff ff ff 01", "1:18446744073709551615 "},
    {"08 ff ff ff ff ff ff ff ff ff ff 01", "!"}, /* eleven bytes */
    {"80 80 80 80 80 01 00", "!"},                /* a number over 32 bits */
    {"00 01", "!"},                               /* number 0 */
    {"0e 01", "!"},                               /* no such type */
    {"08", "!"},                                  /* no value */
    {"12 05 61", "!"},                            /* too short */
    {"12 ff ff ff ff ff ff ff ff ff 01 61", "!"}, /* far too short */
    {"0b 08 01 13 10 02 14 0c 18 05", "3:5 "},    /* groups, one in the other */
    {"0b 08 01", "!"},                            /* a group without end */
    {"0c", "!"},                                  /* an end without group */
    {"08 01 12 05", "1:1 !"},
};

static size_t unhex(char *out, const char *hex)
{
    size_t n = 0;
    for (const char *p = hex; *p != '\0'; p += p[2] == ' ' ? 3 : 2)
        out[n++] = (char)strtoul((char[]){p[0], p[1], '\0'}, NULL, 16);
    return n;
}

static void test_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        char bytes[64];
        size_t n = unhex(bytes, cases[i].message);
        struct sw_proto reader = sw_proto_from((struct sw_str){bytes, n});
        struct sw_proto_field field;
        SW_BUFFER_AUTO text;
        sw_buffer_init(&text, 1024);
        while (sw_proto_next(&reader, &field)) {
            if (field.type == SW_PROTO_BYTES)
                sw_buffer_addf(&text, "%u=%.*s ", field.number, SW_STR_FORMAT(field.bytes));
            else
                sw_buffer_addf(&text, "%u:%llu ", field.number, (unsigned long long)field.value);
        }
        if (reader.malformed)
            sw_buffer_add_char(&text, '!');
        if (strcmp(text.p, cases[i].fields) != 0)
            fail_msg("%s: %s instead of %s", cases[i].message, text.p, cases[i].fields);
    }
}

static void test_types_are_checked(void **state)
{
    (void)state;
    struct sw_proto_field number = {.number = 1, .type = SW_PROTO_VARINT, .value = 5};
    struct sw_proto_field bytes = {.number = 1, .type = SW_PROTO_BYTES, .bytes = {"x", 1}};
    assert_int_equal(sw_proto_int(&number), 5);
    assert_int_equal(sw_proto_int(&bytes), 0);
    assert_int_equal(sw_proto_str(&number).n, 0);
    assert_int_equal(sw_proto_str(&bytes).n, 1);
}

int suite_protobuf(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_types_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
