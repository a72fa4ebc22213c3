using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Seriema.Transport.Interop;

namespace Seriema.Transport.Tests;

/// <summary>An epoll of the real kernel.</summary>
public sealed class EpollTests
{
    [Fact]
    public void A_wait_without_events_ends_at_its_timeout()
    {
        using Epoll epoll = new(4);
        Assert.Equal(0, epoll.Wait(0));
        long started = Stopwatch.GetTimestamp();
        Assert.Equal(0, epoll.Wait(15));
        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(14), "it did not wait");
    }

    [Fact]
    public void Many_wakes_are_one_event()
    {
        using Epoll epoll = new(4);
        for (int i = 0; i < 100; i++) epoll.Wake();
        Assert.Equal(1, epoll.Wait(0));
        Assert.Equal((Epoll.WakeKey, Libc.EPOLLIN), (epoll.Events.DataAt(0), epoll.Events.EventsAt(0)));
        epoll.OnWoken();
        Assert.Equal(0, epoll.Wait(0));
    }

    [Fact]
    public void A_wake_that_is_not_taken_back_stays()
    {
        using Epoll epoll = new(4);
        epoll.Wake();
        Assert.Equal(1, epoll.Wait(0));
        Assert.Equal(1, epoll.Wait(0));
    }

    [Fact]
    public void A_wake_after_the_last_was_taken_back_wakes_again()
    {
        using Epoll epoll = new(4);
        for (int i = 0; i < 3; i++)
        {
            epoll.Wake();
            Assert.Equal(1, epoll.Wait(-1));
            epoll.OnWoken();
        }
    }

    [Fact]
    public void A_wake_is_never_lost_to_a_wait_on_another_thread()
    {
        const int Rounds = 2000;
        using Epoll epoll = new(4);
        int asked = 0;
        int seen = 0;
        Thread waker = new(() =>
        {
            for (int i = 1; i <= Rounds; i++)
            {
                Volatile.Write(ref asked, i);
                epoll.Wake();
                SpinWait spin = default;
                while (Volatile.Read(ref seen) < i) spin.SpinOnce(sleep1Threshold: -1);
            }
        });
        waker.Start();
        while (seen < Rounds)
        {
            // What was asked for before a wake is seen after OnWoken; a lost wake would wait here for ever.
            Assert.True(epoll.Wait(10_000) == 1, $"a wake was lost in round {seen}");
            epoll.OnWoken();
            Volatile.Write(ref seen, Volatile.Read(ref asked));
        }
        waker.Join();
    }

    [Fact]
    public void A_changed_mask_replaces_the_old_one()
    {
        using Epoll epoll = new(4);
        using Descriptor one = new(Libc.CreateEvent());
        Assert.Equal(0, epoll.Add(one.Fd, Libc.EPOLLOUT, 7));
        Assert.Equal((1, 7ul), (epoll.Wait(0), epoll.Events.DataAt(0)));
        Assert.Equal(0, epoll.Modify(one.Fd, Libc.EPOLLIN, 8));
        Assert.Equal(0, epoll.Wait(0));
        Assert.Equal(0, epoll.Modify(one.Fd, Libc.EPOLLOUT, 9));
        Assert.Equal((1, 9ul), (epoll.Wait(0), epoll.Events.DataAt(0)));
        Assert.Equal(0, epoll.Remove(one.Fd));
        Assert.Equal(0, epoll.Wait(0));
    }

    [Fact]
    public void What_the_kernel_refuses_comes_back_as_a_number()
    {
        using Epoll epoll = new(4);
        using Descriptor one = new(Libc.CreateEvent());
        Assert.Equal(-Errno.ENOENT, epoll.Modify(one.Fd, Libc.EPOLLIN, 1));
        Assert.Equal(-Errno.ENOENT, epoll.Remove(one.Fd));
        Assert.Equal(-Errno.EBADF, epoll.Add(int.MaxValue, Libc.EPOLLIN, 1));
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void A_signal_that_interrupts_the_wait_is_no_event_and_no_error()
    {
        using Epoll epoll = new(4);
        using PosixSignalRegistration handler = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, context => context.Cancel = true);
        int tries = 0;
        int thread = 0;
        using ManualResetEventSlim ready = new();
        using ManualResetEventSlim done = new();
        int count = -1;
        Thread waiter = new(() =>
        {
            Volatile.Write(ref thread, Signals.ThreadId());
            ready.Set();
            count = epoll.Wait(20_000);
            done.Set();
        });
        waiter.Start();
        ready.Wait();
        // Until one comes while the thread is inside the call.
        while (!done.Wait(5))
        {
            Assert.True(++tries < 2000, "the wait was never interrupted");
            Signals.Send(Volatile.Read(ref thread));
        }
        waiter.Join();
        Assert.Equal(0, count);
    }

    [Fact]
    public void A_late_wake_writes_nothing_into_what_has_the_descriptor_by_then()
    {
        Epoll epoll = new(4);
        epoll.Dispose();
        Descriptor[] successors = [.. Enumerable.Range(0, 8).Select(_ => new Descriptor(Libc.CreateEvent()))];
        epoll.Wake();
        foreach (Descriptor one in successors)
        {
            Assert.Equal(-Errno.EAGAIN, Libc.Read(one.Fd, new byte[8]));
            one.Dispose();
        }
    }

    [Fact]
    public void A_second_dispose_closes_nothing_of_what_has_the_descriptors_by_then()
    {
        Epoll epoll = new(4);
        epoll.Dispose();
        Descriptor[] successors = [.. Enumerable.Range(0, 8).Select(_ => new Descriptor(Libc.CreateEvent()))];
        epoll.Dispose();
        foreach (Descriptor one in successors)
        {
            Assert.Equal(-Errno.EAGAIN, Libc.Read(one.Fd, new byte[8]));
            one.Dispose();
        }
    }
}
