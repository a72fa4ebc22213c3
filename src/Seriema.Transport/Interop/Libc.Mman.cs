using System.Runtime.InteropServices;

namespace Seriema.Transport.Interop;

/// <summary>sys/mman.h</summary>
internal static partial class Libc
{
    private const uint MFD_CLOEXEC = 1;
    private const int PROT_READ = 1;
    private const int PROT_WRITE = 2;
    private const int MAP_SHARED = 1;

    // int memfd_create(const char *name, unsigned int flags)
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);

    // int ftruncate(int fd, off_t length)
    [LibraryImport(Lib)]
    private static partial int ftruncate(int fd, long length);

    // void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
    [LibraryImport(Lib)]
    private static partial nint mmap(nint address, nuint length, int protection, int flags, int fd, long offset);

    // int munmap(void *addr, size_t length)
    [LibraryImport(Lib)]
    private static partial int munmap(nint address, nuint length);

    /// <summary>Memory without a file, of that size and all zero; its descriptor, or <c>-errno</c>.</summary>
    internal static int CreateMemory(string name, int size)
    {
        int fd = Result(memfd_create(name, MFD_CLOEXEC));
        if (fd < 0) return fd;
        int result = Result(ftruncate(fd, size));
        if (result >= 0) return fd;
        _ = Close(fd);
        return result;
    }

    /// <summary>Maps shared memory into this process; 0 with <paramref name="error"/> set when the kernel refuses.</summary>
    internal static nint Map(int fd, int size, out int error)
    {
        nint address = mmap(0, (nuint)size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        error = address == -1 ? Marshal.GetLastSystemError() : 0;
        return address == -1 ? 0 : address;
    }

    internal static void Unmap(nint address, int size) => _ = munmap(address, (nuint)size);

    /// <summary>One int of shared memory, seen by every process that maps it.</summary>
    internal static unsafe ref int At(nint address, int index) => ref ((int*)address)[index];

    /// <summary>As <see cref="At"/>, for 64 bits.</summary>
    internal static unsafe ref long LongAt(nint address, int index) => ref ((long*)address)[index];
}
