/* A setting of pip or uv, and its source. */
#ifndef SLIPWAY_INDEX_SETTING_H
#define SLIPWAY_INDEX_SETTING_H

/* A list has white space between its items. A URL may hold a login. */
struct sw_setting {
    const char *value;  /* NULL: not set */
    const char *origin; /* the variable or the file that sets it */
};

#endif
