namespace Seriema.Arbiter.Tests;

public sealed class RestartDelayTests
{
    [Fact]
    public void It_doubles_up_to_its_bound_and_begins_anew_after_a_success()
    {
        RestartDelay delay = new(first: 500, longest: 3000);
        long now = 0;
        List<long> pauses = [];
        for (int i = 0; i < 5; i++)
        {
            delay.Failed(now);
            pauses.Add(delay.NotBefore - now);
            Assert.False(delay.IsOver(delay.NotBefore - 1));
            now = delay.NotBefore;
            Assert.True(delay.IsOver(now));
        }
        Assert.Equal([500, 1000, 2000, 3000, 3000], pauses);
        delay.Reset();
        Assert.True(delay.IsOver(0));
        delay.Failed(now);
        Assert.Equal(500, delay.NotBefore - now);
    }

    [Fact]
    public void Failures_during_a_pause_count_and_do_not_lengthen_it()
    {
        RestartDelay delay = new(first: 500, longest: 3000);
        for (int i = 0; i < 4; i++) delay.Failed(i);
        Assert.Equal((4, 500), (delay.Failures, delay.NotBefore));
    }
}
