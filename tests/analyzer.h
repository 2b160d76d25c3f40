/* Included before every file that clang-tidy reads, which sees one file at a time: none of these ever returns 0. */
/* First: it has a member that is called like a function that base/banned.h refuses. */
#include <git2.h>

#include "base/cancel.h"
#include "base/error.h"

#define sw_fail(...) (sw_fail(__VA_ARGS__), -1)
#define sw_fail_at(...) (sw_fail_at(__VA_ARGS__), -1)
#define sw_fail_errno(...) (sw_fail_errno(__VA_ARGS__), -1)
#define sw_fail_memory(...) (sw_fail_memory(__VA_ARGS__), -1)
#define sw_fail_canceled(...) (sw_fail_canceled(__VA_ARGS__), -1)
#define sw_error_hint(...) (sw_error_hint(__VA_ARGS__), -1)
#define sw_error_context(...) (sw_error_context(__VA_ARGS__), -1)
