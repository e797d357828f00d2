// What the `UV` target sees of libuv and of the few system calls that libuv 1.44.2 does not wrap.
// Only `UV` imports this module. Swift imports neither variadic functions nor function-like macros,
// so each of those that is needed stands here as a `static inline` function with its reason.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

// SO_REUSEPORT lets each loop own a listener on the same port; libuv sets it for TCP from 1.49 on.
static inline int cuv_set_reuseport(int fd) {
    int on = 1;
    return setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0 ? 0 : -errno;
}

// One process a data directory: an exclusive advisory lock that the kernel drops with the process.
static inline int cuv_lock_exclusively(int fd) {
    return flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : -errno;
}

// Write-back of a part of a file, begun without waiting or waited for, and the flush of a whole
// file system: Linux only and hidden without _GNU_SOURCE; libuv wraps neither. All three flags
// together also write pages that changed while they were being written.
int sync_file_range(int fd, long offset, long count, unsigned int flags);
int syncfs(int fd);
enum { cuv_wait_before = 1, cuv_write = 2, cuv_wait_after = 4 };
// Where the call is missing, refused by a filter or without meaning for the file, it is ENOTSUP.
static inline int cuv_write_back(int fd, long offset, long count, unsigned int flags) {
    if (sync_file_range(fd, offset, count, flags) == 0) return 0;
    int cannot = errno == ENOSYS || errno == EPERM || errno == ESPIPE || errno == EOPNOTSUPP;
    return cannot ? -ENOTSUP : -errno;
}
static inline int cuv_begin_write_back(int fd, long offset, long count) {
    return cuv_write_back(fd, offset, count, cuv_write);
}
static inline int cuv_finish_write_back(int fd, long offset, long count) {
    return cuv_write_back(fd, offset, count, cuv_wait_before | cuv_write | cuv_wait_after);
}

// syncfs answers "done" on file systems that do nothing for it (FUSE) or do not hear of errors
// below (overlayfs); so it is used only where it is known to flush: statfs(2) has the numbers. On
// an ext4 without a journal the disk's own cache may hold metadata after it, which the flush of any
// file then drives out.
static inline int cuv_synchronize_file_system(int fd) {
    enum { ext = 0xEF53, xfs = 0x58465342, f2fs = 0xF2F52010 };
    const unsigned int btrfs = 0x9123683E;
    struct statfs about;
    if (fstatfs(fd, &about) != 0) return -errno;
    unsigned int type = (unsigned int)about.f_type;
    int isKnown = type == ext || type == xfs || type == (unsigned int)f2fs || type == btrfs;
    if (!isKnown) return -ENOTSUP;
    if (syncfs(fd) != 0) return -errno;
    return type == ext && fsync(fd) != 0 ? -errno : 0;
}

// A descriptor that becomes readable when another thread wakes its loop. What uv_async_t adds to
// one is a wait: libuv 1.44.2 spins on the loop until the sender has left uv_async_send, and one
// that gives way to the loop (cuv_make_this_thread_nicer) leaves late. The counter cannot overflow,
// and a read that finds nothing is harmless, so neither is checked.
static inline int cuv_make_wake(void) {
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return fd >= 0 ? fd : -errno;
}
static inline void cuv_wake(int fd) {
    int before = errno;
    eventfd_write(fd, 1);
    errno = before;
}
static inline void cuv_take_wake(int fd) {
    eventfd_t count;
    eventfd_read(fd, &count);
}
static inline void cuv_close_wake(int fd) { close(fd); }

// SIG_IGN is a macro with a cast, which Swift does not import.
static inline void cuv_ignore_broken_pipe(void) { signal(SIGPIPE, SIG_IGN); }

// libuv 1.44.2 refuses `uv_tcp_close_reset` on a socket that is being shut down; a zero linger time
// does the same and composes with `uv_close`.
static inline void cuv_close_with_reset(int fd) {
    struct linger none = {1, 0};
    if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

// pthread_setname_np is a GNU extension that is hidden without _GNU_SOURCE, and refuses names of
// more than 15 bytes; libuv wraps it from 1.50 on.
int pthread_setname_np(pthread_t thread, const char *name);
static inline void cuv_name_this_thread(const char *name) {
    char shortened[16];
    snprintf(shortened, sizeof shortened, "%s", name);
    pthread_setname_np(pthread_self(), shortened);
}

// On Linux a nice value belongs to a thread, and 0 means the calling one (setpriority(2), "C
// library/kernel differences"); libuv's uv_os_setpriority takes process ids. Being nicer is never
// refused, and being refused would only cost speed.
static inline void cuv_make_this_thread_nicer(int by) {
    setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + by);
}

// Raises the soft limit of open files to the hard one; a server needs one for each connection.
static inline void cuv_raise_open_file_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

// What a new thread's stack takes: libuv gives it the soft limit of the main one's, 2 MiB for none.
static inline size_t cuv_stack_byte_count(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return 2 << 20;
    return (size_t)limit.rlim_cur;
}

// Touches as much of the calling thread's stack as the main thread ever uses here, and more.
static inline void cuv_grow_stack(void) {
    volatile char room[256 << 10];
    for (size_t i = 0; i < sizeof room; i += 4 << 10) room[i] = 0;
}

// Waits for a descriptor that answered EAGAIN; for our own log, which is written by a thread that
// may wait.
static inline void cuv_wait_until_writable(int fd) {
    struct pollfd wanted = {.fd = fd, .events = POLLOUT};
    poll(&wanted, 1, -1);
}
