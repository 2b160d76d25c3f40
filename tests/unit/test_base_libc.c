#include "base/limits.h"
#include "catalog/base_libc.h"

#include "unit.h"

/* References, and the C library that they tell; "?" if nothing tells of it. */
static void test_references(void **state)
{
    (void)state;
    static const struct {
        const char *reference, *libc;
    } cases[] = {
        {"python:3.11-slim-bullseye", "glibc 31"},
        {"python:3.11-bookworm", "glibc 36"},
        {"python:3.11-slim", "glibc 41"},
        {"python:3.11", "glibc 41"},
        {"docker.io/library/python:3.12-slim@sha256:00", "glibc 41"},
        {"python:3.11.4-slim", "?"}, /* built on the Debian of its day */
        {"registry.example.org/python:3.11-slim", "?"},
        {"python:3.11-alpine3.20", "musl 2"},
        {"alpine", "musl 2"},
        {"example/alpinecone:1", "?"},
        {"debian:bullseye", "glibc 31"},
        {"debian:11-slim", "glibc 31"},
        {"debian:1", "?"},
        {"localhost/slipway-base:debian-bookworm", "glibc 36"},
        {"nvidia/cuda:12.8.1-cudnn-devel-ubuntu22.04", "glibc 35"},
        {"runpod/pytorch:1.0.2-cu1281-torch280-ubuntu2404", "glibc 39"},
        {"ubuntu:20.04", "glibc 31"},
        {"redhat/ubi9", "glibc 34"},
        {"amazonlinux:2", "glibc 26"},
        {"amazonlinux:2023", "glibc 34"},
        {"quay.io/pypa/manylinux2014_x86_64", "glibc 17"},
        {"ghcr.io/example/service:3", "?"},
        {"scratch", "?"},
        {"", "?"},
    };
    SW_CATALOG_AUTO catalog = {0};
    assert_int_equal(sw_catalog_load(&catalog, NULL, NULL), 0);
    for (size_t i = 0; i < SW_COUNT(cases); i++) {
        struct sw_base_libc libc = sw_catalog_base_libc(&catalog, cases[i].reference);
        char got[32] = "?";
        if (libc.row != NULL)
            (void)snprintf(got, sizeof got, "%s %u", libc.musl ? "musl" : "glibc", libc.minor);
        else
            assert_int_equal(libc.minor, 35);
        if (strcmp(got, cases[i].libc) != 0)
            fail_msg("%s: %s", cases[i].reference, got);
    }
}

int suite_base_libc(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_references)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
