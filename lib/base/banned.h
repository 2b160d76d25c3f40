/* Functions that overrun, race or block: a call of such a function does not compile. */
#ifndef SLIPWAY_BASE_BANNED_H
#define SLIPWAY_BASE_BANNED_H

/* The headers that declare them come first, so that only calls are refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat strtok sprintf vsprintf gmtime localtime ctime asctime
#pragma GCC poison mktemp tmpnam atoi atol atof system popen gets

#endif
