using Seriema.Transport.Interop;

namespace Seriema.Transport.Tests;

public sealed class LinuxExceptionTests
{
    [Theory]
    [InlineData("epoll_wait", Errno.EBADF, "epoll_wait: Bad file descriptor")]
    [InlineData("accept", Errno.EMFILE, "accept: Too many open files")]
    [InlineData("pipe2", Errno.ENFILE, "pipe2: Too many open files in system")]
    public void Its_message_names_the_call_and_what_the_kernel_said(string call, int errno, string message)
    {
        LinuxException error = new(call, errno);
        Assert.Equal((message, call, errno), (error.Message, error.Call, error.ErrorNumber));
    }
}
