using Seriema.Worker.Tests.Loop;

namespace Seriema.Worker.Tests;

public sealed class LogQuotaTests
{
    [Fact]
    public void A_second_has_so_many_lines_and_the_next_one_as_many_again()
    {
        LogQuota quota = new(2);
        Assert.Equal([true, true, false], new[] { quota.TryTake(1000), quota.TryTake(1001), quota.TryTake(1999) });
        Assert.Equal([true, true, false], new[] { quota.TryTake(2000), quota.TryTake(2000), quota.TryTake(2000) });
    }

    [Fact]
    public void What_was_not_written_is_told_once()
    {
        LogQuota quota = new(1);
        for (int i = 0; i < 5; i++) _ = quota.TryTake(1000);
        Assert.Equal((4, 0), (quota.TakeSkipped(), quota.TakeSkipped()));
    }

    [Fact]
    public void A_flood_of_bad_requests_does_not_flood_the_log()
    {
        using LoopDriver driver = new(LoopDriver.Options(head: TimeSpan.FromMilliseconds(400))); // a sweep each 100 ms
        driver.Log.Least = Microsoft.Extensions.Logging.LogLevel.Information;
        for (int i = 0; i < 1000; i++) driver.Exchange(driver.Connect(), "BAD\n");
        int lines = driver.Log.Lines.Count(line => line.Text.StartsWith("rejected with ", StringComparison.Ordinal));
        Assert.InRange(lines, WorkerLog.MostLines, 900); // several seconds may pass on a busy machine
        driver.LeadUntil(() => Untold(driver) == 1000 - lines, "the count of the rest");
    }

    private static int Untold(LoopDriver driver) => driver.Log.Lines
        .Where(line => line.Text.EndsWith(" more clients were rejected or closed", StringComparison.Ordinal))
        .Sum(line => int.Parse(line.Text.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
}
