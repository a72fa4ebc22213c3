using System.Runtime.InteropServices;
using Seriema.Transport.Interop;

namespace Seriema.Transport.Tests;

/// <summary>The layout of <c>struct epoll_event</c> on this machine, and what the kernel makes of it.</summary>
public sealed class EpollEventsTests
{
    private static readonly int s_dataOffset = EpollEvents.EventSize - 8;

    [Fact]
    public void An_event_is_packed_on_x64_and_aligned_elsewhere()
    {
        // bits/epoll.h: __EPOLL_PACKED on x86-64 only.
        Assert.Equal(RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16, EpollEvents.EventSize);
        Assert.True(EpollEvents.EventSize <= EpollEvents.MaxEventSize);
    }

    [Fact]
    public unsafe void A_written_event_has_its_mask_first_and_its_data_last()
    {
        byte[] raw = new byte[EpollEvents.MaxEventSize];
        fixed (byte* at = raw) EpollEvents.Write(at, 0x8877_6655, 0x1122_3344_5566_7788);
        Assert.Equal(0x8877_6655, BitConverter.ToUInt32(raw));
        Assert.Equal(0x1122_3344_5566_7788ul, BitConverter.ToUInt64(raw, s_dataOffset));
    }

    [Fact]
    public void Every_event_of_the_array_is_read_from_its_own_place()
    {
        EpollEvents events = new(3);
        Assert.Equal((3, 3 * EpollEvents.EventSize), (events.Capacity, events.Raw.Length));
        for (int i = 0; i < 3; i++)
        {
            BitConverter.TryWriteBytes(events.Raw.AsSpan(i * EpollEvents.EventSize), 0xF000_0000 + (uint)i);
            BitConverter.TryWriteBytes(events.Raw.AsSpan((i * EpollEvents.EventSize) + s_dataOffset), ulong.MaxValue - (ulong)i);
        }
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(0xF000_0000 + (uint)i, events.EventsAt(i));
            Assert.Equal(ulong.MaxValue - (ulong)i, events.DataAt(i));
        }
    }

    [Fact]
    public void The_kernel_gives_back_the_mask_and_the_data_of_each_descriptor()
    {
        int epoll = Libc.EpollCreate();
        int[] fds = [Libc.CreateEvent(), Libc.CreateEvent(), Libc.CreateEvent()];
        try
        {
            for (int i = 0; i < fds.Length; i++)
            {
                Assert.Equal(0, Libc.EpollControl(epoll, Libc.EPOLL_CTL_ADD, fds[i], Libc.EPOLLIN | Libc.EPOLLOUT, Data(i)));
            }
            Assert.Equal(8, Libc.Write(fds[1], [1, 0, 0, 0, 0, 0, 0, 0]));

            EpollEvents events = new(8);
            Assert.Equal(3, Libc.EpollWait(epoll, events, 0));
            Dictionary<ulong, uint> found = Enumerable.Range(0, 3).ToDictionary(events.DataAt, events.EventsAt);
            Assert.Equal(Libc.EPOLLOUT, found[Data(0)]);
            Assert.Equal(Libc.EPOLLIN | Libc.EPOLLOUT, found[Data(1)]);
            Assert.Equal(Libc.EPOLLOUT, found[Data(2)]);

            Assert.Equal(2, Libc.EpollWait(epoll, new EpollEvents(2), 0)); // no more than there is room for
        }
        finally
        {
            foreach (int fd in fds) _ = Libc.Close(fd);
            _ = Libc.Close(epoll);
        }
    }

    private static ulong Data(int i) => 0xFEDC_BA98_7654_3210 + (ulong)i; // every byte differs from its neighbour
}
