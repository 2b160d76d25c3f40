/* A wheel as its users see it: the folder that describes it, its modules, and the libraries with GPU code.
 * (The binary distribution format: PEP 427 and its living form in the packaging specifications.) */
#ifndef SLIPWAY_WHEEL_WHEEL_H
#define SLIPWAY_WHEEL_WHEEL_H

#include "wheel/fatbin.h"
#include "wheel/module.h"
#include "wheel/zip.h"

struct sw_wheel {
    struct sw_zip zip;
    /* The contents of the zip's members, if the wheel stands for a source distribution; NULL if they are read
     * from the wheel's file. */
    const struct sw_str *texts;
    struct sw_str dist_info; /* "torch-2.6.0.dist-info/" */
};

/* Read the directory, find the folder NAME-VERSION.dist-info, and announce the members that a summary reads:
 * METADATA, WHEEL and the version modules. All lies in `arena`; `reader` must outlive it. SW_EINPUT, naming
 * the reader, for a zip file that is no wheel. */
int sw_wheel_open(struct sw_wheel *out, struct sw_arena *arena, const struct sw_reader *reader,
                  struct sw_error *error) SW_NODISCARD;

/* Append a file of the dist-info folder, such as "METADATA"; SW_ENOTFOUND if there is no such file. */
int sw_wheel_describe(struct sw_buffer *out, const struct sw_wheel *wheel, const char *name,
                      struct sw_error *error) SW_NODISCARD;

/* Return true if the member is PACKAGE/version.py: packages keep their build's facts there, torch its CUDA. */
bool sw_wheel_is_version(const struct sw_zip_member *member);

enum sw_wheel_module_form { SW_MODULE_ABSENT, SW_MODULE_SOURCE, SW_MODULE_COMPILED, SW_MODULE_FOLDER };
/* Find the module, "torch.nn", in the wheel: a source file, a library that Python imports, or a folder
 * without __init__.py (then `member` is some file in it). `member` may be NULL. */
enum sw_wheel_module_form sw_wheel_module(const struct sw_zip_member **member, const struct sw_wheel *wheel,
                                          struct sw_str module);
/* Append a source file, at most SW_MAX_WHEEL_MEMBER bytes. */
int sw_wheel_source(struct sw_buffer *out, const struct sw_wheel *wheel, const struct sw_zip_member *member,
                    struct sw_error *error) SW_NODISCARD;
/* The outline of a source file; it lies in `arena`. */
int sw_wheel_outline(struct sw_module *out, struct sw_arena *arena, const struct sw_wheel *wheel,
                     const struct sw_zip_member *member, struct sw_error *error) SW_NODISCARD;

/* Return true if the member is a shared library: its name ends in .so, or in .so and a version. */
bool sw_wheel_is_library(const struct sw_zip_member *member);
/* The CUDA that a library is for, as far as its name says: "124" of libbitsandbytes_cuda124.so; else empty. */
struct sw_str sw_wheel_library_cuda(const struct sw_zip_member *member);
/* The GPU code in a library. All of it is read, in bounded memory. */
int sw_wheel_codes(struct sw_gpu_codes *out, const struct sw_wheel *wheel, const struct sw_zip_member *member,
                   struct sw_error *error) SW_NODISCARD;
/* Append the GPU code of all libraries, each name once, with blanks between: "sm_80 sm_90a compute_90". A library that is unsound has no
 * code that anybody loads. */
int sw_wheel_code_names(struct sw_buffer *out, const struct sw_wheel *wheel,
                        struct sw_error *error) SW_NODISCARD;

#endif
