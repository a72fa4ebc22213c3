namespace Seriema.Transport.Tests;

/// <summary>The table of who asks how often, under a clock that the test moves.</summary>
public sealed class RateTableTests
{
    private const long Interval = 1000;
    private const int Burst = 3;
    private const long Start = 5_000_000; // the machine's clock is never at 0

    [Fact]
    public void A_burst_is_allowed_and_then_one_an_interval()
    {
        using RateTable table = RateTable.Create(64);
        Assert.Equal([0, 0, 0, 1000, 1000], Take(table, 1, Start, 5));
        Assert.Equal([1], Take(table, 1, Start + 999));
        Assert.Equal([0, 1000], Take(table, 1, Start + 1000, 2));
        Assert.Equal([500], Take(table, 1, Start + 1500));
        Assert.Equal([0, 0, 500], Take(table, 1, Start + 3500, 3));
    }

    [Fact]
    public void A_pause_gives_back_the_burst_and_no_more()
    {
        using RateTable table = RateTable.Create(64);
        _ = Take(table, 1, Start, 5);
        Assert.Equal([0, 0, 0, 1000], Take(table, 1, Start + 1_000_000, 4));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Over_a_long_time_the_rate_is_what_it_is_to_be(int burst)
    {
        using RateTable table = RateTable.Create(64);
        int allowed = 0;
        for (long now = Start; now < Start + (100 * Interval); now += Interval / 4)
        {
            if (table.TryTake(1, now, Interval, burst, out _)) allowed++;
        }
        Assert.Equal(99 + burst, allowed);
    }

    [Fact]
    public void Clients_do_not_count_for_each_other()
    {
        using RateTable table = RateTable.Create(64);
        _ = Take(table, 1, Start, 5);
        Assert.Equal([0, 0, 0, 1000], Take(table, 2, Start, 4));
        Assert.Equal([0, 0, 0, 1000], Take(table, (UInt128)1 << 64, Start, 4));
        Assert.Equal([0, 0, 0, 1000], Take(table, 0, Start, 4));
    }

    [Fact]
    public void Every_process_that_has_the_memory_counts_together()
    {
        using RateTable ours = RateTable.Create(64);
        using RateTable theirs = new(Descriptor.Duplicate(ours.Fd), 64);
        Assert.Equal([0, 0], Take(ours, 1, Start, 2));
        Assert.Equal([0, 1000], Take(theirs, 1, Start, 2));
        Assert.Equal([1000], Take(ours, 1, Start));
    }

    [Fact]
    public void In_a_full_table_who_has_the_least_to_wait_for_is_forgotten()
    {
        using RateTable table = RateTable.Create(8);
        for (int client = 0; client < 8; client++) _ = Take(table, (UInt128)client, Start + client, 4);
        _ = Take(table, 3, Start + 4 * Interval, 1); // and now it is one of the latest
        Assert.Equal([0, 0, 0, 1000], Take(table, 100, Start + 8, 4)); // in the place of the first, without its debt
        Assert.Equal([1000 - 1], Take(table, 1, Start + 2));
        Assert.Equal([0, 0, 0, 1000], Take(table, 0, Start + 8, 4)); // that has been forgotten, and now the second is
        Assert.Equal([0, 0, 0, 1000], Take(table, 1, Start + 8, 4));
    }

    [Fact]
    public void A_table_has_room_for_as_many_clients_as_it_says_or_nearly()
    {
        using RateTable table = RateTable.Create(RateTable.DefaultSlots);
        const int clients = RateTable.DefaultSlots / 4;
        for (int client = 0; client < clients; client++) _ = Take(table, (UInt128)client << 32, Start, 3);
        int limited = 0;
        for (int client = 0; client < clients; client++)
        {
            if (!table.TryTake((UInt128)client << 32, Start, Interval, Burst, out _)) limited++;
        }
        // A quarter full, a bucket holds two on average: more than eight are in one of about four thousand.
        Assert.InRange(limited, clients * 99 / 100, clients);
    }

    [Fact]
    public void Two_tables_do_not_put_a_client_in_the_same_place()
    {
        // Of 16 clients some fall into a full bucket of a small table, in each table others.
        string Forgotten()
        {
            using RateTable table = RateTable.Create(16);
            for (int client = 0; client < 32; client++) _ = Take(table, (UInt128)client, Start + client, 4);
            return string.Concat(Enumerable.Range(0, 32).Select(client => table.TryTake((UInt128)client, Start + 32, Interval, 1, out _) ? 'x' : '.'));
        }

        Assert.NotEqual(1, Enumerable.Range(0, 8).Select(_ => Forgotten()).Distinct().Count());
    }

    [Fact]
    public void A_rate_that_was_raised_forgives_what_no_client_of_it_can_owe()
    {
        using RateTable table = RateTable.Create(64);
        for (int i = 0; i < 3; i++) Assert.True(table.TryTake(1, Start, 1_000_000, Burst, out _));
        Assert.Equal([1000], Take(table, 1, Start));
        Assert.Equal([0, 1000], Take(table, 1, Start + 1000, 2));
    }

    [Fact]
    public void No_race_allows_more_than_the_burst()
    {
        using RateTable table = RateTable.Create(64);
        int allowed = 0;
        Parallel.For(0, 8, _ =>
        {
            for (int i = 0; i < 2000; i++)
            {
                if (table.TryTake(7, Start, Interval, 500, out long _)) Interlocked.Increment(ref allowed);
            }
        });
        Assert.Equal(500, allowed);
    }

    [Fact]
    public void Races_for_a_bucket_end()
    {
        using RateTable table = RateTable.Create(8);
        Parallel.For(0, 8, thread =>
        {
            for (int i = 0; i < 20_000; i++) _ = table.TryTake((UInt128)((i * 8) + thread), Start + i, Interval, Burst, out _);
        });
        Assert.Equal([0, 0, 0, 1000], Take(table, UInt128.MaxValue, Start + 1_000_000, 4));
    }

    [Fact]
    public void The_longest_wait_overflows_nothing()
    {
        using RateTable table = RateTable.Create(8);
        const long interval = 1000L * 1_000_000_000; // a rate of 0.001
        const int burst = 100_000;
        const long now = 10L * 365 * 86_400 * 1_000_000_000; // ten years up
        Assert.True(table.TryTake(1, now, interval, burst, out _));
        Assert.False(table.TryTake(1, now, interval, 1, out long wait));
        Assert.Equal(interval, wait);
    }

    [Fact]
    public void What_is_no_such_memory_is_refused()
    {
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        Assert.Throws<LinuxException>(() => new RateTable((int)socket.Handle, 8));
    }

    [Fact]
    public void The_hash_is_the_one_of_its_authors()
    {
        // The vector for the bytes 0 to 15 under the key of the bytes 0 to 15, from their reference implementation.
        SipHash hash = new(0x0706050403020100, 0x0f0e0d0c0b0a0908);
        Assert.Equal(0x3f2acc7f57c29bdbUL, hash.Of(0x0706050403020100, 0x0f0e0d0c0b0a0908));
    }

    /// <summary>What each of some requests has to wait; 0 is allowed.</summary>
    private static long[] Take(RateTable table, UInt128 client, long now, int count = 1)
    {
        long[] waits = new long[count];
        for (int i = 0; i < count; i++)
        {
            bool isAllowed = table.TryTake(client, now, Interval, Burst, out waits[i]);
            Assert.Equal(isAllowed, waits[i] == 0);
        }
        return waits;
    }
}
