/* A disk that cannot keep what it is given: while a certain file exists, fsync and its kin fail with EIO. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static int is_broken(void)
{
    const char *path = getenv("YIZHAN_TEST_DISK_FLAG");
    int before = errno, there = path && access(path, F_OK) == 0;
    errno = before;
    return there;
}

static int fail(void)
{
    errno = EIO;
    return -1;
}

int fsync(int file)
{
    int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
    return is_broken() ? fail() : real(file);
}

int fdatasync(int file)
{
    int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
    return is_broken() ? fail() : real(file);
}

int msync(void *at, size_t length, int flags)
{
    int (*real)(void *, size_t, int) = dlsym(RTLD_NEXT, "msync");
    return is_broken() ? fail() : real(at, length, flags);
}
