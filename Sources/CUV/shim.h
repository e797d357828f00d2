// What the `UV` target sees of libuv and of the few system calls that libuv 1.44.2 does not wrap.
// Only `UV` imports this module. Swift imports neither variadic functions nor function-like macros,
// so each of those that is needed stands here as a `static inline` function with its reason.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <uv.h>

// `open` is variadic, and libuv's `uv_fs_open` cannot take O_TMPFILE-like flags unchanged on every
// version; descriptors are opened with `uv_fs_open`, this one is for `setsockopt` before `bind`:
// SO_REUSEPORT lets each loop own a listener on the same port (libuv has a flag for it from 1.49).
static inline int cuv_set_reuseport(int fd) {
    int on = 1;
    return setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0 ? 0 : -errno;
}

// One process a data directory: an exclusive advisory lock that the kernel drops with the process.
static inline int cuv_lock_exclusively(int fd) {
    return flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : -errno;
}
