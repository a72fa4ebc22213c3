namespace Seriema.Worker.Tests;

/// <summary>A span of a second, at 100 bytes a second unless said otherwise; times are milliseconds.</summary>
public sealed class PaceTests
{
    private const int Span = 1000;

    [Fact]
    public void It_is_asked_for_when_the_span_ends()
    {
        Pace pace = Begun(rate: 100);
        Assert.Equal(5000 + Span, pace.Due);
    }

    [Theory]
    [InlineData(99, false)]
    [InlineData(100, true)]
    public void The_least_of_a_span_is_the_rate_times_its_length(long moved, bool isKept)
    {
        Pace pace = Begun(rate: 100);
        Assert.Equal(isKept, pace.IsKept(pace.Due, moved));
    }

    [Fact]
    public void What_moved_in_one_span_does_not_count_in_the_next()
    {
        Pace pace = Begun(rate: 100);
        Assert.True(pace.IsKept(6000, 1_000_000));
        Assert.Equal(7000, pace.Due);
        Assert.False(pace.IsKept(7000, 1_000_099));
    }

    [Fact]
    public void A_span_may_be_still_for_as_long_as_it_has_its_least_in_the_end()
    {
        Pace pace = Begun(rate: 100);
        Assert.True(pace.IsKept(5500, 0));
        Assert.True(pace.IsKept(6000, 100));
    }

    [Fact]
    public void Who_stands_still_for_a_whole_span_is_found_then_and_not_at_the_next_one_s_end()
    {
        Pace pace = Begun(rate: 1);
        pace.OnMoved(5100);
        Assert.True(pace.IsKept(6000, 500));
        pace.OnMoved(6000);
        Assert.True(pace.IsKept(6900, 500));
        Assert.Equal(7000, pace.Due);
        Assert.False(pace.IsKept(7000, 500));
    }

    [Fact]
    public void Without_a_rate_whatever_moves_is_enough()
    {
        Pace pace = Begun(rate: 0);
        for (long now = 5900; now < 20_000; now += 900)
        {
            pace.OnMoved(now);
            Assert.Equal(now + Span, pace.Due);
        }
    }

    [Fact]
    public void Without_a_rate_who_stands_still_is_found_after_a_span()
    {
        Pace pace = Begun(rate: 0);
        pace.OnMoved(5400);
        Assert.True(pace.IsKept(6399, 0));
        Assert.False(pace.IsKept(6400, 0));
    }

    [Fact]
    public void What_has_moved_since_the_last_look_is_progress_without_being_told()
    {
        Pace pace = Begun(rate: 0);
        Assert.True(pace.IsKept(6000, 1));
        Assert.Equal(7000, pace.Due);
        Assert.False(pace.IsKept(7000, 1));
    }

    [Fact]
    public void Only_differences_count()
    {
        Pace pace = new(Span, 100);
        pace.Begin(0, -5000);
        Assert.True(pace.IsKept(1000, -4900));
        Assert.False(pace.IsKept(2000, -4801));
    }

    private static Pace Begun(long rate)
    {
        Pace pace = new(Span, rate);
        pace.Begin(5000, 0);
        return pace;
    }
}
